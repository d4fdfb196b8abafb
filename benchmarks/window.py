"""From a file to its picture in a window that is up; needs a screen or Xvfb.

Each round is a process of its own, since a window's first volume is what a user waits for.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np

from benchmarks.row import Row, at_most
from benchmarks.table import as_text
from napari_vascular_loop.screen import has_screen

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (512, 512, 320)
WHAT = f"window up, .nii.gz {'x'.join(map(str, SHAPE))} int16"
SHOWING = "the same, without the load"
BAR = at_most(300)
LATER = 3
_PATIENCE_S = 30.0


def run(rounds: int) -> list[Row]:
    """Measure; no rows where there is no screen."""
    if not has_screen():
        return []
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "head.nii.gz"
        write_head(file)
        measured = [{**_in_process("ours", file), **_in_process("plain", file)} for _ in range(rounds)]
    ms = {key: statistics.median(each[key] for each in measured) for key in measured[0]}
    whole, first = ms["load"] + ms["first"], ms["first"]
    return [
        Row(WHAT, "nibabel, napari's add_image, drawn", ms["plain load"] + ms["plain first"], whole),
        Row(WHAT, "read_volumes, shown, drawn (ours)", whole, whole),
        Row(SHOWING, "napari's add_image, drawn", ms["plain first"], first),
        Row(SHOWING, "a window's first volume, drawn (ours)", first, first, BAR),
        Row(SHOWING, "a later volume, drawn (ours)", ms["later"], first, BAR),
    ]


def write_head(file: Path) -> None:
    """Smooth and a little noisy, so that it compresses about as a head does."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n, dtype=np.float32) for n in SHAPE], indexing="ij", sparse=True)
    grey = np.where(x**2 + y**2 + z**2 < 0.8, 400 + 200 * np.sin(6 * x) * np.cos(5 * y + z), 5)
    noise = np.random.default_rng(1).normal(0, 6, SHAPE[:2]).astype(np.float32)
    voxels = (grey + noise[..., None]).clip(0).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(voxels, np.diag([0.45, 0.45, 0.6, 1])), file)


def _in_process(which: str, file: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.window", which, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _measure_ours(file: Path) -> dict[str, float]:
    from napari_vascular_loop import read_volumes
    from napari_vascular_loop.widgets.canvas_warm_up import CanvasWarmUp
    from napari_vascular_loop.widgets.main_window import main_window
    from napari_vascular_loop.window import make_viewer

    viewer, panel = make_viewer(show=True)
    warm_up = next(child for child in main_window(viewer).children() if isinstance(child, CanvasWarmUp))
    _handle_events(lambda: warm_up.is_done)
    read: list[Any] = []
    load = _ms(lambda: read.append(read_volumes(file)[0]))
    shown = [_ms(lambda: _drawn(lambda: panel.scene.show_volume(read[0]))) for _ in range(1 + LATER)]
    viewer.close()
    return {"load": load, "first": shown[0], "later": statistics.median(shown[1:])}


def _measure_plain(file: Path) -> dict[str, float]:
    import napari

    viewer = napari.Viewer()
    until = time.monotonic() + 1
    _handle_events(lambda: time.monotonic() > until)
    read: list[Any] = []
    load = _ms(lambda: read.append(np.asanyarray(nibabel.load(file).dataobj)))
    first = _ms(lambda: _drawn(lambda: viewer.add_image(read[0].T)))
    viewer.close()
    return {"plain load": load, "plain first": first}


def _drawn(show: Callable[[], object]) -> None:
    from qtpy.QtWidgets import QApplication

    show()
    QApplication.processEvents()
    QApplication.processEvents()


def _handle_events(until: Callable[[], bool]) -> None:
    from qtpy.QtWidgets import QApplication

    end = time.monotonic() + _PATIENCE_S
    while not until() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def _ms(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    rows = run(5)
    if rows:
        print(as_text(rows))
    else:
        print("\nfrom a file to its picture: no screen (run under xvfb-run to measure)")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure = _measure_ours if sys.argv[1] == "ours" else _measure_plain
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        main()
