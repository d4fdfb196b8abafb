"""The cerebellopontine angles of a computed head: where each nerve and vessel runs, to the hundredth of a millimetre.

Sizes and places follow the sources named in the article of the lesson that shows them; what they leave open is
assumed, so that the picture looks as the real one does. On the left a loop of the anterior inferior cerebellar artery
meets the facial nerve; on the right the artery passes below it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.spatial import cKDTree

from napari_vascular_loop.domain.annotation import Side

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

FACIAL_MM, COCHLEAR_MM, TRIGEMINAL_MM, ABDUCENS_MM, LOWER_MM = 1.2, 2.1, 3.0, 0.9, 1.0
"""Diameters of the nerves: facial, vestibulocochlear, trigeminal, abducent, glossopharyngeal and vagus."""

BASILAR_MM, VERTEBRAL_MM, AICA_MM = 3.3, 3.0, 1.1
"""Diameters of the arteries. That of the anterior inferior cerebellar artery is assumed."""

_STEP_MM = 0.05
_ATTACHED_MM, _FREE_MM = 5.0, 14.0
"""Where the loop meets the nerve, from the sulcus: where it clings to the pons, or where it is free already."""

_TOWARDS_LOOP = np.array([0.0, 0.75, -0.66]) / np.hypot(0.75, 0.66)
"""Where the loop comes from, seen from the nerve: from in front and below."""

DEVIATED_MM, INDENTED_MM = 2.2, 0.4
"""How far the nerve is pushed off its course; how deep the loop presses into it."""

_DEVIATED_OVER_MM, _YIELDS_MM, _YIELDS_OVER_MM = 3.4, 0.3, 1.2


class Compression(enum.StrEnum):
    """How the loop and the left facial nerve meet."""

    CONTACT = "contact"
    INDENTATION = "indentation"
    DEVIATION = "deviation"


@dataclass(frozen=True, eq=False)
class Tube:
    """A nerve or vessel.

    Parameters
    ----------
    name : str
        Such as "facial-nerve".
    side : Side
        The patient's.
    line_ras_mm : array of shape (N, 3)
        Its middle, in RAS mm, no two places further apart than 0.05 mm.
    radius_mm : float
        Half its diameter.
    """

    name: str
    side: Side
    line_ras_mm: FloatArray
    radius_mm: float


@dataclass(frozen=True)
class Closest:
    """Where two tubes come nearest.

    Parameters
    ----------
    between_lines_mm, between_walls_mm : float
        Distance of their middles, and of their walls: 0 where they touch, less where one presses into the other.
    on_first_ras_mm, on_second_ras_mm : (float, float, float)
        The places on their middles.
    along_first_mm : float
        The place on the first, from its start.
    """

    between_lines_mm: float
    between_walls_mm: float
    on_first_ras_mm: tuple[float, float, float]
    on_second_ras_mm: tuple[float, float, float]
    along_first_mm: float


def closest(first: Tube, second: Tube) -> Closest:
    """Find where two tubes come nearest."""
    distances, numbers = cKDTree(second.line_ras_mm).query(first.line_ras_mm)
    at = int(np.argmin(distances))
    one, other = first.line_ras_mm[at], second.line_ras_mm[int(numbers[at])]
    between, along = float(distances[at]), float(_along(first.line_ras_mm)[at])
    return Closest(between, between - first.radius_mm - second.radius_mm, _place(one), _place(other), along)


def brainstem_mm(right: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Distance to the surface of pons, medulla and peduncles, less than 0 inside.

    It is exact at the surface, and near it good enough to draw with. Places are in RAS mm; the arrays are broadcast.
    """
    x = np.abs(right)
    pons = ellipsoid_mm(x, y, z, (0.0, -22.5, -32.5), (17.0, 13.0, 12.0))
    # The basilar artery lies in a groove.
    pons = pons + 1.1 * np.exp(-((x / 3.0) ** 2)) * np.clip((y + 14.0) / 6.0, 0, 1)
    width = 9.2 + 0.10 * (z + 58.0)
    medulla = (np.sqrt((x / width) ** 2 + ((y + 29.5) / 8.2) ** 2 + 1e-9) - 1.0) * 8.4
    medulla = np.maximum(medulla, z + 36.0)
    olive = ellipsoid_mm(x, y, z, (6.2, -23.6, -50.0), (3.2, 2.6, 6.0))
    peduncle = ellipsoid_mm(x, y, z, (19.5, -41.0, -34.0), (11.5, 13.5, 8.6))
    return smooth_min(smooth_min(smooth_min(pons, medulla, 1.4), olive, 1.2), peduncle, 5.0)


