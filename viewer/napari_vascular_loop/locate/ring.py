"""How far from an answer the place may lie: the radius of the ring that is drawn around it."""

from __future__ import annotations

import math

from napari_vascular_loop.locate.quality import Verdict

_WIDE = 2.0
"""Standard deviations: of places that spread alike in all directions, three of four lie within two; see docs/locate.md
for how often the truth was within the ring."""

_REGISTRATION_MM = 1.2
_OTHER_HEADS_MM = 2.5
"""Made heads are all of one man; between him and somebody else an affine step leaves two to three millimetres."""

_MOST_MM = 30.0


def radius_mm(
    spread_mm: float, disagreement_mm: float, second_step_mm: float, coarsest_mm: float, verdict: Verdict
) -> float:
    """Give the radius within which a place is expected, in mm.

    Parameters
    ----------
    spread_mm : float
        Of the atlas' place: how exactly it was read, and how people differ.
    disagreement_mm, second_step_mm : float
        How far two starts, and the first and the second step, lie apart there.
    coarsest_mm : float
        The longest side of a voxel of the scan.
    verdict : Verdict
        What is doubtful has a ring half as wide again.
    """
    parts = (spread_mm, _REGISTRATION_MM, _OTHER_HEADS_MM, disagreement_mm / 2, second_step_mm / 2, coarsest_mm / 4)
    radius = _WIDE * math.sqrt(sum(part * part for part in parts))
    return min(_MOST_MM, radius if verdict is Verdict.FOUND else 1.5 * radius)
