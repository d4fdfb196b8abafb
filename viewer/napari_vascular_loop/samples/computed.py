"""Scans of the catalogue that are computed on this computer: no network is needed for them."""

from __future__ import annotations

import gzip
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import nibabel

from napari_vascular_loop.samples.cpa_anatomy import Compression
from napari_vascular_loop.samples.cpa_scan import Sequence, compute_scan

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume

_log = logging.getLogger(__name__)

DESCRIPTION = "SYNTHETIC: computed, not an image of a person"
_SCANNER_COORDINATES = 1
_FAST = 1


def computed_volume(name: str) -> Volume:
    """Compute the volume of a recipe such as "cpa/indentation/ciss".

    Raises
    ------
    ValueError
        If there is no such recipe.
    """
    kind, compression, sequence = name.split("/")
    if kind != "cpa":
        raise ValueError(f"no recipe {name!r} is known; it begins with 'cpa/'")
    return compute_scan(Compression(compression), Sequence(sequence))


def write_computed(name: str, path: Path) -> Path | None:
    """Compute a volume and keep it as .nii.gz; None if it can't be kept there, which is said in the log."""
    volume = computed_volume(name)
    image = nibabel.Nifti1Image(volume.voxels, volume.voxel_to_ras)
    image.set_sform(volume.voxel_to_ras, code=_SCANNER_COORDINATES)
    image.set_qform(volume.voxel_to_ras, code=_SCANNER_COORDINATES)
    image.header.set_xyzt_units("mm")
    image.header["descrip"] = DESCRIPTION
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, half = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            # Without a time in it, the file is the same wherever it is made.
            file.write(gzip.compress(image.to_bytes(), _FAST, mtime=0))
        Path(half).replace(path)
    except OSError as error:
        _log.warning("%s could not be written: %s", path, error.strerror)
        return None
    return path
