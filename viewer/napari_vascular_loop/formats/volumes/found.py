"""What a look at a file or folder finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.frame import shear_warning

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from napari_vascular_loop.domain.errors import VolumeReadError
    from napari_vascular_loop.domain.space import Grid
    from napari_vascular_loop.domain.volume import Provenance, Volume, VolumeHeader

Progress = Callable[[float], None]
"""Told from time to time how much is done, from 0 to 1; raises ReadCancelledError to end the work."""


def no_progress(_done: float) -> None:
    """Nobody waits."""


def part_of(progress: Progress, number: int, count: int) -> Progress:
    """Progress of one of several parts of equal length, as progress of the whole."""
    return lambda done: progress((number + done) / count)


@dataclass(frozen=True, eq=False)
class FoundVolume:
    """A volume whose voxels have not been read yet.

    Parameters
    ----------
    header : VolumeHeader
        All but the voxels.
    reader : callable
        Reads the voxels, telling its progress; raises VolumeReadError where the file is damaged.
    middle_reader : callable, optional
        Reads only the middle slice along k, an array of shape (I, J), where that is quicker than reading all.
    """

    header: VolumeHeader
    reader: Callable[[Progress], Volume]
    middle_reader: Callable[[], npt.NDArray[Any]] | None = None

    def read(self, progress: Progress = no_progress) -> Volume:
        """Read the voxels.

        Raises
        ------
        VolumeReadError
            If the file is damaged.
        ReadCancelledError
            If `progress` raises it.
        """
        return self.reader(progress)

    def middle_slice(self) -> npt.NDArray[Any]:
        """Stored numbers of the middle slice along k, shape (I, J): for a thumbnail.

        Raises
        ------
        VolumeReadError
            If the file is damaged.
        """
        if self.middle_reader is not None:
            return self.middle_reader()
        voxels = self.read().voxels
        return voxels[:, :, voxels.shape[2] // 2]

    def with_provenance(self, change: Callable[[Provenance], Provenance]) -> FoundVolume:
        """Copy that tells another story of where the voxels come from, before and after they are read."""
        provenance = change(self.header.provenance)

        def reader(progress: Progress) -> Volume:
            return replace(self.reader(progress), provenance=provenance)

        return FoundVolume(replace(self.header, provenance=provenance), reader, self.middle_reader)


def grid_warnings(grid: Grid) -> list[str]:
    """What a user should know of a grid before it is shown."""
    sheared = shear_warning(grid)
    return [sheared] if sheared else []


@dataclass(frozen=True, eq=False)
class Look:
    """A first look at a file whose name tells its format.

    Parameters
    ----------
    find : callable
        Reads the rest of what the header says; raises VolumeReadError where it makes no sense.
    companions : tuple of Path
        Files that are read together with this one, and are nothing by themselves.
    """

    find: Callable[[], list[FoundVolume]]
    companions: tuple[Path, ...] = ()


def refused(error: VolumeReadError) -> Look:
    """Look at a file whose header could not even be parsed."""

    def find() -> list[FoundVolume]:
        raise error

    return Look(find)


@dataclass(frozen=True)
class Stray:
    """A file that is not (part of) a volume, and why.

    Parameters
    ----------
    path : Path
        The file.
    reason : str
        Goes without the file's own name, which is shown beside it; a message that begins with it may be given.
    """

    path: Path
    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", self.reason.removeprefix(f"{self.path.name}: "))


@dataclass(frozen=True, eq=False)
class Found:
    """All that a source holds."""

    volumes: tuple[FoundVolume, ...]
    strays: tuple[Stray, ...] = ()

    @property
    def reasons(self) -> list[str]:
        """Why files are no volumes: each reason once, with the file's name where it is that of one file alone."""
        files: dict[str, list[str]] = {}
        for stray in self.strays:
            files.setdefault(stray.reason, []).append(stray.path.name)
        return [f"{names[0]}: {why}" if len(names) == 1 else why for why, names in sorted(files.items())]
