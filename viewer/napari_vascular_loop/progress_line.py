"""How far a long command is, in one line of the terminal that goes away when it is done."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_PATIENCE_S = 1.0
_EVERY_S = 0.2


class ProgressLine:
    """Tells on stderr how much is done, if that is a terminal and it takes more than a moment.

    Call it with the part that is done, from 0 to 1.

    Parameters
    ----------
    what : str
        What is being done, such as "reading".
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_watched = sys.stderr.isatty()
        self._next_s = time.monotonic() + _PATIENCE_S
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._show("")

    def __call__(self, done: float) -> None:
        """Show how much is done, not too often."""
        now_s = time.monotonic()
        if self._is_watched and now_s >= self._next_s:
            self._next_s = now_s + _EVERY_S
            self._show(f"{self._what}: {100 * done:.0f} %")

    def _show(self, text: str) -> None:
        if self._width or text:
            sys.stderr.write(f"\r{text.ljust(self._width)}" + ("" if text else "\r"))
            sys.stderr.flush()
        self._width = len(text)
