"""A library becomes a web site: a page for each lesson, a list with a search; nothing has to run on its server."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.crop import DEFAULT_CROP_MM
from napari_vascular_loop.domain.errors import PageError
from napari_vascular_loop.domain.slug import slug
from napari_vascular_loop.export.safe_write import replacing_output
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.library.entry import sha256
from napari_vascular_loop.site_engine import make_pages, workers_for
from napari_vascular_loop.site_page import PageTask
from napari_vascular_loop.site_record import LESSONS, Page, keep_record, read_record
from napari_vascular_loop.web.site import LIST_PAGE, PLAIN_PAGE, SiteCard, list_html, plain_html, words_json
from napari_vascular_loop.web.site_words import SiteWords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_vascular_loop.library.entry import Card, Entry
    from napari_vascular_loop.library.library import Library
    from napari_vascular_loop.site_record import Record

PICTURES, WORDS = "pictures", "search"
_KEEP_EVERY = 50


@dataclass
class Site:
    """What came of it.

    Parameters
    ----------
    folder : Path
        Where it lies.
    lessons : int
        How many there are.
    made, unchanged, gone : int
        How many pages were made, were there already, and were taken away with their lessons.
    workers : int
        By how many processes; 0 where it was a cluster's.
    problems : dict
        Why a lesson has no page, by its path.
    remarks : dict
        What was left out of a page, by the lesson's path.
    """

    folder: Path
    lessons: int = 0
    made: int = 0
    unchanged: int = 0
    gone: int = 0
    workers: int = 1
    problems: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)


def make_site(
    library: Library,
    out: Path,
    *,
    title: str = "",
    crop_mm: float | None = DEFAULT_CROP_MM,
    workers: int | None = None,
    scheduler: str = "",
    despite_names: bool = False,
    progress: Callable[[float], None] = lambda _done: None,
) -> Site:
    """Make a library's site, or bring it up to date: pages of lessons that have not changed stay.

    Parameters
    ----------
    library : Library
        A folder.
    out : Path
        Folder of the site; a new or an empty one, or that of a site.
    title : str
        Over the list; the folder's name if not given.
    crop_mm : float or None
        How much of each volume is kept around its marks; None for all.
    workers : int, optional
        Processes on this computer; as many as there are processors if not given.
    scheduler : str
        Address of a Dask scheduler that gives the work to its workers instead.
    despite_names : bool
        Whether lessons may say what their scans' headers said of patients.
    progress : callable
        Told the part that is done, 0 to 1. Whatever it raises ends the work; what was made is kept.

    Raises
    ------
    PageError
        If the folder is another's, or can't be written; a lesson that has no page is told of in the `Site`.
    LessonError
        If the library can't be read.
    """
    record = read_record(out)
    with library.open_index() as index:
        library.update(index, lambda done: progress(0.1 * done))
        entries = list(index.entries())
    site = Site(out, problems={entry.card.path: entry.card.problem for entry in entries if entry.card.problem})
    entries = [entry for entry in entries if not entry.card.problem]
    entries.sort(key=lambda entry: (entry.card.name.casefold(), entry.card.path))
    _make_pages(library, out, entries, record, site, (crop_mm, despite_names), workers, scheduler, progress)
    entries = [entry for entry in entries if entry.card.path in record.pages]
    site.lessons = len(entries)
    try:
        _clear(out, {entry.card.path for entry in entries}, record, site)
        _write_lists(out, title or library.name, entries, record)
        keep_record(out, record)
    except OSError as error:
        raise _cannot_write(out, error) from error
    progress(1.0)
    return site


def _make_pages(
    library: Library,
    out: Path,
    entries: list[Entry],
    record: Record,
    site: Site,
    kept: tuple[float | None, bool],
    workers: int | None,
    scheduler: str,
    progress: Callable[[float], None],
) -> None:
    crop_mm = kept[0]
    tasks, wanted = [], {}
    for entry in entries:
        path, fingerprint = entry.card.path, _fingerprint(entry, crop_mm)
        known = record.pages.get(path)
        if known is not None and known.fingerprint == fingerprint and _is_there(out / known.file, known.size):
            site.unchanged += 1
            continue
        file = f"{LESSONS}/{_file_name(path)}"
        wanted[path] = (file, fingerprint)
        tasks.append(PageTask(path, str((library.root / path).resolve()), str((out / file).resolve()), *kept))
    site.workers = 0 if scheduler else workers_for(len(tasks), workers)
    try:
        (out / LESSONS).mkdir(parents=True, exist_ok=True)
        keep_record(out, record)
        for number, made in enumerate(make_pages(tasks, site.workers or 1, scheduler), start=1):
            file, fingerprint = wanted[made.path]
            if made.problem:
                site.problems[made.path] = made.problem
            else:
                site.made += 1
                # A page that lacks a volume is made anew the next time: the volume may be here by then.
                record.pages[made.path] = Page(file, fingerprint if made.is_whole else "", made.size)
                if not made.is_whole:
                    site.remarks[made.path] = made.remarks
            if number % _KEEP_EVERY == 0:
                keep_record(out, record)
            progress(0.1 + 0.85 * number / len(tasks))
    except OSError as error:
        raise _cannot_write(out, error) from error
    finally:
        # Also where the user ends it: the next time it goes on from there.
        with contextlib.suppress(OSError):
            keep_record(out, record)


def _write_lists(out: Path, title: str, entries: list[Entry], record: Record) -> None:
    words, cards = SiteWords(), []
    pictures: set[str] = set()
    for number, entry in enumerate(entries):
        words.add(number, entry.card.name, entry.names, entry.text)
        picture = f"{PICTURES}/{sha256(entry.picture)[:24]}.webp" if entry.picture else ""
        if picture:
            pictures.add(picture)
            if not (out / picture).is_file():
                (out / PICTURES).mkdir(exist_ok=True)
                write_bytes(out / picture, entry.picture)
        cards.append(_card(entry.card, record.pages[entry.card.path], picture))
    (out / WORDS).mkdir(exist_ok=True)
    shards = []
    for name, found in words.shards():
        shards.append(name)
        _write_if_new(out / WORDS / f"{name}.json", words_json(found))
    _write_if_new(out / LIST_PAGE, list_html(title, cards, shards))
    _write_if_new(out / PLAIN_PAGE, plain_html(title, cards))
    _remove_others(out / WORDS, {f"{name}.json" for name in shards}, r"[0-9a-f]+(-[0-9a-f]+)?\.json")
    _remove_others(out / PICTURES, {PurePosixPath(one).name for one in pictures}, r"[0-9a-f]{24}\.webp")


def _card(card: Card, page: Page, picture: str) -> SiteCard:
    return SiteCard(card.name, card.about, card.owed_to, card.structures, page.file, picture, page.size, card.synthetic)


def _clear(out: Path, here: set[str], record: Record, site: Site) -> None:
    """Take away the pages of lessons that are gone."""
    for path in [path for path in record.pages if path not in here]:
        (out / record.pages.pop(path).file).unlink(missing_ok=True)
        site.gone += 1


def _remove_others(folder: Path, kept: set[str], ours: str) -> None:
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.name not in kept and re.fullmatch(ours, path.name):
            path.unlink(missing_ok=True)


def _write_if_new(path: Path, text: str) -> None:
    """Leave a file that would be the same: a server's copy of it stays good."""
    data = text.encode("utf-8")
    if not (path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data):
        with replacing_output(path) as temporary:
            temporary.write_bytes(data)


