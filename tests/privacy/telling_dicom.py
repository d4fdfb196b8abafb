"""DICOM files that tell of somebody wherever a file can hold text."""

from __future__ import annotations

import base64
import binascii
import contextlib
import gzip
import io
import json
import re
import unicodedata
import zipfile
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
from conftest import affine_of
from dicom_series import series
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "QUIXLER^JANOSCH"
NUMBER = "QX47110815"
BORN = "19420317"
WORD = "XYZZYPLUGH"
BYTES = b"XYZZYBYTES"
UID_ROOT = "1.3.6.1.4.1.99999.77"
MATRIX = affine_of((0, 1, 2), (-1, -1, 1), (0.8, 1.1, 2.3), (4, 7, -3))

_TEXT = {
    **dict.fromkeys(("LO", "SH", "LT", "ST", "UT", "UC", "CS", "AE"), WORD),
    "PN": NAME,
    "UR": f"http://{WORD}.example",
    "DA": BORN,
    "DT": f"{BORN}114711",
    "IS": "47110815",
    "DS": "47110815",
    "UI": f"{UID_ROOT}.1",
    **dict.fromkeys(("OB", "OW", "UN", "OF", "OD", "OL", "OV"), BYTES),
}
NEEDLES = (b"QUIXLER", b"JANOSCH", b"RELXIUQ", b"47110815", BORN.encode(), WORD.encode(), BYTES, b"1942-03-17")
ACCENTED = "Zürgåth"
"""A name that each encoding writes in another way."""
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "cp850")
UID_NEEDLE = UID_ROOT.encode()


def voxels() -> np.ndarray:
    return (np.arange(20 * 16 * 5, dtype=np.uint16) * 37 % 4093).reshape(20, 16, 5)


def telling_series(folder: Path) -> list[Path]:
    """A scan of five slices, each attribute of the standard filled with what could name somebody."""
    paths = []
    for number, dataset in enumerate(series(voxels(), MATRIX, BitsStored=12, HighBit=11)):
        _tell(dataset)
        # What old overlays hide in the bits above the pixels.
        pixels = np.frombuffer(dataset.PixelData, "<u2") | np.uint16(0x5000)
        dataset.PixelData = pixels.tobytes()
        dataset.file_meta.SourceApplicationEntityTitle = WORD
        dataset.file_meta.PrivateInformationCreatorUID = UID(f"{UID_ROOT}.9")
        dataset.file_meta.PrivateInformation = BYTES
        dataset.preamble = (BYTES * 13)[:128]
        path = folder / f"QUIXLER_JANOSCH_{number}.dcm"
        folder.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)
        with path.open("ab") as file:
            # Trailing padding (FFFC,FFFC), and bytes behind all.
            file.write(b"\xfc\xff\xfc\xffOB\0\0" + len(BYTES).to_bytes(4, "little") + BYTES)
        paths.append(path)
    return paths


def _tell(dataset: Dataset) -> None:
    for tag, (vr, vm, _name, retired, _keyword) in DicomDictionary.items():
        group = tag >> 16
        if tag in dataset and tag not in (0x00100010, 0x00100020):
            continue
        kind = vr.split(" or ")[0]
        if (
            kind in _TEXT
            and group > 2
            and not (group == 0x7FE0 or 0x00280000 <= tag < 0x00282000)
            and tag != 0x00080005
        ):
            del retired, vm
            dataset.add_new(tag, kind, _TEXT[kind])
    item = Dataset()
    item.PatientName, item.TextValue, item.CodeMeaning = NAME, WORD, WORD
    item.CodeValue, item.CodingSchemeDesignator = WORD, "99OURS"
    deeper = Dataset()
    deeper.ContentSequence = Sequence([item])
    deeper.ReferencedSOPInstanceUID = f"{UID_ROOT}.5"
    deeper.add_new(0x00091001, "LO", WORD)
    for keyword in (
        "ReferencedImageSequence",
        "RequestAttributesSequence",
        "AnatomicRegionSequence",
        "SourceImageSequence",
    ):
        setattr(dataset, keyword, Sequence([deeper, item]))
    dataset.AccessionNumber = dataset.PatientID = NUMBER
    dataset.PatientBirthDate = BORN
    dataset.OtherPatientNames = f"{ACCENTED.upper()}^{ACCENTED}"
    dataset.PatientName = NAME
    dataset.InstitutionName = f"{WORD} Klinik"
    dataset.BurnedInAnnotation = "NO"
    dataset.Modality = "MR"
    dataset.SeriesDescription = f"T2 CISS {WORD} tra"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", WORD]
    dataset.add_new(0x00090010, "LO", WORD)
    dataset.add_new(0x00091001, "UN", BYTES)
    dataset.add_new(0x00091002, "SQ", Sequence([item]))
    dataset.add_new(0x60000010, "US", 16)
    dataset.add_new(0x60003000, "OW", BYTES)
    dataset.add_new(0x60000022, "LO", WORD)
    dataset.add_new(0x50000022, "LO", WORD)
    dataset.add_new(0x00187777, "UN", BYTES)


def told_in(path: Path) -> list[bytes]:
    """What of all that a file tells, however it is packed; its own name too."""
    found = {needle for needle in NEEDLES if needle.lower() in path.name.encode().lower()}
    for data in unpacked(path.read_bytes()):
        small = data.lower()
        found |= {needle for needle in NEEDLES if _is_in(needle.lower(), small)}
        found |= {one for one in _accented() if one in data}
    return sorted(found)


def _accented() -> set[bytes]:
    spelt = (ACCENTED, ACCENTED.upper(), unicodedata.normalize("NFD", ACCENTED))
    told = {word.encode(encoding, "ignore") for word in spelt for encoding in _ENCODINGS}
    return told | {
        quote(ACCENTED).encode(),
        json.dumps(ACCENTED)[1:-1].encode(),
        ACCENTED.encode("utf-8").hex().encode(),
    }


def _is_in(needle: bytes, data: bytes) -> bool:
    wide = needle.decode().encode("utf-16-le")
    return needle in data or wide in data or wide[1:] in data


def unpacked(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """Bytes as they are, and all that can be unpacked of them."""
    yield data
    if depth > 3:
        return
    if data[:2] == b"\x1f\x8b":
        yield from unpacked(gzip.decompress(data), depth + 1)
    if data[128:132] == b"DICM" and depth == 0:
        # Deflated DICOM has no mark of its own where the data begin: behind the file's meta information.
        begin = 144 + int.from_bytes(data[140:144], "little")
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj(-15).decompress(data[begin:])
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name), depth + 1)
    for at in (found.start() for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data)):
        try:
            plain = zlib.decompressobj().decompress(data[at:], 50_000_000)
        except zlib.error:
            continue
        if len(plain) > 20:
            yield from unpacked(plain, depth + 1)
    for found in re.finditer(rb"[A-Za-z0-9+/]{200,}={0,2}", data):
        try:
            yield from unpacked(base64.b64decode(found.group()[: len(found.group()) // 4 * 4]), depth + 1)
        except binascii.Error:
            continue
