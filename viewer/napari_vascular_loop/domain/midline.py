"""The plane between the left and the right half of a head, estimated from how alike the two are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume

_ROUGH_SAMPLES, _FINE_SAMPLES = 20, 44
_Pose = tuple[float, float, float]
_SURE_FROM = 0.55
_FARTHEST_MM = 30.0
_MOST_TURNED_DEG = 25.0
_LEAST_OVERLAP = 0.35


@dataclass(frozen=True, eq=False)
class Midline:
    """A plane that mirrors left onto right.

    Parameters
    ----------
    normal_ras : array of shape (3,)
        Square to it, towards the patient's right; of length 1.
    offset_mm : float
        How far it lies from the RAS origin, along the normal.
    likeness : float
        Correlation of the image with its mirror image, from -1 to 1; 0 where nothing was estimated.
    """

    normal_ras: FloatArray
    offset_mm: float
    likeness: float = 0.0

    @property
    def is_estimated(self) -> bool:
        """Whether it was found in the image; else it is the middle of the scanner."""
        return self.likeness > 0

    def mirrored(self, ras_mm: npt.ArrayLike) -> FloatArray:
        """Places, shape (..., 3), on the other side, in RAS mm."""
        places = np.asarray(ras_mm, dtype=np.float64)
        beyond = places @ self.normal_ras - self.offset_mm
        return np.asarray(places - 2 * beyond[..., None] * self.normal_ras)

    def mirrored_direction(self, ras: npt.ArrayLike) -> FloatArray:
        """A direction, shape (3,), as it is on the other side."""
        direction = np.asarray(ras, dtype=np.float64)
        return np.asarray(direction - 2 * (direction @ self.normal_ras) * self.normal_ras)

    @property
    def turned_deg(self) -> float:
        """How far the head is turned or tilted against the scanner's middle plane."""
        return float(np.degrees(np.arccos(np.clip(self.normal_ras[0], -1, 1))))

    @property
    def words(self) -> str:
        """How it was found, for a caption."""
        if not self.is_estimated:
            return (
                "mirrored across the middle of the scanner, since the image did not show the head's own midline clearly"
            )
        shift = self.offset_mm
        beside = f"{abs(shift):.1f} mm {'right' if shift > 0 else 'left'} of the scanner's"
        return f"mirrored across the midline as estimated from the image ({beside}, turned by {self.turned_deg:.1f}°)"


SCANNERS_MIDDLE = Midline(np.array([1.0, 0.0, 0.0]), 0.0)
"""R 0: right where the head lay in the middle, and straight."""


def estimate_midline(volume: Volume) -> Midline:
    """Estimate the plane between left and right.

    A coarse copy of the image, its brightest values cut off, is compared with its mirror image for planes that are
    shifted, turned (about S) and tilted (about A); the likeness is the correlation where the two overlap. Where no
    plane makes the halves alike, the middle of the scanner is given, and says so.

    Parameters
    ----------
    volume : Volume
        Of which the orientation is known.
    """
    rough, fine = _Halves(volume, _ROUGH_SAMPLES), _Halves(volume, _FINE_SAMPLES)
    if rough.is_flat:
        return SCANNERS_MIDDLE
    angles = (-12.0, -6.0, 0.0, 6.0, 12.0)
    starts = [
        (shift, turned, tilted)
        for shift in np.arange(-24.0, 25.0, 6.0)
        for turned in angles
        for tilted in (-8.0, 0.0, 8.0)
    ]
    best = max([(-rough.middle[0], 0.0, 0.0), *starts], key=lambda one: rough.likeness(*one))
    best, _ = _climbed(rough, best, 3.0, 1.0)
    best, likeness = _climbed(fine, best, 1.0, 0.5)
    best = _between(fine, best)
    found = fine.plane(*best)
    if likeness < _SURE_FROM or abs(found.offset_mm) > _FARTHEST_MM + abs(fine.middle[0]):
        return SCANNERS_MIDDLE
    return Midline(found.normal_ras, found.offset_mm, likeness)


