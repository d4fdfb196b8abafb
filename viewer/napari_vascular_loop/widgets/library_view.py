"""A library in a panel: choose one, search it, look through its cards, open a lesson."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.library.shelf import Shelf
from napari_vascular_loop.library.standing import Standing
from napari_vascular_loop.widgets.background_read import BackgroundRead
from napari_vascular_loop.widgets.buttons import button, combo_box
from napari_vascular_loop.widgets.dicomweb_wait_row import WaitRow
from napari_vascular_loop.widgets.library_cards import LibraryCards, LibraryList
from napari_vascular_loop.widgets.library_place import LibraryPlace
from napari_vascular_loop.widgets.library_words import (
    AS_IT_WAS,
    counted,
    nothing_found,
    nothing_here,
    still_looking,
    student_said,
)
from napari_vascular_loop.widgets.mark_rows_view import OfferBox
from napari_vascular_loop.widgets.study_texts import WrappedLabel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_vascular_loop.library.entry import Card
    from napari_vascular_loop.library.library import Library

_AFTER_MS = 90
"""So long after the last letter it is searched."""

_SHOW_EVERY_S = 1.0
_GOOD, _BAD = "#24445C", "#7A1F1F"


class LibraryView(QWidget):
    """Shows one library at a time. What takes long is done in a thread: looking through it, and fetching a lesson.

    Signals
    -------
    chosen : Library, Path, bool
        A lesson that lies on this computer now is to be opened; whether for study.
    """

    chosen = Signal(object, object, bool)
    _open_asked = Signal()
    _study_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.library: Library | None = None
        self.shelf: Shelf | None = None
        self.standing = Standing.none()
        self._looking: BackgroundRead | None = None
        self._fetching: BackgroundRead | None = None
        self._shown_s = 0.0
        self.place = LibraryPlace()
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search: a title, AICA, CN VII, UBERON:0004674, words of the text")
        self.search.setAccessibleName("Search in the library")
        self.search.setClearButtonEnabled(True)
        self.structure = OfferBox("Structure")
        self.student = combo_box("Whose progress is shown")
        self.cards = LibraryCards()
        self.list = LibraryList(self.cards)
        self.empty = QLabel()
        self.count = WrappedLabel()
        self.message = WrappedLabel()
        self.waiting = WaitRow()
        self.open_button = button("Open", "Open the lesson, to read and to edit it (Enter)", self._open_asked)
        self.study_button = button("Study", "Open the lesson to read and to be asked", self._study_asked)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_AFTER_MS)
        self._soon.timeout.connect(self.show_found)
        self._lay_out()
        self._connect()

    # ---------------------------------------------------------------- what the user asks for

    def show_library(self, library: Library) -> None:
        """Show what is known of a library at once, and then bring that up to date."""
        self.stop()
        self.library = library
        self.tell("")
        self.search.clear()
        self.structure.setCurrentIndex(0)
        try:
            self.shelf = Shelf(library.open_index())
        except VascularLoopError as error:
            self.tell(str(error), bad=True)
        self._show_shelf()
        if self.shelf is not None:
            self._look()
        self.show_standing()

    def look_again(self) -> None:
        """Look for lessons that are new or have changed."""
        if self.library is not None and self._looking is None:
            self.tell("")
            self._look()
            self.show_standing()

    def open_picked(self, for_study: bool = False) -> None:
        """Open the lesson that the user is on; one of a server is fetched first."""
        number = self.list.picked_number
        card = self._card()
        if card is None or self.library is None or self._fetching is not None:
            return
        if card.problem:
            self.tell(f"{card.name} can't be opened: {card.problem}", bad=True)
            return
        self.tell("")
        if not self.library.is_remote:
            self.chosen.emit(self.library, self.library.root / card.path, for_study)
            return
        self._fetching = self._begin(
            partial(_fetched, self.library, number, card), partial(self._on_fetched, self.library, for_study)
        )
        self._fetching.progressed.connect(self.waiting.show_progress)
        self.waiting.begin(f"Fetching {card.name}…")
        self._show_possible()

    def cancel(self) -> None:
        """End what is under way."""
        for read in filter(None, (self._fetching or self._looking,)):
            read.cancel()
        if self._fetching is None and self._looking is not None:
            self.tell("Not looked through to the end. What was found is shown; ↻ goes on from there.")
        self._rest()

    def tell(self, text: str, bad: bool = False) -> None:
        """Show a sentence over the buttons; "" takes it away."""
        self.message.setText(text[:1].upper() + text[1:])
        self.message.setVisible(bool(text))
        self.message.setStyleSheet(
            f"background-color: {_BAD if bad else _GOOD}; color: white; padding: 6px; border-radius: 3px;"
        )

    def stop(self) -> None:
        """End what is under way, and let go of the library."""
        for read in filter(None, (self._looking, self._fetching)):
            read.cancel()
        self._looking = self._fetching = None
        self._soon.stop()
        self.list.show_cards(None, [], "")
        if self.shelf is not None:
            self.shelf.close()
            self.shelf = None
        self.waiting.hide()

    def show_standing(self) -> None:
        """Read anew how far students are."""
        self._begin(lambda _progress: Standing(), self._on_standing)

    # ---------------------------------------------------------------- what comes of it

    def _look(self) -> None:
        assert self.library is not None
        self._looking = self._begin(partial(_looked, self.library), self._on_looked)
        self._looking.progressed.connect(self._on_progress)
        self.waiting.begin("Looking for lessons…")
        self._show_found_or_why()

    def _on_looked(self, has_changed: bool) -> None:
        self._looking = None
        self._rest()
        if has_changed and self.shelf is not None:
            self.shelf.read_anew()
        self._show_shelf()

    def _on_progress(self, done: float) -> None:
        self.waiting.show_progress(done)
        now = time.monotonic()
        # What has been read can be seen already. A long list is not thrown about under the reader's eyes.
        if self.shelf is not None and self._is_first_time() and now - self._shown_s > _SHOW_EVERY_S:
            self._shown_s = now
            self.shelf.read_anew()
            self._show_shelf()

    def _is_first_time(self) -> bool:
        return self._looking is not None and self.list.verticalScrollBar().value() == 0 and not self.search.text()

    def _on_fetched(self, library: Library, for_study: bool, path: Path) -> None:
        self._fetching = None
        self._rest()
        self.chosen.emit(library, path, for_study)

    def _on_failed(self, read: BackgroundRead, problem: str) -> None:
        if read is self._looking:
            self._looking = None
            problem += AS_IT_WAS if self.cards.rowCount() else ""
        elif read is self._fetching:
            self._fetching = None
        self._rest()
        self.tell(problem, bad=True)
        self._show_found_or_why()

    def _on_standing(self, standing: Standing) -> None:
        self.standing = standing
        chosen = self.student.currentData()
        self.student.blockSignals(True)
        self.student.clear()
        for student in standing.students:
            self.student.addItem(student_said(student), student)
        self.student.setCurrentIndex(max(0, self.student.findData(chosen)))
        self.student.blockSignals(False)
        self.student.setVisible(self.student.count() > 1)
        self._on_student()

    def _on_student(self) -> None:
        self.cards.show_standing(self.standing, str(self.student.currentData() or ""))

    def _rest(self) -> None:
        if self._fetching is not None and self._fetching.is_cancelled:
            self._fetching = None
        if self._looking is not None and self._looking.is_cancelled:
            self._looking = None
        if self._looking is None and self._fetching is None:
            self.waiting.hide()
        self._show_found_or_why()

    # ---------------------------------------------------------------- what is shown

    def _card(self) -> Card | None:
        return self.shelf.cards.get(self.list.picked_number) if self.shelf is not None else None

    def _show_shelf(self) -> None:
        """Offer the structures of what there is, and show what is searched in it."""
        names = self.shelf.structures() if self.shelf is not None else []
        offers: list[tuple[str, dict[str, Any]]] = [("All structures", {})]
        self.structure.offer(offers + [(f"{name} ({count})", {"structure": name}) for name, count in names])
        self.show_found()

    def show_found(self) -> None:
        """Show the lessons that hold what is typed."""
        self._soon.stop()
        if self.shelf is None:
            self.list.show_cards(None, [], "")
        else:
            typed = self.search.text()
            self.list.show_cards(self.shelf, self.shelf.find(typed, **self.structure.value()), typed)
        self._show_found_or_why()

    def _show_found_or_why(self) -> None:
        """Show the list or, where there is nothing in it, a sentence that says why."""
        shown, all_cards = self.cards.rowCount(), len(self.shelf.cards) if self.shelf is not None else 0
        self.list.setVisible(bool(shown))
        self.empty.setVisible(not shown)
        if not shown and self.library is not None:
            if all_cards:
                self.empty.setText(nothing_found(self.search.text(), self.structure.value().get("structure", "")))
            else:
                self.empty.setText(still_looking(self.library) if self._looking else nothing_here(self.library))
        broken = sum(1 for card in self.shelf.cards.values() if card.problem) if self.shelf is not None else 0
        self.count.setText(counted(shown, all_cards, broken))
        self._show_possible()

    def _show_possible(self) -> None:
        card = self._card()
        can_open = card is not None and not card.problem and self._fetching is None
        self.open_button.setEnabled(can_open)
        self.study_button.setEnabled(can_open)

    # ---------------------------------------------------------------- plumbing

    def _begin(self, work: Callable[[Any], Any], then: Callable[[Any], None]) -> BackgroundRead:
        read = BackgroundRead(work, self)
        read.returned.connect(partial(self._if_wanted, read, then))
        read.failed.connect(partial(self._if_wanted, read, partial(self._on_failed, read)))
        read.ended.connect(read.deleteLater)
        read.start()
        return read

    def _if_wanted(self, read: BackgroundRead, then: Callable[[Any], None], answer: Any) -> None:
        if not read.is_cancelled:
            then(answer)

    def _first_row(self) -> None:
        self.show_found()
        self.list.setFocus()

    def _connect(self) -> None:
        self.place.chosen.connect(self.show_library)
        self.place.again_asked.connect(self.look_again)
        self.place.failed.connect(partial(self.tell, bad=True))
        self.search.textChanged.connect(lambda _: self._soon.start())
        self.search.returnPressed.connect(self._first_row)
        self.structure.activated.connect(lambda _: self.show_found())
        self.student.activated.connect(lambda _: self._on_student())
        self.list.picked.connect(lambda _: self._show_possible())
        self.list.wanted.connect(lambda _: self.open_picked())
        self._open_asked.connect(self.open_picked)
        self._study_asked.connect(partial(self.open_picked, for_study=True))
        self.waiting.cancel_asked.connect(self.cancel)

    def _lay_out(self) -> None:
        self.empty.setWordWrap(True)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.empty.setMargin(24)
        self.message.hide()
        self.waiting.hide()
        self.student.hide()
        narrow, below, buttons = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        narrow.addWidget(self.structure, 1)
        narrow.addWidget(self.student, 1)
        below.addWidget(self.waiting)
        below.addStretch()
        buttons.addWidget(self.count, 1)
        buttons.addWidget(self.study_button)
        buttons.addWidget(self.open_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(6)
        layout.addWidget(self.place)
        layout.addWidget(self.search)
        layout.addLayout(narrow)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.message)
        layout.addLayout(below)
        layout.addLayout(buttons)


def _looked(library: Library, progress: Callable[[float], None]) -> bool:
    """Look through a library; runs in the thread, which has to have an index of its own."""
    with library.open_index() as index:
        return library.update(index, progress)


def _fetched(library: Library, number: int, card: Card, progress: Callable[[float], None]) -> Path:
    """Bring a lesson here; runs in the thread."""
    with library.open_index() as index:
        return library.lesson_path(index, number, card, progress)
