"""Letters at the edges, lines of text in the corners, and the scale bar: one sheet of ink on the canvas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.display.ink import Inked, canvas_ink
from napari_vascular_loop.display.ink_texture import SOLID, InkTexture
from napari_vascular_loop.display.label_pictures import FINER, LabelPictures
from napari_vascular_loop.display.mark_sprites import corners_of
from napari_vascular_loop.display.mark_style import rgba
from napari_vascular_loop.domain.space import round_length

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.frame import DisplayFrame

TEXTS_INK = "vascular_loop_texts"
EDGES = ("left", "right", "top", "bottom")
_ORDER = 1_000_001
_LETTER_COLOUR, _WARNING_COLOUR, _NOTE_COLOUR, _BOX = "#FFD23F", "#FF7A7A", "#E8E8E8", rgba("#000000", 0.6)
_LETTER_PX, _NOTE_PX, _WARNING_PX = 21.0, 12.5, 13.5
_SMALL_LETTER_PX, _SMALL_NOTE_PX, _SMALL_WARNING_PX = 16.0, 11.0, 11.5
_MARGIN_PX, _PAD_PX, _BETWEEN_PX = 7.0, 3.0, 5.0
_BAR_PART = 0.22
"""Of the canvas's width: at most as much as leaves the letter in the middle free."""
_BAR_PX, _BAR_END_PX, _RIM_PX = 2.0, 7.0, 1.0
_TURNS = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])

_pictures: dict[float, LabelPictures] = {}


@dataclass(frozen=True)
class Words:
    """What stands on a canvas; "" or nothing for what is not there.

    Parameters
    ----------
    place : str
        Which slice is seen, and in which convention; of several lines.
    warning : str
        What a viewer must know, in red; of several lines.
    grey : str
        Window and level.
    letters : dict
        At "left", "right", "top", "bottom".
    mm_per_pixel : float
        For the scale bar; 0 for none.
    small : bool
        Whether to write smaller, so that on a small canvas no text covers another.
    """

    place: str = ""
    warning: str = ""
    grey: str = ""
    letters: dict[str, str] = field(default_factory=dict)
    mm_per_pixel: float = 0.0
    small: bool = False


class CanvasTexts:
    """Owns the texts of one viewer.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Not kept.
    """

    def __init__(self, viewer: Any) -> None:
        self._sheet = canvas_ink(viewer, TEXTS_INK, _ORDER)
        self._texture = InkTexture(_picture)
        self._shown: tuple[Any, ...] = ()
        self._words = Words()
        self._bar = ""

    def show(self, words: Words, size_px: tuple[int, int]) -> None:
        """Show these words, and nothing else, on a canvas of a height and width."""
        if (words, size_px) == self._shown:
            return
        self._shown, self._words = (words, size_px), words
        page = _Page(self._texture, *size_px)
        note_px = _SMALL_NOTE_PX if words.small else _NOTE_PX
        bottom = page.block(words.place, note_px, _NOTE_COLOUR, _MARGIN_PX)
        warning_px = _SMALL_WARNING_PX if words.small else _WARNING_PX
        page.block(words.warning, warning_px, _WARNING_COLOUR, bottom + _BETWEEN_PX if bottom else _MARGIN_PX)
        page.block(words.grey, note_px, _NOTE_COLOUR, None)
        for edge, letter in words.letters.items():
            page.letter(edge, letter, _SMALL_LETTER_PX if words.small else _LETTER_PX)
        self._bar = page.bar(words.mm_per_pixel, note_px)
        self._sheet.inked = page.inked()

    def text(self, name: str) -> str:
        """What a text says: "place", "warning", "grey", "bar", "edge_left" ...; "" if it is not there."""
        if name == "bar":
            return self._bar
        if name.startswith("edge_"):
            return self._words.letters.get(name.removeprefix("edge_"), "")
        return str(getattr(self._words, name))

    def hide(self) -> None:
        """Show none of them."""
        if self._shown:
            self._shown, self._words, self._bar = (), Words(), ""
            self._sheet.inked = None


