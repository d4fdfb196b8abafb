"""One HTML file: nothing is loaded from outside, and only what is in it may run."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import PageError
from napari_vascular_loop.web.article_html import article_html, linked_passages
from napari_vascular_loop.web.lesson_data import lesson_data, tint_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_vascular_loop.domain.lesson import FoundPassage, Lesson
    from napari_vascular_loop.web.packed_volume import PackedVolume

SCRIPTS = (
    "geometry.js",
    "inflate.js",
    "volume.js",
    "slice.js",
    "marks.js",
    "plane.js",
    "viewer.js",
    "article.js",
    "tour.js",
    "quiz.js",
    "page.js",
)
"""In the order in which they stand in the page: each knows those before it."""
PLATFORM_SCRIPT = "scorm.js"
NOT_FOR_DIAGNOSIS = "For teaching, not for diagnosis."


@dataclass(frozen=True)
class ReadingLevel:
    """An article, and where the marks' passages stand in it.

    Parameters
    ----------
    name : str
        For the switch, such as "Plain words".
    source : str
        Markdown.
    passages : tuple of FoundPassage
        Links to it.
    """

    name: str
    source: str
    passages: tuple[FoundPassage, ...]


def page_html(
    lesson: Lesson, levels: Sequence[ReadingLevel], volumes: Sequence[PackedVolume], *, for_platform: bool = False
) -> str:
    """Write a lesson as one HTML page.

    Parameters
    ----------
    lesson : Lesson
        The lesson.
    levels : sequence of ReadingLevel
        One or two; the first is shown first.
    volumes : sequence of PackedVolume
        Those of the lesson that the page is to hold; marks in others are left out.
    for_platform : bool
        Whether score and completion are reported to a learning platform (SCORM 1.2).

    Raises
    ------
    PageError
        If there is no volume.
    """
    if not volumes:
        raise PageError(f"a page needs a volume, and the lesson {lesson.title!r} has none that can be shown")
    there = {packed.entry.id for packed in volumes}
    lesson = lesson.with_annotations(tuple(mark for mark in lesson.annotations if mark.volume_id in there))
    numbers = {mark.id: number for number, mark in enumerate(lesson.annotations)}
    tints = [tint_of(mark) for mark in lesson.annotations]
    linked = [linked_passages(level.passages, numbers) for level in levels]
    articles = [
        article_html(level.source, passages, numbers, tints, level=number, title=lesson.title)
        for number, (level, passages) in enumerate(zip(levels, linked, strict=True))
    ]
    script, style = _script(for_platform), asset("page.css")
    parts = {
        "language": escape(lesson.language or "en"),
        "title": escape(lesson.title),
        "policy": _policy(script, style),
        "style": style,
        "script": script,
        "about": _about(lesson),
        "levels": _level_switch([level.name for level in levels]),
        "articles": "".join(
            f'<div class="level" id="level-{number}"{" hidden" if number else ""}>{html}</div>'
            for number, html in enumerate(articles)
        ),
        "cut": "".join(f"<li>{escape(packed.words)}</li>" for packed in volumes),
        "credit": _credit(lesson, volumes),
        "lesson": json_within(lesson_data(lesson, volumes, linked)),
        "volumes": "".join(
            f'<script type="text/plain" id="volume-{number}">{base64.b64encode(packed.deflated).decode()}</script>\n'
            for number, packed in enumerate(volumes)
        ),
    }
    return _filled(asset("page.html"), parts)


@cache
def asset(name: str) -> str:
    """A file that pages are made of."""
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


@cache
def _script(for_platform: bool) -> str:
    names = (*SCRIPTS[:-1], PLATFORM_SCRIPT, SCRIPTS[-1]) if for_platform else SCRIPTS
    return '(() => {\n"use strict";\n' + "\n".join(map(asset, names)) + "\n})();"


def _policy(script: str, style: str) -> str:
    """Content-Security-Policy: this script and this style, by their hashes, and nothing else."""
    return (
        f"default-src 'none'; script-src '{hash_of(script)}'; style-src '{hash_of(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def hash_of(text: str) -> str:
    """Say a script or a style as Content-Security-Policy names what may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def json_within(document: Any) -> str:
    """Write JSON that may stand within a script element."""
    # Within a script element neither "</script" nor "<!--" may stand.
    return json.dumps(document, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")


def _filled(template: str, parts: dict[str, str]) -> str:
    """Put each part where the template names it; what stands in a part is never taken for a name."""
    pieces = template.split("{{")
    out = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        out += [parts[name.strip()], rest]
    return "".join(out)


def _level_switch(names: Sequence[str]) -> str:
    if len(names) < 2:
        return ""
    buttons = "".join(
        f'<button type="button" data-level="{number}" aria-pressed="{"false" if number else "true"}">'
        f"{escape(name)}</button>"
        for number, name in enumerate(names)
    )
    return f'<div class="switch" role="group" aria-label="Reading level">{buttons}</div>'


def _about(lesson: Lesson) -> str:
    out = []
    facts = [
        ", ".join(lesson.authors),
        f"{lesson.minutes} minutes" if lesson.minutes else "",
        lesson.audience,
    ]
    out.append(f'<p class="facts">{escape(" · ".join(filter(None, facts)))}</p>' if any(facts) else "")
    out.append(f'<p class="notice">{escape(lesson.notice)}</p>' if lesson.notice.strip() else "")
    if lesson.objectives:
        items = "".join(f"<li>{escape(one)}</li>" for one in lesson.objectives)
        out.append(f"<details><summary>What you can do afterwards</summary><ul>{items}</ul></details>")
    return "".join(out)


def _credit(lesson: Lesson, volumes: Iterable[PackedVolume]) -> str:
    said = [_joined(lesson.credit, lesson.licence)]
    said += [_joined(f"{one.entry.title or one.entry.id}: {one.entry.credit}", one.entry.licence) for one in volumes]
    return "".join(f"<li>{escape(one)}</li>" for one in dict.fromkeys(filter(None, said)))


def _joined(*words: str) -> str:
    return "; ".join(word for word in words if word.strip())
