"""Merging: what two people did to one lesson is in the result, and what both did to the same thing is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Side
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.edit import Change, Edit, OrderChange, apply
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.merge import Conflict, difference, merge
from napari_vascular_loop.domain.text_merge import merge_texts

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
ARTICLE = "First line.\nSecond line.\nThird line.\n"


def mark(label: str, x: float = 0, **values: Any) -> Annotation:
    times = {"created": NOON, "modified": NOON}
    return Annotation(Point((x, 2, 3)), "tof", label, id=f"urn:test:{label}", **times, **values)


def lesson_of(*labels: str, **values: Any) -> Lesson:
    return Lesson("Loop", (LessonVolume("tof"),), ARTICLE, tuple(mark(label) for label in labels), **values)


def changed(lesson: Lesson, which: str, /, **values: Any) -> Lesson:
    return lesson.with_annotations(
        tuple(replace(a, **values) if a.id == f"urn:test:{which}" else a for a in lesson.annotations)
    )


def without(lesson: Lesson, label: str) -> Lesson:
    return lesson.with_annotations(tuple(a for a in lesson.annotations if a.id != f"urn:test:{label}"))


def with_mark(lesson: Lesson, label: str, place: int | None = None) -> Lesson:
    annotations = list(lesson.annotations)
    annotations.insert(len(annotations) if place is None else place, mark(label))
    return lesson.with_annotations(tuple(annotations))


def ids(lesson: Lesson) -> str:
    return "".join(annotation.id.removeprefix("urn:test:") for annotation in lesson.annotations)


BASE = lesson_of("a", "b", "c")


def test_what_either_did_is_in_the_result():
    ours = with_mark(changed(BASE, "a", label="A", side=Side.LEFT), "x")
    theirs = without(changed(BASE, "a", note="Theirs"), "c")
    merged = merge(BASE, ours, theirs)
    assert merged.conflicts == ()
    assert ids(merged.lesson) == "abx"
    first = merged.lesson.annotations[0]
    assert (first.label, first.side, first.note) == ("A", Side.LEFT, "Theirs")


def test_merging_is_the_same_from_both_sides_where_nothing_conflicts():
    ours, theirs = changed(BASE, "a", label="A"), with_mark(changed(BASE, "b", grade="mild"), "x", 1)
    one, other = merge(BASE, ours, theirs), merge(BASE, theirs, ours)
    assert one.lesson == other.lesson
    assert ids(one.lesson) == "axbc"


def test_what_both_changed_stays_as_it_is_here_and_is_said():
    arrow = Arrow((1, 2, 3), (4, 5, 6))
    ours = changed(BASE, "a", label="Ours", geometry=arrow)
    theirs = changed(BASE, "a", label="Theirs", geometry=Point((9, 9, 9)), note="More")
    merged = merge(BASE, ours, theirs)
    first = merged.lesson.annotations[0]
    assert (first.label, first.geometry, first.note) == ("Ours", arrow, "More")
    place, label = merged.conflicts
    assert label == Conflict("urn:test:a", "label", "Ours", "a", "Ours", "Theirs")
    assert label.words == "the label of 'Ours': here 'Ours', there 'Theirs'"
    assert place.words == "the place of 'Ours': here arrow at 4.0, 5.0, 6.0 mm, there point at 9.0, 9.0, 9.0 mm"
    for conflict in merged.conflicts:
        edit = conflict.edit_to_theirs(merged.lesson)
        assert edit is not None
        merged = replace(merged, lesson=apply(edit, merged.lesson))
    first = merged.lesson.annotations[0]
    assert (first.label, first.geometry, first.note) == ("Theirs", Point((9, 9, 9)), "More")


@pytest.mark.parametrize("deleted_here", [True, False])
def test_a_mark_that_one_deleted_and_the_other_changed_stays(deleted_here):
    sides = (without(BASE, "b"), changed(BASE, "b", label="B"))
    ours, theirs = sides if deleted_here else sides[::-1]
    merged = merge(BASE, ours, theirs)
    assert [a.label for a in merged.lesson.annotations] == ["a", "B", "c"]
    (conflict,) = merged.conflicts
    assert conflict.member == "deleted"
    assert ("deleted here and changed there" in conflict.words) == deleted_here
    edit = conflict.edit_to_theirs(merged.lesson)
    assert edit is not None
    assert ids(apply(edit, merged.lesson)) == ("abc" if deleted_here else "ac")


def test_links_of_both_are_kept_and_what_one_untied_is_untied():
    one, two, three = (passage_at(ARTICLE, *span) for span in ((0, 5), (12, 18), (25, 30)))
    base = changed(BASE, "a", passages=(one,))
    merged = merge(base, changed(base, "a", passages=(one, two)), changed(base, "a", passages=(three,)))
    assert merged.lesson.annotations[0].passages == (two, three)
    assert merged.conflicts == ()


def test_what_this_program_does_not_know_of_a_mark_comes_along():
    theirs = changed(BASE, "a", foreign={"rating": 5})
    merged = merge(BASE, BASE, theirs)
    assert merged.lesson.annotations[0].foreign == {"rating": 5}
    edit = difference(BASE, merged.lesson, "outside")
    assert edit is not None
    assert apply(edit, BASE).annotations[0].foreign == {"rating": 5}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("abc", "cab", "cab"),
        ("bac", "abc", "bac"),
        ("bac", "cab", "bac"),
        ("abxc", "yabc", "yabxc"),
        ("ac", "xabc", "xac"),
    ],
)
def test_order(ours, theirs, expected):
    assert ids(merge(BASE, lesson_of(*ours), lesson_of(*theirs)).lesson) == expected


def test_without_a_base_what_only_one_has_is_taken_and_what_differs_is_said():
    ours = changed(lesson_of("a", "b"), "a", note="Ours")
    theirs = changed(changed(lesson_of("a", "c"), "a", label="Other"), "a", side=Side.RIGHT)
    merged = merge(None, ours, theirs)
    assert ids(merged.lesson) == "acb"
    first = merged.lesson.annotations[0]
    assert (first.note, first.side, first.label) == ("Ours", Side.RIGHT, "a")
    assert [conflict.member for conflict in merged.conflicts] == ["label"]


def test_details_of_the_lesson():
    ours, theirs = replace(BASE, title="Ours", notice="n"), replace(BASE, title="Theirs", licence="CC0-1.0")
    merged = merge(BASE, ours, theirs)
    assert (merged.lesson.title, merged.lesson.notice, merged.lesson.licence) == ("Ours", "n", "CC0-1.0")
    (conflict,) = merged.conflicts
    assert conflict.words == "the lesson's title: here 'Ours', there 'Theirs'"
    edit = conflict.edit_to_theirs(merged.lesson)
    assert edit is not None
    assert apply(edit, merged.lesson).title == "Theirs"


def test_volumes_that_either_added_are_there():
    tof = BASE.volumes[0]
    ours = replace(BASE, volumes=(tof, LessonVolume("ciss")))
    theirs = replace(BASE, volumes=(tof, LessonVolume("t1")))
    assert [v.id for v in merge(BASE, ours, theirs).lesson.volumes] == ["tof", "ciss", "t1"]


# ------------------------------------------------------------------ text


@pytest.mark.parametrize(
    ("ours", "theirs", "expected", "conflicts"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n", 0),
        ("A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n", 0),
        ("a\nX\nc\n", "a\nY\nc\n", "a\nX\nc\n", 1),
        ("a\nX\nc\n", "a\nX\nc\n", "a\nX\nc\n", 0),
        ("a\nc\n", "a\nb\nc\nd\n", "a\nc\nd\n", 0),
        ("", "a\nb\nc\n", "", 0),
        ("0\na\nb\nc\n", "a\nb\nc\n9", "0\na\nb\nc\n9", 0),
        ("a\nc\n", "a\nB\nc\n", "a\nc\n", 1),
    ],
)
def test_texts(ours, theirs, expected, conflicts):
    text, said = merge_texts("a\nb\nc\n", ours, theirs)
    assert text == expected
    assert len(said) == conflicts


def test_a_conflict_in_the_article_can_be_settled_either_way():
    ours, theirs = (replace(BASE, article=ARTICLE.replace("Second", word)) for word in ("Ours", "Theirs"))
    merged = merge(BASE, ours, theirs)
    assert merged.lesson.article == ours.article
    (conflict,) = merged.conflicts
    edit = conflict.edit_to_theirs(merged.lesson)
    assert edit is not None
    assert apply(edit, merged.lesson).article == theirs.article


texts = st.text("ab\n", max_size=20)


@given(texts, texts, texts)
@settings(deadline=None)
def test_any_texts(base, ours, theirs):
    assert merge_texts(base, ours, base) == (ours, ())
    assert merge_texts(base, base, theirs) == (theirs, ())
    assert merge_texts(base, ours, ours) == (ours, ())
    text, conflicts = merge_texts(base, ours, theirs)
    lines = set(text.splitlines())
    for line in ours.splitlines():
        assert line in lines or line in base.splitlines(), "a line that only we have is gone"
    if not conflicts:
        for line in theirs.splitlines():
            assert line in lines or line in base.splitlines(), "a line that only they have is gone"


# ------------------------------------------------------------------ differences as edits

labels = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


@given(labels, labels, st.sampled_from(["", "A text.\n", ARTICLE]), st.sampled_from(["Loop", "Other"]))
@settings(deadline=None)
def test_the_difference_turns_one_lesson_into_the_other_and_back(before, after, article, title):
    one = lesson_of(*before)
    other = replace(lesson_of(*after), article=article, title=title)
    other = changed(other, "b", label="changed")
    edit = difference(one, other, "x")
    assert (edit is None) == (one == other)
    if edit is not None:
        assert apply(edit, one) == other
        assert apply(edit.inverse, other) == one


@given(labels, labels, labels)
@settings(deadline=None)
def test_any_merge_holds_what_either_added_and_nothing_that_either_deleted(base, ours, theirs):
    merged = merge(lesson_of(*base), lesson_of(*ours), lesson_of(*theirs))
    expected = (set(ours) & set(theirs)) | (set(ours) - set(base)) | (set(theirs) - set(base))
    assert set(ids(merged.lesson)) == expected
    assert merged.conflicts == ()
    assert merge(lesson_of(*base), merged.lesson, merged.lesson).lesson == merged.lesson


# ------------------------------------------------------------------ edits


def test_an_edit_of_many_changes_is_as_its_changes_one_by_one():
    names = [f"m{n}" for n in range(60)]
    lesson = lesson_of(*names)
    changes = [
        *(Change(mark(name), mark(name, x=1), n) for n, name in enumerate(names) if n % 3 == 0),
        Change(mark("m5"), None, 5),
        OrderChange("urn:test:m20", 19, 2),
        *(Change(None, mark(f"new{n}"), 59 + n) for n in range(30)),
        Change(mark("new29"), None, 88),
        Change(mark("m30", x=1), mark("m30", x=2), 0),
    ]
    together = apply(Edit("all", tuple(changes)), lesson)
    for change in changes:
        lesson = apply(Edit("one", (change,)), lesson)
    assert together == lesson
    assert apply(Edit("all", tuple(changes)).inverse, together) == lesson_of(*names)
