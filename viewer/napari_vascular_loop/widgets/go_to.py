"""The box in which one asks for a structure: first the lesson's marks, then the scan itself is looked through."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLayout,
    QListWidget,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from napari_vascular_loop._panel import oblique_panel
from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.domain.ring import Ring
from napari_vascular_loop.head_pose import registration_known
from napari_vascular_loop.widgets.background_find import located
from napari_vascular_loop.widgets.background_read import BackgroundRead
from napari_vascular_loop.widgets.landmark_rows import LandmarkRows
from napari_vascular_loop.widgets.main_window import main_window
from napari_vascular_loop.widgets.marks_called import MarksCalled
from napari_vascular_loop.widgets.structure_box import StructureBox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.locate.answer import Answer

_SIDES = {"either side": None, "right": Side.RIGHT, "left": Side.LEFT}
_WIDTH_PX = 440
_NOTE = "A finder: no measurement and no diagnosis. The ring is where the place is expected; look for yourself."

_ARROW = "A first arrow, for you to move: its tip at the place, its tail beside the ring"
_NO_LESSON = "An arrow is kept with a lesson: open one, or make one of this volume, with the Lesson button"

_boxes: weakref.WeakValueDictionary[int, GoToBox] = weakref.WeakValueDictionary()


def go_to_box(scene: Scene) -> GoToBox:
    """Show the box of a scene, which there is once."""
    box = _boxes.get(id(scene))
    if box is None or box.scene is not scene:
        box = GoToBox(scene, main_window(scene.viewer))
        _boxes[id(scene)] = box
    box.show()
    box.raise_()
    box.activateWindow()
    box.structure.setFocus()
    line = box.structure.lineEdit()
    if line is not None:
        line.selectAll()
    return box


class GoToBox(QDialog):
    """Asks for a structure, and goes there.

    Parameters
    ----------
    scene : Scene
        In whose volume.
    parent : QWidget, optional
        The window.
    """

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self._work: BackgroundRead | None = None
        self._answers: tuple[Answer, ...] = ()
        self.setWindowTitle("Go to")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.structure = StructureBox()
        self.structure.setAccessibleName("Structure to go to")
        self.sides = QButtonGroup(self)
        self.marks = MarksCalled()
        self.find = QPushButton("Find it in this scan")
        self.find.setDefault(True)
        self.cancel = QPushButton("Cancel")
        self.ask_first = QCheckBox("Ask me first: where would I look?")
        self.reveal = QPushButton("Show")
        self._asked_about: tuple[Answer, ...] = ()
        self.progress = QProgressBar()
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.places = QListWidget()
        self.places.setAccessibleName("Places in this scan")
        self.places.setWordWrap(True)
        self.places.setSpacing(2)
        self.arrow, self.hide_ring = QPushButton("Place an arrow here"), QPushButton("Hide the ring")
        self.straighten = QPushButton("Straighten the head")
        self.straighten.setToolTip("Show it along its own axes, however it lay in the scanner, in the oblique plane")
        self.by_landmarks = QPushButton("By landmarks…")
        self.by_landmarks.setCheckable(True)
        self.by_landmarks.setToolTip("Where the scan can't be found in the atlas: point at three places that you know")
        self.landmarks = LandmarkRows(scene)
        self._lay_out()
        self.structure.editTextChanged.connect(lambda _: self._show_marks())
        self.sides.buttonClicked.connect(lambda _: self._show_marks())
        self.marks.chosen.connect(self._go_to_mark)
        self.find.clicked.connect(self.look)
        self.cancel.clicked.connect(self._cancel)
        self.reveal.clicked.connect(self._reveal)
        self.arrow.clicked.connect(self._place_arrow)
        self.places.currentRowChanged.connect(self._go_to_place)
        self.by_landmarks.toggled.connect(self._show_landmarks)
        self.landmarks.wanted.connect(self._work_out)
        self.hide_ring.clicked.connect(self._hide_ring)
        self.straighten.clicked.connect(lambda: oblique_panel(scene.viewer).straighten_head())
        scene.volume_changed.connect(self._on_volume)
        self._show_marks()
        self._show_answers(())
        self._show_landmarks(False)

    def _lay_out(self) -> None:
        self.structure.setMinimumWidth(_WIDTH_PX)
        layout = QVBoxLayout(self)
        # As large as what is shown just now.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        layout.addWidget(self.structure)
        row = QHBoxLayout()
        for name, side in _SIDES.items():
            button = QRadioButton(name)
            button.setChecked(side is None)
            button.setProperty("side", side.value if side is not None else "")
            self.sides.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addWidget(self.marks)
        working = QHBoxLayout()
        working.addWidget(self.find)
        working.addWidget(self.progress, 1)
        working.addWidget(self.cancel)
        layout.addLayout(working)
        layout.addWidget(self.ask_first)
        layout.addWidget(self.said)
        layout.addWidget(self.reveal)
        layout.addWidget(self.places)
        after = QHBoxLayout()
        after.addWidget(self.arrow)
        after.addWidget(self.hide_ring)
        after.addWidget(self.straighten)
        after.addStretch(1)
        after.addWidget(self.by_landmarks)
        layout.addLayout(after)
        layout.addWidget(self.landmarks)
        note = QLabel(_NOTE)
        note.setWordWrap(True)
        note.setEnabled(False)
        layout.addWidget(note)
        self.progress.setRange(0, 100)
        self._show_working(False)

    # ---------------------------------------------------------------- the lesson's own marks

    @property
    def side(self) -> Side | None:
        """The one that is asked for."""
        button = self.sides.checkedButton()
        said = button.property("side") if button is not None else ""
        return Side(said) if said else None

    def _show_marks(self) -> None:
        self.marks.show_marks(self.scene.store, self.structure.currentText(), self.side)
        self.find.setEnabled(bool(self.structure.currentText().strip()) and self._work is None)

    def _go_to_mark(self, mark_id: str) -> None:
        store = self.scene.store
        if store is not None:
            store.select(mark_id)
            self.scene.go_to(store.lesson.annotation(mark_id))

    # ---------------------------------------------------------------- the scan

    def look(self) -> None:
        """Look for the structure in the volume that is shown, in the background."""
        volume = self.scene.volume
        if volume is None:
            self._say("Open a scan first: drag a NIfTI file or a DICOM folder onto the window")
            return
        if self._work is not None:
            return
        self._show_answers(())
        self._say("Looking. The first time takes longer…")
        self._show_working(True)
        said, side = self.structure.currentText().strip(), self.side
        self._work = BackgroundRead(partial(located, volume, said, side), self)
        self._work.progressed.connect(lambda done: self.progress.setValue(round(done * 100)))
        self._work.returned.connect(partial(self._on_found, volume))
        self._work.failed.connect(self._on_failed)
        self._work.cancelled.connect(lambda: self._say("Not looked any further"))
        self._work.ended.connect(self._on_ended)
        self._work.start()

    def _on_found(self, volume: Volume, answers: Sequence[Answer]) -> None:
        if self.scene.volume is not volume:
            return
        shown = tuple(one for one in answers if one.is_shown)
        store = self.scene.store
        if store is not None and not store.is_original:
            # A lesson as it ships is not copied only because somebody looked.
            self._keep_registration()
        if not self.ask_first.isChecked() or not shown:
            self._show_answers(tuple(answers))
            return
        self._asked_about = shown
        sure = any(one.verdict == "found" for one in shown)
        began = "It is found." if sure else "A place is expected, but doubtful."
        self._say(f"{began} Click in the image where you would look for it, then press Show.")
        self.reveal.setVisible(True)

    def _reveal(self) -> None:
        """Show the answer beside the student's place, and how far apart they are."""
        from napari_vascular_loop.locate.guess import words_on_guess

        guess, answers = self.scene.place_ras_mm, self._asked_about
        words = words_on_guess(guess, answers) if guess is not None else ""
        self._show_answers(answers)
        if guess is not None:
            self.scene.point_at_ras_mm(guess)
            self._say(words)

    def _on_failed(self, reason: str) -> None:
        self._say(reason)

    def _on_ended(self) -> None:
        if self._work is not None:
            self._work.deleteLater()
        self._work = None
        self._show_working(False)
        self._show_marks()

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _show_working(self, works: bool) -> None:
        self.progress.setValue(0)
        for widget in (self.progress, self.cancel):
            widget.setVisible(works)
        self.find.setEnabled(not works)

    def _show_answers(self, answers: tuple[Answer, ...]) -> None:
        self._asked_about = ()
        self.reveal.setVisible(False)
        self._answers = tuple(one for one in answers if one.is_shown)
        self.said.setText("\n".join(one.words for one in answers if not one.is_shown))
        self.said.setVisible(bool(self.said.text()))
        self.places.clear()
        self.places.addItems([one.words for one in self._answers])
        self.places.setVisible(bool(self._answers))
        self.scene.set_rings(tuple(filter(None, map(_ring, self._answers))))
        for button in (self.arrow, self.hide_ring):
            button.setVisible(bool(self._answers))
        volume = self.scene.volume
        known = registration_known(volume) if volume is not None else None
        if volume is not None and known is None:
            _note_midline(volume, answers)
        self.straighten.setVisible(known is not None)
        can_keep = self.scene.store is not None and self.scene.volume_id is not None
        self.arrow.setEnabled(can_keep)
        self.arrow.setToolTip(_ARROW if can_keep else _NO_LESSON)
        if self._answers:
            height = sum(self.places.sizeHintForRow(n) for n in range(self.places.count()))
            self.places.setFixedHeight(max(44 * len(self._answers), height + 6))
            self.places.setCurrentRow(0)

    def _go_to_place(self, row: int) -> None:
        if 0 <= row < len(self._answers):
            place = self._answers[row].place_ras_mm
            if place is not None:
                self.scene.go_to_ras_mm(place)

    def _hide_ring(self) -> None:
        self._show_answers(())

    # ---------------------------------------------------------------- landmarks

    def _show_landmarks(self, shown: bool) -> None:
        self.landmarks.setVisible(shown)

    def _work_out(self) -> None:
        """Find the structure from the landmarks that were set."""
        from napari_vascular_loop.locate.finder import places_asked
        from napari_vascular_loop.locate.landmarks import locate_by_landmarks

        try:
            places = places_asked(self.structure.currentText().strip(), self.side)
            self._show_answers(tuple(locate_by_landmarks(place, self.landmarks.clicked) for place in places))
        except VascularLoopError as error:
            self._say(str(error))

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(True)

    def _on_volume(self) -> None:
        self._cancel()
        self._show_answers(())

    # ---------------------------------------------------------------- teaching

    def _place_arrow(self) -> None:
        """Make a first arrow for the teacher to move: its tip where the place is expected, its tail beside the ring."""
        from napari_vascular_loop.locate.first_arrow import first_arrow
        from napari_vascular_loop.widgets.settings import author

        store, volume_id, row = self.scene.store, self.scene.volume_id, self.places.currentRow()
        if store is None or volume_id is None or not 0 <= row < len(self._answers):
            return
        mark = first_arrow(self._answers[row], volume_id, author())
        try:
            with store.gesture("add arrow"):
                store.add(mark)
                self._keep_registration()
            store.select(mark.id)
        except VascularLoopError as error:
            self._say(str(error))

    def _keep_registration(self) -> None:
        """Keep how the scan lies over the atlas with the lesson of which it is, where that may be edited."""
        store, volume, volume_id = self.scene.store, self.scene.volume, self.scene.volume_id
        known = registration_known(volume) if volume is not None else None
        if store is None or volume_id is None or known is None or store.reader_note:
            return
        store.keep_registration(volume_id, known)


def _note_midline(volume: Volume, answers: Sequence[Answer]) -> None:
    """The other side in figures is across this plane from now on: landmarks tell it, too."""
    from napari_vascular_loop.midline_search import note_midline

    for answer in answers:
        if answer.verdict == "found" and answer.midline is not None:
            note_midline(volume, answer.midline)
            return


def _ring(answer: Answer) -> Ring | None:
    if answer.place_ras_mm is None or answer.radius_mm is None:
        return None
    return Ring(answer.place_ras_mm, answer.radius_mm, answer.verdict != "found")
