"""The scene: what one napari viewer shows of volumes and lessons.

It listens to the store and to the viewer, and draws. It never changes the store.
"""

from __future__ import annotations

import contextlib
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_vascular_loop.display import camera
from napari_vascular_loop.display.mark_index import MarkIndex
from napari_vascular_loop.display.picking import nearest_mark, nearest_vertex
from napari_vascular_loop.display.picture import Look, Picture
from napari_vascular_loop.display.shown_layer import ShownLayer
from napari_vascular_loop.display.status import tell_true_places
from napari_vascular_loop.display.view_state import ViewState, place_on_slice, view_state
from napari_vascular_loop.display.volume_layer import layer_data
from napari_vascular_loop.domain.errors import GeometryError, WrongVolumeError
from napari_vascular_loop.domain.space import Plane, Vector3, vector3

if TYPE_CHECKING:
    from collections.abc import Iterator

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

    def __init__(self, viewer: Any) -> None:
        self._viewer = weakref.ref(viewer)
        self._picture = Picture(viewer)
        self._index: MarkIndex | None = None
        self._store: LessonStore | None = None
        self._drawing = False
        self.radiological = True
        self.marks_visible = True
        self.volume_id: str | None = None
        self.problem = ""
        self.preview: Annotation | None = None
        self._shown_layer = ShownLayer(viewer, self._on_shown)
        viewer.layers.events.inserted.connect(self._on_inserted, position="last")
        viewer.dims.events.order.connect(self._on_view)
        viewer.dims.events.point.connect(self._on_view)
        viewer.dims.events.ndisplay.connect(self._on_view)
        viewer.scene.camera.events.zoom.connect(self._on_view)
        viewer.scene.camera.events.center.connect(self._on_view)
        for layer in list(viewer.layers):
            self._shown_layer.adopt(layer)

    # ---------------------------------------------------------------- what is shown

    @property
    def viewer(self) -> Any:
        """The viewer, or None once it is closed."""
        return self._viewer()

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
        """The slice on screen, or None."""
        viewer, volume = self.viewer, self.volume
        return view_state(viewer, volume.frame, self.time_point) if viewer is not None and volume is not None else None

    def text(self, name: str) -> str:
        """What a text on the canvas says: "place", "warning", "edge_left", "edge_right", "edge_top", "edge_bottom"."""
        return self._picture.texts.text(name)

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
        """Show axial, coronal or sagittal slices, keeping the place in the middle."""
        viewer, state = self.viewer, self.state()
        if viewer is None or state is None:
            return
        middle = camera.middle(viewer, state)
        viewer.dims.ndisplay = 2
        camera.show_plane(viewer, plane)
        self._orient()
        camera.centre_on(viewer, middle)
        self.redraw()
        self.changed.emit()

    def show_whole(self) -> None:
        """Show the middle slice of the shown volume, whole."""
        if self.viewer is not None and self.volume is not None:
            camera.show_whole(self.viewer, self.volume.frame)

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
        self._orient()
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
        viewer, volume = self.viewer, self.volume
        if viewer is None or volume is None or annotation.volume_id != self.volume_id:
            return
        camera.zoom_to(viewer, FIELD_OF_VIEW_MM)
        self.go_to(annotation)
        vertices = [
            stroke.vertices_mm for mark in self.visible_marks() if mark.opacity >= 1.0 for stroke in mark.strokes
        ]
        state = self.state()
        if state is None or not vertices:
            return
        middle = camera.middle(viewer, state)
        middle[list(state.in_plane)] = (np.vstack(vertices).min(axis=0) + np.vstack(vertices).max(axis=0)) / 2
        camera.centre_on(viewer, middle)

    def go_to_ras_mm(self, ras_mm: Vector3) -> None:
        """Show the slice through a place with the place in the middle."""
        viewer, volume = self.viewer, self.volume
        if viewer is not None and volume is not None:
            place_mm = volume.frame.display_from_ras(ras_mm)
            camera.centre_on(viewer, volume.frame.on_slice(place_mm, int(viewer.dims.order[0])))

    # ---------------------------------------------------------------- the mouse's questions

    def ras_mm_at(self, position: Any) -> Vector3 | None:
        """Place under a canvas position, on the slice; None without a volume."""
        state, volume = self.state(), self.volume
        if state is None or volume is None:
            return None
        return vector3(volume.frame.ras_from_display(place_on_slice(position, state)))

    def annotation_at(self, position: Any) -> Annotation | None:
        """The visible mark under a canvas position."""
        state = self.state()
        return nearest_mark(self.visible_marks(), position, state) if state is not None and self.marks_visible else None

    def vertex_at(self, annotation: Annotation, position: Any) -> int | None:
        """The end or corner of a mark under a canvas position; None of a mark that isn't seen."""
        state, volume = self.state(), self.volume
        if state is None or volume is None or not self.marks_visible:
            return None
        if all(mark.annotation.id != annotation.id for mark in self.visible_marks()):
            return None
        return nearest_vertex(annotation, position, state, volume.frame)

    def visible_marks(self) -> list[MarkOnSlice]:
        """The marks as they appear on the slice on screen."""
        state, volume = self.state(), self.volume
        if state is None or volume is None or not state.inside:
            return []
        annotations = self._annotations()
        if self._index is None or not self._index.is_of(annotations, volume.frame):
            self._index = MarkIndex(annotations, volume.frame)
        return self._index.on_slice(state.display_axis, state.slice_mm)

    # ---------------------------------------------------------------- drawing

    def redraw(self) -> None:
        """Draw texts and marks anew."""
        viewer, volume, state = self.viewer, self.volume, self.state()
        # Between "inserting" and the end of "inserted" napari's list of layers must not change again: what has to be
        # added or moved waits until all others have been told.
        if viewer is None or self._drawing or self._shown_layer.is_changing:
            return
        with self._drawing_once():
            if volume is None or state is None:
                self._picture.clear()
                return
            self._picture.layers.bring_to_top()
            look = self._look(volume)
            self._picture.draw_texts(viewer, volume, state, look)
            if viewer.dims.ndisplay == 3:
                shown = self._annotations() if self.marks_visible else []
                self._picture.draw_solid(volume, state, shown, look)
            else:
                marks = self.visible_marks() if self.marks_visible else []
                self._picture.draw_slice(viewer, volume, state, marks, look)

    def draw_unseen(self, letters: str) -> None:
        """Let napari make the pictures of some letters, on a canvas that nobody sees yet."""
        viewer = self.viewer
        if viewer is None or self.volume is not None:
            return
        with self._drawing_once():
            scale_bar = viewer.canvas.overlays.scale_bar
            before, scale_bar.visible = scale_bar.visible, True
            self._picture.draw_sample(letters)
            viewer.screenshot(canvas_only=True, flash=False)
            self._picture.clear()
            scale_bar.visible = before

    @contextlib.contextmanager
    def _drawing_once(self) -> Iterator[None]:
        """Keep napari's events about our own drawing from starting another."""
        self._drawing = True
        try:
            yield
        finally:
            self._drawing = False

    def _look(self, volume: Volume) -> Look:
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
        selected = self._store.selected if self._store is not None else None
        return Look(self.radiological, selected.id if selected else None, self.can_mark, tuple(warnings))

    def _annotations(self) -> list[Annotation]:
        """The lesson's marks in the shown volume, with the one that is just being drawn."""
        if self._store is None or self.volume_id is None:
            return []
        preview = self.preview
        kept = [
            a
            for a in self._store.annotations
            if a.volume_id == self.volume_id and (preview is None or a.id != preview.id)
        ]
        return [*kept, preview] if preview is not None else kept

    # ---------------------------------------------------------------- following napari

    def _on_inserted(self, event: Any) -> None:
        if event.value in self._picture.layers.owned():
            tell_true_places(event.value, self._shown)

    def _on_shown(self, is_new: bool) -> None:
        """Another volume is shown, or none."""
        if is_new:
            tell_true_places(self.layer, self._shown)
            self.viewer.canvas.overlays.scale_bar.visible = True
            camera.show_plane(self.viewer, Plane.AXIAL)
            self._orient()
        self._come_inside()
        self._fit()
        self.volume_changed.emit()

    def _come_inside(self) -> None:
        """Go to the middle of a volume that the slider stands beside."""
        state, volume = self.state(), self.volume
        if state is not None and volume is not None and not state.inside:
            frame = volume.frame
            camera.centre_on(self.viewer, np.add(frame.translate_mm, np.multiply(frame.scale_mm, frame.shape) / 2))

    def _on_view(self, event: Any = None) -> None:
        if getattr(event, "type", "") in ("order", "ndisplay"):
            if self.volume is not None:
                camera.straighten(self.viewer)
            self._orient()
            self.changed.emit()
        self.redraw()

    def _on_store(self, *_: object) -> None:
        self.redraw()

    def _shown(self) -> tuple[Volume, ViewState] | None:
        state, volume = self.state(), self.volume
        return (volume, state) if state is not None and volume is not None else None

    def _fit(self) -> None:
        """Find which of the lesson's volumes is shown; without a fit no mark is drawn."""
        self.volume_id, self.problem = None, ""
        volume = self.volume
        if self._store is not None and volume is not None:
            try:
                self.volume_id = self._store.lesson.volume_of(volume.fingerprint).id
            except (WrongVolumeError, GeometryError) as error:
                self.problem = str(error)
        self.redraw()
        self.changed.emit()

    def _is_synthetic(self) -> bool:
        if self._store is None or self.volume_id is None:
            return False
        return self._store.lesson.volume(self.volume_id).synthetic

    def _orient(self) -> None:
        viewer, state = self.viewer, self.state()
        if viewer is not None and state is not None:
            camera.orient(viewer, state.plane, self.radiological)


def scene_of(viewer: Any) -> Scene:
    """Get the scene of a viewer, made at the first call and gone with the viewer."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    if key not in _scenes:
        _scenes[key] = Scene(viewer)
        weakref.finalize(viewer, _scenes.pop, key, None)
    return _scenes[key]
