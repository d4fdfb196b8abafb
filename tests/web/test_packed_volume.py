"""A volume in the page: what is kept lies where it lay, and holds what it held."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
import pytest
from page_lessons import MARKS, TIP, lesson, scan

from napari_vascular_loop.domain.errors import PageError, WrongVolumeError
from napari_vascular_loop.domain.space import transform_points
from napari_vascular_loop.web.packed_volume import pack_volume, predicted


def unpredicted(codes):
    """The way back, one code after the other, as the page goes it."""
    out = np.zeros(codes.shape, dtype=np.uint8)
    for s in range(codes.shape[0]):
        for y in range(codes.shape[1]):
            a = c = 0
            for x in range(codes.shape[2]):
                b = int(out[s, y - 1, x]) if y else 0
                expected = min(a, b) if c >= max(a, b) else max(a, b) if c <= min(a, b) else a + b - c
                a = out[s, y, x] = (int(codes[s, y, x]) + expected) % 256
                a, c = int(a), b
    return out


def test_what_is_predicted_comes_back():
    codes = np.random.default_rng(1).integers(0, 256, (3, 7, 5), dtype=np.uint8)
    codes[1] = np.arange(35).reshape(7, 5)
    assert np.array_equal(unpredicted(predicted(codes)), codes)


def test_each_place_holds_what_it_held_though_the_scan_is_oblique():
    volume = scan()
    one = lesson(volume)
    packed = pack_volume(volume, one.volumes[0], MARKS, crop_mm=60)
    codes = unpredicted(np.frombuffer(zlib.decompress(packed.deflated), np.uint8).reshape(packed.shape))
    index = np.array([(0, 0, 0), (5, 40, 9), np.array(packed.shape) - 1])
    places = [*transform_points(packed.index_to_ras, index), TIP]
    for place in places:
        s, a, r = np.rint(transform_points(np.linalg.inv(packed.index_to_ras), place)).astype(int)
        value = volume.value_at(volume.grid.nearest_voxel(transform_points(packed.index_to_ras, (s, a, r))))
        assert abs(codes[s, a, r] / 255 * 1000 - value) <= 1000 / 255 / 2
    assert codes.max() == 255


def test_the_cut_holds_all_marks_with_a_margin_and_is_as_large_as_asked():
    volume = scan()
    one = lesson(volume)
    packed = pack_volume(volume, one.volumes[0], MARKS, crop_mm=70)
    inside = transform_points(
        np.linalg.inv(packed.index_to_ras), [v for mark in MARKS for v in mark.geometry.vertices_ras_mm]
    )
    spacing = np.linalg.norm(packed.index_to_ras[:3, :3], axis=0)
    assert (inside * spacing >= 9).all()
    assert ((np.array(packed.shape) - 1 - inside) * spacing >= 9).all()
    assert packed.kept_mm[1] == pytest.approx(70, abs=3)
    assert "of 117 × 124 × 121 mm" in packed.words
    assert pack_volume(volume, one.volumes[0], MARKS, crop_mm=None).is_whole


def test_the_greys_hold_what_the_teacher_shows_a_mark_with():
    from napari_vascular_loop.domain.mark_view import MarkView

    volume = scan()
    wide = (replace(MARKS[0], view=MarkView(window=(-50, 1400))),)
    packed = pack_volume(volume, lesson(volume).volumes[0], wide)
    assert packed.values == (-50, 1400)
    assert packed.window == (0, 1000)


def test_another_volume_is_refused():
    with pytest.raises(WrongVolumeError):
        pack_volume(scan((1.0, 2.0)), lesson(scan()).volumes[0], MARKS)


@pytest.mark.parametrize("crop_mm", [0, -3, 1e9, float("nan")])
def test_no_length_is_refused(crop_mm):
    volume = scan()
    with pytest.raises(PageError, match="5 to 1000 mm"):
        pack_volume(volume, lesson(volume).volumes[0], MARKS, crop_mm=crop_mm)
