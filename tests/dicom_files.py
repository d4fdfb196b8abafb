"""DICOM files from elsewhere, files written in unusual ways, and damage done to them."""

from __future__ import annotations

import gzip
import importlib.util
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from dicom_series import slice_dataset
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS, ROWS = 13, 11
PIXELS = (np.arange(ROWS * COLUMNS, dtype=np.int16).reshape(ROWS, COLUMNS) * 37) % 3001 - 900

FOLDERS = {
    "pydicom": ("pydicom", "data/test_files"),
    "pydicom characters": ("pydicom", "data/charset_files"),
    "pydicom-data": ("data_store", "data"),
    "highdicom": ("highdicom", "."),
    "nibabel": ("nibabel", "nicom/tests/data"),
    "nibabel more": ("nibabel", "tests/data"),
}
_NOT_DICOM = (".py", ".pyc", ".md", ".txt", ".json", ".nii", ".mgz", ".par", ".rec", ".trk", ".tck", ".mnc", ".pyi")


def package_files(name: str) -> list[Path]:
    """Files that a package brings for its own tests, those that only look like DICOM among them."""
    package, folder = FOLDERS[name]
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    files = [file for file in (Path(found.origin).parent / folder).rglob("*") if file.is_file()]
    return sorted(file for file in files if not file.name.lower().endswith(_NOT_DICOM))


def unzipped(file: Path, folder: Path) -> Path:
    """The file, or what a .dcm.gz holds."""
    if file.suffix != ".gz":
        return file
    target = folder / file.stem
    target.write_bytes(gzip.decompress(file.read_bytes()))
    return target


def usual_dataset(**values: Any) -> Dataset:
    """A slice with what scanners write in its header."""
    return slice_dataset(
        PIXELS,
        **{
            "SpecificCharacterSet": "ISO_IR 100",
            "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
            "SOPInstanceUID": "1.2.826.0.1.3680043.8.498.1",
            "StudyDate": "20260102",
            "AcquisitionTime": "101112.130000",
            "ScanningSequence": ["GR", "IR"],
            "SliceThickness": "1.5",
            "RepetitionTime": "2300",
            "EchoTime": "2.98 ",
            "EchoNumbers": 1,
            "PatientPosition": "HFS",
            "DiffusionBValue": 1000.0,
            "DiffusionGradientOrientation": [0.0, 0.6, 0.8],
            "StudyInstanceUID": "1.2.3.77",
            "InstanceNumber": 7,
            "ImagePositionPatient": ["-100.5", "-3e1", "+17"],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "PixelSpacing": ["0.9", "1.1"],
            "RescaleSlope": "1",
            "RescaleIntercept": "-1024",
            **values,
        },
    )


def encoded(dataset: Dataset, syntax: UID) -> Dataset:
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = PIXELS.astype(">i2").tobytes()
    return dataset


def with_sequences(undefined: bool, **values: Any) -> Dataset:
    """Sequences within sequences, an empty one, an empty item, and private ones."""
    dataset = usual_dataset(**values)
    inner, middle, empty = Dataset(), Dataset(), Dataset()
    inner.CodeValue, inner.CodeMeaning = "T-D1100", "Head"
    middle.ReferencedSOPClassUID, middle.Rows = "1.2.840.10008.5.1.4.1.1.4", 4711
    middle.AnatomicRegionSequence = [inner, empty]
    dataset.ReferencedImageSequence = [middle, Dataset(), middle]
    dataset.ProcedureCodeSequence = []
    block = dataset.private_block(0x0021, "VENDOR", create=True)
    block.add_new(1, "SQ", [middle])
    block.add_new(2, "OB", bytes(20_000))
    for element in dataset.iterall():
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
    return dataset


