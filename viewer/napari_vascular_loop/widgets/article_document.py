"""The article as a Qt document in which every character knows its place in the source."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qtpy.QtCore import QUrl
from qtpy.QtGui import (
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextImageFormat,
)

from napari_vascular_loop.domain.article import Span
from napari_vascular_loop.widgets.utf16 import code_points, units

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtGui import QPixmap

    from napari_vascular_loop.formats.markdown import Block, Run

PASSAGE_SCHEME = "passage:"
VIEW_SCHEME = "view:"
"""Of a picture that is a view of the lesson's volume: what follows is the id of a mark."""

_HEADING_SCALE = {1: 1.5, 2: 1.22, 3: 1.1}


@dataclass(frozen=True)
class PassageMark:
    """A stretch of the article that is tied to marks.

    Parameters
    ----------
    span : Span
        In the source.
    annotation_ids : tuple of str
        The marks.
    colour : str
        As #RRGGBB.
    selected : bool
        Whether one of the marks is selected: the passage is lit.
    near : bool
        Whether the crosshair stands at one of the marks: the passage is lit faintly.
    """

    span: Span
    annotation_ids: tuple[str, ...]
    colour: str
    selected: bool
    near: bool = False


@dataclass(frozen=True)
class _Piece:
    """A stretch of the document that shows source[source_start:]."""

    document_start: int
    source_start: int
    text: str
    run: Run
    block: Block


