"""The verbs `samples list`, `path`, `fetch` and `check` of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_output import remark, say, say_json
from napari_vascular_loop.domain.errors import SampleUnavailableError
from napari_vascular_loop.domain.text import megabytes

if TYPE_CHECKING:
    import argparse

    from napari_vascular_loop.samples.catalogue import Catalogue, CatalogueEntry

_WRONG = 1


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add `samples` and its own verbs to the verbs of a parser."""
    samples = verbs.add_parser("samples", help="the catalogue of public volumes")
    own = samples.add_subparsers(title="verbs", metavar="VERB", required=True)

    listing = own.add_parser("list", help="what there is, and the folder to put a file in by hand")
    listing.add_argument("search", nargs="*", metavar="SEARCH", help="only what holds all of these words")
    listing.add_argument("--json", action="store_true", help="print one JSON document")
    listing.set_defaults(run=_list)

    for verb, text, run in (
        ("path", "where a volume lies on this computer", _path),
        ("fetch", "the same, downloading it if need be; it goes on where it was broken off", _fetch),
    ):
        one = own.add_parser(verb, help=text)
        one.add_argument("id", metavar="ID")
        one.set_defaults(run=run)

    check = own.add_parser("check", help="try each address, and say which still give what the catalogue states")
    check.add_argument("ids", nargs="*", metavar="ID", help="only these")
    check.add_argument("--json", action="store_true", help="print one JSON document")
    check.set_defaults(run=_check)


def _list(options: argparse.Namespace) -> int:
    from napari_vascular_loop.samples.catalogue import load_catalogue
    from napari_vascular_loop.samples.fetch import local_path, samples_folder

    catalogue = load_catalogue()
    entries = catalogue.search(" ".join(options.search))
    if options.json:
        document = {
            "folder": str(samples_folder()),
            "notes": list(catalogue.notes),
            "volumes": [_as_json(entry) for entry in entries],
        }
        say_json(document)
        return 0
    for entry in entries:
        say(f"{entry.id}: {entry.title}")
        if entry.shows:
            say(f"  {entry.shows}")
        say(f"  {local_path(entry) or _elsewhere(entry)}")
        say(f"  {entry.credit_line}")
    if not entries:
        say(f"No volume of the catalogue holds {' '.join(options.search)!r}.")
    for note in catalogue.notes:
        say(note)
    say(f"Files put by hand into {samples_folder()} are found.")
    return 0


def _as_json(entry: CatalogueEntry) -> dict[str, Any]:
    from napari_vascular_loop.samples.fetch import local_path

    path = local_path(entry)
    return {
        "id": entry.id,
        "title": entry.title,
        "shows": entry.shows,
        "modality": entry.modality,
        "licence": entry.licence,
        "credit": entry.credit,
        "page": entry.page,
        "synthetic": entry.synthetic,
        "download_bytes": entry.download_bytes,
        "verified": any(variant.verified for variant in entry.variants),
        "path": str(path) if path is not None else None,
    }


def _elsewhere(entry: CatalogueEntry) -> str:
    if entry.is_pointer:
        return f"too large to be fetched from here: {entry.variants[0].url}"
    size = f" ({megabytes(entry.download_bytes)})" if entry.download_bytes else ""
    if any(variant.computed for variant in entry.variants):
        return "computed when it is first needed"
    return f"not on this computer; can be fetched{size}" if entry.can_be_downloaded else "not on this computer"


def _path(options: argparse.Namespace) -> int:
    from napari_vascular_loop.samples.fetch import local_path, unavailable

    entry = _catalogue().entry(options.id)
    path = local_path(entry)
    if path is None and entry.can_be_downloaded:
        raise SampleUnavailableError(
            f"{entry.title} is not on this computer; 'vascular-loop samples fetch {entry.id}' downloads it"
        )
    if path is None:
        raise unavailable(entry)
    say(str(path))
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from napari_vascular_loop.progress_line import ProgressLine
    from napari_vascular_loop.sample_pictures import fetch

    entry = _catalogue().entry(options.id)
    with ProgressLine(f"fetching {entry.id}") as progress:
        here = fetch(entry, progress)
    say(str(here.path))
    remark("credit", (entry.credit_line,))
    return 0


def _check(options: argparse.Namespace) -> int:
    from napari_vascular_loop.samples.checking import check_entries

    catalogue = _catalogue()
    entries = tuple(catalogue.entry(one) for one in options.ids) if options.ids else catalogue.entries
    found = []
    for one in check_entries(entries, lambda: None):
        found.append(one)
        if not options.json:
            say(f"{one.entry_id}: {'matches' if one.matches else 'NOT CONFIRMED'}: {one.said} ({one.url})")
    wrong = sum(not one.matches for one in found)
    if options.json:
        say_json(
            {
                "addresses": [
                    {"id": one.entry_id, "url": one.url, "matches": one.matches, "said": one.said} for one in found
                ],
                "not_confirmed": wrong,
            }
        )
    else:
        say(f"{len(found) - wrong} of {len(found)} addresses give what the catalogue states.")
    return _WRONG if wrong else 0


def _catalogue() -> Catalogue:
    from napari_vascular_loop.samples.catalogue import load_catalogue

    return load_catalogue()
