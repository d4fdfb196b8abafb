"""Whether the side that a mark is said to be on is the side that it lies on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Side

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation

_SURE_FROM_MM = 1.0
_MIDLINE_TO_MM = 6.0


def side_remark(annotation: Annotation) -> str:
    """Say that a mark lies on another side than it is said to; "" where nothing is to be said.

    The midline is taken to be R 0, the middle of the scanner: a head that lay beside it is told wrongly, so this is
    a remark and no error.

    Examples
    --------
    >>> from napari_vascular_loop.domain.annotation import Annotation, Point
    >>> side_remark(Annotation(Point((12.3, 0, 0)), "head", side=Side.LEFT))
    'You say left; the mark lies right of the midline (R 12.3 mm). True, if the head lay in the middle of the scanner.'
    """
    r_mm = annotation.geometry.anchor_ras_mm[0]
    lies = Side.RIGHT if r_mm > 0 else Side.LEFT
    where = f"({'R' if r_mm > 0 else 'L'} {abs(r_mm):.1f} mm). True, if the head lay in the middle of the scanner."
    if annotation.side is Side.MIDLINE and abs(r_mm) > _MIDLINE_TO_MM:
        return f"You say midline; the mark lies {lies.value} of it {where}"
    if annotation.side in (Side.LEFT, Side.RIGHT) and annotation.side is not lies and abs(r_mm) > _SURE_FROM_MM:
        return f"You say {annotation.side.value}; the mark lies {lies.value} of the midline {where}"
    return ""
