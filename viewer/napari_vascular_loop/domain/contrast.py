"""The grey scale in which a volume is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume

_LOW_PERCENT, _HIGH_PERCENT = 0.5, 99.7
_SAMPLES_PER_AXIS = 64


def grey_window(volume: Volume) -> tuple[float, float]:
    """Lowest and highest value of a grey scale that suits most of a volume.

    Percentiles of a coarse sample: a few very bright voxels don't darken the rest, and a large volume costs no
    more than a small one.
    """
    step = [max(1, n // _SAMPLES_PER_AXIS) for n in volume.voxels.shape]
    sample = np.asarray(volume.voxels[:: step[0], :: step[1], :: step[2]], dtype=np.float64)
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
