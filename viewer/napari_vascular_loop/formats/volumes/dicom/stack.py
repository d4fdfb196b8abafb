"""From slices in order to a stack with a grid: even spacing, gaps, and what is said of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.space import RAS_FROM_LPS, FloatArray
from napari_vascular_loop.formats.volumes.dicom.parts import is_uneven_as_scanned, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame
    from napari_vascular_loop.formats.volumes.dicom.run import Run

JITTER_MM = 0.02
"""So far a slice may lie from its place on an even grid, and nothing is said."""

ROUGH_MM = 0.1
"""So far, or 2 % of the spacing if that is more, but never a fifth of it, the nearest grid will do; it is said."""

MAX_BLANK_SHARE = 0.5
_SAME_GAP = 0.1
_SAME_SPACING = 0.01
_TILTED_MM = 0.1
_ROUGH_SHARE, _FINE_SHARE = 0.2, 0.02

_POSITIONS = frozenset(f"{first}F{last}" for first in "HF" for last in ("S", "P", "DL", "DR")) | {
    "LFS",
    "LFP",
    "RFS",
    "RFP",
}
"""Defined terms of Patient Position (PS3.3 section C.7.3.1.1.2)."""


class UnevenError(VolumeReadError):
    """Slices that lie on no even grid."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices on an even grid.

    Parameters
    ----------
    slices : tuple of DicomFrame
        In order along k, for one time point after the other.
    indices : tuple of int
        Of each slice, k + slice_count * time point; where a slice is missing, a number is left out.
    slice_count, time_points : int
        Numbers of slices of the grid, missing ones included, and of time points.
    voxel_to_ras : array of shape (4, 4)
        For voxels[column, row, slice].
    warnings, said, assumed, gaps : tuple of str
        See `Provenance`.
    """

    slices: tuple[DicomFrame, ...]
    indices: tuple[int, ...]
    slice_count: int
    time_points: int
    voxel_to_ras: FloatArray
    warnings: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def stacks_of(run: Run) -> list[tuple[Run, Stack]]:
    """Lay the slices of a volume on an even grid, or on several where that is how they were scanned.

    Raises
    ------
    VolumeReadError
        If they can't be; the message says why.
    """
    try:
        return [(run, stack_slices(run))]
    except UnevenError:
        parts = parts_of(run)
        if len(parts) == 1:
            raise
        return [(part, stack_slices(part)) for part in parts]


def stack_slices(run: Run) -> Stack:
    """Lay the slices of a volume on an even grid.

    Raises
    ------
    VolumeReadError
        If they can't be; the message says why.
    """
    slices = run.times[0]
    first = slices[0]
    warnings, said = list(run.warnings), [_orientation(first)]
    assumed: list[str] = []
    gaps: list[str] = []
    indices = list(range(len(slices)))
    if first.position_lps_mm is None:
        step = np.array(first.plane.normal_lps) * _assumed_spacing(first, assumed)
        origin = np.zeros(3)
        warnings.append(_unknown_place(slices))
    elif len(slices) == 1:
        spacing_mm = _assumed_spacing(first, assumed)
        step = np.array(first.plane.normal_lps) * spacing_mm
        origin = np.array(first.position_lps_mm)
        warnings.append(f"a single slice; its thickness is taken as {spacing_mm:g} mm")
        said.append("1 slice")
    else:
        positions = np.array([one.position_lps_mm for one in slices])
        normal = np.array(first.plane.normal_lps)
        indices, origin, step = _even_grid(slices, positions, normal)
        off_mm = float(np.linalg.norm(positions - origin - np.outer(indices, step), axis=1).max())
        if off_mm > JITTER_MM:
            warnings.append(
                f"its slices lie up to {off_mm:.2f} mm off an even grid, as if Image Position (Patient) had been "
                "rounded; the nearest grid is used"
            )
        spacing_mm = abs(float(step @ normal))
        said.append(f"{len(slices)} slices, {spacing_mm:.4g} mm apart by Image Position (Patient)")
        _compare_spacing(first, spacing_mm, warnings, said, gaps)
        tilt_deg = _largest_tilt_deg(slices)
        if tilt_deg:
            warnings.append(f"its slices are tilted against each other by up to {tilt_deg:.2f} degrees")
    if not first.plane.spacing_known:
        assumed.append("pixels of 1 mm")
        warnings.append("the files do not say how large a pixel is (no Pixel Spacing): 1 mm is taken")
    if len(run.times) > 1:
        said.append(f"{len(run.times)} time points by {run.why}")
    count = indices[-1] + 1
    matrix = np.eye(4)
    matrix[:3, 0] = np.array(first.plane.row_lps) * first.plane.column_spacing_mm
    matrix[:3, 1] = np.array(first.plane.column_lps) * first.plane.row_spacing_mm
    matrix[:3, 2] = step
    matrix[:3, 3] = origin
    voxel_to_ras = RAS_FROM_LPS @ matrix
    missing = sorted(set(range(count)) - set(indices))
    if missing:
        are = "1 slice is" if len(missing) == 1 else f"{len(missing)} slices are"
        middle = ((first.columns - 1) / 2, (first.rows - 1) / 2)
        gaps.insert(0, f"{are} missing and shown black, at {_places(missing, voxel_to_ras, middle)}")
        warnings.append(gaps[0])
    return Stack(
        tuple(one for some in run.times for one in some),
        tuple(k + count * time for time in range(len(run.times)) for k in indices),
        count,
        len(run.times),
        voxel_to_ras,
        tuple(warnings),
        tuple(said),
        tuple(assumed),
        tuple(gaps),
    )


def _orientation(first: DicomFrame) -> str:
    patient = first.header.get("PatientPosition")
    position = f"Patient Position {patient}" if str(patient) in _POSITIONS else "no Patient Position"
    if not first.plane.orientation_known:
        return f"{_what_is_missing(first)}, {position}"
    cosines = " ".join(f"{value:.6g}" for value in (*first.plane.row_lps, *first.plane.column_lps))
    return f"Image Orientation (Patient) {cosines}, {position}"


def _unknown_place(slices: Sequence[DicomFrame]) -> str:
    numbers = {one.instance_number for one in slices}
    order = "instance number" if len(numbers) == len(slices) else "file name: they have no instance numbers"
    said = "" if len(slices) == 1 else f"; slices are in order of {order}"
    return f"the files do not say how the patient lies in them ({_what_is_missing(slices[0])}){said}"


def _what_is_missing(first: DicomFrame) -> str:
    elements = {"ImageOrientationPatient": "Orientation", "ImagePositionPatient": "Position"}
    names = [name for keyword, name in elements.items() if not first.header.get(keyword)]
    # Both are there where the positions are not to be believed.
    return " and ".join(f"no Image {name} (Patient)" for name in names) or "no true Image Position (Patient)"


def _assumed_spacing(first: DicomFrame, assumed: list[str]) -> float:
    """Distance between slices where positions don't tell."""
    for name, value in (("Spacing Between Slices", first.stated_spacing_mm), ("Slice Thickness", first.thickness_mm)):
        if value:
            assumed.append(f"slices {value:g} mm thick, from {name}")
            return value
    assumed.append("slices 1 mm thick: the file does not say")
    return 1.0


