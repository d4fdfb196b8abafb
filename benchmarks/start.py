"""napari's start with this plugin and without, and how long its panel takes to open; needs a screen or Xvfb.

Each start is a process of its own, in turns: napari's own command, until its window is on screen and drawn. Where it
is to be without the plugin, the plugin is hidden among the installed distributions. Python keeps what it compiled, as
where a program is installed: the first round, which is not counted, compiles.

A panel is open when a click that was made on it has been answered: it waits in the same line as what is to be drawn.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.row import Row, at_most, within
from napari_vascular_loop.screen import has_screen

STARTED = "napari's own start, to its window drawn"
OPENED = "a panel opened in napari's window, drawn and ready for a click"
WHOLE = "a panel opened, until what follows after the click is there"
_PLUGIN = "napari-vascular-loop"
_MOST = 1.15


def run(rounds: int) -> list[Row]:
    """Measure; no rows where there is no screen."""
    if not has_screen():
        return []
    with tempfile.TemporaryDirectory() as folder:
        measured: list[dict[str, float]] = []
        for number in range(rounds + 1):
            # Who begins changes, since what else the machine does may come and go in step with us.
            order = ("bare", "with") if number % 2 else ("with", "bare")
            one = {f"{which} start": _started_ms(which, Path(folder)) for which in order}
            one |= _opened_ms(Path(folder))
            if number:
                measured.append(one)
    ms = {key: statistics.median(each[key] for each in measured) for key in measured[0]}
    return [
        Row(STARTED, "napari alone", ms["bare start"], ms["with start"], within(_MOST)),
        Row(STARTED, "napari with this plugin (ours)", ms["with start"], ms["with start"]),
        Row(OPENED, "an empty widget of napari's", ms["empty"], ms["panel"]),
        Row(OPENED, "the lesson panel (ours)", ms["panel"], ms["panel"], at_most(400)),
        Row(OPENED, "the lesson panel, again (ours)", ms["again"], ms["panel"], at_most(400)),
        Row(WHOLE, "its pages behind the first, with no volume (ours)", ms["pages"], ms["panel"]),
        Row(WHOLE, "three planes, opened again beside a volume (ours)", ms["planes"], ms["panel"]),
    ]


def _started_ms(which: str, folder: Path) -> float:
    start = time.time()
    return (float(_said(which, folder)) - start) * 1000


def _opened_ms(folder: Path) -> dict[str, float]:
    measured: dict[str, float] = json.loads(_said("open", folder))
    return measured


def _said(what: str, folder: Path) -> str:
    command = [sys.executable, "-m", "benchmarks.start", what]
    environment = {
        **os.environ,
        "NAPARI_CONFIG": str(folder / "napari.yaml"),
        "PYTHONPYCACHEPREFIX": str(folder),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, env=environment)
    return done.stdout.splitlines()[-1]


def _start(bare: bool) -> None:
    """Be napari's own command, and say when its window has been drawn."""
    import importlib.metadata

    if bare:
        # As if it had never been installed: napari finds plugins among the distributions.
        installed = importlib.metadata.distributions
        hidden = _PLUGIN.replace("-", "_")
        importlib.metadata.distributions = lambda **kw: (
            each for each in installed(**kw) if (each.name or "").replace("-", "_") != hidden
        )
    import napari
    from napari.__main__ import main as napari_main

    napari.run = lambda **_: _say_drawn(bare)
    sys.argv = ["napari"]
    napari_main()


def _say_drawn(bare: bool) -> None:
    import napari
    from npe2 import PluginManager

    viewer = napari.current_viewer()
    _draw()
    drawn = time.time()
    assert ("Lesson panel" in str(PluginManager.instance().dict())) is not bare, "the plugin is where it must not be"
    viewer.close()
    print(drawn)


def _open() -> None:
    """Open panels in a window that is up, and say how long it took until they could be clicked."""
    import napari
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication, QPushButton

    viewer = napari.Viewer()
    viewer.window.resize(1280, 800)
    QTest.qWait(500)
    took = {}
    for name in ("empty", "panel", "again"):
        start = time.perf_counter()
        if name == "empty":
            button = QPushButton("Empty")
            dock = viewer.window.add_dock_widget(button, name="Empty", area="right")
        else:
            dock, panel = viewer.window.add_plugin_dock_widget(_PLUGIN, "Lesson panel")
            button = panel.planes.findChildren(QPushButton)[0]
        _answer(button)
        took[name] = (time.perf_counter() - start) * 1000
        if name == "panel":
            while not panel.tabs.are_made:
                QApplication.processEvents()
            took["pages"] = (time.perf_counter() - start) * 1000
        QTest.qWait(300)
        viewer.window.remove_dock_widget(dock)
        # After the first, what is loaded in the background is to be there.
        QTest.qWait(5000 if name == "panel" else 100)
    took["planes"] = _planes_ms(viewer)
    viewer.close()
    print(json.dumps(took))


def _answer(button: Any) -> None:
    """Click on a button as a user does, and wait until that has been answered."""
    from qtpy.QtCore import QEvent, QPointF, Qt
    from qtpy.QtGui import QMouseEvent
    from qtpy.QtWidgets import QApplication

    answered: list[bool] = []
    button.clicked.connect(lambda: answered.append(True))
    QApplication.sendPostedEvents()
    place = QPointF(button.rect().center())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for kind, held in (
        (QEvent.Type.MouseButtonPress, left),
        (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
    ):
        event = QMouseEvent(kind, place, QPointF(button.mapToGlobal(place.toPoint())), left, held, none)
        QApplication.postEvent(button, event)
    while not answered:
        QApplication.processEvents()


def _planes_ms(viewer: Any) -> float:
    """Open the panel beside a volume, and wait until all three planes are drawn."""
    import numpy as np
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    from napari_vascular_loop import Volume
    from napari_vascular_loop.display.scene import scene_of

    voxels = np.random.default_rng(3).integers(0, 800, (128, 128, 96)).astype(np.int16)
    scene_of(viewer).show_volume(Volume(voxels, np.diag([1.0, 1.0, 1.0, 1.0])))
    QTest.qWait(500)
    start = time.perf_counter()
    _, panel = viewer.window.add_plugin_dock_widget(_PLUGIN, "Lesson panel")
    while len(panel.scene.views) < 3:
        QApplication.processEvents()
    _draw()
    return (time.perf_counter() - start) * 1000


def _draw() -> None:
    """Have all that waits done, the drawing and what a click would wait for."""
    from qtpy.QtWidgets import QApplication

    QApplication.processEvents()
    QApplication.processEvents()


if __name__ == "__main__":
    if sys.argv[1] == "open":
        _open()
    else:
        _start(bare=sys.argv[1] == "bare")
