"""The orientation receipt: what is known of where a volume lies, who says so, and what is only assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.space import Vector3, format_ras_mm

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Rescale, VolumeHeader

RIGHT_HANDED = "right-handed"
LEFT_HANDED = "left-handed (mirrored storage)"

NOTES = "notes"
"""Heading of the warnings."""

_FLAT_DEG = 0.005
"""Smaller angles are the rounding of a header."""


@dataclass(frozen=True)
class Receipt:
    """What is known of where a volume lies.

    Parameters
    ----------
    orientation : str or None
        Letters such as "RAS" towards which i, j, k run; None where the file does not say.
    said : tuple of str
        How the file itself says it.
    assumed : tuple of str
        What the file does not say and was taken for granted.
    dropped : tuple of str
        What is in the file and was left out.
    gaps : tuple of str
        Missing slices, and room between slices.
    warnings : tuple of str
        What else a reader should know.
    shape : tuple of 3 int
        Voxels along i, j, k.
    spacing_mm, extent_mm : (float, float, float)
        Distance between voxel centres along i, j, k, and length from the outer edge of the first voxel to that of
        the last.
    handedness : str or None
        `RIGHT_HANDED` or `LEFT_HANDED`: the sign of the determinant of voxel_to_ras; None where the orientation is
        not known.
    obliquity_deg : float
        Largest angle between a voxel axis and the anatomical axis it is closest to.
    shear_deg : float
        How far the voxel axes are from standing square on each other.
    first_voxel_ras_mm, last_voxel_ras_mm : (float, float, float)
        Centres of voxel (0, 0, 0) and of the one farthest from it.
    rescale : Rescale
        From stored numbers to values.
    dtype : str
        numpy's name for the stored numbers; "" where it is not known before they are read.
    time_points : int
        How many volumes of the same grid follow each other.
    resampled : str
        Why the voxels are no longer those of the file; "" where they are.
    """

    orientation: str | None
    said: tuple[str, ...]
    assumed: tuple[str, ...]
    dropped: tuple[str, ...]
    gaps: tuple[str, ...]
    warnings: tuple[str, ...]
    shape: tuple[int, int, int]
    spacing_mm: Vector3
    extent_mm: Vector3
    handedness: str | None
    obliquity_deg: float
    shear_deg: float
    first_voxel_ras_mm: Vector3
    last_voxel_ras_mm: Vector3
    rescale: Rescale
    dtype: str
    time_points: int
    resampled: str


def receipt(header: VolumeHeader) -> Receipt:
    """Write the receipt of a volume."""
    about, grid = header.provenance, header.grid
    handedness = None
    if header.orientation is not None:
        handedness = RIGHT_HANDED if np.linalg.det(grid.voxel_to_ras[:3, :3]) > 0 else LEFT_HANDED
    i, j, k = (n * mm for n, mm in zip(grid.shape, grid.spacing_mm, strict=True))
    first, last = (grid.ras_from_voxel(corner) for corner in ((0, 0, 0), np.array(grid.shape) - 1))
    return Receipt(
        orientation=header.orientation,
        said=about.said,
        assumed=about.assumed,
        dropped=about.dropped,
        gaps=about.gaps,
        warnings=about.warnings,
        shape=grid.shape,
        spacing_mm=grid.spacing_mm,
        extent_mm=(i, j, k),
        handedness=handedness,
        obliquity_deg=grid.obliquity_deg,
        shear_deg=grid.shear_deg,
        first_voxel_ras_mm=(float(first[0]), float(first[1]), float(first[2])),
        last_voxel_ras_mm=(float(last[0]), float(last[1]), float(last[2])),
        rescale=header.rescale,
        dtype=header.dtype,
        time_points=header.time_points,
        resampled=about.resampled,
    )


def lines(made: Receipt) -> list[tuple[str, str]]:
    """Put a receipt into words.

    Returns
    -------
    list of (heading, text)
        In the order in which they are shown; a heading may come several times.
    """
    said: list[tuple[str, str]] = [("orientation", _orientation(made))]
    said += [("the file says", one) for one in made.said]
    said += [("assumed", one) for one in made.assumed]
    said += [
        ("spacing", f"{_times(made.spacing_mm)} mm, {' x '.join(map(str, made.shape))} voxels"),
        ("extent", f"{_times(made.extent_mm)} mm"),
    ]
    if made.orientation is not None:
        said += [
            ("first voxel", format_ras_mm(made.first_voxel_ras_mm, 2)),
            ("last voxel", format_ras_mm(made.last_voxel_ras_mm, 2)),
            ("handedness", _handedness(made)),
            ("oblique by", _oblique(made)),
        ]
    if made.shear_deg > _FLAT_DEG:
        said.append(("sheared by", f"{made.shear_deg:.2f} degrees: the axes do not stand square on each other"))
    said += [("gaps", one) for one in made.gaps or ("none found",)]
    said.append(("values", _values(made)))
    if made.time_points > 1:
        said.append(("time points", f"{made.time_points}; marks bind to the first"))
    if made.resampled:
        said.append(("resampled", made.resampled))
    said += [("left out", one) for one in made.dropped]
    said += [(NOTES, one) for one in made.warnings if one not in made.gaps]
    return said


def _orientation(made: Receipt) -> str:
    if made.orientation is None:
        return "UNKNOWN: the file does not say how the patient lies in it, so left and right can't be told"
    names = {"L": "left", "R": "right", "A": "front", "P": "back", "S": "head", "I": "feet"}
    to = ", ".join(names[letter] for letter in made.orientation)
    return f"{made.orientation}: the axes of the array run to the patient's {to}"


def _handedness(made: Receipt) -> str:
    if made.handedness == RIGHT_HANDED:
        return f"{RIGHT_HANDED}: the array is stored as the patient is, not mirrored"
    return f"{LEFT_HANDED}: shown without its matrix, left and right would be swapped; the matrix is used"


def _oblique(made: Receipt) -> str:
    if made.obliquity_deg <= _FLAT_DEG:
        return "0 degrees: the axes run along the patient's"
    return f"{made.obliquity_deg:.2f} degrees, the largest angle between an axis and the patient's"


def _values(made: Receipt) -> str:
    stored = made.dtype or "a type that is known when they are read"
    if made.rescale.is_identity:
        return f"stored as {stored}, not rescaled"
    slope, intercept = made.rescale.slope, made.rescale.intercept
    return f"stored as {stored}; value = {slope:g} x stored {'-' if intercept < 0 else '+'} {abs(intercept):g}"


def _times(millimetres: Vector3) -> str:
    return " x ".join(f"{mm:.4g}" for mm in millimetres)