def _compare_spacing(
    first: DicomFrame, spacing_mm: float, warnings: list[str], said: list[str], gaps: list[str]
) -> None:
    """Hold what the file says of thickness and spacing against the positions, which are the truth."""
    stated, thickness = first.stated_spacing_mm, first.thickness_mm
    if stated and abs(stated - spacing_mm) > max(JITTER_MM, _SAME_SPACING * spacing_mm):
        times = spacing_mm / stated
        if round(times) >= 2 and abs(times - round(times)) < _SAME_SPACING * times:
            gaps.append(
                f"its slices lie {spacing_mm:.4g} mm apart, {round(times)} times the Spacing Between Slices "
                f"({stated:.4g} mm): slices in between may be missing"
            )
            warnings.append(gaps[-1])
        else:
            warnings.append(
                f"its slices lie {spacing_mm:.4g} mm apart, not {stated:.4g} mm as Spacing Between Slices says; "
                "their positions are used"
            )
    if thickness and spacing_mm - thickness > max(JITTER_MM, _SAME_SPACING * spacing_mm):
        gaps.append(f"{spacing_mm - thickness:.3g} mm between slices of {thickness:.4g} mm thickness")
    elif thickness and thickness - spacing_mm > max(JITTER_MM, _SAME_SPACING * spacing_mm):
        said.append(f"slices of {thickness:.4g} mm thickness overlap by {thickness - spacing_mm:.3g} mm")


