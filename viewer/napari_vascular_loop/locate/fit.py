"""How well a scan lies over the atlas, all things considered: the whole of it, and the brain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.locate.likeness import BrainLikeness, Likeness, random_places

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.head import Head

_SEED = 3


class Fit:
    """What decides between poses: the geometric mean of two likenesses.

    That of the whole scan falls where a pose leaves much of it outside; that of the brain tells poses apart that differ
    in little but how a face and a neck lie, of which most of a whole head consists.

    Parameters
    ----------
    scan, atlas : Head
        To be compared.
    brain : array of bool, shape of the atlas
        Its brain.
    blur_mm : float
        Both are blurred by so much: a wider hill to climb.
    count : int
        At so many places each.
    """

    def __init__(
        self, scan: Head, atlas: Head, brain: npt.NDArray[np.bool_], *, blur_mm: float = 1.0, count: int = 8000
    ) -> None:
        places = random_places(scan, count, _SEED)
        self.middle_ras_mm: FloatArray = places.mean(axis=0)
        self._whole = Likeness(scan, atlas, places, blur_mm)
        self._brain = BrainLikeness(scan, atlas, brain, blur_mm, count)

    def __call__(self, scan_to_atlas: FloatArray) -> float:
        """Give the fit in nats, 0 where it is none."""
        return float(np.sqrt(max(0.0, self._whole(scan_to_atlas)) * self._brain(scan_to_atlas)))
