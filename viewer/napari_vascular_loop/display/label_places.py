"""Where labels stood on the slice before: they stay there while one goes through the slices, and are read at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_vascular_loop.display.label_obstacles import LabelObstacles

if TYPE_CHECKING:
    from collections.abc import Hashable

    from napari_vascular_loop.domain.space import FloatArray

_MOST_MOVED_PX = 16.0


class LabelPlace(NamedTuple):
    """Where a label stands.

    Parameters
    ----------
    text : str
        What it says.
    place_mm, anchor_mm : array of shape (2,)
        Its middle, and the place of its mark at which it stands.
    on_marks : int
        What it cost to stand on other marks there.
    """

    text: str
    place_mm: FloatArray
    anchor_mm: FloatArray
    on_marks: int


class LabelPlaces:
    """The labels of one view, by their marks; forgotten as soon as the view is another."""

    def __init__(self) -> None:
        self.obstacles = LabelObstacles()
        """The marks of the view, from which labels keep clear."""
        self._view: tuple[Hashable, ...] = ()
        self._before: dict[str, LabelPlace] = {}
        self._now: dict[str, LabelPlace] = {}
        self._most_moved_mm = 0.0

    def begin(self, view: tuple[Hashable, ...], mm_per_pixel: float) -> None:
        """Lay out the next slice of a view.

        Parameters
        ----------
        view : tuple
            What is to be the same for labels to stay where they are: zoom, what is on screen, and so on.
        mm_per_pixel : float
            Size of a screen pixel.
        """
        self._before = self._now if view == self._view else {}
        self._view, self._now = view, {}
        self._most_moved_mm = _MOST_MOVED_PX * mm_per_pixel

    def find(self, mark_id: str, text: str, anchor_mm: FloatArray) -> LabelPlace | None:
        """Where the label of a mark stood; None where it says something else now, or belongs somewhere else."""
        found = self._before.get(mark_id)
        if found is None or found.text != text:
            return None
        moved = np.abs(found.anchor_mm - anchor_mm).max()
        return found if moved <= self._most_moved_mm else None

    def keep(self, mark_id: str, place: LabelPlace) -> None:
        """Say where the label of a mark stands now."""
        self._now[mark_id] = place
