"""The volumes of a lesson side by side: same plane, same size, gone through together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.notifications import show_info
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from napari_vascular_loop.display.oblique import FIELDS_MM
from napari_vascular_loop.domain.comparison import compared_volumes, place_of, places_to_compare
from napari_vascular_loop.domain.contrast import grey_window
from napari_vascular_loop.domain.cut import cut_grid
from napari_vascular_loop.domain.drawing import Reach
from napari_vascular_loop.domain.space import Plane, Vector3, format_ras_mm, vector3
from napari_vascular_loop.reformat import cut
from napari_vascular_loop.widgets.buttons import combo_box
from napari_vascular_loop.widgets.cut_view import CutView
from napari_vascular_loop.widgets.lesson_reading import LessonRead, read_lesson
from napari_vascular_loop.widgets.main_window import is_running, main_window
from napari_vascular_loop.widgets.volume_opening import opening_of

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.comparison import ComparedVolume
    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.store import LessonStore

_SIZE_PX = (1120, 760)
_PIXELS = 320
_PLACE_PX = 190
_FINEST_MM = 0.1
_USUAL_FIELD_MM = 40.0
_THE_FINDING = "The finding of each"


class CompareDialog(QDialog):
    """A window of its own beside the reading room.

    Parameters
    ----------
    scene : Scene
        Is led to a place that is clicked.
    store : LessonStore
        The lesson.
    """

    def __init__(self, scene: Scene, store: LessonStore) -> None:
        super().__init__(main_window(scene.viewer))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Compare: {store.lesson.title}")
        self.resize(*_SIZE_PX)
        self._scene, self._store = scene, store
        self._read: dict[str, LessonRead] = {}
        self._field_mm, self._steps = _USUAL_FIELD_MM, 0
        self._common: Vector3 | None = None
        self.cells = compared_volumes(store.lesson)
        self.views = {cell.volume_id: CutView() for cell in self.cells}
        self.place, self.plane = combo_box("What is looked at"), combo_box("Plane")
        self.place.addItem(_THE_FINDING, "")
        for label in places_to_compare(store.lesson):
            self.place.addItem(label, label)
        self.place.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.place.setMinimumWidth(_PLACE_PX)
        for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL):
            self.plane.addItem(plane.name.capitalize(), plane)
        self.where = QLabel()
        self.close_button = QPushButton("Close")
        self._lay_out()
        self._connect()
        self._begin()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        row = QHBoxLayout()
        for widget, stretch in ((self.place, 0), (self.plane, 0), (self.where, 1), (self.close_button, 0)):
            row.addWidget(widget, stretch)
        layout.addLayout(row)
        grid = QGridLayout()
        grid.setSpacing(6)
        for cell in self.cells:
            view = self.views[cell.volume_id]
            view.setAccessibleName(cell.title)
            above = QLabel(f"<b>{cell.title}</b>" + (f"<br>{cell.finding}" if cell.finding else ""))
            above.setTextFormat(Qt.TextFormat.RichText)
            above.setWordWrap(True)
            above.setAlignment(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(above, 2 * cell.row, cell.column)
            grid.addWidget(view, 2 * cell.row + 1, cell.column)
            grid.setRowStretch(2 * cell.row + 1, 1)
            grid.setColumnStretch(cell.column, 1)
        layout.addLayout(grid, 1)
        said = [self._store.lesson.notice, "Wheel: through the slices; Ctrl and wheel: zoom; click: all to one place"]
        self.note = QLabel(".  ".join(text.strip().rstrip(".") for text in said if text.strip()))
        self.note.setWordWrap(True)
        layout.addWidget(self.note)

    def _connect(self) -> None:
        self.place.activated.connect(self._on_place)
        self.plane.activated.connect(lambda _: self._on_place())
        self.close_button.clicked.connect(self.close)
        for view in self.views.values():
            view.place_chosen.connect(self._on_clicked)
            view.stepped.connect(self._on_stepped)
            view.zoomed.connect(self._on_zoomed)
        self._scene.changed.connect(self._on_scene)

    def done(self, result: int) -> None:
        """Listen no more."""
        self._scene.changed.disconnect(self._on_scene)
        super().done(result)

    # ---------------------------------------------------------------- reading

    def _begin(self) -> None:
        for view in self.views.values():
            view.show_note("Reading…")
        ids = [cell.volume_id for cell in self.cells]
        opening = opening_of(self._scene.viewer)
        if opening is not None and is_running():
            opening.run("Reading the volumes to compare…", partial(_read_all, self._store, ids), self._on_read)
        else:
            self._on_read(_read_all(self._store, ids))

    def _on_read(self, read: dict[str, LessonRead]) -> None:
        self._read = read
        self.show_pictures()

    # ---------------------------------------------------------------- what the user does

    def _on_place(self, _number: int = 0) -> None:
        self._common, self._steps = None, 0
        self.show_pictures()

    def _on_clicked(self, ras_mm: Vector3) -> None:
        self._common, self._steps = ras_mm, 0
        self._scene.go_to_ras_mm(ras_mm)
        self.show_pictures()

    def _on_stepped(self, steps: int) -> None:
        self._steps += steps
        self.show_pictures()

    def _on_zoomed(self, steps: int) -> None:
        at = min(range(len(FIELDS_MM)), key=lambda n: abs(FIELDS_MM[n] - self._field_mm))
        self._field_mm = FIELDS_MM[int(np.clip(at - steps, 0, len(FIELDS_MM) - 1))]
        self.show_pictures()

    def _on_scene(self) -> None:
        if self._scene.store is not self._store:
            self.close()
        else:
            self.show_pictures()

    # ---------------------------------------------------------------- showing

    def place_of(self, volume_id: str) -> Vector3 | None:
        """Where a volume is looked at, RAS mm."""
        place = self._common or place_of(self._store.lesson, volume_id, str(self.place.currentData() or ""))
        if place is None:
            return None
        moved = np.array(place)
        moved[self.plane.currentData().value] += self._steps * self._step_mm()
        return vector3(moved)

    def _step_mm(self) -> float:
        """As far as the thinnest slices lie apart."""
        axis = self.plane.currentData().value
        volumes = [read.volume for read in self._read.values() if read.volume is not None]
        return min((volume.frame.scale_mm[2 - axis] for volume in volumes), default=1.0)

    def show_pictures(self) -> None:
        """Cut all volumes anew."""
        for cell in self.cells:
            self._show(cell)
        said = {format_ras_mm(place) for cell in self.cells if (place := self.place_of(cell.volume_id)) is not None}
        self.where.setText(said.pop() if len(said) == 1 else "Each at its own place")

    def _show(self, cell: ComparedVolume) -> None:
        view, read, place = self.views[cell.volume_id], self._read.get(cell.volume_id), self.place_of(cell.volume_id)
        if read is None:
            return
        if read.volume is None or place is None:
            view.show_note(read.problem or "No mark says where to look in this volume")
            return
        normal = np.zeros(3)
        normal[self.plane.currentData().value] = 1.0
        grid = cut_grid(place, normal, self._field_mm, self._field_mm, max(_FINEST_MM, self._field_mm / _PIXELS))
        entry = self._store.lesson.volume(cell.volume_id)
        marks = [mark for mark in self._store.annotations if mark.volume_id == cell.volume_id]
        view.show_cut(
            cut(read.volume, grid),
            marks if self._scene.marks_visible else [],
            entry.window or grey_window(read.volume),
            self._scene.radiological,
            place,
            Reach(0.0, self._scene.fade_mm),
            self._scene.mark_style,
        )


def compare_volumes(scene: Scene) -> CompareDialog | None:
    """Show the volumes of the open lesson side by side; None, and a word, where there are no two."""
    store, window = scene.store, main_window(scene.viewer)
    if store is None or len(store.lesson.volumes) < 2:
        show_info("There is nothing to compare: this lesson has no second volume")
        return None
    for child in window.children() if window is not None else ():
        if isinstance(child, CompareDialog):
            child.close()
    dialog = CompareDialog(scene, store)
    dialog.show()
    return dialog


def _read_all(store: LessonStore, volume_ids: list[str], progress: Progress | None = None) -> dict[str, LessonRead]:
    """Read volumes, one after the other; runs in the thread."""
    return {
        volume_id: read_lesson(store, partial(_part, progress, number, len(volume_ids)), volume_id)
        for number, volume_id in enumerate(volume_ids)
    }


def _part(progress: Any, number: int, count: int, done: float) -> None:
    """Tell how much of all is done."""
    if progress is not None:
        progress((number + done) / count)
