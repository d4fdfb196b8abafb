"""What is quick says of damaged files what pydicom says of them, or nothing: headers, functional groups, pixels."""

from __future__ import annotations

import itertools
import struct

import numpy as np
import pydicom
import pytest
from dicom_files import FOLDERS, damaged, element, package_files, replaced, unzipped, usual_dataset
from dicom_series import save
from hostile import mutated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.uid import RLELossless
from test_fuzz_dicom import WRITERS, truth_of

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes
from napari_vascular_loop.formats.volumes.dicom.file import _SCAN as SCAN
from napari_vascular_loop.formats.volumes.dicom.file import KEYWORDS, DicomFile, read_header, read_with_pydicom
from napari_vascular_loop.formats.volumes.dicom.functional_groups import asked, walked

LARGEST = 60_000
VRS = (
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV XX".split()
)


def told(values):
    """Values as text, so that nan is nan and 1 is not 1.0."""
    return {keyword: repr(value) for keyword, value in values.items()}


def same_header(path):
    """Whether the quick walk answers, after holding its answer against pydicom's."""
    scanned = SCAN.read(path)
    if scanned is None:
        return False
    ours, truth = DicomFile(path, *scanned), read_with_pydicom(path)
    assert told(ours.values) == told(truth.values)
    assert (ours.transfer_syntax, ours.pixels_offset, ours.pixels_length) == (
        truth.transfer_syntax,
        truth.pixels_offset,
        truth.pixels_length,
    )
    return True


def same_functional_groups(path):
    """Whether the walk over functional groups answers, after holding its answer against pydicom's."""
    try:
        file = read_header(path)
        ours = walked(file)
    except VolumeReadError:
        return False
    if ours is None:
        return False
    truth = asked(file)
    assert truth is not None
    assert ours.dimensions == truth.dimensions
    assert list(map(told, ours.frames)) == list(map(told, truth.frames))
    return True


@pytest.mark.parametrize("name", ["explicit", "implicit", "RLE", "mosaic", "enhanced MR", "enhanced CT"])
def test_headers(tmp_path, name):
    path = tmp_path / "damaged.dcm"
    WRITERS[name](path)
    data = path.read_bytes()
    answers = 0
    for broken in itertools.chain(
        itertools.islice(damaged(data, 51), 150), itertools.islice(mutated(data, 52, header=len(data)), 100)
    ):
        path.write_bytes(broken)
        answers += same_header(path)
    assert answers > 20


@pytest.mark.parametrize("package", FOLDERS)
def test_headers_of_other_packages(tmp_path, package):
    path = tmp_path / "damaged.dcm"
    for number, file in enumerate(package_files(package)):
        if file.stat().st_size > LARGEST:
            continue
        data = unzipped(file, tmp_path).read_bytes()
        for broken in itertools.islice(mutated(data, number, header=3000), 4):
            path.write_bytes(broken)
            same_header(path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_headers_with_elements_of_any_kind(tmp_path, data):
    """Any value representation, any length, in place of an element or as one more, also within a sequence."""
    path = tmp_path / "any.dcm"
    file = save(usual_dataset(), path).read_bytes()
    for keyword in data.draw(st.lists(st.sampled_from(KEYWORDS), min_size=1, max_size=3, unique=True)):
        tag = tag_for_keyword(keyword)
        usual = dictionary_VR(tag).encode()
        vr = data.draw(st.one_of(st.just(usual), st.sampled_from(VRS)))
        value = data.draw(
            st.one_of(
                st.binary(max_size=18),
                st.text("0123456789.+-eE\\ \0", max_size=18).map(str.encode),
                st.lists(st.integers(0, 65_535), max_size=4).map(lambda n: struct.pack(f"<{len(n)}H", *n)),
            )
        )
        length = data.draw(st.one_of(st.none(), st.integers(0, 40), st.just(0xFFFF)))
        new = element(tag >> 16, tag & 0xFFFF, vr, value, length)
        if data.draw(st.booleans()):
            new = nested(new, data.draw(st.integers(1, 4)), undefined=data.draw(st.booleans()))
        at = file.find(struct.pack("<HH", tag >> 16, tag & 0xFFFF) + usual, 132)
        if at >= 0 and len(usual) == 2 and usual not in (b"SQ", b"OB", b"OW"):
            file = replaced(file, tag, new)
        else:
            pixels = file.index(b"\xe0\x7f\x10\0OW")
            file = file[:pixels] + new + file[pixels:]
    path.write_bytes(file)
    try:
        same_header(path)
    except VolumeReadError as error:
        pytest.fail(f"pydicom refuses what the quick walk takes: {error}")


def nested(inner, depth, *, undefined):
    """An element within sequences."""
    for _ in range(depth):
        if undefined:
            item = b"\xfe\xff\0\xe0" + b"\xff" * 4 + inner + b"\xfe\xff\x0d\xe0" + bytes(4)
            inner = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF) + item + b"\xfe\xff\xdd\xe0" + bytes(4)
        else:
            item = b"\xfe\xff\0\xe0" + struct.pack("<I", len(inner)) + inner
            inner = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, len(item)) + item
    return inner


