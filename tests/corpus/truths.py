"""More habits of scanners, archives and anonymisers, each with the truth of its own: which voxels lie where."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
from conftest import affine_of
from corpus.habits import AXIAL, OBLIQUE, PLANES, SHAPE, SPACING_MM, TILT_DEG, VOXELS
from dicom_enhanced import Frame, frames, write_enhanced
from dicom_mosaic import mosaic_dataset
from dicom_series import save, series, write_series
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Truth = list[tuple[np.ndarray, np.ndarray]]
COUNT = SHAPE[2]
COMMON: dict[str, Any] = {
    "SeriesInstanceUID": "1.2.840.99",
    "StudyInstanceUID": "1.2.840.98",
    "SeriesNumber": 7,
    "PatientPosition": "HFS",
    "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
    "EchoTime": 10.0,
    "RepetitionTime": 500.0,
    "AcquisitionNumber": 1,
    "Manufacturer": "SIEMENS",
}
CT = {"SOPClassUID": CTImageStorage, "Modality": "CT", "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "EchoTime": None}
GE = {"Manufacturer": "GE MEDICAL SYSTEMS", "ImageType": ["ORIGINAL", "PRIMARY", "OTHER"]}
PHILIPS = {"Manufacturer": "Philips Medical Systems"}


def write(folder: Path, voxels: np.ndarray, matrix: np.ndarray, prefix: str = "", **values: Any) -> list[Path]:
    return write_series(folder, voxels, matrix, file_name=lambda k: f"{prefix}{k}", **{**COMMON, **values})


def further(matrix: np.ndarray, slices: float) -> np.ndarray:
    moved = matrix.copy()
    moved[:3, 3] += slices * matrix[:3, 2]
    return moved


def several(*sets: dict[str, Any], private: Callable[[Dataset, int], None] | None = None) -> Callable[[Path], Truth]:
    """The same places imaged again and again, each time with what is said of it; a slice at a time."""

    def make(folder: Path) -> Truth:
        for number, values in enumerate(sets):
            numbers = {"InstanceNumber": lambda k, n=number: k * len(sets) + n + 1}
            for k, dataset in enumerate(series(VOXELS + number, OBLIQUE, **{**COMMON, **numbers, **values})):
                if private is not None:
                    private(dataset, number)
                save(dataset, folder / f"{number}-{k}")
        return [(VOXELS + number, OBLIQUE) for number in range(len(sets))]

    return make


def slabs(
    second: np.ndarray, first: np.ndarray = AXIAL, second_values: dict[str, Any] | None = None, **values: Any
) -> Callable[[Path], Truth]:
    """Two stacks of a series, one after the other."""

    def make(folder: Path) -> Truth:
        write(folder, VOXELS, first, "a", **values)
        numbers = {"InstanceNumber": lambda k: k + COUNT + 1}
        write(folder, VOXELS + 9, second, "b", **{**values, **numbers, **(second_values or {})})
        return [(VOXELS, first), (VOXELS + 9, second)]

    return make


# ------------------------------------------------------------------ what only the vendor tells


def ge_kind(dataset: Dataset, number: int) -> None:
    dataset.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x2F, "SS", number)


def siemens_coil(dataset: Dataset, number: int) -> None:
    dataset.private_block(0x0051, "SIEMENS MR HEADER", create=True).add_new(0x0F, "LO", f"H{number + 1}")


def philips_gradient(dataset: Dataset, number: int) -> None:
    """No gradient, three directions, and the mean of these at the end."""
    gradients = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]
    block = dataset.private_block(0x2001, "Philips Imaging DD 001", create=True)
    block.add_new(0x03, "FL", 1000.0 if number else 0.0)
    block.add_new(0x04, "CS", "I" if number == 4 else "O")
    block = dataset.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    for element, value in zip((0xB0, 0xB1, 0xB2), gradients[number], strict=True):
        block.add_new(element, "FL", float(value))


def grid_of(slices: int) -> Callable[[Path], Truth]:
    """United Imaging: the slices of each time point as tiles, the last row not full."""

    def make(folder: Path) -> Truth:
        voxels = VOXELS[:, :, :slices]
        for time in range(2):
            save(grid_dataset(voxels + time, time), folder / f"{time}")
        return [(voxels, OBLIQUE), (voxels + 1, OBLIQUE)]

    return make


def grid_dataset(voxels: np.ndarray, time: int) -> Dataset:
    columns, rows, count = voxels.shape
    across = int(np.ceil(np.sqrt(count)))
    pixels = np.zeros((rows * int(np.ceil(count / across)), columns * across), voxels.dtype)
    for k in range(count):
        down, right = divmod(k, across)
        pixels[down * rows : (down + 1) * rows, right * columns : (right + 1) * columns] = voxels[:, :, k].T
    values = {"ImageType": ["ORIGINAL", "PRIMARY", "EPI", "VFRAME"], "Manufacturer": "UIH"}
    times = {"InstanceNumber": time + 1, "AcquisitionNumber": time + 1, "AcquisitionTime": f"10{time:02d}00.0"}
    slices = series(voxels, OBLIQUE, **{**COMMON, **values, **times})
    dataset, items = slices[0], []
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.PixelData = pixels.tobytes()
    for one in slices:
        item = Dataset()
        item.ImagePositionPatient = one.ImagePositionPatient
        items.append(item)
    block = dataset.private_block(0x0065, "Image Private Header", create=True)
    block.add_new(0x50, "DS", str(count))
    block.add_new(0x51, "SQ", Sequence(items))
    return dataset


# ------------------------------------------------------------------ enhanced files and mosaics


def enhanced(folder: Path, name: str, images: list[Frame], *more: str, **values: Any) -> None:
    common = {key: value for key, value in COMMON.items() if key not in ("ImageType", "EchoTime")}
    pointers = ("StackID", "InStackPositionNumber", *more)
    write_enhanced(folder / name, images, dimensions=pointers, **{**common, **values})


def indexed(voxels: np.ndarray, *more: int, content: dict[str, Any] | None = None, **groups: Any) -> list[Frame]:
    images = frames(voxels, OBLIQUE, content=content, **groups)
    for number, image in enumerate(images):
        image.groups["FrameContentSequence"]["DimensionIndexValues"] = [1, number + 1, *more]
    return images


def file_for_each_volume(folder: Path) -> Truth:
    """Siemens XA: a functional series of enhanced files that say nothing of time."""
    for time in range(4):
        images = indexed(VOXELS + time, content={"FrameAcquisitionNumber": 1})
        enhanced(folder, f"{time}", images, InstanceNumber=time + 1)
    return [(VOXELS + time, OBLIQUE) for time in range(4)]


def called_mosaic(folder: Path) -> Truth:
    """Siemens XA30: frames of a functional series that were a mosaic once, and are still called so."""
    kind = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    enhanced(folder, "e", indexed(VOXELS, MRImageFrameTypeSequence={"FrameType": kind}), ImageType=kind)
    return [(VOXELS, OBLIQUE)]


def mixed_frames(folder: Path) -> Truth:
    """Philips: two kinds, two echoes and three dynamics of one file, in odd order."""
    images: list[Frame] = []
    truth: Truth = []
    for kind, name in enumerate(("MAGNITUDE", "PHASE")):
        for echo in (1, 2):
            for time in (1, 2, 3):
                voxels = VOXELS + 100 * kind + 10 * echo + time
                truth.append((voxels, OBLIQUE))
                images += indexed(
                    voxels,
                    kind + 1,
                    echo,
                    time,
                    content={"TemporalPositionIndex": time},
                    MREchoSequence={"EffectiveEchoTime": 5.0 * echo},
                    MRImageFrameTypeSequence={
                        "FrameType": ["ORIGINAL", "PRIMARY", "T1", name],
                        "ComplexImageComponent": name,
                    },
                )
    order = np.random.default_rng(4).permutation(len(images))
    pointers = ("ComplexImageComponent", "EffectiveEchoTime", "TemporalPositionIndex")
    enhanced(folder, "e", [images[n] for n in order], *pointers, **PHILIPS)
    return truth


def frames_without_place(folder: Path) -> Truth:
    without = frames(VOXELS[:, :, :2], OBLIQUE, PlanePositionSequence=None)
    enhanced(folder, "e", indexed(VOXELS) + without)
    return [(VOXELS, OBLIQUE)]


def corrected_as_it_goes(folder: Path) -> Truth:
    """Siemens mosaics of a scanner that follows the head: each a little further on."""
    truth = [(VOXELS + time, further(OBLIQUE, 0.13 * time)) for time in range(3)]
    for time, (voxels, matrix) in enumerate(truth):
        values = {"SeriesInstanceUID": "1.2.840.97", "InstanceNumber": time + 1, "AcquisitionNumber": time + 1}
        save(mosaic_dataset(voxels, matrix, **values), folder / f"{time}")
    return truth


def oblong_tiles(folder: Path) -> Truth:
    matrix = affine_of(*PLANES["coronal"], SPACING_MM, TILT_DEG)
    voxels = VOXELS[:11, :, :7]
    save(mosaic_dataset(voxels, matrix), folder / "m")
    return [(voxels, matrix)]


# ------------------------------------------------------------------ archives and anonymisers


def rounded_places(folder: Path) -> Truth:
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ OBLIQUE
    write(folder, VOXELS, OBLIQUE, ImagePositionPatient=lambda k: (to_lps @ [0, 0, k, 1])[:3].round(2).tolist())
    return [(VOXELS, OBLIQUE)]


def rounded_cosines(folder: Path) -> Truth:
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ OBLIQUE
    cosines = (to_lps[:3, :2] / np.array(SPACING_MM[:2])).T.ravel().round(3).tolist()
    write(folder, VOXELS, OBLIQUE, ImageOrientationPatient=cosines)
    return [(VOXELS, OBLIQUE)]


def series_each(times: int) -> Callable[[Path], Truth]:
    """MATLAB's dicomanon: a series UID for each file."""

    def make(folder: Path) -> Truth:
        for time in range(times):
            values = {"SeriesInstanceUID": lambda k, t=time: f"1.2.840.{t}.{k + 1}", "AcquisitionNumber": time + 1}
            numbers = {"InstanceNumber": lambda k, t=time: t * COUNT + k + 1}
            write(folder, VOXELS + time, OBLIQUE, f"{time}-", **values, **numbers)
        return [(VOXELS + time, OBLIQUE) for time in range(times)]

    return make


