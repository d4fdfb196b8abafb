"""Uncompressed pixels, which are read past pydicom, are those of pydicom to the byte."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from dicom_encodings import AXIAL, PLAIN, Kind, with_pydicom, write_encoded
from dicom_enhanced import frames, write_enhanced
from dicom_files import element
from dicom_series import save, series
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from napari_vascular_loop.domain.errors import ReadCancelledError, VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes
from napari_vascular_loop.formats.volumes.dicom import pixels as pixels_module

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SMALL = (23, 17, 2)
BITS = {"u1": (8, 7), "i1": (8, 5), "u2": (16, 12, 9, 1), "i2": (16, 12, 10, 2), "u4": (32, 20), "i4": (32, 24)}
KINDS = [Kind(dtype, bits) for dtype, several in BITS.items() for bits in several]


def read_one(source: Path | Sequence[Path]) -> np.ndarray:
    (volume,) = read_volumes(source)
    return volume.voxels


def assert_same(found: np.ndarray, truth: np.ndarray) -> None:
    """Equal in type and in every byte."""
    assert found.dtype == truth.dtype.newbyteorder("=")
    assert found.shape == truth.shape
    assert np.array_equal(found, truth)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("syntax", PLAIN)
def test_every_type_in_every_encoding(tmp_path, syntax, kind):
    voxels = kind.voxels(SMALL)
    paths = write_encoded(tmp_path, voxels, PLAIN[syntax], kind.bits)
    found = read_one(tmp_path)
    assert_same(found, with_pydicom(*paths))
    # Single bytes in big-endian words may be written in pairs either way: there pydicom's reading is the measure.
    if not (syntax == "big endian" and voxels.itemsize == 1):
        assert_same(found, voxels)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.bits % 8], ids=str)
@pytest.mark.parametrize("syntax", PLAIN)
def test_what_lies_in_unused_bits_is_no_part_of_a_number(tmp_path, syntax, kind):
    """Overlays lay there once, in the bits above those that count."""
    voxels = kind.voxels(SMALL)
    above = np.random.default_rng(6).integers(0, 1 << voxels.itemsize * 8, voxels.shape, np.uint64) >> kind.bits
    stored = (voxels.astype(np.int64) & ((1 << kind.bits) - 1)) | (above.astype(np.int64) << kind.bits)
    stored = stored.astype(f"u{voxels.itemsize}").view(voxels.dtype)
    assert not np.array_equal(stored, voxels)
    paths = write_encoded(tmp_path, stored, PLAIN[syntax], kind.bits)
    found = read_one(tmp_path)
    assert_same(found, with_pydicom(*paths))
    if not (syntax == "big endian" and voxels.itemsize == 1):
        assert_same(found, voxels)


@pytest.mark.parametrize(
    "values",
    [
        {"BitsStored": 12, "HighBit": 15},
        {"BitsStored": 12, "HighBit": 7},
        {"BitsStored": 13, "HighBit": None},
        {"BitsStored": 16, "HighBit": 11},
        {"BitsStored": None},
        {"BitsStored": 0},
        {"BitsStored": 17},
        {"PixelRepresentation": None},
        {"PixelRepresentation": 2},
        {"BitsAllocated": 12, "BitsStored": 12},
        {"SamplesPerPixel": None},
        {"PhotometricInterpretation": None},
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"NumberOfFrames": 1},
        {"NumberOfFrames": 0},
    ],
    ids=str,
)
@pytest.mark.parametrize("syntax", ["implicit", "explicit"])
def test_what_is_said_oddly_is_read_as_pydicom_does_or_refused(tmp_path, syntax, values):
    kind = Kind("u2", 16)
    paths = [
        save(_in(dataset, PLAIN[syntax]), tmp_path / f"{k}.dcm")
        for k, dataset in enumerate(series(kind.voxels(), AXIAL, **values))
    ]
    found = outcome(lambda: read_one(tmp_path))
    truth = outcome(lambda: with_pydicom(*paths))
    if isinstance(found, str):
        assert "\n" not in found
        assert isinstance(truth, str) or "NumberOfFrames" in values, found
    else:
        assert not isinstance(truth, str), truth
        assert_same(found, truth)


def _in(dataset: Any, syntax: str) -> Any:
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def outcome(read: Callable[[], np.ndarray]) -> np.ndarray | str:
    """What is read, or why not."""
    try:
        return read()
    except (VolumeReadError, ValueError, AttributeError, RuntimeError, NotImplementedError, TypeError) as error:
        return str(error)


def test_each_file_of_a_series_may_be_in_an_encoding_of_its_own(tmp_path):
    kind = Kind("i2", 12)
    voxels = kind.voxels((23, 17, 4))
    paths = [
        write_encoded(tmp_path / name, voxels, syntax, kind.bits)[k] for k, (name, syntax) in enumerate(PLAIN.items())
    ]
    assert_same(read_one(paths), with_pydicom(*paths))
    assert_same(read_one(paths), voxels)


def test_files_of_signed_and_unsigned_numbers_meet_in_a_type_that_holds_both(tmp_path):
    voxels = Kind("u2", 16).voxels((23, 17, 2))
    signed = (voxels.astype(np.int32) - 30_000).clip(-30_000, 30_000).astype(np.int16)
    first = write_encoded(tmp_path / "a", voxels, ExplicitVRLittleEndian, 16)[0]
    second = write_encoded(tmp_path / "b", signed, ExplicitVRLittleEndian, 16)[1]
    found = read_one([first, second])
    assert found.dtype == np.int32
    assert np.array_equal(found[:, :, 0], voxels[:, :, 0])
    assert np.array_equal(found[:, :, 1], signed[:, :, 1])


@pytest.mark.parametrize("bits", [16, 12])
@pytest.mark.parametrize("syntax", PLAIN)
def test_frames_of_one_file(tmp_path, syntax, bits):
    voxels = Kind("i2", bits).voxels()
    path = write_enhanced(
        tmp_path / "enhanced.dcm",
        frames(voxels, AXIAL),
        PLAIN[syntax],
        change=lambda dataset: _swap(dataset) if syntax == "big endian" else None,
        BitsStored=bits,
        HighBit=bits - 1,
    )
    assert_same(read_one(path), with_pydicom(path))
    assert_same(read_one(path), voxels)


def _swap(dataset: Any) -> None:
    dataset.PixelData = np.frombuffer(dataset.PixelData, "<i2").astype(">i2").tobytes()


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 1, 4, 3)])
@pytest.mark.parametrize("mapped", [True, False])
def test_frames_in_any_order_come_to_their_places(tmp_path, monkeypatch, order, mapped):
    monkeypatch.setattr(pixels_module, "_MAP_BYTES", 1 if mapped else 1 << 40)
    monkeypatch.setattr(pixels_module, "_READ_BYTES", 2000)
    voxels = Kind("i2", 16).voxels()
    images = frames(voxels, AXIAL)
    path = write_enhanced(tmp_path / "enhanced.dcm", [images[k] for k in order])
    found = read_one(path)
    assert_same(np.ascontiguousarray(found), voxels)
    in_memory = not isinstance(found.base, np.memmap) and not isinstance(found, np.memmap)
    assert in_memory == (not mapped or order != (0, 1, 2, 3, 4))


def test_a_mapped_file_is_not_changed_through_the_voxels(tmp_path, monkeypatch):
    monkeypatch.setattr(pixels_module, "_MAP_BYTES", 1)
    path = write_enhanced(tmp_path / "enhanced.dcm", frames(Kind("i2", 16).voxels(), AXIAL))
    with pytest.raises(ValueError, match="read-only"):
        read_one(path)[0, 0, 0] = 1


@pytest.mark.parametrize(
    "tail",
    [
        element(0xFFFC, 0xFFFC, b"OB", bytes(40)),
        bytes(7),
        element(0x0028, 0x0010, b"US", b"\x01\0"),
        element(0x0028, 0x0101, b"US", b"\x03\0"),
    ],
    ids=["padding", "rubbish", "rows again", "bits again"],
)
def test_what_follows_the_pixels(tmp_path, tail):
    """Elements in the wrong place count with pydicom, so they do here."""
    paths = write_encoded(tmp_path, Kind("u2", 12).voxels(), ExplicitVRLittleEndian, 12)
    for path in paths:
        path.write_bytes(path.read_bytes() + tail)
    truth = outcome(lambda: with_pydicom(*paths))
    found = outcome(lambda: read_one(tmp_path))
    if isinstance(truth, str) or truth.shape[:2] != (23, 17):
        assert isinstance(found, str)
        assert "\n" not in found
    else:
        assert_same(found, truth)


@pytest.mark.parametrize("left", [1, 2, 99, 17 * 23 * 2 - 2])
@pytest.mark.parametrize("syntax", ["implicit", "explicit", "big endian"])
def test_a_slice_whose_pixels_break_off_is_left_out_and_said(tmp_path, syntax, left):
    voxels = Kind("u2", 16).voxels()
    paths = write_encoded(tmp_path, voxels, PLAIN[syntax], 16)
    paths[3].write_bytes(paths[3].read_bytes()[:-left])
    found = find_volumes(tmp_path)
    (stray,) = found.strays
    assert stray.path == paths[3]
    assert re.fullmatch(r"its pixels are cut short, at \d+ of 782 bytes", stray.reason)
    others = [k for k in range(voxels.shape[2]) if k != 3]
    volume = found.volumes[0].read()
    assert "1 slice is missing and shown black" in volume.provenance.warnings[0]
    assert np.array_equal(volume.voxels[:, :, others], voxels[:, :, others])
    with pytest.raises(VolumeReadError, match=r"its pixels are cut short, at \d+ of 782 bytes"):
        read_volumes(paths[3])


def test_a_deflated_file_that_breaks_off_is_left_out_and_said(tmp_path):
    paths = write_encoded(tmp_path, Kind("u2", 16).voxels(), DeflatedExplicitVRLittleEndian, 16)
    paths[3].write_bytes(paths[3].read_bytes()[:-9])
    found = find_volumes(tmp_path)
    assert [stray.path for stray in found.strays] == [paths[3]]
    assert "breaks off" in found.strays[0].reason
    (volume,) = found.volumes
    assert any("missing" in warning for warning in volume.header.provenance.warnings)


def test_usual_files_never_wait_for_pydicom(tmp_path, monkeypatch):
    """The quick way should not be lost by accident."""

    def fail(*_: object) -> None:
        raise AssertionError("went through pydicom")

    monkeypatch.setattr(pixels_module, "read_unusual", fail)
    for name in ("implicit", "explicit"):
        for kind in (Kind("u2", 12), Kind("i2", 16), Kind("u1", 8)):
            folder = tmp_path / f"{name} {kind}"
            write_encoded(folder, kind.voxels(), PLAIN[name], kind.bits)
            assert_same(read_one(folder), kind.voxels())


def test_reading_tells_its_progress_and_ends_when_it_is_cancelled(tmp_path):
    write_encoded(tmp_path, Kind("u2", 12).voxels((23, 17, 30)), ExplicitVRLittleEndian, 12)
    (found,) = find_volumes(tmp_path).volumes
    told: list[float] = []
    found.read(told.append)
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == 1.0

    def cancel(done: float) -> None:
        if done > 0.4:
            raise ReadCancelledError

    with pytest.raises(ReadCancelledError):
        found.read(cancel)
