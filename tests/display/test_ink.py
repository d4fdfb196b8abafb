"""Ink: the pictures that it is made of, and what it costs a real window."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import make_dot_volume
from gestures import lesson_on, true_ras_mm
from qtpy.QtWidgets import QApplication

from napari_vascular_loop.display import ink_texture
from napari_vascular_loop.display.ink_texture import SOLID, WIDTH, InkTexture
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.domain.annotation import Annotation, Point


def picture_of(number):
    """A picture that no other has: its size and its brightness follow from the number."""
    return np.full((20 + number % 7, 200 + number, 2), 1 + number % 250, np.uint8)


def seen_at(texture, sprite):
    return texture.texels[int(sprite.top) : int(sprite.bottom), int(sprite.left) : int(sprite.right)]


def test_pictures_are_where_the_texture_says_also_once_it_has_grown():
    texture = InkTexture(picture_of)
    rows = len(texture.texels)
    where = texture.lay_out(range(150))
    assert len(texture.texels) > rows
    for number in range(150):
        np.testing.assert_array_equal(seen_at(texture, where[number]), picture_of(number))
    assert texture.texels[int(SOLID.top), int(SOLID.left)].tolist() == [255, 255]


def test_only_what_changed_is_told():
    texture = InkTexture(picture_of)
    texture.lay_out([1, 2])
    version = texture.version
    assert texture.changed_since(version) == []
    texture.lay_out([2, 1])
    assert texture.changed_since(version) == [], "known pictures change nothing"
    before = texture.texels.copy()
    where = texture.lay_out([3])
    ((rows, columns),) = texture.changed_since(version)
    changed = (before != texture.texels).any(axis=2)
    down, across = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert (rows.start, rows.stop) == (down.min(), down.max() + 1) == (where[3].top, where[3].bottom)
    assert (columns.start, columns.stop) == (across.min(), across.max() + 1) == (where[3].left, where[3].right)


def test_pictures_that_are_not_on_screen_make_room():
    texture = InkTexture(picture_of)
    for start in range(0, 5000, 20):
        where = texture.lay_out(range(start, start + 20))
        for number in (start, start + 19):
            np.testing.assert_array_equal(seen_at(texture, where[number])[..., 0], picture_of(number)[:, :WIDTH, 0])
    assert len(texture.texels) <= 1.1 * ink_texture._MOST_ROWS
    assert len(texture.changed_since(0)) < texture.version / 5, "what is gone is not told of for ever"


@pytest.mark.gui
def test_a_step_links_no_program_and_draws_twice_over_the_image(make_napari_viewer, monkeypatch):
    from vispy.gloo.program import Program
    from vispy.visuals.shaders import ModularProgram

    viewer = make_napari_viewer(show=True)
    scene = scene_of(viewer)
    volume = make_dot_volume(np.diag([1.0, 1.0, 2.0, 1.0]))
    places = [tuple(true_ras_mm(volume, ijk)) for ijk in ((5, 6, 0), (3, 8, 1), (7, 4, 2))]
    scene.show_volume(volume).contrast_limits = (0, 1e6)
    scene.set_store(lesson_on(volume, *(Annotation(Point(place), "head", f"at {place}") for place in places)))

    def go(place):
        scene.point_at_ras_mm(place)
        QApplication.processEvents()
        return np.asarray(viewer.screenshot(canvas_only=True, flash=False))[..., :3].astype(int)

    # Twice, so that napari's own widgets have the size that they keep.
    for _ in range(2):
        first = [go(place) for place in places]
    built, drawn = [], []
    build, draw = ModularProgram._build, Program.draw
    monkeypatch.setattr(ModularProgram, "_build", lambda program: (built.append(program), build(program))[1])
    monkeypatch.setattr(Program, "draw", lambda program, *given: (drawn.append(program), draw(program, *given))[1])
    again = [go(place) for place in places]
    assert built == []
    counts = {program: drawn.count(program) for program in drawn}
    assert len(counts) == 3, "the image, the marks and the texts"
    for before, after in zip(first, again, strict=True):
        np.testing.assert_array_equal(before, after)
    assert np.abs(first[0] - first[1]).max() > 100, "the marks are elsewhere on the next slice"


@pytest.mark.gui
def test_letters_bar_and_place_are_seen_where_they_belong(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    scene = scene_of(viewer)
    scene.show_volume(make_dot_volume(np.diag([1.0, 1.0, 2.0, 1.0]))).contrast_limits = (0, 1e6)
    QApplication.processEvents()
    picture = np.asarray(viewer.screenshot(canvas_only=True, flash=False))[..., :3].astype(int)
    height, width = picture.shape[:2]
    yellow = np.abs(picture - (0xFF, 0xD2, 0x3F)).max(axis=2) < 60
    middle_row, middle_column = slice(height // 2 - 20, height // 2 + 20), slice(width // 2 - 20, width // 2 + 20)
    for rows, columns in (
        (middle_row, slice(0, 40)),
        (middle_row, slice(width - 40, width)),
        (slice(0, 40), middle_column),
        (slice(height - 40, height), middle_column),
    ):
        assert yellow[rows, columns].sum() > 15
    white = picture.min(axis=2) > 225
    corner = white[height - 30 :, width // 2 + 30 :]
    longest = int(corner.sum(axis=1).max())
    mm = float(scene.text("bar").removesuffix(" mm"))
    assert longest * scene.state().mm_per_pixel == pytest.approx(mm, abs=3 * scene.state().mm_per_pixel)
    assert (picture[:80, :160].min(axis=2) > 150).sum() > 100, "the place is written at the top left"
    scene.set_scale_bar_visible(False)
    QApplication.processEvents()
    bare = np.asarray(viewer.screenshot(canvas_only=True, flash=False))[..., :3].astype(int)
    assert not (bare.min(axis=2) > 225)[height - 30 :, width // 2 + 30 :].any()