def sent_twice(count: int) -> Callable[[Path], Truth]:
    def make(folder: Path) -> Truth:
        write(folder, VOXELS, OBLIQUE)
        for path in write(folder, VOXELS, OBLIQUE, "again")[count:]:
            path.unlink()
        return [(VOXELS, OBLIQUE)]

    return make


def copied(folder: Path) -> Truth:
    first, *_ = write(folder, VOXELS, OBLIQUE)
    shutil.copy(first, folder / "copy of the first")
    return [(VOXELS, OBLIQUE)]


def without_preamble(is_implicit: bool) -> Callable[[Path], Truth]:
    def make(folder: Path) -> Truth:
        folder.mkdir(parents=True)
        for k, dataset in enumerate(series(VOXELS, OBLIQUE, **COMMON)):
            del dataset.file_meta
            dataset.save_as(folder / f"I.{k:03d}", implicit_vr=is_implicit, little_endian=True)
        return [(VOXELS, OBLIQUE)]

    return make


def encodings_mixed(folder: Path) -> Truth:
    for k, dataset in enumerate(series(VOXELS, OBLIQUE, **COMMON)):
        dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian if k % 2 else DeflatedExplicitVRLittleEndian
        if k % 2:
            dataset.PixelData = np.frombuffer(dataset.PixelData, "<i2").astype(">i2").tobytes()
        save(dataset, folder / f"{k}")
    return [(VOXELS, OBLIQUE)]


