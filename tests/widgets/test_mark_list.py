"""The list of marks, with mouse and keys."""

from __future__ import annotations

import time

import pytest
from gestures import LAYOUTS, lesson_on, numbered_volume
from qtpy.QtCore import Qt

from napari_vascular_loop.display.mark_filter import MarkFilter
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Side
from napari_vascular_loop.widgets.mark_list import MarkList
from napari_vascular_loop.widgets.mark_rows import LOCKED, NAME, SHOWN

pytestmark = pytest.mark.gui


class Bench:
    def __init__(self, qtbot, marks):
        self.filter = MarkFilter()
        self.list = MarkList(self.filter)
        qtbot.addWidget(self.list)
        self.list.resize(380, 300)
        self.list.show()
        self.store = lesson_on(numbered_volume(LAYOUTS["LPS"]), *marks)
        self.list.show_marks(self.store, "head")
        self.chosen, self.deleted = [], []
        self.list.chosen.connect(self.chosen.append)
        self.list.delete_asked.connect(self.deleted.append)
        self.qtbot = qtbot

    def click(self, row, column):
        view = self.list.view
        place = view.visualRect(view.model().index(row, column)).center()
        self.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def names(self):
        return [text.partition("   ")[0] for text in self.list.texts()]


@pytest.fixture
def bench(qtbot):
    marks = (
        Annotation(Point((1, 2, 3)), "head", "Root", side=Side.LEFT, structure="facial-nerve-root"),
        Annotation(Arrow((0, 0, 0), (5, 5, 5)), "head", "Loop", side=Side.RIGHT, structure="aica", author="Dr. B"),
        Annotation(Point((1, 2, 9)), "other", "Elsewhere"),
    )
    return Bench(qtbot, marks)


def test_typing_in_the_search_box_leaves_what_fits_and_clearing_brings_all_back(bench, qtbot):
    qtbot.keyClicks(bench.list.search, "anterior inferior")
    assert bench.names() == ["Loop"]
    qtbot.keyClicks(bench.list.search, " xyz")
    assert bench.names() == []
    assert bench.list.empty.isVisible()
    assert "Clear the search" in bench.list.empty.text()
    bench.list.search.clear()
    assert bench.names() == ["Root", "Loop", "Elsewhere"]
    assert not bench.list.empty.isVisible()


def test_the_list_can_be_filtered_by_what_the_marks_have_and_sorted(bench):
    offered = [bench.list.which.itemText(n) for n in range(bench.list.which.count())]
    assert offered[:3] == ["All marks", "Linked", "Not linked"]
    assert {"Left", "Right", "by Dr. B", "facial nerve root"} <= set(offered)
    assert "Midline" not in offered
    bench.list.which.setCurrentIndex(offered.index("by Dr. B"))
    assert bench.names() == ["Loop"]
    bench.list.which.setCurrentIndex(0)
    bench.list.order.setCurrentIndex(1)
    assert bench.names() == ["Elsewhere", "Loop", "Root"]
    bench.store.change(bench.store.annotations[0].id, label="A root")
    bench.list.show_marks(bench.store, "head")
    assert bench.names() == ["A root", "Elsewhere", "Loop"], "the order holds when a mark changes"


def test_a_click_and_the_arrow_keys_choose_marks(bench, qtbot):
    bench.click(1, NAME)
    assert bench.chosen[-1] == bench.store.annotations[1].id
    qtbot.keyClick(bench.list.view, Qt.Key.Key_Up)
    assert bench.chosen[-1] == bench.store.annotations[0].id
    qtbot.keyClick(bench.list.view, Qt.Key.Key_Delete)
    assert bench.deleted == [bench.store.annotations[0].id]


def test_the_eye_hides_a_mark_and_the_lock_keeps_it_and_neither_chooses_it(bench):
    root = bench.store.annotations[0].id
    bench.click(0, SHOWN)
    assert bench.filter.is_hidden(root)
    bench.click(0, LOCKED)
    assert bench.filter.is_locked(root)
    assert bench.chosen == []
    tip = bench.list.rows.data(bench.list.rows.index(0, SHOWN), Qt.ItemDataRole.ToolTipRole)
    assert tip == "Hidden: click to change"
    bench.click(0, SHOWN)
    assert not bench.filter.is_hidden(root)


def test_only_selected_is_pressed_as_the_image_is(bench, qtbot):
    qtbot.mouseClick(bench.list.alone, Qt.MouseButton.LeftButton)
    assert bench.filter.only_selected
    bench.filter.show_all()
    assert not bench.list.alone.isChecked()


def test_the_selected_mark_is_lit_and_lighting_chooses_nothing(bench):
    bench.store.select(bench.store.annotations[2].id)
    bench.list.show_selected(bench.store)
    assert bench.list.current_row() == 2
    bench.list.search.setText("root")
    assert bench.list.current_row() == -1
    bench.store.select(None)
    bench.list.show_selected(bench.store)
    assert bench.chosen == []


def test_an_empty_lesson_says_what_to_do(qtbot):
    bench = Bench(qtbot, ())
    assert "place one" in bench.list.empty.text()
    bench.list.show_marks(None, None)
    assert "No lesson is open" in bench.list.empty.text()


def test_ten_thousand_marks_are_listed_searched_and_renamed_in_no_time(qtbot):
    bench = Bench(qtbot, [Annotation(Point((n, 2, 3)), "head", f"Mark {n}") for n in range(10_000)])
    reset = []
    bench.list.rows.modelReset.connect(lambda: reset.append(1))
    start = time.perf_counter()
    bench.store.change(bench.store.annotations[5000].id, label="Renamed")
    bench.list.show_marks(bench.store, "head")
    assert reset == [], "one row is told, not all made anew"
    assert bench.names()[5000] == "Renamed"
    bench.list.search.setText("mark 77")
    assert len(bench.names()) == 280
    assert time.perf_counter() - start < 3, "tenths of a second, on a machine with nothing else to do"
