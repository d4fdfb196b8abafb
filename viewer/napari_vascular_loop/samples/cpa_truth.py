"""What is known of the computed head: its nerves, its vessels and where they meet, as annotations.

Tools and students can be scored against them: each lies where the voxels were computed from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Annotation, Geometry, Grade, Path, Point, Side
from napari_vascular_loop.domain.space import FloatArray, vector3
from napari_vascular_loop.samples.cpa_anatomy import Anatomy, Closest, Compression, Tube
from napari_vascular_loop.samples.cpa_scan import Sequence, cpa_grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.domain.space import Vector3

GRADES = {
    Compression.CONTACT: Grade.MILD,
    Compression.INDENTATION: Grade.MODERATE,
    Compression.DEVIATION: Grade.SEVERE,
}
_STEP_MM = 0.45
_DECIMALS = 3
_NERVES = ("facial-nerve", "vestibulocochlear-nerve")
_NAMES = {
    "facial-nerve": "Facial nerve",
    "vestibulocochlear-nerve": "Vestibulocochlear nerve",
    "aica": "AICA",
    "basilar-artery": "Basilar artery",
    "vertebral-artery": "Vertebral artery",
}


def true_annotations(
    compression: Compression, sequence: Sequence = Sequence.CISS, volume_id: str = "cpa"
) -> tuple[Annotation, ...]:
    """Give the exact annotations of a computed scan.

    Parameters
    ----------
    compression : Compression
        Which head.
    sequence : Sequence
        In a time-of-flight scan nerves can't be seen, so that only the vessels are annotated.
    volume_id : str
        How the annotations name the volume.

    Returns
    -------
    tuple of Annotation
        Paths of the facial and vestibulocochlear nerves, AICA and vertebral arteries of both sides, and of the
        basilar artery, none of their chords further than 0.05 mm from the curve; the point of contact on the left,
        with its grade; on each side a ruler between nerve and artery where they come closest, from the middle of one
        to the middle of the other.
    """
    anatomy = Anatomy(compression)
    seen = (*_NERVES, *_NAMES) if sequence is Sequence.CISS else tuple(n for n in _NAMES if n not in _NERVES)
    marks = [_path(tube, volume_id) for tube in anatomy.tubes if tube.name in seen]
    if sequence is Sequence.CISS:
        marks += _meetings(anatomy, volume_id)
    return tuple(marks)


def _path(tube: Tube, volume_id: str) -> Annotation:
    return Annotation(
        Path(tuple(map(rounded, thinned(scanned(tube.line_ras_mm))))),
        volume_id,
        f"{_NAMES[tube.name]}{_LETTERS[tube.side]}",
        f"Computed: its middle, {2 * tube.radius_mm:.1f} mm thick.",
        tube.name,
        tube.side,
    )


_LETTERS = {Side.LEFT: " (L)", Side.RIGHT: " (R)", Side.MIDLINE: ""}


def _meetings(anatomy: Anatomy, volume_id: str) -> Iterator[Annotation]:
    for side in (Side.LEFT, Side.RIGHT):
        found = anatomy.contact(side)
        first, second = found.on_first_ras_mm, found.on_second_ras_mm
        said = f"middle to middle {found.between_lines_mm:.2f} mm, wall to wall {found.between_walls_mm:.2f} mm"
        if side is Side.LEFT:
            point: Geometry = Point(rounded(contact_ras_mm(found, anatomy.facial[side].radius_mm)))
            grade = GRADES[anatomy.compression]
            words = f"Computed {anatomy.compression.value}: {said}."
            yield Annotation(point, volume_id, "Contact (L)", words, "facial-nerve-root", side, grade)
        ruler = Path((rounded(first), rounded(second)))
        yield Annotation(ruler, volume_id, f"Nerve to AICA{_LETTERS[side]}", f"Computed: {said}.", "facial-nerve", side)


def contact_ras_mm(found: Closest, nerve_radius_mm: float) -> Vector3:
    """Give the place on the wall of the nerve that is nearest to the artery; of a dented nerve, its wall undented."""
    first, second = np.array(found.on_first_ras_mm), np.array(found.on_second_ras_mm)
    return vector3(first + (second - first) * (nerve_radius_mm / found.between_lines_mm))


def scanned(line_ras_mm: FloatArray) -> FloatArray:
    """Leave out what of a line lies outside the shipped scans: the vertebral arteries come from below."""
    grid = cpa_grid()
    ijk = line_ras_mm @ grid.ras_to_voxel[:3, :3].T + grid.ras_to_voxel[:3, 3]
    inside = np.all((ijk >= 0) & (ijk <= np.array(grid.shape) - 1), axis=1)
    return np.asarray(line_ras_mm[inside])


def thinned(line_ras_mm: FloatArray, step_mm: float = _STEP_MM) -> FloatArray:
    """Take fewer places of a curve, both ends among them."""
    length_mm = float(np.linalg.norm(np.diff(line_ras_mm, axis=0), axis=1).sum())
    count = max(2, round(length_mm / step_mm) + 1)
    numbers = np.linspace(0, len(line_ras_mm) - 1, count).round().astype(int)
    return np.asarray(line_ras_mm[numbers])


def rounded(place_ras_mm: FloatArray | Vector3) -> Vector3:
    """Round to a thousandth of a mm, as precise as a file of marks needs it."""
    return vector3(np.round(np.asarray(place_ras_mm, dtype=np.float64), _DECIMALS) + 0.0)
