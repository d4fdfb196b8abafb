"""The computed head as a scanner would see it: bright fluid (CISS), or bright flow (time of flight)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from napari_vascular_loop.domain.space import FloatArray, Grid
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.samples import cpa_tissue
from napari_vascular_loop.samples.cpa_anatomy import Anatomy, Compression, Tube, brainstem_mm

if TYPE_CHECKING:
    from collections.abc import Iterator

SPACING_MM = 0.45
LOW_CORNER_RAS_MM = (-47.7, -57.6, -56.7)
SHAPE = (213, 126, 72)
SEED = 20260101
SYNTHETIC = "SYNTHETIC: this volume was computed; it is not an image of a person"

_NEAR_MM = 0.8
_BLUR_VOXELS = 0.42
_MOST = 4095

Box = tuple[slice, slice, slice]


class Sequence(enum.StrEnum):
    """What kind of scan is computed."""

    CISS = "ciss"
    TOF = "tof"


@dataclass(frozen=True)
class _Look:
    """Grey values of a kind of scan, and the strength of its noise."""

    fluid: float
    brain: float
    cortex: float
    nerve: float
    bone: float
    noise: float
    vessels: dict[str, float]


_LOOKS = {
    Sequence.CISS: _Look(
        1000.0, 420.0, 480.0, 340.0, 45.0, 26.0, dict.fromkeys(("basilar-artery", "vertebral-artery", "aica"), 130.0)
    ),
    Sequence.TOF: _Look(
        28.0, 98.0, 84.0, 70.0, 24.0, 9.0, {"basilar-artery": 550.0, "vertebral-artery": 520.0, "aica": 290.0}
    ),
}

WINDOWS = {Sequence.CISS: (0.0, 1150.0), Sequence.TOF: (0.0, 330.0)}
"""Darkest and brightest value with which a kind of scan is best shown."""


def cpa_grid() -> Grid:
    """The grid on which the shipped scans are computed: 0.45 mm, along R, A, S."""
    matrix = np.diag([SPACING_MM, SPACING_MM, SPACING_MM, 1.0])
    matrix[:3, 3] = LOW_CORNER_RAS_MM
    return Grid(SHAPE, matrix)


def compute_scan(compression: Compression, sequence: Sequence, *, seed: int = SEED, grid: Grid | None = None) -> Volume:
    """Compute one scan: int16, the same at every call.

    Parameters
    ----------
    compression : Compression
        How the loop and the left facial nerve meet.
    sequence : Sequence
        Bright fluid, or bright flow.
    seed : int
        Of the noise; the anatomy stays.
    grid : Grid, optional
        Where the voxels lie, oblique if need be; :func:`cpa_grid` if not given.
    """
    return compute_scans(compression, (sequence,), seed=seed, grid=grid)[0]


def compute_scans(
    compression: Compression,
    sequences: tuple[Sequence, ...] = tuple(Sequence),
    *,
    seed: int = SEED,
    grid: Grid | None = None,
) -> tuple[Volume, ...]:
    """Compute several scans of one head, which cost little more than one; see :func:`compute_scan`."""
    grid = grid or cpa_grid()
    noisy = unrounded_values(compression, sequences, seed=seed, grid=grid)
    return tuple(
        Volume(np.rint(values).clip(0, _MOST).astype(np.int16), grid.voxel_to_ras, _about(compression, sequence))
        for sequence, values in zip(sequences, noisy, strict=True)
    )


def unrounded_values(
    compression: Compression,
    sequences: tuple[Sequence, ...] = tuple(Sequence),
    *,
    seed: int = SEED,
    grid: Grid | None = None,
) -> tuple[FloatArray, ...]:
    """Values with noise, before they are rounded to those that are stored."""
    expected = expected_values(compression, sequences, grid=grid)
    number = list(Compression).index(compression)
    return tuple(
        _noisy(values, _LOOKS[sequence].noise, (seed, number, list(Sequence).index(sequence)))
        for sequence, values in zip(sequences, expected, strict=True)
    )


def expected_values(
    compression: Compression, sequences: tuple[Sequence, ...] = tuple(Sequence), *, grid: Grid | None = None
) -> tuple[FloatArray, ...]:
    """Values that a scanner without noise would measure: partial volume, blur and uneven sensitivity are in them."""
    grid = grid or cpa_grid()
    x, y, z = _places(grid, tuple(slice(0, n) for n in grid.shape))
    voxel_mm = float(np.cbrt(abs(np.linalg.det(grid.voxel_to_ras[:3, :3]))))
    greys = [np.full(grid.shape, _LOOKS[sequence].fluid) for sequence in sequences]
    for name, box, share in _solids(x, y, z, voxel_mm):
        for grey, sequence in zip(greys, sequences, strict=True):
            grey[box] += share * (getattr(_LOOKS[sequence], name) - grey[box])
    for tube in Anatomy(compression).tubes:
        around, share = _tube_share(tube, grid)
        for grey, sequence in zip(greys, sequences, strict=True):
            look = _LOOKS[sequence]
            grey[around] += share * (look.vessels.get(tube.name, look.nerve) - grey[around])
    sensitivity = 1.0 + 0.05 * np.sin(x / 34.0 + 0.6) + 0.04 * np.cos((y + 30.0) / 28.0) + 0.02 * np.sin(z / 15.0)
    return tuple(gaussian_filter(grey, _BLUR_VOXELS, truncate=5.0) * sensitivity for grey in greys)


def _places(grid: Grid, box: tuple[slice, ...]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """R, A and S of the voxels of a box; along the axes of the patient each is an array that is to be broadcast."""
    i, j, k = np.ogrid[box]
    m = grid.voxel_to_ras
    if np.count_nonzero(m[:3, :3]) == 3 and np.all(np.diagonal(m)):
        return m[0, 0] * i + m[0, 3], m[1, 1] * j + m[1, 3], m[2, 2] * k + m[2, 3]
    x, y, z = (m[row, 0] * i + m[row, 1] * j + m[row, 2] * k + m[row, 3] for row in range(3))
    return x, y, z


def _solids(right: FloatArray, y: FloatArray, z: FloatArray, voxel_mm: float) -> Iterator[tuple[str, Box, FloatArray]]:
    """All but nerves and vessels, in the order in which they are laid over each other: whose value, where, how much."""

    def inside(distance_mm: FloatArray) -> FloatArray:
        return np.clip(0.5 - distance_mm / voxel_mm, 0.0, 1.0)

    x, uneven = np.abs(right), cpa_tissue.waves(right, y, z)
    everywhere = _box(y, z, (-np.inf, np.inf), (-np.inf, np.inf))
    behind = _box(y, z, (-np.inf, -28.0), (-np.inf, np.inf))
    surface, fissures = cpa_tissue.cerebellum_mm(x, y[:, behind[1]], z[:, :, behind[2]], uneven[behind])
    leaves = inside(surface)
    yield "cortex", behind, leaves
    yield "brain", behind, leaves * np.clip((-surface - 2.0) / 5.0, 0.0, 0.8)
    yield "fluid", behind, leaves * fissures
    stem = brainstem_mm(right, y, z) + 0.15 * uneven
    yield "brain", everywhere, inside(stem)
    yield "cortex", everywhere, inside(stem) * np.clip(0.35 + 0.25 * uneven, 0.0, 1.0)
    box = _box(y, z, (-48.0, -32.0), (-np.inf, np.inf))
    yield "fluid", box, inside(cpa_tissue.ventricle_mm(x, y[:, box[1]], z[:, :, box[2]]))
    yield "bone", everywhere, inside(cpa_tissue.bone_mm(x, y, z, uneven))
    for solid, most, y_mm, z_mm in (
        (cpa_tissue.canal_mm, 1.0, (-34.0, -12.0), (-48.0, -36.0)),
        (cpa_tissue.labyrinth_mm, 0.92, (-36.0, -12.0), (-48.0, -34.0)),
        (cpa_tissue.cave_mm, 1.0, (-17.0, 1.0), (-36.0, -25.0)),
    ):
        box = _box(y, z, y_mm, z_mm)
        yield "fluid", box, most * inside(solid(x, y[:, box[1]], z[:, :, box[2]]))


def _box(y: FloatArray, z: FloatArray, y_mm: tuple[float, float], z_mm: tuple[float, float]) -> Box:
    """The voxels between two places along A and S; all of them where the voxels lie obliquely."""
    ranges = [slice(None), slice(None), slice(None)]
    for axis, values, (low, high) in ((1, y, y_mm), (2, z, z_mm)):
        if values.size == values.shape[axis]:
            found = np.flatnonzero((values.ravel() > low) & (values.ravel() < high))
            ranges[axis] = slice(found[0], found[-1] + 1) if found.size else slice(0, 0)
    return (ranges[0], ranges[1], ranges[2])


def _tube_share(tube: Tube, grid: Grid) -> tuple[tuple[slice, ...], FloatArray]:
    """How much of each voxel a tube fills, and the box of voxels that is said for.

    A voxel that the wall cuts is looked at in eight places.
    """
    reach = tube.radius_mm + _NEAR_MM
    line = tube.line_ras_mm
    corners = np.array([[*(line.min(axis=0) - reach)], [*(line.max(axis=0) + reach)]])
    eight = np.array(np.meshgrid(*corners.T, indexing="ij")).reshape(3, -1)
    ijk = grid.ras_to_voxel[:3, :3] @ eight + grid.ras_to_voxel[:3, 3:]
    first = np.clip(np.floor(ijk.min(axis=1)).astype(int), 0, grid.shape)
    last = np.clip(np.ceil(ijk.max(axis=1)).astype(int) + 1, 0, grid.shape)
    box = tuple(slice(a, max(a, b)) for a, b in zip(first, last, strict=True))
    tree, wanted = cKDTree(line[::2]), np.stack(np.broadcast_arrays(*_places(grid, box)), axis=-1)
    distances, _ = tree.query(wanted, distance_upper_bound=reach)
    share = (distances < tube.radius_mm).astype(np.float64)
    is_cut = np.abs(distances - tube.radius_mm) < _NEAR_MM
    halves = np.array(np.meshgrid(*[(-0.25, 0.25)] * 3, indexing="ij")).reshape(3, -1)
    offsets = (grid.voxel_to_ras[:3, :3] @ halves).T
    parts, _ = tree.query(wanted[is_cut][:, None] + offsets, distance_upper_bound=reach + _NEAR_MM)
    half_mm = 0.5 * float(np.mean(grid.spacing_mm))
    share[is_cut] = np.clip(0.5 - (parts - tube.radius_mm) / half_mm, 0.0, 1.0).mean(axis=-1)
    return box, share


def _noisy(expected: FloatArray, strength: float, seed: tuple[int, ...]) -> FloatArray:
    """Add Rician noise: the length of a complex number whose two parts are both noisy.

    The random bits are those of a generator whose stream is promised to stay (PCG64), turned into pairs by Box and
    Muller's formula, so that a scan is the same with every version of numpy.
    """
    bits = np.random.PCG64(np.random.SeedSequence(seed)).random_raw(2 * expected.size)
    even = ((bits >> np.uint64(11)) + 0.5) / 2.0**53
    size = strength * np.sqrt(-2.0 * np.log(even[: expected.size])).reshape(expected.shape)
    angle = (2.0 * np.pi * even[expected.size :]).reshape(expected.shape)
    noisy: FloatArray = np.hypot(expected + size * np.cos(angle), size * np.sin(angle))
    return noisy


def _about(compression: Compression, sequence: Sequence) -> Provenance:
    return Provenance(
        id=f"synthetic-cpa-{compression.value}-{sequence.value}",
        format="computed",
        modality="MR",
        description=f"SYNTHETIC {sequence.value.upper()}, {compression.value}: computed, not an image of a person",
        warnings=(SYNTHETIC,),
    )
