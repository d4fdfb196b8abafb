"""The small picture of a lesson: its figure, or the slice of its first mark with the mark on it; without a window."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

import numpy as np

from napari_vascular_loop.domain.annotation import Arrow
from napari_vascular_loop.domain.contrast import grey_window
from napari_vascular_loop.domain.errors import ReadCancelledError, VascularLoopError
from napari_vascular_loop.domain.slice_view import slice_through
from napari_vascular_loop.formats.lesson_folder import LessonFolder
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.library.entry import MOST_PICTURE
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.fetch import fetch_sample, local_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
    from napari_vascular_loop.domain.slice_view import SliceView
    from napari_vascular_loop.domain.volume import Volume

SIDE_PX = 112
_CROP_MM = 90.0
_MOST_FIGURE_BYTES = 20 * 2**20
_MOST_FIGURE_PIXELS = 40_000_000
_MOST_VOLUME_BYTES = 64 * 2**20
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_FIGURE = re.compile(r"!\[[^\[\]\n]{0,2000}\]\(\s*<?([^()<>\s]{1,500})")
_QUALITY = 72


class Volumes:
    """Gives the volumes of lessons, of which many may share one; the last one stays in memory.

    Parameters
    ----------
    alive : callable
        Called while one is read; raises to end it.
    """

    def __init__(self, alive: Callable[[], None] = lambda: None) -> None:
        self._alive = alive
        self._last: tuple[str, list[Volume]] = ("", [])
        self._paths: dict[str, Path | None] = {}

    def of_catalogue(self, volume_id: str) -> Path | None:
        """Where a public volume lies on this computer; one that is computed is computed, none is downloaded."""
        if volume_id not in self._paths:
            path = None
            try:
                entry = load_catalogue().entry(volume_id)
                path = local_path(entry)
                if path is None and entry.synthetic:
                    path = fetch_sample(entry, lambda _done: self._alive())
            except ReadCancelledError:
                raise
            except VascularLoopError:
                pass  # there is no such volume, or it can't be computed here
            self._paths[volume_id] = path
        return self._paths[volume_id]

    def read(self, path: Path, wanted: LessonVolume) -> Volume | None:
        """Read a volume if it is not too large, and is the one that the marks were made on."""
        if not path.is_file() or path.stat().st_size > _MOST_VOLUME_BYTES:
            return None
        known_as = str(path)
        if self._last[0] != known_as:
            self._last = (known_as, read_volumes(path, lambda _done: self._alive()))
        for volume in self._last[1]:
            with contextlib.suppress(VascularLoopError):
                wanted.check(volume.fingerprint)
                return volume
        return None


def picture_of_lesson(folder: Path, lesson: Lesson, volumes: Volumes) -> tuple[bytes, str]:
    """Make the small picture of a lesson.

    Returns
    -------
    picture : bytes
        WebP; b"" where there is nothing to make it of.
    wants : str
        Id of the public volume that would have to be here for it; "" of none.

    Raises
    ------
    ReadCancelledError
        If it is wanted no longer.
    """
    figure = _figure(folder, lesson.article)
    if figure is not None:
        return _webp(figure), ""
    for wanted in lesson.volumes[:1]:
        try:
            if wanted.catalogue_id is not None:
                path = volumes.of_catalogue(wanted.catalogue_id)
                if path is None:
                    return b"", wanted.catalogue_id
            else:
                path = LessonFolder(folder).volume_path(wanted) if _has_file(folder, wanted) else None
            volume = volumes.read(path, wanted) if path is not None else None
            marks = [one for one in lesson.annotations if one.volume_id == wanted.id]
            if volume is not None and marks:
                return _webp(_of_mark(volume, marks[0], wanted)), ""
        except ReadCancelledError:
            raise
        except VascularLoopError:
            continue  # a lesson is found and opened without a picture
    return b"", ""


def size_of(picture: bytes) -> tuple[int, int] | None:
    """Width and height of a small picture, in pixels; None if it is none, or a large one."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(picture), formats=("WEBP",)) as image:
            width, height = image.size
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        return None
    return (width, height) if max(width, height) <= 4 * SIDE_PX else None


