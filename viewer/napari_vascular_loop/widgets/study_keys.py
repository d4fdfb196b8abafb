"""Keys of the study panel: on the canvas of its viewer, and in the panel itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from napari.utils.key_bindings import coerce_keybinding
from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QShortcut, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

NUDGE_PX = 20.0
_NUDGES = {"Alt-Up": (-1, 0), "Alt-Down": (1, 0), "Alt-Left": (0, -1), "Alt-Right": (0, 1)}


class _Panel(Protocol):
    def go_on(self) -> bool: ...
    def go_back(self) -> bool: ...
    def confirm(self) -> bool: ...
    def nudge(self, down_px: float, right_px: float) -> bool: ...


class StudyKeys:
    """Keys on the canvas; where the panel has nothing to do with one, whatever had it before does.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        On whose canvas they work.
    panel : StudyPanel
        Does what they ask for, and says whether it did.
    """

    def __init__(self, viewer: Any, panel: _Panel) -> None:
        self._viewer, self._panel = viewer, panel
        self._before: dict[str, Any] = {}
        for key, act in (("N", panel.go_on), ("B", panel.go_back), ("Enter", panel.confirm)):
            self._bind(key, act)

    def set_nudging(self, on: bool) -> None:
        """Move the picture with Alt and arrows; else they are napari's."""
        for key, (down, right) in _NUDGES.items():
            if on and key not in self._before:
                self._bind(key, partial(self._panel.nudge, down * NUDGE_PX, right * NUDGE_PX))
            elif not on and key in self._before:
                self._release(key)

    def close(self) -> None:
        """Give all keys back."""
        for key in list(self._before):
            self._release(key)

    def _bind(self, key: str, act: Callable[[], bool]) -> None:
        before = self._before[key] = self._viewer.keymap.get(coerce_keybinding(key))

        def binding(viewer: Any) -> None:
            if not act() and callable(before):
                before(viewer)

        self._viewer.bind_key(key, binding, overwrite=True)

    def _release(self, key: str) -> None:
        self._viewer.bind_key(key, self._before.pop(key), overwrite=True)


def add_shortcut(widget: QWidget, key: str, act: Callable[[], object], *, children: bool = True) -> None:
    """Have a key work while a widget, or something in it, has the focus; letters typed into a line stay letters."""
    shortcut = QShortcut(QKeySequence(key), widget)
    context = Qt.ShortcutContext
    shortcut.setContext(context.WidgetWithChildrenShortcut if children else context.WidgetShortcut)
    shortcut.activated.connect(act)


def press_with_enter(button: QWidget) -> None:
    """Have Enter press a button that has the focus: Qt does so in dialogs only."""
    for key in ("Return", "Enter"):
        add_shortcut(button, key, button.click, children=False)
