"""How the card of a lesson is painted: picture, title, for whom, what is in it, whose it is, how far one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QRect, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QFont, QFontMetrics, QImage, QPixmap, QTextLayout, QTextOption
from qtpy.QtWidgets import QStyle, QStyledItemDelegate

from napari_vascular_loop.library.picture import decoded
from napari_vascular_loop.widgets.thumbnail_picture import empty_picture

if TYPE_CHECKING:
    from napari_vascular_loop.library.entry import Card
    from napari_vascular_loop.widgets.library_cards import LibraryCards

_PICTURE_PX = 96
_MARGIN_PX = 8
_BAR_PX = (90, 6)
_TITLE_LINES = 2
_MOST_PICTURES = 300


@dataclass(frozen=True)
class _Colours:
    title: str
    text: str
    faint: str
    line: str
    picked: str
    found: str
    known: str
    problem: str


_DARK = _Colours("#FFFFFF", "#D2D7DC", "#A9B1B9", "#3A4149", "#27506F", "#FFD23F", "#6FBF73", "#FF9C8F")
_LIGHT = _Colours("#101418", "#2C3238", "#50585F", "#C9CFD5", "#CFE3F5", "#8A5200", "#2E7D32", "#A3190B")


class CardPainter(QStyledItemDelegate):
    """Paints cards, all of one height."""

    def __init__(self, cards: LibraryCards, parent: Any) -> None:
        super().__init__(parent)
        self._cards = cards
        self._colours = _DARK
        self._pictures: dict[bytes, QPixmap] = {}
        self._empty: dict[str, QPixmap] = {}

    def set_dark(self, dark: bool) -> None:
        """Take the colours for a dark ground, or for a light one."""
        self._colours = _DARK if dark else _LIGHT

    def sizeHint(self, option: Any, _index: Any) -> QSize:
        """As high as picture and words need."""
        line = option.fontMetrics.lineSpacing()
        return QSize(0, max(_PICTURE_PX, line * (_TITLE_LINES + 4) + 4) + 2 * _MARGIN_PX)

    def paint(self, painter: Any, option: Any, index: Any) -> None:
        """Paint one."""
        card = self._cards.card(index)
        if card is None:
            return
        number, place = index.data(Qt.ItemDataRole.UserRole), QRect(option.rect)
        is_picked = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(place)
        if is_picked:
            painter.fillRect(place, QColor(self._colours.picked))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(self._colours.found))
            painter.drawRect(place.adjusted(1, 1, -2, -2))
        painter.setPen(QColor(self._colours.line))
        painter.drawLine(place.bottomLeft(), place.bottomRight())
        inside = place.adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        painter.drawPixmap(QRect(inside.left(), inside.top(), _PICTURE_PX, _PICTURE_PX), self._picture(number, card))
        self._write(painter, option.font, inside.adjusted(_PICTURE_PX + 10, 0, 0, 0), number, card)
        painter.restore()

    def _write(self, painter: Any, font: QFont, place: QRect, number: int, card: Card) -> None:
        colours, bold = self._colours, QFont(font)
        bold.setBold(True)
        line, at = QFontMetrics(font).lineSpacing(), float(place.top())
        title = (card.name, bold, colours.problem if card.problem else colours.title)
        at += _paragraph(painter, QRectF(place.left(), at, place.width(), 0), _TITLE_LINES, *title) + 2
        rest = QRectF(place.left(), at, place.width(), 0)
        if card.problem:
            _paragraph(painter, rest, 4, f"Can't be read: {card.problem}", font, colours.text)
            return
        share, known = self._cards.known(card)
        snippet = self._cards.shelf.snippet(number, self._cards.typed) if self._cards.shelf is not None else []
        about = ". ".join(filter(None, (card.about, "Synthetic images" if card.synthetic else "")))
        lines = [(about, colours.text)] if about else []
        if not snippet and card.structures:
            lines.append((", ".join(card.structures), colours.text))
        for text, colour in lines:
            _one_line(painter, rest, text, font, colour)
            rest.translate(0, line)
        if snippet:
            rest.translate(0, _found(painter, rest, snippet, font, colours))
        _one_line(painter, rest, card.owed_to, font, colours.faint)
        rest.translate(0, line)
        if known:
            width, height = _BAR_PX
            bar = QRectF(rest.left(), rest.top() + (line - height) / 2, width, height)
            painter.fillRect(bar, QColor(colours.line))
            painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), QColor(colours.known))
            _one_line(painter, rest.adjusted(width + 8, 0, 0, 0), known, font, colours.text)

    def _picture(self, number: int, card: Card) -> QPixmap:
        packed = self._cards.shelf.picture(number) if self._cards.shelf is not None else b""
        if packed and packed not in self._pictures:
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            found = decoded(packed)
            if found is not None:
                rgb, width, height = found
                image = QImage(rgb, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
                side = 2 * _PICTURE_PX
                how = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                self._pictures[packed] = QPixmap.fromImage(image.scaled(side, side, *how))
        note = "can't be read" if card.problem else "no picture"
        if note not in self._empty:
            self._empty[note] = empty_picture(_PICTURE_PX, note)
        return self._pictures.get(packed) or self._empty[note]


def _one_line(painter: Any, place: QRectF, text: str, font: QFont, colour: str) -> None:
    metrics = QFontMetrics(font)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
    painter.drawText(QRectF(place.left(), place.top(), place.width(), metrics.lineSpacing()), shown)


def _paragraph(painter: Any, place: QRectF, most: int, text: str, font: QFont, colour: str) -> float:
    """Write over so many lines at most, the last one shortened; how high it is."""
    lines, height = _lines(text, font, place.width(), most), 0.0
    for line in lines:
        _one_line(painter, place.translated(0, height), line, font, colour)
        height += QFontMetrics(font).lineSpacing()
    return height


def _lines(text: str, font: QFont, width: float, most: int) -> list[str]:
    found: list[str] = []
    layout = QTextLayout(text, font)
    layout.setTextOption(QTextOption())
    layout.beginLayout()
    start = 0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 20.0))
        start, length = line.textStart(), line.textLength()
        if len(found) + 1 == most:
            found.append(text[start:])
            break
        found.append(text[start : start + length].rstrip())
    layout.endLayout()
    return found


def _found(painter: Any, place: QRectF, snippet: list[tuple[str, bool]], font: QFont, colours: _Colours) -> float:
    """Write the words round what was found on two lines, what was found in a colour of its own, and bold."""
    bold = QFont(font)
    x, y = float(place.left()), float(place.top())
    bold.setBold(True)
    height, right, lines = float(QFontMetrics(font).lineSpacing()), float(place.right()), 2
    for words, is_found in snippet:
        own = bold if is_found else font
        metrics = QFontMetrics(own)
        painter.setFont(own)
        painter.setPen(QColor(colours.found if is_found else colours.text))
        for number, word in enumerate(words.replace("\n", " ").split(" ")):
            x += metrics.horizontalAdvance(" ") if number and x > place.left() else 0
            width = metrics.horizontalAdvance(word)
            if x + width > right and x > place.left():
                x, y, lines = place.left(), y + height, lines - 1
                if not lines:
                    return 2.0 * height
            painter.drawText(QRectF(x, y, max(0.0, right - x), height), word)
            x += width
    return y + height - float(place.top())
