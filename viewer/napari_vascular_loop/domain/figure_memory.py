"""What a figure remembers of its lesson: enough to go back to the slice, nothing of the patient's."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from napari_vascular_loop.domain.errors import FigureError, GeometryError
from napari_vascular_loop.domain.space import Vector3, format_ras_mm, vector3
from napari_vascular_loop.domain.text import shown

KIND = "napari-vascular-loop figure"
_VERSION = 1
_LONGEST = 100_000


@dataclass(frozen=True)
class FigureMemory:
    """Where a figure came from.

    Parameters
    ----------
    lesson_id, lesson_title : str
        Of the lesson.
    annotation_id, annotation_title : str
        Of the mark of the first panel.
    volume_id, volume_title : str
        Of the volume that the lesson calls so.
    voxels_sha256 : str
        The volume's fingerprint; "" where it has none.
    place_ras_mm : (float, float, float)
        In RAS mm, what the mark points at.
    plane : str
        "axial", "coronal" or "sagittal".
    slab_mm : float
        0 for one slice.
    """

    lesson_id: str
    lesson_title: str
    annotation_id: str
    annotation_title: str
    volume_id: str
    volume_title: str
    voxels_sha256: str
    place_ras_mm: Vector3
    plane: str
    slab_mm: float = 0.0

    def to_json(self) -> str:
        """As it is written into a file: one line of JSON, letters beyond ASCII escaped."""
        return json.dumps({"kind": KIND, "version": _VERSION, **asdict(self)}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FigureMemory:
        """Read what a file says; anyone may have written it.

        Raises
        ------
        FigureError
            If it is not what this program writes.
        """
        if len(text) > _LONGEST:
            raise FigureError(f"the figure's memory is {len(text)} letters long, more than any that was written here")
        try:
            said: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FigureError("the figure's memory is damaged: it is no JSON") from error
        if not isinstance(said, dict) or said.get("kind") != KIND:
            raise FigureError("the picture holds no memory of a lesson")
        if said.get("version") != _VERSION:
            raise FigureError(
                "the figure was made by a later version of this program: its memory is of version "
                f"{shown(said.get('version'))}"
            )
        texts = {}
        for name in cls.__dataclass_fields__:
            if name in ("place_ras_mm", "slab_mm"):
                continue
            if not isinstance(said.get(name), str):
                raise FigureError(f"the figure's memory is damaged: {name} is no text")
            texts[name] = said[name]
        slab, place = said.get("slab_mm", 0.0), said.get("place_ras_mm")
        if not isinstance(slab, int | float) or not math.isfinite(slab) or not isinstance(place, list):
            raise FigureError("the figure's memory is damaged: it names no place")
        try:
            return cls(**texts, place_ras_mm=vector3(place), slab_mm=float(slab))
        except (GeometryError, ValueError, TypeError, OverflowError) as error:
            raise FigureError("the figure's memory is damaged: it names no place") from error

    @property
    def words(self) -> str:
        """What it remembers, in a sentence for who does not have the lesson."""
        return (
            f"the lesson {self.lesson_title!r} ({self.lesson_id}), its volume {self.volume_title or self.volume_id!r}, "
            f"the mark {self.annotation_title!r} at {format_ras_mm(self.place_ras_mm)} in the {self.plane} plane"
        )
