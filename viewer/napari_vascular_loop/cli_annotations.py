"""The verbs `annotations list`, `import` and `export` of the command line."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_editing import add_take_over, editing
from napari_vascular_loop.cli_output import LESSON, remark, say, say_json
from napari_vascular_loop.cli_privacy import add_despite_names, check_way_out
from napari_vascular_loop.domain.errors import LessonError

if TYPE_CHECKING:
    import argparse

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.annotations.loss import Loss

_WEB = "dicomweb://"
_UID_LENGTH = 64
_FORMATS = "told by its ending if not given"


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add `annotations` and its own verbs to the verbs of a parser."""
    annotations = verbs.add_parser("annotations", help="list, import or export the marks of a lesson")
    own_verbs = annotations.add_subparsers(title="verbs", metavar="VERB", required=True)

    listing = own_verbs.add_parser("list", help="the marks of a lesson")
    listing.add_argument("lesson", metavar="LESSON", help=LESSON)
    listing.add_argument("--volume", metavar="ID", help="only those in this volume")
    listing.add_argument("--json", action="store_true", help="print one JSON document")
    listing.set_defaults(run=_list)

    bring = own_verbs.add_parser("import", help="bring in the marks of another program, and say what did not fit")
    bring.add_argument("lesson", metavar="LESSON", help=LESSON)
    bring.add_argument(
        "path",
        metavar="FILE",
        help=".mrk.json, .fcsv, .csv, .jsonld, .json, a DICOM SR (.dcm), or dicomweb://host/path?study=UID",
    )
    bring.add_argument("--format", metavar="NAME", help=f"w3c, slicer, fcsv, csv or sr; {_FORMATS}")
    bring.add_argument("--volume", metavar="ID", help="the lesson's volume in which they lie")
    bring.add_argument("--dicom", metavar="SOURCE", help="for DICOM: the series, to see that the marks were made on it")
    bring.add_argument(
        "--replace", action="store_true", help="let a mark take the place of one with the same id, not stand beside it"
    )
    add_take_over(bring)
    bring.add_argument("--json", action="store_true", help="print one JSON document")
    bring.set_defaults(run=_import)

    export = own_verbs.add_parser("export", help="write the marks for another program, and say what does not fit")
    export.add_argument("lesson", metavar="LESSON", help=LESSON)
    export.add_argument(
        "out",
        metavar="OUT",
        help=".mrk.json, .fcsv, .csv, .jsonld, .json, .txt or .dcm; a folder for gsps; or dicomweb://host/path",
    )
    export.add_argument("--format", metavar="NAME", help=f"w3c, slicer, fcsv, csv, fsleyes, sr or gsps; {_FORMATS}")
    export.add_argument("--volume", metavar="ID", help="only those in this volume")
    export.add_argument(
        "--dicom",
        metavar="SOURCE",
        help="for DICOM: the series that the lesson's volume was made of; that of OUT's study if not given",
    )
    export.add_argument("--json", action="store_true", help="print one JSON document")
    add_despite_names(export)
    export.set_defaults(run=_export)


def _list(options: argparse.Namespace) -> int:
    from napari_vascular_loop.domain.space import format_ras_mm
    from napari_vascular_loop.domain.terms import structure_name
    from napari_vascular_loop.lessons import find_lesson

    lesson = find_lesson(options.lesson).lesson
    if options.volume is not None:
        lesson.volume(options.volume)
    numbered = [(n, a) for n, a in enumerate(lesson.annotations, start=1) if options.volume in (None, a.volume_id)]
    if options.json:
        say_json({"title": lesson.title, "annotations": [{"number": n, **_as_json(a)} for n, a in numbered]})
        return 0
    if not numbered:
        say("no marks")
    for number, annotation in numbered:
        where = format_ras_mm(annotation.geometry.anchor_ras_mm)
        about = (structure_name(annotation.structure), annotation.side or "", annotation.grade or "")
        say(f"{number}  {annotation.geometry.kind}  {annotation.title}")
        say(f"   {', '.join([where, *filter(None, about)])}")
    return 0


def _import(options: argparse.Namespace) -> int:
    from napari_vascular_loop.exchange import import_annotations, is_dicom
    from napari_vascular_loop.formats.annotations.loss import (
        already_there,
        already_there_words,
        loss_lines,
        losses_proper,
    )
    from napari_vascular_loop.lessons import find_lesson

    store = find_lesson(options.lesson)
    with editing(store, takes_over=options.take_over):
        there = {annotation.id for annotation in store.annotations}
        if _is_dicom(options, options.path, is_dicom(Path(options.path))):
            annotations, losses = _import_dicom(options, store.lesson)
        else:
            annotations, losses = import_annotations(
                Path(options.path), store.lesson, options.volume, replace=options.replace, format=options.format
            )
        store.put_all(annotations, f"import {Path(options.path.partition('?')[0]).name}")
    changed = [annotation.id for annotation in annotations if annotation.id in there]
    added = [annotation.id for annotation in annotations if annotation.id not in there]
    if options.json:
        say_json(
            {
                "lesson": str(store.folder),
                "added": added,
                "replaced": changed,
                "already_there": [one.annotation_id for one in already_there(losses)],
                "losses": [asdict(one) for one in losses_proper(losses)],
            }
        )
    else:
        say(f"{store.folder}: {len(added)} added, {len(changed)} replaced")
        remark("note", filter(None, [already_there_words(losses)]))
        remark("not kept", loss_lines(losses))
    return 0


