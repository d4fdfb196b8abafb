"""Opening DICOM as it comes uncompressed: a series of 320 files, and the same in one file of many frames."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pydicom

from benchmarks import dicom_files
from benchmarks import dicom_peers as peers
from benchmarks.checked import Read, checked_medians_ms
from benchmarks.dicom_files import enhanced, series, voxels
from benchmarks.regimes import in_each_regime
from benchmarks.row import Row, ahead, rows_of, within
from benchmarks.timing import medians_ms
from napari_vascular_loop import read_volumes
from napari_vascular_loop.formats.volumes import find_volumes

if TYPE_CHECKING:
    from pathlib import Path

OURS = "read_volumes (ours)"
SERIES_BARS = {peers.ITK: ahead(5), peers.NIIX: ahead(5), peers.RAW: within(2)}
ENHANCED_BARS = {peers.ITK: ahead(8), peers.PYDICOM: ahead(1.2), peers.RAW: within(2)}


def run(rounds: int) -> list[Row]:
    return in_each_regime("dicom", rounds)


def measure(rounds: int) -> list[Row]:
    truth = voxels()
    folder = series("series")
    size = "x".join(map(str, dicom_files.SHAPE))
    what = f"DICOM series, {dicom_files.SHAPE[2]} files, {size}, 12 of 16 bits, 76 kB private headers"
    rows = rows_of(what, checked_medians_ms(series_contenders(folder), truth, rounds), OURS, SERIES_BARS)
    rows += _looking(folder, rounds)
    for bits, note in ((12, "12 of 16 bits"), (16, "16 of 16 bits: ours maps it")):
        file = enhanced(f"enhanced-{bits}.dcm", bits)
        medians = checked_medians_ms(_file_contenders(file), truth, rounds)
        rows += rows_of(f"Enhanced MR, one file, {size}, {note}", medians, OURS, ENHANCED_BARS)
    return rows


def series_contenders(folder: Path) -> dict[str, Read]:
    return {
        OURS: lambda: read_volumes(folder)[0].voxels,
        peers.PYDICOM: partial(peers.with_pydicom, folder),
        peers.HIGHDICOM: partial(peers.with_highdicom, folder),
        peers.ITK: partial(peers.with_itk, folder),
        peers.NIIX: partial(peers.with_dcm2niix, folder),
        peers.RAW: partial(peers.raw_bytes, folder),
    }


def _file_contenders(file: Path) -> dict[str, Read]:
    return {
        OURS: lambda: read_volumes(file)[0].voxels,
        peers.PYDICOM: partial(peers.with_pydicom_file, file),
        peers.HIGHDICOM: partial(peers.with_highdicom_file, file),
        peers.ITK: partial(peers.with_itk_file, file),
        peers.NIIX: partial(peers.with_dcm2niix, file),
        peers.RAW: partial(peers.raw_bytes, file),
    }


def _looking(folder: Path, rounds: int) -> list[Row]:
    """What the chooser of series waits for: the headers, and a thumbnail."""
    found = find_volumes(folder).volumes[0]
    ours = "find_volumes (ours)"
    contenders = {
        ours: lambda: find_volumes(folder),
        "a thumbnail's slice (ours)": found.middle_slice,
        "pydicom, headers only": lambda: [pydicom.dcmread(file, stop_before_pixels=True) for file in folder.iterdir()],
    }
    what = f"DICOM series, {dicom_files.SHAPE[2]} files, a look without the voxels"
    return rows_of(what, medians_ms(contenders, rounds), ours, {})
