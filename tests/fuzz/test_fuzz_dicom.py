"""DICOM files of every kind of damage: volumes, or one clear sentence; and what pydicom makes of the pixels."""

from __future__ import annotations

import itertools
import struct
import warnings

import numpy as np
import pydicom
import pytest
from conftest import affine_of
from dicom_enhanced import frames, write_enhanced
from dicom_files import damaged, element, package_files, replaced, unusual_files, unzipped, usual_dataset
from dicom_mosaic import mosaic_dataset
from dicom_series import save
from hostile import CANARIES, mutated, outcome
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.datadict import tag_for_keyword
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from napari_vascular_loop.formats.volumes.dicom import compressed
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE, KEYWORDS

NAME, NUMBER, BORN = CANARIES
PATIENT = {"PatientName": f"{NAME}^A", "PatientID": NUMBER, "PatientBirthDate": BORN}
SHAPE = (8, 12, 5)
VOXELS = np.random.default_rng(4).integers(0, 3000, SHAPE).astype(np.int16)
OBLIQUE = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), (12, -7, 4))
TIMES_SIZE = 40
"""A pixel of a byte that says nothing new becomes a number of two or four bytes; deflated ones a little more."""

LARGEST = 200_000


def _compressed(syntax):
    def write(path):
        pixels = np.random.default_rng(2).integers(0, 4000, (40, 48)).astype(np.uint16)
        sizes = {"Rows": 40, "Columns": 48, "PixelRepresentation": 0, "BitsStored": 12, "HighBit": 11}
        dataset = usual_dataset(**PATIENT, **sizes)
        dataset.PixelData = pixels.tobytes()
        dataset.compress(syntax, pixels, generate_instance_uid=False)
        save(dataset, path)

    return write


def _uncompressed(syntax):
    def write(path):
        dataset = usual_dataset(**PATIENT)
        dataset.file_meta.TransferSyntaxUID = syntax
        if syntax == ExplicitVRBigEndian:
            dataset.PixelData = np.frombuffer(dataset.PixelData, "<i2").astype(">i2").tobytes()
        save(dataset, path)

    return write


def _mosaic(path):
    save(mosaic_dataset(VOXELS, OBLIQUE, **PATIENT), path)


def _enhanced(kind):
    def write(path):
        write_enhanced(path, frames(VOXELS, OBLIQUE), kind=kind, **PATIENT)

    return write


WRITERS = {
    "explicit": lambda path: save(usual_dataset(**PATIENT), path),
    "implicit": _uncompressed(ImplicitVRLittleEndian),
    "big endian": _uncompressed(ExplicitVRBigEndian),
    "deflated": _uncompressed(DeflatedExplicitVRLittleEndian),
    "RLE": _compressed(RLELossless),
    "JPEG-LS": _compressed(JPEGLSLossless),
    "JPEG 2000": _compressed(JPEG2000Lossless),
    "mosaic": _mosaic,
    "enhanced MR": _enhanced("MR"),
    "enhanced CT": _enhanced("CT"),
}


def fuzz(folder, name, count, seed):
    original = folder / "original.dcm"
    WRITERS[name](original)
    data = original.read_bytes()
    assert outcome(original, times_size=TIMES_SIZE).volumes
    path = folder / "damaged.dcm"
    # Half of the damage is aimed at elements and their lengths, the other half at any byte.
    aimed, blind = damaged(data, seed), mutated(data, seed + 1, header=len(data))
    for broken in itertools.islice(itertools.chain.from_iterable(zip(aimed, blind, strict=False)), count):
        path.write_bytes(broken)
        outcome(path, times_size=TIMES_SIZE)


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_files_are_read_or_refused(tmp_path, name):
    fuzz(tmp_path, name, 150, seed=21)


@pytest.mark.long
@pytest.mark.parametrize("name", WRITERS)
def test_many_damaged_files_are_read_or_refused(tmp_path, name):
    fuzz(tmp_path, name, 4000, seed=2100)


