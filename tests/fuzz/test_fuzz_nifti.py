"""NIfTI files of every kind of damage: volumes, or one clear sentence."""

from __future__ import annotations

import gzip
import itertools
import struct

import nibabel
import numpy as np
import pytest
from conftest import affine_of
from hostile import mutated, outcome
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SHAPE = (7, 9, 5)
VOXELS = (np.arange(np.prod(SHAPE), dtype=np.int16) * 37 % 3001).reshape(SHAPE)
OBLIQUE = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), (12, -7, 4))
GZIP_GROWTH = 1100

FIELDS = {
    nibabel.Nifti1Image: nibabel.Nifti1Header.template_dtype,
    nibabel.Nifti2Image: nibabel.Nifti2Header.template_dtype,
}
EXTREME = (0, 1, -1, 2, 7, 8, 60_000, 32_767, -32_768, 2**31 - 1, -(2**31), 2**63 - 1)


def originals() -> dict[str, bytes]:
    """Bytes of small NIfTI files, by name."""
    four = np.stack([VOXELS, VOXELS + 1, VOXELS + 2], axis=-1)
    scaled = nibabel.Nifti1Image(VOXELS.astype(np.float32) / 7, OBLIQUE)
    scaled.header.set_slope_inter(1.5, -3)
    big = nibabel.Nifti1Image(VOXELS, OBLIQUE, nibabel.Nifti1Header(endianness=">"))
    images = {
        "one.nii": nibabel.Nifti1Image(VOXELS, OBLIQUE),
        "two.nii": nibabel.Nifti2Image(VOXELS, OBLIQUE),
        "time.nii": nibabel.Nifti1Image(four, OBLIQUE),
        "float.nii": scaled,
        "big.nii": big,
    }
    files = {name: image.to_bytes() for name, image in images.items()}
    return files | {f"{name}.gz": gzip.compress(data) for name, data in files.items()}


ORIGINALS = originals()


def fuzz(folder, count, seed):
    read = 0
    for number, (name, data) in enumerate(ORIGINALS.items()):
        path = folder / name
        growth = GZIP_GROWTH if name.endswith(".gz") else 8
        for broken in itertools.islice(mutated(data, seed + number, header=352), count):
            path.write_bytes(broken)
            read += bool(outcome(path, times_size=growth).volumes)
        # What was damaged was a header, not the machine: of packed files most is in what follows it.
        path.write_bytes(data)
        assert outcome(path, times_size=growth).volumes
    return read


def test_damaged_files_are_read_or_refused(tmp_path):
    assert fuzz(tmp_path, 120, seed=1) > 100


@pytest.mark.long
def test_many_damaged_files_are_read_or_refused(tmp_path):
    assert fuzz(tmp_path, 5000, seed=1000) > 5000


def test_damage_inside_of_packed_files(tmp_path):
    """The header is damaged before it is packed, so that the stream is whole."""
    path = tmp_path / "packed.nii.gz"
    for broken in itertools.islice(mutated(ORIGINALS["time.nii"], 3, header=352), 250):
        path.write_bytes(gzip.compress(broken, 1))
        outcome(path, times_size=GZIP_GROWTH)


def test_every_length_of_a_file_that_was_cut_short(tmp_path):
    data = ORIGINALS["one.nii"]
    for length in (*range(0, 360, 3), *range(360, len(data), 31)):
        (tmp_path / "cut.nii").write_bytes(data[:length])
        assert not outcome(tmp_path / "cut.nii").volumes
        (tmp_path / "cut.nii.gz").write_bytes(gzip.compress(data[:length], 1))
        assert not outcome(tmp_path / "cut.nii.gz", times_size=GZIP_GROWTH).volumes


