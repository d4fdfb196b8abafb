"""Find or open the lesson panel of a viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel

PLUGIN = "napari-vascular-loop"
PANEL = "Lesson panel"


def lesson_panel(viewer: Any) -> LessonPanel:
    """Give the panel that is docked in a viewer's window, docking it first if need be."""
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel

    for widget in viewer.window.dock_widgets.values():
        if isinstance(widget, LessonPanel):
            return widget
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, PANEL)
    assert isinstance(widget, LessonPanel)
    return widget
