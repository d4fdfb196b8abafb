"""Turn and move napari's camera over the slices of a volume. Display coordinates are (S, A, R) mm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.frame import display_axis_of, runs_to_the_left

if TYPE_CHECKING:
    from napari_vascular_loop.display.view_state import ViewState
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray, Plane

_FILLED = 0.95
_ORDER = {0: (0, 1, 2), 1: (1, 0, 2), 2: (2, 0, 1)}


def orient(viewer: Any, plane: Plane, radiological: bool) -> None:
    """Turn the camera: superior or anterior up, left and right by convention."""
    viewer.scene.camera.orientation2d = ("up", "left" if runs_to_the_left(plane, radiological) else "right")


def show_plane(viewer: Any, plane: Plane) -> None:
    """Show the slices of a plane; the zoom stays."""
    order = _ORDER[display_axis_of(plane)]
    if tuple(viewer.dims.order) == order:
        return
    zoom = viewer.scene.camera.zoom
    viewer.dims.order = order
    viewer.scene.camera.zoom = zoom


def straighten(viewer: Any) -> None:
    """Take back napari's transposing of the shown axes: a picture on its side would belie its letters."""
    order = _ORDER[int(viewer.dims.order[0])]
    if viewer.dims.ndim == len(order) and tuple(viewer.dims.order) != order:
        viewer.dims.order = order


def middle(viewer: Any, state: ViewState) -> FloatArray:
    """Display coordinates of the middle of the canvas, on the slice."""
    place = np.zeros(3)
    place[state.display_axis] = state.slice_mm
    place[list(state.in_plane)] = viewer.scene.camera.center[-2:]
    return place


def seen_mm(viewer: Any, state: ViewState, margin_px: float) -> FloatArray:
    """Lowest and highest place in the plane that is on screen, shape (2, 2), less a margin."""
    centre = np.array(viewer.scene.camera.center[-2:], dtype=np.float64)
    half = (np.array(viewer.canvas.size, dtype=np.float64) / 2 - margin_px) * state.mm_per_pixel
    return np.array([centre - half, centre + half])


def centre_on(viewer: Any, display_mm: FloatArray) -> None:
    """Show the slice through a place with the place in the middle."""
    axis = int(viewer.dims.order[0])
    viewer.dims.set_point(axis, float(display_mm[axis]))
    if viewer.dims.ndisplay == 2:
        vertical, horizontal = (a for a in range(3) if a != axis)
        viewer.scene.camera.center = (0.0, float(display_mm[vertical]), float(display_mm[horizontal]))


def show_whole(viewer: Any, frame: DisplayFrame) -> None:
    """Show the middle slice of a volume, whole."""
    centre = np.add(frame.translate_mm, np.multiply(frame.scale_mm, np.subtract(frame.shape, 1)) / 2)
    axis = int(viewer.dims.order[0])
    centre[axis] = frame.translate_mm[axis] + frame.scale_mm[axis] * (frame.shape[axis] // 2)
    if viewer.dims.ndisplay == 2:
        size_mm = np.delete(np.multiply(frame.scale_mm, frame.shape), axis)
        viewer.scene.camera.zoom = _FILLED * float(np.min(np.array(viewer.canvas.size) / size_mm))
    centre_on(viewer, centre)


def zoom_to(viewer: Any, field_of_view_mm: float) -> None:
    """Zoom until the smaller side of the canvas shows so many mm."""
    viewer.scene.camera.zoom = max(1.0, min(viewer.canvas.size)) / field_of_view_mm


def screen_axes(viewer: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Directions of the screen in 3-D display coordinates: down, to the right, away from the viewer."""
    view = viewer.scene.camera
    away, up = np.array(view.view_direction, dtype=np.float64), np.array(view.up_direction, dtype=np.float64)
    right = np.cross(away, up) if view.handedness == "right" else np.cross(up, away)
    return -up, right, away
