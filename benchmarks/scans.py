"""Voxels to measure with: as smooth, as noisy and as hard to compress as a head's."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

FOLDER = Path(tempfile.gettempdir()) / "vascular-loop-benchmarks-1"
"""Where the files are kept from one run to the next; the number changes with what is in them."""

SPACING_MM = (0.45, 0.45, 0.6)

_SEED = 20261101
_SCALP, _BRAIN = 0.9, 0.7


def head(shape: tuple[int, int, int], dtype: str) -> npt.NDArray[Any]:
    """Make a head in air; no axis is symmetric.

    int16 is in the range of 12 bits and packs to about a half with gzip, float32 hardly packs at all: as scans do.

    Returns
    -------
    array of shape `shape`
        The first index runs fastest in memory.
    """
    random = np.random.default_rng(_SEED)
    x, y = np.meshgrid(*(np.linspace(-1, 1, n, dtype=np.float32) for n in shape[:2]), indexing="ij", sparse=True)
    voxels = np.empty(shape, dtype, order="F")
    noise = random.normal(0, 1, (shape[0] * 2, shape[1] * 2)).astype(np.float32)
    for k, z in enumerate(np.linspace(-1, 1, shape[2], dtype=np.float32)):
        radius = (x + 0.1 * z) ** 2 / 0.75 + (y - 0.05) ** 2 + (z + 0.1) ** 2
        tissue = 900 + 320 * np.sin(9 * x + 4 * z) * np.cos(7 * y - 2 * x) + 130 * np.sin(31 * x * y + 11 * z)
        grey = np.where(radius < _BRAIN, tissue, np.where(radius < _SCALP, 1500 + 200 * y, 0))
        # Another piece of the same noise for each slice: new noise would take a minute.
        i, j = random.integers(0, shape[0]), random.integers(0, shape[1])
        here = noise[i : i + shape[0], j : j + shape[1]]
        there = noise[j % shape[0] : j % shape[0] + shape[0], i % shape[1] : i % shape[1] + shape[1]]
        # As in a magnitude image: all is positive, and air is not without noise.
        plane = np.hypot(grey + 12 * here, 6 * there)
        voxels[:, :, k] = np.clip(plane, 0, 4095)
    return voxels


def made(name: str, make: Callable[[Path], None]) -> Path:
    """File or folder of a name, made now if no run before this one has; never half of it."""
    path = FOLDER / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as aside:
            new = Path(aside) / path.name
            make(new)
            os.replace(new, path)
    return path
