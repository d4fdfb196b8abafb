"""What all tests share: phantoms that no flip can pass, the real scans, and a home of their own."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from said import Said

from napari_vascular_loop import cli
from napari_vascular_loop.domain.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
REAL_SCANS = Path(os.environ.get("REAL_SCANS", ROOT.parent / "shared" / "real_scans"))
COLIN27 = Path("/usr/share/mricron/templates/ch2.nii.gz")

ORIENTATIONS = [
    pytest.param(axes, signs, id="".join("RAS"[a] if s > 0 else "LPI"[a] for a, s in zip(axes, signs, strict=True)))
    for axes in itertools.permutations(range(3))
    for signs in itertools.product((1, -1), repeat=3)
]
"""All 48 ways in which a file may keep its axes: (axes, signs) as `affine_of` takes them."""

TILT_DEG = (12, -7, 4)


pytest_plugins = ["dicomweb_fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests that take minutes, too")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep windows to one process; leave out what takes minutes, and tests on real scans where there are none."""
    for item in items:
        if "long" in item.keywords and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: run it with --long"))
        if "gui" in item.keywords:
            # Windows of two processes would take the keyboard's focus from each other.
            item.add_marker(pytest.mark.xdist_group("gui"))
    if REAL_SCANS.is_dir() or os.environ.get("VASCULAR_LOOP_REQUIRE_REAL"):
        return
    for item in items:
        if "real" in item.keywords:
            item.add_marker(pytest.mark.skip(reason=f"the real scans are not here ({REAL_SCANS.name})"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run `vascular-loop`, as a user or a script does."""

    def call(*arguments: object) -> Said:
        code = cli.main([str(one) for one in arguments])
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the user's own lessons, downloads and the network."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("VASCULAR_LOOP_LESSONS", str(home / "lessons"))
    monkeypatch.setenv("VASCULAR_LOOP_STATE", str(home / "state"))
    monkeypatch.setenv("VASCULAR_LOOP_RESULTS", str(home / "results"))
    monkeypatch.setenv("VASCULAR_LOOP_IDENTIFIERS", str(home / "identifiers"))
    monkeypatch.setenv("VASCULAR_LOOP_SAMPLES", str(home / "samples"))
    monkeypatch.setenv("VASCULAR_LOOP_LIBRARIES", str(home / "libraries"))
    monkeypatch.setenv("VASCULAR_LOOP_OFFLINE", "1")


@pytest.fixture(autouse=True)
def own_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Keep windows away from the user's own settings; one plane, since each canvas takes its time."""
    if "gui" not in request.keywords:
        yield
        return
    from napari import settings as napari_settings

    from napari_vascular_loop.display.layout import Layout
    from napari_vascular_loop.widgets.settings import keep_layout, keep_walked_round

    monkeypatch.setattr(napari_settings, "_CFG_PATH", str(tmp_path_factory.mktemp("settings") / "settings.yaml"))
    napari_settings._clear_plugin_settings_cache()
    keep_layout(Layout.ONE)
    keep_walked_round()
    yield
    napari_settings._clear_plugin_settings_cache()


@pytest.fixture
def real_scans() -> Path:
    assert REAL_SCANS.is_dir(), f"the real scans are required, but {REAL_SCANS} is not there"
    return REAL_SCANS


@pytest.fixture
def viewer() -> Any:
    """napari's viewer without a window."""
    from napari.components import ViewerModel

    return ViewerModel()


@pytest.fixture
def scene(viewer: Any) -> Any:
    """The scene of `viewer`."""
    from napari_vascular_loop.display.scene import scene_of

    return scene_of(viewer)


def rotation(x_deg: float, y_deg: float, z_deg: float) -> np.ndarray:
    """Rotation about x, then y, then z."""
    matrices = []
    for axis, angle in enumerate(np.radians([x_deg, y_deg, z_deg])):
        c, s = np.cos(angle), np.sin(angle)
        a, b = [(1, 2), (2, 0), (0, 1)][axis]
        m = np.eye(3)
        m[a, a], m[a, b], m[b, a], m[b, b] = c, -s, s, c
        matrices.append(m)
    return matrices[2] @ matrices[1] @ matrices[0]


def affine_of(
    axes: tuple[int, ...],
    signs: tuple[int, ...],
    spacing_mm: tuple[float, ...],
    tilt_deg: tuple[float, float, float] = (0, 0, 0),
    origin_mm: tuple[float, float, float] = (11.3, -7.9, 23.1),
) -> np.ndarray:
    """4x4 voxel_to_ras whose voxel axis n runs along RAS axis axes[n], towards signs[n]."""
    matrix = np.eye(4)
    matrix[:3, :3] = 0
    for voxel_axis, (axis, sign, mm) in enumerate(zip(axes, signs, spacing_mm, strict=True)):
        matrix[axis, voxel_axis] = sign * mm
    matrix[:3, :3] = rotation(*tilt_deg) @ matrix[:3, :3]
    matrix[:3, 3] = origin_mm
    return matrix


@pytest.fixture
def dot_volume() -> Volume:
    """A dim, asymmetric volume with one bright voxel at (3, 8, 2) in the left-anterior-superior octant."""
    return make_dot_volume(affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3)))


DOT_IJK = (3, 8, 2)


def make_dot_volume(voxel_to_ras: np.ndarray, shape: tuple[int, int, int] = (11, 13, 7)) -> Volume:
    voxels = np.arange(np.prod(shape), dtype=np.int16).reshape(shape) % 50
    voxels[DOT_IJK] = 1000
    return Volume(voxels, voxel_to_ras)


@pytest.fixture
def make_panel(qtbot: Any, viewer: Any) -> Callable[..., Any]:
    """Makes a panel of a class on a viewer without a window, and shows it."""

    def make(kind: Any, width: int = 460, height: int = 900) -> Any:
        panel = kind(viewer)
        qtbot.addWidget(panel)
        panel.resize(width, height)
        with qtbot.waitExposed(panel):
            panel.show()
        return panel

    return make
