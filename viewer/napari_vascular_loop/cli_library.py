"""The verbs `library index`, `list` and `search` of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_output import remark, say, say_json
from napari_vascular_loop.cli_privacy import add_despite_names, check_library
from napari_vascular_loop.domain.errors import LessonError, VascularLoopError
from napari_vascular_loop.domain.text import megabytes

if TYPE_CHECKING:
    import argparse

    from napari_vascular_loop.library.entry import Card
    from napari_vascular_loop.library.index import Index
    from napari_vascular_loop.library.library import Library
    from napari_vascular_loop.library.standing import Standing

_WHERE = "folder of lessons, or address of a published library"
_MOST_SHOWN = 50


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add `library` and its own verbs to the verbs of a parser."""
    library = verbs.add_parser("library", help="a folder or an address of many lessons: index, list, search")
    own = library.add_subparsers(title="verbs", metavar="VERB", required=True)

    index = own.add_parser("index", help="write library.vlibrary into a folder, to be put on a web server with it")
    index.add_argument("folder", metavar="DIR", help="folder of lessons, packed or not")
    index.add_argument("--anew", action="store_true", help="read all lessons, and not only those that have changed")
    add_despite_names(index)
    index.set_defaults(run=_index)

    listing = own.add_parser("list", help="the lessons of a library")
    listing.add_argument("library", metavar="DIR_OR_URL", help=_WHERE)
    listing.set_defaults(run=_list)

    search = own.add_parser("search", help="look for words in titles, structures, codes and texts")
    search.add_argument("library", metavar="DIR_OR_URL", help=_WHERE)
    search.add_argument("words", nargs="+", metavar="WORDS", help='such as: aica, "CN VII", UBERON:0004674')
    search.set_defaults(run=_search)
    for verb in (index, listing, search):
        verb.add_argument("--json", action="store_true", help="print one JSON document")


def _index(options: argparse.Namespace) -> int:
    from napari_vascular_loop.library.library import Library
    from napari_vascular_loop.library.places import is_address
    from napari_vascular_loop.library.published import INDEX_FILE
    from napari_vascular_loop.progress_line import ProgressLine

    if is_address(options.folder):
        raise LessonError(
            f"{options.folder!r} is an address; make the index in the folder, then put that on the server"
        )
    library = Library(options.folder)
    with library.open_index() as index:
        with ProgressLine("indexing") as progress:
            library.update(index, progress, anew=options.anew)
        check_library(library.root, index.cards(), options)
        with ProgressLine("writing") as progress:
            head = library.publish(index, progress)
        cards = index.cards().values()
    broken = {card.path: card.problem for card in cards if card.problem}
    path = library.root / INDEX_FILE
    if options.json:
        say_json(
            {
                "index": str(path),
                "lessons": len(cards) - len(broken),
                "bytes": path.stat().st_size,
                "sha256": head.sha256,
                "not_read": [{"path": one, "reason": reason} for one, reason in broken.items()],
            }
        )
        return 0
    say(f"{len(cards) - len(broken)} lessons are in {path} ({megabytes(path.stat().st_size)}).")
    remark("not read", (f"{one}: {reason}" for one, reason in broken.items()))
    return 0


def _list(options: argparse.Namespace) -> int:
    from napari_vascular_loop.library.library import Library
    from napari_vascular_loop.library.standing import Standing

    library, standing = Library(options.library), Standing()
    with library.open_index() as index:
        _update(library, index)
        cards = list(index.cards().values())
    if options.json:
        say_json({"library": _said(library), "lessons": [_as_json(card, standing) for card in cards]})
        return 0
    for card in cards:
        _say_card(card, standing)
    if not cards:
        say(f"There is no lesson in {_said(library)}.")
    return 0


def _search(options: argparse.Namespace) -> int:
    from napari_vascular_loop.library.library import Library
    from napari_vascular_loop.library.standing import Standing

    typed = " ".join(options.words)
    library, standing = Library(options.library), Standing()
    with library.open_index() as index:
        _update(library, index)
        cards, found = index.cards(), index.search(typed)
        shown = [
            (cards[number], index.snippet(number, typed)) for number in found[: None if options.json else _MOST_SHOWN]
        ]
    if options.json:
        lessons = [
            {**_as_json(card, standing), "snippet": "".join(words for words, _ in snippet)} for card, snippet in shown
        ]
        say_json({"library": _said(library), "words": typed, "lessons": lessons})
        return 0
    for card, snippet in shown:
        _say_card(card, standing)
        if snippet:
            say("    " + "".join(f"[{words}]" if is_found else words for words, is_found in snippet))
    if len(found) > len(shown):
        say(f"... and {len(found) - len(shown)} more; add a word, or take --json")
    if not found:
        say(f"No lesson in {_said(library)} holds {typed!r}.")
    return 0


def _update(library: Library, index: Index) -> None:
    """Bring a library up to date; what was known of it before is shown where that can't be done."""
    from napari_vascular_loop.progress_line import ProgressLine

    try:
        with ProgressLine("indexing") as progress:
            library.update(index, progress)
    except VascularLoopError as error:
        if not index.stamps():
            raise
        remark("as it was when last seen", [str(error)])


def _said(library: Library) -> str:
    return library.address if library.is_remote else str(Path(library.root))


def _say_card(card: Card, standing: Standing) -> None:
    say(f"{card.path}: {card.name}")
    if card.problem:
        say(f"    can't be read: {card.problem}")
        return
    known = [
        f"{student or 'without a name'}: {said}"
        for student in standing.students
        if (said := standing.of(card, student).said(card))
    ]
    for line in (card.about, ", ".join(card.structures), card.credit, "; ".join(known)):
        if line:
            say(f"    {line}")


def _as_json(card: Card, standing: Standing) -> dict[str, Any]:
    return {
        "path": card.path,
        "id": card.lesson_id,
        "title": card.name,
        "minutes": card.minutes,
        "audience": card.audience,
        "structures": list(card.structures),
        "licence": card.licence,
        "credit": card.credit,
        "marks": card.marks,
        "questions": card.questions,
        "synthetic": card.synthetic,
        "problem": card.problem or None,
        "progress": [
            {"student": student, "known": one.known, "asked": one.asked}
            for student in standing.students
            if (one := standing.of(card, student)).asked
        ],
    }
