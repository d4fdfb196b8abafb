"""A slice step of three linked planes against that of one; needs a screen or Xvfb."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.row import Row, at_most, within
from napari_vascular_loop.screen import has_screen

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (512, 512, 320)
STEPS = 100
ROUNDS_APART = 5


def run(_rounds: int) -> list[Row]:
    """Measure; no rows where there is no screen."""
    if not has_screen():
        return []
    import napari
    from qtpy.QtWidgets import QApplication

    from napari_vascular_loop import Annotation, Lesson, LessonStore, Point, Volume
    from napari_vascular_loop.display.layout import Layout
    from napari_vascular_loop.domain.lesson import LessonVolume
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

    places = [(20.0 + 2 * n, 30.0 + 3 * n, 40.0 + 2 * n) for n in range(40)]
    entry = LessonVolume("v", file="v.nii.gz", fingerprints=(volume.fingerprint,))
    marks = tuple(Annotation(Point(place), "v", label=f"mark {n}") for n, place in enumerate(places))
    panel.scene.set_store(LessonStore(Lesson("bench", (entry,), annotations=marks)))
    _settle(QApplication)
    jumps = [_ms(lambda mark=mark: panel.scene.go_to(mark)) for mark in marks]
    viewer.close()
    what = f"a slice step, {'x'.join(map(str, SHAPE))}, median of {STEPS}"
    return [
        Row(what, "one plane", one, three, within(3.3)),
        Row(what, "three linked planes (ours)", three, three),
        Row("the lesson panel", "opened in a window, drawn (ours)", opened, opened, at_most(400)),
        Row(
            "from a sentence to its place, three planes",
            "all but the draw (ours)",
            statistics.median(jumps),
            1.0,
            at_most(100),
        ),
    ]


def _step(viewer: Any, volume: Any, number: int) -> float:
    from qtpy.QtWidgets import QApplication

    def act() -> None:
        viewer.dims.set_point(0, volume.frame.translate_mm[0] + number * volume.frame.scale_mm[0])
        QApplication.processEvents()

    return _ms(act)


def _settle(application: Any) -> None:
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        application.processEvents()


def _ms(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000
