"""Where would you look? A student's place held against the finder's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.space import Vector3
    from napari_vascular_loop.locate.answer import Answer


def words_on_guess(guess_ras_mm: Vector3, answers: Sequence[Answer]) -> str:
    """Say how far a place is from the nearest of those that the finder expects.

    Parameters
    ----------
    guess_ras_mm : (float, float, float)
        Where the student would look.
    answers : sequence of Answer
        Those that are shown; of one structure.
    """
    off = [
        (float(np.linalg.norm(np.subtract(guess_ras_mm, one.place_ras_mm))), one)
        for one in answers
        if one.place_ras_mm is not None and one.radius_mm is not None
    ]
    if not off:
        return "It was not found in this scan, so your place can't be judged."
    off_mm, nearest = min(off, key=lambda pair: pair[0])
    radius_mm = nearest.radius_mm or 0.0
    side = f" on the {nearest.place.side.value}" if len(off) > 1 else ""
    if off_mm <= radius_mm:
        return f"Well looked: {off_mm:.1f} mm from the middle of the ring{side}, and within it ({radius_mm:.0f} mm)."
    return f"{off_mm:.1f} mm from the middle of the ring{side}, outside of its {radius_mm:.0f} mm. Compare."
