"""Text broken to a width, with some words in bold."""

from __future__ import annotations

from dataclasses import dataclass

from napari_vascular_loop.export.sheet.font import text_width_mm
from napari_vascular_loop.export.sheet.items import MM_PER_POINT, Words

_LEADING = 1.28


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text, never mark-up.

    Parameters
    ----------
    text : str
        Regular text.
    points : float
        Size of the letters.
    colour : str
        As #RRGGBB.
    lead : str
        Words in bold before it.
    """

    text: str
    points: float
    colour: str
    lead: str = ""

    @property
    def leading_mm(self) -> float:
        """Distance to the next line."""
        return self.points * _LEADING * MM_PER_POINT


def broken(text: str, points: float, width_mm: float, *, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than `width_mm`; a word that is too long is cut."""
    lines = _lines([(word, bold) for word in text.split()], points, width_mm)
    return [" ".join(word for word, _ in line) for line in lines]


def set_paragraph(paragraph: Paragraph, left_mm: float, top_mm: float, width_mm: float, role: str) -> list[Words]:
    """Set a paragraph line by line, from the top."""
    words = [(word, True) for word in paragraph.lead.split()] + [(word, False) for word in paragraph.text.split()]
    out = []
    for number, line in enumerate(_lines(words, paragraph.points, width_mm)):
        y = top_mm + number * paragraph.leading_mm + 0.98 * paragraph.points * MM_PER_POINT
        x = left_mm
        for bold in (True, False):
            text = " ".join(word for word, is_bold in line if is_bold is bold)
            if text:
                out.append(Words(text, x, y, paragraph.points, paragraph.colour, bold, role=role))
                x += text_width_mm(f"{text} ", paragraph.points, bold)
    return out


def height_mm(paragraph: Paragraph, width_mm: float) -> float:
    """How high a paragraph is when it is set."""
    words = [(word, True) for word in paragraph.lead.split()] + [(word, False) for word in paragraph.text.split()]
    return len(_lines(words, paragraph.points, width_mm)) * paragraph.leading_mm


def _lines(words: list[tuple[str, bool]], points: float, width_mm: float) -> list[list[tuple[str, bool]]]:
    lines: list[list[tuple[str, bool]]] = []
    room = 0.0
    for word, bold in words:
        space = text_width_mm(" ", points, bold)
        for piece in _pieces(word, points, width_mm, bold):
            width = text_width_mm(piece, points, bold)
            if lines and width <= room:
                lines[-1].append((piece, bold))
            else:
                lines.append([(piece, bold)])
                room = width_mm
            room -= width + space
    return lines


def _pieces(word: str, points: float, width_mm: float, bold: bool) -> list[str]:
    pieces = [word]
    while len(pieces[-1]) > 1 and text_width_mm(pieces[-1], points, bold) > width_mm:
        last = pieces.pop()
        cut = max(1, int(len(last) * width_mm / text_width_mm(last, points, bold)) - 1)
        pieces += [last[:cut], last[cut:]]
    return pieces