def cut_off(folder: Path) -> Truth:
    """GE: a functional series of no times, that ends in the middle of a volume."""
    for time in range(6):
        voxels = VOXELS[:, :, : 4 if time == 5 else COUNT] + time
        values = {**GE, "ScanningSequence": "EP", "InstanceNumber": lambda k, t=time: t * COUNT + k + 1}
        write(folder, voxels, AXIAL, f"{time}-", **values)
    return [(VOXELS + time, AXIAL) for time in range(5)]


def images_lost(*lost: tuple[int, int], slice_by_slice: bool, **values: Any) -> Callable[[Path], Truth]:
    """GE: six time points, of which images (time, slice) are lost: the others are whole."""

    def make(folder: Path) -> Truth:
        for time in range(6):
            number = {"InstanceNumber": lambda k, t=time: k * 6 + t + 1 if slice_by_slice else t * COUNT + k + 1}
            own = {name: lambda k, t=time, f=value: f(t, k) for name, value in values.items()}
            paths = write(folder, VOXELS + time, OBLIQUE, f"{time}-", **GE, **number, **own)
            for which, k in lost:
                if which == time:
                    paths[k].unlink()
        return [(VOXELS + time, OBLIQUE) for time in range(6) if time not in dict(lost)]

    return make


def clock_of_frames(folder: Path) -> Truth:
    """Frames in odd order, whose time is told by a clock alone."""
    images: list[Frame] = []
    for time in range(3):
        images += indexed(VOXELS + time, content={"FrameAcquisitionDateTime": f"2020010110{time:02d}00"})
    order = np.random.default_rng(6).permutation(len(images))
    enhanced(folder, "e", [images[n] for n in order])
    return [(VOXELS + time, OBLIQUE) for time in range(3)]


