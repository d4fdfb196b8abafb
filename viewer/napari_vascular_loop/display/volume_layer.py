"""A volume as a napari image layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.contrast import grey_window
from napari_vascular_loop.domain.straighten import straightened

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume

VOLUME_KEY = "vascular_loop_volume"
"""Key under which a layer's metadata hold the Volume that it draws."""

TIME_POINT_KEY = "vascular_loop_time_point"
"""Key of the number, from 0, of the time point that the layer draws."""

LEFT_OUT_KEY = "vascular_loop_left_out"
"""Key of what lay beside the volume and is none: (file, reason) pairs."""

_BINARY_STEPS_PER_MM = 2**30

LayerData = tuple[Any, dict[str, Any], str]


def layer_data(
    volume: Volume,
    name: str = "",
    window: tuple[float, float] | None = None,
    left_out: tuple[tuple[str, str], ...] = (),
) -> LayerData:
    """Lay a volume out for napari: axes S, A, R in mm, nothing copied.

    A volume with coarser levels is shown multiscale; of one with time points the first is shown, at full size. One
    whose slices slant, and no other, is resampled: the layer's metadata then hold the straightened volume.

    Parameters
    ----------
    volume : Volume
        What to show.
    name : str
        Of the layer.
    window : (float, float), optional
        Lowest and highest value of the grey scale; found from the voxels if not given.
    left_out : tuple of (str, str)
        Files of the same source that are not volumes, and why.

    Returns
    -------
    tuple of (array, dict, "image")
        As napari's readers return it.

    Raises
    ------
    GeometryError
        If the volume can't be shown undistorted.
    """
    volume = straightened(volume)
    frame = volume.frame
    low, high = (_stored(volume, value) for value in window or grey_window(volume))
    oblique = volume.grid.obliquity_deg > 0.01
    keywords = {
        "name": name or default_name(volume),
        "scale": tuple(_binary(mm) for mm in frame.scale_mm),
        "translate": tuple(_binary(mm) for mm in frame.translate_mm),
        "units": ("mm", "mm", "mm"),
        # An oblique scan is laid out along its own axes: the prime says that these are not the patient's.
        "axis_labels": ("S'", "A'", "R'") if oblique else ("S", "A", "R"),
        "contrast_limits": (min(low, high), max(low, high)),
        "colormap": "gray",
        "interpolation2d": "linear",
        # The grey scale of a lesson is made for slices; a plain maximum through a head would be a white sheet in it.
        "rendering": "attenuated_mip",
        "attenuation": 0.5,
        "metadata": {VOLUME_KEY: volume, TIME_POINT_KEY: 0, LEFT_OUT_KEY: left_out},
    }
    if volume.levels and volume.time_points == 1:
        return (
            [frame.reorder(level) for level in (volume.voxels, *volume.levels)],
            {**keywords, "multiscale": True},
            "image",
        )
    # Said, since napari would guess from the data.
    return frame.reorder(volume.voxels), {**keywords, "multiscale": False}, "image"


def default_name(volume: Volume) -> str:
    """Name a layer by kind and id: file names and descriptions may hold a patient's name, and pictures show them."""
    about = volume.provenance
    return f"{about.modality or about.format or 'volume'} {about.id.rpartition('-')[2]}".strip()


def _binary(mm: float) -> float:
    """Round to a millionth of a micrometre that binary numbers hold exactly.

    napari finds the number of a slider's steps by dividing; with 2.3 mm it would drop the last slice.
    """
    return round(mm * _BINARY_STEPS_PER_MM) / _BINARY_STEPS_PER_MM


def _stored(volume: Volume, value: float) -> float:
    """Turn a value into the number that is stored for it."""
    return (value - volume.rescale.intercept) / volume.rescale.slope
