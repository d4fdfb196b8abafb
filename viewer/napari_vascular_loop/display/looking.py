"""A scene looked at as a mark wants it, and what it is looked at now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.display import camera
from napari_vascular_loop.display.slab import Slab
from napari_vascular_loop.domain.mark_view import MarkView, SlabProjection

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene


def seen_now(scene: Scene) -> MarkView | None:
    """How the scene is looked at; None without a volume in 2-D."""
    state, viewer = scene.state(), scene.viewer
    if state is None or viewer is None or viewer.dims.ndisplay != 2:
        return None
    window = scene.grey.window
    return MarkView(
        plane=state.plane,
        field_of_view_mm=round(min(max(1.0, min(viewer.canvas.size)) * state.mm_per_pixel, MarkView.LARGEST_MM), 1),
        window=window if window is not None and window[0] < window[1] else None,
        slab_mm=scene.slab.thickness_mm,
        projection=scene.slab.projection if scene.slab.thickness_mm else None,
    )


def look_as(scene: Scene, view: MarkView | None) -> None:
    """Look at the scene so; what the view does not say stays as it is."""
    if view is None or scene.volume is None or scene.viewer is None:
        return
    if view.plane is not None:
        scene.set_plane(view.plane)
    if view.window is not None:
        scene.grey.set_window(*view.window)
    if view.slab_mm is not None:
        scene.set_slab(Slab(view.slab_mm, view.projection or SlabProjection.MEAN))
    if view.field_of_view_mm is not None:
        for each in scene.views:
            if each.viewer is not None and each.viewer.dims.ndisplay == 2:
                camera.zoom_to(each.viewer, view.field_of_view_mm)
