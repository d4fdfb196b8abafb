"""The teaching figure of one annotation: slice, mark, label, letters, scale bar, caption, credit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.slice_view import SliceView, slice_through, window_for
from napari_vascular_loop.domain.space import format_ras_mm
from napari_vascular_loop.export.figure_marks import draw_label, draw_mark
from napari_vascular_loop.export.figure_text import TextBlock, wrap
from napari_vascular_loop.export.safe_write import replacing_output

if TYPE_CHECKING:
    import os

    from matplotlib.axes import Axes

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.volume import Volume

WIDTH_MM = 130.0
FIELD_WIDTH_MM, FIELD_HEIGHT_MM = 76.0, 54.0
DPI = 220
NOT_FOR_DIAGNOSIS = "For teaching, not for diagnosis."
ENDINGS = (".png", ".svg", ".pdf")

_MM_PER_INCH = 25.4
_MARGIN_MM = 3.0
_LETTER_COLOUR = "#FFD23F"
_SCALE_LENGTHS_MM = (1, 2, 5, 10, 20, 50, 100)


def draw_figure(
    lesson: Lesson,
    annotation_id: str,
    volume: Volume,
    path: str | os.PathLike[str],
    *,
    radiological: bool = True,
    width_mm: float = WIDTH_MM,
    dpi: int = DPI,
) -> Path:
    """Draw the figure of one annotation to a file. Needs neither a screen nor OpenGL.

    Parameters
    ----------
    lesson : Lesson
        The lesson; its credit, licence and notice go into the caption.
    annotation_id : str
        Which mark.
    volume : Volume
        The volume that the mark lies in; it must be the one that the lesson names.
    path : path
        Ends in .png, .svg or .pdf.
    radiological : bool
        Patient's left on the right of the picture.
    width_mm : float
        Width of the printed figure.
    dpi : int
        Dots per inch of a PNG, and of the image in the others.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FigureError
        If the ending is another, or the file can't be written.
    WrongVolumeError
        If the volume is not the lesson's.
    LessonError
        If the lesson has no such annotation.
    """
    out = Path(path)
    if out.suffix.lower() not in ENDINGS:
        raise FigureError(
            f"a figure can be written as {', '.join(ENDINGS)}, not as {out.suffix or 'a file without ending'!r}"
        )
    annotation = lesson.annotation(annotation_id)
    lesson.volume(annotation.volume_id).check(volume.fingerprint)
    figure = compose(lesson, annotation, volume, radiological=radiological, width_mm=width_mm)
    kind = out.suffix.lower().removeprefix(".")
    metadata: dict[str, Any] = {"Title": annotation.title}
    if kind == "png":
        metadata["Software"] = "napari-vascular-loop"
    else:
        metadata["Creator"] = "napari-vascular-loop"
        metadata["Date" if kind == "svg" else "CreationDate"] = None
    with replacing_output(out) as temporary:
        figure.savefig(temporary, format=kind, dpi=dpi, metadata=metadata)
    return out


def compose(
    lesson: Lesson, annotation: Annotation, volume: Volume, *, radiological: bool = True, width_mm: float = WIDTH_MM
) -> Figure:
    """Lay out the figure: the picture above, caption and credit below, as tall as they need."""
    entry = lesson.volume(annotation.volume_id)
    view = slice_through(volume, annotation, FIELD_WIDTH_MM, FIELD_HEIGHT_MM, radiological)
    inner_mm = width_mm - 2 * _MARGIN_MM
    picture_mm = inner_mm * abs(view.top - view.bottom) / abs(view.right - view.left)
    credit = [part for part in (entry.credit or lesson.credit, entry.licence) if part]
    blocks = [
        *(
            [TextBlock("SYNTHETIC: a computed picture, not an image of a person.", 7.5, "#A00000")]
            if entry.synthetic
            else []
        ),
        TextBlock(f"{annotation.title}. {annotation.note}".strip(), 7.5, "#000000"),
        TextBlock(
            " ".join(filter(None, (_where(annotation, volume, view, radiological), lesson.notice, NOT_FOR_DIAGNOSIS))),
            6,
            "#444444",
        ),
        *([TextBlock(f"Image: {'; '.join(credit)}.", 6, "#444444")] if credit else []),
    ]
    lines = [line for block in blocks for line in wrap(block, inner_mm)]
    text_mm = sum(line.height_mm for line in lines) + 2.0
    height_mm = _MARGIN_MM * 2 + picture_mm + text_mm
    figure = Figure(figsize=(width_mm / _MM_PER_INCH, height_mm / _MM_PER_INCH), facecolor="white")
    axes = figure.add_axes(
        (_MARGIN_MM / width_mm, (_MARGIN_MM + text_mm) / height_mm, inner_mm / width_mm, picture_mm / height_mm)
    )
    _draw_picture(axes, view, volume, window_for(volume, entry.window))
    points_per_mm = 72 / _MM_PER_INCH * inner_mm / abs(view.right - view.left)
    mark = draw_mark(axes, annotation, volume.frame, view, points_per_mm)
    _draw_letters(axes, volume, view)
    _draw_scale_bar(axes, view)
    draw_label(axes, annotation, mark)
    y_mm = _MARGIN_MM + text_mm - 2.0
    for line in lines:
        y_mm -= line.height_mm
        figure.text(
            _MARGIN_MM / width_mm,
            (y_mm + line.height_mm * 0.28) / height_mm,
            line.text,
            fontsize=line.points,
            color=line.colour,
        )
    return figure


def _where(annotation: Annotation, volume: Volume, view: SliceView, radiological: bool) -> str:
    """Say plane, place and convention."""
    plane = view.plane.name.capitalize()
    if not volume.provenance.orientation_known:
        return f"Slice {view.slice_number} of {view.slice_count}; the orientation of this scan is unknown."
    oblique = volume.grid.obliquity_deg
    tilt = f", oblique by {oblique:.0f}°" if oblique >= 1 else ""
    side = (
        ""
        if view.plane.name == "SAGITTAL"
        else (
            " Radiological view: the patient's left is on the right."
            if radiological
            else " Neurological view: the patient's left is on the left."
        )
    )
    return f"{plane} slice through {format_ras_mm(annotation.geometry.anchor_ras_mm)}{tilt}.{side}"


def _draw_picture(axes: Axes, view: SliceView, volume: Volume, window: tuple[float, float]) -> None:
    pixels = np.nan_to_num(view.pixels, nan=window[0])
    axes.imshow(
        pixels, cmap="gray", vmin=window[0], vmax=window[1], extent=view.extent, interpolation="bicubic", aspect="equal"
    )
    axes.set_axis_off()
    axes.set_xlim(view.left, view.right)
    axes.set_ylim(view.bottom, view.top)


def _draw_letters(axes: Axes, volume: Volume, view: SliceView) -> None:
    vertical, horizontal = (axis for axis in range(3) if axis != view.display_axis)
    halo = [withStroke(linewidth=2.2, foreground="black")]
    common: dict[str, Any] = {
        "transform": axes.transAxes,
        "fontsize": 11,
        "fontweight": "bold",
        "color": _LETTER_COLOUR,
        "path_effects": halo,
    }
    if not volume.provenance.orientation_known:
        axes.text(
            0.5, 0.965, "orientation unknown", ha="center", va="top", **{**common, "color": "#FF5A5A", "fontsize": 9}
        )
        return
    low_h, high_h = volume.frame.letters(horizontal)
    low_v, high_v = volume.frame.letters(vertical)
    left, right = (high_h, low_h) if view.left > view.right else (low_h, high_h)
    axes.text(0.02, 0.5, left, ha="left", va="center", **common)
    axes.text(0.98, 0.5, right, ha="right", va="center", **common)
    axes.text(0.5, 0.975, high_v, ha="center", va="top", **common)
    axes.text(0.5, 0.025, low_v, ha="center", va="bottom", **common)


def _draw_scale_bar(axes: Axes, view: SliceView) -> None:
    width_mm = abs(view.right - view.left)
    length = max((n for n in _SCALE_LENGTHS_MM if n <= width_mm / 4), default=_SCALE_LENGTHS_MM[0])
    share = length / width_mm
    halo = [withStroke(linewidth=3.6, foreground="black")]
    axes.plot(
        [0.96 - share, 0.96],
        [0.06, 0.06],
        color="white",
        linewidth=2,
        transform=axes.transAxes,
        solid_capstyle="butt",
        path_effects=halo,
    )
    axes.text(
        0.96 - share / 2,
        0.075,
        f"{length} mm",
        ha="center",
        va="bottom",
        color="white",
        fontsize=8,
        transform=axes.transAxes,
        path_effects=[withStroke(linewidth=2, foreground="black")],
    )
