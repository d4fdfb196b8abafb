"""The command line: a thin caller of the library. Errors are one line on stderr, exit 2."""

from __future__ import annotations

import argparse
import io
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from napari_vascular_loop import (
    __version__,
    cli_annotations,
    cli_figure,
    cli_lecture,
    cli_lessons,
    cli_library,
    cli_locate,
    cli_page,
    cli_privacy,
    cli_samples,
    cli_study,
)
from napari_vascular_loop.cli_output import remark, say, say_json
from napari_vascular_loop.domain.errors import VascularLoopError, VolumeReadError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.progress_line import ProgressLine


_MOST_REASONS = 3
_SOURCE = "file, folder, ZIP archive, OME-Zarr folder or address, or dicomweb://host/path?study=UID"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; the process's own if not given.

    Returns
    -------
    int
        0, or 1 where a check found something, or 2 on an error.
    """
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A pipe on Windows, or the C locale, can't say every letter: rather an escape than an error.
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "run"):
        parser.print_help()
        return 0
    try:
        return int(options.run(options))
    except VascularLoopError as error:
        sys.stderr.write(f"vascular-loop: {_one_line(error)}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"vascular-loop: {_one_line(error.strerror or error)}: {error.filename or ''}\n")
        return 2
    except Exception as error:
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        sys.stderr.write(f"vascular-loop: unexpected {type(error).__name__}: {_one_line(error)}; please report this\n")
        return 2
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    """Says in one line what was wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="vascular-loop",
        description="A brain MRI viewer for teaching, inside napari. For teaching, not for diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"napari-vascular-loop {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")

    demo = verbs.add_parser("demo", help="open the sample lesson; with no screen, draw it to PNG files")
    demo.add_argument("--out", type=Path, metavar="DIR", help="draw to PNG files in DIR instead of opening a window")
    demo.set_defaults(run=_demo)

    open_ = verbs.add_parser("open", help="open volumes or a lesson in napari")
    open_.add_argument("paths", nargs="*", metavar="PATH", help=f"lesson folder, or {_SOURCE}")
    open_.set_defaults(run=_open)

    inspect = verbs.add_parser("inspect", help="say what volumes there are, where they lie, and who says so")
    inspect.add_argument("paths", nargs="+", metavar="PATH", help=_SOURCE)
    inspect.add_argument("--json", action="store_true", help="print one JSON document")
    inspect.set_defaults(run=_inspect)

    convert = verbs.add_parser("convert", help="write each volume as a de-identified .nii.gz, named by its id")
    convert.add_argument("paths", nargs="+", metavar="PATH", help=_SOURCE)
    convert.add_argument("out_dir", type=Path, metavar="OUT_DIR")
    convert.add_argument("--json", action="store_true", help="print one JSON document")
    convert.set_defaults(run=_convert)

    cli_figure.add_parser(verbs)
    cli_page.add_parser(verbs)
    cli_lecture.add_parser(verbs)
    cli_lessons.add_parser(verbs, _SOURCE)
    cli_annotations.add_parser(verbs)
    cli_study.add_parser(verbs)
    cli_samples.add_parser(verbs)
    cli_library.add_parser(verbs)
    cli_locate.add_parser(verbs, _SOURCE)
    cli_privacy.add_parser(verbs)
    return parser


def _source(paths: list[str]) -> str | list[str]:
    return paths[0] if len(paths) == 1 else paths


def _progress(what: str) -> ProgressLine:
    from napari_vascular_loop.progress_line import ProgressLine

    return ProgressLine(what)


def _demo(options: argparse.Namespace) -> int:
    from napari_vascular_loop.demo import run_demo

    return run_demo(options.out, say)


def _open(options: argparse.Namespace) -> int:
    from napari_vascular_loop.window import open_window

    return open_window(options.paths)


def _inspect(options: argparse.Namespace) -> int:
    from napari_vascular_loop.formats.volumes import find_volumes, no_volume
    from napari_vascular_loop.report import describe_found, found_as_json
    from napari_vascular_loop.samples.credit import credit_lines

    source = _source(options.paths)
    with _progress("looking") as progress:
        found = find_volumes(source, progress)
    if options.json:
        say_json(found_as_json(found))
    else:
        say(describe_found(found))
        for volume in found.volumes:
            remark(
                "public volume", (f"{how}: {text}" for how, text in credit_lines(volume.header.provenance.source_files))
            )
    if not found.volumes:
        raise no_volume(source, found)
    return 0


def _convert(options: argparse.Namespace) -> int:
    from napari_vascular_loop.domain import face
    from napari_vascular_loop.formats.volumes import find_volumes, no_volume
    from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
    from napari_vascular_loop.privacy.known import remember

    source = _source(options.paths)
    with _progress("looking") as progress:
        found = find_volumes(source, progress)
    if not found.volumes:
        raise no_volume(source, found)
    written: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    # One after the other, so that no more than one is in memory.
    for one in found.volumes:
        volume_id = one.header.provenance.id
        try:
            with _progress(f"reading {volume_id}") as progress:
                volume = one.read(progress)
        except VolumeReadError as error:
            failed.append({"id": volume_id, "reason": _one_line(error)})
            continue
        same = sum(done["id"] == volume_id for done in written)
        out = options.out_dir / f"{volume_id}{f'-{same + 1}' if same else ''}.nii.gz"
        options.out_dir.mkdir(parents=True, exist_ok=True)
        write_nifti(volume, out)
        # A lesson that is made of it later must not name whoever it is.
        remember(volume.fingerprint, volume.provenance.source_files)
        warnings = volume.provenance.warnings
        written.append(
            {"id": volume_id, "path": str(out), "shape": list(volume.grid.shape), "warnings": list(warnings)}
        )
        if not options.json:
            say(str(out))
            remark("note", [*warnings, *([face.WORDS] if face.may_show_face(volume.grid) else [])])
        del volume
    if options.json and written:
        say_json({"volumes": written, "not_converted": failed})
    if failed:
        more = f" ({len(failed)} of {len(found.volumes)} volumes were not converted)" if len(found.volumes) > 1 else ""
        raise VolumeReadError("; ".join(one["reason"] for one in failed[:_MOST_REASONS]) + more)
    return 0


if __name__ == "__main__":
    sys.exit(main())
