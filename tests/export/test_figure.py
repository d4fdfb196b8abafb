"""The teaching figure: what is on the patient's left is where a reader expects it, and mm are mm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import matplotlib.image
import numpy as np
import pytest
from conftest import ORIENTATIONS, affine_of
from matplotlib.backends.backend_agg import FigureCanvasAgg

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Region
from napari_vascular_loop.domain.annotation import Path as Polyline
from napari_vascular_loop.domain.errors import FigureError, LessonError, WrongVolumeError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.export.figure import compose, draw_figure

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

SPACING_MM = (1.0, 1.3, 1.9)
# Flat in one direction, so that it is clear which slice is meant; around the middle of the volume.
PLANES = {
    "axial": Region(((-8, -8, 0), (8, -8, 0), (8, 8, 0), (-8, 8, 0))),
    "coronal": Region(((-8, 0, -8), (8, 0, -8), (8, 0, 8), (-8, 0, 8))),
    "sagittal": Region(((0, -8, -8), (0, 8, -8), (0, 8, 8), (0, -8, 8))),
}


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


def lesson_of(geometry, label: str = "", note: str = "", **entry) -> Lesson:
    volume = LessonVolume("tof", "TOF", file="x", window=(0, 1000), **entry)
    mark = Annotation(geometry, "tof", label, note)
    return Lesson("Loop", (volume,), annotations=(mark,), credit="the lesson", notice="Unverified.")


def bound(lesson: Lesson, volume: Volume) -> Lesson:
    """The lesson on this very volume, unless it is said to be on another."""
    (entry,) = lesson.volumes
    return replace(lesson, volumes=(replace(entry, fingerprints=entry.fingerprints or (volume.fingerprint,)),))


def figure_of(lesson: Lesson, volume: Volume, **options) -> Figure:
    return compose(lesson, lesson.annotations[0], volume, **options)


def drawn(lesson: Lesson, volume: Volume, path: Path, **options) -> np.ndarray:
    draw_figure(bound(lesson, volume), lesson.annotations[0].id, volume, path, **options)
    return matplotlib.image.imread(path)[..., :3].mean(axis=-1)


def bright_pixels(
    lesson: Lesson, place_ras_mm, path: Path, layout=None, dpi: int = 220, **options
) -> tuple[np.ndarray, tuple[int, int]]:
    """Rows and columns in which the bright cube shows, and the middle of the picture above the caption."""
    layout = layout or {}
    without = drawn(lesson, head(**layout), path, dpi=dpi, **options)
    with_cube = drawn(lesson, head(place_ras_mm, **layout), path, dpi=dpi, **options)
    figure = figure_of(lesson, head(**layout), **options)
    box = figure.axes[0].get_position()
    middle = (round((1 - (box.y0 + box.y1) / 2) * without.shape[0]), round((box.x0 + box.x1) / 2 * without.shape[1]))
    pixels = np.argwhere(np.abs(with_cube - without) > 0.4)
    assert len(pixels) > 100, "the bright cube is not to be seen"
    return pixels, middle


def letters_of(figure: Figure) -> dict[str, str]:
    """Letters by the edge at which they stand."""
    edges = {(0.02, 0.5): "left", (0.98, 0.5): "right", (0.5, 0.975): "top", (0.5, 0.025): "bottom"}
    return {edges[t.get_position()]: t.get_text() for t in figure.axes[0].texts if t.get_position() in edges}


def caption_of(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts)


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
def test_a_bright_place_is_seen_where_it_is_expected(tmp_path, plane, place_ras_mm, radiological, side):
    pixels, (middle_row, middle_column) = bright_pixels(
        lesson_of(PLANES[plane]), place_ras_mm, tmp_path / "f.png", radiological=radiological
    )
    row, column = pixels.mean(axis=0)
    assert ("up" if row < middle_row else "down", "right" if column > middle_column else "left") == side


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS[::5])
def test_however_the_file_keeps_its_axes_the_patients_left_is_on_the_right(tmp_path, axes, signs):
    pixels, (middle_row, middle_column) = bright_pixels(
        lesson_of(PLANES["axial"]), (-20, 12, 0), tmp_path / "f.png", {"axes": axes, "signs": signs}, dpi=80
    )
    row, column = pixels.mean(axis=0)
    assert row < middle_row
    assert column > middle_column


@pytest.mark.parametrize(
    ("plane", "radiological", "letters", "said"),
    [
        ("axial", True, "RLAP", "Radiological view: the patient's left is on the right."),
        ("axial", False, "LRAP", "Neurological view: the patient's left is on the left."),
        ("coronal", True, "RLSI", "Radiological view"),
        ("coronal", False, "LRSI", "Neurological view"),
        ("sagittal", True, "APSI", "Sagittal slice"),
        ("sagittal", False, "APSI", "Sagittal slice"),
    ],
)
def test_letters_and_convention(plane, radiological, letters, said):
    figure = figure_of(lesson_of(PLANES[plane]), head(), radiological=radiological)
    assert letters_of(figure) == dict(zip(("left", "right", "top", "bottom"), letters, strict=True))
    assert said in caption_of(figure)
    assert plane.capitalize() in caption_of(figure)


def test_without_an_orientation_there_are_no_letters_and_it_is_said():
    figure = figure_of(lesson_of(PLANES["axial"]), head(orientation_known=False))
    assert letters_of(figure) == {}
    assert "orientation unknown" in [text.get_text() for text in figure.axes[0].texts]
    assert "the orientation of this scan is unknown" in caption_of(figure)
    assert "left" not in caption_of(figure)


# ------------------------------------------------------------------ proportion


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("width_mm", [60, 130])
def test_a_cube_is_a_square_of_its_size(tmp_path, plane, width_mm):
    lesson = lesson_of(PLANES[plane])
    size_mm = 9.0
    small, middle = bright_pixels(lesson, (0, 0, 0), tmp_path / "f.png", width_mm=width_mm, dpi=300)
    height, width = small.max(axis=0) - small.min(axis=0) + 1
    assert np.abs(small.mean(axis=0) - middle).max() < 0.1 * max(height, width) + 8
    axes = figure_of(lesson, head(), width_mm=width_mm).axes[0]
    box = axes.get_position()
    inches_wide, inches_high = axes.get_figure().get_size_inches()
    scale_h = box.width * inches_wide / abs(np.subtract(*axes.get_xlim()))
    scale_v = box.height * inches_high / abs(np.subtract(*axes.get_ylim()))
    assert scale_h == pytest.approx(scale_v, rel=1e-3)
    # 10 mm, to the nearest voxel of up to 1.9 mm either way.
    for pixels in (height, width):
        assert pixels / 300 / scale_h == pytest.approx(size_mm + 1, abs=2.0)


def test_the_scale_bar_is_as_long_as_it_says():
    figure = figure_of(lesson_of(PLANES["axial"]), head())
    axes = figure.axes[0]
    (said,) = [text.get_text() for text in axes.texts if text.get_text().endswith(" mm")]
    (bar,) = [line for line in axes.lines if line.get_transform() == axes.transAxes]
    share = np.ptp(bar.get_xdata())
    assert share * abs(np.subtract(*axes.get_xlim())) == pytest.approx(float(said.removesuffix(" mm")))


# ------------------------------------------------------------------ text


def test_the_caption_says_place_credit_and_what_it_is_not_for():
    lesson = lesson_of(
        Arrow((-20, 10, 5), (-10.9, -3, 5)), "Loop", "It touches the nerve.", credit="someone", licence="CC0"
    )
    caption = caption_of(figure_of(lesson, head()))
    for words in (
        "Loop. It touches the nerve.",
        "Axial slice through L 10.9 P 3.0 S 5.0 mm.",
        "Unverified.",
        "For teaching, not for diagnosis.",
        "Image: someone; CC0.",
    ):
        assert words in caption
    assert "SYNTHETIC" not in caption


def test_a_computed_volume_is_called_synthetic():
    lesson = lesson_of(PLANES["axial"], "Loop", synthetic=True)
    assert caption_of(figure_of(lesson, head())).startswith("SYNTHETIC: a computed picture, not an image of a person.")


@pytest.mark.parametrize(
    ("label", "note"),
    [
        ("$5 and $10", "costs $x$"),
        (r"$\frac{", r"\alpha_{ $ $$ ^"),
        ("", "a" * 400),
        ("Ä 神経 <b>", "two\nlines\tand tabs"),
        ("A label that is as long as a sentence, because nobody said that it should be short, and goes on", "n"),
        ("Pneumonoultramicroscopicsilicovolcanoconiosis" * 3, "n"),
    ],
)
@pytest.mark.filterwarnings("ignore:Glyph .* missing from:UserWarning")
def test_odd_texts_are_shown_as_they_are_and_stay_inside(tmp_path, label, note):
    lesson = lesson_of(Point((0, 0, 0)), label, note)
    assert drawn(lesson, head(), tmp_path / "f.png").std() > 0
    figure = figure_of(lesson, head())
    renderer = FigureCanvasAgg(figure).get_renderer()
    whole = figure.bbox
    for text in figure.texts:
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0
        assert box.x1 <= whole.x1
        assert box.y0 >= 0
    picture = figure.axes[0].get_window_extent(renderer)
    for text in figure.axes[0].texts:
        box = text.get_window_extent(renderer)
        assert box.x0 >= picture.x0 - 1, text.get_text()
        assert box.x1 <= picture.x1 + 1, text.get_text()


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
def test_every_kind_of_mark_is_drawn(tmp_path, geometry):
    lesson = lesson_of(geometry, "Loop")
    drawn(lesson, head(), tmp_path / "f.png")
    texts = [text.get_text() for text in figure_of(lesson, head()).axes[0].texts]
    assert "Loop" in texts


def test_a_text_is_written_at_its_place_without_a_point(tmp_path):
    lesson = lesson_of(Point((0, 0, 0), as_text=True), "Mind the vein")
    drawn(lesson, head(), tmp_path / "f.png")
    axes = figure_of(lesson, head()).axes[0]
    (words,) = [text for text in axes.texts if text.get_text() == "Mind the vein"]
    np.testing.assert_allclose(words.get_position(), (0, 0), atol=1e-6)
    point = figure_of(lesson_of(Point((0, 0, 0)), "Mind the vein"), head()).axes[0]
    assert len(point.lines) == len(axes.lines) + 1


# ------------------------------------------------------------------ files


@pytest.mark.parametrize("name", ["f.png", "f.svg", "f.pdf", "F.PNG", "new/folder/f.png"])
def test_files_are_written_whole(tmp_path, name):
    lesson = lesson_of(PLANES["axial"], "Loop")
    out = draw_figure(bound(lesson, head()), lesson.annotations[0].id, head(), tmp_path / name)
    assert out == tmp_path / name
    assert out.stat().st_size > 1000
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_a_figure_is_the_same_each_time(tmp_path):
    lesson = lesson_of(PLANES["axial"], "Loop")
    for name in ("a.png", "b.png", "a.pdf", "b.pdf"):
        draw_figure(bound(lesson, head()), lesson.annotations[0].id, head(), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize("dpi", [50, 300])
def test_size_and_resolution_are_as_asked(tmp_path, dpi):
    picture = drawn(lesson_of(PLANES["axial"]), head(), tmp_path / "f.png", dpi=dpi, width_mm=100)
    assert picture.shape[1] == pytest.approx(100 / 25.4 * dpi, abs=1)


@pytest.mark.parametrize("name", ["f.gif", "f.jpg", "f", "f.png.txt"])
def test_another_ending_is_refused(tmp_path, name):
    lesson = lesson_of(PLANES["axial"])
    with pytest.raises(FigureError, match=r"\.png, \.svg, \.pdf"):
        draw_figure(bound(lesson, head()), lesson.annotations[0].id, head(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    lesson = lesson_of(PLANES["axial"])
    with pytest.raises(FigureError, match="could not be written"):
        draw_figure(bound(lesson, head()), lesson.annotations[0].id, head(), tmp_path / "file" / "f.png")


def test_a_volume_that_is_not_the_lessons_is_refused(tmp_path):
    lesson = lesson_of(PLANES["axial"])
    entry = replace(lesson.volumes[0], fingerprints=(head((5, 5, 5)).fingerprint,))
    with pytest.raises(WrongVolumeError, match="TOF"):
        draw_figure(replace(lesson, volumes=(entry,)), lesson.annotations[0].id, head(), tmp_path / "f.png")
    with pytest.raises(LessonError, match="urn:none"):
        draw_figure(bound(lesson, head()), "urn:none", head(), tmp_path / "f.png")
    assert list(tmp_path.iterdir()) == []
