"""Whether a registration may be believed: found, doubtful or not found, and why."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.registration import Deformation
from napari_vascular_loop.locate.pose import apart_mm

if TYPE_CHECKING:
    from napari_vascular_loop.domain.registration import Registration
    from napari_vascular_loop.domain.space import FloatArray

_SURE_LIKENESS, _LEAST_LIKENESS = 0.22, 0.18
_SURE_ABOVE_CHANCE, _LEAST_ABOVE_CHANCE = 1.8, 1.3
_SURE_ABOVE_RIVAL, _LEAST_ABOVE_RIVAL = 1.12, 1.04
_SURE_SCALE, _LEAST_SCALE = (0.70, 1.25), (0.62, 1.45)
_SURE_SHEAR, _LEAST_SHEAR = 1.32, 1.45
_SURE_APART_MM, _LEAST_APART_MM = 7.0, 10.0
_SURE_MOVED_MM, _LEAST_MOVED_MM = 7.0, 12.0
_MOST_TURNED_DEG, _SURE_TURNED_DEG = 50.0, 38.0
_LEAST_COVERED = 0.25


class Verdict(enum.StrEnum):
    """How far an answer may be believed."""

    FOUND = "found"
    DOUBTFUL = "doubtful"
    NOT_FOUND = "not found"


@dataclass(frozen=True)
class Judgement:
    """A verdict, and the reasons for it in words: what speaks against it, or what it rests on."""

    verdict: Verdict
    reasons: tuple[str, ...]


def judge(registration: Registration, place_atlas_mm: FloatArray) -> Judgement:
    """Judge a registration as far as a place of the atlas is concerned.

    Every measure has a bound below which nothing is believed, and one from which it is: what lies between is doubtful.
    Two doubts together are a no.

    Parameters
    ----------
    registration : Registration
        To be judged.
    place_atlas_mm : array of shape (3,)
        In the atlas' RAS mm.
    """
    deformed = Deformation.of(registration.scan_to_atlas)
    scales, turned_deg = deformed.scales, deformed.turned_deg
    of_chance = registration.likeness / max(registration.random_likeness, 1e-6)
    of_rival = registration.likeness / max(registration.rival_likeness, 1e-6)
    apart_mm = disagreement_mm(registration, place_atlas_mm)
    moved_mm = second_step_mm(registration, place_atlas_mm)
    shear = max(deformed.shear, Deformation.of(registration.fossa_to_atlas).shear)
    low, high = float(1 / scales.max()), float(1 / scales.min())
    checks = [
        _check(
            registration.likeness, _SURE_LIKENESS, _LEAST_LIKENESS, "the scan is not much like the atlas in any pose"
        ),
        _check(of_chance, _SURE_ABOVE_CHANCE, _LEAST_ABOVE_CHANCE, "it fits hardly better than a pose by chance"),
        _check(of_rival, _SURE_ABOVE_RIVAL, _LEAST_ABOVE_RIVAL, "another pose, elsewhere, fits nearly as well"),
        _check(-apart_mm, -_SURE_APART_MM, -_LEAST_APART_MM, f"two starts ended {apart_mm:.0f} mm apart"),
        _check(-moved_mm, -_SURE_MOVED_MM, -_LEAST_MOVED_MM, f"the second step went {moved_mm:.0f} mm away"),
        _check(-shear, -_SURE_SHEAR, -_LEAST_SHEAR, f"the head would be stretched unevenly, by {shear:.2f}"),
        _check(low, _SURE_SCALE[0], _LEAST_SCALE[0], f"the head would be too small, {low:.2f} of the atlas'"),
        _check(-high, -_SURE_SCALE[1], -_LEAST_SCALE[1], f"the head would be too large, {high:.2f} of the atlas'"),
        _check(-turned_deg, -_SURE_TURNED_DEG, -_MOST_TURNED_DEG, f"the head would be turned by {turned_deg:.0f}°"),
        _check(registration.covered, _LEAST_COVERED, _LEAST_COVERED, "little of the scan would lie in the atlas"),
    ]
    against = [one for one in checks if one is not None]
    if any(verdict is Verdict.NOT_FOUND for verdict, _ in against):
        return Judgement(Verdict.NOT_FOUND, tuple(why for verdict, why in against if verdict is Verdict.NOT_FOUND))
    if against:
        # Of scans with two doubts at once as many were laid wrongly as rightly.
        verdict = Verdict.DOUBTFUL if len(against) == 1 else Verdict.NOT_FOUND
        return Judgement(verdict, tuple(why for _, why in against))
    rests = f"it fits {min(of_chance, 99):.1f} times as well as by chance; two starts agree within {apart_mm:.1f} mm"
    return Judgement(Verdict.FOUND, (rests,))


def disagreement_mm(registration: Registration, place_atlas_mm: FloatArray) -> float:
    """How far two starts ended apart at a place of the atlas, in the scan."""
    return apart_mm(registration.scan_to_atlas, registration.other_to_atlas, place_atlas_mm[None])


def second_step_mm(registration: Registration, place_atlas_mm: FloatArray) -> float:
    """How far the second step moved a place of the atlas, in the scan."""
    return apart_mm(registration.scan_to_atlas, registration.fossa_to_atlas, place_atlas_mm[None])


def _check(value: float, sure: float, least: float, words: str) -> tuple[Verdict, str] | None:
    if value < least:
        return Verdict.NOT_FOUND, words
    return (Verdict.DOUBTFUL, words) if value < sure else None
