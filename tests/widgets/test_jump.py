"""From a sentence to its place: drawn once, and only what is lit is written anew."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QTextCursor
from rooms import Room, settle

from napari_vascular_loop import Annotation, Lesson, LessonStore, Point
from napari_vascular_loop.display.plane_view import PlaneView
from napari_vascular_loop.domain.lesson import LessonVolume
from napari_vascular_loop.widgets.article_document import ArticleDocument

pytestmark = pytest.mark.gui

WORDS = ("the **loop** at the root", "the \U0001f9e0 brainstem", "the nerve")
ARTICLE = f"# Here\n\nOne sees {WORDS[0]}, beside it {WORDS[1]}.\n\nAnd there is {WORDS[2]}.\n"
VOXELS = ((9, 12, 5), (30, 31, 17), (20, 8, 11))


@pytest.fixture
def room(make_napari_viewer):
    room = Room(make_napari_viewer)
    entry = LessonVolume("head", file="head.nii.gz", fingerprints=(room.volume.fingerprint,))
    marks = tuple(Annotation(Point(tuple(room.ras(voxel))), "head", label=f"at {voxel}") for voxel in VOXELS)
    store = LessonStore(Lesson("jumps", (entry,), article=ARTICLE, annotations=marks))
    for mark, words in zip(marks, WORDS, strict=True):
        start = ARTICLE.index(words)
        store.link(mark.id, start, start + len(words))
    store.select(None)
    room.panel.show_lesson(store, None)
    settle()
    return room


def click(qtbot, article, word):
    cursor = QTextCursor(article.document())
    cursor.setPosition(article.document().find(word).selectionStart() + 2)
    qtbot.mouseClick(article.viewport(), Qt.MouseButton.LeftButton, pos=article.cursorRect(cursor).center())


def looks(article):
    """The article as it is shown: its text, with background, colour and target of every character."""
    cursor, found = QTextCursor(article.document()), []
    for at in range(article.document().characterCount() - 1):
        cursor.setPosition(at + 1)
        form = cursor.charFormat()
        found.append((form.background().color().name(), form.foreground().color().name(), form.anchorHref()))
    return article.toPlainText(), found


def test_a_jump_draws_each_canvas_once_and_writes_the_article_never(room, qtbot, monkeypatch):
    article, store = room.panel.article, room.panel.store
    drawn, written = [], []
    real = PlaneView.redraw

    def redraw(view, **how):
        if not view._drawing:
            drawn.append(view)
        real(view, **how)

    document = article.document()
    monkeypatch.setattr(PlaneView, "redraw", redraw)
    monkeypatch.setattr(ArticleDocument, "__init__", lambda *_, **__: written.append(1))
    for word, mark, voxel in zip(("loop", "brainstem", "nerve"), store.annotations, VOXELS, strict=True):
        drawn.clear()
        click(qtbot, article, word)
        assert store.selected == mark
        assert sorted(map(id, drawn)) == sorted(map(id, room.scene.views)), word
        place_mm = room.volume.frame.display_from_ras(room.ras(voxel))
        for state in (view.state() for view in room.scene.views):
            assert state.slice_mm == pytest.approx(place_mm[state.display_axis])
        settle()
    assert written == []
    assert article.document() is document


def test_what_is_lit_looks_as_in_an_article_written_anew(room, qtbot):
    article = room.panel.article
    plain = looks(article)
    for word in ("brainstem", "loop"):
        click(qtbot, article, word)
        settle()
        lit = looks(article)
        assert lit != plain
        assert lit[0] == plain[0]
        article._drawn = None
        article.show_lesson(room.panel.store)
        assert looks(article) == lit
