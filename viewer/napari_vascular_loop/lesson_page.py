"""A lesson on disk becomes a web page: where folder, volumes, reading levels and page meet."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.crop import DEFAULT_CROP_MM
from napari_vascular_loop.domain.errors import FigureError, PageError
from napari_vascular_loop.domain.face import WORDS, may_show_face
from napari_vascular_loop.export.safe_write import replacing_output
from napari_vascular_loop.lessons import find_lesson, volumes_at_hand
from napari_vascular_loop.privacy.gate import check_names
from napari_vascular_loop.reading_levels import plain_level_of
from napari_vascular_loop.web.packed_volume import pack_volume
from napari_vascular_loop.web.page import ReadingLevel, page_html
from napari_vascular_loop.web.scorm import write_package

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_vascular_loop.store import LessonStore
    from napari_vascular_loop.web.packed_volume import PackedVolume


@dataclass(frozen=True)
class LessonPage:
    """A page that was made.

    Parameters
    ----------
    html : str
        The file, to be kept as UTF-8.
    title, lesson_id : str
        Of the lesson.
    for_platform : bool
        Whether it reports to a learning platform, and is kept as a SCORM package.
    remarks : tuple of str
        What was cut away or left out.
    lacks : tuple of str
        Ids of the volumes that were left out, as they can't be had now.
    """

    html: str
    title: str
    lesson_id: str
    remarks: tuple[str, ...]
    for_platform: bool = False
    lacks: tuple[str, ...] = ()

    def save(self, path: Path) -> Path:
        """Write it, whole or not at all.

        Raises
        ------
        PageError
            If it can't be written.
        """
        try:
            with replacing_output(path) as temporary:
                if self.for_platform:
                    write_package(temporary, self.html, self.title, self.lesson_id)
                else:
                    temporary.write_text(self.html, encoding="utf-8", newline="\n")
        except FigureError as error:
            raise PageError(str(error)) from error
        return path


def make_page(
    lesson: str,
    *,
    crop_mm: float | None = DEFAULT_CROP_MM,
    for_platform: bool = False,
    despite_names: bool = False,
    progress: Callable[[float], None] = lambda _done: None,
) -> LessonPage:
    """Make the page of a lesson.

    Parameters
    ----------
    lesson : str
        Folder, packed lesson, or name of one that ships with the program.
    crop_mm : float or None
        How much of each volume is kept around its marks; None for all.
    for_platform : bool
        Whether it reports to a learning platform.
    despite_names : bool
        Whether it may say what the scan's header said of the patient.
    progress : callable
        Told the part that is done, 0 to 1.

    Raises
    ------
    LessonError, WrongVolumeError, SampleUnavailableError, PageError
        If lesson or volumes can't be had.
    PrivacyError
        If the lesson names somebody.
    """
    return page_of(
        find_lesson(lesson), crop_mm=crop_mm, for_platform=for_platform, despite_names=despite_names, progress=progress
    )


def page_of(
    store: LessonStore,
    *,
    crop_mm: float | None = DEFAULT_CROP_MM,
    for_platform: bool = False,
    despite_names: bool = False,
    progress: Callable[[float], None] = lambda _done: None,
) -> LessonPage:
    """Make the page of a lesson that is open, and close it; see :func:`make_page`."""
    with contextlib.closing(store):
        check_names(store.lesson, store.folder, despite=despite_names)
        volumes, remarks = _volumes(store, crop_mm, progress)
        levels = [ReadingLevel("Advanced", store.lesson.article, store.passages())]
        plain = plain_level_of(store)
        if plain is not None:
            levels.append(ReadingLevel("Plain", plain.text, plain.passages(store.annotations)))
        html = page_html(store.lesson, levels, volumes, for_platform=for_platform)
        orphans = sum(one.is_orphan for level in levels for one in level.passages)
        if orphans:
            remarks.append(f"{orphans} links lead to words that are no longer in the article")
        said = (*(one.words for one in volumes), *remarks)
        there = {one.entry.id for one in volumes}
        lacks = tuple(entry.id for entry in store.lesson.volumes if entry.id not in there)
        return LessonPage(html, store.lesson.title, store.lesson.id, said, for_platform, lacks)


def _volumes(
    store: LessonStore, crop_mm: float | None, progress: Callable[[float], None]
) -> tuple[list[PackedVolume], list[str]]:
    lesson = store.lesson
    packed: list[PackedVolume] = []
    remarks: list[str] = []
    for entry, volume in volumes_at_hand(store, remarks):
        if crop_mm is None and not entry.synthetic and may_show_face(volume.grid):
            remarks.append(f"{entry.title or entry.id}: {WORDS}")
        marks = [mark for mark in lesson.annotations if mark.volume_id == entry.id]
        packed.append(pack_volume(volume, entry, marks, crop_mm=crop_mm, fallback_marks=lesson.annotations))
        progress((lesson.volumes.index(entry) + 1) / len(lesson.volumes))
    return packed, remarks