def small_files(folder):
    files = [unzipped(file, folder) for name in ("pydicom", "nibabel") for file in package_files(name)]
    return [file for file in files if file.stat().st_size < LARGEST]


def test_damaged_files_of_other_packages(tmp_path):
    path = tmp_path / "damaged.dcm"
    for number, file in enumerate(small_files(tmp_path)):
        data = file.read_bytes()
        for broken in itertools.islice(mutated(data, number, header=3000), 4):
            path.write_bytes(broken)
            outcome(path, times_size=TIMES_SIZE)


@pytest.mark.real
def test_damaged_slices_of_a_real_series(tmp_path, real_scans):
    slices = sorted((real_scans / "vs-seg-001-t1c-dicom").iterdir())
    for number, file in enumerate(slices[::12]):
        for broken in itertools.islice(mutated(file.read_bytes(), number, header=4000), 15):
            (tmp_path / "damaged.dcm").write_bytes(broken)
            outcome(tmp_path / "damaged.dcm", times_size=TIMES_SIZE)


@pytest.mark.real
def test_a_real_series_with_damaged_slices_is_read_without_them_or_refused(tmp_path, real_scans):
    slices = sorted((real_scans / "vs-seg-001-t1c-dicom").iterdir())[:24]
    random = np.random.default_rng(8)
    for trial in range(6):
        folder = tmp_path / f"{trial}"
        folder.mkdir()
        for file in slices:
            data = file.read_bytes()
            broken = next(mutated(data, int(random.integers(1 << 30)), header=4000))
            (folder / file.name).write_bytes(broken if random.random() < 0.2 else data)
        outcome(folder, times_size=TIMES_SIZE)


# ------------------------------------------------------------------ what a header may say

TEXTS = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [b"", b"nan", b"inf", b"-inf", b"1e999", b"0", b"-0", b"1e-300", b"\\", b"\\\\\\\\\\", b"0\\0\\0\\0\\0\\0"]
    ),
    st.lists(st.floats(allow_nan=True).map(lambda v: f"{v:.6g}".encode()), min_size=1, max_size=7).map(b"\\".join),
)
NUMBERS = st.lists(st.sampled_from([0, 1, 2, 7, 8, 12, 15, 16, 31, 32, 64, 255, 65_535]), max_size=3).map(
    lambda numbers: struct.pack(f"<{len(numbers)}H", *numbers)
)
ELEMENTS = [name for name in KEYWORDS if tag_for_keyword(name) in usual_dataset()]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_elements_of_any_content(tmp_path, data):
    path = tmp_path / "any.dcm"
    file = save(usual_dataset(**PATIENT), path).read_bytes()
    for keyword in data.draw(st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=3, unique=True)):
        tag = tag_for_keyword(keyword)
        vr = usual_dataset()[keyword].VR
        value = data.draw(NUMBERS if vr == "US" else st.binary(max_size=24) if vr in ("FD", "UL") else TEXTS)
        value += b"\0" * (len(value) % 2)
        file = replaced(file, tag, element(tag >> 16, tag & 0xFFFF, vr.encode(), value))
    path.write_bytes(file)
    outcome(path, times_size=TIMES_SIZE)


