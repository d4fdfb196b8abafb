"""The list of a library's lessons: ten thousand cards, of which those in view are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractListModel, QModelIndex, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QListView

from napari_vascular_loop.library.standing import Standing
from napari_vascular_loop.widgets.card_painter import CardPainter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.library.entry import Card
    from napari_vascular_loop.library.shelf import Shelf

NUMBER = Qt.ItemDataRole.UserRole


class LibraryCards(QAbstractListModel):
    """Cards by their numbers, in the order in which they were found."""

    def __init__(self) -> None:
        super().__init__()
        self.shelf: Shelf | None = None
        self.typed = ""
        self.standing, self.student = Standing.none(), ""
        self._numbers: list[int] = []

    def show_cards(self, shelf: Shelf | None, numbers: Sequence[int], typed: str = "") -> None:
        """Show these."""
        self.beginResetModel()
        self.shelf, self._numbers, self.typed = shelf, list(numbers), typed
        self.endResetModel()

    def show_standing(self, standing: Standing, student: str) -> None:
        """Show how far a student is."""
        self.standing, self.student = standing, student
        if self._numbers:
            self.dataChanged.emit(self.index(0), self.index(len(self._numbers) - 1))

    def rowCount(self, parent: Any = None) -> int:
        """How many there are."""
        return 0 if parent is not None and parent.isValid() else len(self._numbers)

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What Qt asks of a row: its words, for who reads and for who listens."""
        card = self.card(index)
        if card is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return card.name
        if role == NUMBER:
            return self._numbers[index.row()]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(card)
        return None

    def card(self, index: Any) -> Card | None:
        """The card of a row."""
        if self.shelf is None or not index.isValid() or index.row() >= len(self._numbers):
            return None
        return self.shelf.cards.get(self._numbers[index.row()])

    def row_of(self, number: int) -> int | None:
        """Where a card is; None where it isn't shown."""
        return self._numbers.index(number) if number in self._numbers else None

    def known(self, card: Card) -> tuple[float, str]:
        """How far the student is with a lesson: a share, and the same in words."""
        progress = self.standing.of(card, self.student)
        return progress.of(card), progress.said(card)

    def words(self, card: Card) -> str:
        """All that is said of a lesson, a line each."""
        if card.problem:
            return f"{card.name}\nCan't be read: {card.problem}"
        synthetic = "Synthetic images" if card.synthetic else ""
        lines = (card.name, card.about, ", ".join(card.structures), card.owed_to, synthetic, self.known(card)[1])
        return "\n".join(filter(None, lines))


class LibraryList(QListView):
    """The list as it is seen and walked.

    Signals
    -------
    picked : int
        Number of the card that the user is on; -1 for none.
    wanted : int
        Number of a card that was double-clicked, or on which Enter was pressed.
    """

    picked = Signal(int)
    wanted = Signal(int)

    def __init__(self, cards: LibraryCards) -> None:
        super().__init__()
        self.cards = cards
        self.painter = CardPainter(cards, self)
        self.setModel(cards)
        self.setItemDelegate(self.painter)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Lessons")
        self.doubleClicked.connect(lambda index: self.wanted.emit(index.data(NUMBER)))
        if (bar := self.verticalScrollBar()) is not None:
            bar.setSingleStep(24)

    def show_cards(self, shelf: Shelf | None, numbers: Sequence[int], typed: str) -> None:
        """Show these cards, and stay where the user was, if that is among them."""
        before = self.picked_number
        self.cards.show_cards(shelf, numbers, typed)
        row = self.cards.row_of(before) if before >= 0 else None
        self.setCurrentIndex(self.cards.index(row or 0) if numbers else QModelIndex())
        if row is None:
            self.scrollToTop()
        self.picked.emit(self.picked_number)

    @property
    def picked_number(self) -> int:
        """Number of the card that the user is on; -1 for none."""
        found = self.currentIndex().data(NUMBER)
        return -1 if found is None else int(found)

    def currentChanged(self, current: Any, previous: Any) -> None:
        """Say where the user has walked."""
        super().currentChanged(current, previous)
        self.picked.emit(self.picked_number)

    def keyPressEvent(self, event: Any) -> None:
        """Open on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.picked_number >= 0:
            self.wanted.emit(self.picked_number)
            return
        super().keyPressEvent(event)
