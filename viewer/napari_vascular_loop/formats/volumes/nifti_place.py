"""Where the voxels of a NIfTI file lie: sform and qform, their codes, and the unit of length.

The sform is used where its code is not 0, else the qform, as nibabel and the reference code of the standard do
(https://nifti.nimh.nih.gov/nifti-1/documentation/nifti1fields).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from nibabel.quaternions import quat2mat
from nibabel.spatialimages import HeaderDataError

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.space import FloatArray, Grid
from napari_vascular_loop.domain.text import shown_numbers

if TYPE_CHECKING:
    from napari_vascular_loop.formats.volumes.header_text import Notes

_UNITS = {1: ("meter", 1000.0), 2: ("mm", 1.0), 3: ("micron", 0.001)}
_CODES = {0: "unknown", 1: "scanner", 2: "aligned", 3: "talairach", 4: "mni", 5: "template"}
_QFORM_MAY_DIFFER_MM = 0.1
_MOST_BEYOND_ROTATION = 0.01
"""By this the length of a quaternion may differ from 1; beyond it the numbers mean something else, or nothing."""


def place(nifti: Any, shape: tuple[int, int, int], notes: Notes, warnings: list[str]) -> tuple[Grid, bool]:
    """Find out where the voxels lie.

    Parameters
    ----------
    nifti : nibabel header
        NIfTI-1 or NIfTI-2, checked.
    shape : tuple of 3 int
        Voxels along i, j, k.
    notes, warnings
        Are told what the header says, and what was assumed.

    Returns
    -------
    grid : Grid
    is_known : bool
        Whether the file says how the patient lies in the grid.

    Raises
    ------
    GeometryError
        If the matrix that is to be used makes no sense.
    """
    sform, qform = int(nifti["sform_code"]), int(nifti["qform_code"])
    codes = f"sform code {sform} ({_CODES[sform]}), qform code {qform} ({_CODES[qform]})"
    mm_per_unit = _mm_per_unit(nifti, notes, warnings)
    if sform:
        notes.said.insert(0, f"{codes}; the sform is used")
        grid = _grid(shape, nifti.get_sform(), mm_per_unit)
        if qform:
            warnings += _disagreement(nifti, grid, mm_per_unit)
    elif qform:
        notes.said.insert(0, f"{codes}; the qform is used")
        matrix, is_rounded = _qform(nifti)
        grid = _grid(shape, matrix, mm_per_unit)
        if is_rounded:
            notes.assumed.append("the quaternion of its qform is a little too long for a rotation: made shorter")
    else:
        notes.said.insert(0, codes)
        grid = _grid(shape, nifti.get_base_affine(), mm_per_unit)
        warnings.append("the file does not say how the patient lies in it (sform and qform codes are 0)")
        notes.assumed.append(f"axes towards {grid.orientation}, the origin in the middle")
    return grid, bool(sform or qform)


def _mm_per_unit(nifti: Any, notes: Notes, warnings: list[str]) -> float:
    """Length of the unit that the file is in; the upper bits of the field are the unit of time."""
    code = int(nifti["xyzt_units"]) % 8
    if code not in _UNITS:
        strange = f"a unit of length with the unknown code {code}" if code else "no unit of length"
        notes.assumed.append(f"{strange}: mm assumed")
        return 1.0
    unit, factor = _UNITS[code]
    notes.said.append(f"unit of length {unit}")
    if factor != 1.0:
        warnings.append(f"its unit of length is the {unit}; converted to mm")
    return factor


def _grid(shape: tuple[int, int, int], matrix: FloatArray, mm_per_unit: float) -> Grid:
    return Grid(shape, np.diag([mm_per_unit, mm_per_unit, mm_per_unit, 1.0]) @ np.array(matrix, dtype=np.float64))


def _qform(nifti: Any) -> tuple[FloatArray, bool]:
    """The matrix of the qform, and whether its quaternion had to be made shorter.

    nibabel refuses a quaternion that rounding has made longer than 1; the standard's own code shortens it.
    """
    b, c, d = (float(nifti[f"quatern_{name}"]) for name in "bcd")
    try:
        if np.isfinite([b, c, d]).all():
            return np.array(nifti.get_qform(), dtype=np.float64), False
        raise ValueError("no finite quaternion")
    except (HeaderDataError, ValueError):
        if not 1.0 <= np.sqrt(b * b + c * c + d * d) <= 1.0 + _MOST_BEYOND_ROTATION:
            raise GeometryError(f"its qform makes no sense: the quaternion {shown_numbers([b, c, d])}") from None
        matrix = np.eye(4)
        spacing = np.array(nifti["pixdim"][1:4], dtype=np.float64) * (1.0, 1.0, float(nifti["pixdim"][0]))
        matrix[:3, :3] = quat2mat((0.0, b, c, d)) * spacing
        matrix[:3, 3] = [float(nifti[f"qoffset_{name}"]) for name in "xyz"]
        return matrix, True


def _disagreement(nifti: Any, grid: Grid, mm_per_unit: float) -> list[str]:
    try:
        other = _grid(grid.shape, _qform(nifti)[0], mm_per_unit)
    except GeometryError:
        return ["its qform makes no sense; the sform is used"]
    shift_mm = grid.farthest_corner_shift_mm(other)
    if shift_mm <= _QFORM_MAY_DIFFER_MM:
        return []
    return [f"its sform and qform disagree by up to {shift_mm:.1f} mm; the sform is used"]
