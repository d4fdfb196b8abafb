"""Pictures of labels: white letters with a dark halo, which read on bright and on dark tissue."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FINER = 2
"""Texels of a picture per screen pixel, both ways."""

_HALO_TEXELS = 3
_KEPT = 2048
_FALLBACKS = ("CJK", "Arial Unicode", "Hiragino", "PingFang", "YaHei", "Malgun", "Meiryo", "Noto Sans", "FreeSans")


class LabelPictures:
    """Makes the pictures of texts, and keeps those used last.

    Parameters
    ----------
    letter_px : float
        Size of the letters in screen pixels.
    """

    def __init__(self, letter_px: float) -> None:
        self._letter_px = letter_px
        self._kept: OrderedDict[str, NDArray[np.uint8]] = OrderedDict()
        self._font: Any = None
        self._letters_of_font: frozenset[int] = frozenset()

    def size_px(self, text: str) -> tuple[float, float]:
        """Height and width of a text's picture, in screen pixels."""
        height, width = self.picture(text).shape[:2]
        return height / FINER, width / FINER

    def picture(self, text: str) -> NDArray[np.uint8]:
        """Brightness and cover of each texel, shape (height, width, 2); all texts are of the same height."""
        found = self._kept.get(text)
        if found is None:
            found = self._kept[text] = self._make(text)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(text)
        return found

    def _make(self, text: str) -> NDArray[np.uint8]:
        letters = self._letters(text)
        # A texel is the mean of as many as a screen pixel has: the nearest one to a pixel's middle then is right.
        soft = letters.astype(np.uint16)
        soft[:, 1:] += letters[:, :-1]
        soft[1:] += soft[:-1].copy()
        ink = (soft // 4).astype(np.uint8)
        halo = _spread(_spread(ink, 1), 0)
        cover = np.maximum(ink, halo)
        bright = np.divide(ink.astype(np.float32) * 255, cover, out=np.zeros(ink.shape, np.float32), where=cover > 0)
        return np.stack([bright.astype(np.uint8), cover], axis=-1)

    def _letters(self, text: str) -> NDArray[np.uint8]:
        """The text as it is, in a box from the highest ascender to the lowest descender, with room for the halo."""
        from matplotlib.ft2font import LoadFlags

        font = self._font_for(text)
        with warnings.catch_warnings():
            # A letter that no font of the system has is drawn as a box.
            warnings.filterwarnings("ignore", "Glyph ", UserWarning)
            font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
        font.draw_glyphs_to_bitmap(antialiased=True)
        found = np.asarray(font.get_image())
        size = self._letter_px * FINER
        above, below = round(size * 0.93), round(size * 0.24)
        margin = _HALO_TEXELS + 1
        box = np.zeros((above + below + 2 * margin, found.shape[1] + 2 * margin), np.uint8)
        top = margin + above - (found.shape[0] - round(font.get_descent() / 64))
        # Letters with accents above capitals may be taller than the box.
        cut = max(0, -top)
        part = found[cut : cut + len(box) - max(0, top)]
        box[max(0, top) : max(0, top) + len(part), margin : margin + found.shape[1]] = part
        return box

    def _font_for(self, text: str) -> Any:
        """The font of the printed figures, with others of the system behind it where it lacks a letter."""
        # Imported with the first label: a window without marks does not wait for it.
        import matplotlib as mpl
        from matplotlib.ft2font import FT2Font

        own = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
        if self._font is None:
            self._font = FT2Font(str(own))
            self._font.set_size(self._letter_px * FINER, 72)
            self._letters_of_font = frozenset(self._font.get_charmap())
        if self._letters_of_font.issuperset(map(ord, text)):
            return self._font
        from matplotlib import font_manager

        others = [
            entry.fname
            for name in _FALLBACKS
            for entry in font_manager.fontManager.ttflist
            if name in entry.name and entry.style == "normal"
        ]
        font = font_manager.get_font([str(own), *dict.fromkeys(others)][:12])
        font.set_size(self._letter_px * FINER, 72)
        return font


def _spread(picture: NDArray[np.uint8], axis: int) -> NDArray[np.uint8]:
    """The greatest value within `_HALO_TEXELS` along an axis."""
    out = picture.copy()
    for shift in range(1, _HALO_TEXELS + 1):
        before, after = [slice(None)] * 2, [slice(None)] * 2
        before[axis], after[axis] = slice(None, -shift), slice(shift, None)
        np.maximum(out[tuple(after)], picture[tuple(before)], out=out[tuple(after)])
        np.maximum(out[tuple(before)], picture[tuple(after)], out=out[tuple(before)])
    return out
