"""The pages of a library around its lessons' own: a list that is searched in the browser, and a plain one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from napari_vascular_loop.web.page import NOT_FOR_DIAGNOSIS, asset, hash_of, json_within

if TYPE_CHECKING:
    from collections.abc import Sequence

LIST_PAGE, PLAIN_PAGE = "index.html", "all.html"


@dataclass(frozen=True)
class SiteCard:
    """What the list shows of a lesson.

    Parameters
    ----------
    title, about, credit : str
        What it is called; for whom and how long; whom it is owed to, with the licence.
    structures : tuple of str
        What is marked.
    page : str
        Address of its page, relative to the list.
    picture : str
        Address of its small picture; "" where there is none.
    size : int
        Bytes of its page.
    synthetic : bool
        Whether all its images are computed.
    """

    title: str
    about: str
    credit: str
    structures: tuple[str, ...]
    page: str
    picture: str
    size: int
    synthetic: bool = False


def list_html(title: str, cards: Sequence[SiteCard], shards: Sequence[str]) -> str:
    """Write the list of lessons: one file, which loads its pictures and, while one types, the words it needs.

    Parameters
    ----------
    title : str
        Of the library.
    cards : sequence of SiteCard
        In the order in which they are shown.
    shards : sequence of str
        Names of the files of words that there are; see :mod:`site_words`.
    """
    script, style = asset("site.js"), asset("site.css")
    structures = sorted({name for card in cards for name in card.structures}, key=str.casefold)
    known = {name: number for number, name in enumerate(structures)}
    data = {
        "cards": [
            [card.title, card.about, card.credit, [known[name] for name in card.structures],
             card.page, card.picture, card.size, int(card.synthetic)]
            for card in cards
        ],
        "structures": structures,
        "shards": list(shards),
    }  # fmt: skip
    policy = (
        f"default-src 'none'; script-src '{hash_of(script)}'; style-src '{hash_of(style)}'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'"
    )
    options = "".join(f'<option value="{number}">{escape(name)}</option>' for number, name in enumerate(structures))
    return _page(
        title,
        policy,
        style,
        f"""<header><h1>{escape(title)}</h1><p class="facts">{_count(len(cards))} · {NOT_FOR_DIAGNOSIS}</p></header>
<main>
<search class="bar" aria-label="Lessons">
<label class="words">Search <input type="search" id="words" autocomplete="off" spellcheck="false" maxlength="200"
 placeholder="a title, AICA, CN VII, words of the text"></label>
<label>Structure <select id="structure"><option value="">all</option>{options}</select></label>
</search>
<p id="said" role="status" aria-live="polite"></p>
<ol id="lessons"></ol>
<button type="button" id="more" hidden>More lessons</button>
<noscript><p>Searching needs scripts. <a href="{PLAIN_PAGE}">All lessons</a> are listed without.</p></noscript>
</main>
<footer><a href="{PLAIN_PAGE}">All lessons as a plain list</a></footer>
<script type="application/json" id="data">{json_within(data)}</script>
<script>{script}</script>""",
    )


def plain_html(title: str, cards: Sequence[SiteCard]) -> str:
    """Write all lessons as a list of links, for who runs no scripts, and for search engines."""
    style = asset("site.css")
    items = "\n".join(
        f'<li><a href="{escape(card.page)}">{escape(card.title)}</a> '
        f'<span class="facts">{escape(", ".join(filter(None, (card.about, card.credit))))}</span></li>'
        for card in cards
    )
    policy = f"default-src 'none'; style-src '{hash_of(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    return _page(
        title,
        policy,
        style,
        f"""<header><h1>{escape(title)}</h1><p class="facts">{_count(len(cards))} · {NOT_FOR_DIAGNOSIS}</p></header>
<main><ul class="plain">
{items}
</ul></main>
<footer><a href="{LIST_PAGE}">Search the lessons</a></footer>""",
    )


def words_json(words: dict[str, list[int]]) -> str:
    """Write a file of words."""
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


def _count(lessons: int) -> str:
    return f"{lessons:,} lesson{'s' if lessons != 1 else ''}"


def _page(title: str, policy: str, style: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
