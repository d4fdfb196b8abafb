"""The side that is said, and the side that is."""

from __future__ import annotations

import pytest

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Side
from napari_vascular_loop.domain.side_check import side_remark


@pytest.mark.parametrize(
    ("r_mm", "side", "expected"),
    [
        (12.3, Side.LEFT, "You say left; the mark lies right of the midline (R 12.3 mm)"),
        (-12.3, Side.RIGHT, "You say right; the mark lies left of the midline (L 12.3 mm)"),
        (12.3, Side.RIGHT, ""),
        (-12.3, Side.LEFT, ""),
        (0.8, Side.LEFT, ""),
        (5.0, Side.MIDLINE, ""),
        (-9.0, Side.MIDLINE, "You say midline; the mark lies left of it (L 9.0 mm)"),
        (40.0, None, ""),
    ],
)
def test_side_remark(r_mm, side, expected):
    said = side_remark(Annotation(Point((r_mm, 0, 0)), "head", side=side))
    assert said.startswith(expected)
    assert bool(said) == bool(expected)


def test_of_an_arrow_the_tip_counts():
    across = Annotation(Arrow((-20, 0, 0), (11, 0, 0)), "head", side=Side.RIGHT)
    assert side_remark(across) == ""
