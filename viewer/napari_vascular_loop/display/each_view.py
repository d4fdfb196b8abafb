"""Being at work on every canvas of a scene, while canvases come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.scene import Scene


class EachView:
    """Calls for each canvas as it comes, those that are there at once, and as it goes; to be closed.

    Parameters
    ----------
    scene : Scene
        Whose canvases they are.
    take, give_back : callable
        Methods, held weakly by the scene: given the canvas's PlaneView. Of a canvas that has been closed, the view has
        no viewer any more.
    """

    def __init__(self, scene: Scene, take: Callable[[PlaneView], None], give_back: Callable[[PlaneView], None]) -> None:
        self._scene, self._take, self._give_back = scene, take, give_back
        for view in scene.views:
            take(view)
        scene.view_added.connect(take)
        scene.view_removed.connect(give_back)

    def close(self) -> None:
        """Give all canvases back, and follow no more."""
        self._scene.view_added.disconnect(self._take)
        self._scene.view_removed.disconnect(self._give_back)
        for view in self._scene.views:
            self._give_back(view)
