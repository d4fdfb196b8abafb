"""Finds again what a lesson's plain files lack: steps of the journal, changes of other programs."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.edit import (
    ArticleChange,
    DetailsChange,
    Edit,
    Step,
    apply,
    apply_as_far_as_possible,
    stacks_after,
)
from napari_vascular_loop.domain.errors import AnnotationError, LessonError, LessonSaveError
from napari_vascular_loop.domain.merge import difference, merge
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.journal.edit_text import decode_edit
from napari_vascular_loop.formats.journal.generations import Generations
from napari_vascular_loop.formats.journal.journal import Journal, JournalStep
from napari_vascular_loop.formats.journal.place import BESIDE, JOURNAL_FILE, state_folder
from napari_vascular_loop.formats.lesson_folder import ANNOTATIONS_FILE, ARTICLE_FILE, FILES, LESSON_FILE
from napari_vascular_loop.store.keeping import Kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari_vascular_loop.domain.edit import AnyChange
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.lesson_folder import LessonFolder

HISTORY = 300
"""So many steps can be undone after a lesson was opened anew."""

OUTSIDE = "changes made by another program"


def found_journal(folder: Path) -> Journal | None:
    """Open the journal of a lesson, beside it or among the user's own files; None if there is none.

    One that is damaged is put aside, never deleted.
    """
    for place in (folder / BESIDE, state_folder(folder)):
        path = place / JOURNAL_FILE
        if not path.is_file():
            continue
        try:
            journal = Journal(path)
        except LessonSaveError:
            with contextlib.suppress(OSError):
                path.replace(path.with_name(f"damaged {datetime.now():%Y-%m-%d %H.%M.%S} {path.name}"))
            continue
        return journal
    return None


def recovered(files: LessonFolder, journal: Journal) -> tuple[Kept, bool]:
    """Read a lesson with every step of its journal.

    Returns
    -------
    kept : Kept
        The lesson.
    is_behind : bool
        Whether the plain files lack some of it.

    Raises
    ------
    LessonError
        If the files are damaged and nothing is left to restore them from.
    """
    data, missing = _what_is_there(files)
    shas = {name: hashlib.sha256(one).hexdigest() for name, one in data.items()}
    seqs = {name: journal.filed_seq(name, sha) for name, sha in shas.items()}
    steps = journal.steps()
    strange = [name for name in FILES if seqs.get(name) is None]
    if not strange:
        lesson = files.take(data)
        known = {name: seq for name, seq in seqs.items() if seq is not None}
        done_again, behind = _replayed(lesson, steps, known)
        return _kept(done_again, steps), behind
    return _merged(files, journal, data, strange, seqs, missing)


def _merged(
    files: LessonFolder,
    journal: Journal,
    data: Mapping[str, bytes],
    strange: Sequence[str],
    seqs: Mapping[str, int | None],
    missing: str,
) -> tuple[Kept, bool]:
    """Put together what other programs wrote, or broke, with the steps of the journal."""
    steps = journal.steps()
    generations = Generations(journal.path.parent / "generations")
    base = dict(data)
    known = {name: seq for name, seq in seqs.items() if seq is not None}
    for name in strange:
        filing = journal.last_filing(name)
        old = generations.read(name, filing[0]) if filing else None
        if filing is None or old is None:
            return _without_base(files, data, missing, steps, {**known, name: filing[1] if filing else 0})
        base[name], known[name] = old, filing[1]
    try:
        was = files.decode(base)
    except LessonError:
        return _without_base(files, data, missing, steps, known)
    ours, _ = _replayed(was, steps, known)
    try:
        if missing:
            raise LessonError(missing)
        theirs = files.take(data)
    except LessonError as error:
        broken = _put_aside(files.path, strange)
        for name in strange:
            with contextlib.suppress(OSError):
                write_bytes(files.path / name, base[name])
        files.take(base)
        notice = f"{error}. It was restored from the journal{broken}"
        return replace(_kept(ours, steps), notice=notice), True
    merged = merge(was, ours, theirs)
    edit = difference(ours, merged.lesson, OUTSIDE)
    kept = _kept(ours, steps)
    done = (*kept.done, edit) if edit else kept.done
    return Kept(merged.lesson, done, () if edit else kept.undone, merged.conflicts), True


def _what_is_there(files: LessonFolder) -> tuple[dict[str, bytes], str]:
    try:
        return files.read_files(), ""
    except LessonError as error:
        there = {}
        for name in FILES:
            with contextlib.suppress(OSError):
                there[name] = (files.path / name).read_bytes()
        return there, str(error)


def _without_base(
    files: LessonFolder,
    data: Mapping[str, bytes],
    missing: str,
    steps: Sequence[JournalStep],
    known: Mapping[str, int],
) -> tuple[Kept, bool]:
    """Do what the files lack to what lies there, since there is nothing to compare it with."""
    if missing:
        raise LessonError(missing)
    lesson = files.take(data)
    first = min(known.values(), default=0)
    lacking = [decode_edit(step.edit) for step in steps if step.seq > first]
    for edit in lacking:
        lesson = apply_as_far_as_possible(edit, lesson)
    if not lacking:
        return Kept(lesson), False
    notice = (
        f"The lesson's files were changed by another program while {len(lacking)} edits were not in them yet: these "
        "were made again as far as they can be. Have a look at what they changed"
    )
    return Kept(lesson, notice=notice), True


def _replayed(lesson: Lesson, steps: Sequence[JournalStep], known: Mapping[str, int]) -> tuple[Lesson, bool]:
    """Do what the files lack, each file by the number of the last step that it holds."""
    first = min(known.values(), default=0)
    behind = False
    for step in steps:
        if step.seq <= first:
            continue
        edit = decode_edit(step.edit)
        lacking = tuple(change for change in edit.changes if step.seq > known[_file_of(change)])
        if lacking:
            behind = True
            missing = Edit(edit.title, lacking)
            try:
                lesson = apply(missing, lesson)
            except AnnotationError:
                lesson = apply_as_far_as_possible(missing, lesson)
    return lesson, behind


def _file_of(change: AnyChange) -> str:
    if isinstance(change, ArticleChange):
        return ARTICLE_FILE
    return LESSON_FILE if isinstance(change, DetailsChange) else ANNOTATIONS_FILE


def _kept(lesson: Lesson, steps: Sequence[JournalStep]) -> Kept:
    done, undone = stacks_after([Step(step.kind, decode_edit(step.edit)) for step in steps[-HISTORY:]])
    return Kept(lesson, done, undone)


def _put_aside(folder: Path, names: Sequence[str]) -> str:
    """Keep damaged files under another name, and say so."""
    kept = []
    for name in names:
        aside = folder / f"damaged {datetime.now():%Y-%m-%d %H.%M.%S} {name}"
        with contextlib.suppress(OSError):
            (folder / name).replace(aside)
            kept.append(aside.name)
    return f"; the damaged file is kept as {', '.join(map(repr, kept))}" if kept else ""
