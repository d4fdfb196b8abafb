"""A panel with a plane at any angle: through three marks, riding along a nerve, or along the head's own axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from napari_vascular_loop.display.oblique import Oblique
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.domain.space import Plane, format_ras_mm
from napari_vascular_loop.widgets.buttons import combo_box
from napari_vascular_loop.widgets.cut_view import CutView
from napari_vascular_loop.widgets.docked import DockedPanel
from napari_vascular_loop.widgets.straight_view import StraightView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import Vector3
    from napari_vascular_loop.store import LessonStore

_TENTHS = 10
_SLABS = {"Thin": None, "Mean": SlabProjection.MEAN, "MIP": SlabProjection.MAXIMUM, "MinIP": SlabProjection.MINIMUM}
_PATH, _MARKS, _HEAD = 0, 1, 2


class ObliquePanel(DockedPanel):
    """Connects :class:`Oblique` with the widgets that show it.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Given by napari, which goes by the parameter's name.
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.scene = scene_of(napari_viewer)
        self.oblique = Oblique(self.scene)
        self._store: LessonStore | None = None
        self._layer: Any = None
        self.tabs = QTabBar()
        self.tabs.addTab("Along a path")
        self.tabs.addTab("Through three marks")
        self.tabs.addTab("Head straight")
        self.path = combo_box("Path to ride along")
        self.marks = [combo_box(f"Mark {letter}") for letter in "ABC"]
        self.head_plane = combo_box("Plane of the head")
        for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL):
            self.head_plane.addItem(plane.name.capitalize(), plane)
        self.head_turned = QLabel()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Where the plane stands")
        self.where, self.nearest, self.pointed = QLabel(), QLabel(), QLabel()
        self.nearest.setWordWrap(True)
        self.pointed.setMinimumHeight(self.pointed.fontMetrics().height())
        self.to_closest = QPushButton("Go there")
        self.to_closest.setToolTip("Where on the whole path a vessel's mark comes nearest")
        self.slab = combo_box("Slab")
        self.slab.addItems(list(_SLABS))
        self.thickness = QDoubleSpinBox()
        self.thickness.setAccessibleName("Thickness of the slab")
        self.thickness.setRange(0.5, 40.0)
        self.thickness.setValue(5.0)
        self.thickness.setSuffix(" mm")
        self.view, self.straight = CutView(), StraightView()
        self.turn = QSlider(Qt.Orientation.Horizontal)
        self.turn.setRange(0, 180)
        self.turn.setAccessibleName("Turn the straightened picture about the path")
        self._lay_out()
        self._connect()
        self._follow_store()
        self._show_slab()
        self._fill()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(5)
        layout.addWidget(self.tabs)
        layout.addWidget(self.path)
        self.mark_row = QWidget()
        row = QHBoxLayout(self.mark_row)
        row.setContentsMargins(0, 0, 0, 0)
        for combo in self.marks:
            row.addWidget(combo, 1)
        layout.addWidget(self.mark_row)
        self.head_row = QWidget()
        heading = _row((self.head_plane, 0), (self.head_turned, 1))
        self.head_row.setLayout(heading)
        layout.addWidget(self.head_row)
        layout.addLayout(_row((self.slider, 1), (self.where, 0)))
        layout.addLayout(_row((self.nearest, 1), (self.to_closest, 0)))
        layout.addWidget(self.view, 3)
        layout.addLayout(_row((QLabel("Slab"), 0), (self.slab, 0), (self.thickness, 0), (self.pointed, 1)))
        layout.addWidget(self.straight, 1)
        self.turn_label = QLabel("Turned 0°")
        self.turn_row = QWidget()
        turning = _row((self.turn_label, 0), (self.turn, 1))
        self.turn_row.setLayout(turning)
        layout.addWidget(self.turn_row)
        self.setMinimumWidth(360)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(lambda _: self._choose())
        self.path.activated.connect(lambda _: self._choose())
        self.head_plane.activated.connect(lambda _: self._choose())
        for combo in self.marks:
            combo.activated.connect(lambda _: self._choose())
        self.slider.valueChanged.connect(lambda value: self.oblique.go(value / _TENTHS))
        self.turn.valueChanged.connect(self.oblique.turn)
        self.slab.activated.connect(lambda _: self._show_slab())
        self.thickness.valueChanged.connect(lambda _: self._show_slab())
        self.to_closest.clicked.connect(self._go_to_closest)
        self.view.place_chosen.connect(self.scene.go_to_ras_mm)
        self.view.place_pointed.connect(self._show_pointed)
        self.view.stepped.connect(lambda steps: self.oblique.go(self.oblique.at_mm + steps * 0.5))
        self.view.zoomed.connect(self.oblique.zoom)
        self.straight.distance_chosen.connect(self.oblique.go)
        self.oblique.changed.connect(self._show)
        self.scene.changed.connect(self._on_scene)
        self.scene.volume_changed.connect(self._on_volume)

    # ---------------------------------------------------------------- following

    def _on_scene(self) -> None:
        self._follow_store()
        self._fill()

    def _on_volume(self) -> None:
        self._on_scene()
        if self.tabs.currentIndex() == _HEAD:
            self._choose()  # through a place of this scan

    def _follow_store(self) -> None:
        if self.scene.store is not self._store:
            self._let_go_of_store()
            self._store = self.scene.store
            if self._store is not None:
                self._store.annotations_changed.connect(self._fill)
        if self.scene.layer is not self._layer:
            self._let_go_of_layer()
            self._layer = self.scene.layer
            if self._layer is not None:
                self._layer.events.contrast_limits.connect(self._show)

    def _let_go_of_store(self) -> None:
        if self._store is not None:
            self._store.annotations_changed.disconnect(self._fill)
            self._store = None

    def _let_go_of_layer(self) -> None:
        if self._layer is not None:
            self._layer.events.contrast_limits.disconnect(self._show)
            self._layer = None

    def let_go(self) -> None:
        """Stop listening."""
        self._let_go_of_store()
        self._let_go_of_layer()
        self.scene.changed.disconnect(self._on_scene)
        self.scene.volume_changed.disconnect(self._on_volume)

    # ---------------------------------------------------------------- choosing

    def _fill(self, *_: object) -> None:
        """Offer the marks that there are; what was chosen stays chosen."""
        _offer(self.path, self.oblique.paths)
        for number, combo in enumerate(self.marks):
            _offer(combo, self.oblique.annotations, number)
        self._choose(keep=True)

    def straighten_head(self) -> None:
        """Show the head straight, through the place one is at."""
        if self.tabs.currentIndex() == _HEAD:
            self._choose()
        else:
            self.tabs.setCurrentIndex(_HEAD)  # which chooses

    def _choose(self, *, keep: bool = False) -> None:
        oblique, tab = self.oblique, self.tabs.currentIndex()
        before = oblique.at_mm
        if tab == _HEAD:
            plane = self.head_plane.currentData()
            is_same = oblique.head_plane is plane
            if not (keep and is_same):
                oblique.choose_head(plane)
        elif tab == _PATH:
            wanted = self.path.currentData()
            is_same = wanted == oblique.path_id
            oblique.choose_path(wanted)
        else:
            ids = tuple(combo.currentData() for combo in self.marks if combo.currentData())
            is_same = ids == oblique.mark_ids and oblique.path_id is None
            oblique.choose_marks(ids)
        if keep and is_same:
            oblique.go(before)

    def _show_slab(self) -> None:
        projection = _SLABS[self.slab.currentText()]
        self.thickness.setEnabled(projection is not None)
        thickness = self.thickness.value() if projection is not None else 0.0
        self.oblique.show_slab(projection or SlabProjection.MEAN, thickness)

    def _go_to_closest(self) -> None:
        ride = self.oblique.ride
        closest = ride.closest() if ride is not None else None
        if closest is not None:
            self.oblique.go(closest.at_mm)

    # ---------------------------------------------------------------- showing

    def _show(self, *_: object) -> None:
        oblique = self.oblique
        tab = self.tabs.currentIndex()
        along, ride = tab == _PATH, oblique.ride
        for widget, its_tab in ((self.path, _PATH), (self.mark_row, _MARKS), (self.head_row, _HEAD)):
            widget.setVisible(tab == its_tab)
        known = oblique.registration
        self.head_turned.setText("" if known is None else f"turned back by {known.turned_deg:.0f}°, by the atlas")
        for widget in (self.nearest, self.to_closest, self.straight, self.turn_row):
            widget.setVisible(along and ride is not None)
        low, high = oblique.range_mm
        self.slider.blockSignals(True)
        self.slider.setRange(round(low * _TENTHS), round(high * _TENTHS))
        self.slider.setValue(round(oblique.at_mm * _TENTHS))
        self.slider.blockSignals(False)
        try:
            if along and ride is None:
                raise GeometryError("Draw a path along a nerve or vessel first, then ride along it here")
            shown = oblique.shown()
        except GeometryError as error:
            self.view.show_note(str(error))
            self.where.setText("")
            self.slider.setEnabled(False)
            return
        self.slider.setEnabled(True)
        self.where.setText(f"{oblique.at_mm:.1f} of {high:.1f} mm" if along else f"{oblique.at_mm:+.1f} mm")
        self.view.show_cut(
            shown.cut,
            shown.annotations,
            shown.window,
            shown.radiological,
            shown.centre_ras_mm,
            shown.reach,
            shown.style,
        )
        if along and ride is not None:
            self._show_ride()

    def _show_ride(self) -> None:
        oblique, ride = self.oblique, self.oblique.ride
        picture = oblique.straight()
        if ride is None or picture is None:
            return
        self.straight.show_picture(picture, oblique.window(), ride.curve.length_mm)
        self.straight.show_distance(oblique.at_mm)
        self.turn_label.setText(f"Turned {oblique.turned_deg:.0f}°")
        here, closest = ride.nearest(oblique.at_mm), ride.closest()
        self.to_closest.setVisible(closest is not None)
        if here is None or closest is None:
            self.nearest.setText("No vessel is marked in this volume: mark one to see how near it comes")
            return
        self.nearest.setText(
            f"Nearest vessel's mark here: {here.vessel.title}, {here.distance_mm:.1f} mm. "
            f"On the whole path: {closest.vessel.title}, {closest.distance_mm:.1f} mm, at {closest.at_mm:.1f} mm"
        )

    def _show_pointed(self, ras_mm: Vector3 | None) -> None:
        volume = self.scene.volume
        known = volume is not None and volume.provenance.orientation_known
        self.pointed.setText(format_ras_mm(ras_mm) if ras_mm is not None and known else "")


def _offer(combo: QComboBox, annotations: Sequence[Annotation], otherwise: int = 0) -> None:
    chosen = combo.currentData()
    combo.clear()
    for annotation in annotations:
        combo.addItem(annotation.title, annotation.id)
    at = combo.findData(chosen)
    combo.setCurrentIndex(at if at >= 0 else min(otherwise, combo.count() - 1))


def _row(*widgets: tuple[QWidget, int]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    for widget, stretch in widgets:
        row.addWidget(widget, stretch)
    return row