def _largest_tilt_deg(slices: Sequence[DicomFrame]) -> float:
    """Largest angle between slices that shifts a pixel noticeably; 0 where it does not matter."""
    first = slices[0]
    planes = {one.plane for one in slices}
    if len(planes) == 1:
        return 0.0
    ours = np.array([*first.plane.row_lps, *first.plane.column_lps])
    others = np.array([[*one.row_lps, *one.column_lps] for one in planes])
    turned = float(np.linalg.norm((others - ours).reshape(-1, 2, 3), axis=2).max())
    width_mm = max(first.columns * first.plane.column_spacing_mm, first.rows * first.plane.row_spacing_mm)
    return float(np.degrees(turned)) if turned * width_mm > _TILTED_MM else 0.0


def _tolerance_mm(spacing_mm: float) -> float:
    return max(JITTER_MM, 0.01 * spacing_mm)


def _even_grid(
    slices: Sequence[DicomFrame], positions: FloatArray, normal: FloatArray
) -> tuple[list[int], FloatArray, FloatArray]:
    """Find the number of each slice on an even grid, the place of slice 0 and the step between slices."""
    distances = (positions - positions[0]) @ normal
    gaps = np.diff(distances)
    # Where slices are missing some gaps are multiples: the smallest ones tell the spacing.
    typical = float(gaps[gaps <= gaps.min() * (1 + _SAME_GAP)].mean())
    numbers = np.rint(distances / typical)
    if _is_grid(numbers):
        step = (positions[-1] - positions[0]) / numbers[-1]
        errors = positions - (positions[0] + np.outer(numbers, step))
        tolerance_mm = _tolerance_mm(typical)
        if np.abs(errors @ normal).max() <= tolerance_mm and not is_uneven_as_scanned(slices, numbers.tolist()):
            shift_mm = float(np.linalg.norm(errors, axis=1).max())
            if shift_mm <= JITTER_MM:
                return numbers.astype(int).tolist(), positions[0], step
            if shift_mm > max(ROUGH_MM, tolerance_mm):
                raise UnevenError(
                    f"its {len(distances)} slices are shifted against each other in their plane, unevenly and by up "
                    f"to {shift_mm:.2f} mm, so they form no grid on which a place could be told rightly"
                )
    return _rounded_grid(slices, positions, distances)


def _rounded_grid(
    slices: Sequence[DicomFrame], positions: FloatArray, distances: FloatArray
) -> tuple[list[int], FloatArray, FloatArray]:
    """Find the grid nearest to positions that were rounded."""
    gaps = np.diff(distances)
    spacing_mm = float(np.median(gaps))
    numbers = np.concatenate([[0.0], np.cumsum(np.rint(gaps / spacing_mm))])
    if not _is_grid(numbers) or is_uneven_as_scanned(slices, numbers.tolist()):
        raise UnevenError(_uneven(distances))
    (origin, step), *_ = np.linalg.lstsq(np.stack([np.ones_like(numbers), numbers], axis=1), positions, rcond=None)
    off_mm = float(np.linalg.norm(positions - origin - np.outer(numbers, step), axis=1).max())
    if off_mm > min(max(ROUGH_MM, _FINE_SHARE * spacing_mm), _ROUGH_SHARE * spacing_mm):
        raise UnevenError(_uneven(distances))
    return numbers.astype(int).tolist(), origin, step


def _is_grid(numbers: FloatArray) -> bool:
    """Whether each slice has a number of its own, and not too many are missing."""
    return bool((np.diff(numbers) >= 1).all()) and int(numbers[-1]) + 1 <= len(numbers) / MAX_BLANK_SHARE


def _uneven(distances: FloatArray) -> str:
    gaps = np.diff(distances)
    return (
        f"its {len(distances)} slices are unevenly spaced ({gaps.min():.2f} to {gaps.max():.2f} mm), so they form "
        "no grid on which a place could be told rightly"
    )


def _places(numbers: Sequence[int], voxel_to_ras: FloatArray, middle: tuple[float, float]) -> str:
    """Say where slices lie, as the screen does: "S 12.5 to S 17.5 mm, I 3.0 mm"."""
    axis = int(np.abs(voxel_to_ras[:3, 2]).argmax())

    def place(number: int) -> str:
        mm = float((voxel_to_ras @ (*middle, number, 1.0))[axis])
        return f"{'RAS'[axis] if mm >= 0 else 'LPI'[axis]} {abs(mm):.1f}"

    runs: dict[int, list[int]] = defaultdict(list)
    for position, number in enumerate(numbers):
        runs[number - position].append(number)
    return ", ".join(
        f"{place(run[0])} to {place(run[-1])} mm" if len(run) > 1 else f"{place(run[0])} mm" for run in runs.values()
    )
