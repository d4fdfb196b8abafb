"""Enhanced multi-frame files: geometry from their functional groups, whatever the order of the frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import DOT_IJK, TILT_DEG, affine_of, make_dot_volume
from dicom_enhanced import Frame, frames, write_enhanced
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes
from napari_vascular_loop.formats.volumes.dicom.file import read_header
from napari_vascular_loop.formats.volumes.dicom.functional_groups import asked, walked

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

    from napari_vascular_loop.domain.volume import Volume

SPACING_MM = (0.9, 1.1, 2.3)
PLANES = {
    "axial": affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM),
    "coronal": affine_of((0, 2, 1), (-1, -1, 1), SPACING_MM),
    "oblique": affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM, TILT_DEG),
    "oblique sagittal": affine_of((1, 2, 0), (-1, -1, -1), SPACING_MM, TILT_DEG),
}
OBLIQUE = PLANES["oblique"]
VOXELS = make_dot_volume(OBLIQUE).voxels
EVERY_GROUP = tuple(frames(VOXELS, OBLIQUE)[0].groups)


def odd_order(images: list[Frame]) -> list[Frame]:
    return [images[n] for n in np.random.default_rng(1).permutation(len(images))]


def write(folder: Path, images: list[Frame], **options: Any) -> Path:
    return write_enhanced(folder / "enhanced.dcm", odd_order(images), **options)


def told(volumes: list[Volume]) -> dict[str, int]:
    return {volume.provenance.description: int(volume.voxels[DOT_IJK]) - 1000 for volume in volumes}


@pytest.mark.parametrize("kind", ["MR", "CT", "PT"])
@pytest.mark.parametrize("plane", PLANES)
def test_the_bright_voxel_lies_where_it_was_scanned(tmp_path, plane, kind):
    matrix = PLANES[plane]
    write(tmp_path, frames(VOXELS, matrix), kind=kind)
    (found,) = find_volumes(tmp_path).volumes
    assert (found.header.dtype, found.header.time_points) == ("int16", 1)
    volume = found.read()
    (ijk,) = np.argwhere(volume.voxels == 1000)
    assert np.linalg.norm(volume.grid.ras_from_voxel(ijk) - matrix[:3] @ [*DOT_IJK, 1]) < 0.01
    assert sorted(volume.spacing_mm) == pytest.approx(sorted(SPACING_MM))
    assert volume.provenance.warnings == ()
    assert volume.provenance.modality == kind
    assert "multi-frame: 7 frames of one file" in volume.provenance.said
    assert np.sort(found.middle_slice(), axis=None).tolist() == np.sort(VOXELS[:, :, 3], axis=None).tolist()


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("undefined_length", [False, True])
@pytest.mark.parametrize("shared", [(), EVERY_GROUP[:2], ("PixelValueTransformationSequence",)])
def test_groups_may_be_shared_or_of_each_frame_and_written_in_any_way(tmp_path, syntax, undefined_length, shared):
    images = frames(VOXELS, OBLIQUE, PixelValueTransformationSequence={"RescaleIntercept": "-7", "RescaleSlope": "2"})
    options: dict[str, Any] = {"transfer_syntax": syntax, "undefined_length": undefined_length, "shared": shared}
    if syntax == ExplicitVRBigEndian:
        for image in images:
            image.pixels = image.pixels.byteswap()
    write(tmp_path, images, **options)
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.allclose(volume.voxel_to_ras, OBLIQUE, atol=1e-4)
    assert (volume.rescale.slope, volume.rescale.intercept) == (2, -7)


def rich_frames() -> list[Frame]:
    """Frames that say all that is looked at."""
    content = {
        "DimensionIndexValues": [1, 2, 3],
        "TemporalPositionIndex": 2,
        "FrameAcquisitionNumber": 4,
        "FrameAcquisitionDateTime": "20200102030405.25",
    }
    images = frames(
        VOXELS,
        OBLIQUE,
        content=content,
        MREchoSequence={"EffectiveEchoTime": lambda k: 10.0 + k},
        MRModifierSequence={"InversionTimes": [900.0, 950.0], "InversionRecovery": "YES"},
        MRDiffusionSequence={
            "DiffusionBValue": 1000.0,
            "DiffusionDirectionality": "DIRECTIONAL",
            "DiffusionGradientDirectionSequence": {"DiffusionGradientOrientation": [0.0, 0.6, 0.8]},
        },
        CardiacSynchronizationSequence={"NominalCardiacTriggerDelayTime": lambda k: 12.5 * k},
        TemporalPositionSequence={"TemporalPositionTimeOffset": 3.5},
        MRArterialSpinLabelingSequence={"ASLContext": "LABEL"},
        UnassignedPerFrameConvertedAttributesSequence={"EchoNumbers": 2, "TriggerTime": "40.5"},
        FrameVOILUTSequence={"WindowCenter": "100", "WindowWidth": "200"},
        DerivationImageSequence={"SourceImageSequence": {"ReferencedSOPInstanceUID": "1.2.3"}},
    )
    images[2].groups["MRModifierSequence"] = {"InversionTimes": None, "InversionRecovery": "NO"}
    return images


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("undefined_length", [False, True])
@pytest.mark.parametrize("shared", [(), EVERY_GROUP[:2]])
def test_the_quick_walk_and_pydicom_say_the_same(tmp_path, syntax, undefined_length, shared):
    pointers = ("StackID", "InStackPositionNumber", "TemporalPositionIndex")
    path = write_enhanced(
        tmp_path / "e.dcm",
        rich_frames(),
        syntax,
        undefined_length=undefined_length,
        shared=shared,
        dimensions=pointers,
    )
    file = read_header(path)
    quick, slow = walked(file), asked(file)
    assert quick is not None
    assert slow is not None
    assert quick.frames == slow.frames
    assert quick.dimensions == slow.dimensions == (0x00209056, 0x00209057, 0x00209128)
    own = quick.frames[3]
    assert own["EchoTime"] == 13.0
    assert own["DiffusionGradientOrientation"] == [0.0, 0.6, 0.8]
    assert own["StackID"] == "1"
    assert own["InversionTime"] == 900.0
    assert "InversionTime" not in quick.frames[2]
    assert own["TriggerTime"] == 37.5


def test_a_file_cut_anywhere_is_a_volume_or_has_a_reason(tmp_path):
    data = write_enhanced(tmp_path / "e.dcm", rich_frames(), shared=()).read_bytes()
    path = tmp_path / "cut.dcm"
    for length in range(0, len(data) - VOXELS.nbytes, 97):
        path.write_bytes(data[:length])
        with pytest.raises(VolumeReadError) as raised:
            read_volumes(path)
        assert "\n" not in str(raised.value)


# ------------------------------------------------------------------ several volumes in a file


def test_stacks_of_a_file_are_kept_apart(tmp_path):
    coronal = PLANES["coronal"]
    write(tmp_path, [*frames(VOXELS, OBLIQUE, stack="1"), *frames(VOXELS + 1, coronal, stack="2")])
    volumes = read_volumes(tmp_path)
    assert {volume.provenance.description for volume in volumes} == {"CISS, axial, stack 1", "CISS, coronal, stack 2"}
    for volume, matrix in zip(volumes, (OBLIQUE, coronal), strict=True):
        (ijk,) = np.argwhere(volume.voxels >= 1000)
        assert np.linalg.norm(volume.grid.ras_from_voxel(ijk) - matrix[:3] @ [*DOT_IJK, 1]) < 0.01


def test_parallel_stacks_are_kept_apart(tmp_path):
    above = OBLIQUE.copy()
    above[:3, 3] += OBLIQUE[:3, 2] * 20.4
    write(tmp_path, [*frames(VOXELS, OBLIQUE, stack="1"), *frames(VOXELS + 1, above, stack="2")])
    one, other = read_volumes(tmp_path)
    assert np.allclose(one.voxel_to_ras, OBLIQUE, atol=1e-4)
    assert np.allclose(other.voxel_to_ras, above, atol=1e-4)


def test_frames_that_each_have_a_stack_of_their_own_are_one_volume(tmp_path):
    images = frames(VOXELS, OBLIQUE)
    for number, image in enumerate(images):
        image.groups["FrameContentSequence"]["StackID"] = str(number)
    write(tmp_path, images)
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)


def test_a_stack_that_can_not_be_laid_on_a_grid_is_said_with_the_others(tmp_path):
    images = frames(VOXELS, OBLIQUE, stack="1")
    uneven = frames(VOXELS, PLANES["coronal"], stack="2")
    del uneven[2], uneven[0]
    uneven[2].groups["PlanePositionSequence"]["ImagePositionPatient"][1] += 1
    write(tmp_path, [*images, *uneven])
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)
    assert "other frames of the file: its 5 slices are unevenly spaced" in volume.provenance.dropped[0]


PARTS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "echoes": (
        [{"MREchoSequence": {"EffectiveEchoTime": 5.0 * echo}} for echo in (1, 2)],
        ["CISS, TE 5 ms", "CISS, TE 10 ms"],
    ),
    "phase": (
        [
            {"MRImageFrameTypeSequence": {"FrameType": ["ORIGINAL", "PRIMARY"], "ComplexImageComponent": part}}
            for part in ("MAGNITUDE", "PHASE")
        ],
        ["CISS, magnitude", "CISS, phase"],
    ),
    "b-values": (
        [
            {"MRDiffusionSequence": {"DiffusionBValue": value, "DiffusionDirectionality": how}}
            for value, how in ((0.0, "NONE"), (1000.0, "ISOTROPIC"))
        ],
        ["CISS, b 0", "CISS, b 1000"],
    ),
    "gradients": (
        [
            {
                "MRDiffusionSequence": {
                    "DiffusionBValue": 1000.0,
                    "DiffusionDirectionality": "DIRECTIONAL",
                    "DiffusionGradientDirectionSequence": {"DiffusionGradientOrientation": direction},
                }
            }
            for direction in ([1.0, 0.0, 0.0], [0.0, 0.6, 0.8])
        ],
        ["CISS, direction 1", "CISS, direction 2"],
    ),
    "inversion": (
        [{"MRModifierSequence": {"InversionTimes": [ms]}} for ms in (700.0, 2500.0)],
        ["CISS, inversion time 700 ms", "CISS, inversion time 2500 ms"],
    ),
    "labels": (
        [{"MRArterialSpinLabelingSequence": {"ASLContext": label}} for label in ("CONTROL", "LABEL")],
        ["CISS, control", "CISS, label"],
    ),
    "legacy echoes": (
        [{"UnassignedPerFrameConvertedAttributesSequence": {"EchoNumbers": echo}} for echo in (1, 2)],
        ["CISS, echo 1", "CISS, echo 2"],
    ),
}


@pytest.mark.parametrize("what", PARTS)
def test_repeated_places_become_volumes_that_are_told_apart(tmp_path, what):
    parts, names = PARTS[what]
    images = [image for n, part in enumerate(parts) for image in frames(VOXELS + n, OBLIQUE, **part)]
    # The order in which directions are counted is that of the frames.
    write_enhanced(tmp_path / "e.dcm", images if what == "gradients" else odd_order(images))
    volumes = read_volumes(tmp_path)
    assert told(volumes) == {name: number for number, name in enumerate(names)}
    assert len({volume.provenance.id for volume in volumes}) == len(volumes)
    for volume in volumes:
        assert np.allclose(volume.voxel_to_ras, OBLIQUE, atol=1e-4)


def with_index(part: int) -> list[Frame]:
    images = frames(VOXELS + part, OBLIQUE)
    for k, image in enumerate(images):
        image.groups["FrameContentSequence"]["DimensionIndexValues"] = [1, k + 1, 5 - part]
    return images


def test_a_dimension_of_another_kind_splits_repeated_places(tmp_path):
    pointers = ("StackID", "InStackPositionNumber", "FlipAngle")
    write(tmp_path, [*with_index(0), *with_index(1)], dimensions=pointers)
    assert told(read_volumes(tmp_path)) == {"CISS, Flip Angle 4": 1, "CISS, Flip Angle 5": 0}


def test_a_dimension_of_time_orders_repeated_places(tmp_path):
    pointers = ("StackID", "InStackPositionNumber", "TemporalPositionIndex")
    write(tmp_path, [image for part in range(3) for image in with_index(part)], dimensions=pointers)
    (volume,) = read_volumes(tmp_path)
    assert [int(volume.at_time_point(n)[DOT_IJK]) for n in range(3)] == [1002, 1001, 1000]


TIMES = {
    "position": lambda n: {"content": {"TemporalPositionIndex": n + 1}},
    "offset": lambda n: {"TemporalPositionSequence": {"TemporalPositionTimeOffset": 2.5 * n}},
    "heart": lambda n: {"CardiacSynchronizationSequence": {"NominalCardiacTriggerDelayTime": 40.0 * n}},
    "acquisition": lambda n: {
        "content": {"FrameAcquisitionNumber": n + 1, "FrameAcquisitionDateTime": f"202001020304{n:02d}"}
    },
}


@pytest.mark.parametrize("what", TIMES)
@pytest.mark.parametrize("in_files", [False, True])
def test_time_points_are_one_volume(tmp_path, what, in_files):
    parts = [frames(VOXELS + n, OBLIQUE, **TIMES[what](n)) for n in range(3)]
    if in_files:
        for n, images in enumerate(parts):
            write_enhanced(tmp_path / f"{9 - n}.dcm", odd_order(images))
    else:
        write(tmp_path, [image for images in parts for image in images])
    (volume,) = read_volumes(tmp_path)
    assert volume.series is not None
    for n in range(3):
        assert np.array_equal(volume.series[..., n], VOXELS + n)


def test_files_of_a_series_that_fit_together_are_one_volume(tmp_path):
    images = frames(VOXELS, OBLIQUE)
    write_enhanced(tmp_path / "a.dcm", images[4:])
    write_enhanced(tmp_path / "b.dcm", images[:4][::-1])
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.allclose(volume.voxel_to_ras, OBLIQUE, atol=1e-4)
    assert {path.name for path in volume.provenance.source_files} == {"a.dcm", "b.dcm"}


def test_a_copied_file_counts_once(tmp_path):
    path = write(tmp_path, frames(VOXELS, OBLIQUE))
    (tmp_path / "copy.dcm").write_bytes(path.read_bytes())
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)
    assert volume.provenance.dropped == ("1 file is a copy of another",)


def test_a_file_of_a_single_frame(tmp_path):
    write(tmp_path, frames(VOXELS[:, :, 2:3], OBLIQUE))
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS[:, :, 2:3])
    assert volume.spacing_mm == pytest.approx(SPACING_MM)


def test_frames_of_their_own_rescaling(tmp_path):
    values = {"RescaleIntercept": "3", "RescaleSlope": lambda k: str(1 + k / 4)}
    write(tmp_path, frames(VOXELS, OBLIQUE, PixelValueTransformationSequence=values), shared=())
    (found,) = find_volumes(tmp_path).volumes
    assert found.header.dtype == "float32"
    assert np.allclose(found.read().voxels, VOXELS * (1 + np.arange(7) / 4) + 3)


# ------------------------------------------------------------------ what is no volume


def without(*names: str) -> Any:
    def change(dataset: Dataset) -> None:
        for name in names:
            delattr(dataset, name)

    return change


MIP = {"FrameType": ["DERIVED", "SECONDARY", "PROJECTION IMAGE", "NONE"]}


@pytest.mark.parametrize(
    ("images", "options", "reason"),
    [
        (
            frames(VOXELS, OBLIQUE),
            {"change": without("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence")},
            "it does not say where each of its frames lies",
        ),
        (frames(VOXELS, OBLIQUE, PlanePositionSequence=None), {}, "does not say where each of its frames lies"),
        (frames(VOXELS, OBLIQUE), {"NumberOfFrames": 9}, "should hold 9 frames, but speaks of 7"),
        (frames(VOXELS, OBLIQUE, MRImageFrameTypeSequence=MIP), {}, "projections"),
        (
            frames(VOXELS, OBLIQUE, PlaneOrientationSequence={"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}),
            {},
            "not two square unit vectors",
        ),
        (frames(VOXELS, OBLIQUE), {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4"}, "a segmentation, not a scan"),
        (frames(VOXELS, OBLIQUE), {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.30"}, "a parametric map"),
        (
            frames(VOXELS, OBLIQUE),
            {
                "SOPClassUID": "1.2.840.10008.5.1.4.1.1.3.1",
                "change": without("PerFrameFunctionalGroupsSequence"),
            },
            r"a multi-frame image, which is not read yet \(Ultrasound Multi-frame Image Storage\)",
        ),
    ],
)
def test_what_forms_no_volume_is_listed_with_the_reason(tmp_path, images, options, reason):
    write_enhanced(tmp_path / "e.dcm", images, **options)
    with pytest.raises(VolumeReadError, match=reason) as raised:
        read_volumes(tmp_path / "e.dcm")
    assert "\n" not in str(raised.value)
