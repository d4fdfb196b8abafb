"""The plane between left and right, estimated from how alike the two halves of an image are."""

from __future__ import annotations

import weakref
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.midline import SCANNERS_MIDDLE, Midline

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume

_ROUGH_SAMPLES, _FINE_SAMPLES = 22, 44
_SHIFTS_MM = tuple(range(-30, 31, 6))
_TURNS_DEG, _TILTS_DEG = (-14.0, -7.0, 0.0, 7.0, 14.0), (-10.0, 0.0, 10.0)
_CLIMBED = 4
_SURE_FROM = 0.55
_MOST_TURNED_DEG = 25.0
_LEAST_OVERLAP = 0.35
_BESIDE = -1e9

_Pose = tuple[float, float, float]
_known: weakref.WeakKeyDictionary[Volume, Midline] = weakref.WeakKeyDictionary()


def estimate_midline(volume: Volume) -> Midline:
    """Estimate the plane between left and right.

    A coarse copy of the image, its brightest values cut off, is compared with its mirror image for planes that are
    shifted, turned (about S) and tilted (about A); the likeness is the correlation where the two overlap. Where no
    plane makes the halves alike, the middle of the scanner is given, and says so.

    Parameters
    ----------
    volume : Volume
        Of which the orientation is known. What was found is kept as long as the volume.
    """
    known = _known.get(volume)
    if known is None:
        known = _known[volume] = _estimated(volume)
    return known


def note_midline(volume: Volume, midline: Midline) -> None:
    """Take a plane that is known better, as from an atlas laid over the scan, for the estimate of a volume."""
    _known[volume] = midline


def _estimated(volume: Volume) -> Midline:
    rough, fine = _Halves(volume, _ROUGH_SAMPLES), _Halves(volume, _FINE_SAMPLES)
    if rough.is_flat:
        return SCANNERS_MIDDLE
    starts = [(float(shift), turned, tilted) for shift, turned, tilted in product(_SHIFTS_MM, _TURNS_DEG, _TILTS_DEG)]
    starts = sorted([(-float(rough.middle[0]), 0.0, 0.0), *starts], key=lambda one: -rough.likeness(*one))
    # A round head has several hills: the highest of those near the best starts.
    best, _ = max((_climbed(rough, one, 4.0, 0.8) for one in starts[:_CLIMBED]), key=lambda found: found[1])
    best, likeness = _climbed(fine, best, 1.6, 0.1)
    if likeness < _SURE_FROM:
        return SCANNERS_MIDDLE
    found = fine.plane(*best)
    return Midline(found.normal_ras, found.offset_mm, likeness)


class _Halves:
    """A coarse copy of a volume, held against its mirror image."""

    def __init__(self, volume: Volume, samples_per_axis: int) -> None:
        self._values, to_ras = _coarse(volume, samples_per_axis)
        self._to_ras, self._to_index = to_ras[:3, :3], np.linalg.inv(to_ras[:3, :3])
        self._start = to_ras[:3, 3]
        self.middle = self._to_ras @ ((np.array(self._values.shape) - 1) / 2) + self._start

    @property
    def is_flat(self) -> bool:
        """Whether all values are the same."""
        return bool(np.ptp(self._values) == 0)

    def plane(self, shift_mm: float, turned_deg: float, tilted_deg: float) -> Midline:
        """A plane through the image's middle, shifted to the right, turned about S, tilted about A."""
        turned, tilted = np.radians(turned_deg), np.radians(tilted_deg)
        normal = np.array([np.cos(turned) * np.cos(tilted), np.sin(turned) * np.cos(tilted), np.sin(tilted)])
        return Midline(normal, float(normal @ self.middle + shift_mm))

    def likeness(self, shift_mm: float, turned_deg: float, tilted_deg: float) -> float:
        """Correlation with the mirror image where the two overlap; -1 where they hardly do."""
        from scipy.ndimage import affine_transform

        plane = self.plane(shift_mm, turned_deg, tilted_deg)
        normal = plane.normal_ras
        reflect = np.eye(3) - 2 * np.outer(normal, normal)
        matrix = self._to_index @ reflect @ self._to_ras
        offset = self._to_index @ (reflect @ self._start + 2 * plane.offset_mm * normal - self._start)
        mirrored = affine_transform(self._values, matrix, offset, order=1, cval=_BESIDE)
        inside = mirrored > _BESIDE / 1e6
        if inside.mean() < _LEAST_OVERLAP:
            return -1.0
        here, there = self._values[inside], mirrored[inside]
        here, there = here - here.mean(), there - there.mean()
        size = np.sqrt((here * here).sum() * (there * there).sum())
        return float((here * there).sum() / size) if size > 0 else -1.0


def _climbed(halves: _Halves, start: _Pose, step: float, last_step: float) -> tuple[_Pose, float]:
    """The pose uphill of another, in steps of so many mm, and of twice as many degrees, that grow smaller."""
    best, likeness = start, halves.likeness(*start)
    while step >= last_step:
        improved = False
        for axis, size in ((0, step), (1, 2 * step), (2, 2 * step)):
            for change in (-size, size):
                tried = list(best)
                tried[axis] += change
                if max(abs(tried[1]), abs(tried[2])) > _MOST_TURNED_DEG:
                    continue
                found = halves.likeness(*tried)
                if found > likeness:
                    best, likeness, improved = (tried[0], tried[1], tried[2]), found, True
        if not improved:
            step /= 2
    return best, likeness


def _coarse(volume: Volume, samples_per_axis: int) -> tuple[FloatArray, FloatArray]:
    """Means over blocks of voxels, from 0 to 1, darkest and brightest cut off; 4x4 from their indices to RAS mm."""
    voxels: npt.NDArray[Any] = volume.levels[-1] if volume.levels else volume.voxels
    ratio = np.array(volume.voxels.shape) / np.array(voxels.shape)
    # Blocks that are about as long in each direction, whatever the voxels.
    sides_mm = np.array(voxels.shape) * np.array(volume.spacing_mm) * ratio
    block_mm = float(np.median(sides_mm)) / samples_per_axis
    step = np.clip(np.rint(block_mm / (np.array(volume.spacing_mm) * ratio)).astype(int), 1, np.array(voxels.shape))
    kept = voxels.shape // step * step
    block = np.asarray(voxels[tuple(slice(0, int(n)) for n in kept)], dtype=np.float32)
    shape = [n for pair in zip(kept // step, step, strict=True) for n in pair]
    means = np.nan_to_num(block.reshape(shape).mean(axis=(1, 3, 5), dtype=np.float64)) * volume.rescale.slope
    low, high = np.percentile(means, [1, 97])
    values = np.clip((means - low) / (high - low), 0, 1) if high > low else np.zeros(means.shape)
    from_index = np.eye(4)
    from_index[:3, :3] = np.diag(step * ratio)
    from_index[:3, 3] = ((step - 1) / 2 + 0.5) * ratio - 0.5
    return values, np.asarray(volume.voxel_to_ras @ from_index)
