"""Volumes: one head's voxels, where they lie, and what is known of where they come from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.fingerprint import Fingerprint, voxels_sha256
from napari_vascular_loop.domain.frame import DisplayFrame
from napari_vascular_loop.domain.space import FloatArray, Grid, Vector3

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt


SYNTHETIC = "SYNTHETIC"
"""With this word begin description and warning of a volume that was computed, not taken of a person."""


@dataclass(frozen=True)
class Provenance:
    """What is known of a volume besides its voxels.

    Parameters
    ----------
    id : str
        A short name made from a hash of the content: it holds nothing of the patient's.
    format : str
        "nifti" or "dicom".
    modality : str
        DICOM's two letters ("MR"), or "" where the file does not say.
    description : str
        What the file calls it; may be empty. For the screen only, never for an export.
    orientation_known : bool
        Whether the file says how the patient lies in the grid. Where it does not, no letters are drawn.
    frame_of_reference_uid : str or None
        DICOM's, where there is one.
    source_files : tuple of Path or str
        The files, or the addresses, that the voxels come from.
    warnings : tuple of str
        What a reader should know: gaps, duplicates, what was assumed.
    said : tuple of str
        How the file itself says where the patient lies: sform and qform codes, DICOM orientation.
    assumed : tuple of str
        What the file does not say and was taken for granted.
    dropped : tuple of str
        What is in the file and was left out: copies, unused bits, other time points.
    gaps : tuple of str
        Missing slices, and room between slices; those that a reader must know are among the warnings, too.
    resampled : str
        Why the voxels are no longer those of the file; "" where they are.
    """

    id: str = ""
    format: str = ""
    modality: str = ""
    description: str = ""
    orientation_known: bool = True
    frame_of_reference_uid: str | None = None
    source_files: tuple[Path | str, ...] = ()
    warnings: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    resampled: str = ""

    @property
    def is_synthetic(self) -> bool:
        """Whether the volume says of itself that it was computed, not taken of a person."""
        return self.format == "computed" or any(warning.startswith(SYNTHETIC) for warning in self.warnings)


@dataclass(frozen=True)
class Rescale:
    """Linear map from stored numbers to the values that the file means: value = slope * stored + intercept."""

    slope: float = 1.0
    intercept: float = 0.0

    @property
    def is_identity(self) -> bool:
        """Whether stored numbers are the values."""
        return self.slope == 1.0 and self.intercept == 0.0


@dataclass(frozen=True, eq=False)
class VolumeHeader:
    """All of a volume but its voxels: what `inspect` shows.

    Parameters
    ----------
    grid : Grid
        Where the voxels lie.
    provenance : Provenance
        What is known of the source.
    rescale : Rescale
        From stored numbers to values.
    dtype : str
        numpy's name for the stored numbers, such as "int16"; "" where it is not known before they are read.
    time_points : int
        How many volumes of the same grid follow each other.
    """

    grid: Grid
    provenance: Provenance = field(default_factory=Provenance)
    rescale: Rescale = field(default_factory=Rescale)
    dtype: str = ""
    time_points: int = 1

    @property
    def nbytes(self) -> int:
        """Memory that the voxels of all time points take."""
        itemsize = np.dtype(self.dtype).itemsize if self.dtype else 2
        return math.prod(self.grid.shape) * self.time_points * itemsize

    @property
    def orientation(self) -> str | None:
        """Letters such as "RAS" towards which i, j, k run; None where the file does not say."""
        return self.grid.orientation if self.provenance.orientation_known else None


@dataclass(frozen=True, eq=False, repr=False)
class Volume:
    """A 3-D image of one head.

    Parameters
    ----------
    voxels : array of shape (I, J, K)
        In the data type of the file; stored numbers, see `rescale`.
    voxel_to_ras : array of shape (4, 4)
        Turns voxel indices (centres at integers) into RAS mm.
    provenance : Provenance
        What is known of the source.
    rescale : Rescale
        From stored numbers to values.
    series : array of shape (I, J, K, T), optional
        All time points, where there are several; `voxels` is the first. Marks bind to the first.
    levels : tuple of arrays of shape (I', J', K')
        Coarser copies of `voxels` for large volumes, each of the same extent, from fine to coarse.

    Raises
    ------
    GeometryError
        If there are not three dimensions, or the matrix makes no sense.
    """

    voxels: npt.NDArray[Any]
    voxel_to_ras: FloatArray
    provenance: Provenance = field(default_factory=Provenance)
    rescale: Rescale = field(default_factory=Rescale)
    series: npt.NDArray[Any] | None = None
    levels: tuple[npt.NDArray[Any], ...] = ()

    def __post_init__(self) -> None:
        if self.voxels.ndim != 3:
            raise GeometryError(f"a volume has three dimensions, got voxels of shape {self.voxels.shape}")
        if self.series is not None and (self.series.ndim != 4 or self.series.shape[:3] != self.voxels.shape):
            raise GeometryError(f"time points of shape {self.series.shape} don't fit voxels {self.voxels.shape}")
        object.__setattr__(self, "voxel_to_ras", self.grid.voxel_to_ras)

    @cached_property
    def grid(self) -> Grid:
        """Where the voxels lie."""
        i, j, k = self.voxels.shape
        return Grid((i, j, k), self.voxel_to_ras)

    def __repr__(self) -> str:
        sides = " x ".join(str(side) for side in self.voxels.shape)
        times = f", {self.time_points} time points" if self.time_points > 1 else ""
        lies = self.orientation or "orientation unknown"
        return f"<Volume {self.provenance.id}: {sides} {self.voxels.dtype}{times}, {lies}>"

    @cached_property
    def frame(self) -> DisplayFrame:
        """How the voxels are laid out for display."""
        return DisplayFrame(self.grid)

    @property
    def header(self) -> VolumeHeader:
        """All but the voxels."""
        return VolumeHeader(self.grid, self.provenance, self.rescale, self.voxels.dtype.name, self.time_points)

    @property
    def time_points(self) -> int:
        """How many volumes of the same grid there are."""
        return 1 if self.series is None else int(self.series.shape[3])

    def at_time_point(self, number: int) -> npt.NDArray[Any]:
        """Voxels of a time point, counted from 0."""
        return self.voxels if self.series is None else self.series[..., number]

    @property
    def spacing_mm(self) -> Vector3:
        """Distance between voxel centres along i, j, k."""
        return self.grid.spacing_mm

    @property
    def orientation(self) -> str | None:
        """Letters such as "RAS"; None where the file does not say."""
        return self.header.orientation

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What marks bind to: reads all voxels the first time that their hash is looked at."""
        return Fingerprint.when_asked(
            lambda: voxels_sha256(self.voxels, self.frame),
            shape=self.grid.shape,
            voxel_to_ras=tuple(tuple(float(v) for v in row) for row in self.voxel_to_ras),
            frame_of_reference_uid=self.provenance.frame_of_reference_uid,
        )

    def value_at(self, ijk: tuple[int, int, int]) -> float:
        """Value of a voxel, rescaled as the file asks."""
        return float(self.voxels[ijk]) * self.rescale.slope + self.rescale.intercept