def element(group: int, number: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """An element in Explicit VR Little Endian."""
    length = len(value) if length is None else length
    head = struct.pack("<HH2s", group, number, vr)
    if vr in b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split():
        return head + struct.pack("<HI", 0, length) + value
    return head + struct.pack("<H", length) + value


def oddities() -> dict[str, tuple[str, bytes]]:
    """Elements as files have them that were not written by the book: (keyword, in place of the usual element)."""
    us, ds, is_, lo, cs, ui = b"US", b"DS", b"IS", b"LO", b"CS", b"UI"
    return {
        "two rows": ("Rows", element(0x28, 0x10, us, b"\x0b\0\x0c\0")),
        "rows of three bytes": ("Rows", element(0x28, 0x10, us, b"\x0b\0\0")),
        "rows as text": ("Rows", element(0x28, 0x10, is_, b"11")),
        "rows of unknown kind": ("Rows", element(0x28, 0x10, b"UN", b"\x0b\0")),
        "rows without a value": ("Rows", element(0x28, 0x10, us, b"")),
        "rows of a kind that is none": ("Rows", element(0x28, 0x10, b"XX", b"\x0b\0")),
        "spacing with blanks": ("PixelSpacing", element(0x28, 0x30, ds, b" 0.9 \\ 1.1  ")),
        "spacing with a zero at its end": ("PixelSpacing", element(0x28, 0x30, ds, b"0.9\\1.1\0")),
        "spacing with a tab": ("PixelSpacing", element(0x28, 0x30, ds, b"0.9\\1.1\t")),
        "spacing with an underscore": ("PixelSpacing", element(0x28, 0x30, ds, b"0.9\\1_1 ")),
        "spacing with a comma": ("PixelSpacing", element(0x28, 0x30, ds, b"0,9\\1,1 ")),
        "spacing without a number": ("PixelSpacing", element(0x28, 0x30, ds, b"\\1.1")),
        "spacing without an end": ("PixelSpacing", element(0x28, 0x30, ds, b"0.9\\")),
        "spacing of blanks": ("PixelSpacing", element(0x28, 0x30, ds, b"  ")),
        "spacing nan": ("PixelSpacing", element(0x28, 0x30, ds, b"nan\\inf ")),
        "spacing of many digits": ("PixelSpacing", element(0x28, 0x30, ds, b"0.90000000000000000001\\1.1e0000 ")),
        "spacing without end": ("PixelSpacing", element(0x28, 0x30, ds, b"1e999\\1 ")),
        "spacing of only signs": ("PixelSpacing", element(0x28, 0x30, ds, b"+-1.\\eE")),
        "number as a fraction": ("InstanceNumber", element(0x20, 0x13, is_, b"7.0 ")),
        "number with a fraction": ("InstanceNumber", element(0x20, 0x13, is_, b"7.5 ")),
        "number of many digits": ("InstanceNumber", element(0x20, 0x13, is_, b"12345678901234567890")),
        "number with a zero": ("InstanceNumber", element(0x20, 0x13, is_, b"7\0")),
        "number with blanks": ("InstanceNumber", element(0x20, 0x13, is_, b" +007 ")),
        "number of blanks": ("InstanceNumber", element(0x20, 0x13, is_, b"    ")),
        "number of odd length": ("InstanceNumber", element(0x20, 0x13, is_, b"123")),
        "two numbers": ("InstanceNumber", element(0x20, 0x13, is_, b"1\\2 ")),
        "no number": ("InstanceNumber", element(0x20, 0x13, is_, b"seven ")),
        "bytes above 127": ("SeriesDescription", element(0x8, 0x103E, lo, "Kopf ä".encode("latin-1"))),
        "an escape": ("SeriesDescription", element(0x8, 0x103E, lo, b"a\x1b$Bb ")),
        "blanks around": ("SeriesDescription", element(0x8, 0x103E, lo, b"  T1 \\ b  ")),
        "only blanks": ("SeriesDescription", element(0x8, 0x103E, lo, b"  ")),
        "a zero in text": ("SeriesDescription", element(0x8, 0x103E, lo, b"T1\0 ")),
        "a line break": ("SeriesDescription", element(0x8, 0x103E, lo, b"T1\n2")),
        "a long text": ("SeriesDescription", element(0x8, 0x103E, lo, b"T1" * 3000)),
        "type with empty parts": ("ImageType", element(0x8, 0x8, cs, b"ORIGINAL\\\\M\\")),
        "type with a zero": ("ImageType", element(0x8, 0x8, cs, b"ORIGINAL\\M\0\0")),
        "type in small letters": ("ImageType", element(0x8, 0x8, cs, b"original\\ mm")),
        "uid with a blank": ("SOPInstanceUID", element(0x8, 0x18, ui, b"1.2.3 ")),
        "uid with zeros": ("SOPInstanceUID", element(0x8, 0x18, ui, b"1.2.3\0\0\0")),
        "uid with letters": ("SOPInstanceUID", element(0x8, 0x18, ui, b"1.2.x\0")),
        "two uids": ("SOPInstanceUID", element(0x8, 0x18, ui, b"1.2\\3.4\0")),
        "japanese": ("SpecificCharacterSet", element(0x8, 0x5, cs, b"\\ISO 2022 IR 87")),
        "unknown characters": ("SpecificCharacterSet", element(0x8, 0x5, cs, b"KLINGON ")),
        "no character set": ("SpecificCharacterSet", element(0x8, 0x5, cs, b"")),
        "utf-8": ("SpecificCharacterSet", element(0x8, 0x5, cs, b"ISO_IR 192")),
        "unknown, undefined length": (
            "Rows",
            element(0x28, 0x10, b"UN", b"\xfe\xff\xdd\xe0\0\0\0\0", 0xFFFFFFFF),
        ),
        "end of an item": ("Rows", b"\xfe\xff\x0d\xe0\0\0\0\0"),
        "twice": ("Rows", element(0x28, 0x10, us, b"\x0b\0") * 2),
        "out of order": ("Rows", element(0x28, 0x10, us, b"\x0b\0") + element(0x8, 0x60, cs, b"CT")),
        "a group length": ("RescaleSlope", element(0x29, 0, b"UL", b"\x10\0\0\0")),
        "private of unknown kind": ("RescaleSlope", element(0x29, 0x10, b"UN", b"abcd")),
    }


def unusual_files(folder: Path) -> dict[str, Path]:
    """Files in every uncompressed encoding, with sequences, and with each of the oddities."""
    datasets = {
        "explicit": encoded(usual_dataset(), ExplicitVRLittleEndian),
        "implicit": encoded(usual_dataset(), ImplicitVRLittleEndian),
        "big endian": encoded(usual_dataset(), ExplicitVRBigEndian),
        "deflated": encoded(usual_dataset(), DeflatedExplicitVRLittleEndian),
        "several frames": usual_dataset(NumberOfFrames=3, PixelData=PIXELS.tobytes() * 3),
        "without pixels": usual_dataset(PixelData=None, Rows=None),
        "12 bits": usual_dataset(BitsStored=12, HighBit=11),
    }
    for undefined in (True, False):
        for syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian):
            name = f"sequences, {syntax.name}{', undefined lengths' if undefined else ''}"
            datasets[name] = with_sequences(undefined)
            encoded(datasets[name], syntax)
    files = {}
    for name, dataset in datasets.items():
        files[name] = folder / f"{name}.dcm"
        dataset.save_as(files[name], enforce_file_format=True)
    plain = files["explicit"].read_bytes()
    for name, (keyword, replacement) in oddities().items():
        files[name] = folder / f"{name.replace(' ', '-')}.dcm"
        files[name].write_bytes(replaced(plain, usual_dataset()[keyword].tag, replacement))
    for name, data in _spoilt(plain).items():
        files[name] = folder / f"{name.replace(' ', '-')}.dcm"
        files[name].write_bytes(data)
    return files


