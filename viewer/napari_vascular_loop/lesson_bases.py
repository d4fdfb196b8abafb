"""What another program started from, when it wrote a lesson's files: perhaps not what they were last.

An editor that was opened before our last edits saves a text that lacks them. Compared with the file as it was last,
that looks as if they had been deleted; compared with the file as the editor had read it, nothing of ours is touched.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.journal.generations import contents
from napari_vascular_loop.formats.lesson_folder import ANNOTATIONS_FILE, ARTICLE_FILE, new_lesson_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.journal.generations import Generations
    from napari_vascular_loop.formats.lesson_folder import LessonFolder

_LOOKED_AT = 10


def likely_base(last: Lesson, theirs: Lesson, files: LessonFolder, generations: Generations) -> Lesson:
    """Find what others changed.

    Parameters
    ----------
    last, theirs : Lesson
        As the files were last, and as others wrote them.
    files : LessonFolder
        Understands earlier files.
    generations : Generations
        Has them.

    Returns
    -------
    Lesson
        The last one or, where an earlier article or earlier annotations are nearer to theirs, these in it. What is just
        as it was earlier was put back on purpose: then it is the last one.
    """
    base = last
    if theirs.article != last.article:
        nearest = _lines_apart(last, theirs)
        for earlier in _earlier(ARTICLE_FILE, last, files, generations):
            if 0 < (apart := _lines_apart(earlier, theirs)) < nearest:
                nearest, base = apart, replace(base, article=earlier.article)
            elif apart == 0:
                base = replace(base, article=last.article)
                break
    if theirs.annotations != last.annotations:
        nearest, found = _marks_apart(last, theirs), last.annotations
        for earlier in _earlier(ANNOTATIONS_FILE, last, files, generations):
            if 0 < (apart := _marks_apart(earlier, theirs)) < nearest:
                nearest, found = apart, earlier.annotations
            elif apart == 0:
                found = last.annotations
                break
        base = replace(base, annotations=found)
    return base


def _earlier(name: str, last: Lesson, files: LessonFolder, generations: Generations) -> Iterator[Lesson]:
    """The lesson with one of its files as it was earlier, the latest first."""
    now = new_lesson_files(last)
    for generation in generations.of(name)[:_LOOKED_AT]:
        data = contents(generation)
        if data is None or data == now[name]:
            continue
        try:
            yield files.decode({**now, name: data})
        except LessonError:
            continue


def _lines_apart(one: Lesson, other: Lesson) -> int:
    """How many lines of the article only one of two lessons has."""
    ours, theirs = Counter(one.article.split("\n")), Counter(other.article.split("\n"))
    return (ours - theirs).total() + (theirs - ours).total()


def _marks_apart(one: Lesson, other: Lesson) -> int:
    """How many annotations two lessons don't have in common."""
    ours, theirs = ({mark.id: mark for mark in lesson.annotations} for lesson in (one, other))
    return sum(ours.get(known) != theirs.get(known) for known in ours.keys() | theirs.keys())
