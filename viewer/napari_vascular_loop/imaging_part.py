"""The part of an article that tells of the images, and what of it is tied to no mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.markdown import parse_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_vascular_loop.domain.lesson import FoundPassage
    from napari_vascular_loop.formats.markdown import Block

_LETTERS = 70


def untied_paragraphs(article: str, imaging: Sequence[str], passages: Iterable[FoundPassage]) -> Iterator[str]:
    """Say which paragraphs and list items under headings on the images have no words that are tied to a mark.

    Parameters
    ----------
    article : str
        Markdown.
    imaging : sequence of str
        The headings. What stands below one up to the next heading of its level or a higher one belongs to it.
    passages : iterable of FoundPassage
        Links to this article.

    Yields
    ------
    str
        A sentence, of a heading too that is not there.
    """
    spans = [one.span for one in passages if one.span is not None]
    missing = list(imaging)
    below: int | None = None
    for block in parse_markdown(article):
        if block.kind == "heading":
            words = _words(block)
            if words in missing:
                missing.remove(words)
            if words in imaging:
                below = block.level if below is None else min(below, block.level)
            elif below is not None and block.level <= below:
                below = None
        elif below is not None and (ends := _ends(block)) is not None:
            start, end = ends
            if not any(span.start < end and start < span.end for span in spans):
                yield f"no mark is tied to {shown(_words(block), _LETTERS)!r}"
    for words in missing:
        yield f"there is no heading {words!r}, which lesson.json names among imaging"


def headings(article: str) -> tuple[str, ...]:
    """The words of an article's headings in their order, without that of its title."""
    found = [block for block in parse_markdown(article) if block.kind == "heading"]
    is_title = bool(found) and found[0].level == 1
    return tuple(filter(None, (_words(block).strip() for block in found[is_title:])))


def _words(block: Block) -> str:
    return "".join(run.text for run in block.runs)


def _ends(block: Block) -> tuple[int, int] | None:
    """Where a block of text begins and ends in the source; None of a picture that stands alone, and of a rule."""
    runs = [run for run in block.runs if run.picture is None and run.start >= 0 and run.text.strip()]
    return (runs[0].start, runs[-1].end) if runs else None
