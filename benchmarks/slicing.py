"""A step through the slices with marks, against the bare image; needs a screen or Xvfb."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

from benchmarks.row import Row, rows_of
from napari_vascular_loop import Annotation, Arrow, Lesson, LessonStore, Point, Volume
from napari_vascular_loop.domain.lesson import LessonVolume
from napari_vascular_loop.screen import has_screen

SHAPE = (256, 256, 160)
STEPS = 60
COUNTS = (0, 10, 100, 1000)
BARE = "the image alone"


def store_of(count: int, volume: Volume) -> LessonStore:
    """Arrows and points all over the volume."""
    rng = np.random.default_rng(2)
    marks = []
    for n, place in enumerate(rng.uniform(10, 150, size=(count, 3))):
        tip = tuple(place)
        tail = (place[0] + 12, place[1] + 8, place[2])
        marks.append(Annotation(Arrow(tail, tip) if n % 2 else Point(tip), "v", label=f"mark {n}"))
    entry = LessonVolume("v", file="v.nii.gz", fingerprints=(volume.fingerprint,))
    return LessonStore(Lesson("bench", (entry,), annotations=tuple(marks)))


def step_ms(viewer: Any, application: Any) -> float:
    times = []
    for n in range(STEPS):
        start = time.perf_counter()
        viewer.dims.set_point(0, 40 + n)
        application.processEvents()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def run(_rounds: int) -> list[Row]:
    """Measure; no rows where there is no screen."""
    if not has_screen():
        return []
    from qtpy.QtWidgets import QApplication

    from napari_vascular_loop.window import make_viewer

    volume = Volume(np.random.default_rng(3).integers(0, 800, SHAPE).astype(np.int16), np.eye(4))
    viewer, panel = make_viewer(show=True)
    viewer.window.resize(1280, 800)
    panel.scene.show_volume(volume)
    medians = {}
    for count in COUNTS:
        panel.scene.set_store(store_of(count, volume) if count else None)
        QApplication.processEvents()
        medians[f"{count} marks" if count else BARE] = step_ms(viewer, QApplication)
    viewer.close()
    return rows_of(f"a step through the slices, median of {STEPS}", medians, BARE, {})
