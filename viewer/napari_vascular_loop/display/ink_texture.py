"""The pictures that ink is made of: the sprites of marks, and beneath them the texts that were last shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.mark_sprites import SIZE, Sprite, sprites

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from numpy.typing import NDArray

WIDTH = 2048
SOLID = Sprite(SIZE - 1, SIZE / 2, SIZE - 1, SIZE / 2)
"""A place of the texture that covers all."""

_GAP = 2
"""Between pictures: what is drawn smoothly looks a little beyond their edge."""

_ROWS_AT_FIRST = 256
_MOST_ROWS = 2048
"""Beyond them, the texts that are not on screen make room; those on screen have as many as they need."""


class InkTexture:
    """An array of brightness and cover, shape (rows, WIDTH, 2), which is changed in place and grows.

    Parameters
    ----------
    picture_of : callable
        Gives the picture of a text, shape (height, width, 2). A text may be anything that can be a key.
    """

    def __init__(self, picture_of: Callable[[Hashable], NDArray[np.uint8]]) -> None:
        self._picture_of = picture_of
        self._changes: list[tuple[slice, slice]] = []
        self._changes_gone = 0
        self.texels: NDArray[np.uint8] = np.zeros((_ROWS_AT_FIRST, WIDTH, 2), np.uint8)
        of_marks = sprites()
        self.texels[:SIZE, : of_marks.shape[1]] = of_marks
        self._forget()

    @property
    def version(self) -> int:
        """Goes up with each change."""
        return self._changes_gone + len(self._changes)

    def changed_since(self, version: int) -> list[tuple[slice, slice]]:
        """Give rows and columns of each part that has changed since a version."""
        return self._changes[max(0, version - self._changes_gone) :]

    def lay_out(self, texts: Iterable[Hashable]) -> Mapping[Hashable, Sprite]:
        """Make sure that some texts are in the texture, and say where they lie."""
        wanted = dict.fromkeys(texts)
        missing = [text for text in wanted if text not in self._places]
        pictures = {text: self._picture_of(text)[:, :WIDTH] for text in missing}
        if self._bottom_with(pictures.values()) > _MOST_ROWS and len(wanted) < len(self._places) + len(missing):
            self._forget()
            pictures = {text: self._picture_of(text)[:, :WIDTH] for text in wanted}
        for text, picture in pictures.items():
            self._add(text, picture)
        return self._places

    def _bottom_with(self, pictures: Iterable[NDArray[np.uint8]]) -> int:
        return self._bottom + sum(int(picture.size) for picture in pictures) // (2 * WIDTH)

    def _forget(self) -> None:
        self._places: dict[Hashable, Sprite] = {}
        # Who has not taken them yet needs them no more.
        self._changes_gone += len(self._changes)
        self._changes.clear()
        self._top, self._left, self._bottom = SIZE + _GAP, 0, SIZE + _GAP

    def _add(self, text: Hashable, picture: NDArray[np.uint8]) -> None:
        height, width = picture.shape[:2]
        if self._left + width > WIDTH:
            self._top, self._left = self._bottom, 0
        top, left = self._top, self._left
        self._left, self._bottom = left + width + _GAP, max(self._bottom, top + height + _GAP)
        if self._bottom > len(self.texels):
            rows = max(self._bottom, min(2 * len(self.texels), _MOST_ROWS))
            grown = np.zeros((rows, WIDTH, 2), np.uint8)
            grown[: len(self.texels)] = self.texels
            self.texels = grown
        self.texels[top : top + height, left : left + width] = picture
        self._places[text] = Sprite(top, left, top + height, left + width)
        self._changes.append((slice(top, top + height), slice(left, left + width)))
