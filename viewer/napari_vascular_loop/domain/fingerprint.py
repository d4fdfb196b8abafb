"""Fingerprints: how a lesson knows the very volume that its marks were made on."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_vascular_loop.domain.frame import DisplayFrame
from napari_vascular_loop.domain.space import Grid

if TYPE_CHECKING:
    from collections.abc import Callable

SAME_PLACE_MM = 0.01
"""Two grids whose corners differ by less are the same place."""

_BYTES_AT_ONCE = 1 << 24
_LAZY_BYTES_AT_ONCE = 1 << 28


def voxels_sha256(voxels: npt.NDArray[Any], frame: DisplayFrame) -> str:
    """Hash stored voxels independently of the order in which the file keeps its axes.

    The voxels are turned to the closest R, A, S order and hashed as little-endian numbers of their own type,
    in C order (S fastest), so that anyone can compute the same with a few lines of numpy. Of a lazy array one slab
    is held in memory at a time; slabs end where its chunks do, so that a chunk is not read for two of them.
    """
    ras_ordered = np.transpose(frame.reorder(voxels), (2, 1, 0))
    little_endian = ras_ordered.dtype.newbyteorder("<")
    digest = hashlib.sha256()
    for slab in _slabs(ras_ordered):
        digest.update(np.ascontiguousarray(slab, dtype=little_endian).data)
    return digest.hexdigest()


def _slabs(array: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Cut an array, or a lazy one, along its first axis."""
    bytes_per_plane = max(1, array[0].size * array.dtype.itemsize)
    planes = max(1, _BYTES_AT_ONCE // bytes_per_plane)
    # A lazy array knows the lengths of its chunks along each axis.
    chunks: tuple[tuple[int, ...], ...] | None = getattr(array, "chunks", None)
    if chunks is not None and max(chunks[0]) * bytes_per_plane <= _LAZY_BYTES_AT_ONCE:
        ends = np.cumsum([0, *chunks[0]]).tolist()
    else:
        ends = [*range(0, array.shape[0], planes), array.shape[0]]
    return [array[start:end] for start, end in pairwise(ends)]


@dataclass(frozen=True)
class Fingerprint:
    """Hash of a volume's voxels, and where its grid lies.

    Parameters
    ----------
    voxels_sha256 : str or None
        See :func:`voxels_sha256`; None where the publisher's file has not been seen, so that only its geometry
        can be held against it.
    shape : tuple of 3 int
        Voxels along i, j, k.
    voxel_to_ras : 4 rows of 4 float
        Voxel index to RAS mm.
    frame_of_reference_uid : str or None
        DICOM's, where there is one: of what was scanned without the patient getting up.
    """

    voxels_sha256: str | None
    shape: tuple[int, int, int]
    voxel_to_ras: tuple[tuple[float, ...], ...]
    frame_of_reference_uid: str | None = None

    @classmethod
    def when_asked(
        cls,
        hash_voxels: Callable[[], str],
        shape: tuple[int, int, int],
        voxel_to_ras: tuple[tuple[float, ...], ...],
        frame_of_reference_uid: str | None = None,
    ) -> Fingerprint:
        """Make a fingerprint whose voxels are hashed the first time the hash is looked at.

        Where the geometry already tells two volumes apart, a large one need not be read for it.
        """
        made = cls(None, shape, voxel_to_ras, frame_of_reference_uid)
        del made.__dict__["voxels_sha256"]
        made.__dict__["_hash_voxels"] = hash_voxels
        return made

    if not TYPE_CHECKING:  # or any misspelt name would pass as typed

        def __getattr__(self, name: str) -> str:
            hash_voxels = self.__dict__.get("_hash_voxels")
            if name == "voxels_sha256" and hash_voxels is not None:
                self.__dict__[name] = hash_voxels()
                # Forgotten, so that the fingerprint does not hold the voxels.
                self.__dict__.pop("_hash_voxels", None)
            try:
                return self.__dict__[name]
            except KeyError:
                raise AttributeError(f"a fingerprint has no {name!r}") from None

    @property
    def grid(self) -> Grid:
        """The grid that the fingerprint speaks of."""
        return Grid(self.shape, np.array(self.voxel_to_ras))

    def distance_mm(self, found: Fingerprint) -> float:
        """How far the corners of a found volume's grid lie from this one's; infinite where the shape is another.

        The order in which a file keeps its axes is no difference. No voxel is looked at.
        """
        mine, theirs = canonical(self.grid), canonical(found.grid)
        return mine.farthest_corner_shift_mm(theirs) if mine.shape == theirs.shape else math.inf

    def differences(self, found: Fingerprint) -> tuple[str, ...]:
        """Say in words how a found volume differs from this one; empty when it is the same.

        The order in which a file keeps its axes is no difference. A frame of reference decides only where no voxels
        were hashed: whoever de-identifies a scan gives it a new one. See :meth:`is_in_other_frame`.
        """
        said = list(self.differences_of_grid(found))
        if math.isinf(self.distance_mm(found)):
            return tuple(said)
        if self.voxels_sha256 is None:
            if self.is_in_other_frame(found):
                said.append("its frame of reference is another")
        elif found.voxels_sha256 != self.voxels_sha256:
            said.append("its voxels are not the same")
        return tuple(said)

    def is_in_other_frame(self, found: Fingerprint) -> bool:
        """Whether both have a frame of reference, and not the same."""
        uids = (self.frame_of_reference_uid, found.frame_of_reference_uid)
        return all(uids) and uids[0] != uids[1]

    def differences_of_grid(self, found: Fingerprint) -> tuple[str, ...]:
        """Say how the grid of a found volume differs from this one's, without a look at the voxels."""
        shift_mm = self.distance_mm(found)
        if math.isinf(shift_mm):
            mine, theirs = canonical(self.grid), canonical(found.grid)
            return (f"it has {_times(theirs.shape)} voxels, not {_times(mine.shape)}",)
        return (f"it lies up to {shift_mm:.2f} mm away",) if shift_mm > SAME_PLACE_MM else ()


def canonical(grid: Grid) -> Grid:
    """The same voxels counted along the closest R, A, S axes."""
    frame = DisplayFrame(grid)
    s, a, r = np.diag(frame.scale_mm)
    origin = frame.ras_from_display(frame.translate_mm)
    matrix = np.eye(4)
    rotation = frame.display_to_ras[:3, :3]
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = rotation @ r, rotation @ a, rotation @ s
    matrix[:3, 3] = origin
    return Grid((frame.shape[2], frame.shape[1], frame.shape[0]), matrix)


def _times(shape: tuple[int, int, int]) -> str:
    return " x ".join(str(n) for n in shape)
