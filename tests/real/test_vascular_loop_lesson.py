"""The lesson on the real time of flight: it is bound to that scan, and its marks lie on the vessels they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_vascular_loop.domain.annotation import Region
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.lessons import LOOP_LESSON, check_volume, open_shipped_lesson

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

pytestmark = pytest.mark.real

VESSEL = 105
"""Voxels of at least this value hold flowing blood; nine tenths of the brain's and fluid's lie below 92."""


@pytest.fixture
def volume(real_scans: Path) -> Volume:
    (entry,) = open_shipped_lesson(LOOP_LESSON).lesson.volumes
    return check_volume(entry, read_volumes(real_scans / "tof_posterior_fossa_crop.nii.gz"))


def value_at(volume: Volume, place_ras_mm: tuple[float, float, float]) -> float:
    voxel = volume.grid.nearest_voxel(place_ras_mm)
    assert voxel is not None
    return volume.value_at(voxel)


def test_every_mark_of_a_vessel_lies_on_flowing_blood(volume):
    for mark in open_shipped_lesson(LOOP_LESSON).annotations:
        if isinstance(mark.geometry, Region):
            continue  # where the nerve is expected: it is not seen
        assert value_at(volume, mark.geometry.anchor_ras_mm) > VESSEL, mark.label
        if mark.label in ("AICA (L)", "Looping artery (R)"):
            values = [value_at(volume, place) for place in mark.geometry.vertices_ras_mm]
            assert min(values) > VESSEL, (mark.label, values)


def test_the_tail_of_each_arrow_leaves_the_vessel_free(volume):
    for label in ("Arch of an artery (R)", "Hairpin of AICA (L)"):
        (mark,) = (one for one in open_shipped_lesson(LOOP_LESSON).annotations if one.label == label)
        tail, tip = np.array(mark.geometry.tail_ras_mm), np.array(mark.geometry.tip_ras_mm)
        along = [value_at(volume, tuple(tail + (tip - tail) * part)) for part in np.linspace(0, 0.8, 20)]
        assert max(along) < VESSEL, label
        voxels = [volume.grid.voxel_from_ras(place) for place in (tail, tip)]
        assert voxels[0][2] == pytest.approx(voxels[1][2], abs=0.1), "arrow and loop are seen in one plane"
