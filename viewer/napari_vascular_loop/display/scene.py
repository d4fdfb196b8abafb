"""The scene: what one napari viewer shows of volumes and lessons, on one canvas or several.

It listens to the store and to the viewer, and has its views draw. It never changes the store.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_vascular_loop.display.mark_index import MarkIndex
from napari_vascular_loop.display.picture import Look
from napari_vascular_loop.display.plane_view import PlaneView
from napari_vascular_loop.display.shown_layer import ShownLayer
from napari_vascular_loop.display.side_view import SideView
from napari_vascular_loop.display.status import tell_true_places
from napari_vascular_loop.display.volume_layer import layer_data
from napari_vascular_loop.domain.errors import GeometryError, WrongVolumeError
from napari_vascular_loop.domain.space import Plane, Vector3

if TYPE_CHECKING:
    from napari_vascular_loop.display.view_state import ViewState
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.drawing import MarkOnSlice
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore

FIELD_OF_VIEW_MM = 100.0

_scenes: dict[int, Scene] = {}


class Scene:
    """Volumes and marks in one viewer; one volume is shown at a time.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Held weakly. Use :func:`scene_of` to get the scene of a viewer.
    """

    changed = Signal()
    """The volume, its time point, the lesson's fit to it, the plane or the convention changed."""

    volume_changed = Signal()
    """Another volume, or another time point of it, is shown."""

    view_added = Signal(object)
    """A canvas has been put beside the others: its PlaneView."""

    view_removed = Signal(object)
    """A canvas has been taken away: its PlaneView."""

    def __init__(self, viewer: Any) -> None:
        self._index: MarkIndex | None = None
        self._asked: tuple[Any, ...] | None = None
        self._annotations: list[Annotation] = []
        self._store: LessonStore | None = None
        self.radiological = True
        self.marks_visible = True
        self.volume_id: str | None = None
        self.problem = ""
        self.remark = ""
        self.preview: Annotation | None = None
        self._shown_layer = ShownLayer(viewer, self._on_shown)
        self.views: list[PlaneView] = [PlaneView(viewer, self)]
        """The main canvas, then those beside it."""
        for layer in list(viewer.layers):
            self._shown_layer.adopt(layer)

    # ---------------------------------------------------------------- what is shown

    @property
    def main(self) -> PlaneView:
        """The view on the viewer's own canvas."""
        return self.views[0]

    def view_of(self, viewer: Any) -> PlaneView:
        """Give the view that draws on a viewer: that of the canvas a gesture is made on.

        Raises
        ------
        KeyError
            If none of the views does.
        """
        viewer = getattr(viewer, "__wrapped__", viewer)
        for view in self.views:
            if view.viewer is viewer:
                return view
        raise KeyError("no view of this scene draws on that viewer")

    @property
    def viewer(self) -> Any:
        """The viewer, or None once it is closed."""
        return self.main.viewer

    @property
    def layer(self) -> Any:
        """The layer of the shown volume, or None."""
        return self._shown_layer.layer

    @property
    def volume(self) -> Volume | None:
        """The shown volume, or None."""
        return self._shown_layer.volume

    @property
    def time_point(self) -> int:
        """Number, from 0, of the time point of the shown volume that is on screen."""
        return self._shown_layer.time_point

    @property
    def store(self) -> LessonStore | None:
        """The open lesson, or None."""
        return self._store

    @property
    def can_mark(self) -> bool:
        """Whether marks can be placed: a lesson is open, and the shown volume is one of its own."""
        return self._store is not None and self.volume_id is not None and not self._store.reader_note

    def state(self) -> ViewState | None:
        """The slice on the main canvas, or None."""
        return self.main.state()

    def text(self, name: str) -> str:
        """What a text on the main canvas says; see :meth:`PlaneView.text`."""
        return self.main.text(name)

    # ---------------------------------------------------------------- canvases

    def add_view(self, viewer: Any, plane: Plane) -> PlaneView:
        """Have another viewer model show the volume in a plane; its layers are the view's from now on.

        Parameters
        ----------
        viewer : napari.components.ViewerModel
            Without layers; held weakly.
        plane : Plane
            What to show.
        """
        view = SideView(viewer, self, plane)
        self.views.append(view)
        view.follow(self.layer, self.main.middle_ras_mm())
        view.redraw()
        self.view_added.emit(view)
        return view

    def remove_view(self, view: PlaneView) -> None:
        """Show no more on a canvas beside the main one."""
        self.views.remove(view)
        view.follow(None, None)
        self.view_removed.emit(view)

    # ---------------------------------------------------------------- opening

    def show_volume(self, volume: Volume, name: str = "", window: tuple[float, float] | None = None) -> Any:
        """Add a volume as a layer and show it."""
        data, keywords, _ = layer_data(volume, name, window)
        return self.viewer.add_image(data, **keywords)

    def set_store(self, store: LessonStore | None) -> None:
        """Show the marks of a lesson, or of none."""
        if self._store is not None:
            self._store.annotations_changed.disconnect(self._on_store)
            self._store.selection_changed.disconnect(self._on_store)
        self._store = store
        if store is not None:
            store.annotations_changed.connect(self._on_store)
            store.selection_changed.connect(self._on_store)
        self._fit()

    # ---------------------------------------------------------------- moving

    def set_plane(self, plane: Plane) -> None:
        """Show axial, coronal or sagittal slices on the main canvas, keeping the place in the middle."""
        if self.state() is not None:
            self.main.set_plane(plane)
            self.changed.emit()

    def show_whole(self) -> None:
        """Show the middle slices of the shown volume, whole."""
        for view in self.views:
            view.show_whole()

    def set_time_point(self, number: int) -> None:
        """Show another time point of the shown volume, counted from 0; slice, zoom and grey scale stay.

        Raises
        ------
        IndexError
            If there is no such time point.
        """
        volume = self.volume
        if volume is None or number == self.time_point:
            return
        if not 0 <= number < volume.time_points:
            raise IndexError(f"there is no time point {number}: the volume has {volume.time_points}, counted from 0")
        self._shown_layer.set_time_point(number)
        self.redraw()
        self.changed.emit()
        self.volume_changed.emit()

    def set_radiological(self, radiological: bool) -> None:
        """Show the patient's left on the right (radiological) or on the left (neurological)."""
        self.radiological = radiological
        for view in self.views:
            view.orient()
        self.redraw()
        self.changed.emit()

    def set_marks_visible(self, visible: bool) -> None:
        """Show or hide all marks."""
        self.marks_visible = visible
        self.redraw()
        self.changed.emit()

    def go_to(self, annotation: Annotation) -> None:
        """Show the slice of a mark with the mark in the middle."""
        if self.volume is not None and annotation.volume_id == self.volume_id:
            self.go_to_ras_mm(annotation.geometry.anchor_ras_mm)

    def open_at(self, annotation: Annotation) -> None:
        """Show the slice of a mark with all marks of that slice in the middle, close enough to see a nerve."""
        if self.viewer is None or self.volume is None or annotation.volume_id != self.volume_id:
            return
        self.go_to(annotation)
        for view in self.views:
            view.centre_on_whole_marks(FIELD_OF_VIEW_MM)

    def go_to_ras_mm(self, ras_mm: Vector3) -> None:
        """Show the slices through a place with the place in the middle."""
        for view in self.views:
            view.centre_on_ras_mm(ras_mm)

    # ---------------------------------------------------------------- the mouse's questions

    def ras_mm_at(self, position: Any) -> Vector3 | None:
        """Place under a position on the main canvas, on the slice; None without a volume."""
        return self.main.ras_mm_at(position)

    def annotation_at(self, position: Any) -> Annotation | None:
        """The visible mark under a position on the main canvas."""
        return self.main.annotation_at(position)

    def vertex_at(self, annotation: Annotation, position: Any) -> int | None:
        """The end or corner of a mark under a position on the main canvas; None of a mark that isn't seen."""
        return self.main.vertex_at(annotation, position)

    def visible_marks(self) -> list[MarkOnSlice]:
        """The marks as they appear on the slice on the main canvas."""
        return self.main.visible_marks()

    # ---------------------------------------------------------------- what views ask

    @property
    def is_changing(self) -> bool:
        """Whether napari is telling of a change of its list of layers, which must not be changed again meanwhile."""
        return self._shown_layer.is_changing

    def redraw(self) -> None:
        """Draw texts and marks anew, on all canvases."""
        for view in self.views:
            view.redraw()

    def draw_unseen(self, letters: str) -> None:
        """Let napari make the pictures of some letters, on a canvas that nobody sees yet."""
        self.main.draw_unseen(letters)

    def marks_near(self, state: ViewState) -> list[MarkOnSlice]:
        """The marks as they appear on a slice of the shown volume."""
        volume = self.volume
        if volume is None:
            return []
        annotations = self.annotations()
        if self._index is None or not self._index.is_of(annotations, volume.frame):
            self._index = MarkIndex(annotations, volume.frame, self._index)
        return self._index.on_slice(state.display_axis, state.slice_mm)

    def look(self) -> Look:
        """How the shown volume and its marks are to be drawn."""
        selected = self._store.selected if self._store is not None else None
        return Look(
            self.radiological,
            selected.id if selected is not None else None,
            self.can_mark,
            self._warnings(self.volume) if self.volume is not None else (),
        )

    def _warnings(self, volume: Volume) -> tuple[str, ...]:
        """What a viewer must know of the shown volume."""
        warnings = []
        if not volume.provenance.orientation_known:
            warnings.append("ORIENTATION UNKNOWN: left and right can't be told")
        if set(volume.provenance.gaps) & set(volume.provenance.warnings):
            warnings.append("SLICES MISSING: see the receipt")
        if volume.provenance.resampled:
            warnings.append("RESAMPLED onto a straight grid: see the receipt")
        if volume.provenance.format == "computed" or self._is_synthetic():
            warnings.append("SYNTHETIC: computed, not an image of a person")
        if self.problem and self._store is not None:
            wanted = ", ".join(entry.title or entry.id for entry in self._store.lesson.volumes)
            warnings.append(f"Not the volume that the marks were made on ({wanted}): no mark is shown")
        return tuple(warnings)

    def annotations(self) -> list[Annotation]:
        """The lesson's marks in the shown volume, with the one that is just being drawn."""
        if self._store is None or self.volume_id is None:
            return []
        asked = (self._store.annotations, self.volume_id, self.preview)
        if self._asked is None or any(one is not other for one, other in zip(asked, self._asked, strict=True)):
            self._asked, preview = asked, self.preview
            kept = [a for a in asked[0] if a.volume_id == self.volume_id and (preview is None or a.id != preview.id)]
            self._annotations = [*kept, preview] if preview is not None else kept
        return self._annotations

    # ---------------------------------------------------------------- following napari

    def _on_shown(self, is_new: bool) -> None:
        """Another volume is shown, or none."""
        if is_new:
            tell_true_places(self.layer, self.main.shown)
            self.main.show_first(Plane.AXIAL)
        self.main.come_inside()
        for view in self.views[1:]:
            view.follow(self.layer, self.main.middle_ras_mm())
        self._fit()
        self.volume_changed.emit()

    def _on_store(self, *_: object) -> None:
        self.redraw()

    def _fit(self) -> None:
        """Find which of the lesson's volumes is shown; without a fit no mark is drawn."""
        self.volume_id, self.problem, self.remark = None, "", ""
        volume = self.volume
        if self._store is not None and volume is not None:
            try:
                entry = self._store.lesson.volume_of(volume.fingerprint)
                self.volume_id, self.remark = entry.id, entry.remark(volume.fingerprint)
            except (WrongVolumeError, GeometryError) as error:
                self.problem = str(error)
        self.redraw()
        self.changed.emit()

    def _is_synthetic(self) -> bool:
        if self._store is None or self.volume_id is None:
            return False
        return self._store.lesson.volume(self.volume_id).synthetic


def scene_of(viewer: Any) -> Scene:
    """Get the scene of a viewer, made at the first call and gone with the viewer."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    if key not in _scenes:
        _scenes[key] = Scene(viewer)
        weakref.finalize(viewer, _scenes.pop, key, None)
    return _scenes[key]
