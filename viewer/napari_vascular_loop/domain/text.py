"""Text that can be written to any file, and shown in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def writable(text: str) -> str:
    r"""Replace what no file can hold: halves of surrogate pairs, as a broken paste or file name brings them.

    Examples
    --------
    >>> writable("loop \\ud83d")
    'loop ?'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def plain_lines(text: str) -> str:
    r"""Make every line end a single newline, however a system writes it.

    Examples
    --------
    >>> plain_lines("a\r\nb\rc")
    'a\nb\nc'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def article_text(text: str) -> str:
    r"""Make of a text what is read again once an article's file holds it.

    Examples
    --------
    >>> article_text("\ufeffa\r\nb\0")
    'a\nb�'
    """
    return plain_lines(writable(text)).replace("\0", "\ufffd").removeprefix("\ufeff")


def shown(value: object, longest: int = 60) -> str:
    r"""Put what a file says into a sentence: in one line, without what can't be printed, and not too long.

    Examples
    --------
    >>> shown("T1\n\x1b[2J")
    'T1??[2J'
    >>> shown("a" * 100, 5)
    'aaaa…'
    """
    text = "".join(letter if letter.isprintable() else "?" for letter in str(value))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shown_numbers(numbers: npt.ArrayLike) -> str:
    """Put numbers, or the rows of a matrix, into a sentence: four digits of each.

    Examples
    --------
    >>> shown_numbers([[1, 0.123456], [0, 2]])
    '1 0.1235; 0 2'
    """
    rows = np.atleast_2d(np.asarray(numbers, dtype=np.float64))
    return "; ".join(" ".join(f"{value:.4g}" for value in row) for row in rows)


def megabytes(count: int) -> str:
    """Put a size into words.

    Examples
    --------
    >>> megabytes(51_233_023), megabytes(12_377_712_640), megabytes(9240)
    ('51.2 MB', '12.4 GB', '9 kB')
    """
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"
