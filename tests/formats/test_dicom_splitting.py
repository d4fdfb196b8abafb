"""What differs within a DICOM series is kept apart or put in order of time, and is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import DOT_IJK, TILT_DEG, affine_of, make_dot_volume
from dicom_series import PATIENT, save, series, write_series

from napari_vascular_loop.formats.volumes import find_volumes, read_volumes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydicom.dataset import Dataset

    from napari_vascular_loop.domain.volume import Volume

MATRIX = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), TILT_DEG)
VOXELS = make_dot_volume(MATRIX).voxels
SLICES = VOXELS.shape[2]


def write_parts(folder: Path, *parts: dict[str, Any], **common: Any) -> list[Path]:
    """The same places once for each part; its voxels are higher by its number."""
    paths = []
    for number, part in enumerate(parts):
        numbers = {"InstanceNumber": lambda k, n=number: k * len(parts) + n + 1}
        values = {**numbers, **common, **part}
        paths += write_series(folder, VOXELS + number, MATRIX, file_name=lambda k, n=number: f"{n}-{k}", **values)
    return paths


def told(volumes: list[Volume]) -> dict[str, int]:
    """What each volume is called, and which part it is."""
    return {volume.provenance.description: int(volume.voxels[DOT_IJK]) - 1000 for volume in volumes}


def kind(*values: str) -> dict[str, list[str]]:
    return {"ImageType": ["ORIGINAL", "PRIMARY", *values]}


def b(value: float, *direction: float) -> dict[str, Any]:
    return {"DiffusionBValue": value, "DiffusionGradientOrientation": list(direction) or None}


SPLITS = {
    "echo numbers": ([{"EchoNumbers": 1}, {"EchoNumbers": 2}], ["CISS, echo 1", "CISS, echo 2"]),
    "echo times": ([{"EchoTime": 4.6}, {"EchoTime": 9.2}], ["CISS, TE 4.6 ms", "CISS, TE 9.2 ms"]),
    "parts": (
        [kind(part, "ND") for part in "MPRI"],
        ["CISS, magnitude", "CISS, phase", "CISS, real", "CISS, imaginary"],
    ),
    "components": (
        [{"ComplexImageComponent": part} for part in ("MAGNITUDE", "PHASE")],
        ["CISS, magnitude", "CISS, phase"],
    ),
    "maps": (
        [kind("DIFFUSION", part) for part in ("NONE", "ADC", "FA", "TRACEW")],
        ["CISS", "CISS, ADC", "CISS, FA", "CISS, trace"],
    ),
    "b-values": ([b(0), b(500, 1, 0, 0), b(1000, 1, 0, 0)], ["CISS, b 0", "CISS, b 500", "CISS, b 1000"]),
    "gradients": (
        [b(0), b(1000, 1, 0, 0), b(1000, 0, 0.6, 0.8), b(1000, 0, 1, 0)],
        ["CISS, b 0", "CISS, b 1000, direction 1", "CISS, b 1000, direction 2", "CISS, b 1000, direction 3"],
    ),
    "inversion": (
        [{"InversionTime": 900.0}, {"InversionTime": 2750.0}],
        ["CISS, inversion time 900 ms", "CISS, inversion time 2750 ms"],
    ),
    "nothing": ([{}, {}, {}], ["CISS, pass 1", "CISS, pass 2", "CISS, pass 3"]),
    "acquired at the same time": (
        [{"AcquisitionNumber": n, "AcquisitionTime": "101010"} for n in (1, 2)],
        ["CISS, pass 1", "CISS, pass 2"],
    ),
}


@pytest.mark.parametrize("what", SPLITS)
def test_repeated_places_become_volumes_that_are_told_apart(tmp_path, what):
    parts, names = SPLITS[what]
    write_parts(tmp_path, *parts)
    volumes = read_volumes(tmp_path)
    assert told(volumes) == {name: number for number, name in enumerate(names)}
    for volume in volumes:
        assert np.array_equal(volume.voxels, VOXELS + int(volume.voxels[DOT_IJK]) - 1000)
        assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-4)
        assert volume.time_points == 1
    assert len({volume.provenance.id for volume in volumes}) == len(volumes)


def siemens(dataset: Dataset, number: int) -> None:
    block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", "1000" if number else "0")
    if number:
        block.add_new(0x0E, "FD", [[1.0, 0.0, 0.0], [0.0, 0.6, 0.8]][number - 1])


def ge(dataset: Dataset, number: int) -> None:
    dataset.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x39, "IS", [1000001000 if number else 0, 8])
    block = dataset.private_block(0x0019, "GEMS_ACQU_01", create=True)
    for element, value in zip((0xBB, 0xBC, 0xBD), [(0, 0, 0), (1, 0, 0), (0, 0.6, 0.8)][number], strict=True):
        block.add_new(element, "DS", str(value))


def philips(dataset: Dataset, number: int) -> None:
    # As a program writes it that does not know the elements.
    value = np.float32(1000 if number else 0).tobytes()
    dataset.private_block(0x2001, "Philips Imaging DD 001", create=True).add_new(0x03, "UN", value)
    block = dataset.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    for element, value in zip((0xB0, 0xB1, 0xB2), [(0, 0, 0), (1, 0, 0), (0, 0.6, 0.8)][number], strict=True):
        block.add_new(element, "FL", value)


def someone_else(dataset: Dataset, number: int) -> None:
    dataset.private_block(0x0019, "ACME HEADER", create=True).add_new(0x0C, "IS", str(1000 * number))


def write_private(folder: Path, say: Callable[[Dataset, int], None], count: int = 3) -> None:
    for number in range(count):
        for k, dataset in enumerate(series(VOXELS + number, MATRIX, InstanceNumber=number + 1)):
            say(dataset, number)
            save(dataset, folder / f"{number}-{k}")


@pytest.mark.parametrize("vendor", [siemens, ge, philips])
def test_gradients_that_only_the_vendor_tells(tmp_path, vendor):
    write_private(tmp_path, vendor)
    names = ["CISS, b 0", "CISS, b 1000, direction 1", "CISS, b 1000, direction 2"]
    assert told(read_volumes(tmp_path)) == {name: number for number, name in enumerate(names)}


def test_elements_of_an_unknown_vendor_say_nothing(tmp_path):
    write_private(tmp_path, someone_else)
    assert "imaged 3 times" in find_volumes(tmp_path).volumes[0].header.provenance.warnings[0]


def test_phase_that_only_the_vendor_tells(tmp_path):
    def say(dataset: Dataset, number: int) -> None:
        dataset.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x2F, "SS", number)

    write_private(tmp_path, say, 2)
    assert told(read_volumes(tmp_path)) == {"CISS, magnitude": 0, "CISS, phase": 1}


# ------------------------------------------------------------------ time

TIMES = {
    "temporal position": (lambda n: {"TemporalPositionIdentifier": n + 1}, "Temporal Position"),
    "number of positions": (lambda _: {"NumberOfTemporalPositions": 4}, "Number of Temporal Positions"),
    "trigger": (lambda n: {"TriggerTime": 12.5 + 80 * n}, "Trigger Time"),
    "reference time": (lambda n: {"FrameReferenceTime": 500.0 * n}, "Frame Reference Time"),
    "acquisition": (
        lambda n: {"AcquisitionNumber": n + 1, "AcquisitionTime": f"10{n:02d}00.5"},
        "Acquisition Number",
    ),
}


@pytest.mark.parametrize("what", TIMES)
def test_time_points_are_one_volume_in_order_of_time(tmp_path, what):
    say, why = TIMES[what]
    # Later images have lower numbers where it is not the numbers that tell the time.
    numbers = None if what == "number of positions" else 1
    order = {} if numbers is None else {"InstanceNumber": lambda k: 500 - k}
    write_parts(tmp_path, *[{**say(n), **order} for n in range(4)])
    (found,) = find_volumes(tmp_path).volumes
    assert found.header.time_points == 4
    assert found.header.nbytes == VOXELS.nbytes * 4
    volume = found.read()
    assert volume.series is not None
    assert volume.series.shape == (*VOXELS.shape, 4)
    for n in range(4):
        assert np.array_equal(volume.at_time_point(n), VOXELS + n)
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-4)
    assert f"4 time points by {why}" in " ".join(volume.provenance.said)
    assert len(volume.provenance.source_files) == 4 * SLICES


def test_times_of_triggers_may_differ_from_slice_to_slice(tmp_path):
    def trigger(part: int) -> Callable[[int], float]:
        return lambda k: 3.0 * (k * 5 % 7) + 100 * part

    write_parts(tmp_path, *[{"TriggerTime": trigger(n)} for n in range(3)])
    (volume,) = read_volumes(tmp_path)
    assert [int(volume.at_time_point(n)[DOT_IJK]) for n in range(3)] == [1000, 1001, 1002]


def test_a_broken_off_time_point_is_left_out_and_said(tmp_path):
    paths = write_parts(tmp_path, *[{"TemporalPositionIdentifier": n + 1} for n in range(3)])
    for path in paths[-3:]:
        path.unlink()
    (volume,) = read_volumes(tmp_path)
    assert volume.time_points == 2
    assert volume.provenance.dropped == ("1 time point that is incomplete",)


def test_slices_missing_at_all_times_are_black_at_all_times(tmp_path):
    paths = write_parts(tmp_path, *[{"TemporalPositionIdentifier": n + 1} for n in range(2)])
    for n in range(2):
        paths[n * SLICES + 3].unlink()
    (volume,) = read_volumes(tmp_path)
    expected = np.stack([VOXELS, VOXELS + 1], axis=3)
    expected[:, :, 3] = 0
    assert np.array_equal(volume.series, expected)


def test_time_points_of_their_own_rescaling(tmp_path):
    write_parts(
        tmp_path, *[{"TemporalPositionIdentifier": n + 1, "RescaleSlope": str(n + 1)} for n in range(2)], Modality="PT"
    )
    (found,) = find_volumes(tmp_path).volumes
    assert found.header.dtype == "float32"
    volume = found.read()
    assert np.array_equal(volume.at_time_point(0), VOXELS)
    assert np.array_equal(volume.at_time_point(1), (VOXELS + 1) * 2)


def test_each_echo_has_its_time_points(tmp_path):
    parts = [{"EchoNumbers": echo, "TemporalPositionIdentifier": time} for echo in (1, 2) for time in (1, 2, 3)]
    write_parts(tmp_path, *parts)
    volumes = read_volumes(tmp_path)
    assert [volume.time_points for volume in volumes] == [3, 3]
    assert told(volumes) == {"CISS, echo 1": 0, "CISS, echo 2": 3}


# ------------------------------------------------------------------ planes and matrices


def test_a_localiser_of_three_planes_becomes_three_stacks(tmp_path):
    axes = {
        "CISS, axial": ((0, 1, 2), (-1, -1, 1)),
        "CISS, coronal": ((0, 2, 1), (-1, -1, 1)),
        "CISS, sagittal": ((1, 2, 0), (-1, -1, 1)),
    }
    for n, (order, signs) in enumerate(axes.values()):
        matrix = affine_of(order, signs, (1, 1, 10))
        write_series(tmp_path / str(n), VOXELS[:, :, :3], matrix, InstanceNumber=lambda k, n=n: k * 3 + n)
    volumes = {volume.provenance.description: volume for volume in read_volumes(tmp_path)}
    assert set(volumes) == set(axes)
    for name, volume in volumes.items():
        (ijk,) = np.argwhere(volume.voxels == 1000)
        place_mm = affine_of(*axes[name], (1, 1, 10))[:3] @ [*DOT_IJK, 1]
        assert np.linalg.norm(volume.grid.ras_from_voxel(ijk) - place_mm) < 0.01


@pytest.mark.parametrize(
    ("shape", "spacing_mm", "names"),
    [
        ((11, 12, 7), (0.9, 1.1, 2.3), {"CISS, 11 x 13", "CISS, 11 x 12"}),
        ((11, 13, 7), (0.5, 1.1, 2.3), {"CISS, pixels of 0.9 x 1.1 mm", "CISS, pixels of 0.5 x 1.1 mm"}),
    ],
)
def test_matrices_and_spacings_are_kept_apart(tmp_path, shape, spacing_mm, names):
    write_series(tmp_path / "1", VOXELS, MATRIX)
    other = affine_of((0, 1, 2), (-1, -1, 1), spacing_mm, TILT_DEG)
    write_series(tmp_path / "2", VOXELS[: shape[0], : shape[1]], other)
    assert {volume.provenance.description for volume in read_volumes(tmp_path)} == names


def test_stacks_side_by_side_are_kept_apart(tmp_path):
    aside = MATRIX.copy()
    aside[:3, 3] += MATRIX[:3, 0] * 40
    write_series(tmp_path / "1", VOXELS, MATRIX, InstanceNumber=lambda k: 2 * k)
    write_series(tmp_path / "2", VOXELS + 1, aside, InstanceNumber=lambda k: 2 * k + 1)
    one, other = read_volumes(tmp_path)
    assert np.allclose(one.voxel_to_ras, MATRIX, atol=1e-4)
    assert np.allclose(other.voxel_to_ras, aside, atol=1e-4)


def test_orientations_that_differ_in_the_last_digits_are_one(tmp_path):
    random = np.random.default_rng(4)
    for k, dataset in enumerate(series(VOXELS, MATRIX)):
        cosines = np.array(dataset.ImageOrientationPatient, dtype=float) + random.uniform(-5e-5, 5e-5, 6)
        dataset.ImageOrientationPatient = [f"{value:.6f}" for value in cosines]
        save(dataset, tmp_path / f"{k}")
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)


def test_slices_tilted_against_each_other_are_said(tmp_path):
    turned = affine_of((0, 1, 2), (-1, -1, 1), (0.9 * 30, 1.1 * 30, 2.3), TILT_DEG)
    for k, dataset in enumerate(series(VOXELS, turned)):
        cosines = np.array(dataset.ImageOrientationPatient, dtype=float)
        cosines[2] += 0.0008 * (k == 3)
        dataset.ImageOrientationPatient = [f"{value:.8f}" for value in cosines]
        save(dataset, tmp_path / f"{k}")
    (volume,) = read_volumes(tmp_path)
    assert "tilted against each other by up to 0.05 degrees" in volume.provenance.warnings[0]


def test_files_of_no_series_in_two_folders_are_kept_apart(tmp_path):
    write_series(tmp_path / "1", VOXELS, MATRIX, SeriesInstanceUID=None)
    write_series(tmp_path / "2", VOXELS + 1, MATRIX, SeriesInstanceUID=None)
    one, other = read_volumes(tmp_path)
    assert (one.voxels[DOT_IJK], other.voxels[DOT_IJK]) == (1000, 1001)
    assert one.provenance.id != other.provenance.id


def test_one_uid_for_all_slices_is_a_careless_anonymiser_not_copies(tmp_path):
    write_series(tmp_path, VOXELS, MATRIX, SOPInstanceUID="1.2.3.4.5")
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)


def test_ids_stay_whatever_the_order_of_the_files(tmp_path):
    parts, _ = SPLITS["gradients"]
    write_parts(tmp_path / "one", *parts)
    for n, path in enumerate(sorted((tmp_path / "one").iterdir(), reverse=True)):
        (tmp_path / "other").mkdir(exist_ok=True)
        (tmp_path / "other" / f"{n:04d}").write_bytes(path.read_bytes())
    ids = []
    for name in ("one", "other"):
        volumes = find_volumes(tmp_path / name).volumes
        ids.append({one.header.provenance.description: one.header.provenance.id for one in volumes})
    assert ids[0] == ids[1]
    assert len(set(ids[0].values())) == 4
    assert not any(PATIENT.split("^")[0].lower() in id_ for id_ in ids[0].values())
