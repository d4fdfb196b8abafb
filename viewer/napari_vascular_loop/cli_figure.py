"""The verb `figure` of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_output import LESSON, remark, say, say_json
from napari_vascular_loop.cli_privacy import add_despite_names, check_way_out
from napari_vascular_loop.domain.errors import FigureError

if TYPE_CHECKING:
    import argparse

    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.space import Plane


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add `figure` to the verbs of a parser."""
    figure = verbs.add_parser("figure", help="draw the teaching figure of one annotation, or of several")
    figure.add_argument("lesson", metavar="LESSON", help=LESSON)
    figure.add_argument("annotation", metavar="ANNOTATION", help="its id, its number from 1, or its label")
    figure.add_argument("out", metavar="OUT", type=Path, help=".png, .tif, .svg or .pdf")
    add = figure.add_argument
    add("--also", action="append", default=[], metavar="ANNOTATION", help="another mark, in a panel of its own")
    add("--columns", type=int, choices=(1, 2), default=1, help="of a journal's page: 88 or 180 mm (1)")
    add("--width", type=float, metavar="MM", help="another width")
    add("--dpi", type=int, default=300, help="of PNG and TIFF, and of the picture in the others (300)")
    add("--dark", action="store_true", help="white on black")
    add("--arrows", choices=("black", "white"), default="black", help="colour of arrows (black)")
    shown = figure.add_mutually_exclusive_group()
    shown.add_argument("--crop", type=float, metavar="MM", help="smaller side of what is shown around the mark")
    shown.add_argument("--whole", action="store_true", help="the whole slice")
    add("--inset", action="store_true", help="in a corner the whole slice or, with --whole, what is about the mark")
    add("--slab", type=float, metavar="MM", help="project so thick a slab; 0 for one slice")
    add("--projection", choices=("maximum", "minimum", "mean"), help="what is shown of a slab (maximum)")
    add("--planes", metavar="LIST", help="a panel for each: axial,coronal,sagittal")
    add("--volumes", metavar="LIST", help="a panel for each sequence, by the lesson's names of its volumes, or all")
    add("--other-side", action="store_true", help="beside each panel the same place of the other side")
    add("--neurological", action="store_true", help="patient's left on the left of the picture")
    add("--no-labels", action="store_true", help="no words beside the marks")
    add("--no-caption", action="store_true", help="no text below")
    add("--alt", action="store_true", help="write the alternative text beside the figure, too, as OUT.txt")
    add("--json", action="store_true", help="print one JSON document")
    add_despite_names(figure)
    figure.set_defaults(run=_figure)


def _figure(options: argparse.Namespace) -> int:
    from napari_vascular_loop.export.figure import ENDINGS, draw_figure
    from napari_vascular_loop.export.figure_style import FigureStyle
    from napari_vascular_loop.lessons import find_annotation, find_lesson, lesson_volume

    if options.out.suffix.lower() not in ENDINGS:
        # Said before a volume is read.
        ending = options.out.suffix or "a file without ending"
        raise FigureError(f"a figure can be written as {', '.join(ENDINGS)}, not as {ending!r}")
    store = find_lesson(options.lesson)
    check_way_out(store, options)
    marks = [find_annotation(store.lesson, said) for said in (options.annotation, *options.also)]
    style = FigureStyle(
        columns=options.columns,
        width_mm=options.width,
        dpi=options.dpi,
        dark=options.dark,
        arrows=options.arrows,
        crop_mm=options.crop,
        whole=options.whole,
        inset=options.inset,
        slab_mm=options.slab,
        projection=options.projection,
        planes=_planes(options.planes),
        volume_ids=_volume_ids(store.lesson, options.volumes),
        other_side=options.other_side,
        radiological=not options.neurological,
        labels=not options.no_labels,
        caption=not options.no_caption,
    )
    wanted = dict.fromkeys(style.volume_ids or [mark.volume_id for mark in marks])
    volumes = {volume_id: lesson_volume(store, volume_id) for volume_id in wanted}
    figure = draw_figure(store.lesson, [mark.id for mark in marks], volumes, style)
    out = figure.save(options.out)
    if options.alt:
        out.with_name(f"{out.name}.txt").write_text(f"{figure.alt_text}\n", encoding="utf-8")
    remark("note", figure.remarks)
    if options.json:
        say_json(
            {
                "file": str(out),
                "width_mm": figure.size_mm[0],
                "height_mm": figure.size_mm[1],
                "panels": len(figure.panels),
                "alt": figure.alt_text,
                "caption": figure.caption,
                "credit": figure.credit,
            }
        )
    else:
        say(str(out))
    return 0


def _planes(said: str | None) -> tuple[Plane, ...]:
    from napari_vascular_loop.domain.space import Plane

    names = {plane.name.lower(): plane for plane in reversed(Plane)}
    chosen = [one.strip().lower() for one in (said or "").split(",") if one.strip()]
    unknown = [one for one in chosen if one not in names]
    if unknown:
        raise FigureError(f"planes are {', '.join(names)}, got {unknown[0]!r}")
    return tuple(names[one] for one in chosen)


def _volume_ids(lesson: Lesson, said: str | None) -> tuple[str, ...]:
    if said == "all":
        return tuple(volume.id for volume in lesson.volumes)
    return tuple(lesson.volume(one.strip()).id for one in (said or "").split(",") if one.strip())
