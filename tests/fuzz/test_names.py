"""A patient's name, number and date, wherever a header may hold them: in no message, warning, log record or id."""

from __future__ import annotations

import struct

import nibabel
import nrrd
import numpy as np
import pytest
from conftest import affine_of
from dicom_files import element, replaced, usual_dataset
from dicom_series import save
from hostile import CANARIES, outcome
from pydicom.datadict import dictionary_VR, tag_for_keyword
from test_fuzz_dicom import WRITERS

from napari_vascular_loop.formats.volumes.dicom.file import KEYWORDS

NAME, NUMBER, BORN = CANARIES
TEXTS = (f"{NAME}^A", NUMBER, BORN)
MATRIX = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), (12, -7, 4))
VOXELS = (np.arange(7 * 9 * 5, dtype=np.int16) * 37 % 3001).reshape(7, 9, 5)


def values_of(vr):
    """A patient's data in the shape of a value of a kind, and as it is."""
    yield from (text.encode() for text in TEXTS)
    if vr in ("DS", "IS"):
        yield from (b"0.00" + BORN.encode(), b"1\\" + BORN.encode(), BORN.encode() + b"\\" + BORN.encode() + b"\\1")
    elif vr == "UI":
        yield from (f"1.2.{BORN}.3".encode(), f"1.2.840.10008.5.1.4.1.1.{BORN}".encode(), f"1.2.{NUMBER}".encode())
    elif vr == "FD":
        yield struct.pack("<d", float(BORN))
    elif vr in ("CS", "LO", "SH"):
        yield f"ORIGINAL\\{NAME}\\{NUMBER}".encode()


def hold(data, keyword, path):
    """Put a patient's data into an element, in place of the usual one or where it belongs."""
    tag = tag_for_keyword(keyword)
    vr = dictionary_VR(tag)
    for value in values_of(vr):
        value += b"\0" if vr == "UI" else b" "
        value = value[: len(value) // 2 * 2]
        for kind in (vr.encode(), b"LO", b"UN"):
            new = element(tag >> 16, tag & 0xFFFF, kind, value)
            path.write_bytes(with_element(data, tag, new))
            outcome(path, times_size=None)


def with_element(data, tag, new):
    at, end = 144 + struct.unpack_from("<I", data, 140)[0], len(data)
    while at < end:
        group, number, vr, length = struct.unpack_from("<HH2sH", data, at)
        if (group << 16 | number) == tag and vr not in (b"SQ", b"OB", b"OW"):
            return replaced(data[:at] + data[at:], tag, new) if data.index(data[at : at + 4], 132) == at else data
        if (group << 16 | number) > tag:
            return data[:at] + new + data[at:]
        at += 12 + struct.unpack_from("<I", data, at + 8)[0] if vr in (b"SQ", b"OB", b"OW", b"UN") else 8 + length
    return data + new


@pytest.mark.parametrize("keyword", [*KEYWORDS, "TransferSyntaxUID", "PixelSpacingCalibrationType", "OtherPatientIDs"])
def test_of_a_slice(tmp_path, keyword):
    hold(save(usual_dataset(), tmp_path / "usual.dcm").read_bytes(), keyword, tmp_path / "named.dcm")


@pytest.mark.parametrize("kind", ["mosaic", "enhanced MR", "JPEG 2000"])
@pytest.mark.parametrize(
    "keyword", ["SOPClassUID", "ImageType", "Modality", "NumberOfFrames", "PatientPosition", "Rows"]
)
def test_of_other_kinds(tmp_path, keyword, kind):
    WRITERS[kind](tmp_path / "usual.dcm")
    hold((tmp_path / "usual.dcm").read_bytes(), keyword, tmp_path / "named.dcm")


def test_in_the_file_meta_information(tmp_path):
    data = save(usual_dataset(), tmp_path / "usual.dcm").read_bytes()
    syntax = b"1.2.840.10008.1.2.1\0"
    for text in (f"1.2.{BORN}", NUMBER, f"{NAME}^A"):
        (tmp_path / "named.dcm").write_bytes(data.replace(syntax, text.encode().ljust(len(syntax), b"\0"), 1))
        outcome(tmp_path / "named.dcm")


def test_in_functional_groups(tmp_path):
    WRITERS["enhanced MR"](tmp_path / "usual.dcm")
    data = (tmp_path / "usual.dcm").read_bytes()
    groups = data.index(struct.pack("<HH", 0x5200, 0x9229))
    at = groups
    tried = 0
    while at < len(data) - 8:
        vr, length = data[at + 4 : at + 6], int.from_bytes(data[at + 6 : at + 8], "little")
        if vr in (b"DS", b"CS", b"SH", b"IS", b"LO", b"FD", b"DT") and 2 <= length < 100:
            for text in TEXTS:
                value = text.encode().ljust(length, b" ")[:length]
                if length >= len(text):
                    (tmp_path / "named.dcm").write_bytes(data[: at + 8] + value + data[at + 8 + length :])
                    outcome(tmp_path / "named.dcm", times_size=None)
                    tried += 1
        at += 2
    assert tried > 40


@pytest.mark.parametrize("member", ["descrip", "aux_file", "intent_name", "db_name"])
def test_in_a_nifti_header(tmp_path, member):
    for kind, dtype in ((nibabel.Nifti1Image, nibabel.Nifti1Header), (nibabel.Nifti2Image, nibabel.Nifti2Header)):
        data = bytearray(kind(VOXELS, MATRIX).to_bytes())
        if member not in dtype.template_dtype.names:
            continue
        at = dtype.template_dtype.fields[member][1]
        for text in TEXTS:
            data[at : at + 12] = text.encode().ljust(12, b"\0")
            (tmp_path / "named.nii").write_bytes(bytes(data))
            assert outcome(tmp_path / "named.nii").volumes
            (tmp_path / "cut.nii").write_bytes(bytes(data[:-20]))
            assert not outcome(tmp_path / "cut.nii").volumes


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("field", ["content", "my patient", "kinds", "space origin"])
def test_in_an_nrrd_header(tmp_path, field, text):
    path = tmp_path / "named.nrrd"
    nrrd.write(str(path), VOXELS, {"space": "left-posterior-superior", "encoding": "raw"})
    head, _, voxels = path.read_bytes().partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not line.startswith(field.encode() + b":")]
    path.write_bytes(b"\n".join([*lines, f"{field}: {text}".encode()]) + b"\n\n" + voxels)
    outcome(path)