class Anatomy:
    """All tubes of one computed head.

    Parameters
    ----------
    compression : Compression
        How the loop and the left facial nerve meet.
    """

    def __init__(self, compression: Compression) -> None:
        self.compression = compression

    @cached_property
    def facial(self) -> dict[Side, Tube]:
        """The facial nerves, from the pontomedullary sulcus to the bottom of the canal."""
        return {side: self._facial(side) for side in (Side.RIGHT, Side.LEFT)}

    @cached_property
    def aica(self) -> dict[Side, Tube]:
        """The anterior inferior cerebellar arteries, from the basilar artery to the cerebellum."""
        return {side: self._aica(side) for side in (Side.RIGHT, Side.LEFT)}

    @cached_property
    def tubes(self) -> tuple[Tube, ...]:
        """Nerves first, then vessels."""
        others = []
        for side in (Side.RIGHT, Side.LEFT):
            s = _sign(side)
            others += [
                Tube("vestibulocochlear-nerve", side, self._beside_facial(side), COCHLEAR_MM / 2),
                _tube("trigeminal-nerve", side, [(16.5, -24, -31), (18, -18, -30.5), (20, -9, -30)], TRIGEMINAL_MM, s),
                _tube("abducent-nerve", side, [(4.5, -17.5, -44), (5.2, -12, -42), (6.5, -4, -38)], ABDUCENS_MM, s),
                _tube(
                    "glossopharyngeal-nerve",
                    side,
                    [(9.6, -28, -48), (17, -27.4, -48.8), (23, -22.4, -49), (27.5, -17, -49)],
                    LOWER_MM,
                    s,
                ),
                _tube(
                    "vagus-nerve",
                    side,
                    [(9.4, -29, -51), (17, -28.4, -51), (23, -23, -50.6), (27.5, -17.6, -50.4)],
                    LOWER_MM,
                    s,
                ),
            ]
        return (*self.facial.values(), *others, *self.vessels)

    @cached_property
    def vessels(self) -> tuple[Tube, ...]:
        """The arteries."""
        return (
            _tube("basilar-artery", Side.MIDLINE, _BASILAR, BASILAR_MM),
            *(
                _tube("vertebral-artery", side, _VERTEBRAL, VERTEBRAL_MM, _sign(side))
                for side in (Side.RIGHT, Side.LEFT)
            ),
            *self.aica.values(),
        )

    def contact(self, side: Side) -> Closest:
        """Where facial nerve and artery of a side come nearest."""
        return closest(self.facial[side], self.aica[side])

    # ---------------------------------------------------------------- courses

    def straight_facial(self, side: Side) -> FloatArray:
        """The nerve as it runs where nothing presses on it: on the pons first, then free."""
        s = _sign(side)
        clinging = [(10.8, -24.5, -42.6), (13.0, -26.2, -41.2), (15.2, -27.6, -40.4), (17.2, -28.6, -40.6)]
        on_pons = [_on_surface(np.array([s * x, y, z]), FACIAL_MM / 2) for x, y, z in clinging]
        free = [(21.5, -28.6, -41.3), (27.0, -26.6, -41.8), (33.0, -24.0, -42.0), (39.0, -22.0, -42.0)]
        return _curve([*map(_place, on_pons), *((s * x, y, z) for x, y, z in free)])

    def _facial(self, side: Side) -> Tube:
        line = self.straight_facial(side)
        if side is Side.LEFT and self.compression is not Compression.CONTACT:
            is_bent = self.compression is Compression.DEVIATION
            by, over = (DEVIATED_MM, _DEVIATED_OVER_MM) if is_bent else (_YIELDS_MM, _YIELDS_OVER_MM)
            _, _, away = _meeting(line, self._meets_mm)
            push = by * np.exp(-(((_along(line) - self._meets_mm) / over) ** 2))
            line = _even(line - push[:, None] * away)
        return Tube("facial-nerve", side, line, FACIAL_MM / 2)

    @property
    def _meets_mm(self) -> float:
        """Where the loop meets the nerve: one that clings to the pons can't be bent."""
        return _FREE_MM if self.compression is Compression.DEVIATION else _ATTACHED_MM

    def _beside_facial(self, side: Side) -> FloatArray:
        """The eighth nerve: a millimetre lateral of the seventh where it leaves, behind and below it in the canal."""
        s = _sign(side)
        places = [
            (16.6, -30.6, -42.0),
            (21.8, -30.6, -42.6),
            (27.0, -28.6, -43.0),
            (33.0, -25.8, -43.2),
            (39, -23.8, -43),
        ]
        return _curve([(s * x, y, z) for x, y, z in places])

    def _aica(self, side: Side) -> Tube:
        s = _sign(side)
        start = [(s * x, y, z) for x, y, z in ((1.0, -7.0, -38.5), (5.0, -8.4, -40.0), (9.5, -13.5, -43.0))]
        if side is Side.RIGHT:
            rest = [(13.5, -19.0, -46.0), (18.5, -24.0, -47.4), (24.0, -29.5, -47.4), (26.0, -36.0, -46.0)]
            return Tube("aica", side, _curve([*start, *rest]), AICA_MM / 2)
        nerve = self.facial[side]
        apex_at, turn, away = _meeting(nerve.line_ras_mm, self._meets_mm)
        wanted = -INDENTED_MM if self.compression is Compression.INDENTATION else 0.0
        gap = (FACIAL_MM + AICA_MM) / 2 + wanted
        for _ in range(12):
            # The hairpin is fitted until wall and wall lie as far apart as they must.
            loop = Tube("aica", side, _hairpin(start, apex_at + gap * away, turn, away), AICA_MM / 2)
            gap += wanted - closest(nerve, loop).between_walls_mm
        return loop


