"""The atlas' table: where structures lie in the atlas head."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.errors import LocateError
from napari_vascular_loop.domain.space import vector3
from napari_vascular_loop.domain.terms import structure_by_id

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.space import FloatArray, Vector3
    from napari_vascular_loop.domain.terms import Structure

_SIDES = {Side.RIGHT: "rightRasMm", Side.LEFT: "leftRasMm", Side.MIDLINE: "middleRasMm"}


@dataclass(frozen=True)
class Place:
    """Where a structure lies in the atlas head.

    Parameters
    ----------
    structure : Structure
        Which one.
    side : Side
        Left, right, or the midline for what there is one of.
    atlas_ras_mm : tuple of 3 float
        In the space of the atlas (MNI), RAS mm.
    spread_mm : float
        How far it was read, and people differ: one standard deviation, roughly.
    about : str
        Which part of the structure is meant.
    source : str
        Who says so.
    """

    structure: Structure
    side: Side
    atlas_ras_mm: Vector3
    spread_mm: float
    about: str
    source: str

    @property
    def as_array(self) -> FloatArray:
        """Its three numbers."""
        return np.array(self.atlas_ras_mm, dtype=np.float64)


@lru_cache(maxsize=1)
def atlas_places() -> tuple[Place, ...]:
    """All places of the table that ships with the program."""
    return read_places(content_folder("annotations") / "atlas" / "places.json")


def read_places(path: Path) -> tuple[Place, ...]:
    """Read a table of places.

    Raises
    ------
    LocateError
        If it is no such table, or names a structure that the program does not know.
    """
    try:
        table: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if (table["frame"], table["unit"]) != ("RAS", "mm"):
            raise LocateError(f"{path.name}: places must be in RAS mm, not {table['frame']} {table['unit']}")
        return tuple(place for row in table["places"] for place in _of_row(row, table["source"]))
    except (KeyError, TypeError, ValueError) as error:
        raise LocateError(f"{path.name} is no table of the atlas' places: {error!r}") from error


def _of_row(row: dict[str, Any], source: str) -> list[Place]:
    structure = structure_by_id(row["structure"])
    if structure is None:
        raise LocateError(f"the atlas' table names {row['structure']!r}, which is none of the program's structures")
    spread_mm, about = float(row["spreadMm"]), str(row["place"])
    return [
        Place(structure, side, vector3(row[key]), spread_mm, about, row.get("source", source))
        for side, key in _SIDES.items()
        if key in row
    ]


def places_of(structure_id: str) -> tuple[Place, ...]:
    """Give the places of a structure, one a side; none where the table does not have it."""
    return tuple(place for place in atlas_places() if place.structure.id == structure_id)