def decoded(picture: bytes) -> tuple[bytes, int, int] | None:
    """Decode a small picture to rows of red, green and blue bytes; None if it is none."""
    from PIL import Image, UnidentifiedImageError

    if len(picture) > MOST_PICTURE or size_of(picture) is None:
        return None
    try:
        with Image.open(io.BytesIO(picture), formats=("WEBP",)) as image:
            colours = image.convert("RGB")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        return None
    return colours.tobytes(), colours.width, colours.height


def _has_file(folder: Path, wanted: LessonVolume) -> bool:
    return bool(wanted.file) and (folder / str(wanted.file)).is_file()


def _figure(folder: Path, article: str) -> Image | None:
    """The first picture of an article that lies in the lesson's folder."""
    from PIL import Image, UnidentifiedImageError

    inside = folder.resolve()
    for said in _FIGURE.findall(article)[:20]:
        path = (inside / PurePosixPath(unquote(said))).resolve()
        try:
            if not path.is_relative_to(inside) or not path.is_file() or path.stat().st_size > _MOST_FIGURE_BYTES:
                continue
            with Image.open(path, formats=_FORMATS) as image:
                # What the header says is asked first: a few bytes may unpack to more than there is memory.
                if image.width * image.height > _MOST_FIGURE_PIXELS:
                    continue
                image.draft("RGB", (2 * SIDE_PX, 2 * SIDE_PX))
                return _square(image.convert("RGB"))
        except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError):
            continue
    return None


def _square(image: Image) -> Image:
    """Crop the middle."""
    from PIL import Image as Pillow

    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((SIDE_PX, SIDE_PX), Pillow.Resampling.LANCZOS)


def _of_mark(volume: Volume, mark: Annotation, wanted: LessonVolume) -> Image:
    from PIL import Image as Pillow

    view = slice_through(volume, mark, _CROP_MM, _CROP_MM)
    low, high = wanted.window or grey_window(volume)
    grey = np.clip((np.nan_to_num(view.pixels) - low) / max(high - low, 1e-9), 0, 1) * 255
    width_mm, height_mm = abs(view.right - view.left), abs(view.top - view.bottom)
    scale = SIDE_PX / max(width_mm, height_mm)
    size = max(1, round(width_mm * scale)), max(1, round(height_mm * scale))
    image = Pillow.fromarray(grey.astype(np.uint8)).convert("RGB").resize(size, Pillow.Resampling.BICUBIC)
    _draw(image, view, volume, mark)
    framed = Pillow.new("RGB", (SIDE_PX, SIDE_PX))
    framed.paste(image, ((SIDE_PX - size[0]) // 2, (SIDE_PX - size[1]) // 2))
    return framed


def _draw(image: Image, view: SliceView, volume: Volume, mark: Annotation) -> None:
    """Draw the mark: an arrow as an arrow, anything else as a ring round its place."""
    from PIL import ImageDraw

    vertical, horizontal = (axis for axis in range(3) if axis != view.display_axis)

    def pixel(ras_mm: object) -> tuple[float, float]:
        place = volume.frame.display_from_ras(np.asarray(ras_mm, dtype=float))
        x = (place[horizontal] - view.left) / (view.right - view.left) * image.width
        y = (view.top - place[vertical]) / (view.top - view.bottom) * image.height
        return float(x), float(y)

    draw = ImageDraw.Draw(image)
    tip = pixel(mark.geometry.anchor_ras_mm)
    if not isinstance(mark.geometry, Arrow):
        for width, colour in ((4, "white"), (2, "black")):
            draw.ellipse((tip[0] - 8, tip[1] - 8, tip[0] + 8, tip[1] + 8), outline=colour, width=width)
        return
    tip, tail = pixel(mark.geometry.tip_ras_mm), pixel(mark.geometry.tail_ras_mm)
    way = np.subtract(tail, tip)
    way = way / (np.hypot(*way) or 1.0)
    side = np.array([-way[1], way[0]])
    start = np.add(tip, way * 30)
    for grow, colour in ((2.0, "white"), (0.0, "black")):
        point = np.subtract(tip, way * grow)
        base = np.add(tip, way * (12 + grow))
        draw.line([tuple(base), tuple(start + way * grow)], fill=colour, width=round(3 + 2 * grow))
        head = [tuple(point), tuple(base + side * (6 + grow)), tuple(base - side * (6 + grow))]
        draw.polygon(head, fill=colour)


def _webp(image: Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "WEBP", quality=_QUALITY, method=4)
    data = written.getvalue()
    return data if len(data) <= MOST_PICTURE else b""