def replaced(data: bytes, tag: int, replacement: bytes) -> bytes:
    """A file in Explicit VR Little Endian with one of its short elements changed for something else."""
    start = data.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF), 132)
    (length,) = struct.unpack_from("<H", data, start + 6)
    return data[:start] + replacement + data[start + 8 + length :]


def _spoilt(plain: bytes) -> dict[str, bytes]:
    pixels = plain.index(b"\xe0\x7f\x10\0OW")
    trailing = element(0xFFFC, 0xFFFC, b"OB", bytes(20))
    said = struct.pack("<I", PIXELS.nbytes)
    return {
        "no preamble": plain[132:],
        "another preamble": b"II*\0" + plain[4:],
        "cut in the meta": plain[:200],
        "cut in the header": plain[:600],
        "cut before the pixels": plain[:pixels],
        "cut in the pixels": plain[:-50],
        "padded": plain + trailing,
        "padded with rubbish": plain + b"\0" * 7,
        "rows again at the end": plain + element(0x28, 0x10, b"US", b"\x01\0"),
        "pixels twice": plain + plain[pixels:],
        "more pixels than said": plain.replace(b"OW\0\0" + said, b"OW\0\0" + struct.pack("<I", 4 * PIXELS.nbytes))
        + bytes(PIXELS.nbytes * 3),
        "float pixels": plain[:pixels] + element(0x7FE0, 8, b"OF", bytes(PIXELS.size * 4)),
        "extended offsets": plain[:pixels] + element(0x7FE0, 1, b"OV", bytes(8)) + plain[pixels:],
        "pixels as bytes": plain[:pixels] + b"\xe0\x7f\x10\0OB" + plain[pixels + 6 :],
        "pixels of unknown kind": plain[:pixels] + b"\xe0\x7f\x10\0UN" + plain[pixels + 6 :],
        "pixels of undefined length": plain[: pixels + 8] + b"\xff" * 4 + plain[pixels + 12 :],
        "implicit said, explicit written": plain.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0"),
        "big endian said": plain.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.2\0"),
        "jpeg said": plain.replace(b"UI\x14\x001.2.840.10008.1.2.1\0", b"UI\x16\x001.2.840.10008.1.2.4.70"),
        "unknown syntax": plain.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0"),
        "command group": plain.replace(b"\x08\0\x05\0CS", element(0, 0, b"UL", bytes(4)) + b"\x08\0\x05\0CS"),
        "reserved bytes used": plain.replace(b"OW\0\0", b"OW\1\0"),
    }


