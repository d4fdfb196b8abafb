"""Markdown as blocks of text runs, each of which knows where in the source it stands.

The article is shown rendered, but its passages are positions in the source. Here the two are tied: a run of shown
text is the very stretch source[start:end]. CommonMark; raw HTML is shown as the text that it is, never run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkDestination, parseLinkTitle

from napari_vascular_loop.formats.safe_html import is_safe_link, safe_html

if TYPE_CHECKING:
    from markdown_it.token import Token


_PICTURE = re.compile(r'<img src="[^"]*" alt="([^"]*)"[^>]*>')


@dataclass(frozen=True)
class Run:
    """Text of one look.

    Parameters
    ----------
    text : str
        As shown.
    start : int
        Where it begins in the source, in code points; each shown character is the next one of the source. -1 where
        the source says it in another way (an entity such as &amp;amp;), so that no passage can begin or end in it.
    """

    text: str
    start: int = -1
    bold: bool = False
    italic: bool = False
    code: bool = False
    href: str | None = None
    picture: str | None = None
    """Address of a picture that stands here; the text is its caption."""

    @property
    def end(self) -> int:
        """One past the last character in the source, or -1."""
        return self.start + len(self.text) if self.start >= 0 else -1


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, item, quote, code or rule.

    Parameters
    ----------
    kind : str
        "paragraph", "heading", "item", "code" or "rule".
    level : int
        Of a heading 1 to 6; of an item how deep its list is nested, from 1.
    marker : str
        What stands before an item: a bullet or its number; "" where the item goes on.
    quoted : bool
        Whether it is part of a block quote.
    """

    kind: str
    runs: tuple[Run, ...] = ()
    level: int = 0
    marker: str = ""
    quoted: bool = False


@cache
def _parser() -> MarkdownIt:
    # Without joining, an escaped character stays apart from the text around it, and can be found in the source.
    return MarkdownIt("commonmark", {"html": False}).disable("text_join")


def parse_markdown(source: str) -> tuple[Block, ...]:
    r"""Parse an article.

    Parameters
    ----------
    source : str
        CommonMark with line ends "\\n".

    Returns
    -------
    tuple of Block
        In reading order.
    """
    offsets = _line_offsets(source)
    blocks: list[Block] = []
    lists: list[int | None] = []  # the next number of each open list, None for bullets
    heading, quotes, marker = 0, 0, ""
    for token in _parser().parse(source):
        match token.type:
            case "heading_open":
                heading = int(token.tag[1:])
            case "heading_close":
                heading = 0
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                number = lists[-1]
                marker = "•" if number is None else f"{number}."
                lists[-1] = None if number is None else number + 1
            case "blockquote_open":
                quotes += 1
            case "blockquote_close":
                quotes -= 1
            case "hr":
                blocks.append(Block("rule"))
            case "inline":
                kind = "heading" if heading else "item" if lists else "paragraph"
                runs = _runs(token, source, offsets)
                blocks.append(Block(kind, runs, heading or len(lists), marker, quotes > 0))
                marker = ""
            case "fence" | "code_block":
                blocks.append(Block("code", _code_runs(token, source, offsets), len(lists), marker, quotes > 0))
                marker = ""
    return tuple(blocks)


def article_html(source: str) -> str:
    r"""Write an article as HTML that can be put into any page; what it says of pictures is said in words.

    Examples
    --------
    >>> article_html("A [loop](javascript:x) of the *AICA* <script>")
    '<p>A [loop](javascript:x) of the <em>AICA</em> &lt;script&gt;</p>\n'
    """
    return safe_html(_PICTURE.sub(r"[picture: \1]", _parser().render(source)))


def plain_text(source: str) -> str:
    """What is shown of an article, without its looks: for search and for captions."""
    return "\n".join("".join(run.text for run in block.runs) for block in parse_markdown(source))


def _line_offsets(source: str) -> list[int]:
    offsets = [0]
    for line in source.split("\n"):
        offsets.append(offsets[-1] + len(line) + 1)
    return offsets


def _bounds(token: Token, source: str, offsets: list[int]) -> tuple[int, int]:
    first, last = token.map or (0, len(offsets) - 1)
    return offsets[first], min(offsets[min(last, len(offsets) - 1)], len(source))


def _runs(token: Token, source: str, offsets: list[int]) -> tuple[Run, ...]:
    at, end = _bounds(token, source, offsets)
    runs: list[Run] = []
    look = Run("")
    bracketed = False
    for child in token.children or ():
        match child.type:
            case "strong_open" | "strong_close":
                look = replace(look, bold=child.type == "strong_open")
            case "em_open" | "em_close":
                look = replace(look, italic=child.type == "em_open")
            case "link_open":
                bracketed = child.markup != "autolink"
                href = str(child.attrGet("href") or "")
                look = replace(look, href=href if is_safe_link(href) else None)
            case "link_close":
                look = replace(look, href=None)
                at = _after_link(source, at, end) if bracketed else at
            case "text" | "code_inline":
                found = source.find(child.content, at, end)
                runs.append(replace(look, text=child.content, start=found, code=child.type == "code_inline"))
                at = found + len(child.content) if found >= 0 else at
            case "text_special":
                found = source.find(child.markup, at, end)
                # An escaped character stands after its backslash, a backslash that escapes nothing stands as it is
                # with what follows; an entity does not stand in the source.
                stands = found >= 0 and child.info == "escape"
                inside = source.find(child.content, found, found + len(child.markup)) if stands else -1
                runs.append(replace(look, text=child.content, start=inside))
                at = found + len(child.markup) if found >= 0 else at
            case "softbreak" | "hardbreak":
                found = source.find("\n", at, end)
                runs.append(replace(look, text=" " if child.type == "softbreak" else "\n", start=found))
                at = found + 1 if found >= 0 else at
            case "image":
                src = str(child.attrGet("src") or "")
                words = "".join(part.content or " " for part in child.children or ())  # its own content is the source
                runs.append(replace(look, text=f"[picture: {words}]", picture=src or None))
                found = source.find(f"![{child.content}]", at, end)
                at = _after_link(source, found + 2 + len(child.content), end) if found >= 0 else at
    return tuple(run for run in runs if run.text)


def _after_link(source: str, at: int, end: int) -> int:
    """Step over the rest of a link after its text, so that no text is looked for in its address.

    That rest is "](address "title")" or "][label]" or "]".
    """
    at = source.find("]", at, end) + 1
    if at <= 0:
        return end
    if source[at : at + 1] == "[":
        return max(at, source.find("]", at, end) + 1)
    if source[at : at + 1] != "(":
        return at
    address = parseLinkDestination(source, _after_space(source, at + 1, end), end)
    if not address.ok:
        return at
    after = _after_space(source, address.pos, end)
    title = parseLinkTitle(source, after, end)
    after = _after_space(source, title.pos, end) if title.ok else after
    return after + 1 if source[after : after + 1] == ")" else at


def _after_space(source: str, at: int, end: int) -> int:
    while at < end and source[at].isspace():
        at += 1
    return at


def _code_runs(token: Token, source: str, offsets: list[int]) -> tuple[Run, ...]:
    at, end = _bounds(token, source, offsets)
    runs = []
    for line in token.content.splitlines(keepends=True):
        found = source.find(line.rstrip("\n"), at, end)
        # The parser adds the line end that the last line of a source may lack.
        text = line if found < 0 or source.startswith(line, found) else line.rstrip("\n")
        runs.append(Run(text, found if found >= 0 else -1, code=True))
        at = found + len(line) if found >= 0 else at
    return tuple(runs)
