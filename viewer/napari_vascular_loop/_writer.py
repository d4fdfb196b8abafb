"""napari's writer: a volume's layer as NIfTI, with its true geometry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_vascular_loop.display.volume_layer import VOLUME_KEY
from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti


def write_image(path: str, data: Any, meta: dict[str, Any]) -> list[str]:
    """Write an image layer that this plugin opened.

    Raises
    ------
    VolumeReadError
        If the layer is not a volume of ours: its place in the patient is not known.
    """
    volume = meta.get("metadata", {}).get(VOLUME_KEY)
    if not isinstance(volume, Volume):
        raise VolumeReadError(
            f"the layer {meta.get('name', '')!r} was not opened as a brain scan, so its place in the patient is unknown"
        )
    write_nifti(volume, Path(path))
    return [path]
