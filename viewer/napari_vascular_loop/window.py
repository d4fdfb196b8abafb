"""napari's window with the lesson panel."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import VascularLoopError, VolumeReadError
from napari_vascular_loop.formats.figure_memory import is_figure
from napari_vascular_loop.formats.volumes import Found, address_of, find_volumes
from napari_vascular_loop.lessons import is_lesson, open_lesson
from napari_vascular_loop.screen import has_screen
from napari_vascular_loop.study_lesson import open_for_study

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

TITLE = "Vascular loop: for teaching, not for diagnosis"


def open_window(paths: Sequence[str | os.PathLike[str]]) -> int:
    """Open napari on volumes and lessons, and wait until it is closed.

    The window comes first; volumes are read in the background, and of a source with several the user chooses.

    Parameters
    ----------
    paths : sequence of path or address
        Lessons, and whatever holds volumes.

    Raises
    ------
    VascularLoopError
        If a path is not there, a lesson or a single file can't be read, or there is no screen.
    """
    lessons = [path for path in paths if address_of(path) is None and is_lesson(path)]
    stores = [open_lesson(path) for path in lessons]
    figures = [path for path in paths if address_of(path) is None and is_figure(Path(path))]
    scans = [path for path in paths if path not in lessons and path not in figures]
    for path in scans:
        if address_of(path) is None and not Path(path).expanduser().exists():
            raise VolumeReadError(f"there is no file or folder {str(path)!r}; check the path")
    sources: list[str | os.PathLike[str] | Found] = [*scans]
    if len(scans) == 1 and _is_plain_file(scans[0]):
        # What is wrong with a single file is said at once, before there is a window.
        sources = [find_volumes(scans[0])]
    if not has_screen():
        raise VascularLoopError(
            "there is no screen to open a window on; 'vascular-loop demo' and 'figure' draw to files"
        )
    viewer, panel = make_viewer(show=True)
    from qtpy.QtCore import QTimer

    for store in stores:
        # Once the window lives: the volume is then read beside it.
        QTimer.singleShot(0, partial(panel.open_lesson, store))
    for path in figures[:1]:
        QTimer.singleShot(0, partial(_show_figure, viewer, Path(path)))
    open_sources(viewer, sources)
    run_until_closed()
    return 0


def _show_figure(viewer: Any, path: Path) -> None:
    from napari.utils.notifications import show_error

    from napari_vascular_loop.widgets.figure_opening import open_figure

    try:
        open_figure(viewer, path)
    except VascularLoopError as error:
        show_error(str(error))


def open_study(lesson: str | os.PathLike[str]) -> int:
    """Open napari with the Study panel on a lesson, and wait until it is closed.

    Parameters
    ----------
    lesson : path
        Its folder, or the name of one that ships with the program.

    Raises
    ------
    VascularLoopError
        If the lesson can't be read, or there is no screen.
    """
    store = open_for_study(lesson)
    if not has_screen():
        raise VascularLoopError(
            "there is no screen to open a window on; 'vascular-loop study results' says what was answered"
        )
    _, panel = make_viewer(show=True, study=True)
    from qtpy.QtCore import QTimer

    QTimer.singleShot(0, partial(panel.open_lesson, store))
    run_until_closed()
    return 0


def _is_plain_file(source: str | os.PathLike[str]) -> bool:
    return address_of(source) is None and Path(source).is_file() and Path(source).suffix.lower() != ".zip"


def open_sources(viewer: Any, sources: Sequence[str | os.PathLike[str] | Found]) -> None:
    """Begin to read volumes into a viewer's window: files, folders, addresses, or what was found in one."""
    from napari_vascular_loop.widgets.volume_opening import opening_of

    opening = opening_of(viewer)
    assert opening is not None, "the viewer has a window"
    for source in sources:
        if isinstance(source, Found):
            opening.show_found(source)
        else:
            opening.open(source)


def make_viewer(show: bool, *, study: bool = False) -> tuple[Any, Any]:
    """Make a napari viewer with the panel docked on the right.

    Parameters
    ----------
    show : bool
        Whether the window is seen.
    study : bool
        Whether the panel is that of a student.

    Returns
    -------
    viewer : napari.Viewer
    panel : LessonPanel or StudyPanel
    """
    try:
        import napari

        from napari_vascular_loop.widgets.canvas_warm_up import warm_up_canvas
        from napari_vascular_loop.widgets.drops import catch_drops
        from napari_vascular_loop.widgets.lesson_panel import LessonPanel
        from napari_vascular_loop.widgets.study_panel import StudyPanel
        from napari_vascular_loop.widgets.volume_opening import opening_of
    except ImportError as error:
        raise VascularLoopError(
            f'the window needs Qt, which is not installed ({error}): pip install "napari-vascular-loop[qt]"'
        ) from error
    viewer = napari.Viewer(title=TITLE, show=show)
    panel = StudyPanel(viewer) if study else LessonPanel(viewer)
    viewer.window.add_dock_widget(panel, name="Study" if study else "Lesson panel", area="right")
    opening_of(viewer)
    catch_drops(viewer)
    if show:
        warm_up_canvas(viewer)
    return viewer, panel


def run_until_closed() -> None:
    """Hand over to Qt until the last window is closed."""
    import napari

    napari.run()
