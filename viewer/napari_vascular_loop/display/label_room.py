"""What of a view is taken by labels, and where a new one costs least."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.label_obstacles import NO_ROOM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_vascular_loop.display.label_obstacles import LabelObstacles
    from napari_vascular_loop.domain.space import FloatArray

_ON_LABEL = 60.0
_ACROSS_LABEL = 20.0
_STEPS_OF_A_LEADER = np.linspace(0.05, 0.95, 12)[:, None]
_LIKELY = 6
"""So many of the cheapest places are looked at more closely."""


class LabelRoom:
    """Boxes of the labels that stand in a view.

    Parameters
    ----------
    obstacles : LabelObstacles
        The marks of the view.
    """

    def __init__(self, obstacles: LabelObstacles) -> None:
        self._obstacles = obstacles
        self._boxes: FloatArray = np.empty((0, 2, 2))

    def take(self, middles: FloatArray, halves: FloatArray) -> None:
        """Put labels there, for places of shape (N, 2)."""
        self._boxes = np.concatenate([self._boxes, np.stack([middles - halves, middles + halves], axis=1)])

    def cost_on_marks(self, middles: FloatArray, half: FloatArray) -> NDArray[np.int64]:
        """What it costs to stand on marks, for places of shape (..., 2)."""
        return self._obstacles.cost(middles, half)

    def is_taken(self, middle: FloatArray, half: FloatArray) -> bool:
        """Whether a label, or an arrow's tip, is there already."""
        return bool(self.on_labels(middle, half) or self.cost_on_marks(middle, half) >= NO_ROOM)

    def on_labels(self, middles: FloatArray, half: FloatArray) -> NDArray[np.int_]:
        """On how many labels a new one would stand, for places of shape (..., 2)."""
        return _meet(middles, half, self._boxes)

    def crossings(self, anchor: FloatArray, middle: FloatArray) -> int:
        """Through how many labels a line back to the mark would run."""
        places = anchor + (middle - anchor) * _STEPS_OF_A_LEADER
        within = (places[:, None] >= self._boxes[:, 0]) & (places[:, None] <= self._boxes[:, 1])
        return int(within.all(axis=-1).any(axis=0).sum())


class LabelChoice:
    """Places for new labels, all looked at together: those that are free, and what each costs.

    Parameters
    ----------
    room : LabelRoom
        Is told of each label that is placed.
    anchors : array of shape (N, 2)
        Places of the labels' marks.
    middles : array of shape (N, K, 2)
        Where the labels may stand.
    halves : array of shape (N, 2)
        Half the height and width of each.
    own_costs : array of shape (K,)
        What each place costs by itself.
    near : int
        So many of the places, the first ones, are as good as at the mark: if one is free, no other is looked at.
    """

    def __init__(
        self,
        room: LabelRoom,
        anchors: FloatArray,
        middles: FloatArray,
        halves: FloatArray,
        own_costs: FloatArray,
        near: int,
    ) -> None:
        self._room, self._anchors, self._middles, self._halves = room, anchors, middles, halves
        self._own_costs, self._near = own_costs, near
        self._on_marks = room.cost_on_marks(middles, halves[:, None])
        self._on_labels = room.on_labels(middles, halves[:, None])

    def place(self, number: int, must: bool) -> tuple[FloatArray, int] | None:
        """Place a label at the cheapest of its places, the first among equals.

        Parameters
        ----------
        number : int
            Of the label.
        must : bool
            Whether it is placed even where there is no room.

        Returns
        -------
        (array of shape (2,), int) or None
            The place, and what it costs to stand on marks there; None where there is no room.
        """
        on_marks, on_labels = self._on_marks[number], self._on_labels[number]
        is_free = (on_labels == 0) & (on_marks < NO_ROOM)
        if not must and not is_free.any():
            return None
        clear = np.flatnonzero((on_marks[: self._near] <= 0) & is_free[: self._near])
        if len(clear):
            best = int(clear[int(np.argmin(self._own_costs[clear]))])
        else:
            costs = self._own_costs + on_marks + _ON_LABEL * on_labels
            best = self._cheapest(number, costs)
            if not must and not is_free[best]:
                return None
        place = self._middles[number, best]
        self.take(place, self._halves[number])
        return place, int(on_marks[best])

    def _cheapest(self, number: int, costs: FloatArray) -> int:
        """The cheapest place when it counts, too, through which labels the line back to the mark runs."""
        best, least = 0, np.inf
        for likely in np.argsort(costs, kind="stable")[:_LIKELY].tolist():
            if costs[likely] >= least:
                break
            crossings = self._room.crossings(self._anchors[number], self._middles[number, likely])
            cost = costs[likely] + _ACROSS_LABEL * crossings
            if cost < least:
                best, least = likely, cost
        return best

    def take(self, place: FloatArray, half: FloatArray) -> None:
        """Put a label there."""
        self._room.take(place[None], half)
        self._on_labels += _meet(self._middles, self._halves[:, None], np.array([[place - half, place + half]]))


def _meet(middles: FloatArray, half: FloatArray, boxes: FloatArray) -> NDArray[np.int_]:
    """How many boxes each of some others meets."""
    below = (middles - half)[..., None, :] < boxes[:, 1]
    above = (middles + half)[..., None, :] > boxes[:, 0]
    return np.asarray((below & above).all(axis=-1).sum(axis=-1))
