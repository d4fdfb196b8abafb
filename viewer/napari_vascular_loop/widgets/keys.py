"""Keys of the lesson panel, bound to the canvas of its viewer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from napari_vascular_loop.display.tools import Tool
from napari_vascular_loop.widgets.tool_bar import TOOL_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable


class _Panel(Protocol):
    tools: Any

    def undo(self) -> None: ...
    def redo(self) -> None: ...
    def link(self) -> None: ...
    def delete_selected(self) -> None: ...
    def toggle_marks(self) -> None: ...
    def toggle_only_selected(self) -> None: ...


def bind_keys(viewer: Any, panel: _Panel) -> Callable[[], None]:
    """Bind the keys; napari's Ctrl+Y stays what it is (2-D / 3-D), so redo is Ctrl+Shift+Z.

    Returns
    -------
    callable
        Takes them all back.
    """
    keys: dict[str, Callable[[], None]] = {
        "Control-Z": panel.undo,
        "Control-Shift-Z": panel.redo,
        "Control-L": panel.link,
        "Delete": panel.delete_selected,
        "H": panel.toggle_marks,
        "Shift-H": panel.toggle_only_selected,
        "Enter": panel.tools.finish,
        "Escape": lambda: panel.tools.choose(Tool.BROWSE),
    }
    for tool, key in TOOL_KEYS.items():
        keys[key] = partial(panel.tools.choose, tool)
    for key, act in keys.items():
        viewer.bind_key(key, _binding(act), overwrite=True)

    def release() -> None:
        for key in keys:
            viewer.bind_key(key, None, overwrite=True)

    return release


def _binding(act: Callable[[], None]) -> Callable[[Any], None]:
    """Make a function of it: napari asks a binding for its name, which a partial has not."""

    def binding(_viewer: Any) -> None:
        act()

    return binding
