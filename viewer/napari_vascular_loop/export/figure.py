"""The teaching figure of one mark or several: picture, mark, label, letters, scale bar, caption, credit.

Needs neither a window nor OpenGL, and no font of the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.figure_memory import FigureMemory
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.export.figure_caption import alt_text, caption_text
from napari_vascular_loop.export.figure_layout import lay_out
from napari_vascular_loop.export.figure_plans import plans_of
from napari_vascular_loop.export.figure_style import FigureStyle
from napari_vascular_loop.export.sheet.files import ENDINGS, About, write_sheet
from napari_vascular_loop.export.sheet.font import missing_letters
from napari_vascular_loop.export.sheet.items import Words
from napari_vascular_loop.export.sheet.pixels import render
from napari_vascular_loop.midline_search import estimate_midline

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.export.figure_panel import Panel, PlacedArrow, PlacedLabel
    from napari_vascular_loop.export.sheet.items import Sheet

__all__ = ["ENDINGS", "Figure", "FigureStyle", "draw_figure"]


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure, drawn; to be looked at, or written to a file.

    Parameters
    ----------
    sheet : Sheet
        All that is on it, in mm from its upper left corner.
    panels : tuple of Panel
        Its pictures: where each lies (`box`), what it shows (`plan`, `field`), where RAS mm are (`sheet_from_ras`).
    arrows : tuple of PlacedArrow
        Tails and tips, in mm from the figure's upper left corner.
    labels : tuple of PlacedLabel
        Words beside marks, and their boxes.
    caption, alt_text, credit : str
        What stands below; what is to be seen; whom it is owed to.
    title : str
        Of the first mark.
    memory : FigureMemory
        Where it came from.
    style : FigureStyle
        How it was to look.
    """

    sheet: Sheet
    panels: tuple[Panel, ...]
    arrows: tuple[PlacedArrow, ...]
    labels: tuple[PlacedLabel, ...]
    title: str
    caption: str
    alt_text: str
    credit: str
    memory: FigureMemory
    style: FigureStyle

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height."""
        return (self.sheet.width_mm, self.sheet.height_mm)

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What the one who made it should know."""
        text = "".join(item.text for item in self.sheet.items if isinstance(item, Words))
        missing = missing_letters(text)
        return (f"the figure's font has no letter for {missing}: a box stands there",) if missing else ()

    def pixels(self, dpi: float | None = None, *, labels: bool = True, arrows: bool = True) -> npt.NDArray[np.uint8]:
        """The figure as an array.

        Parameters
        ----------
        dpi : float, optional
            The style's if not given.
        labels, arrows : bool
            Whether the words beside marks, and the marks themselves, are drawn.

        Returns
        -------
        array of shape (rows, columns, 4), uint8
            Red, green, blue, opacity. The same numbers on every machine.
        """
        hidden = [role for role, is_drawn in (("label", labels), ("arrow", arrows)) if not is_drawn]
        rgb = render(self.sheet.without(hidden), dpi or self.style.dpi)
        return np.dstack([rgb, np.full(rgb.shape[:2], 255, dtype=np.uint8)])

    def save(
        self, path: str | os.PathLike[str], *, dpi: float | None = None, labels: bool = True, arrows: bool = True
    ) -> Path:
        """Write it to a file: PNG, TIFF, SVG or PDF by its ending.

        Raises
        ------
        FigureError
            If the ending is another, or the file can't be written.
        """
        hidden = [role for role, is_drawn in (("label", labels), ("arrow", arrows)) if not is_drawn]
        about = About(
            self.title, self.alt_text, self.caption, self.credit, self.memory.to_json(), self.memory.lesson_title
        )
        return write_sheet(self.sheet.without(hidden), Path(path), dpi or self.style.dpi, about)


def draw_figure(
    lesson: Lesson,
    annotation_ids: str | Sequence[str],
    volumes: Volume | Mapping[str, Volume],
    style: FigureStyle | None = None,
) -> Figure:
    """Draw the figure of a mark, or of several in panels. Needs neither a screen nor OpenGL.

    Parameters
    ----------
    lesson : Lesson
        Its credit, licence and notice go into the caption.
    annotation_ids : str or sequence of str
        Which marks; a panel, or several, for each.
    volumes : Volume, or mapping of volume id to Volume
        Those that the marks lie in, and those of the style; they must be the ones that the lesson names.
    style : FigureStyle, optional
        Size, colours, crop, planes.

    Returns
    -------
    Figure
        To be saved, or looked at as an array.

    Raises
    ------
    FigureError
        If something can't be shown as asked; the sentence says what.
    WrongVolumeError
        If a volume is not the lesson's.
    LessonError
        If the lesson has no such annotation.

    Examples
    --------
    ::

        figure = draw_figure(lesson, lesson.annotations[0].id, volume, FigureStyle(columns=2, other_side=True))
        figure.save("loop.pdf")
    """
    style = style or FigureStyle()
    ids = [annotation_ids] if isinstance(annotation_ids, str) else list(annotation_ids)
    if not ids:
        raise FigureError("a figure needs a mark; name one at least")
    marks = [lesson.annotation(one) for one in ids]
    known = {marks[0].volume_id: volumes} if isinstance(volumes, Volume) else dict(volumes)
    plans = plans_of(lesson, marks, known, style, estimate_midline)
    laid_out = lay_out(lesson, plans, style)
    return Figure(
        laid_out.sheet,
        laid_out.panels,
        laid_out.arrows,
        laid_out.labels,
        marks[0].title,
        caption_text(lesson, laid_out.panels, style),
        alt_text(lesson, laid_out.panels),
        "; ".join(dict.fromkeys(filter(None, _owed(lesson, laid_out.panels)))),
        _memory(lesson, marks[0], laid_out.panels[0]),
        style,
    )


def _owed(lesson: Lesson, panels: Sequence[Panel]) -> list[str]:
    owed = [part for panel in panels for part in (panel.plan.entry.credit, panel.plan.entry.licence)]
    return [*owed, lesson.credit, lesson.licence]


def _memory(lesson: Lesson, mark: Annotation, panel: Panel) -> FigureMemory:
    entry = panel.plan.entry
    cut = panel.plan.cut
    known = next((one.voxels_sha256 for one in entry.fingerprints if one.voxels_sha256), "")
    return FigureMemory(
        lesson.id,
        lesson.title,
        mark.id,
        mark.title,
        entry.id,
        entry.title,
        known,
        mark.geometry.anchor_ras_mm,
        cut.plane.name.lower(),
        cut.slab_mm,
    )