@pytest.mark.parametrize("name", ["enhanced MR", "RLE", "JPEG-LS", "JPEG 2000", "mosaic", "explicit"])
@pytest.mark.parametrize(
    ("keyword", "vr", "value"),
    [
        ("NumberOfFrames", b"IS", b"2147483647"),
        ("NumberOfFrames", b"IS", b"-5"),
        ("Rows", b"US", b"\xff\xff"),
        ("Columns", b"US", b"\xff\xff"),
        ("BitsAllocated", b"US", b"\x40\x00"),
        ("BitsAllocated", b"US", b"\x01\x00"),
        ("SamplesPerPixel", b"US", b"\xff\xff"),
    ],
)
def test_a_header_that_claims_more_than_there_is(tmp_path, name, keyword, vr, value):
    path = tmp_path / "claim.dcm"
    WRITERS[name](path)
    tag = tag_for_keyword(keyword)
    new = element(tag >> 16, tag & 0xFFFF, vr, value)
    data = path.read_bytes()
    if struct.pack("<HH", tag >> 16, tag & 0xFFFF) in data:
        path.write_bytes(replaced(data, tag, new))
    else:
        rows = data.index(struct.pack("<HH", 0x28, 0x10), 132)
        path.write_bytes(data[:rows] + new + data[rows:])
    result = outcome(path, times_size=1)
    # How many bits a compressed pixel has, its own stream says, too.
    assert not result.volumes or keyword == "BitsAllocated"
    assert result.sentences or keyword == "BitsAllocated"


# ------------------------------------------------------------------ pixels, held against pydicom


def truth_of(path):
    """What pydicom makes of the pixels, or None where it refuses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pydicom.dcmread(path).pixel_array
    except DAMAGE:
        return None
    except BaseException as error:
        # So pydicom's plugin for RLE, which is written in Rust, gives up.
        if type(error).__name__ != "PanicException":
            raise
        return None


def hold_pixels_against_pydicom(folder, name, count, seed):
    """How many damaged files both read, to the same numbers."""
    original, path = folder / "original.dcm", folder / "damaged.dcm"
    WRITERS[name](original)
    data = original.read_bytes()
    both = 0
    aimed, blind = damaged(data, seed, header_share=0.5), mutated(data, seed + 1, header=len(data))
    for broken in itertools.islice(itertools.chain.from_iterable(zip(aimed, blind, strict=False)), count):
        path.write_bytes(broken)
        volumes = outcome(path, times_size=TIMES_SIZE).volumes
        truth = truth_of(path)
        if len(volumes) != 1 or truth is None or truth.ndim != 2:
            continue
        (volume,) = volumes
        assert volume.voxels.dtype == truth.dtype.newbyteorder("=")
        np.testing.assert_array_equal(volume.voxels[:, :, 0], truth.T)
        both += 1
    return both


@pytest.mark.parametrize("name", ["explicit", "implicit", "big endian", "deflated", "RLE", "JPEG-LS", "JPEG 2000"])
def test_pixels_of_damaged_files_are_those_of_pydicom(tmp_path, name):
    assert hold_pixels_against_pydicom(tmp_path, name, 160, seed=31) > 5


@pytest.mark.long
@pytest.mark.parametrize("name", ["explicit", "implicit", "big endian", "deflated", "RLE", "JPEG-LS", "JPEG 2000"])
def test_pixels_of_many_damaged_files_are_those_of_pydicom(tmp_path, name):
    assert hold_pixels_against_pydicom(tmp_path, name, 6000, seed=3100) > 500


def test_a_decoder_that_panics_is_told_of_in_a_sentence(tmp_path, monkeypatch):
    class PanicException(BaseException):  # as pyo3 calls it
        pass

    def panic(*_):
        raise PanicException("index out of bounds: the len is 3840")

    WRITERS["RLE"](tmp_path / "rle.dcm")
    monkeypatch.setattr(compressed, "decode", lambda *_: False)
    monkeypatch.setattr(compressed, "decode_with_pydicom", panic)
    result = outcome(tmp_path / "rle.dcm", times_size=TIMES_SIZE)
    assert set(result.sentences) == {"rle.dcm: its pixels could not be read: a compressed image is damaged"}


def test_pixels_of_unusual_files_are_those_of_pydicom(tmp_path):
    for name, path in unusual_files(tmp_path).items():
        volumes, truth = outcome(path, times_size=TIMES_SIZE).volumes, truth_of(path)
        if len(volumes) == 1 and truth is not None and truth.ndim == 2:
            np.testing.assert_array_equal(volumes[0].voxels[:, :, 0], truth.T, err_msg=name)
