"""Heads with known truth: a public head in another pose, shape, contrast, resolution and part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from napari_vascular_loop.domain.volume import Provenance, Volume

if TYPE_CHECKING:
    from benchmarks.locate.bases import Base
    from napari_vascular_loop.domain.space import FloatArray

CONTRASTS = ("t1", "inverted", "t2", "flair", "tof", "t1c")
PARTS = ("whole", "neck", "stripped", "tof slab", "ciss slab")
_BESIDE_MM = (-70.0, -58.0, 58.0, 66.0, 75.0)
"""So far below or above the roots are the middles of slabs that show none of them."""


@dataclass(frozen=True, eq=False)
class MadeHead:
    """A made head.

    Parameters
    ----------
    name : str
        What was done.
    volume : Volume
        To be looked at.
    is_slab : bool
        Whether it is a part of a head only.
    truth_ras_mm : dict of str to array of shape (3,)
        Where each place of the public head went.
    """

    name: str
    volume: Volume
    is_slab: bool
    truth_ras_mm: dict[str, FloatArray]


def make(base: Base, seed: int, *, is_beside: bool = False) -> MadeHead:
    """Make a head; the same for the same seed.

    Parameters
    ----------
    base : Base
        The public head, in MNI space, of which it is made.
    seed : int
        Of all chances.
    is_beside : bool
        A slab above or below the roots, which shows none of them.
    """
    chance = np.random.default_rng(seed)
    part = PARTS[seed % 10 if seed % 10 < 5 else (0, 0, 3, 4, 1)[seed % 5]]
    if is_beside:
        part = ("tof slab", "ciss slab")[seed % 2]
    contrast = CONTRASTS[int(chance.integers(len(CONTRASTS)))]
    turns = np.radians(_turns_deg(chance))
    from napari_vascular_loop.locate.pose import rotation

    zooms = np.exp(chance.uniform(np.log(0.88), np.log(1.12)) + chance.uniform(-0.03, 0.03, 3))
    zooms = np.clip(zooms, 0.88, 1.12)
    linear = rotation(turns) @ np.diag(zooms)
    shift = chance.uniform(-25, 25, 3)
    pivot = np.array([0.0, -20.0, 0.0])
    warp = _Warp(chance, chance.uniform(1.0, 4.0))

    def to_scan(mni_mm: FloatArray) -> FloatArray:
        return (mni_mm - pivot) @ linear.T + pivot + shift

    # The warp works in MNI space: a voxel of the scan, brought back straight, is looked up at place + warp(place).
    truth = {name: to_scan(warp.inverse(place)) for name, place in base.places_mni_mm.items()}
    middle = (truth["right"] + truth["left"]) / 2
    if is_beside:
        middle = middle + np.array([*chance.uniform(-15, 15, 2), chance.choice(_BESIDE_MM)])
    spacing = _spacing(chance, part)
    voxel_to_ras, shape = _grid(chance, part, spacing, middle, to_scan)
    ijk = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1).reshape(-1, 3)
    inverse = np.linalg.inv(linear)
    values = np.empty(len(ijk), dtype=np.float32)
    source = _contrasted(base.as_colin(), contrast, chance)
    if part == "stripped" and base.brain is not None:
        source = np.where(base.brain, np.maximum(source, 1), 0)
    to_index = np.linalg.inv(base.volume.voxel_to_ras)
    # What is thicker than the atlas' voxels sees their mean.
    blur = [max(0.0, (s - 1) / 2.5) for s in spacing]
    source = gaussian_filter(source, float(np.mean(blur)))
    fill = 0.0
    for at in range(0, len(ijk), 1 << 20):
        ras = ijk[at : at + (1 << 20)] @ voxel_to_ras[:3, :3].T + voxel_to_ras[:3, 3]
        mni = (ras - pivot - shift) @ inverse.T + pivot
        mni = mni + warp(mni)
        if part == "neck":
            # The lowest slice goes on, ever narrower, as a neck does.
            below = np.maximum(0, -66 - mni[:, 2])
            mni[:, 2] = np.maximum(mni[:, 2], -66)
            mni[:, :2] = (mni[:, :2] - [0, -20]) * (1 + np.minimum(below / 60, 0.5))[:, None] + [0, -20]
        index = mni @ to_index[:3, :3].T + to_index[:3, 3]
        values[at : at + (1 << 20)] = map_coordinates(source, index.T, order=1, cval=fill)
    volume = values.reshape(shape)
    volume = _bias(volume, chance) if part != "stripped" else np.where(volume > 0.5, _bias(volume, chance), 0)
    noise = chance.uniform(1, 7)
    noisy = np.hypot(volume + chance.normal(0, noise, shape), chance.normal(0, noise, shape))
    if part == "stripped":
        noisy = np.where(volume > 0.5, noisy, 0)
    stored = np.clip(noisy * chance.uniform(2, 12), 0, 32000).astype(np.int16)
    name = f"{seed} {part} {contrast} turned {np.degrees(turns).round()} zoom {zooms.round(2)} {spacing}"
    made = Volume(stored, voxel_to_ras, Provenance(id=f"made-{seed}", format="nifti", modality="MR"))
    return MadeHead(name, made, "slab" in part, truth)


def _turns_deg(chance: np.random.Generator) -> FloatArray:
    axis = chance.normal(size=3)
    return axis / np.linalg.norm(axis) * chance.uniform(0, 25)


def _spacing(chance: np.random.Generator, part: str) -> FloatArray:
    if part == "tof slab":
        return np.array([0.5, 0.5, 0.7])
    if part == "ciss slab":
        return np.array([0.6, 0.6, 0.6])
    return np.array([(1, 1, 1), (0.8, 0.8, 1.6), (1, 1, 3), (2, 2, 2), (3, 3, 3), (0.9, 0.9, 0.9)][chance.integers(6)])


def _grid(chance, part, spacing, root, to_scan):
    """A grid, oblique at times, in one of the orders in which files keep their axes."""
    centre = to_scan(np.array([0.0, -20.0, 15.0]))
    size = np.array([200.0, 240.0, 210.0])
    if part == "neck":
        centre, size = to_scan(np.array([0.0, -20.0, -25.0])), np.array([200.0, 240.0, 300.0])
    if part == "tof slab":
        centre = root + chance.uniform([-6, -5, -5], [6, 25, 15])
        size = np.array([180.0, 180.0, chance.uniform(50, 80)])
    if part == "ciss slab":
        centre = root + chance.uniform([-6, 0, -6], [6, 20, 6])
        size = np.array([160.0, 160.0, 40.0])
    from napari_vascular_loop.locate.pose import rotation

    axes = rotation(np.radians(chance.uniform(-12, 12, 3))) if chance.random() < 0.5 else np.eye(3)
    shape = np.maximum(4, np.round(size / spacing)).astype(int)
    matrix = np.eye(4)
    matrix[:3, :3] = axes @ np.diag(spacing)
    matrix[:3, 3] = centre - matrix[:3, :3] @ ((shape - 1) / 2)
    for axis in range(3):
        if chance.random() < 0.5:
            matrix[:3, 3] += matrix[:3, axis] * (shape[axis] - 1)
            matrix[:3, axis] *= -1
    order = chance.permutation(3)
    matrix[:3, :3] = matrix[:3, order]
    return matrix, tuple(int(n) for n in shape[order])


def _contrasted(values: np.ndarray, contrast: str, chance: np.random.Generator) -> np.ndarray:
    """Colin27's values (air 0, fluid 30 to 50, grey 90, white 120, fat 200) as another sequence shows them."""
    tables = {
        "t1": ([0, 10, 40, 90, 120, 200, 255], [0, 8, 40, 90, 120, 200, 255]),
        "inverted": ([0, 12, 40, 90, 120, 200, 255], [0, 60, 215, 165, 135, 55, 20]),
        "t2": ([0, 12, 40, 90, 120, 200, 255], [0, 20, 230, 120, 85, 130, 140]),
        "flair": ([0, 12, 40, 90, 120, 200, 255], [0, 15, 35, 130, 100, 150, 170]),
        "tof": ([0, 12, 40, 90, 120, 200, 255], [0, 20, 45, 85, 75, 60, 70]),
        "t1c": ([0, 12, 40, 90, 120, 200, 255], [0, 10, 35, 85, 115, 190, 255]),
    }
    before, after = tables[contrast]
    after = np.array(after, dtype=float)
    after[1:] += chance.normal(0, 5, len(after) - 1)
    return np.interp(values, before, np.maximum(after, 0)).astype(np.float32)


