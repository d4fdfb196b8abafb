"""The quick walk over a header says what pydicom says, or nothing."""

from __future__ import annotations

import itertools
import math
import os
from typing import TYPE_CHECKING, Any

import pytest
from dicom_files import FOLDERS, damaged, encoded, package_files, unusual_files, unzipped, usual_dataset, with_sequences
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.file import (
    _SCAN,
    KEYWORDS,
    DicomFile,
    read_header,
    read_with_pydicom,
)
from napari_vascular_loop.formats.volumes.dicom.scan import HeaderScan

if TYPE_CHECKING:
    from pathlib import Path


def same(one: Any, other: Any) -> bool:
    """Equal in value and in type; nan is nan."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(itertools.starmap(same, zip(one, other, strict=True)))
    return one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


def check(path: Path) -> bool:
    """Whether the scan answers, after holding its answer against pydicom's."""
    scanned = _SCAN.read(path)
    if scanned is None:
        return False
    truth = read_with_pydicom(path)
    ours = DicomFile(path, *scanned)
    assert ours.values.keys() == truth.values.keys()
    for keyword, value in ours.values.items():
        assert same(value, truth.values[keyword]), (keyword, value, truth.values[keyword])
    assert ours.transfer_syntax == truth.transfer_syntax
    assert type(ours.transfer_syntax) is str
    assert (ours.pixels_offset, ours.pixels_length) == (truth.pixels_offset, truth.pixels_length)
    return True


@pytest.mark.parametrize("name", FOLDERS)
def test_files_of_other_packages(tmp_path, name):
    answers = [check(unzipped(file, tmp_path)) for file in package_files(name)]
    # What the others need is looked at in the tests of oddities.
    assert not answers or name == "highdicom" or sum(answers) > 0


@pytest.mark.real
def test_the_real_series_is_read_without_pydicom(real_scans):
    files = sorted((real_scans / "vs-seg-001-t1c-dicom").iterdir())
    assert all(check(file) for file in files)


ANSWERED = {
    "explicit", "implicit", "several frames", "12 bits",
    "sequences, Implicit VR Little Endian", "sequences, Implicit VR Little Endian, undefined lengths",
    "sequences, Explicit VR Little Endian", "sequences, Explicit VR Little Endian, undefined lengths",
    "two rows", "rows without a value", "spacing with blanks", "spacing of many digits", "spacing without end",
    "number with blanks", "two numbers", "blanks around", "only blanks",
    "type with empty parts", "type with a zero", "type in small letters", "uid with zeros",
    "no character set", "utf-8", "a group length", "private of unknown kind",
    "another preamble", "cut in the pixels", "padded", "padded with rubbish", "rows again at the end", "pixels twice",
    "more pixels than said", "pixels as bytes",
}  # fmt: skip
"""Files that are usual enough for the quick walk; it should not be lost by accident."""


def test_unusual_files(tmp_path):
    files = unusual_files(tmp_path)
    assert {name for name, file in files.items() if check(file)} == ANSWERED


def test_who_may_not_read_a_file_gets_no_answer(tmp_path):
    assert _SCAN.read(tmp_path / "missing.dcm") is None
    assert _SCAN.read(tmp_path) is None
    (tmp_path / "empty.dcm").write_bytes(b"")
    assert _SCAN.read(tmp_path / "empty.dcm") is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_make_it_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe.dcm")
    assert _SCAN.read(tmp_path / "pipe.dcm") is None
    with pytest.raises(VolumeReadError, match="empty"):
        read_header(tmp_path / "pipe.dcm")


def test_each_file_has_its_own_lists(tmp_path):
    path = unusual_files(tmp_path)["explicit"]
    read_header(path).values["ImageType"].append("SPOILT")
    assert read_header(path).get("ImageType") == ["ORIGINAL", "PRIMARY", "M", "ND"]


def test_an_element_that_is_asked_for_anew_is_found(tmp_path):
    path = unusual_files(tmp_path)["explicit"]
    scanned = HeaderScan([*KEYWORDS, "StudyDate"]).read(path)
    assert scanned is not None
    assert scanned.values["StudyDate"] == "20260102"
    assert HeaderScan([*KEYWORDS, "PatientName"]).read(path) is None, "names have letters of many kinds"
    with pytest.raises(ValueError, match="Rowz"):
        HeaderScan(["Rowz"])


@pytest.mark.parametrize("far", [4000, 8000, 16_000, 16_384, 20_000, 300_000])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_wherever_a_window_ends(tmp_path, far, syntax):
    """Large private elements before, between and after what is looked for, one byte further each time."""
    for more in range(0, 60, 2):
        dataset = usual_dataset()
        for group, length in ((0x0009, far), (0x0019, far // 2 + more), (0x0029, more)):
            dataset.private_block(group, "VENDOR", create=True).add_new(1, "OB", bytes(length))
        path = tmp_path / f"{more}.dcm"
        encoded(dataset, syntax).save_as(path, enforce_file_format=True)
        assert check(path)


ORIGINALS = ("explicit", "implicit", "sequences, Explicit VR Little Endian, undefined lengths", "japanese", "padded")


def hold_against_pydicom(folder: Path, count: int, seed: int) -> int:
    """How many of many damaged files the scan answers."""
    files = unusual_files(folder)
    path, answers = folder / "damaged.dcm", 0
    for number, name in enumerate(ORIGINALS):
        for data in itertools.islice(damaged(files[name].read_bytes(), seed + number), count):
            path.write_bytes(data)
            try:
                answers += check(path)
            except VolumeReadError as error:
                pytest.fail(f"pydicom refuses what the scan takes: {error}")
    return answers


def test_damaged_files(tmp_path):
    assert hold_against_pydicom(tmp_path, 800, seed=1) > 400


@pytest.mark.long
def test_many_damaged_files(tmp_path):
    assert hold_against_pydicom(tmp_path, 20_000, seed=100) > 10_000


def test_damaged_sequences_are_walked_over_as_pydicom_does(tmp_path):
    path = tmp_path / "damaged.dcm"
    answers = 0
    for syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian):
        dataset = with_sequences(True)
        del dataset[0x00211002]
        encoded(dataset, syntax).save_as(path, enforce_file_format=True)
        data = path.read_bytes()
        start = data.index(b"\xfe\xff\x00\xe0") - 20
        for offset, value in itertools.product(range(start, start + 260), (0, 1, 0xFF)):
            path.write_bytes(data[:offset] + bytes([value]) + data[offset + 1 :])
            answers += check(path)
    assert answers > 300
