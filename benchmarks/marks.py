"""A step through the slices with marks on them, against napari showing the bare image; needs a screen or Xvfb.

The slices are gone through in rounds; what is written on them is drawn for the first time in the first.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.row import Row, rows_of, times
from napari_vascular_loop import Annotation, Arrow, Lesson, LessonStore, Path, Point, Region, Volume
from napari_vascular_loop.domain.lesson import LessonVolume
from napari_vascular_loop.screen import has_screen

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (512, 512, 320)
SPACING_MM = (0.45, 0.45, 0.6)
STEPS = 100
FIRST_STEP = 110
WINDOW_PX = (1280, 800)
BARE = "napari, the image alone"
UNMARKED = "a lesson without marks (ours)"
_MOST_ROUNDS = 3
"""Each is a hundred steps of each contender."""

BARS = {1_000: 1.25, 10_000: 1.5}


def run(rounds: int) -> list[Row]:
    """Measure; no rows where there is no screen."""
    if not has_screen():
        return []
    from qtpy.QtWidgets import QApplication

    from napari_vascular_loop.display.layout import Layout
    from napari_vascular_loop.window import make_viewer

    volume = Volume(_voxels(), np.diag([*SPACING_MM, 1.0]))
    viewer, panel = make_viewer(show=True)
    viewer.window.resize(*WINDOW_PX)
    panel.control.area.set_layout(Layout.ONE)  # as many canvases as the bare window has
    panel.scene.show_volume(volume)
    bare = _bare_viewer(volume, viewer, panel.width())
    shown: dict[str, Callable[[], Any]] = {BARE: lambda: bare}
    for count in (0, *BARS):
        store = store_of(count, volume)
        shown[name_of(count)] = lambda store=store: (panel.scene.set_store(store), viewer)[1]
    medians: dict[str, list[float]] = {name: [] for name in shown}
    # In turn, so that all share what else the machine does.
    for _ in range(min(rounds, _MOST_ROUNDS)):
        for name, show in shown.items():
            medians[name].append(step_ms(show(), QApplication))
    viewer.close()
    bare.close()
    what = f"a step through the slices of {'x'.join(map(str, SHAPE))} int16, drawn, median of {STEPS}"
    bars = {name_of(count): times(bar, BARE) for count, bar in BARS.items()}
    return rows_of(what, {name: statistics.median(found) for name, found in medians.items()}, BARE, bars)


def name_of(count: int) -> str:
    return f"{count:,} marks (ours)" if count else UNMARKED


def _voxels() -> Any:
    return np.random.default_rng(3).integers(0, 800, SHAPE).astype(np.int16)


def _bare_viewer(volume: Volume, like: Any, panel_width_px: int) -> Any:
    """A plain napari window with the same image, zoom and place, as large as ours: beside it stands an empty dock.

    Qt puts the parts of a window together anew at each step, so a smaller one would be quicker for that alone.
    """
    import napari
    from qtpy.QtWidgets import QApplication, QWidget

    bare = napari.Viewer()
    bare.add_image(volume.frame.reorder(volume.voxels), scale=SPACING_MM[::-1], contrast_limits=(0, 800))
    empty = QWidget()
    empty.setFixedWidth(panel_width_px)
    bare.window.add_dock_widget(empty, name="empty", area="right")
    size = np.array(WINDOW_PX)
    for _ in range(10):
        bare.window.resize(*(int(part) for part in size))
        QApplication.processEvents()
        time.sleep(0.05)
        QApplication.processEvents()
        size = size + np.subtract(like.canvas.size, bare.canvas.size)[::-1]
    bare.scene.camera.zoom = like.scene.camera.zoom
    bare.scene.camera.center = like.scene.camera.center
    assert tuple(bare.canvas.size) == tuple(like.canvas.size), (bare.canvas.size, like.canvas.size)
    return bare


def store_of(count: int, volume: Volume) -> LessonStore:
    """Labelled arrows, points, paths and regions all over the volume, in axial slices as one draws them."""
    rng = np.random.default_rng(2)
    size_mm = np.multiply(SHAPE, SPACING_MM)
    marks = []
    for n, place in enumerate(rng.uniform(0.1, 0.85, size=(count, 3)) * size_mm):
        marks.append(Annotation(_geometry(n, place, rng), "v", label=f"mark {n}"))
    entry = LessonVolume("v", file="v.nii.gz", fingerprints=(volume.fingerprint,))
    return LessonStore(Lesson("bench", (entry,), annotations=tuple(marks)))


def _geometry(number: int, place: Any, rng: Any) -> Any:
    x, y, z = (float(value) for value in place)
    if number % 4 == 0:
        return Point((x, y, z))
    if number % 4 == 1:
        return Arrow((x + 12, y + 8, z), (x, y, z))
    if number % 4 == 2:
        return Path(tuple((x + 2 * k, y + float(rng.uniform(-1, 1)), z + 0.3 * k) for k in range(6)))
    turn = np.linspace(0, 2 * np.pi, 9)[:-1]
    return Region(tuple((x + 4 * float(np.cos(t)), y + 3 * float(np.sin(t)), z) for t in turn))


def step_ms(viewer: Any, application: Any) -> float:
    """Median time of a step, from the order to the drawn picture."""
    viewer.window.activate()
    viewer.dims.set_current_step(0, FIRST_STEP - 1)
    application.processEvents()
    taken = []
    for n in range(STEPS):
        start = time.perf_counter()
        viewer.dims.set_current_step(0, FIRST_STEP + n)
        application.processEvents()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)