def _import_dicom(options: argparse.Namespace, lesson: Lesson) -> tuple[tuple[Annotation, ...], tuple[Loss, ...]]:
    from napari_vascular_loop.dicom_source import find_source
    from napari_vascular_loop.exchange import read_marks
    from napari_vascular_loop.exchange_dicom import fetch_reports, import_report
    from napari_vascular_loop.progress_line import ProgressLine

    with ProgressLine("reading") as progress:
        source = find_source(lesson, options.dicom, options.volume, progress) if options.dicom else None
    remark("note", filter(None, [source.remark if source else ""]))
    more: tuple[Loss, ...] = ()
    if options.path.startswith(_WEB):
        with ProgressLine("fetching") as progress:
            reports, more = fetch_reports(options.path, progress)
    else:
        path = Path(options.path)
        reports = [(path.name, read_marks(path))]
    annotations, losses = import_report(reports, lesson, options.volume, source, replace=options.replace)
    return annotations, (*losses, *more)


def _export(options: argparse.Namespace) -> int:
    from napari_vascular_loop.exchange import DICOM_ENDINGS, export_annotations
    from napari_vascular_loop.formats.annotations.loss import loss_lines
    from napari_vascular_loop.lessons import find_lesson

    store = find_lesson(options.lesson)
    check_way_out(store, options)
    lesson = store.lesson
    if _is_dicom(options, options.out, Path(options.out).suffix.casefold() in DICOM_ENDINGS):
        volume_id, places, losses = _export_dicom(options, lesson)
    else:
        volume_id, places = options.volume, [options.out]
        losses = export_annotations(lesson, Path(options.out), options.format, options.volume)
    count = sum(volume_id in (None, annotation.volume_id) for annotation in lesson.annotations)
    if options.json:
        say_json({"path": places[0], "paths": places, "annotations": count, "losses": [asdict(o) for o in losses]})
    else:
        say("\n".join(places))
        remark("not kept", loss_lines(losses))
    return 0


def _export_dicom(options: argparse.Namespace, lesson: Lesson) -> tuple[str, list[str], tuple[Loss, ...]]:
    """Write or send marks as DICOM; the volume they lie in, and files or UIDs."""
    from napari_vascular_loop.dicom_source import find_source
    from napari_vascular_loop.exchange_dicom import KINDS, export_dicom, send
    from napari_vascular_loop.progress_line import ProgressLine

    kind = options.format or "sr"
    if kind not in KINDS:
        raise LessonError(f"a DICOM object is one of {', '.join(KINDS)}, not {kind!r}")
    names_study = options.out.startswith(_WEB) and "study=" in options.out
    images = options.dicom or (options.out if names_study else "")
    if not images:
        raise _series_wanted(lesson, options.volume)
    with ProgressLine("reading") as progress:
        source = find_source(lesson, images, options.volume, progress)
    remark("note", filter(None, [source.remark]))
    with ProgressLine("writing") as progress:
        if options.out.startswith(_WEB):
            uids, losses = send(lesson, options.out, source, kind, progress)
            return source.volume_id, list(uids), losses
        paths, losses = export_dicom(lesson, Path(options.out), source, kind, progress)
    return source.volume_id, [str(path) for path in paths], losses


def _series_wanted(lesson: Lesson, volume_id: str | None) -> LessonError:
    """Ask for the series, by what the lesson knows of it."""
    from napari_vascular_loop.domain.text import shown

    wanted = [lesson.volume(volume_id)] if volume_id else lesson.volumes
    frames = [shown(volume.frame_of_reference_uid, _UID_LENGTH) for volume in wanted if volume.frame_of_reference_uid]
    known = f" (frame of reference {' or '.join(frames)})" if frames else ""
    return LessonError(
        f"DICOM marks name the images that they were made on: give their series{known} with --dicom FOLDER, or send "
        "the marks to dicomweb://host/path?study=UID, where they are looked for; .mrk.json and .csv need no images"
    )


def _is_dicom(options: argparse.Namespace, place: str, is_file: bool) -> bool:
    return options.format in ("sr", "gsps") or place.startswith(_WEB) or (options.format is None and is_file)


def _as_json(annotation: Annotation) -> dict[str, Any]:
    from napari_vascular_loop.formats.annotations.item_reader import view_as_written

    return {
        "id": annotation.id,
        "kind": annotation.geometry.kind,
        "volume": annotation.volume_id,
        "vertices_ras_mm": [list(vertex) for vertex in annotation.geometry.vertices_ras_mm],
        "label": annotation.label,
        "note": annotation.note,
        "structure": annotation.structure,
        "side": annotation.side,
        "grade": annotation.grade,
        "author": annotation.author,
        "created": annotation.created.isoformat(),
        "modified": annotation.modified.isoformat(),
        "passages": [passage.exact for passage in annotation.passages],
        "view": view_as_written(annotation.view) if annotation.view is not None else None,
    }
