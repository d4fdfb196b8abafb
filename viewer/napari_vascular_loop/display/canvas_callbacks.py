"""What one mouse puts into napari's lists of callbacks, on every canvas of a scene, and takes out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.each_view import EachView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.scene import Scene

    Callback = Callable[..., Any]


class CanvasCallbacks:
    """Callbacks on the canvases of one scene, those that come later too; to be closed.

    Parameters
    ----------
    scene : Scene
        Whose canvases they are.
    drag, move : sequence of callable
        Called beside those of others; at a press, before them.
    wheel, double_click : callable, optional
        Called in place of others, napari's among them, which are put aside: napari calls all in its list, handled or
        not.
    """

    def __init__(
        self,
        scene: Scene,
        *,
        drag: Sequence[Callback] = (),
        move: Sequence[Callback] = (),
        wheel: Callback | None = None,
        double_click: Callback | None = None,
    ) -> None:
        self._beside = {"drag": drag, "move": move}
        self._alone = {kind: own for kind, own in (("wheel", wheel), ("double_click", double_click)) if own is not None}
        self._aside: dict[int, dict[str, list[Callback]]] = {}
        self._views = EachView(scene, self._take, self._give_back)

    def others(self, view: PlaneView, kind: str) -> Sequence[Callback]:
        """The callbacks of others that were put aside on a canvas; `kind` is "wheel" or "double_click"."""
        return self._aside.get(id(view), {}).get(kind, ())

    def close(self) -> None:
        """Take the callbacks out on all canvases, and put those of others back."""
        self._views.close()

    def _take(self, view: PlaneView) -> None:
        for kind, own in self._beside.items():
            _list(view, kind)[:0] = own
        self._aside[id(view)] = {kind: list(_list(view, kind)) for kind in self._alone}
        for kind, alone in self._alone.items():
            _list(view, kind)[:] = [alone]

    def _give_back(self, view: PlaneView) -> None:
        aside = self._aside.pop(id(view), None)
        if aside is None or view.viewer is None:
            return
        ours = {kind: [alone] for kind, alone in self._alone.items()}
        for kind, own in (*self._beside.items(), *ours.items()):
            left = [callback for callback in _list(view, kind) if callback not in own]
            _list(view, kind)[:] = [*aside.get(kind, ()), *left]


def _list(view: PlaneView, kind: str) -> list[Callback]:
    """The list of a kind that napari goes through."""
    callbacks: list[Callback] = getattr(view.viewer, f"mouse_{kind}_callbacks")
    return callbacks