def damaged(data: bytes, seed: int, header_share: float = 0.9) -> Iterator[bytes]:
    """Without end: bytes changed, parts cut out, doubled or put in, the end cut off."""
    random = np.random.default_rng(seed)
    header = max(200, len(data) - PIXELS.nbytes)
    tags = [number for number in range(132, header - 8) if data[number + 4 : number + 6].isalpha()]
    while True:
        broken = bytearray(data)
        for _ in range(random.integers(1, 4)):
            end = header if random.random() < header_share else len(data)
            at = int(random.integers(132, end))
            kind = random.integers(8)
            if kind <= 2:
                broken[at : at + 1] = random.bytes(1)
            elif kind == 3:
                broken[at : at + 1] = bytes([data[at] ^ (1 << int(random.integers(8)))])
            elif kind == 4 and tags:
                # In a length, where it hurts most.
                at = int(random.choice(tags)) + 6
                broken[at : at + 2] = random.choice([b"\xff\xff", b"\0\0", b"\1\0", b"\0\x80", random.bytes(2)])
            elif kind == 5:
                vr = bytes(random.choice([b"US", b"SQ", b"UN", b"LO", b"OB", b"DS", b"UT", b"CS"]))
                value = random.bytes(int(random.integers(0, 12)))
                group = int(random.choice([0x8, 0x10, 0x18, 0x20, 0x28, 0x29, 0x7FE0, 0xFFFE]))
                start = int(random.choice(tags)) if tags else at
                broken[start:start] = element(group, int(random.integers(0, 0x60)), vr, value)
            elif kind == 6:
                del broken[at : at + int(random.integers(1, 30))]
            else:
                del broken[int(random.integers(0, len(broken) + 1)) :]
        yield bytes(broken)
