"""The verb `page` of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_output import LESSON, remark, say, say_json
from napari_vascular_loop.domain.errors import PageError

if TYPE_CHECKING:
    import argparse


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add `page` to the verbs of a parser."""
    page = verbs.add_parser("page", help="a lesson as one web page that needs no network")
    page.add_argument("lesson", metavar="LESSON", help=LESSON)
    page.add_argument("out", metavar="OUT", type=Path, help=".html; with --scorm .zip")
    kept = page.add_mutually_exclusive_group()
    kept.add_argument("--crop", type=float, metavar="MM", help="how much is kept around the marks (80)")
    kept.add_argument("--whole", action="store_true", help="keep the volumes whole: a face may be in them")
    page.add_argument("--scorm", action="store_true", help="a SCORM 1.2 package for a learning platform")
    page.add_argument("--json", action="store_true", help="print one JSON document")
    page.set_defaults(run=_page)


def _page(options: argparse.Namespace) -> int:
    endings = (".zip",) if options.scorm else (".html", ".htm")
    if options.out.suffix.lower() not in endings:
        hint = "a SCORM package is written as .zip" if options.scorm else "a page is written as .html"
        raise PageError(f"{hint}, not as {str(options.out)!r}")
    from napari_vascular_loop.lesson_page import make_page
    from napari_vascular_loop.progress_line import ProgressLine
    from napari_vascular_loop.web.packed_volume import DEFAULT_CROP_MM

    crop_mm = None if options.whole else DEFAULT_CROP_MM if options.crop is None else options.crop
    with ProgressLine("making the page") as progress:
        page = make_page(options.lesson, crop_mm=crop_mm, for_platform=options.scorm, progress=progress)
    out = page.save(options.out)
    remark("note", page.remarks)
    size = out.stat().st_size
    if options.json:
        say_json({"file": str(out), "bytes": size, "title": page.title, "remarks": list(page.remarks)})
    else:
        say(f"{out} ({size / 1e6:.1f} MB)")
    return 0
