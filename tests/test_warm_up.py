"""Loading ahead: harmless, once, and only where there is a window."""

from __future__ import annotations

import subprocess
import sys

import pytest

WARM = """
import sys
from napari_vascular_loop.warm_up import take_units, warm_up
assert not {"scipy", "pint", "numpy"} & set(sys.modules)
thread = warm_up()
assert thread.daemon
assert warm_up() is None
thread.join(60)
assert not thread.is_alive()
assert {"scipy.ndimage", "pint"} <= set(sys.modules)
assert take_units()
import pint
assert type(pint.application_registry.get()) is pint.UnitRegistry
assert pint.Quantity("1 pixel").units == pint.get_application_registry().Unit("pixel")
assert take_units()
"""

IN_USE = """
from napari_vascular_loop.warm_up import take_units, warm_up
import pint
used = pint.Unit("mm")
thread = warm_up()
assert not take_units() or not thread.is_alive()
thread.join(60)
assert take_units()
assert used == pint.Unit("mm")
assert pint.Quantity(1, used) + pint.Quantity(1, "mm") == pint.Quantity(2, "mm")
"""

AT_ONCE = """
from napari_vascular_loop.warm_up import take_units, warm_up
import pint
thread = warm_up()
while thread.is_alive():
    assert str(pint.Quantity("1 pixel")) == "1 pixel"
    take_units()
assert take_units()
"""

HEADLESS = """
import sys, threading
from napari_vascular_loop._reader import napari_get_reader
layers = napari_get_reader(sys.argv[1])(sys.argv[1])
assert len(layers) == 1
assert [thread.name for thread in threading.enumerate() if "warm-up" in thread.name] == []
assert "napari_vascular_loop.warm_up" not in sys.modules
"""

BROKEN = """
import sys
sys.modules["scipy.ndimage"] = sys.modules["pint"] = None
from napari_vascular_loop.warm_up import take_units, warm_up
warm_up().join(60)
assert take_units()
"""


def run(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


def test_it_loads_once_and_in_silence():
    run(WARM)


@pytest.mark.parametrize("code", [IN_USE, AT_ONCE], ids=["in use before", "in use meanwhile"])
def test_units_that_are_in_use_are_left_alone(code):
    run(code)


def test_a_script_without_a_window_does_not_load_ahead(tmp_path):
    from gestures import LAYOUTS, numbered_volume

    from napari_vascular_loop.formats.volumes.nifti_out import write_nifti

    path = tmp_path / "head.nii.gz"
    write_nifti(numbered_volume(LAYOUTS["LPS"]), path)
    run(HEADLESS, str(path))


def test_what_is_missing_is_not_told_of_here():
    run(BROKEN)


@pytest.mark.gui
def test_letters_are_drawn_unseen_until_the_first_volume(make_napari_viewer, qtbot):
    from gestures import LAYOUTS, numbered_volume

    from napari_vascular_loop.display.canvas_texts import TEXTS_INK
    from napari_vascular_loop.display.scene import scene_of
    from napari_vascular_loop.widgets.canvas_warm_up import warm_up_canvas

    viewer = make_napari_viewer(show=True)
    scene = scene_of(viewer)
    warm_up = warm_up_canvas(viewer)
    qtbot.waitUntil(lambda: warm_up.is_done, timeout=60_000)
    assert viewer.canvas.overlays[TEXTS_INK].inked is None
    assert len(viewer.layers) == 0

    second = warm_up_canvas(viewer)
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    qtbot.waitUntil(lambda: second.is_done)
    assert scene.text("edge_left") == "R"
    scene.draw_unseen("X")
    assert scene.text("edge_left") == "R"
