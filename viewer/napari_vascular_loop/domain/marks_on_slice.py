"""All marks of a slice: what is asked of all at every step is in arrays, a mark itself is made when it is wanted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

import numpy as np

from napari_vascular_loop.domain.annotation import is_text
from napari_vascular_loop.domain.drawing import MarkOnSlice
from napari_vascular_loop.domain.measure import is_ruler

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import FloatArray

_serials = itertools.count()


def next_serial() -> int:
    """Give a number that no other mark, and no earlier state of this one, has."""
    return next(_serials)


@dataclass(frozen=True, eq=False)
class LinesOnSlice:
    """The stretches of paths that are seen on a slice.

    Parameters
    ----------
    lines_mm : list of arrays of shape (n, 2)
        One for each of S stretches.
    opacities : array of shape (S,)
        Of each.
    positions : array of int of shape (S,)
        Of each stretch's path among the marks of the slice.
    """

    lines_mm: list[FloatArray] = field(default_factory=list)
    opacities: FloatArray = field(default_factory=lambda: np.empty(0))
    positions: NDArray[np.int_] = field(default_factory=lambda: np.empty(0, int))


class MarksOnSlice(Sequence[MarkOnSlice]):
    """Marks as they appear on a slice, in drawing order.

    Parameters
    ----------
    serials : array of int of shape (N,)
        A number of each mark that stays while the mark does.
    opacities : array of shape (N,)
        Of the nearest part of each.
    anchors_mm : array of shape (N, 2)
        Where the label of each belongs.
    is_words, is_ruler : array of bool of shape (N,)
        Which are words and nothing else; which are rulers.
    annotation : callable
        Gives the annotation of a mark by its position.
    make : callable
        Gives a mark by its position.
    find : callable
        Gives the position of a mark by its id, or None.
    lines : LinesOnSlice, optional
        What is seen of paths, where it is known apart.
    """

    def __init__(
        self,
        serials: NDArray[np.int_],
        opacities: FloatArray,
        anchors_mm: FloatArray,
        is_words: NDArray[np.bool_],
        is_ruler: NDArray[np.bool_],
        annotation: Callable[[int], Annotation],
        make: Callable[[int], MarkOnSlice],
        find: Callable[[str], int | None],
        lines: LinesOnSlice | None = None,
    ) -> None:
        self.serials, self.opacities, self.anchors_mm = serials, opacities, anchors_mm
        self.is_words, self.is_ruler = is_words, is_ruler
        self.annotation = annotation
        self.lines = lines or LinesOnSlice()
        self.is_line = np.zeros(len(serials), bool)
        """Which of the marks are among the lines."""
        self.is_line[self.lines.positions] = True
        self.find = find
        self._make = make
        self._made: dict[int, MarkOnSlice] = {}

    @classmethod
    def of(cls, marks: Sequence[MarkOnSlice]) -> MarksOnSlice:
        """Take marks that are made already."""
        if isinstance(marks, MarksOnSlice):
            return marks
        by_id = {mark.annotation.id: position for position, mark in enumerate(marks)}
        return cls(
            np.array([next_serial() for _ in marks], int),
            np.array([mark.opacity for mark in marks]),
            np.array([mark.label_anchor_mm for mark in marks]).reshape(-1, 2),
            np.array([is_text(mark.annotation.geometry) for mark in marks], bool),
            np.array([is_ruler(mark.annotation.geometry) for mark in marks], bool),
            lambda position: marks[position].annotation,
            marks.__getitem__,
            by_id.get,
        )

    def __len__(self) -> int:
        return len(self.serials)

    @overload
    def __getitem__(self, position: int) -> MarkOnSlice: ...

    @overload
    def __getitem__(self, position: slice) -> Sequence[MarkOnSlice]: ...

    def __getitem__(self, position: int | slice) -> MarkOnSlice | Sequence[MarkOnSlice]:
        if isinstance(position, slice):
            return [self[each] for each in range(*position.indices(len(self)))]
        number = range(len(self))[position]
        found = self._made.get(number)
        if found is None:
            found = self._made[number] = self._make(number)
        return found
