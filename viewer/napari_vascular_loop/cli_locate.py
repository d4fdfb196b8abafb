"""The verb `locate` of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_output import remark, say, say_json
from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.errors import LocateError

if TYPE_CHECKING:
    import argparse

_CAUTION = "a finder for teaching: no measurement, and no diagnosis; look for yourself"


def add_parser(verbs: argparse._SubParsersAction[Any], source: str) -> None:
    """Add `locate` to the verbs of a parser.

    Parameters
    ----------
    verbs : subparsers
        Of the parser.
    source : str
        What a volume may be read from, in words.
    """
    locate = verbs.add_parser("locate", help="say where a structure is to be looked for in a scan; exit 1 if not found")
    locate.add_argument("path", metavar="VOLUME", help=source)
    locate.add_argument(
        "--structure",
        default="facial-nerve-root",
        metavar="ID",
        help="id, name, synonym or code, such as 'REZ' or UBERON:0004674 (default: facial-nerve-root)",
    )
    locate.add_argument("--side", choices=[str(Side.LEFT), str(Side.RIGHT)], help="of the patient; both if not given")
    locate.add_argument("--json", action="store_true", help="print one JSON document")
    locate.set_defaults(run=_locate)


def _locate(options: argparse.Namespace) -> int:
    from napari_vascular_loop.formats.volumes import find_volumes, no_volume
    from napari_vascular_loop.locate.finder import answer_of, places_asked, register_volume
    from napari_vascular_loop.progress_line import ProgressLine

    # What is asked is looked at first: nobody should wait for a scan to be read to learn of a misspelt name.
    places = places_asked(options.structure, Side(options.side) if options.side else None)
    with ProgressLine("looking") as progress:
        found = find_volumes(options.path, progress)
    if not found.volumes:
        raise no_volume(options.path, found)
    if len(found.volumes) > 1:
        listed = ", ".join(one.header.provenance.id for one in found.volumes)
        raise LocateError(f"there are {len(found.volumes)} volumes, give the files of one: {listed}")
    with ProgressLine("reading") as progress:
        volume = found.volumes[0].read(progress)
    with ProgressLine("laying the scan over the atlas") as progress:
        registration = register_volume(volume, progress=progress)
    answers = [answer_of(volume, registration, place) for place in places]
    if options.json:
        say_json({"volume": volume.provenance.id, "caution": _CAUTION, "answers": [one.as_json() for one in answers]})
    else:
        for one in answers:
            say(one.words)
        remark("note", [_CAUTION])
    return 0 if any(one.is_shown for one in answers) else 1
