"""The computed head: what is known of it is true of its voxels, on each side, whichever way the voxels lie."""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from napari_vascular_loop.domain.annotation import Grade, Path, Side
from napari_vascular_loop.domain.measure import closest_approach
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.samples.computed import computed_volume
from napari_vascular_loop.samples.cpa_anatomy import DEVIATED_MM, INDENTED_MM, Anatomy, Compression
from napari_vascular_loop.samples.cpa_scan import (
    Sequence,
    compute_scan,
    compute_scans,
    cpa_grid,
    expected_values,
    unrounded_values,
)
from napari_vascular_loop.samples.cpa_truth import true_annotations

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import FloatArray

every_head = pytest.mark.parametrize("compression", Compression)
both_sides = pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])


@cache
def anatomy_of(compression: Compression) -> Anatomy:
    return Anatomy(compression)


def oblique_grid() -> Grid:
    """A block of voxels about the root of the left nerve, of unequal sides, turned about all three axes."""
    angles = np.deg2rad([14.0, -9.0, 23.0])
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        a, b = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        step[a, a] = step[b, b] = np.cos(angle)
        step[a, b], step[b, a] = -np.sin(angle), np.sin(angle)
        turn = turn @ step
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ np.diag([-0.4, 0.45, 0.5])
    shape = (60, 56, 44)
    matrix[:3, 3] = np.array([-22.0, -28.0, -42.0]) - matrix[:3, :3] @ (np.array(shape) - 1) / 2
    return Grid(shape, matrix)


@cache
def oblique() -> tuple[Grid, FloatArray, FloatArray]:
    grid = oblique_grid()
    ciss, tof = expected_values(Compression.DEVIATION, grid=grid)
    return grid, ciss, tof


@cache
def straight(compression: Compression = Compression.CONTACT) -> tuple[Grid, FloatArray, FloatArray]:
    ciss, tof = expected_values(compression)
    return cpa_grid(), ciss, tof


def values_at(grid: Grid, values: FloatArray, places_ras_mm: FloatArray) -> FloatArray:
    ijk = np.einsum("ab,...b->a...", grid.ras_to_voxel[:3, :3], places_ras_mm)
    ijk += grid.ras_to_voxel[:3, 3].reshape(3, *([1] * (places_ras_mm.ndim - 1)))
    return np.asarray(map_coordinates(values, ijk, order=3, mode="nearest"))


def off_the_line_mm(grid: Grid, values: FloatArray, place: FloatArray, ahead: FloatArray) -> float | None:
    """How far from a place on a line the middle of the dark disc across it lies; None if not in fluid all round."""
    ahead = ahead / np.linalg.norm(ahead)
    one = np.cross(ahead, [0.0, 0.0, 1.0])
    one /= np.linalg.norm(one)
    other = np.cross(ahead, one)
    steps = np.linspace(-1.0, 1.0, 41)
    u, v = np.meshgrid(steps, steps, indexing="ij")
    out = np.hypot(u, v)
    seen = values_at(grid, values, place + u[..., None] * one + v[..., None] * other)
    ring = seen[np.abs(out - 1.0) < 0.06]
    if ring.min() < 800:
        return None
    weight = np.where(out <= 1.0, np.clip(np.median(ring) - seen, 0.0, None), 0.0)
    return float(np.hypot((u * weight).sum(), (v * weight).sum()) / weight.sum())


def free_places(compression: Compression, side: Side) -> list[tuple[FloatArray, FloatArray]]:
    """Places of the facial nerve with fluid all round, and the way on from there."""
    line = anatomy_of(compression).facial[side].line_ras_mm
    others = np.concatenate([tube.line_ras_mm for tube in anatomy_of(compression).tubes if tube.name != "facial-nerve"])
    found = []
    for at in range(100, len(line) - 20, 8):
        if np.linalg.norm(others - line[at], axis=1).min() > 2.2:
            found.append((line[at], line[at + 8] - line[at - 8]))
    return found


# ------------------------------------------------------------------ geometry


@every_head
def test_the_artery_meets_the_left_nerve_as_the_name_says(compression):
    anatomy = anatomy_of(compression)
    found = anatomy.contact(Side.LEFT)
    wanted = -INDENTED_MM if compression is Compression.INDENTATION else 0.0
    assert found.between_walls_mm == pytest.approx(wanted, abs=1e-3)
    assert found.between_lines_mm == pytest.approx(1.15 + wanted, abs=1e-3)
    assert found.on_first_ras_mm[0] < -10
    attached = compression is not Compression.DEVIATION
    assert found.along_first_mm == pytest.approx(5.0 if attached else 14.0, abs=0.3)


