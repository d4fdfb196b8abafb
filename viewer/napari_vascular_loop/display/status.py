"""True places in napari's status bar."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.view_state import ViewState, readout

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.volume import Volume


def tell_true_places(layer: Any, shown: Callable[[], tuple[Volume, ViewState] | None]) -> None:
    """Make a layer report RAS mm, voxel index and value under the cursor.

    napari asks the active layer what lies under the cursor, and the layer answers in its own axes. For an oblique
    scan these are not the patient's.

    Parameters
    ----------
    layer : napari.layers.Layer
        Its public `get_status` is replaced on this one instance.
    shown : callable
        A method that gives the volume and the slice on screen, or None; held weakly.
    """
    original = type(layer).get_status
    weak_layer = weakref.ref(layer)
    weak_shown = weakref.WeakMethod(shown)

    def get_status(position: Any = None, **keywords: Any) -> Any:
        status = original(weak_layer(), position, **keywords)
        ask = weak_shown()
        seen = ask() if ask is not None else None
        if seen is None or position is None or not keywords.get("world"):
            return status
        said = readout(*seen, position)
        return {**status, "coordinates": said, "coords": said, "value": "", "layer_base": "", "layer_name": ""}

    layer.get_status = get_status
