"""The letters of all figures: Liberation Sans, which comes with the program, so that they are the same everywhere."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.space import FloatArray

FAMILY = "Liberation Sans"
_FILES = {False: "LiberationSans-Regular.ttf", True: "LiberationSans-Bold.ttf"}
_MM_PER_POINT = 25.4 / 72
_STEPS_ON_CURVE = 5
_REPLACEMENT = {"\t": " ", "\n": " ", "\r": " ", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-"}


@dataclass(frozen=True)
class Face:
    """One face of the font.

    Parameters
    ----------
    bold : bool
        Whether it is the bold one.
    """

    bold: bool

    @cached_property
    def data(self) -> bytes:
        """The file."""
        return (Path(__file__).parent.parent / "fonts" / _FILES[self.bold]).read_bytes()

    @cached_property
    def _font(self) -> Any:
        from fontTools.ttLib import TTFont

        return TTFont(io.BytesIO(self.data), lazy=True)

    @cached_property
    def _names(self) -> dict[int, str]:
        return dict(self._font.getBestCmap())

    @cached_property
    def units_per_em(self) -> int:
        """Font units in the size of the letters."""
        return int(self._font["head"].unitsPerEm)

    def measures(self) -> dict[str, int]:
        """What a PDF says of a font, in thousandths of the size."""
        head, os2, hhea = self._font["head"], self._font["OS/2"], self._font["hhea"]
        scaled = {
            "left": head.xMin,
            "bottom": head.yMin,
            "right": head.xMax,
            "top": head.yMax,
            "ascent": hhea.ascent,
            "descent": hhea.descent,
            "capitals": os2.sCapHeight,
        }
        return {name: round(value * 1000 / self.units_per_em) for name, value in scaled.items()}

    def has(self, letter: str) -> bool:
        """Whether it can write a letter."""
        return ord(_REPLACEMENT.get(letter, letter)) in self._names

    def glyph(self, letter: str) -> int:
        """Number of a letter's glyph; 0, a box, where the font has none."""
        name = self._names.get(ord(_REPLACEMENT.get(letter, letter)), ".notdef")
        return int(self._font.getGlyphID(name))

    def advance(self, letter: str) -> int:
        """How far the next letter is, in font units."""
        name = self._names.get(ord(_REPLACEMENT.get(letter, letter)), ".notdef")
        return int(self._font["hmtx"][name][0])

    def outline(self, letter: str) -> list[FloatArray]:
        """Closed rings of a letter, in font units, y upwards."""
        return _outline(self, self._names.get(ord(_REPLACEMENT.get(letter, letter)), ".notdef"))

    def subset(self, letters: Iterable[str]) -> bytes:
        """The font with the glyphs of some letters only, under their own numbers."""
        return _subset(self, frozenset(self.glyph(letter) for letter in letters))

    def __hash__(self) -> int:
        return hash(self.bold)


@cache
def face(bold: bool = False) -> Face:
    """The regular or the bold face."""
    return Face(bold)


def text_width_mm(text: str, points: float, bold: bool = False) -> float:
    """Width of a line of text in mm."""
    used = face(bold)
    return sum(_advance(used, letter) for letter in text) / used.units_per_em * points * _MM_PER_POINT


def missing_letters(text: str) -> str:
    """Letters of a text that the font does not have, each once."""
    return "".join(sorted({letter for letter in text if not letter.isspace() and not face().has(letter)}))


@cache
def _advance(used: Face, letter: str) -> int:
    return used.advance(letter)


@cache
def _outline(used: Face, name: str) -> list[FloatArray]:
    from fontTools.pens.recordingPen import DecomposingRecordingPen

    glyphs = used._font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    rings: list[FloatArray] = []
    ring: list[tuple[float, float]] = []
    for act, places in pen.value:
        if act == "moveTo":
            ring = [places[0]]
        elif act == "lineTo":
            ring.append(places[0])
        elif act == "qCurveTo":
            ring.extend(_curve(ring[-1] if places[-1] is not None else None, places))
        else:
            rings.append(np.array(ring, dtype=np.float64))
    return rings


def _curve(start: tuple[float, float] | None, places: tuple[Any, ...]) -> list[tuple[float, float]]:
    """Places along a TrueType curve, whose places on the curve may be left out between those beside it."""
    if start is None:  # a ring all of whose places lie beside the curve
        beside = [np.array(place, dtype=np.float64) for place in places[:-1]]
        begin = (beside[-1] + beside[0]) / 2
        controls, end = beside, begin
    else:
        begin = np.array(start, dtype=np.float64)
        controls = [np.array(place, dtype=np.float64) for place in places[:-1]]
        end = np.array(places[-1], dtype=np.float64)
    out: list[tuple[float, float]] = []
    for number, control in enumerate(controls):
        stop = end if number == len(controls) - 1 else (control + controls[number + 1]) / 2
        for step in range(1, _STEPS_ON_CURVE + 1):
            t = step / _STEPS_ON_CURVE
            x, y = (1 - t) ** 2 * begin + 2 * t * (1 - t) * control + t * t * stop
            out.append((float(x), float(y)))
        begin = stop
    return out


@cache
def _subset(used: Face, glyphs: frozenset[int]) -> bytes:
    from fontTools import subset

    options = subset.Options(
        retain_gids=True,
        layout_features=[],
        hinting=False,
        notdef_outline=True,
        recalc_timestamp=False,
        name_IDs=[0, 1, 2, 4, 6, 13],
        drop_tables=["GSUB", "GPOS", "GDEF", "kern", "FFTM", "DSIG", "gasp"],
    )
    font = subset.load_font(io.BytesIO(used.data), options)
    chosen = subset.Subsetter(options)
    chosen.populate(gids=sorted(glyphs))
    chosen.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