class ArticleDocument:
    """Builds the document, and translates positions between it and the source.

    Parameters
    ----------
    source : str
        Markdown.
    passages : list of PassageMark
        In reading order; they may overlap.
    font_points : float
        Size of the body text.
    picture_of : callable, optional
        Gives the picture for an address; None where there is none, and its words are shown.
    dark : bool
        Whether it stands on a dark ground.
    about : sequence of Block
        What is said of the lesson; it stands below the title, and is no part of the source.
    """

    def __init__(
        self,
        source: str,
        passages: list[PassageMark],
        font_points: float,
        picture_of: Callable[[str], QPixmap | None] | None = None,
        *,
        dark: bool = True,
        about: Sequence[Block] = (),
    ) -> None:
        from napari_vascular_loop.formats.markdown import parse_markdown

        self.document = QTextDocument()
        self.document.setDocumentMargin(10)
        self.document.setUndoRedoEnabled(False)
        self._passages = passages
        self._points = font_points
        self._picture_of = picture_of
        self._dark = dark
        self._pieces: list[_Piece] = []
        self._cursor = QTextCursor(self.document)
        blocks = parse_markdown(source)
        titled = bool(blocks) and (blocks[0].kind, blocks[0].level) == ("heading", 1)
        for number, block in enumerate([*blocks[:titled], *about, *blocks[titled:]]):
            self._add_block(block, first=number == 0)

    def light(self, passages: list[PassageMark]) -> bool:
        """Light other passages in the document that is there; False if they are others than those in it."""
        if [_unlit(passage) for passage in passages] != [_unlit(passage) for passage in self._passages]:
            return False
        others = [now.span for now, was in zip(passages, self._passages, strict=True) if now != was]
        self._passages = passages
        cursor = QTextCursor(self.document)
        cursor.beginEditBlock()
        for piece in self._pieces:
            if any(span.start <= piece.source_start < span.end for span in others):
                cursor.setPosition(piece.document_start)
                end = piece.document_start + units(piece.text)
                cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
                cursor.setCharFormat(self._look(piece.run, piece.block, self._passage_at(piece.source_start)))
        cursor.endEditBlock()
        return True

    # ---------------------------------------------------------------- positions

    def source_span(self, start: int, end: int) -> Span | None:
        """Stretch of the source that a selection of the document shows; None if it shows none of it."""
        touched = [
            (max(start, piece.document_start), min(end, piece.document_start + units(piece.text)), piece)
            for piece in self._pieces
        ]
        touched = [(low, high, piece) for low, high, piece in touched if low < high]
        if not touched:
            return None
        first, last = touched[0], touched[-1]
        return Span(_source_position(first[2], first[0]), _source_position(last[2], last[1]))

    def document_position(self, source_position: int) -> int | None:
        """Position in the document at which a character of the source is shown, or the next one that is."""
        pieces = sorted(self._pieces, key=lambda piece: piece.source_start)
        at = bisect_right([piece.source_start for piece in pieces], source_position) - 1
        if at >= 0 and source_position < pieces[at].source_start + len(pieces[at].text):
            piece = pieces[at]
            return piece.document_start + units(piece.text[: source_position - piece.source_start])
        return pieces[at + 1].document_start if at + 1 < len(pieces) else None

    # ---------------------------------------------------------------- building

    def _add_block(self, block: Block, first: bool) -> None:
        layout = QTextBlockFormat()
        # Of a picture a quarter more would be a wide gap. 1 = proportional height.
        layout.setLineHeight(100.0 if any(run.picture for run in block.runs) else 125.0, 1)
        layout.setBottomMargin(self._points * 0.7)
        if block.kind == "heading":
            layout.setTopMargin(0 if first else self._points * 1.2)
            layout.setHeadingLevel(block.level)
        if block.kind == "item":
            layout.setLeftMargin(self._points * 1.6 * block.level)
            layout.setTextIndent(-self._points * 1.1 if block.marker else 0)
            layout.setBottomMargin(self._points * 0.3)
        if block.quoted or block.kind == "code":
            layout.setLeftMargin(self._points * 1.6)
        plain = QTextCharFormat()
        plain.setFontPointSize(self._points)
        if first:
            self._cursor.setBlockFormat(layout)
        else:
            self._cursor.insertBlock(layout, plain)
        if block.kind == "rule":
            self._cursor.insertText("———", plain)
        if block.marker:
            self._cursor.insertText(block.marker + " ", plain)
        for run in block.runs:
            if run.picture is None or not self._add_picture(run, run.picture, block):
                self._add_run(run, block)

    def _add_picture(self, run: Run, address: str, block: Block) -> bool:
        """Insert a picture with its caption below; False if there is none."""
        picture = self._picture_of(address) if self._picture_of is not None else None
        if picture is None:
            return False
        self.document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(address), picture)
        form = QTextImageFormat()
        form.setName(address)
        form.setWidth(picture.width() / picture.devicePixelRatio())
        form.setHeight(picture.height() / picture.devicePixelRatio())
        if address.startswith(VIEW_SCHEME):
            form.setAnchor(True)
            form.setAnchorHref(address)
            form.setToolTip("Click to see it on the image")
        self._cursor.insertImage(form)
        caption = run.text.removeprefix("[picture: ").removesuffix("]")
        if caption:
            look = self._look(replace(run, italic=True, href=None), block, None)
            look.setFontPointSize(self._points * 0.9)
            self._cursor.insertText("\u2028" + caption, look)
        return True

    def _add_run(self, run: Run, block: Block) -> None:
        """Insert a run, cut where passages begin and end."""
        if run.start < 0:
            self._cursor.insertText(run.text, self._look(run, block, None))
            return
        edges = {run.start, run.end}
        for passage in self._passages:
            edges.update(edge for edge in (passage.span.start, passage.span.end) if run.start < edge < run.end)
        cuts = sorted(edges)
        for start, end in itertools.pairwise(cuts):
            text = run.text[start - run.start : end - run.start]
            at = self._cursor.position()
            self._cursor.insertText(text, self._look(run, block, self._passage_at(start)))
            self._pieces.append(_Piece(at, start, text, run, block))

    def _passage_at(self, source_position: int) -> int | None:
        """Number of the passage that a character belongs to; a selected one, or the shortest, comes first."""
        inside = [number for number, p in enumerate(self._passages) if p.span.start <= source_position < p.span.end]
        return min(
            inside,
            key=lambda n: (not self._passages[n].selected, self._passages[n].span.end - self._passages[n].span.start),
            default=None,
        )

    def _look(self, run: Run, block: Block, passage: int | None) -> QTextCharFormat:
        look = QTextCharFormat()
        scale = _HEADING_SCALE.get(block.level, 1.0) if block.kind == "heading" else 1.0
        look.setFontPointSize(self._points * scale)
        if run.bold or block.kind == "heading":
            look.setFontWeight(QFont.Weight.Bold)
        look.setFontItalic(run.italic)
        if run.code or block.kind == "code":
            look.setFontFamilies(["monospace"])
        if run.href:
            look.setAnchor(True)
            look.setAnchorHref(run.href)
            look.setFontUnderline(True)
            look.setForeground(QColor("#7FB8F0" if self._dark else "#1A5FB4"))
        if passage is not None:
            mark = self._passages[passage]
            colour = QColor(mark.colour)
            look.setAnchor(True)
            look.setAnchorHref(f"{PASSAGE_SCHEME}{passage}")
            if mark.selected:
                look.setBackground(colour)
                look.setForeground(QColor("#101010"))
            else:
                tint = QColor(colour)
                tint.setAlpha((70 if self._dark else 110) + (70 if mark.near else 0))
                look.setBackground(tint)
                look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
                look.setUnderlineColor(colour)
        return look


def _unlit(passage: PassageMark) -> PassageMark:
    return replace(passage, selected=False, near=False)


def _source_position(piece: _Piece, document_position: int) -> int:
    return piece.source_start + code_points(piece.text, document_position - piece.document_start)
