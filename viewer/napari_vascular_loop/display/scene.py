"""The scene: what one napari viewer shows of volumes and lessons, on one canvas or several.

It listens to the store and to the viewer, and has its views draw. It never changes the store.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_vascular_loop.display.appearance import Appearance
from napari_vascular_loop.display.grey_scale import GreyScale
from napari_vascular_loop.display.linked_views import LinkedViews
from napari_vascular_loop.display.looking import look_as
from napari_vascular_loop.display.picture import Look
from napari_vascular_loop.display.plane_view import PlaneView
from napari_vascular_loop.display.shown_layer import ShownLayer
from napari_vascular_loop.display.shown_marks import ShownMarks
from napari_vascular_loop.display.side_view import SideView
from napari_vascular_loop.display.slab import Slab, can_be_thick
from napari_vascular_loop.display.solid_view import Solid, SolidView
from napari_vascular_loop.display.status import tell_true_places
from napari_vascular_loop.display.volume_layer import layer_data
from napari_vascular_loop.domain.drawing import Reach
from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice
from napari_vascular_loop.domain.space import Plane, Vector3, vector3

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from napari_vascular_loop.display.mark_filter import MarkFilter
    from napari_vascular_loop.display.view_state import ViewState
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore

FIELD_OF_VIEW_MM = 100.0
AT_PLACE_MM = 4.0

_scenes: dict[int, Scene] = {}


class Scene(Appearance):
    """Volumes and marks in one viewer; one volume is shown at a time.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Held weakly. Use :func:`scene_of` to get the scene of a viewer.
    """

    volume_changed = Signal()
    """Another volume, or another time point of it, is shown."""

    place_changed = Signal()
    """The planes cross at another place."""

    view_added = Signal(object)
    """A canvas has been put beside the others: its PlaneView."""

    view_removed = Signal(object)
    """A canvas has been taken away: its PlaneView."""

    labels_wait = Signal()
    """Some labels were left out while slices are gone through: to be drawn again when that is over."""

    enlarge_asked = Signal(object)
    """A double click on a canvas, where no mark was: its PlaneView."""

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._marks = ShownMarks()
        self._marks.filter.changed.connect(self.redraw)
        self.grey = GreyScale()
        """Window and level."""
        # Kept in RAS mm: display coordinates are those of one volume.
        self._last_ras_mm: Vector3 | None = None
        self.points_by_drag = True
        """Whether Shift and a drag lead the planes; off while they are asked to draw something."""
        self.keeps_field_of_view = False
        """Whether a canvas that becomes larger or smaller goes on showing as much of the head."""
        self.grey.changed.connect(self.redraw)
        self._shown_layer = ShownLayer(viewer, self._on_shown)
        self._views = LinkedViews(PlaneView(viewer, self))
        for layer in list(viewer.layers):
            self._shown_layer.adopt(layer)

    # ---------------------------------------------------------------- what is shown

    @property
    def main(self) -> PlaneView:
        """The view on the viewer's own canvas."""
        return self._views.main

    @property
    def views(self) -> tuple[PlaneView, ...]:
        """The main canvas, then those beside it."""
        return tuple(self._views)

    def view_of(self, viewer: Any) -> PlaneView:
        """Give the view that draws on a viewer: that of the canvas a gesture is made on.

        Raises
        ------
        KeyError
            If none of the views does.
        """
        return self._views.of(viewer)

    def view_with_keys(self, place: Any) -> PlaneView:
        """Give the view that a key means: of a viewer, or of one of the layers in it."""
        return next((view for view in self._views if view.viewer is place or view.holds(place)), self.main)

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
        return self._marks.store

    @property
    def volume_id(self) -> str | None:
        """Under which id the lesson knows the shown volume; None of one that is not its own."""
        return self._marks.volume_id

    @property
    def problem(self) -> str:
        """Why the shown volume is none of the lesson's; "" where all is well."""
        return self._marks.problem

    @property
    def remark(self) -> str:
        """What is to be known of the shown volume as one of the lesson's; "" where nothing is."""
        return self._marks.remark

    @property
    def filter(self) -> MarkFilter:
        """Which marks are hidden, locked, or shown alone."""
        return self._marks.filter

    @property
    def can_mark(self) -> bool:
        """Whether marks can be placed: a lesson is open, and the shown volume is one of its own."""
        return self._marks.can_mark

    @property
    def preview(self) -> Annotation | None:
        """A mark that is just being drawn or moved, and is not in the store; seen at the next :meth:`redraw`."""
        return self._marks.preview

    @preview.setter
    def preview(self, annotation: Annotation | None) -> None:
        self._marks.preview = annotation

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
        return self._add_view(SideView(viewer, self, plane))

    def add_solid_view(self, viewer: Any, kind: Solid = Solid.PLANES) -> PlaneView:
        """Have another viewer model show the volume in 3-D; its layers are the view's from now on."""
        return self._add_view(SolidView(viewer, self, kind))

    def _add_view(self, view: SideView) -> PlaneView:
        self._views.beside.append(view)
        view.follow(self.layer, self.place_ras_mm)
        self.show_slab()
        self.redraw()
        self.view_added.emit(view)
        return view

    def remove_view(self, view: PlaneView) -> None:
        """Let go of a canvas beside the main one; what it shows stays, to go with it."""
        self._views.beside.remove(view)
        view.let_go()
        self.redraw()
        self.view_removed.emit(view)

    # ---------------------------------------------------------------- opening

    def show_volume(self, volume: Volume, name: str = "", window: tuple[float, float] | None = None) -> Any:
        """Add a volume as a layer and show it."""
        data, keywords, _ = layer_data(volume, name, window)
        return self.viewer.add_image(data, **keywords)

    def set_store(self, store: LessonStore | None) -> None:
        """Show the marks of a lesson, or of none."""
        for store_signal in self._signals():
            store_signal.disconnect(self._on_store)
        self._marks.store = store
        for store_signal in self._signals():
            store_signal.connect(self._on_store)
        self._fit()

    def _signals(self) -> tuple[Any, ...]:
        store = self._marks.store
        return (store.annotations_changed, store.selection_changed) if store is not None else ()

    # ---------------------------------------------------------------- moving

    def set_plane(self, plane: Plane) -> None:
        """Show axial, coronal or sagittal slices on the main canvas.

        The place in its middle stays there; where there are other canvases, the place where the planes cross.
        """
        if self.state() is None:
            return
        place_ras_mm = self.place_ras_mm
        self.main.set_plane(plane)
        if place_ras_mm is not None and self._views.beside:
            self.go_to_ras_mm(place_ras_mm)
        self.changed.emit()

    def show_whole(self) -> None:
        """Show the middle slices of the shown volume, whole."""
        for view in self._views:
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

    def go_to(self, annotation: Annotation) -> None:
        """Show the slice of a mark with the mark in the middle, as it is to be looked at."""
        if self.volume is not None and annotation.volume_id == self.volume_id:
            look_as(self, annotation.view)
            self.go_to_ras_mm(annotation.geometry.anchor_ras_mm)

    def open_at(self, annotation: Annotation) -> None:
        """Show the slice of a mark with all marks of that slice in the middle, close enough to see a nerve."""
        if self.viewer is None or self.volume is None or annotation.volume_id != self.volume_id:
            return
        self.go_to(annotation)
        for view in self._views:
            view.centre_on_whole_marks(FIELD_OF_VIEW_MM)

    def go_to_ras_mm(self, ras_mm: Vector3) -> None:
        """Show the slices through a place, on all canvases, with the place in the middle."""
        self._lead(ras_mm, PlaneView.centre_on_ras_mm)

    def point_at_ras_mm(self, ras_mm: Vector3) -> None:
        """Show the slices through a place; a picture is moved only where the place would not be seen."""
        self._lead(ras_mm, PlaneView.show_slice_at)

    def _lead(self, ras_mm: Vector3, move: Callable[[PlaneView, Vector3], None]) -> None:
        if self.volume is not None:
            self._last_ras_mm = ras_mm
            self._views.lead(self.volume, ras_mm, move)
            self.place_changed.emit()

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

    def visible_marks(self) -> MarksOnSlice:
        """The marks as they appear on the slice on the main canvas."""
        return self.main.visible_marks()

    # ---------------------------------------------------------------- what views ask and tell

    @property
    def place_ras_mm(self) -> Vector3 | None:
        """Where the planes cross; None without a volume."""
        place_mm = self._views.place_mm
        if self.volume is None or place_mm is None:
            return None
        return vector3(self.volume.frame.ras_from_display(place_mm))

    @property
    def crosshair_ras_mm(self) -> Vector3 | None:
        """Where the lines of the crosshair meet; None where there are to be none."""
        return self.place_ras_mm if self.crosshair_visible and self._views.beside else None

    def on_stepped(self, state: ViewState) -> None:
        """Have the other canvases' crosshairs follow a canvas that shows another slice."""
        if self._views.follow_step(state):
            self._last_ras_mm = self.place_ras_mm
            self.place_changed.emit()

    def on_turned(self, turned: PlaneView) -> None:
        """Keep each plane on one canvas when one is turned."""
        self._views.keep_apart(turned)
        self.changed.emit()

    @property
    def is_changing(self) -> bool:
        """Whether napari is telling of a change of its list of layers, which must not be changed again meanwhile."""
        return self._shown_layer.is_changing

    def drawn_once(self) -> AbstractContextManager[None]:
        """Draw all canvases once at the end of what changes more than one thing on them."""
        return self._views.drawn_once()

    def redraw(self) -> None:
        """Draw texts and marks anew, on all canvases."""
        for view in self._views:
            view.redraw()

    def draw_unseen(self, letters: str) -> None:
        """Let napari make the pictures of some letters, on a canvas that nobody sees yet."""
        self.main.draw_unseen(letters)

    def annotations(self) -> list[Annotation]:
        """The lesson's marks in the shown volume, with the one that is just being drawn."""
        return self._marks.annotations()

    @property
    def possible_slab(self) -> Slab:
        """How thick the slices of the shown volume are: single ones where it can't be shown otherwise."""
        return self.slab if can_be_thick(self.volume) else Slab()

    @property
    def crossing_mm(self) -> FloatArray | None:
        """Where the planes cross, in display coordinates of the shown volume, shape (3,); None without one."""
        return self._views.place_mm

    def marks_near(self, state: ViewState) -> MarksOnSlice:
        """The marks as they appear on a slice of the shown volume."""
        if self.volume is None:
            return MarksOnSlice.of([])
        slab_mm = self.possible_slab.shown_mm(self.volume.frame.scale_mm[state.display_axis])
        return self._marks.near(self.volume, state, Reach(slab_mm, self._fade_mm))

    def marks_at_place(self, within_mm: float = AT_PLACE_MM) -> list[Annotation]:
        """The marks that come so near to the place where the planes cross, the nearest first."""
        place = self.place_ras_mm
        if self.volume is None or place is None or not self.marks_visible:
            return []
        return self._marks.at_place(self.volume, place, within_mm)

    def look(self) -> Look:
        """How the shown volume and its marks are to be drawn."""
        warnings = self._marks.warnings(self.volume) if self.volume is not None else ()
        slab, style, chosen = self.possible_slab, self._mark_style, self._marks.selected_id
        handles, bar = self.can_mark and not self.filter.is_locked(chosen or ""), self._scale_bar_visible
        return Look(self.radiological, chosen, handles, warnings, self.grey.text, slab, style, bar, self.rings)

    # ---------------------------------------------------------------- following napari

    def _on_shown(self, is_new: bool) -> None:
        """Another volume is shown, or none."""
        if is_new:
            self.rings = ()
            tell_true_places(self.layer, self.main.shown)
            self.main.show_first(Plane.AXIAL)
        self.grey.follow(self.layer, self.volume)
        self.show_slab()
        kept = self._last_ras_mm
        if is_new or kept is None or self.volume is None or self.volume.grid.nearest_voxel(kept) is None:
            self.main.come_inside()
            kept = self.main.middle_ras_mm()
        else:
            self.main.centre_on_ras_mm(kept)
        for view in self._views.beside:
            view.follow(self.layer, kept)
        if kept is not None:
            self.point_at_ras_mm(kept)
        self._fit()
        self.volume_changed.emit()

    def orient(self) -> None:
        """Turn all canvases as the convention wants it."""
        for view in self._views:
            view.orient()

    def show_slab(self) -> None:
        """Make the slices of all canvases as thick as they are to be."""
        if self.layer is None or self.volume is None:
            return
        slab = self.possible_slab
        slab.project(self.layer)
        for view in self._views:
            if view.viewer is not None:
                slab.show_on(view.viewer, self.volume.frame.scale_mm)

    def _on_store(self, *_: object) -> None:
        self.redraw()

    def _fit(self) -> None:
        """Find which of the lesson's volumes is shown; without a fit no mark is drawn."""
        self._marks.fit(self.volume)
        self.redraw()
        self.changed.emit()


def scene_of(viewer: Any) -> Scene:
    """Get the scene of a viewer, made at the first call and gone with the viewer."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    if key not in _scenes:
        _scenes[key] = Scene(viewer)
        weakref.finalize(viewer, _scenes.pop, key, None)
    return _scenes[key]
