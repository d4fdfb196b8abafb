"""The demonstration: the first lesson in its window or, with no screen, drawn to files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.export.figure import draw_figure
from napari_vascular_loop.lessons import open_first_lesson
from napari_vascular_loop.screen import has_screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore

SCREENSHOT = "window.png"
FIGURE = "figure.png"
_DEFAULT_OUT = Path("demo")
_INSIDE_VARIABLE = "VASCULAR_LOOP_INSIDE_XVFB"
_XVFB_TIMEOUT_S = 240
_WINDOW_PX = (1440, 900)


def run_demo(out: Path | None, say: Callable[[str], None]) -> int:
    """Open the first lesson, or draw it.

    Parameters
    ----------
    out : Path or None
        Folder for the pictures. None opens the window where there is a screen, and draws to "demo" where not.
    say : callable
        Takes each line that the user should read.
    """
    if out is None and has_screen():
        return _show(say)
    folder = (out or _DEFAULT_OUT).resolve()
    store, volume, notice = open_first_lesson(as_shipped=True)
    if _INSIDE_VARIABLE not in os.environ:
        if notice:
            say(notice)
        figure = draw_figure(store.lesson, _shown_annotation(store.lesson).id, volume)
        say(f"figure:     {figure.save(folder / FIGURE)}")
        if not has_screen():
            return _draw_under_xvfb(folder, say)
    _draw_window(folder, store, volume, notice)
    say(f"screenshot: {folder / SCREENSHOT}")
    return 0


def _show(say: Callable[[str], None]) -> int:
    from napari_vascular_loop.window import make_viewer, run_until_closed

    store, volume, notice = open_first_lesson()
    if notice:
        say(notice)
    say(f"Opening {store.lesson.title!r} in napari. For teaching, not for diagnosis.")
    _viewer, panel = make_viewer(show=True)
    panel.show_lesson(store, volume, notice)
    run_until_closed()
    return 0


def _draw_under_xvfb(folder: Path, say: Callable[[str], None]) -> int:
    """Draw the window on a virtual screen, in a process of its own."""
    xvfb_run = shutil.which("xvfb-run")
    if xvfb_run is None:
        say("The window needs a screen, or Xvfb for a picture of it: sudo apt-get install xvfb xauth")
        return 0
    width, height = _WINDOW_PX
    command = [xvfb_run, "-a", "-s", f"-screen 0 {width + 160}x{height + 100}x24", sys.executable, "-m", __package__]
    environment = {**os.environ, _INSIDE_VARIABLE: "1", "QT_QPA_PLATFORM": "xcb"}
    environment.pop("WAYLAND_DISPLAY", None)
    command += ["demo", "--out", str(folder)]
    try:
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            said, errors = _communicate(process)
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"The window could not be drawn on a virtual screen ({type(error).__name__}); the figure is there.")
        return 1
    if process.returncode != 0:
        last = (errors.strip().splitlines() or ["no message"])[-1]
        say(f"The window could not be drawn on a virtual screen: {last}")
        return 1
    say(said.strip())
    return 0


def _communicate(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait for the process; after too long end it with all that it started: the virtual screen too."""
    try:
        return process.communicate(timeout=_XVFB_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGTERM)
        process.kill()
        raise


def _draw_window(folder: Path, store: LessonStore, volume: Volume, notice: str) -> None:
    from qtpy.QtWidgets import QApplication

    from napari_vascular_loop.window import make_viewer

    viewer, panel = make_viewer(show=True)
    viewer.window.resize(*_WINDOW_PX)
    panel.show_lesson(store, volume, notice)
    _settle(QApplication)
    panel.go_to_first_mark()
    store.select(_shown_annotation(store.lesson).id)
    _settle(QApplication)
    folder.mkdir(parents=True, exist_ok=True)
    viewer.screenshot(str(folder / SCREENSHOT), canvas_only=False, flash=False)
    viewer.close()


def _settle(application: type) -> None:
    """Let Qt lay out and draw."""
    for _ in range(5):
        application.processEvents()  # type: ignore[attr-defined]


def _shown_annotation(lesson: Lesson) -> Annotation:
    """The first arrow: the picture that the lesson is about."""
    return next((a for a in lesson.annotations if a.geometry.kind == "arrow"), lesson.annotations[0])