def numbers_gone(folder: Path) -> Truth:
    """An anonymiser that wrote a word wherever there was a number of an image or series."""
    for path in write(folder, VOXELS, OBLIQUE):
        data = path.read_bytes()
        for element in (b"\x20\0\x11\0IS", b"\x20\0\x13\0IS"):
            start = data.index(element)
            data = data[:start] + element + b"\4\0ANON" + data[start + 10 :]
        path.write_bytes(data)
    return [(VOXELS, OBLIQUE)]


def discs(folder: Path) -> Truth:
    """Three short parallel stacks along a spine, each shifted forwards."""
    places = [(11.3, -7.9 + 3 * n, 23.1 - 33 * n) for n in range(3)]
    truth = [
        (VOXELS[:, :, :5] + n, affine_of(*PLANES["axial"], (0.7, 0.7, 4.0), (12, 0, 0), place))
        for n, place in enumerate(places)
    ]
    for number, (voxels, matrix) in enumerate(truth):
        write(folder, voxels, matrix, f"{number}-", InstanceNumber=lambda k, n=number: 5 * n + k + 1)
    return truth


def two_spacings(folder: Path) -> Truth:
    """CT of a head: thin slices through its base, thick ones above."""
    thin = affine_of(*PLANES["axial"], (0.9, 1.1, 5.0))
    thick = affine_of(*PLANES["axial"], (0.9, 1.1, 10.0))
    thick[:3, 3] = further(thin, COUNT + 1)[:3, 3]
    write(folder, VOXELS, thin, "a", **CT)
    # The last slice of the thin part lies where the first of the thick one would, and belongs to both.
    write(folder, VOXELS[:, :, :1] + 1, further(thin, COUNT), "b", **CT, InstanceNumber=COUNT + 1)
    write(folder, VOXELS + 9, further(thick, 0.5), "c", **CT, InstanceNumber=lambda k: k + COUNT + 2)
    return [(np.dstack([VOXELS, VOXELS[:, :, :1] + 1]), thin), (VOXELS + 9, further(thick, 0.5))]


