"""What the finder answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.registration import midline_of
from napari_vascular_loop.domain.space import format_ras_mm

if TYPE_CHECKING:
    from typing import Any

    from napari_vascular_loop.domain.midline import Midline
    from napari_vascular_loop.domain.space import FloatArray, Vector3
    from napari_vascular_loop.locate.places import Place
    from napari_vascular_loop.locate.quality import Verdict


@dataclass(frozen=True, eq=False)
class Answer:
    """Where a structure is to be looked for in a scan. It is a finder: no measurement, and no diagnosis.

    Parameters
    ----------
    place : Place
        What was looked for, in the atlas.
    verdict : Verdict
        Whether it is to be believed.
    reasons : tuple of str
        Why, in words.
    place_ras_mm : tuple of 3 float or None
        In the scan; None where it was not found: there is nothing to point at.
    radius_mm : float or None
        Within which the place is expected.
    atlas_to_scan : array of shape (4, 4) or None
        From the atlas' RAS mm to the scan's, good near the place.
    how : str
        "registration" or "landmarks".
    """

    place: Place
    verdict: Verdict
    reasons: tuple[str, ...]
    place_ras_mm: Vector3 | None
    radius_mm: float | None
    atlas_to_scan: FloatArray | None
    how: str = "registration"

    @property
    def is_shown(self) -> bool:
        """Whether there is a place to be shown."""
        return self.place_ras_mm is not None

    @property
    def midline(self) -> Midline | None:
        """The plane between left and right of this head, for the other side; None where nothing was found."""
        return None if self.atlas_to_scan is None else midline_of(np.linalg.inv(self.atlas_to_scan))

    @property
    def words(self) -> str:
        """The answer in one line."""
        side = f", {self.place.side}" if self.place.side != "midline" else ""
        what = f"{self.place.structure.name}{side}: {self.verdict}"
        if self.place_ras_mm is None or self.radius_mm is None:
            return f"{what} ({'; '.join(self.reasons)})"
        return (
            f"{what} at {format_ras_mm(self.place_ras_mm)}, within {self.radius_mm:.0f} mm ({'; '.join(self.reasons)})"
        )

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        midline = self.midline
        return {
            "structure": self.place.structure.id,
            "name": self.place.structure.name,
            "side": str(self.place.side),
            "part": self.place.about,
            "verdict": str(self.verdict),
            "reasons": list(self.reasons),
            "place_ras_mm": None if self.place_ras_mm is None else [round(one, 2) for one in self.place_ras_mm],
            "radius_mm": None if self.radius_mm is None else round(self.radius_mm, 2),
            "how": self.how,
            "atlas_to_scan": None if self.atlas_to_scan is None else np.round(self.atlas_to_scan, 6).tolist(),
            "midline": None
            if midline is None
            else {
                "normal_ras": np.round(midline.normal_ras, 6).tolist(),
                "offset_mm": round(midline.offset_mm, 3),
                "turned_deg": round(midline.turned_deg, 2),
            },
        }
