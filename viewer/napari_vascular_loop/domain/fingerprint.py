"""Fingerprints: how a lesson knows the very volume that its marks were made on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_vascular_loop.domain.frame import DisplayFrame
from napari_vascular_loop.domain.space import Grid

SAME_PLACE_MM = 0.01
"""Two grids whose corners differ by less are the same place."""

_BYTES_AT_ONCE = 1 << 24


def voxels_sha256(voxels: npt.NDArray[Any], frame: DisplayFrame) -> str:
    """Hash stored voxels independently of the order in which the file keeps its axes.

    The voxels are turned to the closest R, A, S order and hashed as little-endian numbers of their own type,
    in C order (S fastest), so that anyone can compute the same with a few lines of numpy.
    """
    ras_ordered = np.transpose(frame.reorder(voxels), (2, 1, 0))
    little_endian = ras_ordered.dtype.newbyteorder("<")
    digest = hashlib.sha256()
    bytes_per_plane = max(1, ras_ordered[0].size * ras_ordered.itemsize)
    step = max(1, _BYTES_AT_ONCE // bytes_per_plane)
    for start in range(0, ras_ordered.shape[0], step):
        digest.update(np.ascontiguousarray(ras_ordered[start : start + step], dtype=little_endian).data)
    return digest.hexdigest()


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
        DICOM's, where there is one.
    """

    voxels_sha256: str | None
    shape: tuple[int, int, int]
    voxel_to_ras: tuple[tuple[float, ...], ...]
    frame_of_reference_uid: str | None = None

    @property
    def grid(self) -> Grid:
        """The grid that the fingerprint speaks of."""
        return Grid(self.shape, np.array(self.voxel_to_ras))

    def differences(self, found: Fingerprint) -> tuple[str, ...]:
        """Say in words how a found volume differs from this one; empty when it is the same.

        The order in which a file keeps its axes is no difference.
        """
        said: list[str] = []
        mine, theirs = canonical(self.grid), canonical(found.grid)
        if mine.shape != theirs.shape:
            return (f"it has {_times(theirs.shape)} voxels, not {_times(mine.shape)}",)
        shift_mm = mine.farthest_corner_shift_mm(theirs)
        if shift_mm > SAME_PLACE_MM:
            said.append(f"it lies up to {shift_mm:.2f} mm away")
        if self.voxels_sha256 is not None and found.voxels_sha256 != self.voxels_sha256:
            said.append("its voxels are not the same")
        uids = (self.frame_of_reference_uid, found.frame_of_reference_uid)
        if all(uids) and uids[0] != uids[1]:
            said.append("its frame of reference is another")
        return tuple(said)


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
