"""The verb `deidentify` of the command line, and the question before every way out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_output import remark, say, say_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from napari_vascular_loop.library.entry import Card
    from napari_vascular_loop.store import LessonStore


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add `deidentify` to the verbs of a parser."""
    verb = verbs.add_parser(
        "deidentify", help="copy DICOM or NIfTI files without what says whose they are (DICOM PS3.15, Basic Profile)"
    )
    verb.add_argument("source", metavar="SRC", type=Path, help="a file, or a folder of files; nothing of it is changed")
    verb.add_argument("target", metavar="DST", type=Path, help="a new folder; files get new names in it")
    dates = verb.add_mutually_exclusive_group()
    dates.add_argument("--shift-dates", action="store_true", help="put all dates of a patient back by the same days")
    dates.add_argument("--keep-dates", action="store_true", help="keep the dates of studies and images")
    add = verb.add_argument
    add("--keep-descriptions", action="store_true", help="keep words of MR scanning in names of series and protocols")
    add("--keep-uids", action="store_true", help="keep UIDs: whoever has the originals can tell which they are")
    add("--keep-device", action="store_true", help="keep maker, model and software of the scanner")
    add("--keep-characteristics", action="store_true", help="keep sex, age, size and weight of the patient")
    add(
        "--show",
        metavar="FOLDER",
        type=Path,
        help="write nothing else than pictures of the images into which words may be burned, to be looked at",
    )
    add("--confirm-pixels", action="store_true", help="I have looked: no name is burned into any image")
    add("--json", action="store_true", help="print one JSON document")
    verb.set_defaults(run=_deidentify)


def add_despite_names(parser: argparse.ArgumentParser) -> None:
    """Add the answer to the question whether a lesson that names somebody may go out."""
    parser.add_argument(
        "--despite-names",
        action="store_true",
        help="let the lesson out though it says what the scan's header said of the patient",
    )


def check_way_out(store: LessonStore, options: argparse.Namespace) -> None:
    """Refuse to let a lesson out that names somebody.

    Raises
    ------
    PrivacyError
        The sentence says where.
    """
    from napari_vascular_loop.privacy.gate import check_names

    check_names(store.lesson, store.folder, despite=options.despite_names)


def check_library(root: Path, cards: Mapping[int, Card], options: argparse.Namespace) -> None:
    """Refuse to publish lessons of a folder that name somebody.

    Raises
    ------
    PrivacyError
        The sentence says where in the first of them.
    """
    from napari_vascular_loop.domain.errors import LessonError, PrivacyError
    from napari_vascular_loop.formats.lesson_folder import LessonFolder
    from napari_vascular_loop.privacy import known
    from napari_vascular_loop.privacy.gate import check_names

    if options.despite_names or not known.folder().is_dir():
        return
    for card in cards.values():
        path = root / card.path
        if card.problem or not path.is_dir():
            continue  # what is packed has been looked at then
        try:
            check_names(LessonFolder(path).read(), path, files=True)
        except PrivacyError as error:
            raise PrivacyError(f"{card.path}: {error}") from error
        except LessonError:
            continue  # told as not read


def _deidentify(options: argparse.Namespace) -> int:
    from napari_vascular_loop.privacy import Dates, Options, deidentify
    from napari_vascular_loop.progress_line import ProgressLine

    if options.show is not None:
        return _show(options)
    dates = Dates.SHIFTED if options.shift_dates else Dates.KEPT if options.keep_dates else Dates.REMOVED
    wanted = Options(
        dates=dates,
        descriptions=options.keep_descriptions,
        uids=options.keep_uids,
        device=options.keep_device,
        characteristics=options.keep_characteristics,
        confirm_pixels=options.confirm_pixels,
    )
    with ProgressLine("de-identifying") as progress:
        done = deidentify(options.source, options.target, wanted, progress)
    if options.json:
        say_json(
            {
                "folder": str(options.target),
                "files": [path.relative_to(options.target).as_posix() for path in done.written],
                "left_out": done.left_out,
                "removed": dict(sorted(done.removed.items())),
                "looked_at": done.to_look_at,
            }
        )
        return 0
    for name, count in sorted(done.removed.items(), key=lambda one: (-one[1], one[0])):
        say(f"{count:6}  {name}")
    say(f"{len(done.written)} files are in {options.target}; above: how often what was taken out.")
    remark("left out", (f"{count} files: {why}" for why, count in done.left_out.items()))
    remark("you looked at", (f"{count} images: {why}" for why, count in done.to_look_at.items()))
    remark(
        "note",
        ["a face can be recognised from a whole head: `vascular-loop page` keeps only what is about the marks, too"],
    )
    return 0


def _show(options: argparse.Namespace) -> int:
    from napari_vascular_loop.privacy import draw_doubtful
    from napari_vascular_loop.progress_line import ProgressLine

    with ProgressLine("drawing") as progress:
        drawn = draw_doubtful(options.source, options.show, progress)
    if options.json:
        say_json(
            {
                "folder": str(options.show),
                "files": [path.name for path in drawn.files],
                "images": drawn.images,
                "not_drawn": drawn.not_drawn,
            }
        )
        return 0
    if not drawn.images:
        say("Nothing speaks for words burned into an image; nothing was drawn.")
        return 0
    images = "1 image" if drawn.images == 1 else f"{drawn.images} images"
    say(f"Pictures of {images} are in {options.show}: {len(drawn.files)} files. Look at each, then delete them.")
    say("If no name is in any, say --confirm-pixels instead of --show; if one is, take that image out of the folder.")
    remark("note", [f"{drawn.not_drawn} images could not be decoded, and were not drawn"] if drawn.not_drawn else [])
    return 0
