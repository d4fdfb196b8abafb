"""A small picture of a volume: one slice in true proportion, the right way up, radiological."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.frame import DisplayFrame, plane_of, runs_to_the_left

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import VolumeHeader

_LOW_PERCENT, _HIGH_PERCENT = 1.0, 99.5
_MAX_SIDE = 384


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A grey picture.

    Parameters
    ----------
    grey : array of uint8, shape (rows, columns)
        From the top left.
    height_mm, width_mm : float
        Its true size.
    letters : dict
        Of the edges "left", "right", "top", "bottom"; empty where the orientation is unknown.
    """

    grey: npt.NDArray[np.uint8]
    height_mm: float
    width_mm: float
    letters: dict[str, str] = field(default_factory=dict)


def thumbnail(header: VolumeHeader, middle: npt.NDArray[Any]) -> Thumbnail:
    """Lay out the middle slice of a volume as its plane is looked at: superior or anterior up, radiological.

    Parameters
    ----------
    header : VolumeHeader
        Of the volume.
    middle : array of shape (I, J)
        A slice along k, stored numbers.

    Raises
    ------
    GeometryError
        If the slice does not fit the volume.
    """
    if middle.shape[:2] != header.grid.shape[:2]:
        raise GeometryError(f"a slice of {middle.shape} voxels is none of a volume of {header.grid.shape}")
    if middle.ndim == 3:
        middle = middle.mean(axis=2)
    try:
        frame = DisplayFrame(header.grid)
    except GeometryError:
        # Of sheared axes none is up: as the file has it, without letters.
        i_mm, j_mm, _ = header.grid.spacing_mm
        return _picture(header, middle.T, (j_mm, i_mm), {})
    through = frame.voxel_axes.index(2)
    picture = frame.reorder(middle[:, :, None]).squeeze(axis=through)
    vertical, horizontal = (axis for axis in range(3) if axis != through)
    to_left = runs_to_the_left(plane_of(through), radiological=True)
    picture = picture[::-1, ::-1] if to_left else picture[::-1]
    letters: dict[str, str] = {}
    if header.provenance.orientation_known:
        bottom, top = frame.letters(vertical)
        low, high = frame.letters(horizontal)
        left, right = (high, low) if to_left else (low, high)
        letters = {"left": left, "right": right, "top": top, "bottom": bottom}
    return _picture(header, picture, (frame.scale_mm[vertical], frame.scale_mm[horizontal]), letters)


def _picture(
    header: VolumeHeader, picture: npt.NDArray[Any], spacing_mm: tuple[float, float], letters: dict[str, str]
) -> Thumbnail:
    height_mm, width_mm = (count * mm for count, mm in zip(picture.shape, spacing_mm, strict=True))
    every = max(1, max(picture.shape) // _MAX_SIDE)
    values = np.asarray(picture[::every, ::every], dtype=np.float32)
    if header.rescale.slope < 0:
        values = -values
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, [_LOW_PERCENT, _HIGH_PERCENT]) if finite.size else (0.0, 1.0)
    if high <= low and finite.size:
        low, high = float(finite.min()), float(finite.max())
    share = np.clip((np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) / max(high - low, 1e-12), 0, 1)
    return Thumbnail(np.ascontiguousarray((share * 255).astype(np.uint8)), height_mm, width_mm, letters)
