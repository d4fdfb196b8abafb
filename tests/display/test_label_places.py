"""Labels while one goes through the slices: they stay where they stood, and give way to what comes beneath them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from gestures import drawn, lesson_on
from rooms import head_volume

from napari_vascular_loop.display import label_places, mark_glyphs
from napari_vascular_loop.display.label_pictures import LabelPictures
from napari_vascular_loop.display.label_places import LabelPlaces
from napari_vascular_loop.display.mark_style import DARK
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point
from napari_vascular_loop.domain.drawn_marks import DrawnMarks
from napari_vascular_loop.domain.frame import DisplayFrame
from napari_vascular_loop.domain.space import Grid

FRAME = DisplayFrame(Grid((200, 200, 200), np.eye(4)))
MM_PER_PIXEL = 0.2
SEEN_MM = np.array([[20.0, 20.0], [180.0, 180.0]])
PICTURES = LabelPictures(DARK.letter_px)


def labels_on(slices_mm, annotations, selected_id=None):
    """Labels of each of some slices that are gone through, by their texts."""
    before, drawn = LabelPlaces(), DrawnMarks(annotations, FRAME)
    seen = []
    for slice_mm in slices_mm:
        marks = drawn.on_slice(0, slice_mm)
        glyphs, _ = mark_glyphs.labels_of(
            marks, MM_PER_PIXEL, selected_id, -1, -1, SEEN_MM, size_px=PICTURES.size_px, before=before
        )
        seen.append({label.text: label.place_mm for label in glyphs.labels})
    return seen


def a_crowd(count=120):
    """Arrows that come and go from slice to slice, thick as at the root of a nerve."""
    rng = np.random.default_rng(8)
    places = rng.uniform((60, 60, 95), (140, 140, 105), (count, 3))
    return [
        Annotation(Arrow((r + 6, a + 4, s), (r, a, s)), "head", f"Branch {n}") for n, (r, a, s) in enumerate(places)
    ]


def box(text, place_mm):
    half = np.array(PICTURES.size_px(text)) / 2 * MM_PER_PIXEL
    return place_mm - half, place_mm + half


def test_a_label_stands_still_while_its_mark_is_on_the_slices_that_are_gone_through():
    of_slices = labels_on(np.arange(97, 103), a_crowd())
    stayed = moved = 0
    for before, after in itertools.pairwise(of_slices):
        for text in before.keys() & after.keys():
            same = np.array_equal(before[text], after[text])
            stayed, moved = stayed + same, moved + (not same)
    assert stayed > 20
    assert moved < stayed / 5, "only those beneath which a mark has come"


def test_on_no_slice_a_label_covers_another_or_the_tip_of_an_arrow():
    annotations = a_crowd()
    slices_mm = np.arange(97, 103)
    for slice_mm, labels in zip(slices_mm, labels_on(slices_mm, annotations), strict=True):
        assert labels
        boxes = [box(text, place) for text, place in labels.items()]
        for (low, high), (other_low, other_high) in itertools.combinations(boxes, 2):
            assert not ((low < other_high) & (other_low < high)).all()
        for mark in DrawnMarks(annotations, FRAME).on_slice(0, slice_mm):
            tip = mark.strokes[0].vertices_mm[1]
            assert not any(((tip > low) & (tip < high)).all() for low, high in boxes), mark.annotation.label


def test_a_label_gives_way_to_a_mark_that_comes_beneath_it():
    staying = Annotation(Point((100.0, 100.0, 100.0)), "head", "Facial nerve")
    (alone,) = labels_on([100], [staying])
    vertical, horizontal = alone["Facial nerve"]
    through = Path(
        ((horizontal - 8, vertical, 101.0), (horizontal + 8, vertical, 101.0), (horizontal, vertical, 101.0))
    )
    first, second = labels_on([96.9, 100.9], [staying, Annotation(through, "head", "")], staying.id)
    assert np.array_equal(first["Facial nerve"], alone["Facial nerve"])
    low, high = box("Facial nerve", second["Facial nerve"])
    assert not (low[0] < vertical < high[0]) or abs(second["Facial nerve"][1] - horizontal) > 8


def texts_in_a_hurry(before, drawn, slice_mm, hurried=True, mm_per_pixel=MM_PER_PIXEL):
    marks = drawn.on_slice(0, slice_mm)
    glyphs, wait = mark_glyphs.labels_of(
        marks, mm_per_pixel, None, -1, -1, SEEN_MM, size_px=PICTURES.size_px, before=before, hurried=hurried
    )
    return {label.text: tuple(label.place_mm) for label in glyphs.labels}, wait


def test_in_a_hurry_labels_stay_and_new_ones_come_when_it_is_over(monkeypatch):
    monkeypatch.setattr(label_places, "_WEIGHED_EVERY_S", 60.0)
    before, drawn = LabelPlaces(), DrawnMarks(a_crowd(), FRAME)
    first, wait = texts_in_a_hurry(before, drawn, 99)
    assert first, "the first slice is laid out in any case"
    assert not wait
    second, wait = texts_in_a_hurry(before, drawn, 100)
    assert wait
    assert second.items() < first.items(), "those of the slice before, less the marks that are gone"
    rested, wait = texts_in_a_hurry(before, drawn, 100, hurried=False)
    assert not wait
    assert rested.keys() - first.keys(), "marks that came into view"


def test_labels_do_not_wait_where_marks_are_few_or_the_view_is_another_or_time_has_gone_by(monkeypatch):
    monkeypatch.setattr(label_places, "_WEIGHED_EVERY_S", 60.0)
    few = DrawnMarks(a_crowd(12), FRAME)
    places = LabelPlaces()
    assert not any(texts_in_a_hurry(places, few, slice_mm)[1] for slice_mm in range(97, 103))
    many, places = DrawnMarks(a_crowd(), FRAME), LabelPlaces()
    texts_in_a_hurry(places, many, 99)
    assert texts_in_a_hurry(places, many, 100)[1]
    assert not texts_in_a_hurry(places, many, 100, mm_per_pixel=0.1)[1]
    assert texts_in_a_hurry(places, many, 101, mm_per_pixel=0.1)[1]
    monkeypatch.setattr(label_places, "_WEIGHED_EVERY_S", 0.0)
    assert not texts_in_a_hurry(places, many, 101, mm_per_pixel=0.1)[1]


@pytest.mark.parametrize(
    ("text", "mm_per_pixel", "r_mm"),
    [("The nerve's whole root", 0.2, 22.0), ("Nerve", 0.1, 22.0), ("Nerve", 0.2, 60.0)],
)
def test_a_label_is_laid_out_anew_when_it_or_its_place_or_the_view_is_another(text, mm_per_pixel, r_mm):
    def place_of(text, mm_per_pixel, r_mm, before):
        mark = Annotation(Point((r_mm, 100.0, 100.0)), "head", text, id="urn:uuid:1")
        marks, sizes = DrawnMarks([mark], FRAME).on_slice(0, 100.0), PICTURES.size_px
        glyphs, _ = mark_glyphs.labels_of(marks, mm_per_pixel, None, -1, -1, SEEN_MM, size_px=sizes, before=before)
        return glyphs.labels[0].place_mm

    before = LabelPlaces()
    # Near the edge, where a label stands as far from it as its words are long.
    stood = place_of("Nerve", 0.2, 22.0, before)
    now = place_of(text, mm_per_pixel, r_mm, before)
    assert not np.array_equal(now, stood)
    np.testing.assert_array_equal(now, place_of(text, mm_per_pixel, r_mm, LabelPlaces()))


@pytest.mark.gui
def test_who_goes_through_many_marks_sees_all_labels_once_at_rest(make_panel, viewer, qtbot, monkeypatch):
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel

    monkeypatch.setattr(label_places, "_WEIGHED_EVERY_S", 60.0)
    panel, volume = make_panel(LessonPanel), head_volume()
    panel.scene.show_volume(volume)
    rng = np.random.default_rng(4)
    places = rng.uniform((5, 5, 8), (34, 38, 15), (200, 3)) @ volume.voxel_to_ras[:3, :3].T + volume.voxel_to_ras[:3, 3]
    marks = [Annotation(Point(tuple(place)), "head", f"Branch {n}") for n, place in enumerate(places)]
    panel.show_lesson(lesson_on(volume, *marks), None)
    for slice_number in (9, 10, 11, 12):
        viewer.dims.set_current_step(0, slice_number)
    going = len(drawn(viewer))
    qtbot.waitUntil(lambda: len(drawn(viewer)) > going, timeout=3000)
    at_rest = len(drawn(viewer))
    panel.scene.redraw()
    assert len(drawn(viewer)) == at_rest, "nothing was missing"
    viewer.dims.set_current_step(0, 11)
    panel.close()
    qtbot.wait(200)