def _bias(values: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    axes = np.meshgrid(*[np.linspace(-1, 1, n, dtype=np.float32) for n in values.shape], indexing="ij", sparse=True)
    slope = chance.uniform(-0.25, 0.25, 6)
    field = sum(slope[i] * axes[i] for i in range(3)) + sum(slope[3 + i] * axes[i] ** 2 for i in range(3))
    return values * np.exp(field).astype(np.float32)


class _Warp:
    """A smooth displacement in MNI mm: a few sine waves of 60 to 160 mm, as far as `most_mm` at most."""

    def __init__(self, chance: np.random.Generator, most_mm: float) -> None:
        waves = 6
        directions = chance.normal(size=(waves, 3))
        directions /= np.linalg.norm(directions, axis=1)[:, None]
        self._waves = directions * (2 * np.pi / chance.uniform(70, 160, waves))[:, None]
        self._phases = chance.uniform(0, 2 * np.pi, waves)
        self._sizes = chance.normal(size=(waves, 3))
        there = self(chance.uniform(-90, 90, (4000, 3)), 1.0)
        self._most = most_mm / float(np.linalg.norm(there, axis=1).max())

    def __call__(self, places_mm: FloatArray, most: float | None = None) -> FloatArray:
        size = self._most if most is None else most
        return np.asarray(np.sin(places_mm @ self._waves.T + self._phases) @ self._sizes * size)

    def inverse(self, place_mm: FloatArray) -> FloatArray:
        """The place that the warp brings to another."""
        found = place_mm.copy()
        for _ in range(60):
            found = place_mm - self(found)
        return np.asarray(found)
