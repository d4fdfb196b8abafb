"""How marks are drawn: labels clear of each other, halos, leaders, sizes in pixels, what the mouse hits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from napari_vascular_loop.display import mark_glyphs
from napari_vascular_loop.display.label_layout import MAX_LABELS
from napari_vascular_loop.display.label_pictures import LabelPictures
from napari_vascular_loop.display.mark_glyphs import handles_of
from napari_vascular_loop.display.mark_mesh import quads_of
from napari_vascular_loop.display.mark_sprites import Sprite
from napari_vascular_loop.display.mark_style import DARK, LIGHT, SELECTED_COLOUR, rgba
from napari_vascular_loop.display.picking import HIT_PX, hit_distance_px
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawn_marks import mark_on_slice
from napari_vascular_loop.domain.frame import DisplayFrame
from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice
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


PICTURES = LabelPictures(DARK.letter_px)


def glyphs_of(marks, mm_per_pixel, selected_id, *args, **keywords):
    glyphs, _ = mark_glyphs.labels_of(
        MarksOnSlice.of(marks), mm_per_pixel, selected_id, *args, size_px=PICTURES.size_px, **keywords
    )
    mark_glyphs.add_marks(glyphs, marks, selected_id)
    return glyphs


def mesh_of(glyphs):
    return quads_of(glyphs, {label.text: Sprite(0, 0, 40, 100) for label in glyphs.labels})


def box(label, mm_per_pixel=MM_PER_PIXEL):
    half = np.array(PICTURES.size_px(label.text)) / 2 * mm_per_pixel
    return np.array([label.place_mm - half, label.place_mm + half])


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
    labels = glyphs.labels
    assert len(labels) == 10
    pairs = itertools.combinations(labels, 2)
    assert [(a.text, b.text) for a, b in pairs if overlap(box(a), box(b))] == []


def test_labels_stand_beside_marks_not_on_them():
    marks = crowd(12.0)
    glyphs = glyphs_of(on_slice(*marks), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    places = np.array([mark.geometry.position_ras_mm[1::-1] for mark in marks])
    for label in glyphs.labels:
        low, high = box(label)
        assert not ((places > low) & (places < high)).all(axis=1).any(), label.text


def test_the_label_of_a_lone_mark_is_near_it_and_needs_no_leader():
    glyphs = glyphs_of(on_slice(point(100, 100, label="Here")), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    (label,) = glyphs.labels
    assert np.linalg.norm(label.place_mm - [100, 100]) < 60 * MM_PER_PIXEL
    assert glyphs.lines == []


def test_a_label_that_was_moved_away_has_a_leader_back_to_its_mark():
    marks = crowd(0.5)
    glyphs = glyphs_of(on_slice(*marks), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    lines = glyphs.lines
    ends = np.array([line.vertices_mm[-1] for line in lines])
    far = 0
    for mark, label in ((m, next(g for g in glyphs.labels if g.text == m.label)) for m in marks):
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
    (label,) = glyphs.labels
    low, high = box(label)
    assert (low >= SEEN_MM[0] - 1e-9).all()
    assert (high <= SEEN_MM[1] + 1e-9).all()


def test_a_long_label_is_cut_to_a_small_view_and_stays_within_it():
    small = np.array([[90.0, 90.0], [110.0, 110.0]])
    mark = point(100, 100, label="Anterior inferior cerebellar artery")
    (label,) = glyphs_of(on_slice(mark), MM_PER_PIXEL, None, -1, -1, small).labels
    assert label.text.endswith("…")
    assert label.text.startswith("Anter")
    low, high = box(label)
    assert (low >= small[0] - 1e-9).all()
    assert (high <= small[1] + 1e-9).all()


def test_a_mark_beyond_the_screen_has_no_label():
    glyphs = glyphs_of(on_slice(point(190, 100, label="Beyond")), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    assert glyphs.labels == []
    assert len(glyphs.points) == 1


def test_letters_are_white_with_a_dark_halo_on_all_sides():
    bright, cover = (PICTURES.picture("Här")[..., n].astype(float) for n in (0, 1))
    ink, halo = bright * cover > 200 * 200, (cover > 120) & (bright < 60)
    assert ink.any()
    for axis in (0, 1):
        for shift in (-3, 3):
            beside = np.roll(ink, shift, axis) & ~ink
            assert (halo | (bright > 60))[beside].mean() > 0.8, "dark, or another letter"
    assert cover[0].max() == cover[-1].max() == cover[:, 0].max() == cover[:, -1].max() == 0


def test_words_in_other_scripts_have_letters():
    for text in ("лицевой нерв", "νεῦρον"):
        assert np.count_nonzero(PICTURES.picture(text)[..., 0] > 200) > 30, text


def test_all_labels_are_equally_high_and_longer_words_wider():
    assert PICTURES.picture("x").shape[0] == PICTURES.picture("Ågq|").shape[0]
    assert PICTURES.size_px("Facial nerve root")[1] > 2 * PICTURES.size_px("Pons")[1]


def test_marks_without_words_have_no_label():
    assert glyphs_of(on_slice(point(100, 100, label="  ")), MM_PER_PIXEL, None).labels == []


def test_the_label_of_the_selected_mark_is_golden_and_shown_even_when_faded():
    mark = point(100, 100, s=102.0, label="Faded")
    assert glyphs_of(on_slice(mark), MM_PER_PIXEL, None).labels == []
    (label,) = glyphs_of(on_slice(mark), MM_PER_PIXEL, mark.id).labels
    assert label.colour == rgba(SELECTED_COLOUR)


def test_the_selected_mark_is_drawn_last():
    first, second = point(100, 100), point(100, 100.5)
    quads = mesh_of(glyphs_of(on_slice(first, second), MM_PER_PIXEL, first.id))
    np.testing.assert_allclose(quads.corners_mm[-1].mean(axis=0), [100, 100])
    np.testing.assert_allclose(quads.corners_mm[0].mean(axis=0), [100.5, 100])


def test_of_two_marks_that_cross_the_later_covers_the_earlier_with_rim_and_all():
    path = Annotation(Path(((60.0, 100.0, 100.0), (90.0, 100.0, 100.0), (140.0, 100.0, 100.0))), "head")
    glyphs = glyphs_of(on_slice(path, point(100, 100), path.changed(id="urn:uuid:2")), MM_PER_PIXEL, None)
    assert mesh_of(glyphs).marks.tolist() == [0] * 2 + [1] * 3 + [2] * 2


def test_more_marks_than_can_be_read_lose_their_labels_not_themselves():
    marks = crowd(60.0, MAX_LABELS + 20)
    glyphs = glyphs_of(on_slice(*marks), MM_PER_PIXEL, None, -1, -1, SEEN_MM)
    assert MAX_LABELS / 2 < len(glyphs.labels) <= MAX_LABELS
    assert len(glyphs.points) == len(marks)


@pytest.mark.parametrize("count", [20, 60])
def test_in_a_crowd_no_label_covers_another_or_the_tip_of_an_arrow(count):
    rng = np.random.default_rng(5)
    marks = []
    for n, (r, a) in enumerate(rng.uniform(85, 115, (count, 2))):
        arrow = Arrow((r + 9.0, a + 5.0, 100.0), (r, a, 100.0))
        marks.append(Annotation(arrow, "head", f"Branch {n} of the artery"))
    labels = glyphs_of(on_slice(*marks), MM_PER_PIXEL, None, -1, -1, SEEN_MM).labels
    assert labels
    assert not any(overlap(box(a), box(b)) for a, b in itertools.combinations(labels, 2))
    tips = np.array([mark.geometry.tip_ras_mm[1::-1] for mark in marks])
    for label in labels:
        low, high = box(label)
        assert not ((tips > low) & (tips < high)).all(axis=1).any(), label.text


def test_the_selected_mark_keeps_its_label_where_there_is_no_room():
    marks = [point(100, 100, label=f"One of many places {n}") for n in range(80)]
    glyphs = glyphs_of(on_slice(*marks), MM_PER_PIXEL, marks[40].id, -1, -1, SEEN_MM)
    assert "One of many places 40" in {label.text for label in glyphs.labels}
    assert len(glyphs.labels) < MAX_LABELS


@pytest.mark.parametrize("mm_per_pixel", [0.02, 0.2, 1.0])
def test_sizes_are_in_screen_pixels_whatever_the_zoom(mm_per_pixel):
    arrow = Annotation(Arrow((60.0, 100.0, 100.0), (140.0, 100.0, 100.0)), "head")
    path = Annotation(Path(((60.0, 100.0, 100.0), (90.0, 100.0, 100.0), (140.0, 100.0, 100.0))), "head")
    for mark, low_px, high_px in ((arrow, 20, 35), (point(100, 100), 12, 20), (path, 4, 9)):
        corners = mesh_of(glyphs_of(on_slice(mark), mm_per_pixel, None)).corners_mm
        assert low_px < np.ptp(corners[..., 0]) / mm_per_pixel < high_px, mark.geometry.kind


@pytest.mark.parametrize("selected", [False, True])
def test_the_tip_of_an_arrow_is_where_it_was_placed(selected):
    arrow = Annotation(Arrow((60.0, 80.0, 100.0), (140.0, 120.0, 100.0)), "head")
    glyphs = glyphs_of(on_slice(arrow), MM_PER_PIXEL, arrow.id if selected else None)
    vertices = mesh_of(glyphs).corners_mm.reshape(-1, 2)
    along = np.array([40.0, 80.0]) / np.hypot(40, 80)
    foremost = vertices[np.isclose(vertices @ along, (vertices @ along).max())]
    np.testing.assert_allclose(foremost.mean(axis=0), np.array([120.0, 140.0]) + along * MM_PER_PIXEL, atol=0.02)


def test_a_corner_of_a_line_is_as_wide_as_its_sides():
    path = Annotation(Path(((80.0, 80.0, 100.0), (120.0, 80.0, 100.0), (120.0, 120.0, 100.0))), "head")
    corners = mesh_of(glyphs_of(on_slice(path), MM_PER_PIXEL, None)).corners_mm
    # The sides of the edge, the lower of the two strokes, meet in a mitre at (A 80, R 120).
    half = (DARK.edged_line_px / 2 + 1) * MM_PER_PIXEL
    meeting = np.sort(corners[0][1:3], axis=0)
    np.testing.assert_allclose(meeting, [[80 - half, 120 - half], [80 + half, 120 + half]])
    np.testing.assert_allclose(np.sort(corners[1][[0, 3]], axis=0), meeting)


def test_a_ruler_has_a_line_across_each_end_and_its_length():
    ruler = Annotation(Path(((60.0, 100.0, 100.0), (140.0, 100.0, 100.0))), "head")
    glyphs = glyphs_of(on_slice(ruler), MM_PER_PIXEL, None)
    assert [label.text for label in glyphs.labels] == ["80.0 mm"]
    ticks = [line.vertices_mm for line in glyphs.lines if np.ptp(line.vertices_mm[:, 1]) == 0]
    assert {float(tick[0, 1]) for tick in ticks} == {60.0, 140.0}
    np.testing.assert_allclose([np.ptp(tick[:, 0]) for tick in ticks], DARK.tick_px * MM_PER_PIXEL)


def test_an_outline_is_closed_and_a_path_is_not():
    corners = ((90.0, 90.0, 100.0), (110.0, 90.0, 100.0), (110.0, 110.0, 100.0), (90.0, 110.0, 100.0))
    for geometry, sides in ((Region(corners), 4), (Path(corners), 3)):
        quads = mesh_of(glyphs_of(on_slice(Annotation(geometry, "head")), MM_PER_PIXEL, None))
        assert len(quads) == sides


def test_black_and_white_change_places_in_the_light_style():
    arrow = Annotation(Arrow((60.0, 100.0, 100.0), (140.0, 100.0, 100.0)), "head")
    (dark,), (light,) = (glyphs_of(on_slice(arrow), MM_PER_PIXEL, None, style=s).arrows for s in (DARK, LIGHT))
    assert (dark.ink, dark.rim) == (light.rim, light.ink) == (rgba("#000000"), rgba("#FFFFFF"))


def test_opacity_reaches_the_glyphs():
    near, far = point(100, 100), point(100, 100, s=102.5)
    (a,), (b,) = (glyphs_of(on_slice(mark), MM_PER_PIXEL, None).points for mark in (near, far))
    assert a.colour[3] == 1.0
    assert 0.35 <= b.colour[3] < 0.7


def test_marks_of_other_slices_draw_nothing():
    assert glyphs_of(on_slice(point(100, 100, s=110.0, label="Elsewhere")), MM_PER_PIXEL, None).is_empty


def test_handles_stand_on_the_vertices():
    vertices = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal([handle.place_mm for handle in handles_of(vertices)], vertices)
    assert DARK.handle_px >= HIT_PX


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


def test_letters_that_no_font_has_are_boxes_and_no_alarm():
    pictures = LabelPictures(11.0)
    unknown = pictures.picture("\U000f1234 x")
    assert unknown[..., 1].any()
    assert unknown.shape[1] > pictures.picture(" x").shape[1]