# ------------------------------------------------------------------ what a site was made of


def _fingerprint(entry: Entry, crop_mm: float | None) -> str:
    """Of all that a page is made of: the lesson's files, how much is kept, and the program that makes it."""
    said = (entry.card.path, entry.hash, str(crop_mm), _program())
    own = (part for file in entry.files for part in (file.name, file.sha256))
    return sha256(*(part.encode("utf-8", "surrogatepass") for part in (*said, *own)))[:32]


@cache
def _program() -> str:
    """The version, and what pages hold of the program: both change what comes out."""
    assets = sorted((one for one in (files(__package__) / "web" / "assets").iterdir()), key=lambda one: one.name)
    return version("napari-vascular-loop") + sha256(*(one.read_bytes() for one in assets if one.is_file()))


def _file_name(path: str) -> str:
    """A name that says what it is, is the same each time, and no other lesson's."""
    name = PurePosixPath(path).name.removesuffix(".vlesson.zip")
    return f"{slug(name) or 'lesson'}-{sha256(path.encode('utf-8', 'surrogatepass'))[:8]}.html"


def _is_there(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _cannot_write(out: Path, error: OSError) -> PageError:
    return PageError(f"{str(out)!r} can't be written ({error.strerror or error}); what was made is kept")


def left_out(remarks: Iterable[str]) -> str:
    """Say in a line what was left out of a page."""
    return "; ".join(one for one in remarks if one.startswith("left out"))
