"""The open lesson: every edit is saved, told to the views, and can be taken back without limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keepers import Memory

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Side
from napari_vascular_loop.domain.errors import AnnotationError, LessonError, LessonReadOnlyError
from napari_vascular_loop.domain.fingerprint import Fingerprint
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.merge import Conflict, difference
from napari_vascular_loop.store import Change, Edit, Kept, LessonStore

ARTICLE = "The loop touches the nerve. The nerve leaves the pons."


def mark(label: str, x: float = 0) -> Annotation:
    return Annotation(Point((x, 2, 3)), "tof", label, id=f"urn:test:{label}")


def lesson_of(*labels: str) -> Lesson:
    return Lesson("Loop", (LessonVolume("tof"),), ARTICLE, tuple(mark(label) for label in labels))


@pytest.fixture
def disk() -> Memory:
    return Memory()


@pytest.fixture
def store(disk: Memory) -> LessonStore:
    return LessonStore(lesson_of("a", "b", "c"), disk)


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
    assert disk.kept == [edited]
    assert told == [("urn:test:d",) if title == "add point" else ("urn:test:b",)]
    assert (store.undo_title, store.redo_title) == (title, None)
    assert store.undo()
    assert store.lesson == original
    assert (store.undo_title, store.redo_title) == (None, title)
    assert store.redo()
    assert store.lesson == edited
    assert disk.kept == [edited, original, edited]
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
    assert disk.kept == []


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
    assert (store.undo_title, disk.kept) == (None, [])


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
    disk.is_full = True
    store.add(mark("d"))
    assert labels(store) == ["a", "B", "c", "d"]
    assert [state.saving for state in told] == [True, False, True, False]
    _, first, _, second = told
    assert [(state.saved, state.problem) for state in (first, second)] == [(True, ""), (False, "the disk is full")]
    assert store.save_state.at == first.at
    disk.is_full = False
    assert store.save().saved
    assert disk.kept[-1] == store.lesson
    assert disk.filed == 1
    assert [step.edit.title for step in disk.steps] == ["change", "add point"]
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
    disk = Memory()
    original = lesson_of("a", "b", "c")
    store = LessonStore(original, disk)
    for step, number in sequence:
        do(store, step, number)
        assert store.selected is None or store.selected in store.annotations
        assert not disk.kept or disk.kept[-1] == store.lesson
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


# ------------------------------------------------------------------ gestures, order, article, details


def test_a_gesture_is_one_edit(store, disk):
    original = store.lesson
    with store.gesture("place arrow"):
        store.add(mark("d"))
        with store.gesture("inner"):
            store.change("urn:test:d", label="D")
        store.link("urn:test:d", 4, 8)
        assert disk.steps == []
    assert [step.edit.title for step in disk.steps] == ["place arrow"]
    assert store.undo_title == "place arrow"
    result = store.lesson
    store.undo()
    assert store.lesson == original
    assert store.undo_title is None
    store.redo()
    assert store.lesson == result


def test_a_gesture_that_breaks_off_keeps_what_was_done(store, disk):
    def break_off() -> None:
        with store.gesture("two"):
            store.remove("urn:test:a")
            store.remove("urn:none")

    with pytest.raises(LessonError):
        break_off()
    assert labels(store) == ["b", "c"]
    assert [step.edit.title for step in disk.steps] == ["two"]
    store.undo()
    assert labels(store) == ["a", "b", "c"]


def test_a_gesture_in_which_nothing_is_done_is_none(store, disk):
    with store.gesture("nothing"):
        pass
    assert (store.undo_title, disk.steps) == (None, [])


@pytest.mark.parametrize(
    ("which", "place", "expected"),
    [("a", 2, "bca"), ("c", 0, "cab"), ("b", 0, "bac"), ("a", 99, "bca"), ("c", -5, "cab"), ("b", 1, "abc")],
)
def test_annotations_are_taught_in_another_order(store, which, place, expected):
    store.reorder(f"urn:test:{which}", place)
    assert "".join(labels(store)) == expected
    if expected != "abc":
        store.undo()
        assert "".join(labels(store)) == "abc"
        store.redo()
        assert "".join(labels(store)) == expected


def test_the_article_is_edited_and_views_are_told(store):
    told = []
    store.article_changed.connect(lambda: told.append(store.lesson.article))
    store.link("urn:test:a", 4, 8)
    store.edit_article(f"Look. {ARTICLE}")
    (found,) = store.passages()
    assert (found.span.start, found.span.end) == (10, 14)
    store.undo()
    assert store.lesson.article == ARTICLE
    assert told == [f"Look. {ARTICLE}", ARTICLE]


def test_the_lesson_itself_is_edited(store, disk):
    told = []
    store.details_changed.connect(lambda: told.append(store.lesson.title))
    store.edit_details(title="Hairpin", authors=("A. Teacher",))
    assert (store.lesson.title, store.lesson.authors) == ("Hairpin", ("A. Teacher",))
    store.edit_details(title="Hairpin")
    store.undo()
    assert (store.lesson.title, store.lesson.authors) == ("Loop", ())
    assert told == ["Hairpin", "Loop"]
    with pytest.raises(AnnotationError, match="a lesson's details are title"):
        store.edit_details(colour="red")
    assert len(disk.steps) == 2


def test_many_annotations_are_put_in_one_edit(store):
    original = store.lesson
    marks = [mark(f"n{n}") for n in range(50)]
    store.put_all([*marks[:20], replace(mark("b"), label="B"), store.annotations[0], *marks[20:]])
    store.put_all([])
    store.put_all([store.annotations[3]])
    assert labels(store) == ["a", "B", "c", *(f"n{n}" for n in range(50))]
    store.undo()
    assert store.lesson == original
    assert store.undo_title is None


# ------------------------------------------------------------------ other programs


def merged(store: LessonStore, **article: str) -> Kept:
    after = replace(store.lesson, **article)
    edit = difference(store.lesson, after, "changes made by another program")
    return Kept(after, (edit,))


def test_what_another_program_wrote_is_taken_in_and_can_be_taken_back(store, disk):
    a_change(store)
    disk.outside = merged(store, article="Theirs.")
    assert store.look_outside()
    assert not store.look_outside()
    assert store.lesson.article == "Theirs."
    assert labels(store) == ["a", "B", "c"]
    assert disk.kept[-1] == store.lesson
    store.undo()
    assert store.lesson.article == ARTICLE


def test_a_reader_changes_nothing_until_it_takes_over(disk):
    disk.reader_note = "open elsewhere by Anna"
    store = LessonStore(lesson_of("a"), disk)
    assert store.save_state.note == "open elsewhere by Anna"
    for edit in (a_change, lambda s: s.add(mark("x")), lambda s: s.edit_article("x")):
        with pytest.raises((LessonReadOnlyError, LessonError)):
            edit(store)
    disk.outside = merged(store, article="Theirs.")
    assert store.look_outside()
    assert (store.lesson.article, store.undo_title, disk.steps) == ("Theirs.", None, [])
    disk.other = Kept(lesson_of("a", "b"))
    told = heard(store.annotations_changed)
    store.take_over()
    assert labels(store) == ["a", "b"]
    assert told == [("urn:test:a", "urn:test:b")]
    store.add(mark("c"))
    assert disk.steps[-1].edit.title == "add point"


def test_another_teachers_copy_is_merged_in_one_edit(store, disk):
    base = store.lesson
    theirs = base.with_annotations((*base.annotations, mark("d")))
    a_change(store)
    assert store.merge(theirs, base, "merge Anna's lesson") == ()
    assert labels(store) == ["a", "B", "c", "d"]
    assert [step.edit.title for step in disk.steps] == ["change", "merge Anna's lesson"]
    (conflict,) = store.merge(theirs, None, "again")
    assert conflict.words == "the label of 'B': here 'B', there 'b'"
    assert labels(store) == ["a", "B", "c", "d"]


def test_a_lesson_on_another_volume_is_not_merged(store):
    volume = Fingerprint("ab" * 32, (2, 3, 4), tuple(map(tuple, np.eye(4))), None)
    other = replace(volume, voxels_sha256="cd" * 32)
    mine, theirs = (
        replace(store.lesson, volumes=(LessonVolume("tof", fingerprints=(one,)),)) for one in (volume, other)
    )
    with pytest.raises(LessonError, match="'tof' is another volume there"):
        LessonStore(mine).merge(theirs, None, "merge")


def test_conflicts_wait_until_somebody_chooses(store, disk):
    one = Conflict("urn:test:a", "label", "a", "a", "a", "A")
    other = Conflict("urn:test:b", "label", "b", "b", "b", "B")
    disk.outside = Kept(store.lesson, conflicts=(one, other))
    told = heard(store.conflicts_changed)
    store.look_outside()
    assert store.conflicts == disk.conflicts == (one, other)
    store.settle(one, theirs=True)
    store.settle(other, theirs=False)
    assert labels(store) == ["A", "b", "c"]
    assert store.conflicts == told[-1] == disk.conflicts == ()
    store.undo()
    assert labels(store) == ["a", "b", "c"]
