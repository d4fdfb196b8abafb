"""How marks look on a slice."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from conftest import affine_of

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import (
    FAINTEST,
    SLAB_MM,
    Reach,
    arrow_outline,
    colour_of,
    grow_outline,
    opacities_at,
    resample,
)
from napari_vascular_loop.domain.drawn_marks import mark_on_slice
from napari_vascular_loop.domain.frame import DisplayFrame
from napari_vascular_loop.domain.space import Grid

S, A, R = 0, 1, 2
# 1 mm voxels, not tilted: display coordinates are RAS mm in reverse order.
FRAME = DisplayFrame(Grid((60, 60, 60), affine_of((1, 0, 2), (-1, 1, -1), (1, 1, 1), origin_mm=(-30, 30, 30))))


def on_slice(geometry, axis: int, slice_mm: float):
    return mark_on_slice(Annotation(geometry, "tof", "Loop"), FRAME, axis, slice_mm)


@pytest.mark.parametrize(
    ("distance_mm", "opacity"),
    [
        (0, 1),
        (0.5, 1),
        (-0.5, 1),
        (0.5 + SLAB_MM / 2, (1 + FAINTEST) / 2),
        (0.5 + SLAB_MM, FAINTEST),
        (-0.5 - SLAB_MM, FAINTEST),
        (0.51 + SLAB_MM, 0),
        (100, 0),
    ],
)
def test_marks_fade_with_the_distance_from_the_slice(distance_mm, opacity):
    assert opacities_at(np.array([abs(distance_mm)]), half_slice_mm=0.5) == pytest.approx(opacity)


@pytest.mark.parametrize(
    ("geometry", "vertices_ra"),
    [
        (Arrow((1, 2, 10), (5, 9, 10)), [(2, 1), (9, 5)]),
        (Point((5, 9, 10)), [(9, 5)]),
        (Region(((0, 0, 10), (4, 0, 10), (0, 7, 10))), [(0, 0), (0, 4), (7, 0)]),
    ],
)
def test_a_mark_lies_in_the_axial_slice_as_anterior_and_right_mm(geometry, vertices_ra):
    drawn = on_slice(geometry, S, 10)
    (stroke,) = drawn.strokes
    assert np.allclose(stroke.vertices_mm, vertices_ra)
    assert stroke.opacity == drawn.opacity == 1


@pytest.mark.parametrize(("axis", "slice_mm", "vertices"), [(S, 3, [(2, 1)]), (A, 2, [(3, 1)]), (R, 1, [(3, 2)])])
def test_the_axes_of_each_plane(axis, slice_mm, vertices):
    (stroke,) = on_slice(Point((1, 2, 3)), axis, slice_mm).strokes
    assert np.allclose(stroke.vertices_mm, vertices)


@pytest.mark.parametrize(
    ("geometry", "near_mm", "far_mm"),
    [
        (Arrow((0, 0, 30), (0, 5, 10)), 12, 20),
        (Point((0, 0, 10)), 8, 14),
        (Region(((0, 0, 10), (4, 0, 10.2), (0, 7, 9.8))), 12, 14.5),
        (Path(((0, 0, 10), (5, 0, 10))), 12, 14),
    ],
    ids=["arrow, by its tip", "point", "region", "path"],
)
def test_a_mark_is_fainter_beside_its_slice_and_gone_farther_off(geometry, near_mm, far_mm):
    assert 0 < on_slice(geometry, S, near_mm).opacity < 1
    assert on_slice(geometry, S, far_mm).strokes == ()
    assert on_slice(geometry, S, far_mm).opacity == 0


def test_a_path_across_slices_is_cut_into_parts_that_fade():
    path = Path(((0, 0, 0), (0, 0, 20)))
    drawn = on_slice(path, S, 10)
    opacities = [stroke.opacity for stroke in drawn.strokes]
    assert len(opacities) >= 3
    full = opacities.index(1)
    assert opacities == sorted(opacities[: full + 1]) + sorted(opacities[full + 1 :], reverse=True)


def test_what_lies_in_the_slab_of_a_path_is_one_part_in_full_and_it_fades_beyond():
    path = Path(((0, 0, 0), (0, 30, 30)))
    drawn = mark_on_slice(Annotation(path, "head"), FRAME, S, 15, Reach(slab_mm=10, fade_mm=4))
    (full,) = (stroke.vertices_mm for stroke in drawn.strokes if stroke.opacity == 1)
    assert (full[:, 0].min(), full[:, 0].max()) == pytest.approx((10, 20), abs=1.0)
    everything = np.vstack([stroke.vertices_mm for stroke in drawn.strokes])
    assert (everything[:, 0].min(), everything[:, 0].max()) == pytest.approx((6, 24), abs=1.0)
    (only,) = mark_on_slice(Annotation(path, "head"), FRAME, S, 15, Reach(slab_mm=10, fade_mm=0)).strokes
    assert (only.vertices_mm[:, 0].min(), only.vertices_mm[:, 0].max()) == pytest.approx((10, 20), abs=1.0)


def test_the_parts_of_a_path_join_and_lie_on_it():
    path = Path(((0, 0, 0), (20, 10, 20)))
    strokes = on_slice(path, S, 10).strokes
    for before, after in itertools.pairwise(strokes):
        assert np.allclose(before.vertices_mm[-1], after.vertices_mm[0])
    everything = np.vstack([stroke.vertices_mm for stroke in strokes])
    assert np.allclose(everything[:, 1], 2 * everything[:, 0])
    # Parts farther off than the slab are left out.
    assert everything[:, 1].min() > 10 - SLAB_MM - 1.5
    assert everything[:, 1].max() < 10 + SLAB_MM + 1.5


def test_the_label_of_a_path_stands_where_the_path_crosses_the_slice():
    anchor = on_slice(Path(((0, 0, 0), (20, 10, 20))), S, 4).label_anchor_mm
    assert np.allclose(anchor, (2, 4), atol=1)


@pytest.mark.parametrize(
    ("tail", "tip", "unit_mm"),
    [((0, 0), (10, 0), 0.4), ((3.3, -7.1), (-4.2, 9.9), 0.4), ((0, 0), (0.3, 0.1), 1.0), ((5, 5), (5, 5), 0.5)],
    ids=["straight", "slanted", "shorter than its head", "without length"],
)
def test_arrow_outline_ends_exactly_at_the_tip(tail, tip, unit_mm):
    outline = arrow_outline(np.array(tail, dtype=float), np.array(tip, dtype=float), unit_mm)
    assert outline.shape == (7, 2)
    assert np.array_equal(outline[3], tip)
    assert np.isfinite(outline).all()


def test_arrow_outline_is_a_shaft_with_a_wider_head_and_symmetrical():
    outline = arrow_outline(np.array([0.0, 0.0]), np.array([20.0, 0.0]), 0.5)
    assert np.allclose(outline[::-1] * (1, -1), outline)
    assert outline[:, 0].max() == 20
    assert outline[0] == pytest.approx((0, 0.5))
    assert abs(outline[2, 1]) > 2 * abs(outline[1, 1])


SQUARE = np.array([(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0)])


@pytest.mark.parametrize("outline", [SQUARE, SQUARE[::-1], np.roll(SQUARE, 1, axis=0)])
def test_grown_outline_is_larger_by_as_much_on_every_side(outline):
    grown = grow_outline(outline, 0.5)
    assert grown.min(axis=0) == pytest.approx((-0.5, -0.5))
    assert grown.max(axis=0) == pytest.approx((4.5, 2.5))
    assert np.allclose(np.abs(grown - outline), 0.5)


def test_grown_arrow_keeps_its_tip_on_the_line():
    outline = arrow_outline(np.array([0.0, 0.0]), np.array([20.0, 0.0]), 0.5)
    grown = grow_outline(outline, 0.3)
    assert grown[3, 0] > 20
    assert grown[3, 1] == pytest.approx(0)


def test_resampled_polyline_passes_through_its_vertices_in_small_steps():
    vertices = np.array([(0.0, 0, 0), (3.0, 4, 0), (3.0, 4, 0.2)])
    dense = resample(vertices, 0.5)
    assert np.linalg.norm(np.diff(dense, axis=0), axis=1).max() <= 0.5 + 1e-9
    assert all(np.isclose(dense, vertex).all(axis=1).any() for vertex in vertices)


@pytest.mark.parametrize(
    ("structures", "same"),
    [(("aica", "basilar-artery"), True), (("aica", "facial-nerve"), False), (("free text", None), True)],
)
def test_marks_are_coloured_by_tissue(structures, same):
    one, other = (colour_of(Annotation(Point((0, 0, 0)), "tof", structure=s)) for s in structures)
    assert (one == other) is same
