"""The verbs `lesson check`, `new`, `pack`, `info`, `merge` and `conflicts` of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_editing import add_take_over, editing
from napari_vascular_loop.cli_output import LESSON, remark, say, say_json
from napari_vascular_loop.cli_privacy import add_despite_names
from napari_vascular_loop.domain.crop import DEFAULT_CROP_MM
from napari_vascular_loop.domain.errors import LessonError, VascularLoopError
from napari_vascular_loop.domain.text import writable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Mapping

    from napari_vascular_loop.domain.merge import Conflict
    from napari_vascular_loop.store import LessonStore


def add_parser(verbs: argparse._SubParsersAction[Any], source: str) -> None:
    """Add `lesson` and its own verbs to the verbs of a parser.

    Parameters
    ----------
    verbs : subparsers
        Of the parser.
    source : str
        What a volume may be read from, in words.
    """
    lesson = verbs.add_parser("lesson", help="make, check, look at or merge lessons")
    own = lesson.add_subparsers(title="verbs", metavar="VERB", required=True)

    check = own.add_parser("check", help="find what is wrong in a lesson; exit 1 if anything is")
    check.add_argument("folder", metavar="FOLDER")
    check.set_defaults(run=_check)

    new = own.add_parser("new", help="make a lesson on a volume, which is copied into it de-identified")
    new.add_argument("path", metavar="PATH", help=f"of one volume: {source}")
    new.add_argument("parent", type=Path, metavar="DIR", help="folder in which the lesson's folder is made")
    new.add_argument("--title", required=True)
    new.set_defaults(run=_new)

    pack = own.add_parser("pack", help="put a lesson into one file, to be sent; opened like its folder")
    pack.add_argument("folder", metavar="FOLDER")
    pack.add_argument("out", type=Path, metavar="OUT", help="file to be made, named *.vlesson.zip")
    pack.add_argument(
        "--crop",
        type=float,
        metavar="MM",
        help=f"of the lesson's own volumes, pack only this much around the marks, such as {DEFAULT_CROP_MM:g}",
    )
    add_despite_names(pack)
    pack.set_defaults(run=_pack)

    info = own.add_parser("info", help="what a lesson holds, who has it open, and how far its authors agree")
    info.add_argument("folder", metavar="FOLDER", help=LESSON)
    info.set_defaults(run=_info)

    merge = own.add_parser(
        "merge", help="take another copy of a lesson into this one; exit 1 if both changed something"
    )
    merge.add_argument("into", metavar="A", help="lesson folder that takes it in; undone with Ctrl+Z when it is opened")
    merge.add_argument("other", metavar="B", help="the other copy, which stays as it is")
    merge.add_argument("--base", metavar="C", help="the copy that both were made from: fewer conflicts with it")
    merge.set_defaults(run=_merge)

    conflicts = own.add_parser(
        "conflicts", help="what was changed both here and elsewhere, and choose; exit 1 if any wait"
    )
    conflicts.add_argument("folder", metavar="FOLDER")
    for side, words in (("ours", "keep what stands in the lesson"), ("theirs", "take the other version")):
        conflicts.add_argument(f"--{side}", nargs="+", type=int, default=[], metavar="N", help=f"{words}, by number")
    conflicts.set_defaults(run=_conflicts)
    for one in (merge, conflicts):
        add_take_over(one)
    for one in (check, new, pack, info, merge, conflicts):
        one.add_argument("--json", action="store_true", help="print one JSON document")


def _check(options: argparse.Namespace) -> int:
    from napari_vascular_loop.lesson_check import check_lesson
    from napari_vascular_loop.lessons import find_lesson

    store = find_lesson(options.folder)
    remark("note", filter(None, [store.notice]))
    report = check_lesson(store)
    if options.json:
        say_json({"title": store.lesson.title, "annotations": len(store.annotations), **report.as_json()})
    else:
        say(f"{store.lesson.title}: {len(store.annotations)} annotations, {len(store.passages())} links")
        for line in (*report.problems, *(f"note: {note}" for note in report.notes)):
            say(f"  {line}")
        say("nothing wrong found" if not report.problems else f"problems: {len(report.problems)}")
    return 1 if report.problems else 0


def _new(options: argparse.Namespace) -> int:
    from napari_vascular_loop.formats.volumes import find_volumes, no_volume
    from napari_vascular_loop.lesson_making import create_lesson
    from napari_vascular_loop.progress_line import ProgressLine

    if not options.title.strip():
        raise LessonError("a lesson needs a title that says what it is about; --title was empty")
    with ProgressLine("looking") as progress:
        found = find_volumes(options.path, progress)
    if not found.volumes:
        raise no_volume(options.path, found)
    if len(found.volumes) > 1:
        abouts = [one.header.provenance for one in found.volumes]
        listed = ", ".join(f"{about.id} ({about.description})" for about in abouts)
        raise VascularLoopError(f"{options.path!r} holds {len(abouts)} volumes, a new lesson needs one: {listed}")
    with ProgressLine("reading") as progress:
        volume = found.volumes[0].read(progress)
    try:
        options.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise LessonError(f"{str(options.parent)!r} is no folder; choose one for the lesson's folder") from error
    store = create_lesson(options.parent, writable(options.title.strip()), volume)
    if options.json:
        warnings = list(volume.provenance.warnings)
        say_json({"folder": str(store.folder), "title": store.lesson.title, "warnings": warnings})
        return 0
    say(str(store.folder))
    remark("note", volume.provenance.warnings)
    return 0


def _pack(options: argparse.Namespace) -> int:
    from napari_vascular_loop.domain.face import WORDS
    from napari_vascular_loop.formats.lesson_archive import pack_lesson
    from napari_vascular_loop.formats.lesson_folder import LessonFolder
    from napari_vascular_loop.lesson_crop import pack_cropped, shows_face
    from napari_vascular_loop.lessons import lesson_path
    from napari_vascular_loop.privacy.gate import check_files, check_names
    from napari_vascular_loop.progress_line import ProgressLine

    folder = lesson_path(options.folder)
    lesson = LessonFolder(folder).read()
    if options.crop is None:
        check_files(lesson, folder)
    check_names(lesson, folder, despite=options.despite_names, files=True, volumes=options.crop is None)
    if options.crop is None:
        made = pack_lesson(folder, options.out)
    else:
        with ProgressLine("cutting") as progress:
            made = pack_cropped(folder, options.out, crop_mm=options.crop, progress=progress)
    if options.crop is None and shows_face(lesson):
        remark("note", [f"of a volume in the lesson: {WORDS} (--crop {DEFAULT_CROP_MM:g})"])
    size = made.stat().st_size
    if options.json:
        say_json({"file": str(made), "bytes": size})
    else:
        say(f"{made} ({size / 1e6:.1f} MB)")
    return 0


def _info(options: argparse.Namespace) -> int:
    from napari_vascular_loop.lesson_info import describe_lesson, lesson_as_json
    from napari_vascular_loop.lessons import find_lesson

    store = find_lesson(options.folder)
    if options.json:
        say_json(lesson_as_json(store))
    else:
        say(describe_lesson(store))
    return 0


def _merge(options: argparse.Namespace) -> int:
    from napari_vascular_loop.lessons import open_lesson

    theirs = open_lesson(options.other)
    base = open_lesson(options.base).lesson if options.base else None
    store = open_lesson(options.into)
    if store.folder is not None and theirs.folder is not None and store.folder.resolve() == theirs.folder.resolve():
        raise LessonError(f"{options.into!r} and {options.other!r} are the same lesson; give two copies of it")
    remark("note", filter(None, [store.notice]))
    with editing(store, takes_over=options.take_over):
        before = {annotation.id: annotation for annotation in store.annotations}
        conflicts = store.merge(theirs.lesson, base, f"merge {Path(options.other).name}")
        after = {annotation.id: annotation for annotation in store.annotations}
    counts = {
        "added": len(after.keys() - before.keys()),
        "deleted": len(before.keys() - after.keys()),
        "changed": sum(before[id_] != after[id_] for id_ in before.keys() & after.keys()),
    }
    if options.json:
        say_json({**counts, "conflicts": [_as_json(one) for one in conflicts]})
    else:
        say("marks: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
        _say_conflicts(conflicts)
        if conflicts:
            say("The lesson has them as they are here. Choose with: vascular-loop lesson conflicts")
    return 1 if conflicts else 0


def _conflicts(options: argparse.Namespace) -> int:
    from napari_vascular_loop.lessons import open_lesson

    store = open_lesson(options.folder)
    remark("note", filter(None, [store.notice]))
    chosen = {**dict.fromkeys(options.ours, False), **dict.fromkeys(options.theirs, True)}
    if chosen:
        with editing(store, takes_over=options.take_over):
            _choose(store, chosen, twice=set(options.ours) & set(options.theirs))
    else:
        store.close()
    left = store.conflicts
    if options.json:
        say_json({"conflicts": [_as_json(one) for one in left]})
    elif left:
        _say_conflicts(left)
    else:
        say("no conflicts")
    return 1 if left else 0


def _choose(store: LessonStore, chosen: Mapping[int, bool], twice: Collection[int]) -> None:
    """Settle conflicts by their numbers; whether theirs is taken."""
    waiting = store.conflicts
    wrong = sorted(number for number in chosen if not 1 <= number <= len(waiting) or number in twice)
    if wrong:
        raise LessonError(f"the conflicts have the numbers 1 to {len(waiting)}, each to be chosen once; got {wrong}")
    for number, theirs in chosen.items():
        store.settle(waiting[number - 1], theirs=theirs)


def _say_conflicts(conflicts: tuple[Conflict, ...]) -> None:
    for number, conflict in enumerate(conflicts, start=1):
        say(f"  {number}. {conflict.words}")


def _as_json(conflict: Conflict) -> dict[str, Any]:
    return {"annotation": conflict.annotation_id or None, "member": conflict.member, "said": conflict.words}
