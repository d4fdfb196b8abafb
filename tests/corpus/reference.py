"""dcm2niix as the reference: the same voxels at the same places, whatever the order of the axes."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dcm2niix
import nibabel
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

TOLERANCE_MM = 0.02


@dataclass(frozen=True, eq=False)
class Block:
    """Values[i, j, k] and where they lie, in RAS mm."""

    values: np.ndarray
    voxel_to_ras: np.ndarray


def converted(source: Path, out: Path) -> list[Block]:
    """What dcm2niix makes of a folder, one block for each time point; empty if it makes nothing."""
    out.mkdir(parents=True, exist_ok=True)
    command = [dcm2niix.bin, "-z", "n", "-b", "n", "-f", "%s_%d_%e", "-o", str(out), str(source)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    (out / "dcm2niix.log").write_text(run.stdout + run.stderr)
    blocks = []
    for path in sorted(out.glob("*.nii")):
        image = nibabel.Nifti1Image.from_filename(path)
        stored = np.asanyarray(image.dataobj)
        stored = stored.reshape((*stored.shape[:3], -1)) if stored.ndim > 2 else stored[:, :, None, None]
        blocks += [Block(np.array(stored[..., t]), np.array(image.affine)) for t in range(stored.shape[3])]
    return blocks


def blocks_of(volume: Volume) -> list[Block]:
    """Values of each time point."""
    blocks = []
    for number in range(volume.time_points):
        stored = volume.at_time_point(number)
        values = stored * np.float64(volume.rescale.slope) + volume.rescale.intercept
        blocks.append(Block(values, np.asarray(volume.voxel_to_ras)))
    return blocks


def difference(ours: Block, theirs: Block) -> str:
    """What differs between two blocks; empty if they hold the same values at the same places."""
    if min(ours.values.shape[2], theirs.values.shape[2]) == 1:
        # Where there is but one slice, its thickness is no geometry.
        ours, theirs = _flat(ours), _flat(theirs)
    if abs(np.linalg.det(theirs.voxel_to_ras)) < 1e-9:
        return "theirs has slices that lie one upon the other"
    to_theirs = np.linalg.inv(theirs.voxel_to_ras) @ ours.voxel_to_ras
    axes = np.abs(to_theirs[:3, :3]).argmax(axis=0)
    if sorted(axes.tolist()) != [0, 1, 2]:
        return "their axes can't be told apart"
    shape = tuple(theirs.values.shape[axis] for axis in axes)
    if shape != ours.values.shape:
        return f"shape {ours.values.shape}, theirs {shape}"
    rounded = np.zeros((4, 4))
    rounded[axes, range(3)] = np.sign(to_theirs[axes, range(3)])
    rounded[:3, 3] = np.where(rounded[:3, :3].sum(axis=1) < 0, np.array(theirs.values.shape) - 1, 0)
    rounded[3, 3] = 1
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in ours.values.shape])).reshape(3, -1)
    corners = np.vstack([corners, np.ones(corners.shape[1])])
    apart_mm = np.abs(ours.voxel_to_ras @ corners - theirs.voxel_to_ras @ (rounded @ corners))[:3].max()
    if apart_mm > TOLERANCE_MM:
        return f"corners {apart_mm:.3f} mm apart"
    turned = theirs.values.transpose(axes)[
        tuple(slice(None, None, int(rounded[axis, n])) for n, axis in enumerate(axes))
    ]
    atol = 1e-3 * max(1.0, float(np.nanmax(np.abs(turned))) * 1e-3)
    if not np.allclose(ours.values, turned, rtol=1e-5, atol=atol, equal_nan=True):
        return f"values differ by up to {np.nanmax(np.abs(ours.values - turned)):g}"
    return ""


def _flat(block: Block) -> Block:
    matrix = block.voxel_to_ras.copy()
    normal = np.cross(matrix[:3, 0], matrix[:3, 1])
    matrix[:3, 2] = normal / np.linalg.norm(normal)
    return Block(block.values, matrix)


def unmatched(ours: list[Block], theirs: list[Block]) -> list[str]:
    """Which blocks have no counterpart in the other list, and what comes nearest."""
    left = list(theirs)
    complaints = []
    for number, block in enumerate(ours):
        differences = [difference(block, other) for other in left]
        if "" in differences:
            left.pop(differences.index(""))
        else:
            complaints.append(
                f"ours {number} of {block.values.shape}: {'; '.join(differences[:3]) or 'theirs has none'}"
            )
    complaints += [f"only theirs: {block.values.shape}" for block in left]
    return complaints
