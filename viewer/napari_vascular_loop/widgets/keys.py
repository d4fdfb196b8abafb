"""Keys on all canvases of a scene."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from napari.utils.key_bindings import coerce_keybinding

from napari_vascular_loop.display.each_view import EachView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.widgets.key_table import Key


class CanvasKeys:
    """Binds keys to every canvas, those that come later too; to be closed.

    napari asks the selected layer first, where C, X, Y, Z, O and the digits have meanings of its own: on the layers
    that this program draws the keys mean what the table says. On a user's own layers they stay napari's.

    Parameters
    ----------
    scene : Scene
        Whose canvases they are.
    table : iterable of Key
        Which keys.
    acts : mapping of str to callable
        What they do, by the table's `act`; given the view of the canvas that has the keyboard.
    blocked : iterable of str
        Keys that are to do nothing.
    """

    def __init__(
        self,
        scene: Scene,
        table: Iterable[Key],
        acts: Mapping[str, Callable[[PlaneView], object]],
        blocked: Iterable[str] = (),
    ) -> None:
        self._scene = scene
        self._bindings: dict[str, Any] = dict.fromkeys(blocked, _do_nothing)
        for row in table:
            for key in row.keys:
                self._bindings[key] = self._binding(acts[row.act])
        self._before: dict[int, tuple[weakref.ref[Any], dict[str, Any]]] = {}
        self._views = EachView(scene, self._take, self._give_back)

    def close(self) -> None:
        """Give all keys back."""
        self._views.close()
        if self._scene.viewer is not None:
            self._scene.viewer.layers.selection.events.active.disconnect(self._on_active)
        for place, before in self._before.values():
            self._release(place(), before)
        self._before = {}

    def _binding(self, act: Callable[[PlaneView], object]) -> Callable[[Any], None]:
        """Make a function of it: napari asks a binding for its name, and gives a viewer or a layer."""
        scene = weakref.ref(self._scene)

        def binding(place: Any) -> None:
            found = scene()
            if found is not None:
                act(found.view_with_keys(place))

        return binding

    def _take(self, view: PlaneView) -> None:
        self._bind(view.viewer)
        if view is self._scene.main:
            view.viewer.layers.selection.events.active.connect(self._on_active)
            self._on_active()

    def _give_back(self, view: PlaneView) -> None:
        place, before = self._before.pop(id(view.viewer), (None, {}))
        if place is not None:
            self._release(place(), before)

    def _on_active(self, _event: Any = None) -> None:
        viewer = self._scene.viewer
        layer = viewer.layers.selection.active if viewer is not None else None
        if layer is not None and layer is self._scene.layer:
            self._bind(layer)

    def _bind(self, place: Any) -> None:
        known = self._before.get(id(place))
        if known is not None and known[0]() is place:
            return
        before = {key: place.keymap.get(coerce_keybinding(key)) for key in self._bindings}
        self._before[id(place)] = (weakref.ref(place), before)
        for key, act in self._bindings.items():
            place.bind_key(key, act, overwrite=True)

    def _release(self, place: Any, before: dict[str, Any]) -> None:
        for key, act in before.items() if place is not None else ():
            place.bind_key(key, act, overwrite=True)


def _do_nothing(_place: Any) -> None:
    """Keep a key from what napari does with it."""