@every_head
def test_on_the_right_nothing_touches_the_nerve(compression):
    found = anatomy_of(compression).contact(Side.RIGHT)
    assert found.between_walls_mm > 4.0
    assert found.on_first_ras_mm[0] > 10


@pytest.mark.parametrize(
    ("compression", "pushed_mm"),
    [(Compression.CONTACT, 0.0), (Compression.INDENTATION, 0.3), (Compression.DEVIATION, DEVIATED_MM)],
)
def test_the_nerve_is_pushed_off_its_course_by_as_much_as_is_said(compression, pushed_mm):
    anatomy = anatomy_of(compression)
    for side, wanted in ((Side.LEFT, pushed_mm), (Side.RIGHT, 0.0)):
        straight_line = anatomy.straight_facial(side)
        line = anatomy.facial[side].line_ras_mm
        off = [np.linalg.norm(straight_line - place, axis=1).min() for place in line]
        assert max(off) == pytest.approx(wanted, abs=0.12), side


def test_sizes_are_those_of_the_literature():
    anatomy = anatomy_of(Compression.CONTACT)
    sizes = {tube.name: 2 * tube.radius_mm for tube in anatomy.tubes}
    assert sizes["facial-nerve"] == 1.2
    assert sizes["vestibulocochlear-nerve"] == 2.1
    assert sizes["basilar-artery"] == 3.3
    assert sizes["vertebral-artery"] == 3.0
    vertebral = next(tube for tube in anatomy.vessels if tube.name == "vertebral-artery")
    above_junction = anatomy.aica[Side.LEFT].line_ras_mm[0, 2] - vertebral.line_ras_mm[-1, 2]
    assert 6.7 <= above_junction <= 13.1, "9.9 +- 3.2 mm above the vertebrobasilar junction"


# ------------------------------------------------------------------ voxels


@pytest.mark.parametrize("compression", [Compression.CONTACT, Compression.DEVIATION])
@both_sides
def test_the_nerve_in_the_voxels_lies_on_its_path(compression, side):
    grid, ciss, _ = straight(compression)
    places = free_places(compression, side)
    off = [mm for place, ahead in places if (mm := off_the_line_mm(grid, ciss, place, ahead)) is not None]
    assert len(off) > 1
    assert max(off) < 0.25 * min(grid.spacing_mm), off


def test_in_an_oblique_scan_the_bent_nerve_lies_on_its_path_too():
    grid, ciss, _ = oblique()
    inside = [
        (place, ahead)
        for place, ahead in free_places(Compression.DEVIATION, Side.LEFT)
        if (ijk := grid.nearest_voxel(tuple(place))) is not None
        and all(4 < n < size - 5 for n, size in zip(ijk, grid.shape, strict=True))
    ]
    off = [mm for place, ahead in inside if (mm := off_the_line_mm(grid, ciss, place, ahead)) is not None]
    assert len(off) > 1
    assert max(off) < 0.25 * min(grid.spacing_mm), off


def test_in_an_oblique_scan_flow_is_bright_along_the_loop():
    grid, _, tof = oblique()
    line = anatomy_of(Compression.DEVIATION).aica[Side.LEFT].line_ras_mm
    inside = [place for place in line[::10] if grid.nearest_voxel(tuple(place)) is not None]
    assert len(inside) > 20
    assert min(values_at(grid, tof, np.array(inside))) > 150


@every_head
def test_contact_is_in_the_voxels_of_the_side_that_is_named_and_of_that_side_only(compression):
    """Where the walls meet there is no fluid; at the mirrored place of the right there is."""
    grid, ciss, tof = straight(compression)
    found = anatomy_of(compression).contact(Side.LEFT)
    between = (np.array(found.on_first_ras_mm) + found.on_second_ras_mm) / 2
    artery, mirrored = np.array(found.on_second_ras_mm), np.array(found.on_second_ras_mm) * [-1, 1, 1]
    at_left, at_right = values_at(grid, ciss, np.stack([between, mirrored]))
    assert at_left < 600
    assert at_right > at_left + 250
    flow, none = values_at(grid, tof, np.stack([artery, mirrored]))
    assert flow > 150
    assert none < 80


def test_fluid_is_bright_bone_black_and_nerves_vessels_dark_lines():
    grid, ciss, tof = straight()
    places = {
        "fluid": (0.0, -10.5, -42.0),
        "pons": (3.0, -24.0, -34.0),
        "bone": (36.0, -12.0, -44.0),
        "canal": (34.0, -20.6, -42.6),
        "basilar": (0.4, -7.7, -40.0),
    }
    seen = {name: values_at(grid, ciss, np.array([place]))[0] for name, place in places.items()}
    assert seen["fluid"] > 900
    assert 380 < seen["pons"] < 520
    assert seen["bone"] < 80
    assert seen["canal"] > 700
    assert seen["basilar"] < 180
    flow = {name: values_at(grid, tof, np.array([place]))[0] for name, place in places.items()}
    assert flow["basilar"] > 450
    assert 70 < flow["pons"] < 120
    assert max(flow["fluid"], flow["bone"]) < 45


