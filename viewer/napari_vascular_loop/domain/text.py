"""Text that can be written to any file."""

from __future__ import annotations


def writable(text: str) -> str:
    r"""Replace what no file can hold: halves of surrogate pairs, as a broken paste or file name brings them.

    Examples
    --------
    >>> writable("loop \\ud83d")
    'loop ?'
    """
    return text.encode("utf-8", "replace").decode("utf-8")
