"""Opening DICOM series whose images are compressed, one image a file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import pydicom
from pydicom.encaps import generate_frames
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from benchmarks import dicom_files
from benchmarks import dicom_peers as peers
from benchmarks.checked import Read, checked_medians_ms
from benchmarks.dicom_files import series, voxels
from benchmarks.regimes import FRESH, in_each_regime
from benchmarks.row import Row, ahead, rows_of
from napari_vascular_loop import read_volumes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OURS = "read_volumes (ours)"
ONE_THREAD = "limit: imagecodecs in one thread, the files in memory"
SYNTAXES = {
    # fewer slices than in the other tables, as some take seconds for each ten
    "RLE": (RLELossless, 80, 10, None),
    "JPEG-LS": (JPEGLSLossless, 80, 1.5, imagecodecs.jpegls_decode),
    "JPEG 2000": (JPEG2000Lossless, 40, 1.5, imagecodecs.jpeg2k_decode),
}
"""By name: transfer syntax, slices, how far ahead of SimpleITK, decoder."""


def run(rounds: int) -> list[Row]:
    # Decoding takes so much longer than pages do that the other regime tells nothing new.
    return in_each_regime("compressed", rounds, (FRESH,))


def measure(rounds: int) -> list[Row]:
    rows: list[Row] = []
    for name, (syntax, slices, bar, decode) in SYNTAXES.items():
        folder = series(f"series-{name.lower().replace(' ', '-')}", syntax, slices)
        contenders = _contenders(folder, decode)
        what = f"DICOM series, {name} lossless, {slices} files, {dicom_files.SHAPE[0]}x{dicom_files.SHAPE[1]}x{slices}"
        rows += rows_of(what, checked_medians_ms(contenders, voxels(slices), rounds), OURS, {peers.ITK: ahead(bar)})
    return rows


def _contenders(folder: Path, decode: Callable[[bytes], object] | None) -> dict[str, Read]:
    contenders: dict[str, Read] = {
        OURS: lambda: read_volumes(folder)[0].voxels,
        peers.PYDICOM: partial(peers.with_pydicom, folder),
        peers.ITK: partial(peers.with_itk, folder),
        peers.NIIX: partial(peers.with_dcm2niix, folder),
    }
    if decode is not None:
        slices = sorted(map(pydicom.dcmread, folder.iterdir()), key=lambda one: one.ImagePositionPatient[2])
        packed = [next(generate_frames(one.PixelData, number_of_frames=1)) for one in slices]
        contenders[ONE_THREAD] = lambda: np.stack([decode(image) for image in packed]).T
    return contenders
