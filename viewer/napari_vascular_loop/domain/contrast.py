"""The grey scale in which a volume is first shown."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.volume import Volume


class GreyPreset(enum.Enum):
    """What is to be seen; the value is what it says to the user."""

    AUTO = "Auto"
    BRAIN = "Brain"
    CISS = "CISS"
    TOF = "TOF"

    @property
    def tip(self) -> str:
        """What it is for."""
        return {
            GreyPreset.AUTO: "A grey scale that suits most of the volume",
            GreyPreset.BRAIN: "Grey and white matter well apart",
            GreyPreset.CISS: "Bright fluid not overexposed, nerves and vessels dark in it (CISS, FIESTA, T2)",
            GreyPreset.TOF: "Bright vessels on a dark ground (time of flight)",
        }[self]


_OF_THE_HEAD = {GreyPreset.BRAIN: (8.0, 96.0), GreyPreset.CISS: (1.0, 99.9), GreyPreset.TOF: (45.0, 99.9)}
"""Percentiles among the voxels of the head: magnetic resonance has no unit to go by."""

_CT_BRAIN_HU = (0.0, 80.0)
_AIR_PART = 0.1
"""Of the way from the lowest value to a bright one: what is darker is air."""

_LOW_PERCENT, _HIGH_PERCENT = 0.5, 99.7
_SAMPLES_PER_AXIS = 64
_ENOUGH_VOXELS = 20_000


def grey_window(volume: Volume) -> tuple[float, float]:
    """Lowest and highest value of a grey scale that suits most of a volume.

    Percentiles of a coarse sample: a few very bright voxels don't darken the rest, and a large volume costs no
    more than a small one. Of a lazy volume only its coarsest level is read, or its middle slice where it has none.
    """
    sample = _sample(volume)
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        return (0.0, 1.0)
    low, high = np.percentile(sample, [_LOW_PERCENT, _HIGH_PERCENT])
    if high <= low:
        low, high = float(sample.min()), float(sample.max())
    if high <= low:
        high = low + 1.0
    ends = sorted(float(v) * volume.rescale.slope + volume.rescale.intercept for v in (low, high))
    return (ends[0], ends[1])


def preset_window(volume: Volume, preset: GreyPreset) -> tuple[float, float]:
    """Lowest and highest value of a grey scale by which something can be seen well."""
    if preset is GreyPreset.BRAIN and volume.provenance.modality == "CT":
        return _CT_BRAIN_HU
    auto = grey_window(volume)
    if preset is GreyPreset.AUTO:
        return auto
    values = _sample(volume) * volume.rescale.slope + volume.rescale.intercept
    values = values[np.isfinite(values)]
    head = values[values > auto[0] + _AIR_PART * (auto[1] - auto[0])]
    if head.size == 0:
        return auto
    low, high = (float(value) for value in np.percentile(head, _OF_THE_HEAD[preset]))
    return (low, high) if low < high else auto


def _sample(volume: Volume) -> npt.NDArray[np.float64]:
    voxels: npt.NDArray[Any] = next(
        (level for level in reversed(volume.levels) if level.size >= _ENOUGH_VOXELS), volume.voxels
    )
    if not isinstance(voxels, np.ndarray) and voxels is volume.voxels:
        # Every n-th voxel of a lazy array would be the whole of it.
        middle = voxels.shape[2] // 2
        voxels = voxels[:, :, middle : middle + 1]
    step = [max(1, n // _SAMPLES_PER_AXIS) for n in voxels.shape]
    return np.asarray(voxels[:: step[0], :: step[1], :: step[2]], dtype=np.float64)
