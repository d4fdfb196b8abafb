"""The verb `page` of the command line: of one lesson, or of a library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_output import LESSON, remark, say, say_json
from napari_vascular_loop.cli_privacy import add_despite_names
from napari_vascular_loop.domain.errors import PageError

if TYPE_CHECKING:
    import argparse


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add `page` to the verbs of a parser."""
    page = verbs.add_parser("page", help="a lesson as one web page that needs no network, or a library as a web site")
    page.add_argument("lesson", metavar="LESSON", help=f"{LESSON}; or a folder of lessons")
    page.add_argument("out", metavar="OUT", type=Path, help=".html; with --scorm .zip; of a library a folder")
    kept = page.add_mutually_exclusive_group()
    kept.add_argument("--crop", type=float, metavar="MM", help="how much is kept around the marks (80)")
    kept.add_argument("--whole", action="store_true", help="keep the volumes whole: a face may be in them")
    page.add_argument("--scorm", action="store_true", help="a SCORM 1.2 package for a learning platform")
    site = page.add_argument_group("of a library")
    site.add_argument("--title", default="", help="over the list of lessons; the folder's name by default")
    engine = site.add_mutually_exclusive_group()
    engine.add_argument("--workers", type=int, metavar="N", help="processes on this computer; one for each processor")
    engine.add_argument("--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster: tcp://HOST:8786")
    page.add_argument("--json", action="store_true", help="print one JSON document")
    add_despite_names(page)
    page.set_defaults(run=_page)


def _page(options: argparse.Namespace) -> int:
    if _is_library(options.lesson):
        return _site(options)
    endings = (".zip",) if options.scorm else (".html", ".htm")
    if options.out.suffix.lower() not in endings:
        hint = "a SCORM package is written as .zip" if options.scorm else "a page is written as .html"
        raise PageError(f"{hint}, not as {str(options.out)!r}")
    from napari_vascular_loop.domain.crop import DEFAULT_CROP_MM
    from napari_vascular_loop.lesson_page import make_page
    from napari_vascular_loop.progress_line import ProgressLine

    crop_mm = None if options.whole else DEFAULT_CROP_MM if options.crop is None else options.crop
    with ProgressLine("making the page") as progress:
        page = make_page(
            options.lesson,
            crop_mm=crop_mm,
            for_platform=options.scorm,
            despite_names=options.despite_names,
            progress=progress,
        )
    out = page.save(options.out)
    remark("note", page.remarks)
    size = out.stat().st_size
    if options.json:
        say_json({"file": str(out), "bytes": size, "title": page.title, "remarks": list(page.remarks)})
    else:
        say(f"{out} ({size / 1e6:.1f} MB)")
    return 0


def _is_library(said: str) -> bool:
    """Whether a folder is meant in which lessons lie, rather than a lesson."""
    from napari_vascular_loop.lessons import is_lesson, lesson_path

    path = lesson_path(said)
    return path.is_dir() and not is_lesson(path)


def _site(options: argparse.Namespace) -> int:
    if options.scorm or options.out.suffix.lower() in (".html", ".htm", ".zip"):
        raise PageError(
            f"{options.lesson!r} is a folder of lessons: its site is a folder too, not {str(options.out)!r}; for one "
            "page or package, name one lesson"
        )
    from napari_vascular_loop.domain.crop import DEFAULT_CROP_MM
    from napari_vascular_loop.library.library import Library
    from napari_vascular_loop.library_site import left_out, make_site
    from napari_vascular_loop.progress_line import ProgressLine
    from napari_vascular_loop.site_engine import NEEDS_EXTRA, has_engine

    crop_mm = None if options.whole else DEFAULT_CROP_MM if options.crop is None else options.crop
    with ProgressLine("making the site") as progress:
        site = make_site(
            Library(options.lesson),
            options.out,
            title=options.title,
            crop_mm=crop_mm,
            workers=options.workers,
            scheduler=options.scheduler,
            despite_names=options.despite_names,
            progress=progress,
        )
    if (options.workers or 1) > 1 and not has_engine():
        remark("note", [f"made by one process: {NEEDS_EXTRA}"])
    remark("no new page", (f"{path}: {reason}" for path, reason in sorted(site.problems.items())))
    remark("not whole", (f"{path}: {left_out(said)}" for path, said in sorted(site.remarks.items())))
    if options.json:
        say_json(
            {
                "folder": str(site.folder),
                "lessons": site.lessons,
                "made": site.made,
                "unchanged": site.unchanged,
                "gone": site.gone,
                "workers": site.workers or None,
                "problems": [{"path": path, "reason": reason} for path, reason in sorted(site.problems.items())],
            }
        )
        return 0
    lessons = "1 lesson is" if site.lessons == 1 else f"{site.lessons} lessons are"
    say(f"{lessons} in {site.folder}. Pages made: {site.made}; unchanged: {site.unchanged}.")
    say("Put the folder on any web server; index.html is where students begin.")
    return 0
