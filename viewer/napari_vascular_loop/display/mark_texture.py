"""The texture of a mesh of marks: the sprites at its top, and beneath them the pictures of the labels just shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.mark_sprites import SIZE, Sprite, sprites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

WIDTH = 2048
_ROWS_AT_A_TIME = 128


class MarkTexture:
    """An array of brightness and cover, shape (rows, WIDTH, 2); it is changed in place while its size will do.

    Parameters
    ----------
    picture_of : callable
        Gives the picture of a text, shape (height, width, 2).
    """

    def __init__(self, picture_of: Callable[[str], NDArray[np.uint8]]) -> None:
        self._picture_of = picture_of
        self._places: dict[str, Sprite] = {}
        self.texels: NDArray[np.uint8] = np.zeros((SIZE, WIDTH, 2), np.uint8)
        cover = sprites()
        self.texels[:SIZE, : cover.shape[1], 0] = 255
        self.texels[:SIZE, : cover.shape[1], 1] = cover

    def lay_out(self, texts: Iterable[str]) -> dict[str, Sprite]:
        """Make sure that some texts are in the texture, and say where they lie."""
        wanted = dict.fromkeys(texts)
        if all(text in self._places for text in wanted):
            return self._places
        self._places = {}
        top, left, bottom = SIZE, 0, SIZE
        pictures = {text: self._picture_of(text)[:, :WIDTH] for text in wanted}
        for text, picture in pictures.items():
            height, width = picture.shape[:2]
            if left + width > WIDTH:
                top, left = bottom, 0
            self._places[text] = Sprite(top, left, top + height, left + width)
            left, bottom = left + width, max(bottom, top + height)
        if bottom > len(self.texels):
            rows = -(-bottom // _ROWS_AT_A_TIME) * _ROWS_AT_A_TIME
            grown = np.zeros((rows, WIDTH, 2), np.uint8)
            grown[:SIZE] = self.texels[:SIZE]
            self.texels = grown
        for text, picture in pictures.items():
            place = self._places[text]
            self.texels[int(place.top) : int(place.bottom), int(place.left) : int(place.right)] = picture
        return self._places

    def coordinates(self, texels: NDArray[np.float64]) -> NDArray[np.float32]:
        """Turn (row, column) into OpenGL's (right, up), from 0 to 1."""
        rows = len(self.texels)
        right = texels[..., 1] / WIDTH
        up = 1.0 - texels[..., 0] / rows
        return np.stack([right, up], axis=-1).astype(np.float32)
