"""The open lesson: every edit is saved, told to the views, and can be taken back without limit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Side
from napari_vascular_loop.domain.errors import AnnotationError, LessonError, LessonSaveError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.store import Change, Edit, LessonStore

ARTICLE = "The loop touches the nerve. The nerve leaves the pons."
FOLDER = Path("lesson")


def mark(label: str, x: float = 0) -> Annotation:
    return Annotation(Point((x, 2, 3)), "tof", label, id=f"urn:test:{label}")


def lesson_of(*labels: str) -> Lesson:
    return Lesson("Loop", (LessonVolume("tof"),), ARTICLE, tuple(mark(label) for label in labels))


class Disk:
    """Stands for the lesson's folder."""

    def __init__(self) -> None:
        self.written: list[Lesson] = []
        self.full = False

    def write(self, lesson: Lesson) -> Path:
        if self.full:
            raise LessonSaveError("the disk is full")
        self.written.append(lesson)
        return FOLDER


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def store(disk: Disk) -> LessonStore:
    return LessonStore(lesson_of("a", "b", "c"), disk.write, FOLDER)


def heard(signal: Any) -> list[Any]:
    said: list[Any] = []
    signal.connect(said.append)
    return said


def labels(store: LessonStore) -> list[str]:
    return [annotation.label for annotation in store.annotations]


def a_change(store: LessonStore) -> None:
    store.change("urn:test:b", label="B", side=Side.LEFT)


EDITS = [
    pytest.param(lambda s: s.add(mark("d")), ["a", "b", "c", "d"], "add point", id="add"),
    pytest.param(lambda s: s.remove("urn:test:b"), ["a", "c"], "delete point", id="remove"),
    pytest.param(a_change, ["a", "B", "c"], "change", id="change"),
    pytest.param(lambda s: s.move("urn:test:b", Arrow((0, 0, 0), (1, 1, 1))), ["a", "b", "c"], "move", id="move"),
    pytest.param(lambda s: s.link("urn:test:b", 4, 8), ["a", "b", "c"], "link", id="link"),
]


@pytest.mark.parametrize(("edit", "expected", "title"), EDITS)
def test_every_edit_is_saved_told_and_can_be_taken_back_and_done_again(store, disk, edit, expected, title):
    original = store.lesson
    told = heard(store.annotations_changed)
    edit(store)
    edited = store.lesson
    assert edited != original
    assert labels(store) == expected
    assert disk.written == [edited]
    assert told == [("urn:test:d",) if title == "add point" else ("urn:test:b",)]
    assert (store.undo_title, store.redo_title) == (title, None)
    assert store.undo()
    assert store.lesson == original
    assert (store.undo_title, store.redo_title) == (None, title)
    assert store.redo()
    assert store.lesson == edited
    assert disk.written == [edited, original, edited]
    assert len(told) == 3


def test_order_is_restored(store):
    for one in "acb":
        store.remove(f"urn:test:{one}")
    assert labels(store) == []
    for expected in (["b"], ["b", "c"], ["a", "b", "c"]):
        store.undo()
        assert labels(store) == expected


def test_there_is_no_limit_to_undo(store):
    original = store.lesson
    for n in range(1000):
        store.change("urn:test:a", label=f"label {n}")
    while store.undo():
        pass
    assert store.lesson == original
    while store.redo():
        pass
    assert labels(store)[0] == "label 999"
    assert not store.redo()


def test_a_new_edit_ends_what_could_be_done_again(store):
    store.remove("urn:test:a")
    store.undo()
    a_change(store)
    assert store.redo_title is None
    assert not store.redo()
    assert labels(store) == ["a", "B", "c"]


def test_a_change_to_what_is_there_already_is_none(store, disk):
    store.change("urn:test:a", label="a", note="")
    assert store.undo_title is None
    assert disk.written == []


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: s.change("urn:none", label="x"),
        lambda s: s.remove("urn:none"),
        lambda s: s.select("urn:none"),
        lambda s: s.link("urn:none", 4, 8),
        lambda s: s.add(mark("a")),
        lambda s: s.link("urn:test:a", 3, 4),
    ],
    ids=["change", "remove", "select", "link", "add twice", "link no words"],
)
def test_an_edit_that_makes_no_sense_is_refused_and_changes_nothing(store, disk, edit):
    original = store.lesson
    with pytest.raises((LessonError, AnnotationError)):
        edit(store)
    assert store.lesson == original
    assert (store.undo_title, disk.written) == (None, [])


# ------------------------------------------------------------------ links