def echo_time_jitter(folder: Path) -> Truth:
    write(folder, VOXELS, OBLIQUE, **GE | {"EchoTime": lambda k: 2.345 + (-1) ** k * 1e-4})
    return [(VOXELS, OBLIQUE)]


def place_jitter(folder: Path) -> Truth:
    """Two time points whose places differ by 0.0002 mm, about where a rounding to 0.1 mm would tell them apart."""
    matrix = affine_of(*PLANES["axial"], SPACING_MM, origin_mm=(11.35, -7.9, 23.1))
    for time in range(2):
        moved = matrix.copy()
        moved[0, 3] += (2 * time - 1) * 1e-4
        values = {"TemporalPositionIdentifier": time + 1, "InstanceNumber": lambda k, t=time: t * COUNT + k + 1}
        write(folder, VOXELS + time, moved, f"{time}-", **values)
    return [(VOXELS, matrix), (VOXELS + 1, matrix)]


SAGITTAL = affine_of(*PLANES["sagittal"], (0.9, 1.1, 3.0))
OTHER_SIDE = SAGITTAL + np.array([[0, 0, 0, 87.3], [0] * 4, [0] * 4, [0] * 4])
KERNELS = [CT | {"ConvolutionKernel": name} for name in ("H30s", "H60s")]
VOLTAGES = [CT | {"KVP": value} for value in ("80", "140")]
FLIPS = [{"FlipAngle": angle} for angle in ("5", "15")]
DIXON = [{"ImageType": ["DERIVED", "PRIMARY", kind, kind, "DERIVED"]} for kind in ("W", "F", "IP", "OP")]
PHILIPS_KINDS = [
    {**PHILIPS, "ImageType": ["ORIGINAL", "PRIMARY", long, short, "FFE"]}
    for long, short in (("M_FFE", "M"), ("PHASE MAP", "P"), ("R_FFE", "R"), ("I_FFE", "I"))
]
WIPED = {"SeriesInstanceUID": "0", "StudyInstanceUID": "0", "FrameOfReferenceUID": "0", "SOPInstanceUID": "0"}
GONE = dict.fromkeys([*WIPED, "InstanceNumber"])
GONE["SOPInstanceUID"] = "0"
FIRST = {"SeriesDescription": "one"}
SECOND = {"SeriesNumber": 8, "SeriesDescription": "two", "InstanceNumber": lambda k: k + 1}
SECOND_GONE = {**SECOND, "InstanceNumber": None}

