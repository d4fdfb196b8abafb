"""How marks are drawn: labels clear of each other, halos, leaders, sizes in pixels, what the mouse hits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from napari_vascular_loop.display.glyphs import SELECTED_COLOUR, rgba
from napari_vascular_loop.display.label_layout import CHARACTER_PX, HEIGHT_PX, MAX_LABELS
from napari_vascular_loop.display.mark_glyphs import glyphs_of, handles_of
from napari_vascular_loop.display.picking import HIT_PX, hit_distance_px
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import mark_on_slice
from napari_vascular_loop.domain.frame import DisplayFrame
from napari_vascular_loop.domain.space import Grid

# Axial slices of a 200 mm cube: on them (vertical, horizontal) is (A, R) mm.
FRAME = DisplayFrame(Grid((200, 200, 200), np.eye(4)))
MM_PER_PIXEL = 0.2
SEEN_MM = np.array([[20.0, 20.0], [180.0, 180.0]])


def on_slice(*annotations, slice_mm=100.0):
    marks = [mark_on_slice(annotation, FRAME, 0, slice_mm) for annotation in annotations]
    return [mark for mark in marks if mark.strokes]


def point(r, a, s=100.0, label="", **values):
    return Annotation(Point((r, a, s)), "head", label, **values)


def ink(glyphs):
    """The readable copy of each label, without its halo."""
    return [label for label in glyphs.labels if label.colour[:3] != (0.0, 0.0, 0.0)]


def box(label, mm_per_pixel=MM_PER_PIXEL):
    half = np.array([HEIGHT_PX, CHARACTER_PX * len(label.text)]) / 2 * mm_per_pixel
    return np.array([label.position_mm - half, label.position_mm + half])


def overlap(a, b):
    return bool((a[0] < b[1]).all() and (b[0] < a[1]).all())


def crowd(spread_mm, count=10):
    """Marks close together, as structures are at the root of a nerve."""
    places = np.random.default_rng(11).uniform(-spread_mm, spread_mm, (count, 2)) + 100
    names = ["Facial nerve root", "AICA", "Porus", "VIII", "Basilar artery", "Pons", "Loop (L)", "Vein", "V", "Sulcus"]
    return [point(r, a, label=name) for (r, a), name in zip(places, itertools.cycle(names), strict=False)]


@pytest.mark.parametrize("spread_mm", [0.5, 4.0, 12.0, 40.0])
@pytest.mark.parametrize("signs", [(-1, -1), (1, -1)])
def test_labels_of_ten_marks_do_not_overlap(spread_mm, signs):
    glyphs = glyphs_of(on_slice(*crowd(spread_mm)), MM_PER_PIXEL, None, *signs, SEEN_MM)
    labels = ink(glyphs)
    assert len(labels) == 10
    pairs = itertools.combinations(labels, 2)
    assert [(a.text, b.text) for a, b in pairs if overlap(box(a), box(b))] == []


def test_labels_stand_beside_marks_not_on_them():
    marks = crowd(12.0)
    glyphs = glyphs_of(on_slice(*marks), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    places = np.array([mark.geometry.position_ras_mm[1::-1] for mark in marks])
    for label in ink(glyphs):
        low, high = box(label)
        assert not ((places > low) & (places < high)).all(axis=1).any(), label.text


def test_the_label_of_a_lone_mark_is_near_it_and_needs_no_leader():
    glyphs = glyphs_of(on_slice(point(100, 100, label="Here")), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    (label,) = ink(glyphs)
    assert np.linalg.norm(label.position_mm - [100, 100]) < 60 * MM_PER_PIXEL
    assert glyphs.shapes == []


def test_a_label_that_was_moved_away_has_a_leader_back_to_its_mark():
    marks = crowd(0.5)
    glyphs = glyphs_of(on_slice(*marks), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    lines = [shape for shape in glyphs.shapes if shape.kind == "path"]
    ends = np.array([line.vertices_mm[-1] for line in lines])
    far = 0
    for mark, label in ((m, next(g for g in ink(glyphs) if g.text == m.label)) for m in marks):
        anchor = np.array(mark.geometry.position_ras_mm[1::-1])
        low, high = box(label)
        gap_px = np.linalg.norm(np.maximum(0, np.maximum(low - anchor, anchor - high))) / MM_PER_PIXEL
        if gap_px > 25:
            far += 1
            mine = [line for line, end in zip(lines, ends, strict=True) if np.allclose(end, anchor)]
            assert mine, mark.label
            start = mine[0].vertices_mm[0]
            slack = 5 * MM_PER_PIXEL
            assert ((start >= low - slack) & (start <= high + slack)).all(), "a leader begins at its label"
    assert far >= 3, "ten labels at one place can't all stand near it"


@pytest.mark.parametrize("place", [(180, 180), (20, 20), (179, 21), (100, 180)])
def test_labels_stay_on_screen(place):
    glyphs = glyphs_of(on_slice(point(*place, label="Long name of a place")), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    (label,) = ink(glyphs)
    low, high = box(label)
    assert (low >= SEEN_MM[0] - 1e-9).all()
    assert (high <= SEEN_MM[1] + 1e-9).all()


def test_a_mark_beyond_the_screen_has_no_label():
    glyphs = glyphs_of(on_slice(point(190, 100, label="Beyond")), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    assert glyphs.labels == []
    assert len(glyphs.dots) == 2


def test_each_label_has_a_dark_halo_beneath_it():
    glyphs = glyphs_of(on_slice(point(100, 100, label="Here")), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    *halo, top = glyphs.labels
    assert top.colour == rgba("#FFFFFF")
    assert len(halo) >= 4
    shifts = np.array([copy.position_mm - top.position_mm for copy in halo]) / MM_PER_PIXEL
    assert {copy.text for copy in halo} == {top.text}
    assert {copy.colour for copy in halo} == {rgba("#000000")}
    assert (shifts.min(axis=0) < 0).all(), "on both sides, above and below"
    assert (shifts.max(axis=0) > 0).all(), "on both sides, above and below"
    assert (np.abs(shifts) < 3).all()


def test_marks_without_words_have_no_label():
    assert glyphs_of(on_slice(point(100, 100, label="  ")), MM_PER_PIXEL, None).labels == []


def test_the_label_of_the_selected_mark_is_golden_and_shown_even_when_faded():
    mark = point(100, 100, s=102.0, label="Faded")
    assert glyphs_of(on_slice(mark), MM_PER_PIXEL, None).labels == []
    (label,) = ink(glyphs_of(on_slice(mark), MM_PER_PIXEL, mark.id))
    assert label.colour == rgba(SELECTED_COLOUR)


def test_the_selected_mark_is_drawn_last():
    first, second = point(100, 100), point(100, 100.5)
    glyphs = glyphs_of(on_slice(first, second), MM_PER_PIXEL, first.id)
    np.testing.assert_allclose(glyphs.dots[-1].position_mm, [100, 100])


def test_more_marks_than_can_be_read_lose_their_labels_not_themselves():
    marks = crowd(60.0, MAX_LABELS + 20)
    glyphs = glyphs_of(on_slice(*marks), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    assert len(ink(glyphs)) == MAX_LABELS
    assert len(glyphs.dots) == 2 * len(marks)


@pytest.mark.parametrize("mm_per_pixel", [0.02, 0.2, 1.0])
def test_sizes_are_in_screen_pixels_whatever_the_zoom(mm_per_pixel):
    arrow = Annotation(Arrow((60.0, 100.0, 100.0), (140.0, 100.0, 100.0)), "head")
    outline = glyphs_of(on_slice(arrow), mm_per_pixel, None).shapes[0].vertices_mm
    width_px = np.ptp(outline[:, 0]) / mm_per_pixel
    assert 20 < width_px < 35
    dot = glyphs_of(on_slice(point(100, 100)), mm_per_pixel, None).dots[0]
    assert 8 < dot.size_mm / mm_per_pixel < 20
    path = Annotation(Path(((60.0, 100.0, 100.0), (140.0, 100.0, 100.0))), "head")
    assert 1.5 < glyphs_of(on_slice(path), mm_per_pixel, None).shapes[-1].edge_width_mm / mm_per_pixel < 6


@pytest.mark.parametrize("selected", [False, True])
def test_the_tip_of_an_arrow_is_where_it_was_placed(selected):
    arrow = Annotation(Arrow((60.0, 80.0, 100.0), (140.0, 120.0, 100.0)), "head")
    glyphs = glyphs_of(on_slice(arrow), MM_PER_PIXEL, arrow.id if selected else None)
    vertices = np.vstack([shape.vertices_mm for shape in glyphs.shapes])
    along = np.array([40.0, 80.0]) / np.hypot(40, 80)
    np.testing.assert_allclose(vertices[np.argmax(vertices @ along)], [120.0, 140.0])


def test_opacity_reaches_the_glyphs():
    near, far = point(100, 100), point(100, 100, s=102.5)
    (a, _), (b, _) = (glyphs_of(on_slice(mark), MM_PER_PIXEL, None).dots for mark in (near, far))
    assert a.face[3] == 1.0
    assert 0.35 <= b.face[3] < 0.7


def test_marks_of_other_slices_draw_nothing():
    assert glyphs_of(on_slice(point(100, 100, s=110.0, label="Elsewhere")), MM_PER_PIXEL, None).is_empty


def test_handles_stand_on_the_vertices():
    vertices = np.array([[1.0, 2.0], [3.0, 4.0]])
    handles = handles_of(vertices, MM_PER_PIXEL)
    np.testing.assert_array_equal([handle.position_mm for handle in handles], vertices)
    assert all(handle.size_mm / MM_PER_PIXEL >= HIT_PX for handle in handles)


# ---------------------------------------------------------------- what the mouse hits

SQUARE = ((90.0, 90.0, 100.0), (110.0, 90.0, 100.0), (110.0, 110.0, 100.0), (90.0, 110.0, 100.0))


@pytest.mark.parametrize(
    ("geometry", "place", "expected_mm"),
    [
        # Places are (A, R).
        (Point((100.0, 90.0, 100.0)), (90.0, 100.0), 0.0),
        (Point((100.0, 90.0, 100.0)), (93.0, 104.0), 5.0),
        (Arrow((90.0, 90.0, 100.0), (110.0, 90.0, 100.0)), (90.0, 100.0), 0.0),
        (Arrow((90.0, 90.0, 100.0), (110.0, 90.0, 100.0)), (92.0, 100.0), 2.0),
        (Arrow((90.0, 90.0, 100.0), (110.0, 90.0, 100.0)), (93.0, 114.0), 5.0),
        (Path(SQUARE), (100.0, 90.0), 10.0),  # open: the side between the last and the first corner isn't there
        (Region(SQUARE), (100.0, 90.0), 0.0),  # closed: it is
        (Region(SQUARE), (100.0, 100.0), 10.0),  # the inside of an outline belongs to what is beneath it
    ],
)
def test_distance_to_a_mark(geometry, place, expected_mm):
    (mark,) = on_slice(Annotation(geometry, "head"))
    assert hit_distance_px(mark, np.array(place), MM_PER_PIXEL) == pytest.approx(expected_mm / MM_PER_PIXEL)


def test_distance_to_a_mark_that_is_not_on_the_slice_is_infinite():
    mark = mark_on_slice(point(100, 100, s=150.0), FRAME, 0, 100.0)
    assert hit_distance_px(mark, np.array([100.0, 100.0]), MM_PER_PIXEL) == np.inf
