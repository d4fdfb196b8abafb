"""How far apart several teachers put their marks of the same thing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Path, Region

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from napari_vascular_loop.domain.annotation import Annotation, Geometry, Side


@dataclass(frozen=True)
class Agreement:
    """Two authors' marks of the same structure on the same side of the same volume.

    Parameters
    ----------
    structure : str
        Id of the structure, or free text.
    side : Side or None
        The patient's side.
    volume_id : str
        The volume.
    one, other : Annotation
        The marks, by two authors.
    distance_mm : float
        Between their places; see :func:`distance_mm`.
    """

    structure: str
    side: Side | None
    volume_id: str
    one: Annotation
    other: Annotation
    distance_mm: float


def agreements(annotations: Iterable[Annotation]) -> tuple[Agreement, ...]:
    """Pair the marks of different authors, the closest first; each mark once with each other author.

    Marks without a structure or an author are left out: nobody can say what they should agree with.
    """
    groups: dict[tuple[str, str, Side | None], dict[str, list[Annotation]]] = {}
    for annotation in annotations:
        if annotation.structure and annotation.author:
            key = (annotation.volume_id, annotation.structure, annotation.side)
            groups.setdefault(key, {}).setdefault(annotation.author, []).append(annotation)
    found: list[Agreement] = []
    for (volume_id, structure, side), by_author in groups.items():
        for some, others in itertools.combinations(by_author.values(), 2):
            pairs = sorted(
                (distance_mm(one.geometry, other.geometry), n, m)
                for n, one in enumerate(some)
                for m, other in enumerate(others)
            )
            used: tuple[set[int], set[int]] = (set(), set())
            for distance, n, m in pairs:
                if n not in used[0] and m not in used[1]:
                    used[0].add(n)
                    used[1].add(m)
                    found.append(Agreement(structure, side, volume_id, some[n], others[m], distance))
    return tuple(found)


def distance_mm(one: Geometry, other: Geometry) -> float:
    """Distance between two marks in mm: of an arrow its tip counts, of a path or an outline the nearest place.

    Between two paths it is the smallest distance from a vertex of one to the line of the other.
    """
    lines = [_line_ras_mm(geometry) for geometry in (one, other)]
    return min(_to_line_mm(lines[0], lines[1]), _to_line_mm(lines[1], lines[0]))


def _line_ras_mm(geometry: Geometry) -> npt.NDArray[np.float64]:
    if isinstance(geometry, Path):
        return np.array(geometry.vertices_ras_mm, dtype=np.float64)
    if isinstance(geometry, Region):
        vertices = geometry.vertices_ras_mm
        return np.array((*vertices, vertices[0]), dtype=np.float64)
    return np.array([geometry.anchor_ras_mm], dtype=np.float64)


def _to_line_mm(places: npt.NDArray[np.float64], line: npt.NDArray[np.float64]) -> float:
    """Smallest distance from places (n, 3) to a line through vertices (m, 3)."""
    start = line[:-1] if len(line) > 1 else line
    step = (line[1:] if len(line) > 1 else line) - start
    length2 = np.maximum((step**2).sum(axis=1), np.finfo(np.float64).tiny)
    along = np.clip(((places[:, None] - start) * step).sum(axis=2) / length2, 0, 1)
    nearest = start + along[..., None] * step
    return float(np.linalg.norm(places[:, None] - nearest, axis=2).min())
