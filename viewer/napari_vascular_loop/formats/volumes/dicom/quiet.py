"""pydicom kept quiet: what it warns of and logs quotes values of headers, in damaged files a patient's name, too."""

from __future__ import annotations

import logging
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Hush(threading.local):
    """How often the running thread has asked for quiet."""

    depth = 0

    def filter(self, _record: logging.LogRecord) -> bool:
        return self.depth == 0


_hush = _Hush()
logging.getLogger("pydicom").addFilter(_hush.filter)


@contextmanager
def quietly() -> Iterator[None]:
    """Neither warnings nor log records while a header is looked at; what matters of them is said in our own words."""
    _hush.depth += 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        _hush.depth -= 1
