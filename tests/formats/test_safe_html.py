"""HTML that is shown acts in no way, and an article's HTML is its words, whatever is in them."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.formats.markdown import article_html
from napari_vascular_loop.formats.safe_html import TAGS, safe_html

REL = 'rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ("<p>a <script>alert(1)</script>loop</p>", "<p>a loop</p>"),
        ('<p onclick="x()" style="color:red" id="a" class="b">loop</p>', "<p>loop</p>"),
        ("<style>p {display: none}</style><p>loop</p>", "<p>loop</p>"),
        ('<img src="http://a.org/spy.png" onerror="x()">', ""),
        ('<img src="data:image/png;base64,AAAA">', ""),
        ('<iframe src="http://a.org"></iframe><object data="x"></object><embed src="x">', ""),
        ('<form action="http://a.org"><input name="x"><button>go</button></form>', "go"),
        ('<a href="https://a.org/?b=c&d" target="_blank">x</a>', f'<a href="https://a.org/?b=c&amp;d" {REL}>x</a>'),
        ('<a href="MAILTO:a@b.org">x</a>', f'<a href="MAILTO:a@b.org" {REL}>x</a>'),
        ('<a href="javascript:alert(1)">x</a>', f"<a {REL}>x</a>"),
        ('<a href="java\tscript:alert(1)">x</a>', f"<a {REL}>x</a>"),
        ('<a href="file:///etc/passwd">x</a>', f"<a {REL}>x</a>"),
        ('<a href="//a.org/x">x</a><a href="other.md">y</a>', f"<a {REL}>x</a><a {REL}>y</a>"),
        ('<ol start="3"><li>x</li></ol>', '<ol start="3"><li>x</li></ol>'),
        ("<!-- <script> -->loop", "loop"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
    ],
)
def test_what_acts_is_taken_out(html, safe):
    assert safe_html(html) == safe


@pytest.mark.parametrize("name", ["blockquote", "b", "ul><li", "p><b"])
def test_thousands_of_open_tags_are_shown_as_text_at_once(name):
    began = time.process_time()
    assert safe_html(f"<{name}>" * 60_000 + "end").startswith("&lt;")
    assert time.process_time() - began < 2


def test_a_long_page_is_no_hostile_one():
    page = "<p>a <b>loop</b> of the <em>AICA</em><br></p><ul><li>one</li></ul>" * 3000
    assert safe_html(page).count("<b>loop</b>") == 3000


def test_an_article_as_html():
    source = (
        "# A *loop*\n\nOf the **AICA** <script>alert(1)</script>, see [it](https://a.org 'title'),"
        ' [not](javascript:x) and ![a "curl" > x](http://a.org/spy.png "t").\n\n3. `one`\n'
    )
    html = article_html(source)
    assert "<h1>A <em>loop</em></h1>" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert f'<a href="https://a.org" title="title" {REL}>it</a>' in html
    assert '[picture: a "curl" &gt; x]' in html
    assert "spy.png" not in html
    assert '<ol start="3">' in html


@pytest.mark.parametrize("lesson", ["facial-nerve-root", "contact-indentation-deviation", "synthetic-stand-in"])
def test_nothing_of_a_shipped_article_is_taken_out(lesson):
    source = (content_folder("annotations") / lesson / "article.md").read_text("utf-8")
    said = unescape(re.sub(r"<[^>]*>", "", article_html(source)))
    for word in re.findall(r"[A-Za-z]{4,}", re.sub(r"\([^)]*\)", "", source)):
        assert word in said


PIECES = st.sampled_from(
    [
        "<",
        ">",
        "</",
        "<script>",
        "</script>",
        "<a href=",
        "javascript:",
        "'",
        '"',
        "<img src=x onerror=",
        "<svg>",
        "<p>",
        "<style>",
        "<math>",
        "<noscript>",
        "<!--",
        "-->",
        "<b",
        " onclick=x",
        "=",
        "&lt;",
        "&#x6a;",
        "\0",
        "loop",
        "`",
        "[x](",
        ")",
        "![",
        "]",
        "\n\n",
        "    ",
        "<table>",
        "<template>",
        "<iframe srcdoc=",
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_whatever_comes_only_known_tags_go_out(source):
    for html in (safe_html(source), article_html(source)):
        for tag in re.findall(r"<[^>]*>", html):
            match = re.fullmatch(r"</?([a-z1-6]+)((?: [a-z]+=\"[^\"<]*\")*)>", tag)
            assert match, html
            assert match[1] in TAGS
            for attribute, value in re.findall(r' ([a-z]+)="([^"]*)"', match[2]):
                assert attribute in {"href", "title", "rel", "start", "colspan", "rowspan"}
                assert attribute != "href" or value.lower().startswith(("http:", "https:", "mailto:"))
