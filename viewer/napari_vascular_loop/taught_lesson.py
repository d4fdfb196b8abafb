"""A lesson with its volumes, as what is made for a lecture needs it: slides, handout, cards."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.export.figure import FigureStyle, draw_figure
from napari_vascular_loop.formats.markdown import parse_markdown
from napari_vascular_loop.lessons import find_lesson, volumes_at_hand
from napari_vascular_loop.privacy.gate import check_names
from napari_vascular_loop.reading_levels import plain_level_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import FoundPassage, Lesson
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.export.figure import Figure

_REFERENCES = ("references", "sources", "literature")


@dataclass(frozen=True)
class TaughtLesson:
    """A lesson and what of it can be had here.

    Parameters
    ----------
    lesson : Lesson
        As it is on disk.
    article : str
        At the reading level that was asked for, Markdown.
    passages : tuple of FoundPassage
        Links of marks to that article.
    volumes : mapping of volume id to Volume
        Those that are here.
    remarks : tuple of str
        What could not be had.
    """

    lesson: Lesson
    article: str
    passages: tuple[FoundPassage, ...]
    volumes: dict[str, Volume]
    remarks: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[Annotation, ...]:
        """Those whose volume is here, in the lesson's order."""
        return tuple(mark for mark in self.lesson.annotations if mark.volume_id in self.volumes)

    def figure(self, marks: Sequence[Annotation], style: FigureStyle) -> Figure:
        """Draw a figure of some marks."""
        return draw_figure(self.lesson, [mark.id for mark in marks], self.volumes, style)

    @property
    def credits(self) -> tuple[str, ...]:
        """Whom text and images are owed to, and under which licences."""
        said = [f"Text and marks: {', '.join(self.lesson.authors)}"] if self.lesson.authors else []
        said += [one for one in (self.lesson.credit, self.lesson.licence) if one]
        for entry in self.lesson.volumes:
            if entry.id in self.volumes and (entry.credit or entry.licence):
                owed = ". ".join(one.rstrip(".") for one in (entry.credit, entry.licence) if one)
                said.append(f"{entry.title or entry.id}: {owed}.")
        return tuple(dict.fromkeys(said))

    @property
    def references(self) -> tuple[str, ...]:
        """What stands in the article below its heading References."""
        found: list[str] = []
        inside = False
        for block in parse_markdown(self.article):
            words = " ".join("".join(run.text for run in block.runs).split())
            if block.kind == "heading":
                inside = words.casefold().rstrip(":") in _REFERENCES
            elif inside and words:
                found.append(words)
        return tuple(found)


def check_ending(out: Path, ending: str, what: str) -> None:
    """Refuse a file of another kind, before anything is read.

    Raises
    ------
    FigureError
        Naming the ending that is wanted.
    """
    if out.suffix.lower() != ending:
        raise FigureError(f"{what} written as {ending}, not as {out.name!r}")


def taught_lesson(
    name: str,
    *,
    plain: bool = False,
    despite_names: bool = False,
    progress: Callable[[float], None] = lambda _done: None,
) -> TaughtLesson:
    """Open a lesson, read its volumes, and close it.

    Parameters
    ----------
    name : str
        Folder, packed lesson, or name of one that ships with the program.
    plain : bool
        The article in plain words, where the lesson has one.
    despite_names : bool
        Whether it may say what its scan's header said of the patient.
    progress : callable
        Told the part that is done, 0 to 1.

    Raises
    ------
    PrivacyError
        If the lesson names somebody.
    LessonError, WrongVolumeError
        If it can't be read, or a volume is another.
    SampleUnavailableError
        If none of its volumes is here.
    """
    with contextlib.closing(find_lesson(name)) as store:
        check_names(store.lesson, store.folder, despite=despite_names)
        volumes: dict[str, Volume] = {}
        remarks: list[str] = []
        wanted = {mark.volume_id for mark in store.lesson.annotations} or {v.id for v in store.lesson.volumes[:1]}
        for entry, volume in volumes_at_hand(store, remarks, wanted):
            volumes[entry.id] = volume
            progress(len(volumes) / len(wanted))
        level = plain_level_of(store) if plain else None
        if plain and level is None:
            remarks.append("the lesson has no article in plain words; the other one is used")
        article = store.lesson.article if level is None else level.text
        passages = store.passages() if level is None else level.passages(store.annotations)
        return TaughtLesson(store.lesson, article, tuple(passages), volumes, tuple(remarks))
