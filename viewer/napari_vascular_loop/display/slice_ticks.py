"""On which slices marks lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.frame import DisplayFrame


def slices_with_marks(
    annotations: Sequence[Annotation], frame: DisplayFrame, display_axis: int
) -> dict[int, list[Annotation]]:
    """Marks by the number, from 0, of the slice that holds what they are about; none beside the volume.

    Parameters
    ----------
    annotations : sequence of Annotation
        Of one volume.
    frame : DisplayFrame
        The volume's.
    display_axis : int
        Across the slices: 0 S, 1 A, 2 R.
    """
    if not annotations:
        return {}
    places_mm = frame.display_from_ras(np.array([a.geometry.anchor_ras_mm for a in annotations]))
    numbers = np.rint(frame.index_from_display(places_mm)[:, display_axis]).astype(int)
    found: dict[int, list[Annotation]] = {}
    for annotation, number in zip(annotations, numbers, strict=True):
        if 0 <= number < frame.shape[display_axis]:
            found.setdefault(int(number), []).append(annotation)
    return found
