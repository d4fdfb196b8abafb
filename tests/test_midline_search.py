"""The plane between left and right is found where a head lies turned, tilted, aside; or it is said that it was not."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import rotation

from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.midline_search import estimate_midline


def head(turned_deg: float, tilted_deg: float, shift_mm: float) -> tuple[Volume, np.ndarray, float]:
    """A head alike on both sides but for a few blobs, turned about S, tilted about A and shifted; and its plane."""
    spacing = 3.0
    shape = (62, 68, 64)
    matrix = np.diag([spacing, spacing, spacing, 1.0])
    matrix[:3, 3] = -spacing * (np.array(shape) - 1) / 2
    ras = np.moveaxis(np.indices(shape), 0, -1) * spacing + matrix[:3, 3]
    turn = rotation(0, tilted_deg, turned_deg)[:3, :3]
    own = (ras - [shift_mm, 0, 0]) @ turn
    r, a, s = np.moveaxis(own, -1, 0)
    values = np.where((r / 66) ** 2 + (a / 85) ** 2 + (s / 80) ** 2 < 1, 300.0, 0)
    rng = np.random.default_rng(4)
    for _ in range(14):
        x, y, z = rng.uniform([8, -60, -50], [50, 60, 50])
        size = rng.uniform(8, 16)
        value = rng.uniform(-250, 500)
        for side in (1, -1):
            values += value * np.exp(-((r - side * x) ** 2 + (a - y) ** 2 + (s - z) ** 2) / (2 * (size / 2) ** 2))
    # A lesion on one side, as in a patient.
    values += 400 * np.exp(-((r - 30) ** 2 + (a + 20) ** 2 + (s - 10) ** 2) / 60)
    normal = turn @ np.array([1.0, 0, 0])
    volume = Volume(values.astype(np.float32), matrix, Provenance())
    return volume, normal, float(normal @ [shift_mm, 0, 0])


@pytest.mark.parametrize(
    ("turned_deg", "tilted_deg", "shift_mm"), [(0, 0, 0), (0, 0, 9), (8, 0, -6), (0, -9, 0), (12, 4, 10)]
)
def test_a_head_that_lies_turned_tilted_and_aside_is_mirrored_onto_itself(turned_deg, tilted_deg, shift_mm):
    volume, normal, offset = head(turned_deg, tilted_deg, shift_mm)
    found = estimate_midline(volume)
    assert found.is_estimated
    assert np.degrees(np.arccos(np.clip(found.normal_ras @ normal, -1, 1))) < 1.5
    # Where a place 25 mm beside the midline is mirrored to.
    place = normal * (offset + 25) + np.array([0.0, 20, -15]) - normal * (np.array([0.0, 20, -15]) @ normal)
    truth = place - 50 * normal
    assert np.linalg.norm(found.mirrored(place) - truth) < 2.0
    assert "estimated from the image" in found.words
    assert estimate_midline(volume) is found


def test_mirroring_twice_leads_back():
    found = estimate_midline(head(8, 3, -6)[0])
    places = np.random.default_rng(1).uniform(-60, 60, (9, 3))
    np.testing.assert_allclose(found.mirrored(found.mirrored(places)), places, atol=1e-9)
    direction = found.mirrored_direction(found.normal_ras)
    np.testing.assert_allclose(direction, -found.normal_ras)


def test_where_there_is_no_likeness_the_middle_of_the_scanner_is_taken_and_that_is_said():
    noise = np.random.default_rng(2).normal(size=(60, 60, 60)).astype(np.float32)
    matrix = np.diag([2.0, 2, 2, 1])
    matrix[:3, 3] = -59
    for voxels in (noise, np.zeros((40, 40, 40), dtype=np.int16)):
        found = estimate_midline(Volume(voxels, matrix))
        assert not found.is_estimated
        np.testing.assert_array_equal(found.mirrored([12.0, 3, 4]), [-12, 3, 4])
        assert "middle of the scanner" in found.words