@pytest.mark.parametrize("name", ["enhanced MR", "enhanced CT"])
def test_functional_groups(tmp_path, name):
    path = tmp_path / "damaged.dcm"
    WRITERS[name](path)
    data = path.read_bytes()
    answers = 0
    for broken in itertools.chain(
        itertools.islice(damaged(data, 61), 150), itertools.islice(mutated(data, 62, header=len(data)), 150)
    ):
        path.write_bytes(broken)
        answers += same_functional_groups(path)
    assert answers > 40


def test_functional_groups_behind_damaged_meta_information(tmp_path):
    """Where the transfer syntax swallows all that follows it there is nothing left to be told."""
    path = tmp_path / "damaged.dcm"
    WRITERS["enhanced CT"](path)
    data = bytearray(path.read_bytes())
    syntax = data.index(b"\x02\0\x10\0UI")
    data[syntax + 6 : syntax + 8] = struct.pack("<H", 0xFFF0)
    path.write_bytes(data)
    assert not same_functional_groups(path)
    with pytest.raises(VolumeReadError):
        find_volumes(path)


@pytest.mark.parametrize("package", FOLDERS)
def test_pixels_of_other_packages(tmp_path, package):
    """Whoever of both reads an image reads the same; and we read none that pydicom does not, but for what is listed."""
    path = tmp_path / "damaged.dcm"
    for number, file in enumerate(package_files(package)):
        if file.stat().st_size > LARGEST:
            continue
        data = unzipped(file, tmp_path).read_bytes()
        for broken in itertools.islice(mutated(data, 1000 + number, header=len(data)), 3):
            path.write_bytes(broken)
            same_pixels(path)


def same_pixels(path):
    try:
        (volume,) = find_volumes(path).volumes
        ours = volume.read().voxels
    except (VolumeReadError, ValueError):
        return
    if ours.shape[2] > 1:
        return
    truth = truth_of(path)
    if truth is None:
        # What follows a whole image makes pydicom refuse it; and the quick one of its decoders of RLE breaks down.
        dataset = pydicom.dcmread(path, force=True)
        assert dataset.file_meta.TransferSyntaxUID == RLELossless
        assert ours.shape == (dataset.Columns, dataset.Rows, 1)
        return
    np.testing.assert_array_equal(ours[:, :, 0], truth.T if truth.ndim == 2 else truth[0].T)


def test_pixels_of_an_encoding_that_is_not_known_are_refused(tmp_path):
    """Even if they would have the length of plain ones: GE has one with the bytes of the pixels swapped."""
    path = tmp_path / "unknown.dcm"
    data = save(usual_dataset(), path).read_bytes()
    path.write_bytes(data.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.113619.5.2\0\0"))
    (volume,) = find_volumes(path).volumes
    with pytest.raises(VolumeReadError, match=r"encoding is not read \(1\.2\.840\.113619\.5\.2\)"):
        volume.read()
