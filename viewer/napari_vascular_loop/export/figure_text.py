"""Caption lines: text broken to the width of the figure, measured in its own font."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

_MM_PER_POINT = 25.4 / 72
_LEADING = 1.32


@dataclass(frozen=True)
class TextBlock:
    """A paragraph of the caption: plain text, never mark-up."""

    text: str
    points: float
    colour: str


@dataclass(frozen=True)
class Line:
    """A line of a paragraph."""

    text: str
    points: float
    colour: str

    @property
    def height_mm(self) -> float:
        """Distance to the next line."""
        return self.points * _LEADING * _MM_PER_POINT


def wrap(block: TextBlock, width_mm: float) -> list[Line]:
    """Break a paragraph into lines no wider than `width_mm`; a word that is too long is cut."""
    lines: list[str] = []
    current = ""
    for word in block.text.split():
        for piece in _pieces(word, block.points, width_mm):
            longer = f"{current} {piece}".strip()
            if current and _width_mm(longer, block.points) > width_mm:
                lines.append(current)
                current = piece
            else:
                current = longer
    if current:
        lines.append(current)
    # matplotlib reads text between two dollar signs as mathematics: keep it text.
    return [Line(line.replace("$", r"\$"), block.points, block.colour) for line in lines]


def _pieces(word: str, points: float, width_mm: float) -> list[str]:
    pieces = [word]
    while len(pieces[-1]) > 1 and _width_mm(pieces[-1], points) > width_mm:
        last = pieces.pop()
        cut = max(1, int(len(last) * width_mm / _width_mm(last, points)) - 1)
        pieces += [last[:cut], last[cut:]]
    return pieces


def _width_mm(text: str, points: float) -> float:
    font = FontProperties(family="DejaVu Sans", size=points)
    width_points, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width_points) * _MM_PER_POINT
