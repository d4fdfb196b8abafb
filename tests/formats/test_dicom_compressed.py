"""Compressed pixels, which are decoded past pydicom and on all cores, are those of pydicom to the byte."""

from __future__ import annotations

import struct
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from dicom_encodings import (
    AXIAL,
    COMPRESSED,
    LOSSY,
    Kind,
    cut,
    encoded_image,
    items,
    put_frames,
    put_frames_with_extended_offsets,
    with_pydicom,
    write_encoded,
)
from dicom_enhanced import enhanced_dataset, frames
from dicom_series import save
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from napari_vascular_loop.domain.errors import ReadCancelledError, VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes
from napari_vascular_loop.formats.volumes.dicom import codecs, compressed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SMALL = (41, 35, 2)
BITS = {"u1": (8,), "u2": (16, 12, 10), "i2": (16, 12)}
KINDS = [Kind(dtype, bits) for dtype, several in BITS.items() for bits in several]
PYDICOM_RAISES = (ValueError, AttributeError, RuntimeError, LookupError, TypeError, struct.error, StopIteration)
LOSSLESS = ("RLE", "JPEG-LS", "JPEG 2000 lossless")
"""One of each family of decoders."""


def can_hold(name: str, kind: Kind) -> bool:
    """Whether an encoding, and the encoders of it that there are, take such numbers."""
    if name == "JPEG baseline":
        return kind.bits == 8
    if name == "JPEG extended":
        return kind.bits == 12 and not kind.is_signed
    # A signed number is stored without its sign in JPEG; near-lossless errors would tear 0 and -1 apart.
    return not (name == "JPEG-LS near" and kind.is_signed)


CASES = [(name, kind) for name in COMPRESSED for kind in KINDS if can_hold(name, kind)]


def read_one(source: Path | Sequence[Path]) -> np.ndarray:
    (volume,) = read_volumes(source)
    return volume.voxels


def assert_same(found: np.ndarray, truth: np.ndarray) -> None:
    """Equal in type and in every byte."""
    assert found.dtype == truth.dtype.newbyteorder("=")
    assert found.shape == truth.shape
    assert np.array_equal(found, truth)


@pytest.mark.parametrize(("name", "kind"), CASES, ids=str)
def test_every_type_in_every_encoding(tmp_path, name, kind):
    voxels = kind.voxels(SMALL)
    paths = write_encoded(tmp_path, voxels, COMPRESSED[name], kind.bits)
    found = read_one(tmp_path)
    assert_same(found, with_pydicom(*paths))
    if name in LOSSY:
        span = np.ptp(voxels.astype(float))
        assert 0 < np.abs(found.astype(float) - voxels).max() < span / 4, "lossy, and still the same picture"
    else:
        assert_same(found, voxels)


@pytest.mark.parametrize("name", [name for name in COMPRESSED if name not in LOSSY])
def test_usual_files_never_wait_for_pydicom(tmp_path, monkeypatch, name):
    """The quick way should not be lost by accident."""

    def fail(*_: object) -> None:
        raise AssertionError("went through pydicom")

    monkeypatch.setattr(compressed, "read_unusual", fail)
    monkeypatch.setattr(compressed, "decode_with_pydicom", fail)
    for kind in KINDS:
        folder = tmp_path / str(kind)
        write_encoded(folder, kind.voxels(SMALL), COMPRESSED[name], kind.bits)
        assert_same(read_one(folder), kind.voxels(SMALL))


@pytest.mark.parametrize("name", LOSSLESS)
def test_bits_that_do_not_count(tmp_path, name):
    """The image has more bits than the header lets count: only those that count are kept, as pydicom does."""
    kind = Kind("u2", 16)
    voxels = kind.voxels(SMALL)
    paths = write_encoded(tmp_path, voxels, COMPRESSED[name], 16, BitsStored=12, HighBit=11)
    for path in paths:
        data = path.read_bytes()
        at = data.index(b"\x28\0\x01\x01US") + 8
        path.write_bytes(data[:at] + b"\x0c\0" + data[at + 2 :])
    assert_same(read_one(tmp_path), with_pydicom(*paths))


# ------------------------------------------------------------------ fragments and offset tables

FRAGMENTS: dict[str, Callable[[list[bytes]], bytes]] = {
    "one each, no table": lambda images: items([[one] for one in images]),
    "one each, a table": lambda images: items([[one] for one in images], None),
    "several each, a table": lambda images: items([cut(one, 3) for one in images], None),
    "several each, no table": lambda images: items([cut(one, 3) for one in images]),
    "one of several, no table": lambda images: items(
        [cut(one, 3) if n == 1 else [one] for n, one in enumerate(images)]
    ),
    "one of several, a table": lambda images: items(
        [cut(one, 3) if n == 1 else [one] for n, one in enumerate(images)], None
    ),
    "an empty fragment, a table": lambda images: items([[one, b""] for one in images], None),
    "pydicom's own": encapsulate,
    "a table of zeros": lambda images: items([[one] for one in images], bytes(4 * len(images))),
    "a table too short": lambda images: items([[one] for one in images], bytes(4)),
    "a table that is shifted": lambda images: items([[one] for one in images], _shifted(images, 2)),
    "a table that is reversed": lambda images: items([[one] for one in images], _reversed(images)),
    "a table of three bytes": lambda images: items([[one] for one in images], b"\0\0\0\0\1\0"),
    "one image too few": lambda images: items([[one] for one in images[:-1]]),
    "one image too many": lambda images: items([[one] for one in [*images, images[0]]]),
    "no end": lambda images: items([[one] for one in images])[:-8],
    "nothing at all": lambda _images: b"",
}


