"""Choosing among the public volumes: search, look, download, open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from napari_vascular_loop import sample_pictures
from napari_vascular_loop.domain.text import megabytes
from napari_vascular_loop.widgets.background_read import BackgroundRead
from napari_vascular_loop.widgets.dicomweb_wait_row import WaitRow
from napari_vascular_loop.widgets.sample_details import SampleDetails
from napari_vascular_loop.widgets.sample_list import SampleList

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.sample_pictures import Here
    from napari_vascular_loop.samples.catalogue import Catalogue, CatalogueEntry

_SIDE_BY_SIDE_FROM_PX = 760
_KEPT, _NOT_KEPT = "What has come is kept: the next time it goes on from there.", "Nothing was kept."
_GOOD, _BAD = "#24445C", "#7A1F1F"


class SamplesView(QWidget):
    """The catalogue of public volumes. Whatever takes long is done in a thread; one download at a time.

    Parameters
    ----------
    catalogue : Catalogue
        What there is.
    parent : QWidget, optional
        What it lies in.

    Signals
    -------
    chosen : str
        Path of a volume to open.

    Attributes
    ----------
    has_looked : bool
        Whether it is known what is on this computer.
    """

    chosen = Signal(str, str)

    def __init__(self, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._here: dict[str, Here] = {}
        self._failed: set[str] = set()
        self.has_looked = False
        self._fetched: CatalogueEntry | None = None
        self._opens_after = False
        self._read: BackgroundRead | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search: CISS, time of flight, control, CC0, left …")
        self.search.setClearButtonEnabled(True)
        self.list = SampleList()
        self.details = SampleDetails()
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.hide()
        self.waiting = WaitRow()
        self.waiting.hide()
        self.act_button = QPushButton()
        self.act_button.setAutoDefault(False)
        self.buttons = QHBoxLayout()
        self._split = QSplitter()
        self._shown = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._lay_out()
        self._connect()
        self._show_found()
        self._look()

    # ---------------------------------------------------------------- what the user asks for

    def act(self) -> None:
        """Open the volume that the user is on, or download it if it is not here."""
        entry = self._picked()
        if entry is None or not self.act_button.isEnabled():
            return
        if entry.id in self._here:
            self.chosen.emit(str(self._here[entry.id].path), entry.title)
            return
        self._fetched = entry
        self._opens_after = not entry.can_be_downloaded
        self._failed.discard(entry.id)
        self.tell("")
        self.waiting.begin(self._title(entry, 0.0))
        self._read = self._begin(partial(sample_pictures.fetch, entry), self._on_fetched)
        self._read.progressed.connect(self._on_progress)
        self._show_possible()

    def cancel(self) -> None:
        """End the download."""
        if self._read is None or self._fetched is None:
            return
        self._read.cancel()
        kept = all(one.crop is None for one in self._fetched.variants)
        self._rest()
        self.tell(f"Cancelled. {_KEPT if kept else _NOT_KEPT}")

    def tell(self, text: str, bad: bool = False) -> None:
        """Show a sentence over the buttons; "" takes it away."""
        self.message.setText(text[:1].upper() + text[1:])
        self.message.setVisible(bool(text))
        self.message.setStyleSheet(
            f"background-color: {_BAD if bad else _GOOD}; color: white; padding: 6px; border-radius: 3px;"
        )

    def stop(self) -> None:
        """End what is under way: nobody looks any more."""
        if self._read is not None:
            self._read.cancel()
            self._rest()

    def resizeEvent(self, event: Any) -> None:
        """Lay list and details side by side where there is room for both."""
        super().resizeEvent(event)
        wide = self.width() >= _SIDE_BY_SIDE_FROM_PX
        self.details.set_compact(not wide)
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    # ---------------------------------------------------------------- what comes of it

    def _look(self) -> None:
        """Find out what is here: files are hashed for it, and pictures made."""
        self._begin(partial(sample_pictures.look, self._catalogue.entries), self._on_looked)

    def _on_looked(self, here: dict[str, Here]) -> None:
        self._here = here | self._here
        self.has_looked = True
        self._show_found()

    def _on_fetched(self, here: Here) -> None:
        self._rest()
        self._here[here.entry.id] = here
        self.list.show_here(here.entry, here)
        self._show_picked()
        if self._opens_after and here.entry.id == self.list.picked_id:
            self.act()
        else:
            self.tell(f"{here.entry.title} is here, and what it should be. {here.entry.credit_line}.")

    def _on_failed(self, problem: str) -> None:
        if self._fetched is not None:
            self._failed.add(self._fetched.id)
        self._rest()
        self.tell(problem, bad=True)

    def _on_progress(self, done: float) -> None:
        if self._read is not None and self._fetched is not None:
            self.waiting.show_progress(done)
            self.waiting.title.setText(self._title(self._fetched, done))

    def _title(self, entry: CatalogueEntry, done: float) -> str:
        if not entry.can_be_downloaded:
            return "Computing…"
        size = entry.download_bytes
        so_far = f"  {megabytes(round(done * size))} of {megabytes(size)}" if size and done else ""
        return f"Downloading {entry.id}…{so_far}"

    def _rest(self) -> None:
        self._read = None
        self.waiting.hide()
        self._show_possible()

    # ---------------------------------------------------------------- what is shown

    def _picked(self) -> CatalogueEntry | None:
        picked = self.list.picked_id
        return self._catalogue.entry(picked) if picked else None

    def _show_found(self) -> None:
        self.list.show_entries(self._catalogue.search(self.search.text()), self._here)

    def _show_picked(self) -> None:
        entry = self._picked()
        if self.list.picked_id != self._shown:
            # What was said was of another.
            self._shown = self.list.picked_id
            self.tell("")
        self.details.show_entry(entry, self._here.get(entry.id) if entry is not None else None)
        self._show_possible()

    def _show_possible(self) -> None:
        """Say on the button what can be done with the volume that the user is on."""
        entry = self._picked()
        text, possible = "Open", entry is not None
        if entry is not None and entry.id not in self._here and not entry.synthetic:
            size = f" {megabytes(entry.download_bytes)}" if entry.download_bytes else ""
            text = "Try again" if entry.id in self._failed else f"Download{size}"
            possible = entry.can_be_downloaded and self._read is None
        self.act_button.setText(text)
        self.act_button.setEnabled(possible)
        self.act_button.setToolTip("One download at a time" if self._read is not None and not possible else "")

    # ---------------------------------------------------------------- plumbing

    def _begin(self, work: Callable[[Any], Any], then: Callable[[Any], None]) -> BackgroundRead:
        read = BackgroundRead(work, self)
        read.returned.connect(partial(self._if_wanted, read, then))
        read.failed.connect(partial(self._if_wanted, read, self._on_failed))
        read.ended.connect(read.deleteLater)
        read.start()
        return read

    def _if_wanted(self, read: BackgroundRead, then: Callable[[Any], None], answer: Any) -> None:
        if not read.is_cancelled:
            then(answer)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._show_found())
        self.list.picked.connect(lambda _: self._show_picked())
        self.list.wanted.connect(lambda _: self.act())
        self.act_button.clicked.connect(lambda: self.act())
        self.waiting.cancel_asked.connect(self.cancel)

    def _lay_out(self) -> None:
        split = self._split
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(self.details)
        split.setSizes([560, 480])
        note = QLabel(" ".join(self._catalogue.notes[:1]))
        note.setWordWrap(True)
        waiting = QHBoxLayout()
        waiting.addWidget(self.waiting)
        waiting.addStretch()
        self.buttons.addStretch()
        self.buttons.addWidget(self.act_button)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.search)
        layout.addWidget(split, 1)
        layout.addWidget(note)
        layout.addWidget(self.message)
        layout.addLayout(waiting)
        layout.addLayout(self.buttons)
