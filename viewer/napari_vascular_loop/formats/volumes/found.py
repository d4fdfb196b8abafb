"""What a look at a file or folder finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.frame import MAX_SHEAR_DEG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_vascular_loop.domain.space import Grid
    from napari_vascular_loop.domain.volume import Volume, VolumeHeader


@dataclass(frozen=True, eq=False)
class FoundVolume:
    """A volume whose voxels have not been read yet.

    Parameters
    ----------
    header : VolumeHeader
        All but the voxels.
    read : callable
        Reads the voxels; raises VolumeReadError where the file is damaged.
    """

    header: VolumeHeader
    read: Callable[[], Volume]


def grid_warnings(grid: Grid) -> list[str]:
    """What a user should know of a grid before it is shown."""
    if grid.shear_deg <= MAX_SHEAR_DEG:
        return []
    return [f"its axes are sheared by {grid.shear_deg:.1f} degrees (a tilted gantry, or an affine registration)"]


@dataclass(frozen=True)
class Stray:
    """A file that is not (part of) a volume, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, eq=False)
class Found:
    """All that a source holds."""

    volumes: tuple[FoundVolume, ...]
    strays: tuple[Stray, ...] = ()