def _second_cut(images: list[bytes]) -> list[list[bytes]]:
    return [cut(one, 3) if n == 1 else [one] for n, one in enumerate(images)]


def _starts(images: list[bytes]) -> np.ndarray:
    return np.cumsum([0, *(8 + len(one) + len(one) % 2 for one in images[:-1])])


def _shifted(images: list[bytes], by: int) -> bytes:
    return (_starts(images) + by).astype("<u4").tobytes()


def _reversed(images: list[bytes]) -> bytes:
    return _starts(images)[::-1].astype("<u4").tobytes()


def enhanced(voxels: np.ndarray, bits: int) -> Any:
    return enhanced_dataset(frames(voxels, AXIAL), BitsStored=bits, HighBit=bits - 1)


@pytest.mark.parametrize("name", LOSSLESS)
@pytest.mark.parametrize("wrapping", FRAGMENTS)
def test_however_frames_are_wrapped(tmp_path, wrapping, name):
    """Right where pydicom is, and never silently wrong where it is not."""
    kind, syntax = Kind("u2", 12), COMPRESSED[name]
    voxels = kind.voxels((41, 35, 4))
    images = [encoded_image(voxels[:, :, k].T, syntax, kind.bits) for k in range(4)]
    dataset = enhanced(voxels, kind.bits)
    put_frames(dataset, FRAGMENTS[wrapping](images), syntax)
    try:
        path = save(dataset, tmp_path / "enhanced.dcm")
    except ValueError:
        # pydicom does not write what is so odd: we do.
        dataset.PixelData = encapsulate(images)
        path = save(dataset, tmp_path / "enhanced.dcm")
        path.write_bytes(path.read_bytes().replace(dataset.PixelData, FRAGMENTS[wrapping](images)))
    truth = outcome(lambda: with_pydicom(path))
    found = outcome(lambda: read_one(path))
    if isinstance(found, str):
        assert "\n" not in found
        assert "enhanced.dcm" in found
        assert not np.array_equal(truth, voxels), found
    else:
        assert_same(found, voxels)


def outcome(read: Callable[[], np.ndarray]) -> np.ndarray | str:
    """What is read, or why not."""
    try:
        return read()
    except (
        VolumeReadError,
        ValueError,
        AttributeError,
        RuntimeError,
        LookupError,
        TypeError,
        struct.error,
        StopIteration,
    ) as error:
        return str(error)


@pytest.mark.parametrize("name", LOSSLESS)
def test_frames_with_an_extended_offset_table(tmp_path, name):
    kind, syntax = Kind("i2", 12), COMPRESSED[name]
    voxels = kind.voxels((41, 35, 4))
    images = [encoded_image(voxels[:, :, k].T, syntax, kind.bits) for k in range(4)]
    dataset = enhanced(voxels, kind.bits)
    put_frames_with_extended_offsets(dataset, images, syntax)
    path = save(dataset, tmp_path / "enhanced.dcm")
    assert_same(read_one(path), with_pydicom(path))
    assert_same(read_one(path), voxels)


@pytest.mark.parametrize("count", [2, 5])
@pytest.mark.parametrize("name", LOSSLESS)
def test_one_image_in_several_fragments(tmp_path, name, count):
    kind = Kind("u2", 12)
    voxels = kind.voxels(SMALL)
    paths = write_encoded(tmp_path, voxels, COMPRESSED[name], 12, lambda image: items([cut(image, count)]))
    assert_same(read_one(tmp_path), with_pydicom(*paths))
    assert_same(read_one(tmp_path), voxels)


# ------------------------------------------------------------------ damage


@pytest.mark.parametrize("share", [0.05, 0.5, 0.97])
@pytest.mark.parametrize("name", LOSSLESS)
def test_a_file_that_breaks_off_is_named_in_one_sentence(tmp_path, name, share):
    paths = write_encoded(tmp_path, Kind("u2", 12).voxels((41, 35, 4)), COMPRESSED[name], 12)
    data = paths[2].read_bytes()
    pixels = data.index(b"\xe0\x7f\x10\0OB")
    paths[2].write_bytes(data[: pixels + int((len(data) - pixels) * share)])
    with pytest.raises(VolumeReadError, match=r"^IM0002: its pixels could not be read: ") as raised:
        read_one(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["RLE", "JPEG-LS", "JPEG lossless SV1"])