def _hairpin(start: list[Place], apex: FloatArray, turn: FloatArray, away: FloatArray) -> FloatArray:
    """Up to the nerve, round along it, and back below it."""
    shifts = ((-2.4, 5.5), (-1.5, 1.9), (0.0, 0.0), (1.5, 1.9), (2.4, 5.5))
    bend = [apex + shift * turn + rise * away for shift, rise in shifts]
    sign = np.sign(turn[0])
    rest = [(sign * x, y, z) for x, y, z in ((26.0, -26.0, -49.0), (28.0, -34.0, -48.0), (28.0, -40.0, -46.5))]
    return _curve([*start, *map(_place, bend), *rest])


def _meeting(line: FloatArray, along_mm: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give a place of the nerve, the way along it there and, across it, towards the loop."""
    at = int(np.argmin(np.abs(_along(line) - along_mm)))
    ahead = _unit(line[at + 5] - line[at - 5])
    return line[at], ahead, _unit(_TOWARDS_LOOP - (_TOWARDS_LOOP @ ahead) * ahead)


def _unit(vector: FloatArray) -> FloatArray:
    return vector / np.linalg.norm(vector)


_BASILAR = [(0.0, -13.0, -49.0), (0.6, -9.2, -44.0), (0.3, -7.2, -38.0), (-0.3, -7.0, -32.0), (0.0, -7.6, -25.0)]
_VERTEBRAL = [(9.5, -21.0, -60.0), (6.0, -18.0, -55.0), (2.2, -14.8, -51.0), (0.4, -13.2, -49.2)]


Place = tuple[float, float, float]


def _sign(side: Side) -> float:
    return -1.0 if side is Side.LEFT else 1.0


def _tube(name: str, side: Side, places: list[Place], diameter_mm: float, sign: float = 1.0) -> Tube:
    return Tube(name, side, _curve([(sign * x, y, z) for x, y, z in places]), diameter_mm / 2)


def _curve(places: list[Place]) -> FloatArray:
    """A smooth line through places."""
    points = np.array(places, dtype=np.float64)
    # Centripetal: no loops and cusps between places that are unevenly far apart.
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(points, axis=0), axis=1)))])
    return _even(CubicSpline(knots, points)(np.linspace(0.0, knots[-1], 1500)))


def _along(line: FloatArray) -> FloatArray:
    """Way from the start to each place of a line, mm."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])


def _even(line: FloatArray) -> FloatArray:
    along = _along(line)
    wanted = np.linspace(0.0, along[-1], int(np.ceil(along[-1] / _STEP_MM)) + 1)
    return np.stack([np.interp(wanted, along, line[:, axis]) for axis in range(3)], axis=1)


def _on_surface(place: FloatArray, above_mm: float) -> FloatArray:
    """Move a place to so far above the brainstem's surface."""
    for _ in range(20):
        steps = np.eye(3) * 1e-3
        slope = np.array([(brainstem_mm(*(place + step)) - brainstem_mm(*(place - step))) / 2e-3 for step in steps])
        place = place - (brainstem_mm(*place) - above_mm) * slope / max(float(slope @ slope), 1e-6)
    return place


def ellipsoid_mm(
    x: FloatArray, y: FloatArray, z: FloatArray, middle: tuple[float, ...], radii: tuple[float, ...]
) -> FloatArray:
    """Distance to the surface of an ellipsoid, less than 0 inside: exact at the surface, and near it good enough."""
    parts = [((value - m) / r) ** 2 for value, m, r in zip((x, y, z), middle, radii, strict=True)]
    size = np.sqrt(sum(parts) + 1e-9)
    slopes = np.sqrt(sum(part / r**2 for part, r in zip(parts, radii, strict=True)) + 1e-9)
    return np.asarray(size * (size - 1.0) / slopes)


def smooth_min(one: FloatArray, other: FloatArray, over_mm: float) -> FloatArray:
    """Join two solids, each given by its distance, in a round corner."""
    share = np.clip(0.5 + 0.5 * (other - one) / over_mm, 0.0, 1.0)
    return other * (1 - share) + one * share - over_mm * share * (1 - share)


def _place(place: FloatArray) -> Place:
    x, y, z = (float(v) for v in place)
    return (x, y, z)
