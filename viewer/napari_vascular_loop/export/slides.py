"""A deck written as PowerPoint: the picture without marks, and every mark and label over it as a shape of its own."""

from __future__ import annotations

import datetime
import io
import math
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.annotation import Path, Point, Region
from napari_vascular_loop.domain.drawing import colour_of
from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.export.figure_caption import NOT_FOR_DIAGNOSIS
from napari_vascular_loop.export.safe_write import replacing_output

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path as FilePath

    from napari_vascular_loop.export.deck import Deck, Slide
    from napari_vascular_loop.export.figure import Figure
    from napari_vascular_loop.export.figure_panel import Panel, PlacedArrow

NEEDS_EXTRA = 'slides need python-pptx: pip install "napari-vascular-loop[slides]"'
_EMU_PER_MM = 36000
_WIDTH_MM, _HEIGHT_MM = 338.667, 190.5
_MARGIN_MM = 11.0
_PICTURE_TOP_MM, _PICTURE_BOTTOM_MM = 30.0, 178.0
_PICTURE_WIDTH_MM = 205.0
_DPI = 300
_ARROW_MM, _RIM_POINTS = 6.0, 1.5
_DOT_MM, _LINE_POINTS = 4.0, 2.25
_END_ON_MM = 1.2
_TITLE, _TEXT, _SMALL, _TINY = 30, 20, 18, 11
_MOST_TEXT, _MOST_CREDIT = 420, 170
_MOST_ON_SLIDE = 8
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_slides(deck: Deck, path: FilePath) -> FilePath:
    """Write a deck as .pptx, whole or not at all; the same deck gives the same bytes.

    Raises
    ------
    FigureError
        If python-pptx is not installed, or the file can't be written.
    """
    try:
        from pptx import Presentation
    except ImportError as error:
        raise FigureError(NEEDS_EXTRA) from error
    writer = _Writer(Presentation(), deck)
    writer.write()
    raw = io.BytesIO()
    writer.presentation.save(raw)
    with replacing_output(path) as temporary:
        _without_times(raw, temporary)
    return path


def _without_times(raw: io.BytesIO, path: FilePath) -> None:
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as sink:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            sink.writestr(entry, source.read(name))


