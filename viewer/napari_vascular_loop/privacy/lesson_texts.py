"""All that people wrote in a lesson, and where it stands; the names of its authors apart."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.identifier_keys import LONGEST_RUN
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.formats.plain_article import PLAIN_FILE, read_plain_article

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_vascular_loop.domain.lesson import Lesson

_ABOUT_AUTHORS = frozenset(("authors", "creator", "generator"))
_NO_WORDS = frozenset(
    (
        "id",
        "type",
        "created",
        "modified",
        "selector",
        "voxelsSha256",
        "frameOfReferenceUid",
        "@context",
        "schemaVersion",
    )
)
_DEEPEST = 40


def texts_of_lesson(lesson: Lesson, folder: Path | None) -> Iterator[tuple[str, str, str | None]]:
    """Give where something stands, what, and the mark to which it belongs."""
    yield "the title", lesson.title, None
    yield "the lesson's id", lesson.id, None
    lines = lesson.article.splitlines()
    for number, line in enumerate(lines, 1):
        yield f"line {number} of the article", line, None
    for number, (line, following) in enumerate(pairwise(lines), 1):
        # A name may be broken over two lines.
        words = [*line.split()[-LONGEST_RUN:], *following.split()[:LONGEST_RUN]]
        yield f"lines {number} and {number + 1} of the article", " ".join(words), None
    if folder is not None and (folder / PLAIN_FILE).is_file():
        yield "the article in plain words", " ".join((read_plain_article(folder) or "").split()), None
    yield "the credit", lesson.credit, None
    yield "the licence", lesson.licence, None
    yield "the notice", lesson.notice, None
    yield "the audience", lesson.audience, None
    for number, objective in enumerate(lesson.objectives, 1):
        yield f"objective {number}", objective, None
    for number, volume in enumerate(lesson.volumes, 1):
        yield (
            f"the entry of volume {number}",
            " | ".join((volume.id, volume.title, str(volume.file or ""), volume.credit)),
            None,
        )
    for number, mark in enumerate(lesson.annotations, 1):
        yield f"the label of mark {number}", mark.label, mark.id
        yield f"the note of mark {number}", mark.note, mark.id
    for number, question in enumerate(questions_of(lesson), 1):
        yield f"question {number}", " | ".join((question.prompt, *question.accepted)), question.annotation_id


def texts_of_files(folder: Path, *, volumes: bool = True) -> Iterator[tuple[str, str, str | None]]:
    """The same of the files of a lesson that travel with it: what this program does not know in them, too."""
    from napari_vascular_loop.formats.lesson_archive import packed_files
    from napari_vascular_loop.formats.lesson_folder import LessonFolder

    lesson_folder = LessonFolder(folder)
    lesson = lesson_folder.read()
    kept = [] if volumes else [path for path in map(lesson_folder.volume_path, lesson.volumes) if path is not None]
    for path in packed_files(lesson_folder, lesson):
        if any(path.resolve().is_relative_to(one) for one in kept):
            continue
        name = path.relative_to(lesson_folder.path).as_posix()
        yield f"the name of the file {path.suffix or 'without ending'}", name, None
        if path.suffix.lower() == ".json":
            for said in _strings(_document(path), 0):
                yield name, said, None
        elif path.suffix.lower() in ("", ".md", ".txt"):
            text = path.read_bytes().decode("utf-8", "replace")
            yield name, " ".join(text.split()), None


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and depth < _DEEPEST:
        for key, one in value.items():
            if key not in _ABOUT_AUTHORS | _NO_WORDS:
                yield key
                yield from _strings(one, depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for one in value:
            yield from _strings(one, depth + 1)
