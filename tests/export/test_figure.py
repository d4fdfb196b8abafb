"""The teaching figure: what is on the patient's left is where a reader expects it, and mm are mm."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from conftest import ORIENTATIONS, affine_of
from PIL import Image

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Region
from napari_vascular_loop.domain.annotation import Path as Polyline
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import FigureError, LessonError, WrongVolumeError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.mark_view import MarkView, SlabProjection
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.export.figure import Figure, FigureStyle, draw_figure
from napari_vascular_loop.export.sheet.items import Box, Shape, Words

SPACING_MM = (1.0, 1.3, 1.9)
# Flat in one direction, so that it is clear which slice is meant; around the middle of the volume.
PLANES = {
    "axial": Region(((-8, -8, 0), (8, -8, 0), (8, 8, 0), (-8, 8, 0))),
    "coronal": Region(((-8, 0, -8), (8, 0, -8), (8, 0, 8), (-8, 0, 8))),
    "sagittal": Region(((0, -8, -8), (0, 8, -8), (0, 8, 8), (0, -8, 8))),
}
ARROW = Arrow((-20, 10, 5), (-10.9, -3, 5))


def head(place_ras_mm=None, axes=(0, 1, 2), signs=(1, 1, 1), size_mm: float = 5.0, **about) -> Volume:
    """A grey box of 96 mm about the origin with, perhaps, a bright cube in it."""
    shape = tuple(round(96 / mm) for mm in SPACING_MM)
    matrix = affine_of(axes, signs, SPACING_MM, origin_mm=(0, 0, 0))
    matrix[:3, 3] = -matrix[:3, :3] @ ((np.array(shape) - 1) / 2)
    voxels = np.full(shape, 100, dtype=np.int16)
    if place_ras_mm is not None:
        ras_mm = np.moveaxis(np.indices(shape), 0, -1) @ matrix[:3, :3].T + matrix[:3, 3]
        voxels[(np.abs(ras_mm - place_ras_mm) <= size_mm).all(axis=-1)] = 1000
    return Volume(voxels, matrix, Provenance(**about))


def lesson_of(geometry, label: str = "", note: str = "", view: MarkView | None = None, **entry) -> Lesson:
    volume = LessonVolume("tof", "TOF", file="x", window=(0, 1000), **entry)
    mark = Annotation(geometry, "tof", label, note, view=view)
    return Lesson("Loop", (volume,), annotations=(mark,), id="loop", credit="the lesson", notice="Unverified.")


def bound(lesson: Lesson, volume: Volume) -> Lesson:
    """The lesson on this very volume, unless it is said to be on another."""
    (entry,) = lesson.volumes
    return replace(lesson, volumes=(replace(entry, fingerprints=entry.fingerprints or (volume.fingerprint,)),))


def figure_of(lesson: Lesson, volume: Volume, **style) -> Figure:
    lesson = bound(lesson, volume)
    return draw_figure(lesson, [mark.id for mark in lesson.annotations], volume, FigureStyle(**style))


def words_of(figure: Figure, role: str) -> list[Words]:
    return [item for item in figure.sheet.items if isinstance(item, Words) and item.role == role]


def letters_of(figure: Figure) -> dict[str, str]:
    """Letters by the edge that they stand nearest to."""
    box = figure.panels[0].box
    out = {}
    for words in words_of(figure, "letter"):
        x, y = words.box.middle
        edges = {"left": x - box.left, "right": box.right - x, "top": y - box.top, "bottom": box.bottom - y}
        out[min(edges, key=edges.__getitem__)] = words.text
    return out


def bright_pixels(lesson: Lesson, place_ras_mm, layout=None, **style) -> tuple[np.ndarray, Figure]:
    """Places in mm on the sheet, x and y, at which the bright cube shows."""
    dpi = 254
    grey = []
    for place in (None, place_ras_mm):
        figure = figure_of(lesson, head(place, **(layout or {})), **style)
        grey.append(figure.pixels(dpi, labels=False, arrows=False)[..., 0].astype(int))
    pixels = np.argwhere(np.abs(grey[1] - grey[0]) > 100)
    assert len(pixels) > 100, "the bright cube is not to be seen"
    return (pixels[:, ::-1] + 0.5) / 10, figure


# ------------------------------------------------------------------ sides


@pytest.mark.parametrize(
    ("plane", "place_ras_mm", "radiological", "side"),
    [
        ("axial", (-20, 12, 0), True, ("up", "right")),
        ("axial", (-20, 12, 0), False, ("up", "left")),
        ("axial", (20, -12, 0), True, ("down", "left")),
        ("coronal", (-20, 0, 12), True, ("up", "right")),
        ("coronal", (-20, 0, 12), False, ("up", "left")),
        ("sagittal", (0, 20, 12), True, ("up", "left")),
        ("sagittal", (0, 20, 12), False, ("up", "left")),
        ("sagittal", (0, -20, -12), True, ("down", "right")),
    ],
)
def test_a_bright_place_is_seen_where_it_is_expected(plane, place_ras_mm, radiological, side):
    pixels, figure = bright_pixels(lesson_of(PLANES[plane]), place_ras_mm, radiological=radiological)
    (x, y), (middle_x, middle_y) = pixels.mean(axis=0), figure.panels[0].box.middle
    assert ("up" if y < middle_y else "down", "right" if x > middle_x else "left") == side
    # And exactly where the panel says that this place lies.
    np.testing.assert_allclose((x, y), figure.panels[0].sheet_from_ras([place_ras_mm])[0], atol=1.2)


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS[::5])
def test_however_the_file_keeps_its_axes_the_patients_left_is_on_the_right(axes, signs):
    pixels, figure = bright_pixels(lesson_of(PLANES["axial"]), (-20, 12, 0), {"axes": axes, "signs": signs})
    (x, y), (middle_x, middle_y) = pixels.mean(axis=0), figure.panels[0].box.middle
    assert y < middle_y
    assert x > middle_x


@pytest.mark.parametrize(
    ("plane", "radiological", "letters", "said"),
    [
        ("axial", True, "RLAP", "Radiological view: the patient's left is on the right."),
        ("axial", False, "LRAP", "Neurological view: the patient's left is on the left."),
        ("coronal", True, "RLSI", "Radiological view"),
        ("coronal", False, "LRSI", "Neurological view"),
        ("sagittal", True, "APSI", "For teaching"),
        ("sagittal", False, "APSI", "For teaching"),
    ],
)
def test_letters_and_convention(plane, radiological, letters, said):
    figure = figure_of(lesson_of(PLANES[plane]), head(), radiological=radiological)
    assert letters_of(figure) == dict(zip(("left", "right", "top", "bottom"), letters, strict=True))
    assert said in figure.caption
    assert words_of(figure, "position")[0].text.startswith(plane.capitalize())


def test_without_an_orientation_there_are_no_letters_and_it_is_said():
    lesson, volume = lesson_of(PLANES["axial"]), head(orientation_known=False)
    figure = figure_of(lesson, volume)
    assert set(letters_of(figure).values()) == {"orientation unknown"}
    assert "The orientation of this scan is unknown." in figure.caption
    assert "left" not in figure.caption
    assert "on the right of the picture" not in figure.alt_text
    with pytest.raises(FigureError, match="where the other side is"):
        figure_of(lesson, volume, other_side=True)


# ------------------------------------------------------------------ proportion


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("width_mm", [60, 130])
def test_a_cube_is_a_square_of_its_size(plane, width_mm):
    pixels, figure = bright_pixels(lesson_of(PLANES[plane]), (0, 0, 0), width_mm=width_mm)
    panel = figure.panels[0]
    size_mm = (pixels.max(axis=0) - pixels.min(axis=0)) / panel.scale
    assert panel.box.width / panel.field.width_mm == pytest.approx(panel.box.height / panel.field.height_mm)
    # 11 voxels of 1 mm, 7 of 1.3 mm, 5 of 1.9 mm.
    np.testing.assert_allclose(size_mm, 10, atol=1.4)


def test_the_scale_bar_is_as_long_as_it_says_to_the_pixel():
    figure = figure_of(lesson_of(PLANES["axial"]), head())
    (said,) = [words.text for words in words_of(figure, "scale")]
    (bar,) = [item for item in figure.sheet.items if isinstance(item, Shape) and item.role == "scale bar"]
    length_mm = float(np.ptp(bar.vertices[:, 0]))
    assert length_mm / figure.panels[0].scale == pytest.approx(float(said.removesuffix(" mm")))
    dpi = 508
    with_bar = figure.pixels(dpi)
    row = round(float(bar.vertices[:, 1].mean()) / 25.4 * dpi)
    columns = np.flatnonzero(with_bar[row, :, 0] == 255)
    columns = columns[(columns > with_bar.shape[1] / 2) & (columns < with_bar.shape[1] - 3.0 / 25.4 * dpi)]
    assert len(columns) == pytest.approx(length_mm / 25.4 * dpi, abs=1)
    assert np.ptp(columns) == len(columns) - 1


@pytest.mark.parametrize("arrows", ["black", "white"])
@pytest.mark.parametrize("radiological", [True, False])
def test_the_tip_of_the_arrow_is_at_the_pixel_of_its_place(arrows, radiological):
    volume = head()
    figure = figure_of(lesson_of(ARROW), volume, arrows=arrows, radiological=radiological, crop_mm=40)
    (arrow,), panel, dpi = figure.arrows, figure.panels[0], 508
    np.testing.assert_allclose(arrow.tip_mm, panel.sheet_from_ras([ARROW.tip_ras_mm])[0])
    # By hand: mm from the middle of what is shown, to the left where the patient's right is.
    across = (ARROW.tip_ras_mm[0] - ARROW.tail_ras_mm[0]) / 2 * (-1 if radiological else 1)
    up = (ARROW.tip_ras_mm[1] - ARROW.tail_ras_mm[1]) / 2
    expected = np.array(panel.box.middle) + np.array([across, -up]) * panel.scale
    np.testing.assert_allclose(arrow.tip_mm, expected, atol=1e-6)
    changed = np.abs(figure.pixels(dpi).astype(int) - figure.pixels(dpi, arrows=False)).max(axis=-1) > 60
    along = np.subtract(arrow.tip_mm, arrow.tail_mm) / np.linalg.norm(np.subtract(arrow.tip_mm, arrow.tail_mm))
    places = (np.argwhere(changed)[:, ::-1] + 0.5) / dpi * 25.4
    farthest = places[np.argmax(places @ along)]
    # The rim is a third of a millimetre wide, and its corner as sharp as the tip.
    assert np.linalg.norm(farthest - arrow.tip_mm) < 0.8
    assert (places @ along).max() - np.dot(arrow.tip_mm, along) < 0.8
    ink = 0 if arrows == "black" else 255
    middle = (np.array(arrow.tip_mm) - along * 1.5) / 25.4 * dpi
    assert (figure.pixels(dpi)[int(middle[1]), int(middle[0]), :3] == ink).all()


@pytest.mark.parametrize("crop_mm", [30, 50])
def test_the_crop_is_as_large_as_asked(crop_mm):
    panel = figure_of(lesson_of(ARROW), head(), crop_mm=crop_mm).panels[0]
    assert panel.field.height_mm == pytest.approx(crop_mm)
    assert panel.field.width_mm == pytest.approx(crop_mm * 4 / 3)


def test_the_whole_slice_is_whole_and_the_inset_frames_what_is_shown():
    volume = head()
    whole = figure_of(lesson_of(ARROW), volume, whole=True).panels[0]
    assert whole.field.width_mm == pytest.approx(96)
    assert whole.field.height_mm == pytest.approx(round(96 / 1.3) * 1.3)
    figure = figure_of(lesson_of(ARROW), volume, inset=True, crop_mm=32)
    inset = [item for item in figure.sheet.items if item.role == "inset"]
    paper, frame = inset[0].vertices, inset[3].vertices
    share = np.ptp(frame, axis=0) / (np.ptp(paper, axis=0) - 0.5)
    np.testing.assert_allclose(share, [32 * 4 / 3 / 96, 32 / (round(96 / 1.3) * 1.3)], rtol=1e-3)
    # The tip lies left and up of the middle of the head, seen from its feet.
    assert frame.mean(axis=0)[0] > paper.mean(axis=0)[0]
    assert frame.mean(axis=0)[1] < paper.mean(axis=0)[1]


def test_a_mark_is_looked_at_as_its_teacher_wants():
    view = MarkView(plane=Plane.CORONAL, field_of_view_mm=24, window=(0, 100), slab_mm=8)
    figure = figure_of(lesson_of(ARROW, view=view), head())
    (panel,) = figure.panels
    assert panel.plan.cut.plane is Plane.CORONAL
    assert panel.field.height_mm == pytest.approx(24)
    assert words_of(figure, "position")[0].text == "Coronal, P 3.2 mm, MIP 9.1 mm"
    assert (panel.picture().samples == 1).all()


@pytest.mark.parametrize(
    ("projection", "value"),
    [(SlabProjection.MAXIMUM, 1000), (SlabProjection.MINIMUM, 100), (SlabProjection.MEAN, 280)],
)
def test_a_slab_is_projected_as_asked(projection, value):
    # 5 slices of 1.9 mm, one of which is bright.
    volume = head((0, 0, 3.8), size_mm=0.9)
    lesson = lesson_of(Point((0, 0, 0)))
    cut = figure_of(lesson, volume, slab_mm=8, projection=projection).panels[0].plan.cut
    assert cut.slab_mm == pytest.approx(9.5)
    assert cut.values[tuple(n // 2 for n in cut.values.shape)] == pytest.approx(value)
    assert figure_of(lesson, volume).panels[0].plan.cut.values.max() == 100


# ------------------------------------------------------------------ panels


def test_planes_are_panels_and_each_shows_the_place():
    place = (-14, 9, 5.7)
    lesson = lesson_of(Point(place), "Loop")
    planes = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
    pixels, figure = bright_pixels(lesson, place, planes=planes, columns=2)
    assert [panel.letter for panel in figure.panels] == ["A", "B", "C"]
    assert [panel.plan.cut.plane for panel in figure.panels] == list(planes)
    assert [words.text for words in words_of(figure, "panel")] == ["A", "B", "C"]
    for panel in figure.panels:
        box = panel.box
        inside = pixels[(pixels[:, 0] > box.left) & (pixels[:, 0] < box.right)]
        np.testing.assert_allclose(inside.mean(axis=0), panel.sheet_from_ras([place])[0], atol=1.0)


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("count", range(1, 8))
def test_panels_fill_the_width_and_do_not_touch(columns, count):
    lesson = lesson_of(ARROW, "Loop")
    mark = lesson.annotations[0]
    lesson = replace(lesson, annotations=tuple(replace(mark, id=f"urn:{n}") for n in range(count)))
    figure = figure_of(lesson, head(), columns=columns)
    boxes = [panel.box for panel in figure.panels]
    assert len(boxes) == count
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert min(box.left for box in boxes) == pytest.approx(3)
    assert max(box.right for box in boxes) == pytest.approx(figure.size_mm[0] - 3)
    assert min(box.width for box in boxes) > 39
    assert figure.size_mm[0] == (88 if columns == 1 else 180)


def test_too_many_panels_are_refused():
    lesson = lesson_of(ARROW)
    mark = lesson.annotations[0]
    lesson = replace(lesson, annotations=tuple(replace(mark, id=f"urn:{n}") for n in range(13)))
    with pytest.raises(FigureError, match="13 panels"):
        figure_of(lesson, head())


# ------------------------------------------------------------------ text


def texts_apart(figure: Figure) -> None:
    """No two lines of text share a place, and none leaves the sheet or, on a picture, the picture."""
    words = [item for item in figure.sheet.items if isinstance(item, Words)]
    for one, other in combinations(words, 2):
        assert not one.box.grown(-0.15).overlaps(other.box.grown(-0.15)), (one.text, other.text)
    for one in words:
        assert one.box.left >= 0
        assert one.box.right <= figure.size_mm[0] + 0.01, one.text
        assert one.box.bottom <= figure.size_mm[1], one.text
        if one.role in ("label", "letter", "scale", "panel", "synthetic"):
            assert any(panel.box.holds(one.box.grown(-0.2)) for panel in figure.panels), one.text


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("other_side", [False, True])
@pytest.mark.parametrize("inset", [False, True])
@pytest.mark.parametrize(
    "tip", [(0, 0, 0), (44, 44, 0), (-44, 0, 0), (0, -44, 0), (-40, -44, 0)], ids=["middle", "RA", "L", "P", "LP"]
)
def test_no_text_stands_on_another_wherever_the_mark_is(columns, other_side, inset, tip):
    lesson = lesson_of(Arrow(np.add(np.multiply(tip, 0.6), (3, 4, 0)), tip), "Loop of the AICA (L)", synthetic=True)
    volume = head()
    figure = figure_of(lesson, volume, columns=columns, other_side=other_side, inset=inset)
    texts_apart(figure)
    assert [words.text for words in words_of(figure, "panel")] == (["A", "B"] if other_side else [])
    corners = [item.vertices for item in figure.sheet.items if isinstance(item, Shape) and item.role == "inset"]
    for words in [*words_of(figure, "panel"), *words_of(figure, "label"), *words_of(figure, "scale")]:
        for (left, top), _, (right, bottom), _ in [corner.tolist() for corner in corners[:1]]:
            assert not words.box.overlaps(Box(left, top, right - left, bottom - top)), words.text
    for label, panel in zip(figure.labels, figure.panels, strict=True):
        marked = panel.sheet_from_ras(panel.plan.vertices_ras_mm)
        along = marked[0] + np.linspace(0, 1, 40)[:, None] * (marked[1] - marked[0])
        box = label.box
        on_it = (along > [box.left, box.top]).all(axis=1) & (along < [box.right, box.bottom]).all(axis=1)
        assert not on_it.any(), "the label covers its arrow"


def test_the_caption_says_place_credit_and_what_it_is_not_for():
    lesson = lesson_of(ARROW, "Loop", "It touches the nerve.", credit="someone", licence="CC0")
    figure = figure_of(lesson, head())
    for words in (
        "Loop. It touches the nerve.",
        "Unverified.",
        "For teaching, not for diagnosis.",
        "Image: someone; CC0.",
        "Text and marks: the lesson",
    ):
        assert words in figure.caption
    assert [words.text for words in words_of(figure, "position")] == ["Axial, S 5.7 mm"]
    assert "SYNTHETIC" not in figure.caption
    written = " ".join(words.text for words in words_of(figure, "caption"))
    assert " ".join(figure.caption.split()) == written


def test_the_sentence_that_a_mark_is_tied_to_is_told_whole_and_without_markup():
    article = "# Loops\n\nFirst one. The *AICA* makes a **loop at the nerve**, here. Then another.\n"
    lesson = lesson_of(ARROW, "Loop", "A note.")
    mark = replace(lesson.annotations[0], passages=(Passage("loop at the nerve", "*AICA* makes a **", "**, here"),))
    figure = figure_of(replace(lesson, article=article, annotations=(mark,)), head())
    assert "A note. The AICA makes a loop at the nerve, here." in figure.caption
    assert "First one" not in figure.caption
    assert "Then another" not in figure.caption


def test_a_computed_volume_is_called_synthetic_below_and_on_each_picture():
    figure = figure_of(lesson_of(PLANES["axial"], "Loop", synthetic=True), head(), planes=tuple(Plane), columns=2)
    assert figure.caption.startswith("SYNTHETIC: a computed picture, not an image of a person.")
    assert [words.text for words in words_of(figure, "synthetic")] == ["SYNTHETIC"] * 3
    assert "Panel A: Computed slice" in figure.alt_text


def test_the_alternative_text_tells_what_is_to_be_seen():
    figure = figure_of(lesson_of(ARROW, "Loop of AICA"), head(), crop_mm=40)
    assert figure.alt_text == (
        "Slice of a brain scan, 53 by 40 mm: axial, S 5.7 mm. An arrow from above on the right points at Loop of "
        "AICA, in the lower part of the picture. The patient's left is on the right of the picture. Scale bar 10 mm."
    )


@pytest.mark.parametrize(
    ("label", "note"),
    [
        ("$5 and $10", "costs $x$"),
        (r"$\frac{", r"\alpha_{ $ $$ ^"),
        ("", "a" * 400),
        ("<b>&amp;</b>", "two\nlines\tand tabs ]]> <!--"),
        ("A label that is as long as a sentence, because nobody said that it should be short, and goes on", "n"),
        ("Pneumonoultramicroscopicsilicovolcanoconiosis" * 3, "n"),
        ("Ünïcödé µ − × °", "«Ж» and Ω"),
    ],
)
@pytest.mark.parametrize("columns", [1, 2])
def test_odd_texts_are_shown_as_they_are_and_stay_inside(tmp_path, label, note, columns):
    figure = figure_of(lesson_of(Point((0, 0, 0)), label, note), head(), columns=columns)
    texts_apart(figure)
    assert figure.remarks == ()
    for ending in ("png", "svg", "pdf", "tif"):
        figure.save(tmp_path / f"f.{ending}", dpi=72)
    written = "".join(words.text for words in words_of(figure, "label"))
    assert "".join(written.split()) == "".join(label.split())


def test_letters_that_the_font_lacks_are_told():
    (remark,) = figure_of(lesson_of(Point((0, 0, 0)), "神経 nerve"), head()).remarks
    assert "神" in remark
    assert "n" not in remark.split("no letter for ")[1].split(":")[0]


@pytest.mark.parametrize(
    "geometry",
    [
        Arrow((-20, 10, 0), (0, 0, 0)),
        Point((0, 0, 0)),
        Polyline(((-15, 0, 0), (0, 5, 3), (15, 0, 8))),
        PLANES["coronal"],
        Arrow((0, 0, -20), (0, 0, 0)),
        Point((47, 47, 47)),
        Point((500, 0, 0)),
    ],
    ids=["arrow", "point", "path", "region", "arrow upwards", "in the corner", "outside"],
)
def test_every_kind_of_mark_is_drawn(geometry):
    figure = figure_of(lesson_of(geometry, "Loop"), head())
    assert [label.text for label in figure.labels] == ["Loop"]
    has_changed = (figure.pixels(100) != figure.pixels(100, arrows=False)).any()
    assert has_changed or geometry == Point((500, 0, 0))
    assert (figure.pixels(100) != figure.pixels(100, labels=False)).any()


def test_a_text_is_written_at_its_place_without_a_point():
    figure = figure_of(lesson_of(Point((0, 0, 0), as_text=True), "Mind the vein"), head())
    (label,) = figure.labels
    np.testing.assert_allclose(label.box.middle, figure.panels[0].sheet_from_ras([(0, 0, 0)])[0], atol=1e-6)
    assert (figure.pixels(100) == figure.pixels(100, arrows=False)).all()


# ------------------------------------------------------------------ looks


@pytest.mark.parametrize("dark", [False, True])
def test_paper_and_ink_can_be_told_apart(dark):
    style = FigureStyle(dark=dark)

    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for ink in (style.ink, style.faint_ink, style.warning_ink):
        high, low = max(light(ink), light(style.paper)), min(light(ink), light(style.paper))
        assert (high + 0.05) / (low + 0.05) >= 7  # WCAG 2.2, level AAA
    figure = figure_of(lesson_of(ARROW), head(), dark=dark)
    assert (figure.pixels(50)[0, 0, :3] == (0 if dark else 255)).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"columns": 3}, "one column wide or two, got 3"),
        ({"width_mm": 10}, "40 to 600 mm wide, got 10"),
        ({"dpi": 5}, "50 to 1200 dots per inch, got 5"),
        ({"arrows": "red"}, "black or white, got 'red'"),
        ({"crop_mm": float("nan")}, "crop is 5 to 500 mm, got nan"),
        ({"slab_mm": -1}, "slab is 0 to 500 mm, got -1"),
        ({"window": (5, 5)}, "window"),
        ({"projection": "sum"}, "mean, maximum or minimum, got 'sum'"),
    ],
)
def test_styles_that_make_no_sense_are_refused(wrong, said):
    with pytest.raises(FigureError, match=said):
        FigureStyle(**wrong)


# ------------------------------------------------------------------ what it is made of


def test_a_volume_that_is_not_the_lessons_is_refused():
    lesson = lesson_of(PLANES["axial"])
    entry = replace(lesson.volumes[0], fingerprints=(head((5, 5, 5)).fingerprint,))
    with pytest.raises(WrongVolumeError, match="TOF"):
        draw_figure(replace(lesson, volumes=(entry,)), lesson.annotations[0].id, head())
    with pytest.raises(LessonError, match="urn:none"):
        draw_figure(bound(lesson, head()), "urn:none", head())
    with pytest.raises(FigureError, match="a mark"):
        draw_figure(bound(lesson, head()), [], head())


def two_sequences() -> tuple[Lesson, dict[str, Volume]]:
    volumes = {"tof": head((-14, 9, 0)), "ciss": head((20, 9, 0))}
    lesson = lesson_of(Point((-14, 9, 0)), "Loop")
    entries = tuple(
        LessonVolume(name, name.upper(), file="x", window=(0, 1000), fingerprints=(volume.fingerprint,))
        for name, volume in volumes.items()
    )
    return replace(lesson, volumes=entries), volumes


def test_sequences_are_panels_of_the_same_place():
    lesson, volumes = two_sequences()
    mark_id = lesson.annotations[0].id
    figure = draw_figure(lesson, mark_id, volumes, FigureStyle(columns=2, volume_ids=("tof", "ciss")))
    said = [words.text for words in words_of(figure, "position")]
    assert said == ["TOF, axial, S 0.0 mm", "CISS, axial, S 0.0 mm"]
    pixels = figure.pixels(254, labels=False, arrows=False)[..., 0]
    for panel, values in zip(figure.panels, ((255, 26), (26, 255)), strict=True):
        places = panel.sheet_from_ras([(-14, 9, 0), (20, 9, 0)])
        assert tuple(int(pixels[int(y * 10), int(x * 10)]) for x, y in places) == values
    with pytest.raises(FigureError, match="'ciss' is needed"):
        draw_figure(lesson, mark_id, volumes["tof"], FigureStyle(volume_ids=("tof", "ciss")))


def test_what_is_given_to_be_drawn_elsewhere_is_left_out():
    figure = figure_of(lesson_of(ARROW, "Loop"), head())
    bare = figure.pixels(100, labels=False, arrows=False)
    assert bare.shape[2] == 4
    assert (bare[..., 3] == 255).all()
    box = figure.labels[0].box
    left, top, right, bottom = (round(mm / 25.4 * 100) for mm in (box.left, box.top, box.right, box.bottom))
    assert np.ptp(bare[top:bottom, left:right, 0]) <= 1
    assert np.ptp(figure.pixels(100)[top:bottom, left:right, 0]) > 100


@pytest.mark.parametrize("dpi", [72, 300])
def test_size_and_resolution_are_as_asked(tmp_path, dpi):
    figure = figure_of(lesson_of(PLANES["axial"]), head(), width_mm=100, dpi=dpi)
    for name in ("f.png", "f.tif"):
        with Image.open(figure.save(tmp_path / name)) as picture:
            assert picture.width == round(100 / 25.4 * dpi)
            assert picture.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)


# ------------------------------------------------------------------ the other side


def two_dots(radiological: bool) -> tuple[Figure, Volume]:
    """A head of two halves, each with a dot at the same place, one of which is dimmer."""
    volume = head()
    ras = volume.grid.ras_from_voxel(np.moveaxis(np.indices(volume.voxels.shape), 0, -1))
    voxels = (100 + 60 * np.cos(ras[..., 1] / 9) + 40 * np.cos(ras[..., 0] / 11) + ras[..., 2]).astype(np.int16)
    for place, value in (((20, 12, 0), 1000), ((-20, 12, 0), 600)):
        voxels[(np.abs(ras - place) <= 4).all(axis=-1)] = value
    volume = Volume(voxels, volume.voxel_to_ras, volume.provenance)
    lesson = lesson_of(Arrow((28, 22, 0), (20, 12, 0)), "Dot")
    return figure_of(lesson, volume, other_side=True, columns=2, radiological=radiological, crop_mm=30), volume


@pytest.mark.parametrize("radiological", [True, False])
def test_the_other_side_is_the_same_place_there_unflipped_and_in_the_same_window(radiological):
    figure, _ = two_dots(radiological)
    own, other = figure.panels
    assert own.plan.window == other.plan.window == (0, 1000)
    assert own.scale == pytest.approx(other.scale)
    assert own.plan.cut.letters == other.plan.cut.letters
    for panel, place, value in ((own, (20, 12, 0), 255), (other, (-20, 12, 0), 153)):
        x, y = panel.sheet_from_ras([place])[0]
        bare = figure.pixels(254, labels=False, arrows=False)[..., 0]
        assert bare[int(y * 10), int(x * 10)] == pytest.approx(value, abs=3)
    first, second = figure.arrows
    assert second.is_mirrored
    # The arrow of the other side is its mirror image: as far from the middle, from the other side.
    one, two = np.array(own.box.middle), np.array(other.box.middle)
    np.testing.assert_allclose((np.array(second.tip_mm) - two) * [-1, 1], np.array(first.tip_mm) - one, atol=0.6)
    np.testing.assert_allclose((np.array(second.tail_mm) - two) * [-1, 1], np.array(first.tail_mm) - one, atol=0.9)
    assert "B: the same place of the other side, mirrored across the midline as estimated" in figure.caption
    assert "same window" in figure.caption
    assert "Panel B" in figure.alt_text
    assert [label.text for label in figure.labels] == ["Dot", "same place, other side"]
