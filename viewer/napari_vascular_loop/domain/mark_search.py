"""Marks of a lesson that are what somebody asks for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.terms import structure_by_name, structure_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.annotation import Annotation

_OTHER = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}


def marks_called(annotations: Iterable[Annotation], said: str, side: Side | None = None) -> tuple[Annotation, ...]:
    """Find marks by what they are or how they are labelled; those that are of the very structure come first.

    Parameters
    ----------
    annotations : iterable of Annotation
        To look through.
    said : str
        Name, synonym, or words of a label.
    side : Side, optional
        Leave out those that lie on the other.
    """
    words = said.casefold().split()
    if not words:
        return ()
    known = structure_by_name(said)
    exact, others = [], []
    for mark in annotations:
        if side is not None and mark.side is _OTHER.get(side):
            continue
        if known is not None and (mark.structure == known.id or structure_by_name(mark.structure or "") is known):
            exact.append(mark)
        elif all(word in f"{mark.label} {structure_name(mark.structure)}".casefold() for word in words):
            others.append(mark)
    return (*exact, *others)
