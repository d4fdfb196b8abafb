"""A page behind a tab that is made when there is time for it, at the latest when one looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_vascular_loop.widgets.panel_layout import scrolled

if TYPE_CHECKING:
    from collections.abc import Callable


class LatePage(QWidget):
    """Empty until its content is asked for, or it is shown.

    Parameters
    ----------
    make : callable
        Makes the content, ready to be used. Called once.
    scrolls : bool
        Whether the content can be scrolled, where it has not the room that it wants.
    """

    def __init__(self, make: Callable[[], QWidget], *, scrolls: bool = False) -> None:
        super().__init__()
        self._make = make
        self._scrolls = scrolls
        self._content: QWidget | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    @property
    def is_made(self) -> bool:
        """Whether its content is there."""
        return self._content is not None

    @property
    def content(self) -> Any:
        """What is on the page, made now if it has not been."""
        if self._content is None:
            self._content = self._make()
            place = self.layout()
            assert place is not None
            shown = scrolled(self._content) if self._scrolls else self._content
            place.addWidget(shown)
            # On a page that is in view, Qt would show it a turn later: too late for the keyboard to be there.
            shown.show()
        return self._content

    def showEvent(self, event: Any) -> None:
        """Be there when one looks."""
        _ = self.content
        super().showEvent(event)
