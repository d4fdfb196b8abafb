"""Series as scanners of several vendors write them, of a head that looks like no flip or turn of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from conftest import affine_of
from dicom_enhanced import Frame, frames, write_enhanced
from dicom_mosaic import mosaic_dataset
from dicom_series import save, write_series
from pydicom.uid import (
    CTImageStorage,
    ImplicitVRLittleEndian,
    PositronEmissionTomographyImageStorage,
    generate_uid,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHAPE = (16, 20, 9)
SPACING_MM = (0.9, 1.1, 2.3)
TILT_DEG = (12, -7, 4)
VOXELS = np.random.default_rng(11).integers(0, 4000, SHAPE).astype(np.int16)

PLANES: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    # to which RAS axes columns, rows and slices run, and which way
    "axial": ((0, 1, 2), (-1, -1, 1)),
    "axial, feet last": ((0, 1, 2), (-1, -1, -1)),
    "sagittal": ((1, 2, 0), (-1, -1, 1)),
    "sagittal, right first": ((1, 2, 0), (-1, -1, -1)),
    "coronal": ((0, 2, 1), (-1, -1, 1)),
    "coronal, back first": ((0, 2, 1), (-1, -1, -1)),
}
POSITIONS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    # how an axial image of a table's coordinates lies in a patient on that table
    "HFS": ((0, 1, 2), (-1, -1, 1)),
    "HFP": ((0, 1, 2), (1, 1, 1)),
    "HFDL": ((1, 0, 2), (-1, 1, 1)),
    "HFDR": ((1, 0, 2), (1, -1, 1)),
    "FFS": ((0, 1, 2), (1, -1, -1)),
    "FFP": ((0, 1, 2), (-1, 1, -1)),
}
AXIAL = affine_of(*PLANES["axial"], SPACING_MM)
OBLIQUE = affine_of(*PLANES["axial"], SPACING_MM, TILT_DEG)


def _common(**values: Any) -> dict[str, Any]:
    """What every scanner says; UIDs anew for each series."""
    return {
        "SeriesInstanceUID": generate_uid(),
        "StudyInstanceUID": generate_uid(),
        "SeriesNumber": 7,
        "PatientPosition": "HFS",
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
        "EchoTime": 10.0,
        "RepetitionTime": 500.0,
        "AcquisitionNumber": 1,
        "AcquisitionTime": "101112.5",
        "Manufacturer": "SIEMENS",
        **values,
    }


def plane(name: str, tilt_deg: tuple[float, float, float] = (0, 0, 0)) -> Callable[[Path], None]:
    return lambda folder: _write(folder, VOXELS, affine_of(*PLANES[name], SPACING_MM, tilt_deg), **_common())


def patient(name: str, tilt_deg: tuple[float, float, float] = (0, 0, 0)) -> Callable[[Path], None]:
    matrix = affine_of(*POSITIONS[name], SPACING_MM, tilt_deg)
    return lambda folder: _write(folder, VOXELS, matrix, **_common(PatientPosition=name))


def _write(folder: Path, voxels: np.ndarray, matrix: np.ndarray, prefix: str = "", **values: Any) -> None:
    write_series(folder, voxels, matrix, file_name=lambda k: f"{prefix}IM{k:04d}", **values)


def interleaved(folder: Path) -> None:
    order = [*range(1, SHAPE[2], 2), *range(0, SHAPE[2], 2)]
    write_series(
        folder,
        VOXELS,
        OBLIQUE,
        file_name=lambda k: f"{order.index(k)}",
        **_common(InstanceNumber=lambda k: order.index(k) + 1),
    )


def jitter(folder: Path) -> None:
    random = np.random.default_rng(3)
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ OBLIQUE

    def place(k: int) -> list[float]:
        return (to_lps[:3, 3] + k * to_lps[:3, 2] + random.uniform(-1e-4, 1e-4, 3)).tolist()

    _write(folder, VOXELS, OBLIQUE, **_common(ImagePositionPatient=place))


def mixed(folder: Path) -> None:
    _write(folder, VOXELS, AXIAL, "a", **_common(SeriesDescription="one", SeriesNumber=1))
    _write(folder, VOXELS[:, :, ::-1] + 5, OBLIQUE, "b", **_common(SeriesDescription="two", SeriesNumber=2))


def twelve_bits(folder: Path) -> None:
    _write(folder, VOXELS.astype(np.uint16), OBLIQUE, **_common(BitsStored=12, HighBit=11))


def signed(folder: Path) -> None:
    _write(folder, VOXELS - 2000, OBLIQUE, **_common(RescaleSlope="2", RescaleIntercept="-1024"))


def computed_tomography(folder: Path) -> None:
    values = _common(SOPClassUID=CTImageStorage, Modality="CT", ImageType=["ORIGINAL", "PRIMARY", "AXIAL"])
    _write(folder, VOXELS, AXIAL, **{**values, "RescaleSlope": "1", "RescaleIntercept": "-1024", "EchoTime": None})


def rescaled_slices(folder: Path) -> None:
    values = _common(SOPClassUID=PositronEmissionTomographyImageStorage, Modality="PT", EchoTime=None)
    values["ImageType"] = ["ORIGINAL", "PRIMARY"]
    _write(folder, VOXELS, AXIAL, **values, RescaleSlope=lambda k: f"{0.5 + k / 8}", RescaleIntercept="0")


def multi_echo(folder: Path) -> None:
    common = _common()
    for echo in (1, 2, 3):
        values = {**common, "EchoNumbers": echo, "EchoTime": 5.0 * echo}
        _write(folder, VOXELS + echo, OBLIQUE, f"e{echo}", InstanceNumber=lambda k, e=echo: 3 * k + e, **values)


def magnitude_and_phase(folder: Path) -> None:
    common = _common()
    for part in ("M", "P"):
        values = {**common, "ImageType": ["ORIGINAL", "PRIMARY", part, "ND"]}
        _write(folder, VOXELS + (part == "P"), AXIAL, part, **values)


def diffusion(folder: Path) -> None:
    common = _common(ImageType=["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE", "ND"], ScanningSequence="EP")
    for number, (b_value, direction) in enumerate([(0, None), (1000, (1, 0, 0)), (1000, (0, 1, 0)), (1000, (0, 0, 1))]):
        values = {**common, "DiffusionBValue": float(b_value), "AcquisitionNumber": number + 1}
        values["DiffusionGradientOrientation"] = direction and [float(v) for v in direction]
        values["InstanceNumber"] = lambda k, n=number: n * SHAPE[2] + k + 1
        values["AcquisitionTime"] = f"10{number:02d}00.0"
        _write(folder, VOXELS + number, AXIAL, f"d{number}", **values)


def time_series(folder: Path) -> None:
    common = _common(NumberOfTemporalPositions=3)
    for time in range(3):
        values = {**common, "TemporalPositionIdentifier": time + 1, "AcquisitionNumber": time + 1}
        values["InstanceNumber"] = lambda k, t=time: t * SHAPE[2] + k + 1
        values["AcquisitionTime"] = f"10{time:02d}00.0"
        _write(folder, VOXELS + time, OBLIQUE, f"t{time}", **values)


def mosaic_in(tilt_deg: tuple[float, float, float], name: str = "axial") -> Callable[[Path], None]:
    matrix = affine_of(*PLANES[name], SPACING_MM, tilt_deg)

    def write(folder: Path) -> None:
        common = _common()
        del common["ImageType"], common["Manufacturer"]
        for time in range(3):
            values = {**common, "InstanceNumber": time + 1, "AcquisitionNumber": time + 1}
            values["AcquisitionTime"] = f"10{time:02d}00.0"
            save(mosaic_dataset(VOXELS + time, matrix, **values), folder / f"{time}.dcm")

    return write


def _shuffled(images: list[Frame]) -> list[Frame]:
    order = np.random.default_rng(2).permutation(len(images))
    return [images[n] for n in order]


def _enhanced_common(manufacturer: str = "Philips Medical Systems") -> dict[str, Any]:
    values = _common(Manufacturer=manufacturer)
    del values["ImageType"], values["EchoTime"]
    return values


def enhanced(
    kind: str, manufacturer: str = "Philips Medical Systems", in_order: bool = False, **options: Any
) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        values = _enhanced_common(manufacturer)
        images = frames(VOXELS, OBLIQUE)
        for number, image in enumerate(images):
            image.groups["FrameContentSequence"]["DimensionIndexValues"] = [1, number + 1]
        pointers = ("StackID", "InStackPositionNumber")
        images = images if in_order else _shuffled(images)
        write_enhanced(folder / "e.dcm", images, kind=kind, dimensions=pointers, **{**values, **options})

    return write


def enhanced_echoes(folder: Path) -> None:
    values = _enhanced_common()
    images = []
    for echo in (1, 2):
        content = {"TemporalPositionIndex": 1}
        some = frames(VOXELS + echo, OBLIQUE, content=content, MREchoSequence={"EffectiveEchoTime": 10.0 * echo})
        for number, image in enumerate(some):
            image.groups["FrameContentSequence"]["DimensionIndexValues"] = [1, number + 1, echo]
        images += some
    pointers = ("StackID", "InStackPositionNumber", "EffectiveEchoTime")
    write_enhanced(folder / "e.dcm", _shuffled(images), dimensions=pointers, **values)


def enhanced_times(folder: Path) -> None:
    values = _enhanced_common()
    images = []
    for time in (1, 2, 3):
        some = frames(VOXELS + time, OBLIQUE, content={"TemporalPositionIndex": time})
        for number, image in enumerate(some):
            image.groups["FrameContentSequence"]["DimensionIndexValues"] = [1, number + 1, time]
        images += some
    pointers = ("StackID", "InStackPositionNumber", "TemporalPositionIndex")
    write_enhanced(folder / "e.dcm", _shuffled(images), dimensions=pointers, **values)


HABITS: dict[str, Callable[[Path], None]] = {
    **{name: plane(name) for name in PLANES},
    **{f"oblique {name}": plane(name, TILT_DEG) for name in PLANES},
    **{name: patient(name) for name in POSITIONS},
    **{f"oblique {name}": patient(name, TILT_DEG) for name in POSITIONS},
    "interleaved": interleaved,
    "jitter": jitter,
    "mixed series": mixed,
    "12 bits in 16": twelve_bits,
    "signed": signed,
    "CT": computed_tomography,
    "PET, each slice with its own slope": rescaled_slices,
    "echoes": multi_echo,
    "magnitude and phase": magnitude_and_phase,
    "diffusion": diffusion,
    "time series": time_series,
    "mosaic": mosaic_in((0, 0, 0)),
    "oblique mosaic": mosaic_in(TILT_DEG),
    "coronal mosaic": mosaic_in(TILT_DEG, "coronal"),
    "mosaic, feet last": mosaic_in(TILT_DEG, "axial, feet last"),
    "sagittal mosaic": mosaic_in(TILT_DEG, "sagittal, right first"),
    "enhanced MR": enhanced("MR"),
    "enhanced MR without lengths": enhanced("MR", undefined_length=True),
    "enhanced MR, all of each frame": enhanced("MR", shared=()),
    "enhanced MR in order, Siemens": enhanced("MR", "SIEMENS", in_order=True),
    "enhanced MR in odd order, Siemens": enhanced("MR", "SIEMENS"),
    "enhanced MR in implicit VR": enhanced("MR", transfer_syntax=ImplicitVRLittleEndian),
    "enhanced CT": enhanced("CT"),
    "enhanced PET": enhanced("PT"),
    "enhanced echoes": enhanced_echoes,
    "enhanced times": enhanced_times,
}
