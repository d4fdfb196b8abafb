"""A slice step of three linked planes against that of one, and the way from a sentence to its place.

Needs a screen or Xvfb. What is timed ends when all canvases have been drawn. A jump is a click of the mouse on a
sentence of the article. What napari alone takes to show other slices on the same three canvases, with nothing of ours
drawn anew, is measured in turns with it.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.row import Row, at_most, within
from napari_vascular_loop.screen import has_screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop import LessonStore, Volume

SHAPE = (512, 512, 320)
STEPS = 100
ROUNDS_APART = 5
JUMPS = 25
JUMP = "from a sentence of the article to its place, drawn on three planes"


def run(_rounds: int) -> list[Row]:
    """Measure; no rows where there is no screen."""
    if not has_screen():
        return []
    import napari
    from qtpy.QtWidgets import QApplication

    from napari_vascular_loop import Volume
    from napari_vascular_loop.display.layout import Layout
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel

    grid = np.diag([0.45, 0.45, 0.6, 1.0])
    volume = Volume(np.random.default_rng(3).integers(0, 800, SHAPE).astype(np.int16), grid)
    viewer = napari.Viewer()
    viewer.window.resize(1280, 800)
    QApplication.processEvents()
    panel: Any = None

    def open_panel() -> None:
        nonlocal panel
        panel = LessonPanel(viewer)
        viewer.window.add_dock_widget(panel, name="Lesson panel", area="right")
        QApplication.processEvents()

    opened = _ms(open_panel)
    area = panel.control.area
    panel.scene.show_volume(volume)
    steps: dict[Layout, list[float]] = {Layout.ONE: [], Layout.THREE: []}
    # Turn about, so that what else the machine does falls on both.
    for part in range(ROUNDS_APART):
        for layout, times in steps.items():
            area.set_layout(layout)
            _settle(QApplication)
            first = 40 + part * STEPS // ROUNDS_APART
            times += [_step(viewer, volume, first + n) for n in range(STEPS // ROUNDS_APART)]
    one, three = (statistics.median(times) for times in steps.values())

    places = [(20.0 + 2 * n, 30.0 + 3 * n, 40.0 + 2 * n) for n in range(JUMPS)]
    panel.show_lesson(_lesson(volume, places), None)
    area.set_layout(Layout.ONE_AND_TWO)
    _settle(QApplication)
    jumps, draws = [], []
    for number in range(JUMPS):
        jumps.append(_ms(lambda number=number: _click(panel.article, number)))
        _settle(QApplication, 0.1)
        # Slices beside it, of which none has been drawn.
        draws.append(_ms(lambda number=number: _draw_bare(panel.scene, [mm + 1.3 for mm in places[number]])))
        _settle(QApplication, 0.1)
    beside = statistics.median(jump - draw for jump, draw in zip(jumps, draws, strict=True))
    viewer.close()
    what = f"a slice step, {'x'.join(map(str, SHAPE))}, median of {STEPS}"
    return [
        Row(what, "one plane", one, three, within(3.3)),
        Row(what, "three linked planes (ours)", three, three),
        Row("the lesson panel", "opened in a window, drawn (ours)", opened, opened, at_most(400)),
        Row(JUMP, "three other slices, drawn by napari", statistics.median(draws), statistics.median(jumps)),
        Row(JUMP, "click to drawn (ours)", statistics.median(jumps), statistics.median(jumps)),
        Row(JUMP, "the same without that draw (ours)", beside, beside, at_most(100)),
    ]


def _lesson(volume: Volume, places: list[Any]) -> LessonStore:
    """A lesson of as many sentences as places, each tied to a mark at one of them."""
    from napari_vascular_loop import Annotation, Lesson, LessonStore, Point
    from napari_vascular_loop.domain.lesson import LessonVolume

    entry = LessonVolume("v", file="v.nii.gz", fingerprints=(volume.fingerprint,))
    marks = tuple(Annotation(Point(place), "v", label=f"mark {n}") for n, place in enumerate(places))
    sentences = [f"Sentence {n} tells of a place in the head and of what can be seen there." for n in range(JUMPS)]
    store = LessonStore(Lesson("bench", (entry,), article="\n\n".join(sentences), annotations=marks))
    for mark, sentence in zip(marks, sentences, strict=True):
        start = store.lesson.article.index(sentence)
        store.link(mark.id, start, start + len(sentence))
    store.select(None)
    return store


def _click(article: Any, number: int) -> None:
    """Click on a sentence of the article with the mouse, and have all that follows drawn."""
    from qtpy.QtCore import Qt
    from qtpy.QtGui import QTextCursor
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    cursor = QTextCursor(article.document())
    cursor.setPosition(article.document().toPlainText().index(f"Sentence {number} ") + 3)
    article.setTextCursor(cursor)
    article.ensureCursorVisible()
    QTest.mouseClick(article.viewport(), Qt.MouseButton.LeftButton, pos=article.cursorRect(cursor).center())
    QApplication.processEvents()


def _draw_bare(scene: Any, place_mm: list[float]) -> None:
    """Have napari show other slices on all canvases; texts, marks and crosshair stay as they are."""
    from qtpy.QtWidgets import QApplication

    with contextlib.ExitStack() as held:
        for view in scene.views:
            held.enter_context(view.drawing_held())
        for view in scene.views:
            axis = view.viewer.dims.order[0]
            view.viewer.dims.set_point(axis, place_mm[axis])
        QApplication.processEvents()


def _step(viewer: Any, volume: Any, number: int) -> float:
    from qtpy.QtWidgets import QApplication

    def act() -> None:
        viewer.dims.set_point(0, volume.frame.translate_mm[0] + number * volume.frame.scale_mm[0])
        QApplication.processEvents()

    return _ms(act)


def _settle(application: Any, seconds: float = 0.5) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        application.processEvents()


def _ms(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000