TRUTHS: dict[str, tuple[Callable[[Path], Truth], list[str]]] = {
    # how to write it and what should be where; what the volumes are called
    "GE's kinds of numbers": (
        several(GE, GE, GE, GE, private=ge_kind),
        ["CISS, magnitude", "CISS, phase", "CISS, real", "CISS, imaginary"],
    ),
    "Philips' kinds of numbers": (
        several(*PHILIPS_KINDS),
        ["CISS, magnitude", "CISS, phase", "CISS, real", "CISS, imaginary"],
    ),
    "Dixon": (several(*DIXON), ["CISS, water", "CISS, fat", "CISS, in phase", "CISS, out of phase"]),
    "flip angles": (several(*FLIPS), ["CISS, flip angle 5 degrees", "CISS, flip angle 15 degrees"]),
    "kernels": (several(*KERNELS), ["CISS, kernel H30s", "CISS, kernel H60s"]),
    "tube voltages": (several(*VOLTAGES), ["CISS, 80 kV", "CISS, 140 kV"]),
    "Siemens' coils": (several({}, {}, private=siemens_coil), ["CISS, coil H1", "CISS, coil H2"]),
    "Philips' gradients": (
        several(*[PHILIPS] * 5, private=philips_gradient),
        ["CISS, b 0", *(f"CISS, b 1000, direction {n}" for n in (1, 2, 3)), "CISS, b 1000, trace"],
    ),
    "five images of each place": (several(*[GE] * 5), ["CISS"]),
    "a functional series cut off": (cut_off, ["CISS"]),
    "an image lost, slice by slice": (images_lost((2, 4), slice_by_slice=True), ["CISS"]),
    "images lost, volume by volume": (images_lost((0, 0), (2, 4), slice_by_slice=False), ["CISS"]),
    "an image lost of a heart beat": (
        images_lost((2, 4), slice_by_slice=True, TriggerTime=lambda time, k: f"{40 * time + 3.3 * k:.1f}"),
        ["CISS"],
    ),
    "frames by the clock": (clock_of_frames, ["CISS"]),
    "words for numbers": (numbers_gone, ["CISS"]),
    "stacks along a spine": (discs, ["CISS, part 1", "CISS, part 2", "CISS, part 3"]),
    "echo times that jitter": (echo_time_jitter, ["CISS"]),
    "places that jitter": (place_jitter, ["CISS"]),
    "United Imaging's grid": (grid_of(7), ["CISS"]),
    "United Imaging's grid of two rows": (grid_of(5), ["CISS"]),
    "a file for each volume": (file_for_each_volume, ["CISS"]),
    "frames called a mosaic": (called_mosaic, ["CISS"]),
    "frames of all kinds": (
        mixed_frames,
        [f"CISS, TE {te} ms, {kind}" for te in (5, 10) for kind in ("magnitude", "phase")],
    ),
    "frames without a place": (frames_without_place, ["CISS"]),
    "a scanner that follows the head": (corrected_as_it_goes, ["CISS, part 1", "CISS, part 2", "CISS, part 3"]),
    "mosaic of oblong tiles": (oblong_tiles, ["CISS"]),
    "slabs that share slices": (slabs(further(AXIAL, 7)), ["CISS, part 1", "CISS, part 2"]),
    "slabs that overlap": (slabs(further(AXIAL, 7.4)), ["CISS, part 1", "CISS, part 2"]),
    "two sides": (slabs(OTHER_SIDE, SAGITTAL), ["CISS, part 1", "CISS, part 2"]),
    "two spacings": (two_spacings, ["CISS, part 1", "CISS, part 2"]),
    "the patient moved": (
        slabs(further(AXIAL, 0.37), second_values={"FrameOfReferenceUID": "1.2.3.5"}),
        ["CISS, frame of reference 1", "CISS, frame of reference 2"],
    ),
    "the patient moved by a stack": (
        slabs(further(AXIAL, COUNT), second_values={"FrameOfReferenceUID": "1.2.3.5"}),
        ["CISS, frame of reference 1", "CISS, frame of reference 2"],
    ),
    "UIDs wiped": (slabs(further(AXIAL, COUNT), second_values=SECOND, **WIPED, **FIRST), ["one", "two"]),
    "UIDs and numbers gone": (slabs(further(AXIAL, COUNT), second_values=SECOND_GONE, **GONE, **FIRST), ["one", "two"]),
    "places to 0.01 mm": (rounded_places, ["CISS"]),
    "cosines to 0.001": (rounded_cosines, ["CISS"]),
    "a series for each file": (series_each(1), ["CISS"]),
    "a series for each file, and time points": (series_each(2), ["CISS"]),
    "all sent twice": (sent_twice(COUNT), ["CISS"]),
    "some sent twice": (sent_twice(2), ["CISS"]),
    "a copied file": (copied, ["CISS"]),
    "no preamble, implicit VR": (without_preamble(True), ["CISS"]),
    "no preamble, explicit VR": (without_preamble(False), ["CISS"]),
    "big endian and deflated": (encodings_mixed, ["CISS"]),
}
