"""Pictures of the images into which words may be burned, for somebody to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
from pydicom.pixels.utils import pixel_array

from napari_vascular_loop.domain.errors import PrivacyError
from napari_vascular_loop.formats.atomic import replacing
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.privacy.folder import doubtful, refuse_used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy.typing as npt


@dataclass(frozen=True)
class Pictures:
    """What was drawn.

    Parameters
    ----------
    files : tuple of Path
        PNG files.
    images : int
        How many images may have words burned into them.
    not_drawn : int
        How many of them can't be decoded here.
    """

    files: tuple[Path, ...]
    images: int
    not_drawn: int


def draw_doubtful(source: Path, folder: Path, progress: Callable[[float], None] = lambda _done: None) -> Pictures:
    """Draw the images of which nobody can know whether words are burned into them, as they are in the files.

    Of an image of many frames, the brightest and the darkest that each pixel ever is are drawn: words that stand in any
    of them can be seen.

    Parameters
    ----------
    source : Path
        DICOM files, or a folder of them.
    folder : Path
        An empty or new one for the pictures. They may show what must not be passed on.
    progress : callable
        Told the part that is done, 0 to 1.

    Raises
    ------
    PrivacyError
        If there are no files, or the folder is in use.
    """
    refuse_used(source, folder)
    with quietly():
        found = doubtful(source)
        files: list[Path] = []
        not_drawn = 0
        for number, path in enumerate(found, 1):
            progress((number - 1) / len(found))
            try:
                pictures = list(_pictures(path))
            except Exception:
                not_drawn += 1  # whatever a decoder raises
                continue
            for name, picture in pictures:
                files.append(folder / f"{number:04}{name}.png")
                _write(files[-1], picture)
    return Pictures(tuple(files), len(found), not_drawn)


def _pictures(path: Path) -> Iterator[tuple[str, npt.NDArray[np.uint8]]]:
    dataset = pydicom.dcmread(path)
    pixels: Any = np.asarray(pixel_array(dataset))
    colours = int(dataset.get("SamplesPerPixel", 1) or 1) > 1
    inverted = dataset.get("PhotometricInterpretation") == "MONOCHROME1"
    if pixels.ndim == (3 if colours else 2):
        yield "", _grey_levels(pixels, inverted=inverted)
    else:
        yield "-brightest", _grey_levels(pixels.max(axis=0), inverted=inverted)
        yield "-darkest", _grey_levels(pixels.min(axis=0), inverted=inverted)


def _grey_levels(pixels: npt.NDArray[Any], *, inverted: bool) -> npt.NDArray[np.uint8]:
    """All that differs in the image can be seen: no value is cut off."""
    if pixels.dtype == np.uint8:
        shown = pixels
    else:
        values = pixels.astype(np.float64)
        order = np.unique(values)
        # By rank, so that neither faint nor glaring words vanish in a window of grey values.
        shown = np.rint(np.searchsorted(order, values) * (255 / max(1, len(order) - 1))).astype(np.uint8)
    return np.asarray(255 - shown if inverted else shown, dtype=np.uint8)


def _write(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    from PIL import Image

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            Image.fromarray(picture).save(temporary, format="PNG")
    except OSError as error:
        raise PrivacyError(f"{str(path)!r} could not be written ({error.strerror or error})") from error
