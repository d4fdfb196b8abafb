"""What a canvas holds on the graphics card, given back when it is closed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from napari.settings import get_settings

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.qt import QtViewer


def free(qt_viewer: QtViewer) -> None:
    """Delete textures, buffers and programs of a canvas that is about to be closed.

    Qt lets all canvases of a window share what they draw with, so that nothing goes with a single one; and vispy
    deletes at a canvas's next drawing, which there will not be. Each closed canvas would leave several megabytes.
    """
    # The canvas of vispy is not to be had in public; without it, all that is lost is memory.
    with contextlib.suppress(AttributeError):
        canvas = qt_viewer.canvas._scene_canvas
        parser = canvas.context.shared.parser
        held = parser._objects
        canvas.set_current()
        for drawn_with in held.values():
            if hasattr(drawn_with, "delete"):
                drawn_with.delete()
        # What is still told of them is passed over.
        parser._invalid_objects.update(held)
        held.clear()


def forget(model: ViewerModel) -> None:
    """Have napari's settings no longer hold on to a viewer model that is about to go."""
    get_settings().appearance.events.theme.disconnect(model.canvas.events.background_color)
