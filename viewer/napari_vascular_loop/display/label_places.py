"""Where labels stood on the slice before: they stay there while one goes through the slices, and are read at rest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_vascular_loop.display.label_obstacles import LabelObstacles

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from napari_vascular_loop.domain.space import FloatArray

_MOST_MOVED_PX = 16.0
_WEIGHED_EVERY_S = 0.1
"""While one goes through many marks, labels of those that come into view are laid out so often."""


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
        self._begun_s = -_WEIGHED_EVERY_S

    @property
    def standing(self) -> Mapping[str, LabelPlace]:
        """The labels of the slice before, by the ids of their marks."""
        return self._now

    def are_fresh(self, view: tuple[Hashable, ...]) -> bool:
        """Whether they were laid out for this view, and only just: nobody has read them yet."""
        return view == self._view and time.monotonic() - self._begun_s < _WEIGHED_EVERY_S

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
        self._begun_s = time.monotonic()
        self._most_moved_mm = _MOST_MOVED_PX * mm_per_pixel

    def find(self, mark_id: str, text: str, anchor_mm: FloatArray) -> LabelPlace | None:
        """Where the label of a mark stood; None where it says something else now, or belongs somewhere else."""
        found = self._before.get(mark_id)
        if found is None or found.text != text:
            return None
        return found if self.is_near(found, anchor_mm) else None

    def is_near(self, found: LabelPlace, anchor_mm: FloatArray) -> bool:
        """Whether a label still belongs where it stands, its mark being here now."""
        return bool(np.abs(found.anchor_mm - anchor_mm).max() <= self._most_moved_mm)

    def keep(self, mark_id: str, place: LabelPlace) -> None:
        """Say where the label of a mark stands now."""
        self._now[mark_id] = place