def test_links_are_listed_where_their_words_stand(store):
    passage = store.link("urn:test:b", 28, 37)
    store.link("urn:test:a", 3, 9)
    assert passage.exact == "The nerve"
    assert [(f.annotation_id, f.passage.exact) for f in store.passages()] == [
        ("urn:test:a", "loop"),
        ("urn:test:b", "The nerve"),
    ]
    store.unlink("urn:test:b", passage)
    assert [f.annotation_id for f in store.passages()] == ["urn:test:a"]
    store.undo()
    assert len(store.passages()) == 2


def test_the_same_passage_is_linked_once_to_a_mark_but_to_any_number_of_marks(store):
    store.link("urn:test:a", 4, 8)
    with pytest.raises(AnnotationError, match="'a' and this passage are linked already"):
        store.link("urn:test:a", 3, 9)
    store.link("urn:test:b", 4, 8)
    assert len(store.passages()) == 2


# ------------------------------------------------------------------ selection


def test_selection_follows_the_edits(store):
    told = heard(store.selection_changed)
    store.select("urn:test:b")
    assert store.selected is not None
    assert store.selected.label == "b"
    a_change(store)
    assert store.selected.label == "B"
    store.remove("urn:test:b")
    assert store.selected is None
    store.add(mark("d"))
    assert store.selected.label == "d"
    store.undo()
    assert store.selected is None
    assert told == ["urn:test:b", None, "urn:test:d", None]


def test_selecting_anew_tells_the_views_again(store):
    told = heard(store.selection_changed)
    store.select("urn:test:b")
    store.select("urn:test:b")
    store.select(None)
    assert told == ["urn:test:b", "urn:test:b", None]


# ------------------------------------------------------------------ saving


def test_when_saving_fails_all_stays_and_it_is_said(store, disk):
    told = heard(store.save_state_changed)
    a_change(store)
    disk.full = True
    store.add(mark("d"))
    assert labels(store) == ["a", "B", "c", "d"]
    assert [(state.saved, state.problem) for state in told] == [(True, ""), (False, "the disk is full")]
    assert store.save_state.at == told[0].at
    disk.full = False
    assert store.save().saved
    assert disk.written[-1] == store.lesson
    store.undo()
    store.undo()
    assert labels(store) == ["a", "b", "c"]


def test_a_lesson_without_a_folder_says_so():
    store = LessonStore(lesson_of("a"))
    assert store.save_state.saved
    store.remove("urn:test:a")
    assert not store.save_state.saved
    assert "no folder" in store.save_state.problem


# ------------------------------------------------------------------ edits as data


def test_an_edit_that_does_not_fit_is_refused():
    with pytest.raises(AnnotationError, match="before or after"):
        Change(None, None, 0)
    with pytest.raises(AnnotationError, match="can't turn one annotation into another"):
        Change(mark("a"), mark("b"), 0)


def test_the_inverse_of_an_edit_takes_its_changes_back_in_reverse():
    a, b = mark("a"), mark("b")
    edit = Edit("two", (Change(None, a, 0), Change(b, replace(b, label="B"), 1)))
    assert edit.inverse.inverse == edit
    assert [change.annotation_id for change in edit.inverse.changes] == [b.id, a.id]


# ------------------------------------------------------------------ any sequence

steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "change", "move", "link", "unlink", "undo", "redo", "select"]),
        st.integers(0, 9),
    ),
    max_size=40,
)


def do(store: LessonStore, step: str, number: int) -> None:
    chosen = store.annotations[number % len(store.annotations)] if store.annotations else None
    match step:
        case "add":
            store.add(Annotation(Point((number, 0, 0)), "tof", f"new {number}"))
        case "undo":
            store.undo()
        case "redo":
            store.redo()
        case _ if chosen is None:
            store.select(None)
        case "remove":
            store.remove(chosen.id)
        case "change":
            store.change(chosen.id, label=f"label {number}", side=Side.RIGHT)
        case "move":
            store.move(chosen.id, Point((1, number, 1)))
        case "link":
            if not chosen.passages:
                store.link(chosen.id, number, number + 6)
        case "unlink":
            if chosen.passages:
                store.unlink(chosen.id, chosen.passages[0])
        case "select":
            store.select(chosen.id)


@given(steps)
@settings(deadline=None)
def test_after_any_edits_undoing_all_gives_the_original_and_redoing_all_the_result(sequence):
    disk = Disk()
    original = lesson_of("a", "b", "c")
    store = LessonStore(original, disk.write)
    for step, number in sequence:
        do(store, step, number)
        assert store.selected is None or store.selected in store.annotations
        assert not disk.written or disk.written[-1] == store.lesson
    while store.redo():
        pass
    result = store.lesson
    count = 0
    while store.undo():
        count += 1
    assert store.lesson == original
    for _ in range(count):
        assert store.redo()
    assert store.lesson == result