class _Page:
    """Gathers the quads of a canvas's texts, in pixels."""

    def __init__(self, texture: InkTexture, height_px: int, width_px: int) -> None:
        self._texture = texture
        self._height, self._width = float(height_px), float(width_px)
        self._boxes: list[tuple[float, float, float, float]] = []
        self._pictures: list[Hashable] = []
        self._colours: list[tuple[float, ...]] = []
        self._right_of_corner = 0.0

    def block(self, text: str, letter_px: float, colour: str, top: float | None) -> float:
        """Write lines at the left on a dark box, from a height or at the bottom; give where they end."""
        if not text:
            return 0.0
        lines = [(line, letter_px) for line in text.split("\n")]
        sizes = [_size_px(line) for line in lines]
        # A line's picture has room above and below for accents and for the halo.
        step = round(letter_px * 1.35)
        height = step * len(lines) + 2 * _PAD_PX
        start = self._height - _MARGIN_PX - height if top is None else top
        width = max(width for _, width in sizes) + 2 * _PAD_PX
        self._add(None, _MARGIN_PX, start, width, height, _BOX)
        if start <= _MARGIN_PX:
            self._right_of_corner = _MARGIN_PX + width
        for n, (line, (high, wide)) in enumerate(zip(lines, sizes, strict=True)):
            middle = start + _PAD_PX + step * (n + 0.5)
            self._add(line, _MARGIN_PX + _PAD_PX, middle - high / 2, wide, high, rgba(colour))
        return start + height

    def letter(self, edge: str, letter: str, letter_px: float) -> None:
        """Write at the middle of an edge."""
        if not letter:
            return
        key = (letter, letter_px)
        height, width = _size_px(key)
        x = {"left": _MARGIN_PX, "right": self._width - _MARGIN_PX - width}.get(edge, (self._width - width) / 2)
        if edge == "top":
            # Beside the text in the corner, where a narrow canvas leaves no room in the middle.
            x = min(max(x, self._right_of_corner + _PAD_PX), self._width - _PAD_PX - width)
        y = {"top": _MARGIN_PX / 2, "bottom": self._height - _MARGIN_PX / 2 - height}
        self._add(key, x, y.get(edge, (self._height - height) / 2), width, height, rgba(_LETTER_COLOUR))

    def bar(self, mm_per_pixel: float, letter_px: float) -> str:
        """Draw the scale bar at the bottom right; say its length."""
        length_mm = round_length(_BAR_PART * self._width * mm_per_pixel) if mm_per_pixel else 0.0
        if not length_mm:
            return ""
        length_px = length_mm / mm_per_pixel
        right, bottom = self._width - 1.5 * _MARGIN_PX, self._height - 1.5 * _MARGIN_PX
        left = right - length_px
        parts = [
            (left, bottom - (_BAR_END_PX + _BAR_PX) / 2, length_px, _BAR_PX),
            (left, bottom - _BAR_END_PX, _BAR_PX, _BAR_END_PX),
            (right - _BAR_PX, bottom - _BAR_END_PX, _BAR_PX, _BAR_END_PX),
        ]
        for grown, colour in ((_RIM_PX, rgba("#000000", 0.8)), (0.0, rgba("#FFFFFF"))):
            for x, y, width, height in parts:
                self._add(None, x - grown, y - grown, width + 2 * grown, height + 2 * grown, colour)
        text = (f"{length_mm:g} mm", letter_px)
        height, width = _size_px(text)
        # Over the middle of the bar, but whole: on a narrow canvas the words are wider than the bar.
        x = min((left + right - width) / 2, self._width - _PAD_PX - width)
        self._add(text, x, bottom - _BAR_END_PX - height + 1, width, height, rgba("#FFFFFF"))
        return text[0]

    def _add(
        self, picture: Hashable, x: float, y: float, width: float, height: float, colour: tuple[float, ...]
    ) -> None:
        """Put a picture on the page, or a box; on whole pixels, so that letters are sharp."""
        self._boxes.append((round(x), round(y), width, height))
        self._pictures.append(picture)
        self._colours.append(colour)

    def inked(self) -> Inked | None:
        if not self._boxes:
            return None
        where = self._texture.lay_out(picture for picture in self._pictures if picture is not None)
        texels = corners_of([SOLID if picture is None else where[picture] for picture in self._pictures])
        boxes = np.array(self._boxes)
        places = np.zeros((len(boxes), 4, 3))
        places[..., :2] = boxes[:, None, :2] + boxes[:, None, 2:] * _TURNS
        return Inked(places.reshape(-1, 3), texels.reshape(-1, 2), np.array(self._colours), self._texture)


def _picture(text: Any) -> NDArray[np.uint8]:
    words, letter_px = text
    if letter_px not in _pictures:
        _pictures[letter_px] = LabelPictures(letter_px)
    return _pictures[letter_px].picture(words)


def _size_px(text: tuple[str, float]) -> tuple[float, float]:
    height, width = _picture(text).shape[:2]
    return height / FINER, width / FINER


def edge_letters(frame: DisplayFrame, vertical: int, horizontal: int, horizontal_to_left: bool) -> dict[str, str]:
    """Letters of the four edges when the vertical display axis grows upwards."""
    bottom, top = frame.letters(vertical)
    low, high = frame.letters(horizontal)
    left, right = (high, low) if horizontal_to_left else (low, high)
    return {"left": left, "right": right, "top": top, "bottom": bottom}
