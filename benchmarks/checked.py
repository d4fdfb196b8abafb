"""Contenders whose voxels are looked at before they are timed: nobody is quick by not reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import SimpleITK

from benchmarks.timing import medians_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

Read = Callable[[], object]
"""Opens a volume: gives back an array[i, j, k], one with what owns its memory before it, or the bytes of a file."""


def of_itk(image: SimpleITK.Image) -> tuple[SimpleITK.Image, npt.NDArray[Any]]:
    """Look at an image's voxels without a copy; they live as long as the image does."""
    return image, SimpleITK.GetArrayViewFromImage(image).T


def checked_medians_ms(contenders: Mapping[str, Read], truth: npt.NDArray[Any], rounds: int) -> dict[str, float]:
    """Time contenders, once each has been seen to read the true voxels.

    Raises
    ------
    AssertionError
        If one reads others; the message names it.
    """
    for name, read in contenders.items():
        if not _is_read(read(), truth):
            raise AssertionError(f"{name} reads other voxels than there are")
    return medians_ms(contenders, rounds)


def _is_read(result: object, truth: npt.NDArray[Any]) -> bool:
    voxels = np.asanyarray(result[1] if isinstance(result, tuple) else result)
    if voxels.ndim == 1:
        return voxels.nbytes >= truth.nbytes
    return voxels.shape == truth.shape and np.array_equal(voxels, truth)