@pytest.mark.parametrize("kind", FIELDS, ids=["NIfTI-1", "NIfTI-2"])
def test_every_member_of_the_header_at_its_worst(tmp_path, kind):
    path = tmp_path / "member.nii"
    whole = kind(VOXELS, OBLIQUE).to_bytes()
    for name in FIELDS[kind].names:
        for value in (*EXTREME, 1e-40, -1e38, float("nan"), float("inf"), b"\xff\xfe\n\x1b"):
            header = np.frombuffer(whole[: FIELDS[kind].itemsize], FIELDS[kind]).copy()
            with np.errstate(all="ignore"):
                try:
                    header[name] = value
                except (ValueError, OverflowError):
                    continue
            path.write_bytes(header.tobytes() + whole[FIELDS[kind].itemsize :])
            outcome(path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_headers_of_any_content(tmp_path, data):
    kind = data.draw(st.sampled_from(list(FIELDS)))
    dtype = FIELDS[kind]
    whole = kind(VOXELS, OBLIQUE).to_bytes()
    header = bytearray(whole[: dtype.itemsize])
    for name in data.draw(st.lists(st.sampled_from(dtype.names), min_size=1, max_size=4, unique=True)):
        if name in ("sizeof_hdr", "magic"):
            continue
        member, start = dtype.fields[name][:2]
        base = member.base
        if base.kind in "iu":
            one = st.one_of(st.integers(0, 2 ** (8 * base.itemsize) - 1), st.integers(0, 12))
            numbers = [data.draw(one) for _ in range(member.itemsize // base.itemsize)]
            made = b"".join(number.to_bytes(base.itemsize, "little") for number in numbers)
        elif base.kind == "f":
            code = "<f" if base.itemsize == 4 else "<d"
            drawn = st.floats(width=8 * base.itemsize)
            made = b"".join(struct.pack(code, data.draw(drawn)) for _ in range(member.itemsize // base.itemsize))
        else:
            made = data.draw(st.binary(min_size=member.itemsize, max_size=member.itemsize))
        header[start : start + member.itemsize] = made
    (tmp_path / "any.nii").write_bytes(bytes(header) + whole[dtype.itemsize :])
    outcome(tmp_path / "any.nii")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", FIELDS, ids=["NIfTI-1", "NIfTI-2"])
@pytest.mark.parametrize("shape", [(30_000, 30_000, 30_000), (2, 2, 2, 30_000), (30_000, 30_000, 1), (1, 1, 30_000)])
def test_a_header_that_claims_more_than_there_is(tmp_path, kind, packed, shape):
    image = kind(VOXELS, OBLIQUE)
    header = image.header
    header.set_data_shape(shape)
    data = header.binaryblock + image.to_bytes()[len(header.binaryblock) :]
    path = tmp_path / ("claim.nii.gz" if packed else "claim.nii")
    path.write_bytes(gzip.compress(data) if packed else data)
    result = outcome(path, times_size=GZIP_GROWTH if packed else 1)
    assert not result.volumes
    assert any("cut short" in sentence for sentence in result.sentences)


def test_a_stream_that_unpacks_without_end(tmp_path):
    """Zeros pack to a thousandth: what the header does not speak of is not unpacked into memory."""
    path = tmp_path / "bomb.nii.gz"
    zeros = gzip.compress(bytes(1 << 24), 9)
    path.write_bytes(gzip.compress(ORIGINALS["one.nii"]) + zeros * 40)
    outcome(path, times_size=40)


@pytest.mark.real
def test_damaged_real_scans(tmp_path, real_scans):
    scans = sorted(real_scans.glob("*.nii.gz"))
    assert scans
    for number, scan in enumerate(scans):
        data = gzip.decompress(scan.read_bytes())[:2_000_000]
        for broken in itertools.islice(mutated(data, number, header=352), 60):
            (tmp_path / "real.nii").write_bytes(broken)
            outcome(tmp_path / "real.nii")
        packed = scan.read_bytes()
        for broken in itertools.islice(mutated(packed, number, header=4000), 12):
            (tmp_path / "real.nii.gz").write_bytes(broken)
            outcome(tmp_path / "real.nii.gz", times_size=20)
