"""The article as HTML in which linked passages can be clicked. All that a teacher typed is escaped."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from napari_vascular_loop.formats.markdown import parse_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_vascular_loop.domain.lesson import FoundPassage
    from napari_vascular_loop.formats.markdown import Block, Run

VIEW_SCHEME = "view:"
"""Of a picture that is a view of the lesson's volume: what follows is the id of a mark."""


@dataclass(frozen=True)
class LinkedPassage:
    """A stretch of the article and the marks, by their numbers from 0, that it is tied to."""

    start: int
    end: int
    marks: tuple[int, ...]


def linked_passages(found: Iterable[FoundPassage], numbers: dict[str, int]) -> tuple[LinkedPassage, ...]:
    """Gather links by their passages, in reading order; passages that are no longer in the article are left out."""
    marks: dict[tuple[int, int], list[int]] = {}
    for one in found:
        if one.span is not None and one.annotation_id in numbers:
            marks.setdefault((one.span.start, one.span.end), []).append(numbers[one.annotation_id])
    return tuple(LinkedPassage(*place, tuple(dict.fromkeys(marks[place]))) for place in sorted(marks))


def article_html(
    source: str,
    passages: Sequence[LinkedPassage],
    numbers: dict[str, int],
    classes: Sequence[str],
    *,
    level: int = 0,
    title: str = "",
) -> str:
    """Write an article as HTML.

    Parameters
    ----------
    source : str
        Markdown.
    passages : sequence of LinkedPassage
        What is linked.
    numbers : dict
        Numbers of marks by their ids, for pictures that are views of them.
    classes : sequence of str
        For each mark the class that gives its passages their colour.
    level : int
        Number of the reading level, which passages carry.
    title : str
        A first heading that says no more than this is left out.
    """
    writer = _Writer(passages, numbers, classes, level)
    blocks = list(parse_markdown(source))
    if blocks and blocks[0].kind == "heading" and _text(blocks[0]).casefold() == title.strip().casefold():
        blocks = blocks[1:]
    return writer.written(blocks)


def _text(block: Block) -> str:
    return "".join(run.text for run in block.runs).strip()


class _Writer:
    def __init__(
        self, passages: Sequence[LinkedPassage], numbers: dict[str, int], classes: Sequence[str], level: int
    ) -> None:
        self._passages = passages
        self._numbers = numbers
        self._classes = classes
        self._level = level
        self._begun: set[int] = set()
        self._at = 0
        self._lists: list[str] = []
        self._out: list[str] = []

    def written(self, blocks: Iterable[Block]) -> str:
        quoted = False
        for block in blocks:
            if block.quoted != quoted:
                self._close_lists(0)
                self._out.append("<blockquote>" if block.quoted else "</blockquote>")
                quoted = block.quoted
            self._block(block)
        self._close_lists(0)
        self._out.append("</blockquote>" if quoted else "")
        return "\n".join(filter(None, self._out))

    def _block(self, block: Block) -> None:
        in_list = block.level > 0 and block.kind in ("item", "code")
        if not in_list:
            self._close_lists(0)
        elif block.marker or len(self._lists) < block.level:
            self._open_item(block)
        else:
            self._close_lists(block.level)
        inside = "".join(map(self._run, block.runs))
        match block.kind:
            case "rule":
                self._out.append("<hr>")
            case "heading":
                # The page's own title is its only h1.
                tag = f"h{min(block.level + 1, 6)}"
                self._out.append(f"<{tag}>{inside}</{tag}>")
            case "code":
                self._out.append(f"<pre><code>{inside}</code></pre>")
            case _ if any(run.picture for run in block.runs):
                self._out.append(f"<div>{inside}</div>")
            case _:
                self._out.append(f"<p>{inside}</p>")

    def _open_item(self, block: Block) -> None:
        ordered = block.marker.rstrip(".").isdigit()
        tag = "ol" if ordered else "ul"
        self._close_lists(block.level)
        if len(self._lists) == block.level and self._lists[-1] != tag:
            self._close_lists(block.level - 1)
        if len(self._lists) == block.level:
            self._out.append("</li>")
        while len(self._lists) < block.level:
            start = f' start="{int(block.marker.rstrip("."))}"' if ordered else ""
            self._out.append(f"<{tag}{start}>")
            self._lists.append(tag)
            if len(self._lists) < block.level:
                self._out.append("<li>")
        self._out.append("<li>")

    def _close_lists(self, level: int) -> None:
        while len(self._lists) > level:
            self._out.append(f"</li></{self._lists.pop()}>")

    def _run(self, run: Run) -> str:
        if run.picture is not None:
            return self._picture(run, run.picture)
        if run.start < 0:
            inside = self._piece(run.text, self._at, self._at + 1)
        else:
            inside = "".join(self._pieces(run))
            self._at = run.end
        for tag, is_on in (("code", run.code), ("em", run.italic), ("strong", run.bold)):
            inside = f"<{tag}>{inside}</{tag}>" if is_on else inside
        if run.href:
            inside = f'<a href="{escape(run.href)}" target="_blank" rel="noopener noreferrer">{inside}</a>'
        return inside

    def _pieces(self, run: Run) -> Iterable[str]:
        cuts = {run.start, run.end}
        for one in self._passages:
            cuts |= {place for place in (one.start, one.end) if run.start < place < run.end}
        places = sorted(cuts)
        for start, end in pairwise(places):
            yield self._piece(run.text[start - run.start : end - run.start], start, end)

    def _piece(self, text: str, start: int, end: int) -> str:
        shown = escape(text).replace("\n", "<br>") if text != "\n" else "<br>"
        around = [n for n, one in enumerate(self._passages) if one.start <= start and end <= one.end]
        if not around or not text.strip():
            return shown
        # The shortest passage is what a click means.
        around.sort(key=lambda n: self._passages[n].end - self._passages[n].start)
        first = around[0]
        ids = " ".join(f"{self._level}-{n}" for n in around)
        tint = self._classes[self._passages[first].marks[0]]
        begins = first not in self._begun
        self._begun |= {first}
        reached = ' tabindex="0" role="button"' if begins else ""
        return f'<span class="passage {tint}" data-passages="{ids}"{reached}>{shown}</span>'

    def _picture(self, run: Run, address: str) -> str:
        words = run.text.removeprefix("[picture: ").removesuffix("]")
        number = self._numbers.get(address.removeprefix(VIEW_SCHEME)) if address.startswith(VIEW_SCHEME) else None
        if number is None:
            return f"<span>{escape(run.text)}</span>"
        return (
            f'<figure class="picture"><button type="button" class="picture" data-mark="{number}" '
            f'aria-label="Show on the slices: {escape(words)}"><canvas data-picture="{number}" width="560" '
            f'height="420"></canvas></button><figcaption>{escape(words)}</figcaption></figure>'
        )