# ------------------------------------------------------------------ the same everywhere


def test_a_scan_is_the_same_at_every_call_and_its_noise_another_with_another_seed():
    grid = oblique_grid()
    one, again = (compute_scan(Compression.CONTACT, Sequence.CISS, grid=grid).voxels for _ in range(2))
    other = compute_scan(Compression.CONTACT, Sequence.CISS, grid=grid, seed=1).voxels
    assert one.dtype == np.int16
    assert np.array_equal(one, again)
    assert 15 < float(np.std(one.astype(float) - other)) < 60
    both = compute_scans(Compression.CONTACT, grid=grid)
    assert np.array_equal(one, both[0].voxels)
    flow = compute_scan(Compression.CONTACT, Sequence.TOF, grid=grid).voxels
    assert np.array_equal(flow, both[1].voxels), "computed alone it is another than computed with the other"


def test_geometry_to_the_hundredth_of_a_mm_is_the_same_on_every_computer():
    digest = hashlib.sha256()
    for compression in Compression:
        for tube in anatomy_of(compression).tubes:
            digest.update(f"{tube.name} {tube.side} {tube.radius_mm:.2f}".encode())
            # Half a hundredth is added, so that no place lies where it could be rounded either way.
            places = np.floor(tube.line_ras_mm[:: max(1, len(tube.line_ras_mm) // 9)] * 20 + 0.013)
            digest.update(places.astype("<i4").tobytes())
    assert digest.hexdigest() == "1ae5828ef979daac90605b08c1a2eb2b8897d222370427126c74c9f5840d604e"


def test_no_voxel_of_a_shipped_scan_lies_where_another_computer_could_round_it_the_other_way():
    """Arithmetic differs from one computer to the next by less than a billionth; lessons know a scan by its voxels."""
    found = unrounded_values(Compression.INDENTATION)
    margins = [float(np.abs(values - np.floor(values) - 0.5).min()) for values in found]
    assert min(margins) > 1e-8


def test_a_recipe_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="no recipe 'knee/contact/ciss'"):
        computed_volume("knee/contact/ciss")


# ------------------------------------------------------------------ annotations


@every_head
def test_annotations_say_what_was_computed(compression):
    marks = true_annotations(compression, volume_id="v")
    paths = {(m.structure, m.side): m for m in marks if isinstance(m.geometry, Path) and "Nerve to" not in m.label}
    assert set(paths) == {
        *((name, side) for name in ("facial-nerve", "vestibulocochlear-nerve", "aica", "vertebral-artery")
          for side in (Side.LEFT, Side.RIGHT)),
        ("basilar-artery", Side.MIDLINE),
    }  # fmt: skip
    for side in (Side.LEFT, Side.RIGHT):
        one, other = closest_approach(paths["facial-nerve", side].geometry, paths["aica", side].geometry)
        exact = anatomy_of(compression).contact(side)
        assert float(np.linalg.norm(np.subtract(one, other))) == pytest.approx(exact.between_lines_mm, abs=0.06)
    (contact,) = (m for m in marks if m.label == "Contact (L)")
    assert contact.side is Side.LEFT
    assert contact.grade is list(Grade)[list(Compression).index(compression)]
    assert all(m.volume_id == "v" for m in marks)


def test_of_time_of_flight_only_vessels_are_annotated():
    names = {mark.structure for mark in true_annotations(Compression.CONTACT, Sequence.TOF)}
    assert names == {"aica", "basilar-artery", "vertebral-artery"}


@both_sides
def test_no_chord_of_a_path_leaves_its_curve(side):
    tube = anatomy_of(Compression.DEVIATION).aica[side]
    (mark,) = (m for m in true_annotations(Compression.DEVIATION) if m.structure == "aica" and m.side is side)
    assert off_the_chords_mm(tube.line_ras_mm, mark) < 0.05


def off_the_chords_mm(line: FloatArray, mark: Annotation) -> float:
    corners = np.array(mark.geometry.vertices_ras_mm)
    nearest = np.full(len(line), np.inf)
    for a, b in pairwise(corners):
        t = np.clip((line - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(line - a - t[:, None] * (b - a), axis=1))
    return float(nearest.max())
