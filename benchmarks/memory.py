"""How much memory opening a volume takes at its peak, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import dicom_files, dicom_peers, nifti
from benchmarks.dicom_files import enhanced, series
from benchmarks.row import Row, at_most

if TYPE_CHECKING:
    from collections.abc import Callable

OURS = "read_volumes (ours)"
_ABOVE_MIB = 80
_BOUND = 160 + _ABOVE_MIB
_KINDS: dict[str, tuple[Callable[[], Path], dict[str, Callable[[Path], object]]]] = {
    ".nii.gz": (
        lambda: nifti.files("large")[1],
        {who: partial(nifti.opened, who) for who in (nifti.OURS, nifti.NIBABEL, nifti.FLOAT64, nifti.ITK)},
    ),
    "DICOM series": (
        lambda: series("series"),
        {
            OURS: partial(nifti.opened, nifti.OURS),
            dicom_peers.PYDICOM: dicom_peers.with_pydicom,
            dicom_peers.HIGHDICOM: dicom_peers.with_highdicom,
            dicom_peers.ITK: dicom_peers.with_itk,
        },
    ),
    "Enhanced MR": (
        lambda: enhanced("enhanced-12.dcm", 12),
        {
            OURS: partial(nifti.opened, nifti.OURS),
            dicom_peers.PYDICOM: dicom_peers.with_pydicom_file,
            dicom_peers.HIGHDICOM: dicom_peers.with_highdicom_file,
            dicom_peers.ITK: dicom_peers.with_itk_file,
        },
    ),
}
"""By kind of file: where it is, and who opens it."""


def run(_rounds: int) -> list[Row]:
    """Measure once: peaks do not vary with the load of the machine."""
    rows = []
    for kind, (make, contenders) in _KINDS.items():
        make()
        what = f"memory on open, {kind}, {'x'.join(map(str, dicom_files.SHAPE))}: an array of 160 MiB"
        peaks = {who: _peak_mib(kind, who) for who in contenders}
        ours = peaks[OURS]
        rows += [
            Row(what, who, mib, ours, at_most(_BOUND) if who == OURS else None, "", "MiB") for who, mib in peaks.items()
        ]
    return rows


def _peak_mib(kind: str, who: str) -> float:
    command = [sys.executable, "-m", "benchmarks.memory", kind, who]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return float(done.stdout.splitlines()[-1])


def _resident_mib(which: str) -> float:
    """Memory of this process: "VmRSS" now, "VmHWM" at its peak, on Linux; elsewhere only the peak is to be had."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1 << (20 if sys.platform == "darwin" else 10))
    return next(int(line.split()[1]) for line in lines if line.startswith(which)) / 1024


def _measure(kind: str, who: str) -> float:
    make, contenders = _KINDS[kind]
    file = make()
    # All libraries are there already; what a reader imports late counts as its own.
    before = _resident_mib("VmRSS")
    opened = contenders[who](file)
    peak = _resident_mib("VmHWM") - before
    del opened
    return peak


if __name__ == "__main__":
    print(_measure(*sys.argv[1:]))
