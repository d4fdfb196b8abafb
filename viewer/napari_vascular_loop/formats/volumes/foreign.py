"""Files of this field that are known by their names and not read, each with what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.found import Look, refused

if TYPE_CHECKING:
    from pathlib import Path

_UNPACK = "packed in a way that is not read; unpack it first"
_REASONS = {
    (".head", ".brik", ".brik.gz"): "AFNI's own format, which is not read; make NIfTI of it with 3dAFNItoNIFTI",
    (".par", ".rec"): "Philips PAR/REC, which is not read; make NIfTI of it with dcm2niix, or export DICOM",
    (".v",): "ECAT, which is not read; make NIfTI of it first",
    (".gii", ".gii.gz"): "GIFTI: a surface, and no volume",
    (".trk", ".tck"): "streamlines, and no volume",
    (".nii.bz2", ".nii.xz", ".nii.zst", ".mnc.gz", ".mnc.bz2", ".nrrd.gz"): _UNPACK,
    (".dcm.gz", ".ima.gz", ".dcm.bz2", ".hdr.bz2", ".img.bz2"): _UNPACK,
    (".zip",): "named as a ZIP archive, but damaged or none",
    (".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".7z", ".rar"): _UNPACK,
}
_PREAMBLE_BYTES = 128


def looks_like(path: Path) -> bool:
    """Whether a file is by its name one of these, and not DICOM, which may have any name."""
    if _reason(path) is None:
        return False
    try:
        with path.open("rb") as file:
            return file.read(_PREAMBLE_BYTES + 4)[_PREAMBLE_BYTES:] != b"DICM"
    except OSError:
        return False


def look(path: Path) -> Look:
    """Refuse a file."""
    return refused(VolumeReadError(f"{path.name}: {_reason(path)}"))


def _reason(path: Path) -> str | None:
    name = path.name.lower()
    return next((reason for endings, reason in _REASONS.items() if name.endswith(endings)), None)