class _Writer:
    def __init__(self, presentation: Any, deck: Deck) -> None:
        from pptx.dml.color import RGBColor

        self.presentation, self._deck = presentation, deck
        self._rgb = RGBColor.from_string
        self.presentation.slide_width = _emu(_WIDTH_MM)
        self.presentation.slide_height = _emu(_HEIGHT_MM)
        self._ink, self._paper = ("FFFFFF", "000000") if deck.is_dark else ("111111", "FFFFFF")
        self._faint = "B8B8B8" if deck.is_dark else "555555"

    def write(self) -> None:
        """Make all slides."""
        deck = self._deck
        self._about()
        self._first()
        for slide in deck.slides:
            self._figure_slide(slide)
        for title, lines in (("References", deck.references), ("Credits and licences", deck.credits)):
            for start in range(0, len(lines), _MOST_ON_SLIDE):
                made = self._blank(title)
                box = (_MARGIN_MM, 34, _WIDTH_MM - 2 * _MARGIN_MM, 142)
                self._text(made, lines[start : start + _MOST_ON_SLIDE], box, 14, gap=5)

    def _about(self) -> None:
        about = self.presentation.core_properties
        about.title, about.author, about.language = self._deck.title, "", self._deck.language
        about.comments, about.last_modified_by, about.revision = NOT_FOR_DIAGNOSIS, "", 1
        about.created = about.modified = datetime.datetime(2000, 1, 1)

    def _first(self) -> None:
        deck = self._deck
        made = self._blank()
        wide = _WIDTH_MM - 4 * _MARGIN_MM
        name = self._text(made, [deck.title], (2 * _MARGIN_MM, 30, wide, 44), 44, bold=True, anchor="bottom")
        name.name = "Title"
        self._text(made, [deck.subtitle], (2 * _MARGIN_MM, 78, wide, 14), _TEXT, colour=self._faint)
        if deck.objectives:
            lines = ["After this lecture you can", *(f"•  {one}" for one in deck.objectives)]
            self._text(made, lines, (2 * _MARGIN_MM, 98, wide, 76), _SMALL, gap=4)

    def _figure_slide(self, slide: Slide) -> None:
        made = self._blank(slide.title)
        figure = slide.figure
        width, height = figure.size_mm
        scale = min(_PICTURE_WIDTH_MM / width, (_PICTURE_BOTTOM_MM - _PICTURE_TOP_MM) / height)
        left, top = _MARGIN_MM, _PICTURE_TOP_MM
        image = io.BytesIO(_png(figure))
        picture = made.shapes.add_picture(image, _emu(left), _emu(top), _emu(width * scale), _emu(height * scale))
        picture.name = "Image"
        picture._element.nvPicPr.cNvPr.set("descr", figure.alt_text)
        on_slide = _OnSlide(left, top, scale)
        for panel in figure.panels:
            self._mark(made, panel, on_slide)
        for arrow in figure.arrows:
            self._arrow(made, arrow, on_slide, figure)
        for label in figure.labels:
            self._label(made, label, on_slide)
        beside = left + width * scale + 8
        text = _cut(slide.text, _MOST_TEXT)
        self._text(made, [text], (beside, top, _WIDTH_MM - _MARGIN_MM - beside, height * scale), _SMALL)
        made.notes_slide.notes_text_frame.text = _xml_text(slide.notes)
        self._credit(made, figure.credit)

    def _blank(self, title: str = "") -> Any:
        made = self.presentation.slides.add_slide(self.presentation.slide_layouts[5])
        background = made.background.fill
        background.solid()
        background.fore_color.rgb = self._rgb(self._paper)
        holder = made.shapes.title
        if title:
            self._fill(
                holder, [title], (_MARGIN_MM, 8, _WIDTH_MM - 2 * _MARGIN_MM, 18), _TITLE, bold=True, anchor="middle"
            )
        else:
            holder._element.getparent().remove(holder._element)
        foot = (_WIDTH_MM - _MARGIN_MM - 100, _HEIGHT_MM - 9.5, 100, 6)
        self._text(made, [NOT_FOR_DIAGNOSIS], foot, _TINY, colour=self._faint, align="right")
        return made

    def _credit(self, made: Any, credit: str) -> None:
        wide = _WIDTH_MM - 2 * _MARGIN_MM - 104
        self._text(
            made, [_cut(credit, _MOST_CREDIT)], (_MARGIN_MM, _HEIGHT_MM - 9.5, wide, 6), _TINY, colour=self._faint
        )

    def _text(
        self, made: Any, lines: Iterable[str], box: tuple[float, float, float, float], points: float, **how: Any
    ) -> Any:
        shape = made.shapes.add_textbox(*map(_emu, box))
        self._fill(shape, lines, box, points, **how)
        return shape

    def _fill(
        self,
        shape: Any,
        lines: Iterable[str],
        box: tuple[float, float, float, float],
        points: float,
        *,
        bold: bool = False,
        colour: str = "",
        align: str = "left",
        anchor: str = "top",
        gap: float = 0,
    ) -> None:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Pt

        shape.left, shape.top, shape.width, shape.height = (_emu(side) for side in box)
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.vertical_anchor = getattr(MSO_ANCHOR, anchor.upper())
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.alignment = getattr(PP_ALIGN, align.upper())
            paragraph.space_after = Pt(gap)
            run = paragraph.add_run()
            run.text = _xml_text(line)
            run.font.size, run.font.bold = Pt(points), bold
            run.font.name = "Arial"
            run.font.color.rgb = self._rgb(colour or self._ink)

    # ---------------------------------------------------------------- marks

    def _arrow(self, made: Any, arrow: PlacedArrow, on_slide: _OnSlide, figure: Figure) -> None:
        """A block arrow, turned: its tip is where the mark's is, and one can drag, turn and colour it."""
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.util import Pt

        tail, tip = on_slide.of(arrow.tail_mm), on_slide.of(arrow.tip_mm)
        along = tip - tail
        length = float(np.hypot(*along))
        ink, rim = (
            ("000000", "FFFFFF") if (figure.style.arrows == "black") is not arrow.is_mirrored else ("FFFFFF", "000000")
        )
        if length < _END_ON_MM:
            shape = self._ellipse(made, tip, _DOT_MM)
            shape.fill.background()
            ink, rim = rim, "FFFFFF"
        else:
            middle = (tail + tip) / 2
            corner = middle - [length / 2, _ARROW_MM / 2]
            shape = made.shapes.add_shape(MSO_SHAPE.RIGHT_ARROW, *map(_emu, (*corner, length, _ARROW_MM)))
            shape.adjustments[0], shape.adjustments[1] = 0.34, min(1.1, length / _ARROW_MM * 0.6)
            shape.rotation = math.degrees(math.atan2(along[1], along[0]))
            shape.fill.solid()
            shape.fill.fore_color.rgb = self._rgb(ink)
        shape.line.color.rgb, shape.line.width = self._rgb(rim), Pt(_RIM_POINTS)
        shape.shadow.inherit = False
        shape.name = "Arrow"

    def _mark(self, made: Any, panel: Panel, on_slide: _OnSlide) -> None:
        """A point, a path or an outline."""
        from pptx.util import Pt

        annotation = panel.plan.annotation
        colour = colour_of(annotation).lstrip("#")[:6]
        places = [on_slide.of(place) for place in panel.sheet_from_ras(panel.plan.vertices_ras_mm)]
        match annotation.geometry:
            case Point(as_text=False):
                shape = self._ellipse(made, places[0], _DOT_MM)
                shape.fill.solid()
                shape.fill.fore_color.rgb = self._rgb(colour)
                shape.line.color.rgb, shape.line.width = self._rgb("000000"), Pt(_RIM_POINTS)
                shape.name = "Point"
            case Path() | Region():
                closed = isinstance(annotation.geometry, Region)
                per_mm = 1000
                start, *others = [tuple(round(side * per_mm) for side in place) for place in places]
                builder = made.shapes.build_freeform(*start, scale=_EMU_PER_MM / per_mm)
                builder.add_line_segments(others, close=closed)
                shape = builder.convert_to_shape()
                shape.fill.background()
                shape.line.color.rgb, shape.line.width = self._rgb(colour), Pt(_LINE_POINTS)
                shape.name = "Region" if closed else "Path"
            case _:
                return
        shape.shadow.inherit = False

    def _ellipse(self, made: Any, middle: Any, size_mm: float) -> Any:
        from pptx.enum.shapes import MSO_SHAPE

        left, top = middle - size_mm / 2
        return made.shapes.add_shape(MSO_SHAPE.OVAL, *map(_emu, (left, top, size_mm, size_mm)))

    def _label(self, made: Any, label: Any, on_slide: _OnSlide) -> None:
        """Words in white on a dark ground that lets the image through: they can be read wherever one drags them."""
        from pptx.enum.text import MSO_AUTO_SIZE

        points = round(label.points * on_slide.scale * 0.95)
        lines = label.text.split("\n")
        width = max(len(line) for line in lines) * points * 0.2 + 2.4
        height = len(lines) * points * 0.42
        middle = on_slide.of(label.box.middle)
        left, top = middle - [width / 2, height / 2]
        box = (max(on_slide.left, left), top, width, height)
        shape = self._text(made, lines, box, points, bold=True, colour="FFFFFF", align="center", anchor="middle")
        shape.name = "Label"
        frame = shape.text_frame
        frame.word_wrap, frame.auto_size = False, MSO_AUTO_SIZE.NONE
        frame.margin_left = frame.margin_right = _emu(0.6)
        shape.fill.solid()
        shape.fill.fore_color.rgb = self._rgb("000000")
        _see_through(shape, 45)


class _OnSlide:
    """Where places of a figure are on the slide."""

    def __init__(self, left_mm: float, top_mm: float, scale: float) -> None:
        self.left, self.top, self.scale = left_mm, top_mm, scale

    def of(self, place_mm: Any) -> Any:
        """From mm of the sheet to mm of the slide."""
        return np.asarray(place_mm, dtype=np.float64) * self.scale + [self.left, self.top]


def _png(figure: Figure) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    pixels = figure.pixels(_DPI, labels=False, arrows=False)[..., :3]
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "PNG", optimize=False)
    return out.getvalue()


def _see_through(shape: Any, percent: int) -> None:
    from pptx.oxml.ns import qn

    colour = shape.fill._xPr.find(qn("a:solidFill")).find(qn("a:srgbClr"))
    alpha = colour.makeelement(qn("a:alpha"), {"val": str(percent * 1000)})
    colour.append(alpha)


def _cut(text: str, most: int) -> str:
    """A text of so many letters, ended behind a word."""
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"


def _xml_text(text: str) -> str:
    """Text without what XML has no sign for."""
    return "".join(letter for letter in text if letter in "\n\t" or ord(letter) >= 32)


def _emu(mm: float) -> int:
    return round(float(mm) * _EMU_PER_MM)
