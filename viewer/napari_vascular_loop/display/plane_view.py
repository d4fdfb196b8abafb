"""One canvas: the scene's volume in one plane, with its marks and texts."""

from __future__ import annotations

import contextlib
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.display import camera
from napari_vascular_loop.display.mark_depth import exact_depth_mm
from napari_vascular_loop.display.picking import nearest_mark, nearest_vertex, text_at
from napari_vascular_loop.display.picture import Picture
from napari_vascular_loop.display.view_state import ViewState, place_on_slice, readout, view_state
from napari_vascular_loop.domain.annotation import Path, Region, is_text
from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice
from napari_vascular_loop.domain.measure import PREVIEW_ID
from napari_vascular_loop.domain.space import Plane, Vector3, vector3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume


_SEEN_MARGIN_PX = 12.0


class PlaneView:
    """What one viewer model shows of a scene.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Held weakly; shows the scene's volume, or none.
    scene : Scene
        Knows volume, marks and how they are to be shown, for all of its views.
    """

    def __init__(self, viewer: Any, scene: Scene) -> None:
        self._viewer = weakref.ref(viewer)
        self._scene = scene
        self._picture = Picture(viewer)
        self._drawing = False
        for emitter, heard in self._heard_of(viewer):
            emitter.connect(heard)
        self._smaller_side_px = float(min(viewer.canvas.size))

    # ---------------------------------------------------------------- what is shown

    @property
    def viewer(self) -> Any:
        """The viewer, or None once it is closed."""
        return self._viewer()

    @property
    def shows_slices(self) -> bool:
        """Whether it shows slices now, and not the volume in 3-D."""
        return self.viewer is not None and int(self.viewer.dims.ndisplay) == 2

    def holds(self, layer: Any) -> bool:
        """Whether a layer is in the viewer."""
        return self.viewer is not None and layer in self.viewer.layers

    def state(self) -> ViewState | None:
        """The slice on screen, or None."""
        viewer, volume = self.viewer, self._scene.volume
        if viewer is None or volume is None:
            return None
        return view_state(viewer, volume.frame, self._scene.time_point)

    def text(self, name: str) -> str:
        """What a text on the canvas says: "place", "warning", "edge_left", "edge_right", "edge_top", "edge_bottom"."""
        return self._picture.texts.text(name)

    def labels(self) -> tuple[str, ...]:
        """The words that stand beside marks on the canvas."""
        return tuple(label.text for label in self._picture.marks.labels)

    # ---------------------------------------------------------------- moving

    def set_plane(self, plane: Plane) -> None:
        """Show axial, coronal or sagittal slices, keeping the place in the middle."""
        viewer, state = self.viewer, self.state()
        if viewer is None or state is None:
            return
        middle = camera.middle(viewer, state)
        viewer.dims.ndisplay = 2
        camera.show_plane(viewer, plane)
        self.orient()
        camera.centre_on(viewer, middle)
        self.redraw()

    def show_first(self, plane: Plane) -> None:
        """Show a volume that has just come: its slices in a plane, the scale bar, and places under the cursor."""
        viewer = self.viewer
        if viewer is not None:
            # A scan is read on black, and letters are made for it, whatever napari's theme.
            viewer.canvas.background_color_override = "black"
            camera.show_plane(viewer, plane)
            self.orient()

    def orient(self) -> None:
        """Turn the camera as the convention wants it."""
        viewer, state = self.viewer, self.state()
        if viewer is not None and state is not None:
            camera.orient(viewer, state.plane, self._scene.radiological)

    def show_whole(self) -> None:
        """Show the middle slice of the shown volume, whole."""
        if self.viewer is not None and self._scene.volume is not None:
            camera.show_whole(self.viewer, self._scene.volume.frame)

    def centre_on_ras_mm(self, ras_mm: Vector3) -> None:
        """Show the slice through a place with the place in the middle."""
        viewer, volume = self.viewer, self._scene.volume
        if viewer is not None and volume is not None:
            place_mm = volume.frame.display_from_ras(ras_mm)
            camera.centre_on(viewer, volume.frame.on_slice(place_mm, int(viewer.dims.order[0])))

    def show_slice_at(self, ras_mm: Vector3) -> None:
        """Show the slice through a place; the picture is moved only where the place would not be seen."""
        viewer, volume, state = self.viewer, self._scene.volume, self.state()
        if viewer is None or volume is None or state is None:
            return
        place_mm = volume.frame.on_slice(volume.frame.display_from_ras(ras_mm), state.display_axis)
        viewer.dims.set_point(state.display_axis, float(place_mm[state.display_axis]))
        low, high = camera.seen_mm(viewer, state, _SEEN_MARGIN_PX)
        in_plane = place_mm[list(state.in_plane)]
        if (in_plane < low).any() or (in_plane > high).any():
            camera.centre_on(viewer, place_mm)

    def step(self, slices: int) -> None:
        """Go on by so many slices, towards superior, anterior or right; stop at the last."""
        state = self.state()
        if state is not None:
            self.show_slice(state.index + slices)

    def show_slice(self, number: int) -> None:
        """Show a slice, counted from 0 at the inferior, posterior or left end; beyond the ends, the last one."""
        viewer, volume, state = self.viewer, self._scene.volume, self.state()
        if viewer is None or volume is None or state is None or viewer.dims.ndisplay != 2:
            return
        axis, frame = state.display_axis, volume.frame
        number = int(np.clip(number, 0, frame.shape[axis] - 1))
        viewer.dims.set_point(axis, frame.translate_mm[axis] + number * frame.scale_mm[axis])

    def show_last_slice(self) -> None:
        """Show the slice at the superior, anterior or right end."""
        state, volume = self.state(), self._scene.volume
        if state is not None and volume is not None:
            self.show_slice(volume.frame.shape[state.display_axis] - 1)

    def zoom_at(self, position: Any, factor: float) -> None:
        """Zoom so that what is under a canvas position stays there."""
        viewer = self.viewer
        if viewer is None or viewer.dims.ndisplay != 2:
            return
        view = viewer.scene.camera
        shown = list(viewer.dims.displayed)
        place, centre = np.array(position, dtype=np.float64)[shown], np.array(view.center[-2:], dtype=np.float64)
        view.zoom *= factor
        view.center = (0.0, *(place + (centre - place) / factor))

    def middle_ras_mm(self) -> Vector3 | None:
        """Place in the middle of the canvas, on the slice."""
        viewer, volume, state = self.viewer, self._scene.volume, self.state()
        if viewer is None or volume is None or state is None:
            return None
        return vector3(volume.frame.ras_from_display(camera.middle(viewer, state)))

    def follow(self, layer: Any, place_ras_mm: Vector3 | None) -> None:
        """Another layer is shown, or none: the main canvas has it already."""

    def centre_on_whole_marks(self, field_of_view_mm: float) -> None:
        """Put all marks that lie on the slice in the middle, and show so many mm around it."""
        viewer, state = self.viewer, self.state()
        if viewer is None or state is None:
            return
        camera.zoom_to(viewer, field_of_view_mm)
        vertices = [
            stroke.vertices_mm for mark in self.visible_marks() if mark.opacity >= 1.0 for stroke in mark.strokes
        ]
        if not vertices:
            return
        middle = camera.middle(viewer, state)
        middle[list(state.in_plane)] = (np.vstack(vertices).min(axis=0) + np.vstack(vertices).max(axis=0)) / 2
        camera.centre_on(viewer, middle)

    def come_inside(self) -> None:
        """Go to the middle of a volume that the slider stands beside."""
        state, volume = self.state(), self._scene.volume
        if state is not None and volume is not None and not state.inside:
            frame = volume.frame
            camera.centre_on(self.viewer, np.add(frame.translate_mm, np.multiply(frame.scale_mm, frame.shape) / 2))

    # ---------------------------------------------------------------- the mouse's questions

    def ras_mm_at(self, position: Any) -> Vector3 | None:
        """Place under a canvas position, on the slice; None without a volume."""
        state, volume = self.state(), self._scene.volume
        if state is None or volume is None:
            return None
        return vector3(volume.frame.ras_from_display(place_on_slice(position, state)))

    def mark_place_at(self, position: Any, level_with: Vector3 | None = None) -> Vector3 | None:
        """Place for a mark under a canvas position: on the middle of the slice, or as deep as what is seen there.

        Parameters
        ----------
        position : sequence of float
            As napari tells it.
        level_with : (float, float, float), optional
            RAS mm of the mark's first place, whose depth the others share where they aren't snapped to the slice.

        Returns
        -------
        (float, float, float) or None
            RAS mm; None without a volume.
        """
        shown = self.shown()
        if shown is None:
            return None
        volume, state = shown
        place_mm = place_on_slice(position, state)
        if not self._scene.snap_to_slice:
            axis = state.display_axis
            place_mm[axis] = (
                volume.frame.display_from_ras(level_with)[axis]
                if level_with is not None
                else exact_depth_mm(volume, state, self._scene.possible_slab, place_mm, self._scene.crossing_mm)
            )
        return vector3(volume.frame.ras_from_display(place_mm))

    def to_slice_ras_mm(self, ras_mm: Vector3) -> FloatArray:
        """How far a place has to be moved to lie on the slice on screen, shape (3,); 0 where it may stay."""
        shown = self.shown()
        if shown is None or not self._scene.snap_to_slice:
            return np.zeros(3)
        volume, state = shown
        place_mm = volume.frame.display_from_ras(ras_mm)
        return np.asarray(volume.frame.ras_from_display(place_on_slice(place_mm, state)) - np.asarray(ras_mm))

    def readout(self, position: Any) -> str:
        """Say the place under a canvas position: RAS mm, voxel, value; "" beside the volume."""
        shown = self.shown()
        return readout(*shown, position) if shown is not None else ""

    def annotation_at(self, position: Any) -> Annotation | None:
        """The visible mark under a canvas position."""
        state = self.state()
        if state is None or not self._scene.marks_visible:
            return None
        marks = self.visible_marks()
        on_words = text_at(marks, self._picture.marks.labels, position, state)
        # An end under the words is still found: it is nearer to what was meant than a text that is large.
        drawn = [mark for mark in marks if not is_text(mark.annotation.geometry)]
        return nearest_mark(drawn, position, state) or on_words

    def line_at(self, position: Any) -> Annotation | None:
        """The visible path or outline under a canvas position."""
        state = self.state()
        if state is None or not self._scene.marks_visible:
            return None
        lines = [m for m in self.visible_marks() if isinstance(m.annotation.geometry, Path | Region)]
        return nearest_mark([m for m in lines if m.annotation.id != PREVIEW_ID], position, state)

    def vertex_at(self, annotation: Annotation, position: Any) -> int | None:
        """The end or corner of a mark under a canvas position; None of a mark that isn't seen."""
        state, volume = self.state(), self._scene.volume
        if state is None or volume is None or not self._scene.marks_visible:
            return None
        if self.visible_marks().find(annotation.id) is None or is_text(annotation.geometry):
            return None
        return nearest_vertex(annotation, position, state, volume.frame)

    def visible_marks(self) -> MarksOnSlice:
        """The marks as they appear on the slice on screen."""
        state = self.state()
        return self._scene.marks_near(state) if state is not None and state.inside else MarksOnSlice.of([])

    # ---------------------------------------------------------------- drawing

    def redraw(self, *, hurried: bool = False) -> None:
        """Draw texts and marks anew; of one of many slices that are gone through, some labels later."""
        scene, viewer, state = self._scene, self.viewer, self.state()
        # While napari tells of a change of its layers, what is shown is not known yet: whoever changed it asks again.
        if viewer is None or self._drawing or scene.is_changing:
            return
        with self.drawing_held():
            volume = scene.volume
            if volume is None or state is None:
                self._picture.clear()
                return
            look = scene.look()
            self._picture.draw_texts(viewer, volume, state, look)
            if viewer.dims.ndisplay == 3:
                shown = scene.annotations() if scene.marks_visible else []
                self._picture.draw_solid(viewer, volume, state, shown, look)
            else:
                marks = self.visible_marks() if scene.marks_visible else MarksOnSlice.of([])
                crosshair_mm = self._crosshair_mm(volume, state)
                wait = self._picture.draw_slice(viewer, volume, state, marks, look, crosshair_mm, hurried=hurried)
                if wait:
                    scene.labels_wait.emit()

    def _crosshair_mm(self, volume: Volume, state: ViewState) -> FloatArray | None:
        place_ras_mm = self._scene.crosshair_ras_mm
        return volume.frame.display_from_ras(place_ras_mm) if place_ras_mm is not None and state.inside else None

    def draw_unseen(self, letters: str) -> None:
        """Let napari make the pictures of some letters, on a canvas that nobody sees yet."""
        viewer = self.viewer
        if viewer is None or self._scene.volume is not None:
            return
        with self.drawing_held():
            self._picture.draw_sample(viewer, letters)
            viewer.screenshot(canvas_only=True, flash=False)
            self._picture.clear()

    def shown(self) -> tuple[Volume, ViewState] | None:
        """The volume and the slice on screen, or None."""
        state, volume = self.state(), self._scene.volume
        return (volume, state) if state is not None and volume is not None else None

    @contextlib.contextmanager
    def drawing_held(self) -> Iterator[None]:
        """Keep napari's events from starting a drawing; a redraw is asked for afterwards."""
        before, self._drawing = self._drawing, True
        try:
            yield
        finally:
            self._drawing = before

    # ---------------------------------------------------------------- following napari

    def let_go(self) -> None:
        """Listen to the viewer no more, which is about to go."""
        for emitter, heard in self._heard_of(self.viewer) if self.viewer is not None else ():
            emitter.disconnect(heard)

    def _heard_of(self, viewer: Any) -> tuple[tuple[Any, Callable[[Any], None]], ...]:
        """What is listened to, and with what."""
        camera = viewer.scene.camera.events
        return (
            (viewer.dims.events.order, self._on_turned),
            (viewer.dims.events.ndisplay, self._on_turned),
            (viewer.dims.events.point, self._on_stepped),
            (camera.zoom, self._on_camera),
            (camera.center, self._on_camera),
            (camera.angles, self._on_camera),
            (viewer.canvas.events.size, self._on_size),
        )

    def _on_turned(self, _event: Any = None) -> None:
        if self._scene.volume is not None:
            camera.straighten(self.viewer)
        self.orient()
        self._scene.on_turned(self)
        self.redraw()

    def _on_stepped(self, _event: Any = None) -> None:
        state = self.state()
        # While the drawing is held, it was ourselves who moved it: a canvas that is just being set up leads nobody.
        if state is not None and state.inside and not self._drawing:
            self._scene.on_stepped(state)
        # Labels wait only where somebody sees to it that they come.
        self.redraw(hurried=len(self._scene.labels_wait) > 0)

    def _on_size(self, _event: Any = None) -> None:
        """Show as much of the head as before on a canvas that has become larger or smaller."""
        viewer = self.viewer
        before, self._smaller_side_px = self._smaller_side_px, float(max(1, min(viewer.canvas.size)))
        if self._scene.keeps_field_of_view and self._scene.volume is not None and before > 1:
            viewer.scene.camera.zoom *= self._smaller_side_px / before
        # Labels and texts are laid out for the size.
        self.redraw()

    def _on_camera(self, _event: Any = None) -> None:
        self.redraw()
