"""The article's document: what is seen and the source that it stands for. Needs Qt, no window of napari."""

from __future__ import annotations

import pytest
from conftest import ROOT
from qtpy.QtGui import QTextCursor

from napari_vascular_loop.domain.article import Span
from napari_vascular_loop.domain.lesson import Lesson
from napari_vascular_loop.widgets.article_document import ArticleDocument, PassageMark
from napari_vascular_loop.widgets.lesson_about import about_blocks

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

TRICKY = r"""# A *heading* with **looks** 🧠

Text with **bold *and italic* words**, `code`, a [link](https://example.org), an entity &amp; and an escape \*star\*.
A second line of the same paragraph, with 🧠🧠 two brains and an e with a combining accent é.

- first item
- second item **bold**
  1. nested
  2. list

> A quotation.

```
code block
  indented
```

***

Last words.
"""
ARTICLES = {
    "tricky": TRICKY,
    "first lesson": (ROOT / "annotations/facial-nerve-root/article.md").read_text(encoding="utf-8"),
    "stand-in": (ROOT / "annotations/synthetic-stand-in/article.md").read_text(encoding="utf-8"),
}


def shown(document, start, end):
    """The text between two positions of a document, lines ended as in the source."""
    cursor = QTextCursor(document.document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    return cursor.selectedText().replace("\u2029", "\n").replace("\u2028", "\n")


def test_what_is_said_of_a_lesson_stands_below_the_title_and_is_no_part_of_the_source():
    lesson = Lesson("x", (), objectives=("see it", "name it"), minutes=40, audience="for all", credit="A. Teacher")
    document = ArticleDocument(TRICKY, [], 11.0, about=about_blocks(lesson))
    lines = document.document.toPlainText().split("\n")
    assert lines[1:6] == [
        "About 40 minutes, for all.",
        "When you have finished, you can:",
        "• see it",
        "• name it",
        "A. Teacher.",
    ]
    start = document.document.toPlainText().index("About")
    assert document.source_span(start, start + 60) is None
    span = document.source_span(0, document.document.characterCount())
    assert (span.start, TRICKY[span.end - 11 : span.end]) == (2, "Last words.")
    assert ArticleDocument("No title.", [], 11.0, about=about_blocks(lesson)).document.toPlainText().startswith("About")
    assert about_blocks(Lesson("x", (), credit="A. Teacher")) == ()


@pytest.mark.parametrize("name", ARTICLES)
def test_every_character_that_is_seen_is_found_in_the_source_and_back(name):
    source = ARTICLES[name]
    document = ArticleDocument(source, [], 11.0)
    text = document.document.toPlainText()
    found = 0
    position = 0
    for character in text:
        length = len(character.encode("utf-16-le")) // 2
        span = document.source_span(position, position + length)
        if span is not None:
            assert span.end - span.start == 1
            assert source[span.start] in (character, "\n" if character == " " else character)
            assert document.document_position(span.start) == position
            found += 1
        position += length
    # All but bullets, numbers, rules, entities and the breaks between blocks.
    assert found > 0.85 * len(text)
    assert position == document.document.characterCount() - 1


def test_signs_of_the_markup_are_not_seen():
    text = ArticleDocument(TRICKY, [], 11.0).document.toPlainText()
    assert "A heading with looks 🧠" in text
    assert "bold and italic words, code, a link, an entity & and an escape *star*." in text
    for sign in ("**", "`", "https://", "\\", "&amp;", "# ", "> "):
        assert sign not in text
    assert text.count("words") == TRICKY.count("words")


def test_a_selection_over_looks_is_the_stretch_of_the_source_with_its_marks():
    document = ArticleDocument(TRICKY, [], 11.0)
    text = document.document.toPlainText()
    brains_before = text[: text.index("bold and italic")].count("🧠")
    start = text.index("bold and italic") + brains_before
    span = document.source_span(start, start + len("bold and italic"))
    assert TRICKY[span.start : span.end] == "bold *and italic"


def test_a_selection_after_letters_beyond_the_basic_plane_is_not_shifted():
    document = ArticleDocument(TRICKY, [], 11.0)
    cursor = document.document.find("two brains")
    span = document.source_span(cursor.selectionStart(), cursor.selectionEnd())
    assert TRICKY[span.start : span.end] == "two brains"
    assert shown(document, document.document_position(span.start), cursor.selectionEnd()) == "two brains"


def test_a_selection_of_nothing_that_is_in_the_source_is_none():
    document = ArticleDocument("- item\n", [], 11.0)
    assert document.document.toPlainText() == "• item"
    assert document.source_span(0, 1) is None
    assert document.source_span(3, 3) is None


def passage(source, words, *, selected=False, ids=("a",), colour="#E8743B"):
    start = source.index(words)
    return PassageMark(Span(start, start + len(words)), ids, colour, selected)


def look(document, words):
    cursor = document.document.find(words)
    cursor.setPosition(cursor.selectionStart() + 1)
    return cursor.charFormat()


def test_of_passages_that_overlap_the_shorter_is_clicked_and_a_selected_one_comes_first():
    source = "One two three four five.\n"
    long, short = passage(source, "two three four"), passage(source, "three")
    document = ArticleDocument(source, [long, short], 11.0)
    assert [look(document, word).anchorHref() for word in ("two", "three", "four")] == [
        "passage:0",
        "passage:1",
        "passage:0",
    ]
    assert not look(document, "five").isAnchor()
    document = ArticleDocument(source, [passage(source, "two three four", selected=True), short], 11.0)
    assert look(document, "three").anchorHref() == "passage:0"


def test_a_passage_is_coloured_as_its_mark_and_lit_when_selected():
    source = "One two three.\n"
    plain = look(ArticleDocument(source, [passage(source, "two")], 11.0), "two")
    lit = look(ArticleDocument(source, [passage(source, "two", selected=True)], 11.0), "two")
    assert plain.background().color().name() == lit.background().color().name() == "#e8743b"
    assert plain.background().color().alpha() < 128
    assert lit.background().color().alpha() == 255


def test_bold_words_and_headings_are_bold():
    document = ArticleDocument("# Heading\n\nSome **strong** words.\n", [], 11.0)
    assert look(document, "strong").fontWeight() > look(document, "words").fontWeight()
    assert look(document, "Heading").fontPointSize() > look(document, "words").fontPointSize()


def test_an_empty_article_is_shown_empty():
    document = ArticleDocument("", [], 11.0)
    assert document.document.toPlainText() == ""
    assert document.source_span(0, 0) is None
    assert document.document_position(0) is None
