"""Where poses end that are climbed by elastix: the best one, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.space import transform_points
from napari_vascular_loop.locate import elastix
from napari_vascular_loop.locate.elastix import Freedom
from napari_vascular_loop.locate.fossa import ROOTS_ATLAS_MM
from napari_vascular_loop.locate.pose import apart_mm, scan_to_atlas

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.fit import Fit
    from napari_vascular_loop.locate.head import Head

_FAR_MM = 15.0
"""So far from where another pose lays the scan, one means another place."""

_NEAR_MM, _CLIMBED = 5.0, 5
"""So near to one that was climbed a pose is not climbed itself; of each search so many are, at most."""

_COMPARABLE = 0.75
"""What fits less than that, as a part of the best so far, is not looked at more closely."""

_ALIKE = 0.92
"""An end that fits so well, as a part of the best, is an answer, too."""

_CLIMBS, _GAIN, _SHORT_MM = 3, 0.01, 2.0
"""So many times a pose is climbed at most: again where so much was gained, as a part, and so far was gone."""

_HINT_MM = 5.0
"""Where the fossa alone leads so far away, a pose may have ended in a wrong size."""

_NUDGE = np.array([0.07, -0.07, 0.07, 6.0, -6.0, 6.0, 0.04])


@dataclass(frozen=True, eq=False)
class End:
    """A pose, how well it fits, and whether elastix came to it; else the search did."""

    likeness: float
    matrix: FloatArray
    is_climbed: bool


_likeness = attrgetter("likeness")


class Ends:
    """Where the poses end that a search found.

    Parameters
    ----------
    scan, atlas : Head
        To be laid over each other.
    fit : Fit
        Says how good a pose is.
    """

    def __init__(self, scan: Head, atlas: Head, fit: Fit) -> None:
        self._scan, self._atlas, self._fit = scan, atlas, fit
        self._ends: list[End] = []

    @property
    def best(self) -> End:
        """The end that fits best; there is one once something was added."""
        return max(self._ends, key=_likeness)

    @property
    def rival_likeness(self) -> float:
        """The likeness of the best that lies elsewhere than the best, 0 if none does."""
        best = self.best
        far = [one.likeness for one in self._ends if _apart_mm(one.matrix, best.matrix) > _FAR_MM]
        return max(far, default=0.0)

    def add(self, found: FloatArray) -> None:
        """Climb poses, shape (N, 4, 4), the best first; what lies near where another began or ended comes to the same.

        What fits much worse, and what is one too many, is an end itself.
        """
        starts = sorted((self._at(matrix) for matrix in found), key=_likeness, reverse=True)
        known = [one for one in self._ends if one.is_climbed]
        left = _CLIMBED
        for start in starts:
            if any(_apart_mm(start.matrix, one.matrix) < _NEAR_MM for one in known):
                continue
            end = start
            if left and start.likeness > _COMPARABLE * starts[0].likeness:
                so_far = max(map(_likeness, self._ends), default=0.0)
                end = self._climbed(start, _COMPARABLE * so_far)
                known += [start, end]
                left -= 1
            self._ends.append(end)

    def other(self) -> FloatArray:
        """Where another start ended, 4x4: the farthest that fits as well; one that fits worse lost, and says nothing.

        Where the best one is alone, it is nudged away, to see whether it is come back to.
        """
        best = self.best
        others = [one for one in self._ends if one is not best]
        alike = [one for one in others if one.is_climbed and one.likeness >= _ALIKE * best.likeness]
        if not alike:
            middle = transform_points(np.linalg.inv(best.matrix), ROOTS_ATLAS_MM.mean(axis=0))
            end = self._climbed(self._at(best.matrix @ scan_to_atlas(_NUDGE, middle, middle)))
            alike = [end] if end.likeness >= _ALIKE * best.likeness else [end, *others]
        return max(alike, key=lambda one: _apart_mm(one.matrix, best.matrix)).matrix

    def _at(self, matrix: FloatArray) -> End:
        return End(self._fit(matrix), matrix, False)

    def _climbed(self, start: End, least: float = 0.0) -> End:
        """Climb from a start; and, if that led to a likeness of `least`, from where a look at the fossa alone leads."""
        end = self._climbed_by_brain(start)
        if end.likeness < least:
            return end
        mask = elastix.fossa_of(self._scan, end.matrix)
        hint = elastix.refine(self._scan, self._atlas, end.matrix, mask, Freedom.SIMILARITY)
        if hint is None or _apart_mm(hint, end.matrix) < _HINT_MM:
            return end
        return max(end, self._climbed_by_brain(self._at(hint)), key=_likeness)

    def _climbed_by_brain(self, best: End) -> End:
        """Climb from a start until nothing is gained; the start itself where elastix finds nothing at all."""
        for _ in range(_CLIMBS):
            mask = elastix.brain_of(self._scan, best.matrix)
            matrix = elastix.refine(self._scan, self._atlas, best.matrix, mask, Freedom.SIMILARITY)
            if matrix is None:
                break
            end, start = End(self._fit(matrix), matrix, True), best
            if end.likeness > best.likeness or not best.is_climbed:
                best = end
            gained = end.likeness - start.likeness
            if gained < _GAIN * best.likeness or _apart_mm(matrix, start.matrix) < _SHORT_MM:
                break
        return best


def _apart_mm(one: FloatArray, other: FloatArray) -> float:
    """How far two poses lie apart at the roots, in the scan."""
    return apart_mm(one, other, ROOTS_ATLAS_MM)
