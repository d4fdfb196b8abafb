"""The page as text: only its own script may run, nothing comes from elsewhere, and what was typed stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from page_lessons import ARTICLE, MARKS, ROOT_R, html_of, lesson, scan

from napari_vascular_loop.domain.article import Anchor, Passage
from napari_vascular_loop.domain.errors import PageError
from napari_vascular_loop.domain.lesson import FoundPassage
from napari_vascular_loop.web.article_html import article_html, linked_passages
from napari_vascular_loop.web.page import page_html

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">{{script}}<!--\' onclick="alert(3)'


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.found)


@pytest.fixture(scope="module")
def html() -> str:
    volume = scan()
    return html_of(lesson(volume), volume)


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else(html):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)[1]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    for kind, text in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "eval(" not in script
    assert "innerHTML" not in script


def test_nothing_is_loaded_from_elsewhere_and_no_attribute_acts(html):
    for tag, attributes in Elements(html).found:
        assert tag not in ("link", "iframe", "object", "embed", "img", "base", "form")
        assert not any(name.startswith("on") or name in ("src", "style", "srcset", "action") for name in attributes), (
            tag
        )


def test_what_a_teacher_typed_stays_text():
    volume = scan()
    good = lesson(volume)
    mark = replace(ROOT_R, label=HOSTILE, note=HOSTILE, structure=HOSTILE, author=HOSTILE)
    bad = replace(
        good, title=HOSTILE, authors=(HOSTILE,), notice=HOSTILE, objectives=(HOSTILE,), audience=HOSTILE,
        credit=HOSTILE, licence=HOSTILE, language='"><script>', annotations=(mark, *MARKS[1:]),
        article=f"{ARTICLE}\n{HOSTILE}\n\n[x](javascript:alert(4)) <script>alert(5)</script> "
        f"![{HOSTILE}](view:root-r)\n"
        f"```\n{HOSTILE}\n```\n", volumes=(replace(good.volumes[0], title=HOSTILE, credit=HOSTILE),),
    )  # fmt: skip
    clean, dirty = Elements(html_of(good, volume)), Elements(html_of(bad, volume))
    assert dirty.count("script") == clean.count("script") == 3
    assert dirty.count("img") == 0
    assert not any(name.startswith("on") for _, attributes in dirty.found for name in attributes)
    assert not any((attributes.get("href") or "").startswith("javascript") for _, attributes in dirty.found)


def test_passages_carry_their_number_and_only_their_beginning_is_reached_by_tab():
    html = article_html(
        "One *two* three", linked_passages([_link("One *two* three")], {"m": 0}), {"m": 0}, ["tint-nerve"]
    )
    assert html.count('data-passages="0-0"') == 3
    assert html.count('tabindex="0"') == 1
    assert '<em><span class="passage tint-nerve" data-passages="0-0">two</span></em>' in html


def test_of_passages_within_each_other_the_shorter_is_meant():
    text = "The loop of the artery"
    links = linked_passages([_link(text), _link("loop", 4)], {"m": 0})
    html = article_html(text, links, {"m": 0}, ["tint-other"])
    assert 'data-passages="0-1 0-0" tabindex="0" role="button">loop<' in html


def test_lists_are_lists():
    html = article_html("1. One\n2. Two\n   - inner\n   - more\n3. Three\n\n> said\n\nEnd", [], {}, [])
    tight = html.replace("\n", "")
    assert tight == (
        '<ol start="1"><li><p>One</p></li><li><p>Two</p><ul><li><p>inner</p></li><li><p>more</p></li></ul></li>'
        "<li><p>Three</p></li></ol><blockquote><p>said</p></blockquote><p>End</p>"
    )


def test_the_page_says_what_was_cut_and_whom_it_is_owed_to(html):
    assert "cut around the marks to" in html
    assert "stored with 256 greys from 0 to 1000" in html
    assert "<li>Somebody; CC0</li>" in html
    assert "For teaching, not for diagnosis." in html


def test_a_lesson_without_a_volume_is_refused():
    with pytest.raises(PageError, match="needs a volume"):
        page_html(lesson(scan()), [], [])


def test_the_command_writes_a_page_and_says_how_large_it_is(run, tmp_path):
    said = run("page", "synthetic-stand-in", tmp_path / "out" / "page.html", "--crop", "40", "--json")
    assert said.code == 0
    document = json.loads(said.out)
    page = tmp_path / "out" / "page.html"
    assert document["bytes"] == page.stat().st_size < 1e6
    assert "cut around the marks" in document["remarks"][0]
    assert run("page", "synthetic-stand-in", tmp_path / "page.doc").code == 2


def _link(words: str, start: int = 0) -> FoundPassage:
    return FoundPassage("m", Passage(words), Anchor(start, start + len(words)))
