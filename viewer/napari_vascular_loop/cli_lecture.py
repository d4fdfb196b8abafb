"""The verbs `slides`, `handout` and `anki` of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_output import LESSON, remark, say, say_json
from napari_vascular_loop.cli_privacy import add_despite_names

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add the verbs to a parser."""
    slides = _verb(
        verbs, "slides", ".pptx", "slides of a lesson, arrows and labels as shapes that can be edited", _slides
    )
    slides.add_argument("--by", choices=("mark", "tour"), default="mark", help="a slide for each (mark)")
    slides.add_argument("--light", action="store_true", help="black on white")
    handout = _verb(
        verbs, "handout", ".pdf", "a lesson on paper: article with figures, questions with answers", _handout
    )
    handout.add_argument("--paper", choices=("A4", "Letter"), default="A4")
    handout.add_argument("--plain", action="store_true", help="the article in plain words")
    _verb(verbs, "anki", ".apkg", "a lesson as a deck of Anki cards", _anki)


def _verb(
    verbs: argparse._SubParsersAction[Any], name: str, ending: str, what: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=what)
    verb.add_argument("lesson", metavar="LESSON", help=LESSON)
    verb.add_argument("out", metavar="OUT", type=Path, help=ending)
    verb.add_argument("--neurological", action="store_true", help="patient's left on the left of the picture")
    add_despite_names(verb)
    verb.add_argument("--json", action="store_true", help="print one JSON document")
    verb.set_defaults(run=run)
    return verb


def _common(options: argparse.Namespace) -> dict[str, Any]:
    return {"radiological": not options.neurological, "despite_names": options.despite_names}


def _slides(options: argparse.Namespace) -> int:
    from napari_vascular_loop.lesson_slides import make_slides
    from napari_vascular_loop.progress_line import ProgressLine

    with ProgressLine("making slides") as progress:
        made, remarks = make_slides(
            options.lesson, options.out, by=options.by, dark=not options.light, progress=progress, **_common(options)
        )
    return _said(options, made, remarks)


def _handout(options: argparse.Namespace) -> int:
    from napari_vascular_loop.lesson_handout import make_handout
    from napari_vascular_loop.progress_line import ProgressLine

    with ProgressLine("making the handout") as progress:
        made, remarks = make_handout(
            options.lesson, options.out, paper=options.paper, plain=options.plain, progress=progress, **_common(options)
        )
    return _said(options, made, remarks)


def _anki(options: argparse.Namespace) -> int:
    from napari_vascular_loop.lesson_cards import make_cards
    from napari_vascular_loop.progress_line import ProgressLine

    with ProgressLine("making cards") as progress:
        made, count, remarks = make_cards(options.lesson, options.out, progress=progress, **_common(options))
    return _said(options, made, remarks, cards=count)


def _said(options: argparse.Namespace, made: Path, remarks: tuple[str, ...], **more: int) -> int:
    remark("note", remarks)
    size = made.stat().st_size
    if options.json:
        say_json({"file": str(made), "bytes": size, **more, "remarks": list(remarks)})
    else:
        say(f"{made} ({size / 1e6:.1f} MB{''.join(f', {count} {name}' for name, count in more.items())})")
    return 0
