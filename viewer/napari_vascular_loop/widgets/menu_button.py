"""Buttons with a menu: filled from a table, and what goes wrong in it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QMenu, QPushButton

from napari_vascular_loop.domain.errors import VascularLoopError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Entry = tuple[str, Callable[[], object]] | None


def fill(menu: QMenu, entries: Iterable[Entry], run: Callable[[Callable[[], object]], object]) -> None:
    """Put entries, texts with what they do, into a menu; None makes a line between two groups.

    Parameters
    ----------
    menu : QMenu
        To be filled.
    entries : iterable of (str, callable) or None
        From the top.
    run : callable
        Given what a chosen entry does, and does it.
    """
    for entry in entries:
        if entry is None:
            menu.addSeparator()
            continue
        text, act = entry
        action = menu.addAction(text)
        if action is not None:
            action.triggered.connect(lambda _=False, chosen=act: run(chosen))


class MenuButton(QPushButton):
    """A button with a menu.

    Parameters
    ----------
    name : str
        On the button; with "menu", for who does not see it.
    entries : iterable of (str, callable) or None
        See :func:`fill`.

    Signals
    -------
    failed, told : str
        What went wrong; what was done.
    """

    failed = Signal(str)
    told = Signal(str)

    def __init__(self, name: str, entries: Iterable[Entry]) -> None:
        super().__init__()
        self.setText(f"{name} ")
        self.setAccessibleName(f"{name} menu")
        menu = QMenu(self)
        fill(menu, entries, self.tried)
        self.setMenu(menu)

    def tried(self, act: Callable[[], object]) -> None:
        """Do something, or say why it could not be done."""
        try:
            act()
        except VascularLoopError as error:
            self.failed.emit(str(error))
