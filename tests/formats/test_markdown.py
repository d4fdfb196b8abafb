"""Every run of shown text knows the very stretch of the source that it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.formats.markdown import Block, Run, parse_markdown, plain_text

ARTICLE = """# The *facial* nerve

It leaves the **pons**; see [the atlas](https://atlas.org/nerve.html "a. title").
A second line & more.

1. A loop of `AICA`
2. Nothing
   - nested *item*

> A quoted
> paragraph.

```text
code line
  second
```

---

Price \\$5 &amp; done 🧠 end.
"""


def runs_of(source: str) -> list[Run]:
    return [run for block in parse_markdown(source) for run in block.runs]


def check_places(source: str) -> None:
    """Runs that say where they stand do stand there, one after the other."""
    last = 0
    for run in runs_of(source):
        if run.start < 0:
            continue
        assert run.start >= last, (run, last)
        stands = source[run.start : run.end]
        assert stands == run.text or (run.text in (" ", "\n") and stands == "\n"), run
        last = run.end


def shown(block: Block) -> str:
    return "".join(run.text for run in block.runs)


def test_blocks():
    blocks = parse_markdown(ARTICLE)
    assert [(b.kind, b.level, b.marker, b.quoted, shown(b)) for b in blocks] == [
        ("heading", 1, "", False, "The facial nerve"),
        ("paragraph", 0, "", False, "It leaves the pons; see the atlas. A second line & more."),
        ("item", 1, "1.", False, "A loop of AICA"),
        ("item", 1, "2.", False, "Nothing"),
        ("item", 2, "•", False, "nested item"),
        ("paragraph", 0, "", True, "A quoted paragraph."),
        ("code", 0, "", False, "code line\n  second\n"),
        ("rule", 0, "", False, ""),
        ("paragraph", 0, "", False, "Price $5 & done 🧠 end."),
    ]


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("facial", {"italic": True}),
        ("pons", {"bold": True}),
        ("AICA", {"code": True}),
        ("the atlas", {"href": "https://atlas.org/nerve.html"}),
        ("Nothing", {}),
    ],
)
def test_looks(text, look):
    (run,) = [run for run in runs_of(ARTICLE) if run.text == text]
    assert run == Run(text, ARTICLE.index(text), **look)


def test_every_run_of_an_article_is_found_in_its_source():
    check_places(ARTICLE)
    assert [run.text for run in runs_of(ARTICLE) if run.start < 0] == ["&"], "only an entity has no place"


@pytest.mark.parametrize("lesson", ["facial-nerve-root", "contact-indentation-deviation", "synthetic-stand-in"])
def test_shipped_articles_are_found_in_their_source_wholly(lesson):
    source = (content_folder("annotations") / lesson / "article.md").read_text("utf-8")
    check_places(source)
    assert all(run.start >= 0 for run in runs_of(source))


@pytest.mark.parametrize(
    ("source", "text", "start"),
    [
        ("See [it](http://a.org/b.c).", ".", 26),
        ("See [it](<a b.c> 'x. y'). End", ". End", 24),
        ("See [it](a(b.)c). End", ". End", 16),
        ("See [it][a.b].\n\n[a.b]: http://x.y", ".", 13),
        ("See [it.].\n\n[it.]: http://x.y", ".", 9),
        ("See [**it**](a*b.c)b", "b", 19),
        ("<http://a.org>.", ".", 14),
        ("![a loop.](pic.png). End.", ". End.", 19),
        ("a\\*b\\*", "*", 2),
        ("a\\b", "\\b", 1),
        ("🧠🧠 *x*", "x", 4),
    ],
)
def test_text_is_not_looked_for_in_addresses(source, text, start):
    check_places(source)
    assert start in [run.start for run in runs_of(source) if run.text == text]


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "JAVASCRIPT:alert(1)", "other.md"]
)
def test_links_that_could_do_harm_are_text(href):
    (run,) = [run for run in runs_of(f"[click]({href})") if "click" in run.text]
    assert run.href is None


def test_html_is_shown_as_the_text_that_it_is():
    source = "<script>alert(1)</script> and <b>bold</b>"
    assert plain_text(source) == source
    check_places(source)


@pytest.mark.parametrize("source", ["", "\n\n", "[", "![", "](", "[](", "**", "> ", "- ", "```"])
def test_odd_sources_are_no_error(source):
    check_places(source)


MARKDOWN = st.lists(
    st.sampled_from(
        [
            *"ab.c 🧠*_`[]()!<>#-&\\$\n\t",
            "](a.b)",
            "[a](b.c)",
            "![x](y.z)",
            "**",
            "\n\n",
            "\n- ",
            "\n> ",
            "1. ",
            "&amp;",
        ]
    ),
    max_size=40,
).map("".join)


@given(MARKDOWN)
def test_any_source_maps_back(source):
    check_places(source)
