"""Opening NIfTI: ours against nibabel and SimpleITK, and against what inflating costs at the least."""

from __future__ import annotations

import gzip
import shutil
from functools import partial
from typing import TYPE_CHECKING, Any

import imagecodecs
import nibabel
import numpy as np
import SimpleITK

from benchmarks.checked import Read, checked_medians_ms, of_itk
from benchmarks.regimes import in_each_regime
from benchmarks.row import Bar, Row, ahead, rows_of, within
from benchmarks.scans import SPACING_MM, head, made
from napari_vascular_loop import read_volumes

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

OURS = "read_volumes (ours)"
NIBABEL, FLOAT64 = "nibabel, np.asanyarray(dataobj)", "nibabel, get_fdata (float64)"
ITK = "SimpleITK"
INFLATE = "limit: file read, libdeflate in one thread"
RAW = "limit: the unpacked file read"
SCANS: dict[str, tuple[tuple[int, int, int], str, dict[str, Bar]]] = {
    "small": ((256, 256, 192), "int16", {NIBABEL: ahead(2.5), ITK: ahead(1.5), INFLATE: within(1.15)}),
    "large": ((512, 512, 320), "int16", {NIBABEL: ahead(1.8), ITK: ahead(1.4), INFLATE: within(1.15)}),
    "real": ((320, 320, 256), "float32", {NIBABEL: ahead(1.35), INFLATE: within(1.15)}),
}
MAPPED = ("small", "large")
_LEVEL = 6


def run(rounds: int) -> list[Row]:
    return in_each_regime("nifti", rounds)


def measure(rounds: int) -> list[Row]:
    rows: list[Row] = []
    for name, (shape, dtype, bars) in SCANS.items():
        plain, packed = files(name)
        truth = np.asanyarray(nibabel.load(plain).dataobj)
        what = f"{'x'.join(map(str, shape))} {dtype} ({truth.nbytes >> 20} MiB)"
        rows += rows_of(f".nii.gz {what}", checked_medians_ms(_of_packed(packed, plain), truth, rounds), OURS, bars)
        if name not in MAPPED:
            continue
        rows += rows_of(f".nii {what}", checked_medians_ms(_of_plain(plain), truth, rounds), OURS, {ITK: ahead(10)})
        touched = {
            f"{who}, then all voxels looked at": partial(_touched, open_) for who, open_ in _readers(plain).items()
        }
        medians = checked_medians_ms(touched, truth, rounds)
        rows += rows_of(f".nii {what}, opened and all voxels looked at", medians, next(iter(touched)), {})
    return rows


def files(name: str) -> tuple[Path, Path]:
    """The scan as .nii and as .nii.gz: apart, since ITK reads x.nii when asked for x.nii.gz beside it."""
    shape, dtype, _ = SCANS[name]
    plain = made(f"plain/{name}.nii", lambda path: nibabel.save(_image(head(shape, dtype)), path))

    def pack(path: Path) -> None:
        with plain.open("rb") as source, gzip.open(path, "wb", _LEVEL) as target:
            shutil.copyfileobj(source, target, 1 << 20)

    return plain, made(f"packed/{name}.nii.gz", pack)


def _image(voxels: npt.NDArray[Any]) -> Any:
    return nibabel.Nifti1Image(voxels, np.diag([*SPACING_MM, 1]))


def _of_packed(packed: Path, plain: Path) -> dict[str, Read]:
    size = plain.stat().st_size
    return {**_readers(packed), INFLATE: partial(_inflate, packed, size), RAW: partial(np.fromfile, plain, np.uint8)}


def _of_plain(plain: Path) -> dict[str, Read]:
    return {**_readers(plain), "limit: the file read": partial(np.fromfile, plain, np.uint8)}


def _readers(file: Path) -> dict[str, Read]:
    return {
        OURS: lambda: read_volumes(file)[0].voxels,
        NIBABEL: lambda: np.asanyarray(nibabel.load(file).dataobj),
        FLOAT64: lambda: nibabel.load(file).get_fdata(),
        ITK: lambda: of_itk(SimpleITK.ReadImage(file)),
    }


def opened(who: str, file: Path) -> object:
    """Open a file with one of the readers."""
    return _readers(file)[who]()


def _inflate(packed: Path, size: int) -> npt.NDArray[np.uint8]:
    out = np.empty(size, np.uint8)
    imagecodecs.gzip_decode(packed.read_bytes(), out=out)
    return out


def _touched(open_: Read) -> object:
    opened = open_()
    np.max(opened[1] if isinstance(opened, tuple) else opened)
    return opened
