"""What a look at a file or folder finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
