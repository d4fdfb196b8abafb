"""Pictures of what a person sees when scans are opened: python scripts/look.py OUT_DIR (needs a screen or Xvfb).

On files made for the purpose and, where REAL_SCANS names the folder, on the real series. To be looked at, not compared:
are letters readable, sentences whole, empty states clear?
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QApplication

from napari_vascular_loop._panel import open_from_server, receipt_panel
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.formats.volumes import Found
from napari_vascular_loop.window import make_viewer

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from conftest import affine_of
from dicom_series import write_series
from found_volumes import SlowReading, found

SHAPE = (128, 150, 90)
SPACING_MM = (1.2, 1.1, 1.6)
PATIENCE_S = 60
NO_SERVER = "dicomweb+http://127.0.0.1:9/dicom-web"
STRAIGHT = affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM, origin_mm=(70, 85, -60))
OBLIQUE = affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM, (14, -6, 5), (70, 85, -60))


def head(shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """Something like a head: skin, brain, a bright spot on the left in front above."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n, dtype=np.float32) for n in shape], indexing="ij", sparse=True)
    radius = np.sqrt((x / 0.75) ** 2 + (y / 0.95) ** 2 + (z / 0.95) ** 2)
    grey = np.where(radius < 0.97, 500, 8) - 260 * (radius < 0.9) + 230 * (radius < 0.82)
    grey = grey + 60 * np.sin(9 * x) * np.cos(7 * y + 3 * z) * (radius < 0.82)
    grey = grey + 900 * ((x - 0.35) ** 2 + (y + 0.5) ** 2 + (z - 0.1) ** 2 < 0.004)
    noise = np.random.default_rng(1).normal(0, 9, shape).astype(np.float32)
    return (grey + noise).clip(0).astype(np.int16)


def nifti(path: Path, voxels: np.ndarray, matrix: np.ndarray, codes: tuple[int, int] = (1, 1)) -> Path:
    image = nibabel.Nifti1Image(voxels, matrix)
    image.set_sform(matrix, codes[0])
    image.set_qform(matrix, codes[1], strip_shears=True)
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, path)
    return path


def several_series(folder: Path) -> Path:
    voxels = head((64, 72, 40))
    matrix = affine_of((0, 1, 2), (-1, -1, 1), (2.4, 2.3, 3.6), origin_mm=(70, 85, -60))
    sagittal = affine_of((1, 2, 0), (-1, -1, 1), (2.3, 3.6, 2.4), origin_mm=(-70, 85, 80))
    for number, (name, made, volume) in enumerate(
        [
            ("T1 MPRAGE", matrix, voxels),
            ("CISS 3D", matrix, 900 - voxels),
            ("TOF sagittal", sagittal, np.transpose(voxels, (1, 2, 0))[:, ::-1]),
        ],
    ):
        uid = f"1.2.826.0.1.3680043.8.498.{number + 1}"
        write_series(folder / f"s{number}", volume, made, SeriesDescription=name, SeriesInstanceUID=uid)
    (folder / "notes.txt").write_text("not a scan", encoding="utf-8")
    return folder


class Looking:
    """A window of ours, and pictures of it."""

    def __init__(self, out: Path, size: tuple[int, int]) -> None:
        from napari_vascular_loop.widgets.volume_opening import opening_of

        self.out = out
        self.viewer, self.panel = make_viewer(show=True)
        self.viewer.window.resize(*size)
        self.opening: Any = opening_of(self.viewer)

    def open(self, path: Path | str) -> None:
        self.opening.open(path)
        handle_events(lambda: not self.opening.is_busy)
        self.panel.scene.show_whole()
        handle_events(for_s=0.3)

    def picture(self, name: str) -> None:
        handle_events(for_s=0.2)
        self.viewer.screenshot(str(self.out / f"{name}.png"), canvas_only=False, flash=False)
        print(self.out / f"{name}.png")

    def picture_of(self, widget: Any, name: str) -> None:
        handle_events(for_s=0.3)
        widget.grab().save(str(self.out / f"{name}.png"))
        print(self.out / f"{name}.png")

    def clear(self) -> None:
        self.viewer.layers.clear()
        handle_events(for_s=0.1)
        # Without a loop that runs, Qt keeps what is to be deleted, and it would be seen through what is new.
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def handle_events(until: Callable[[], bool] | None = None, for_s: float = 0.0) -> None:
    end = time.monotonic() + (for_s or PATIENCE_S)
    while time.monotonic() < end and (until is None or not until()):
        QApplication.processEvents()
        time.sleep(0.01)


def look(out: Path, made: Path, size: tuple[int, int]) -> None:
    looking = Looking(out, size)
    mark = f"{size[0]}x{size[1]}"
    looking.picture(f"empty-{mark}")
    voxels = head()
    files = {
        "straight": nifti(made / "straight.nii.gz", voxels, STRAIGHT),
        "unknown": nifti(made / "unknown.nii.gz", voxels, STRAIGHT, (0, 0)),
        "oblique": nifti(made / "oblique.nii.gz", voxels, OBLIQUE),
        "time": nifti(made / "time.nii.gz", np.stack([voxels, voxels // 2, voxels * 2], -1), STRAIGHT),
    }
    slanting = STRAIGHT.copy()
    slanting[:3, 2] += slanting[:3, 1] * 0.3
    files["slanting"] = nifti(made / "slanting.nii.gz", voxels, slanting, (1, 0))
    real = Path(os.environ.get("REAL_SCANS", "")) / "vs-seg-001-t1c-dicom"
    if os.environ.get("REAL_SCANS") and real.is_dir():
        files["real"] = real
    for name, file in files.items():
        looking.open(file)
        receipt_panel(looking.viewer)
        looking.picture(f"{name}-{mark}")
        looking.clear()
    broken = made / "broken.nii.gz"
    broken.write_bytes(files["straight"].read_bytes()[:3000])
    looking.open(broken)
    looking.picture(f"broken-{mark}")
    looking.opening.strip.forget_problem()
    slow = SlowReading()
    looking.opening.show_found(Found((found(Volume(voxels, STRAIGHT), slow),)))
    handle_events(for_s=1.2)
    looking.picture(f"reading-{mark}")
    looking.opening.cancel()
    handle_events(lambda: not looking.opening.is_busy)
    looking.opening.open(several_series(made / "several"))
    handle_events(lambda: looking.opening.chooser is not None)
    handle_events(for_s=2.5)
    looking.picture_of(looking.opening.chooser, f"chooser-{mark}")
    looking.opening.chooser.reject()
    dialog = open_from_server()
    looking.picture_of(dialog, f"dicomweb-{mark}")
    dialog.form.server.setText(NO_SERVER)
    dialog.search()
    handle_events(for_s=4)
    looking.picture_of(dialog, f"dicomweb-no-server-{mark}")
    dialog.close()
    looking.viewer.close()
    handle_events(for_s=0.2)


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "look").resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        width, height = map(int, (sys.argv[2] if len(sys.argv) > 2 else "1280x800").split("x"))
        look(out, Path(name), (width, height))


if __name__ == "__main__":
    main()