class _Halves:
    """A coarse copy of a volume, held against its mirror image."""

    def __init__(self, volume: Volume, samples_per_axis: int) -> None:
        self._values, places, to_index = _coarse(volume, samples_per_axis)
        self._flat, self._places = self._values.ravel(), places.reshape(-1, 3)
        self._to_index = to_index
        self.middle = self._places.mean(axis=0)

    @property
    def is_flat(self) -> bool:
        """Whether all values are the same."""
        return bool(self._values.std() == 0)

    def plane(self, shift_mm: float, turned_deg: float, tilted_deg: float) -> Midline:
        """A plane through the image's middle, shifted to the right, turned about S, tilted about A."""
        turned, tilted = np.radians(turned_deg), np.radians(tilted_deg)
        normal = np.array([np.cos(turned) * np.cos(tilted), np.sin(turned) * np.cos(tilted), np.sin(tilted)])
        return Midline(normal, float(normal @ self.middle + shift_mm))

    def likeness(self, shift_mm: float, turned_deg: float, tilted_deg: float) -> float:
        """Correlation with the mirror image where the two overlap; -1 where they hardly do."""
        plane = self.plane(shift_mm, turned_deg, tilted_deg)
        reflect = np.eye(3) - 2 * np.outer(plane.normal_ras, plane.normal_ras)
        to = self._to_index[:3, :3] @ reflect
        start = self._to_index[:3, :3] @ (2 * plane.offset_mm * plane.normal_ras) + self._to_index[:3, 3]
        index = np.rint(self._places @ to.T + start).astype(np.int64)
        inside = ((index >= 0) & (index < self._values.shape)).all(axis=-1)
        if inside.mean() < _LEAST_OVERLAP:
            return -1.0
        here, there = self._flat[inside], self._values[tuple(index[inside].T)]
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


def _between(halves: _Halves, at: _Pose) -> _Pose:
    """The top of the hill between the steps: of the parabola through it and the flanks, in each direction."""
    found = list(at)
    for axis, aside in ((0, 3.0), (1, 6.0), (2, 6.0)):
        low, top, high = (
            halves.likeness(*(value + change * (n == axis) for n, value in enumerate(found)))
            for change in (-aside, 0.0, aside)
        )
        bend = low - 2 * top + high
        if low > -1.0 < high and bend < 0:
            found[axis] += float(np.clip(aside * (low - high) / (2 * bend), -aside / 2, aside / 2))
    return (found[0], found[1], found[2])


def _coarse(volume: Volume, samples_per_axis: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means over blocks of voxels, their places in RAS mm, and 4x4 from RAS mm to their indices."""
    voxels: npt.NDArray[Any] = volume.levels[-1] if volume.levels else volume.voxels
    ratio = np.array(volume.voxels.shape) / np.array(voxels.shape)
    step = np.maximum(1, np.array(voxels.shape) // samples_per_axis)
    kept = voxels.shape // step * step
    block = np.asarray(voxels[tuple(slice(0, int(n)) for n in kept)], dtype=np.float32)
    counts = kept // step
    shape = [n for pair in zip(counts, step, strict=True) for n in pair]
    means = np.nan_to_num(block.reshape(shape).mean(axis=(1, 3, 5), dtype=np.float64))
    means = means * (1.0 if volume.rescale.slope >= 0 else -1.0)
    low, high = np.percentile(means, [1, 97])
    values = np.clip(means, low, high if high > low else None)
    from_index = np.eye(4)
    from_index[:3, :3] = np.diag(step * ratio)
    from_index[:3, 3] = ((step - 1) / 2 + 0.5) * ratio - 0.5
    to_ras = volume.voxel_to_ras @ from_index
    indices = np.moveaxis(np.indices(values.shape), 0, -1)
    places = indices @ to_ras[:3, :3].T + to_ras[:3, 3]
    return values, np.asarray(places), np.asarray(np.linalg.inv(to_ras), dtype=np.float64)
