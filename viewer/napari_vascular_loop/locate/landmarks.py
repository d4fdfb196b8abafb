"""Where no registration is believed: three to six places that a person clicks, and a similarity transform of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import LocateError
from napari_vascular_loop.domain.registration import Deformation
from napari_vascular_loop.domain.space import transform_points, vector3
from napari_vascular_loop.locate.answer import Answer
from napari_vascular_loop.locate.quality import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.places import Place

LEAST, MOST = 3, 6
LANDMARKS = (
    "anterior-commissure",
    "posterior-commissure",
    "internal-acoustic-meatus",
    "pontomedullary-sulcus",
    "fourth-ventricle",
)
"""Structures that are told easily in most scans, in the order in which they are to be asked for."""

_CLICK_MM = 1.5
_WIDE = 2.0
_LEAST_WIDTH_MM = 6.0
_SCALES = (0.75, 1.33)
_MOST_TURNED_DEG = 60.0
_SURE_RESIDUAL_MM, _LEAST_RESIDUAL_MM = 5.0, 12.0


def locate_by_landmarks(place: Place, clicked: Sequence[tuple[Place, npt.ArrayLike]]) -> Answer:
    """Find a place from landmarks that somebody clicked.

    Parameters
    ----------
    place : Place
        To be found.
    clicked : sequence of (Place, array of shape (3,))
        Three to six landmarks: in the atlas, and where they were clicked, in the scan's RAS mm.

    Raises
    ------
    LocateError
        If there are too few or too many, one twice, or all in nearly one line.
    """
    if not LEAST <= len(clicked) <= MOST:
        raise LocateError(f"{LEAST} to {MOST} landmarks are needed, got {len(clicked)}")
    names = [(one.structure.id, one.side) for one, _ in clicked]
    if len(set(names)) < len(names):
        raise LocateError("a landmark was clicked twice; take each once")
    theirs = np.array([one.as_array for one, _ in clicked])
    ours = np.array([vector3(np.asarray(at, dtype=np.float64)) for _, at in clicked])
    for points in (theirs, ours):
        if np.linalg.svd(points - points.mean(axis=0))[1][1] < _LEAST_WIDTH_MM:
            raise LocateError(
                "the landmarks lie in nearly one line, so a turn about it can't be told; add one beside it"
            )
    matrix, scale = similarity(theirs, ours)
    residuals = np.linalg.norm(transform_points(matrix, theirs) - ours, axis=1)
    worst = int(np.argmax(residuals))
    shape_mm = float(np.sqrt((residuals**2).sum() / max(1, 3 * len(ours) - 7)))
    reasons, verdict = [f"from {len(ours)} landmarks, which fit within {residuals.max():.1f} mm"], Verdict.FOUND
    if residuals.max() > _SURE_RESIDUAL_MM or not _SCALES[0] < scale < _SCALES[1]:
        verdict = Verdict.DOUBTFUL
        reasons.append(f"look again at the {clicked[worst][0].structure.name} ({clicked[worst][0].side})")
    if Deformation.of(matrix).turned_deg > _MOST_TURNED_DEG:
        why = "the head would lie turned as no head in a scanner does: were left and right taken for each other?"
        return Answer(place, Verdict.NOT_FOUND, (*reasons, why), None, None, None, "landmarks")
    if residuals.max() > _LEAST_RESIDUAL_MM or not _SCALES[0] / 1.3 < scale < _SCALES[1] * 1.3:
        return Answer(
            place, Verdict.NOT_FOUND, (*reasons, "the landmarks do not fit a head"), None, None, None, "landmarks"
        )
    found = transform_points(matrix, place.as_array)
    click_mm = max(_CLICK_MM, shape_mm, max(one.spread_mm for one, _ in clicked))
    radius = _WIDE * float(np.hypot(place.spread_mm, click_mm * _reach(theirs, place.as_array)))
    return Answer(place, verdict, tuple(reasons), vector3(found), radius, matrix, "landmarks")


def similarity(theirs: FloatArray, ours: FloatArray) -> tuple[FloatArray, float]:
    """Turn, scale and shift points, shape (N, 3), onto others with the least squares; 4x4 and the scale.

    After Umeyama, IEEE Trans. Pattern Anal. Mach. Intell. 1991;13:376. Never a mirror image.
    """
    from_mean, to_mean = theirs.mean(axis=0), ours.mean(axis=0)
    source, target = theirs - from_mean, ours - to_mean
    u, sizes, vt = np.linalg.svd(target.T @ source)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    scale = float((sizes * signs).sum() / (source**2).sum())
    matrix = np.eye(4)
    matrix[:3, :3] = scale * (u * signs) @ vt
    matrix[:3, 3] = to_mean - matrix[:3, :3] @ from_mean
    return matrix, scale


def _reach(theirs: FloatArray, place: FloatArray) -> float:
    """How much larger an error is at a place than at a landmark (Fitzpatrick, IEEE Trans. Med. Imaging 1998;17:694)."""
    middle = theirs.mean(axis=0)
    axes = np.linalg.svd(theirs - middle)[2]
    total = 0.0
    for axis in axes:
        along = axis @ (place - middle)
        off = float(np.linalg.norm(place - middle - along * axis))
        lever = ((theirs - middle) ** 2).sum(axis=1) - ((theirs - middle) @ axis) ** 2
        total += off**2 / max(float(lever.mean()), 1.0)
    return float(np.sqrt((1 + total / 3) / len(theirs)))
