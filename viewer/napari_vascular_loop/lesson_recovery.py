"""Finds again what a lesson's plain files lack: steps of the journal, changes of other programs."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.edit import (
    ArticleChange,
    DetailsChange,
    Edit,
    apply,
)
from napari_vascular_loop.domain.errors import AnnotationError, LessonError, LessonSaveError, VascularLoopError
from napari_vascular_loop.domain.merge import apply_as_far_as_possible, difference, merge
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.journal.edit_text import decode_edit
from napari_vascular_loop.formats.journal.generations import Generations
from napari_vascular_loop.formats.journal.journal import Journal
from napari_vascular_loop.formats.journal.place import (
    BESIDE,
    JOURNAL_FILE,
    journal_folder,
    state_folder,
    states_of_moved,
)
from napari_vascular_loop.formats.lesson_folder import ANNOTATIONS_FILE, ARTICLE_FILE, FILES, LESSON_FILE, sha256
from napari_vascular_loop.lesson_history import History
from napari_vascular_loop.store.keeping import Kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_vascular_loop.domain.edit import AnyChange
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.journal.journal import JournalStep
    from napari_vascular_loop.formats.lesson_folder import LessonFolder

OUTSIDE = "changes made by another program"


@dataclass(frozen=True)
class Recovered:
    """A lesson with every step of its journal.

    Parameters
    ----------
    kept : Kept
        The lesson.
    is_behind : bool
        Whether the plain files lack some of it.
    outside : Edit or None
        What other programs changed, which is not in the journal yet.
    """

    kept: Kept
    is_behind: bool
    outside: Edit | None = None


def journal_paths(folder: Path) -> list[Path]:
    """The journals of a lesson that there are; the one that is to be used last."""
    places = [folder / BESIDE, state_folder(folder)]
    paths = [place / JOURNAL_FILE for place in places if not place.is_symlink()]
    there = [path for path in paths if path.is_file() and not path.is_symlink()]
    preferred = journal_folder(folder) if len(there) > 1 else None
    return sorted(there, key=lambda path: path.parent == preferred)


def follow_moved(files: LessonFolder) -> None:
    """Find the journal among the user's own files of a lesson that was renamed since, and let it go along.

    A number of a folder comes again when it was deleted: the journal must know the bytes of one of the lesson's files.
    """
    for state in states_of_moved(files.path):
        if not (state / JOURNAL_FILE).is_file():
            continue
        with contextlib.suppress(OSError, VascularLoopError):
            journal = Journal(state / JOURNAL_FILE)
            try:
                data = _what_is_there(files)
                is_ours = any(journal.filed_seq(name, sha256(one)) is not None for name, one in data.items())
            finally:
                journal.close()
            if is_ours:
                state.replace(state_folder(files.path))
                return


def put_journal_aside(path: Path) -> str:
    """Keep a damaged journal, whole, under another name; return that name."""
    aside = _aside(path)
    # Under names that belong together still: what SQLite had not merged yet is in the second.
    for ending in ("-wal", "-shm", ""):
        with contextlib.suppress(OSError):
            path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
    return aside.name


def recovered(files: LessonFolder, journal: Journal) -> Recovered:
    """Read a lesson with every step of its journal.

    Raises
    ------
    LessonError
        If the files are damaged and nothing is left to restore them from.
    JournalDamagedError
        If the journal is damaged.
    LessonSaveError
        If it can't be read, or the files lack a step that can't be understood.
    """
    data = _what_is_there(files)
    shas = {name: sha256(one) for name, one in data.items()}
    seqs = {name: journal.filed_seq(name, sha) for name, sha in shas.items()}
    strange = [name for name in FILES if seqs.get(name) is None]
    if strange:
        return _merged(files, journal, data, strange, seqs)
    lesson = files.take(data)
    known = {name: seq for name, seq in seqs.items() if seq is not None}
    done_again, behind = _replayed(lesson, journal, known)
    return Recovered(_kept(done_again, journal), behind)


def recovered_from_copy(files: LessonFolder, path: Path) -> Kept | None:
    """Read a lesson with every step of a journal that can't be opened where it lies; None if that fails too.

    SQLite needs room beside its file even for reading.
    """
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / path.name
        try:
            for ending in ("", "-wal"):
                if (one := path.with_name(path.name + ending)).is_file():
                    shutil.copyfile(one, copy.with_name(one.name))
            if (generations := path.parent / "generations").is_dir():
                shutil.copytree(generations, copy.with_name("generations"))
            journal = Journal(copy)
            try:
                return recovered(files, journal).kept
            finally:
                journal.close()
        except (OSError, VascularLoopError):
            return None


def _merged(
    files: LessonFolder,
    journal: Journal,
    data: Mapping[str, bytes],
    strange: Sequence[str],
    seqs: Mapping[str, int | None],
) -> Recovered:
    """Put together what other programs wrote, or broke, with the steps of the journal."""
    generations = Generations(journal.path.parent / "generations")
    base = dict(data)
    known = {name: seq for name, seq in seqs.items() if seq is not None}
    for name in strange:
        filing = journal.last_filing(name)
        old = generations.read(name, filing[0]) if filing else None
        if filing is None or old is None:
            return _without_base(files, data, journal, {**known, name: filing[1] if filing else 0})
        base[name], known[name] = old, filing[1]
    try:
        was = files.decode(base)
    except LessonError:
        return _without_base(files, data, journal, known)
    ours, _ = _replayed(was, journal, known)
    damage = {name: said for name in strange if (said := files.damage_of(name, data.get(name)))}
    theirs_files = {**data, **{name: base[name] for name in damage}}
    try:
        theirs = files.decode(theirs_files)
    except LessonError as error:
        # Each can be read, but not together.
        damage = dict.fromkeys(strange, str(error))
        theirs_files, theirs = base, was
    notice = ""
    if damage:
        notice = f"{'; '.join(dict.fromkeys(damage.values()))}. It was restored from the journal"
        notice += _put_aside(files.path, list(damage))
        for name in damage:
            with contextlib.suppress(OSError):
                write_bytes(files.path / name, base[name])
    files.take(theirs_files)
    merged = merge(was, ours, theirs)
    edit = difference(ours, merged.lesson, OUTSIDE)
    kept = _kept(ours, journal)
    done = (*kept.done, edit) if edit else kept.done
    undone = () if edit else kept.undone
    found = Kept(merged.lesson, done, undone, merged.conflicts, notice, kept.earlier)
    return Recovered(found, True, edit)


def _what_is_there(files: LessonFolder) -> dict[str, bytes]:
    there = {}
    for name in FILES:
        with contextlib.suppress(LessonError):
            there[name] = files.read_file(name)
    return there


def _without_base(
    files: LessonFolder, data: Mapping[str, bytes], journal: Journal, known: Mapping[str, int]
) -> Recovered:
    """Do what the files lack to what lies there, since there is nothing to compare it with."""
    lesson = files.take(data if len(data) == len(FILES) else files.read_files())
    lacking = [_understood(step) for step in journal.steps(min(known.values(), default=0))]
    for edit in lacking:
        lesson = apply_as_far_as_possible(edit, lesson)
    if not lacking:
        return Recovered(Kept(lesson), False)
    notice = (
        f"The lesson's files were changed by another program while {len(lacking)} edits were not in them yet: these "
        "were made again as far as they can be. Have a look at what they changed"
    )
    return Recovered(Kept(lesson, notice=notice), True)


def _understood(step: JournalStep) -> Edit:
    try:
        return decode_edit(step.edit)
    except LessonError as error:
        raise LessonSaveError(f"an edit is not in the lesson's files yet, and can't be read: {error}") from error


def _replayed(lesson: Lesson, journal: Journal, known: Mapping[str, int]) -> tuple[Lesson, bool]:
    """Do what the files lack, each file by the number of the last step that it holds."""
    behind = False
    for step in journal.steps(min(known.values(), default=0)):
        edit = _understood(step)
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
    is_described = isinstance(change, DetailsChange) and "annotations_foreign" not in change.after
    return LESSON_FILE if is_described else ANNOTATIONS_FILE


def _kept(lesson: Lesson, journal: Journal) -> Kept:
    """A lesson with what can be undone."""
    history = History(journal)
    return Kept(lesson, history.done, history.undone, earlier=history.earlier)


def _put_aside(folder: Path, names: Sequence[str]) -> str:
    """Keep damaged files under another name, and say so."""
    kept = []
    for name in names:
        aside = _aside(folder / name)
        with contextlib.suppress(OSError):
            (folder / name).replace(aside)
            kept.append(aside.name)
    return f"; the damaged file is kept as {', '.join(map(repr, kept))}" if kept else ""


def _aside(path: Path) -> Path:
    """Where a damaged file is kept."""
    return path.with_name(f"damaged {datetime.now():%Y-%m-%d %H.%M.%S} {path.name}")
