"""Small files that would take minutes, or gigabytes: each is refused in a sentence, before that."""

from __future__ import annotations

import struct
import zlib

import pytest
from dicom_files import element, replaced, usual_dataset
from dicom_series import save
from hostile import outcome
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from test_fuzz_dicom import WRITERS

from napari_vascular_loop.formats.volumes import guarded_file
from napari_vascular_loop.formats.volumes.dicom import functional_groups

ITEM, ITEM_END, SEQUENCE_END = (struct.pack("<HH", 0xFFFE, number) for number in (0xE000, 0xE00D, 0xE0DD))
UNDEFINED = b"\xff" * 4
REFERENCED_SERIES = struct.pack("<HH", 0x0008, 0x1115)
PER_FRAME = struct.pack("<HH", 0x5200, 0x9230)
NUMBER_OF_FRAMES = 0x00280008


def meta(syntax, folder):
    """A preamble and File Meta Information."""
    dataset = usual_dataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    data = save(dataset, folder / "meta.dcm").read_bytes()
    return data[: 144 + struct.unpack_from("<I", data, 140)[0]]


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def private_elements(count, vr=b""):
    """Elements without a value, in the order of their tags."""
    length = struct.pack("<H" if vr else "<I", 0)
    tags = (struct.pack("<HH", 0x0009 + 2 * (n >> 15), n & 0x7FFF | 0x1000) for n in range(count))
    return b"".join(tag + vr + length for tag in tags)


IN_PIECES = {
    # what no library in Python gets through in time: transfer syntax, and the data set for so many elements
    "nothing but zeros": (ImplicitVRLittleEndian, lambda count: bytes(8 * count)),
    "zeros of no kind": (ExplicitVRLittleEndian, lambda count: bytes(8 * count)),
    "zeros, big endian": (ExplicitVRBigEndian, lambda count: bytes(8 * count)),
    "zeros, deflated": (DeflatedExplicitVRLittleEndian, lambda count: deflated(bytes(8 * count))),
    "private elements": (ImplicitVRLittleEndian, private_elements),
    "private elements, explicit": (ExplicitVRLittleEndian, lambda count: private_elements(count, b"LO")),
    "private elements, deflated": (
        DeflatedExplicitVRLittleEndian,
        lambda count: deflated(private_elements(count, b"LO")),
    ),
    "items without end": (
        ImplicitVRLittleEndian,
        lambda count: REFERENCED_SERIES + UNDEFINED + (ITEM + bytes(4)) * count,
    ),
    "items without end, explicit": (
        ExplicitVRLittleEndian,
        lambda count: REFERENCED_SERIES + b"SQ\0\0" + UNDEFINED + (ITEM + bytes(4)) * count,
    ),
    "elements in an item": (
        ExplicitVRLittleEndian,
        lambda count: REFERENCED_SERIES + b"SQ\0\0" + UNDEFINED + ITEM + UNDEFINED + private_elements(count, b"LO"),
    ),
}


@pytest.mark.parametrize("name", IN_PIECES)
def test_headers_in_too_many_pieces(tmp_path, monkeypatch, name):
    monkeypatch.setattr(guarded_file, "MOST_READS", 4000)
    syntax, body = IN_PIECES[name]
    path = tmp_path / "pieces.dcm"
    path.write_bytes(meta(syntax, tmp_path) + body(30_000))
    result = outcome(path, times_size=60)
    assert not result.volumes
    # pydicom makes an OSError of what goes wrong within a sequence.
    assert "in more than 2000 pieces" in result.sentences[0] or result.sentences[0].endswith("file (OSError)")


def test_a_header_in_a_million_pieces_is_given_up_in_time(tmp_path):
    path = tmp_path / "pieces.dcm"
    path.write_bytes(meta(DeflatedExplicitVRLittleEndian, tmp_path) + deflated(bytes(32 << 20)))
    assert path.stat().st_size < 40_000
    (sentence,) = outcome(path, times_size=None).sentences
    assert "pieces" in sentence


def enhanced(folder, said, per_frame):
    """An enhanced file that says to have so many frames, with other functional groups of the frames."""
    WRITERS["enhanced MR"](folder / "enhanced.dcm")
    data = (folder / "enhanced.dcm").read_bytes()
    text = f"{said}".encode()
    data = replaced(data, NUMBER_OF_FRAMES, element(0x28, 8, b"IS", text + b" " * (len(text) % 2)))
    groups, pixels = data.index(PER_FRAME + b"SQ"), data.index(b"\xe0\x7f\x10\0OW")
    path = folder / "many.dcm"
    path.write_bytes(data[:groups] + per_frame + data[pixels:])
    return path


def empty_items(count, *, undefined):
    items = (ITEM + bytes(4)) * count
    if undefined:
        return PER_FRAME + b"SQ\0\0" + UNDEFINED + items + SEQUENCE_END + bytes(4)
    return PER_FRAME + b"SQ\0\0" + struct.pack("<I", len(items)) + items


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize(
    ("said", "there", "reason"),
    [
        (5, 50_000, "should hold 5 frames, but speaks of more"),
        (5, 1_100_000, "more than 1000000 parts"),
        (2_147_483_647, 5, "more than the 100000 images"),
        (100_001, 100_001, "more than the 100000 images"),
        (20_000, 20_000, "does not say where each of its frames lies"),
    ],
)
def test_more_frames_than_there_can_be(tmp_path, said, there, reason, undefined):
    result = outcome(enhanced(tmp_path, said, empty_items(there, undefined=undefined)), times_size=None)
    assert not result.volumes
    assert reason in result.sentences[0]


def test_functional_groups_that_only_pydicom_reads_are_bounded(tmp_path, monkeypatch):
    """Of sequences with a stated length it asks for all at once, and takes them apart later."""
    monkeypatch.setattr(functional_groups, "_LONGEST_ASKED", 10_000)
    monkeypatch.setattr(functional_groups, "walked", lambda _file: None)
    path = enhanced(tmp_path, 5, empty_items(2000, undefined=False))
    assert "longer than 10000 bytes" in outcome(path).sentences[0]


@pytest.mark.parametrize("frames", [1, 2])
def test_pixels_in_too_many_fragments(tmp_path, frames):
    WRITERS["RLE"](tmp_path / "rle.dcm")
    data = (tmp_path / "rle.dcm").read_bytes()
    rows = data.index(struct.pack("<HH", 0x28, 0x10), 132)
    pixels = data.index(b"\xe0\x7f\x10\0OB")
    many = ITEM + bytes(4)
    said = element(0x28, 8, b"IS", b"%d " % frames)
    path = tmp_path / "fragments.dcm"
    head = data[:rows] + said + data[rows : pixels + 12]
    path.write_bytes(head + many * 300_000 + SEQUENCE_END + bytes(4))
    result = outcome(path, times_size=None)
    assert not result.volumes
    assert frames > 1 or "more than 200000 fragments" in result.sentences[0]


def test_a_header_of_many_dimensions_is_not_told_in_full(tmp_path):
    path = tmp_path / "dimensions.nrrd"
    ones = "1 " * 5000
    path.write_text(f"NRRD0004\ntype: short\ndimension: 5000\nsizes: {ones}\nendian: little\nencoding: raw\n\n12")
    (sentence,) = outcome(path).sentences
    assert "has shape (1, 1, 1" in sentence
