"""The canvases of a scene, and the place where their planes cross."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.space import Plane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.view_state import ViewState
    from napari_vascular_loop.domain.space import FloatArray, Vector3
    from napari_vascular_loop.domain.volume import Volume


class LinkedViews:
    """Several views of one volume, which go to a place together.

    Parameters
    ----------
    main : PlaneView
        On the viewer's own canvas; always the first.
    """

    def __init__(self, main: PlaneView) -> None:
        self.main = main
        self.beside: list[PlaneView] = []
        """The others."""
        self.place_mm: FloatArray | None = None
        """Where the planes cross, in display coordinates of the shown volume, shape (3,)."""
        self._leading = False

    def __iter__(self) -> Iterator[PlaneView]:
        return iter((self.main, *self.beside))

    def of(self, viewer: Any) -> PlaneView:
        """Give the view that draws on a viewer.

        Raises
        ------
        KeyError
            If none of the views does.
        """
        viewer = getattr(viewer, "__wrapped__", viewer)
        for view in self:
            if view.viewer is viewer:
                return view
        raise KeyError("no view of this scene draws on that viewer")

    def lead(self, volume: Volume, ras_mm: Vector3, move: Callable[[PlaneView, Vector3], None]) -> None:
        """Have all views go to a place, and take it for the place where the planes cross."""
        self.place_mm = volume.frame.display_from_ras(ras_mm)
        before, self._leading = self._leading, True
        try:
            with self.drawn_once():
                for view in self:
                    move(view, ras_mm)
        finally:
            self._leading = before

    @contextlib.contextmanager
    def drawn_once(self) -> Iterator[None]:
        """Draw all views once at the end, in place of once for each of napari's events and each change of a lesson."""
        with contextlib.ExitStack() as held:
            for view in self:
                held.enter_context(view.drawing_held())
            yield
        for view in self:
            view.redraw()

    def follow_step(self, state: ViewState) -> bool:
        """Move the place to a slice that one of the views has stepped to; says whether it lay elsewhere."""
        axis = state.display_axis
        if self._leading or self.place_mm is None or self.place_mm[axis] == state.slice_mm:
            return False
        self.place_mm[axis] = state.slice_mm
        for view in self.beside and self:
            other = view.state()
            if view.shows_slices and other is not None and other.display_axis != axis:
                view.redraw()
        return True

    def keep_apart(self, turned: PlaneView) -> None:
        """Give a view that shows the plane of one that was turned the plane that is left."""
        state = turned.state()
        for view in self.beside if turned.shows_slices else ():
            other = view.state()
            if view is turned or not view.shows_slices or state is None or other is None:
                continue
            if other.plane is not state.plane:
                continue
            shown = {each.plane for each in (one.state() for one in self if one.shows_slices) if each is not None}
            view.set_plane(next((plane for plane in Plane if plane not in shown), other.plane))