def test_an_image_that_breaks_off_in_a_file_that_does_not(tmp_path, name):
    write_encoded(
        tmp_path, Kind("u2", 12).voxels(SMALL), COMPRESSED[name], 12, lambda image: items([[image[: len(image) // 2]]])
    )
    with pytest.raises(VolumeReadError, match=r"^IM0000: its pixels could not be read: ") as raised:
        read_one(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", [name for name in COMPRESSED if name != "RLE"])
def test_an_image_of_another_size_than_is_said_is_refused(tmp_path, name):
    kind = Kind("u1", 8) if name == "JPEG baseline" else Kind("u2", 12)
    paths = write_encoded(tmp_path, kind.voxels(SMALL), COMPRESSED[name], kind.bits)
    for path in paths:
        data = path.read_bytes()
        at = data.index(b"\x28\0\x10\0US") + 8
        path.write_bytes(data[:at] + bytes([30, 0]) + data[at + 2 :])
    with pytest.raises(VolumeReadError, match="a compressed image is of 35 x 41 pixels, where 30 x 41 are said"):
        read_one(tmp_path)


# ------------------------------------------------------------------ decoders that are not there


class _Missing:
    is_available = False
    available_plugins = ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("JPEG-LS", "JPEG-LS Lossless Image Compression"),
        ("JPEG 2000 lossless", r"JPEG 2000 Image Compression \(Lossless Only\)"),
        ("JPEG lossless SV1", "JPEG Lossless, Non-Hierarchical, First-Order Prediction"),
    ],
)
def test_a_missing_decoder_is_named_and_what_to_install(tmp_path, monkeypatch, name, said):
    write_encoded(tmp_path, Kind("u2", 12).voxels(SMALL), COMPRESSED[name], 12)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    monkeypatch.setattr(codecs, "get_decoder", lambda _uid: _Missing())
    with pytest.raises(VolumeReadError, match=f"IM0000: .*no decoder is installed for .*{said}.*pip install"):
        read_one(tmp_path)


@pytest.mark.parametrize("name", [name for name in COMPRESSED if name != "JPEG extended"])
def test_without_imagecodecs_pydicom_decodes(tmp_path, monkeypatch, name):
    kind = Kind("u1", 8)
    paths = write_encoded(tmp_path, kind.voxels(SMALL), COMPRESSED[name], 8) if name == "JPEG baseline" else []
    kind = kind if paths else Kind("u2", 12)
    paths = paths or write_encoded(tmp_path, kind.voxels(SMALL), COMPRESSED[name], kind.bits)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    assert_same(read_one(tmp_path), with_pydicom(*paths))


# ------------------------------------------------------------------ threads


def test_images_decoded_out_of_order_come_to_their_own_places(tmp_path, monkeypatch):
    """The first images take longest; several threads are at work."""
    voxels = Kind("u2", 12).voxels((41, 35, 24))
    write_encoded(tmp_path, voxels, JPEGLSLossless, 12)
    threads, order = set(), []
    real = compressed.decode

    def slow(data: bytes, *others: Any) -> bool:
        number = len(threads)
        threads.add(threading.current_thread().name)
        time.sleep(0.03 if number == 0 else 0.003 * (len(order) % 3))
        done = real(data, *others)
        order.append(len(data))
        return done

    monkeypatch.setattr(compressed, "decode", slow)
    monkeypatch.setattr(compressed, "_workers", lambda: 4)
    assert_same(read_one(tmp_path), voxels)
    assert len(threads) == 4
    assert len(order) == 24


@pytest.mark.parametrize("in_one_file", [True, False])
def test_a_read_that_is_cancelled_ends_at_once_and_leaves_no_thread(tmp_path, monkeypatch, in_one_file):
    voxels = Kind("u2", 12).voxels((41, 35, 60))
    if in_one_file:
        dataset = enhanced(voxels, 12)
        images = [encoded_image(voxels[:, :, k].T, RLELossless, 12) for k in range(60)]
        put_frames(dataset, encapsulate(images), RLELossless)
        save(dataset, tmp_path / "enhanced.dcm")
    else:
        write_encoded(tmp_path, voxels, RLELossless, 12)
    decoded = []
    real = compressed.decode

    def counted(*details: Any) -> bool:
        decoded.append(1)
        return real(*details)

    monkeypatch.setattr(compressed, "decode", counted)
    monkeypatch.setattr(compressed, "_workers", lambda: 2)
    (found,) = find_volumes(tmp_path).volumes
    told: list[float] = []

    def cancel(done: float) -> None:
        told.append(done)
        if done > 0.3:
            raise ReadCancelledError

    with pytest.raises(ReadCancelledError):
        found.read(cancel)
    assert told == sorted(told)
    assert len(decoded) < 40
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


def test_one_damaged_image_ends_the_read_with_its_name(tmp_path):
    paths = write_encoded(tmp_path, Kind("u2", 12).voxels((41, 35, 20)), JPEG2000Lossless, 12)
    data = paths[7].read_bytes()
    at = data.index(b"\xff\x4f\xff\x51")
    paths[7].write_bytes(data[:at] + bytes(8) + data[at + 8 :])
    with pytest.raises(VolumeReadError, match=r"^IM0007: its pixels could not be read: a compressed image without"):
        read_one(tmp_path)
