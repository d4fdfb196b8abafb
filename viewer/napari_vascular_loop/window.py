"""napari's window with the lesson panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.lessons import is_lesson, open_lesson
from napari_vascular_loop.screen import has_screen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore

TITLE = "Vascular loop: for teaching, not for diagnosis"


def open_window(paths: Sequence[Path]) -> int:
    """Open napari on volumes and lessons, and wait until it is closed.

    Raises
    ------
    VascularLoopError
        If a path can't be read, or there is no screen.
    """
    stores: list[LessonStore] = []
    volumes: list[Volume] = []
    for path in paths:
        if is_lesson(path):
            stores.append(open_lesson(path))
        else:
            volumes.extend(read_volumes(path))
    if not has_screen():
        raise VascularLoopError(
            "there is no screen to open a window on; 'vascular-loop demo' and 'figure' draw to files"
        )
    _viewer, panel = make_viewer(show=True)
    for volume in volumes:
        panel.scene.show_volume(volume)
    for store in stores:
        panel.open_lesson(store)
    run_until_closed()
    return 0


def make_viewer(show: bool) -> tuple[Any, Any]:
    """Make a napari viewer with the panel docked on the right.

    Returns
    -------
    viewer : napari.Viewer
    panel : LessonPanel
    """
    try:
        import napari

        from napari_vascular_loop.widgets.lesson_panel import LessonPanel
    except ImportError as error:
        raise VascularLoopError(
            f'the window needs Qt, which is not installed ({error}): pip install "napari-vascular-loop[qt]"'
        ) from error
    viewer = napari.Viewer(title=TITLE, show=show)
    panel = LessonPanel(viewer)
    viewer.window.add_dock_widget(panel, name="Lesson panel", area="right")
    return viewer, panel


def run_until_closed() -> None:
    """Hand over to Qt until the last window is closed."""
    import napari

    napari.run()
