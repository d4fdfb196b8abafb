"""The other formats under damage: Analyze, MGH, MINC, NRRD, MetaImage; archives; folders."""

from __future__ import annotations

import gzip
import io
import itertools
import zipfile

import nibabel
import nrrd
import numpy as np
import pytest
from conftest import affine_of
from hostile import mutated, outcome

SHAPE = (7, 9, 5)
VOXELS = (np.arange(np.prod(SHAPE), dtype=np.int16) * 37 % 3001).reshape(SHAPE)
OBLIQUE = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), (12, -7, 4))
GROWTH = {".mgz": 1100, ".nrrd": 1100, ".mha": 1100}
COUNT = 150


def _mgh(packed: bool) -> bytes:
    data = nibabel.MGHImage(VOXELS.astype(np.int32), OBLIQUE).to_bytes()
    return gzip.compress(data) if packed else data


def _nrrd(encoding: str) -> bytes:
    out = io.BytesIO()
    header = {
        "space": "left-posterior-superior",
        "space directions": np.diag([0.9, 1.1, 2.3]),
        "space origin": [1.0, 2.0, 3.0],
        "encoding": encoding,
    }
    nrrd.write(out, VOXELS, header)
    return out.getvalue()


def _mha() -> bytes:
    head = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
        "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 1 2 3\nElementSpacing = 0.9 1.1 2.3\nDimSize = 7 9 5\n"
        "ElementType = MET_SHORT\nElementDataFile = LOCAL\n"
    )
    return head.encode() + VOXELS.tobytes(order="F")


FILES = {
    "head.mgh": _mgh(packed=False),
    "head.mgz": _mgh(packed=True),
    "raw.nrrd": _nrrd("raw"),
    "packed.nrrd": _nrrd("gzip"),
    "bz2.nrrd": _nrrd("bzip2"),
    "text.nrrd": _nrrd("ascii"),
    "head.mha": _mha(),
}


def fuzz(folder, name, data, count, seed):
    path = folder / name
    for broken in itertools.islice(mutated(data, seed, header=400), count):
        path.write_bytes(broken)
        outcome(path, times_size=30_000 if name == "bz2.nrrd" else GROWTH.get(path.suffix, 8))
    path.write_bytes(data)
    (volume,) = outcome(path, times_size=2000).volumes
    np.testing.assert_array_equal(volume.voxels, VOXELS)


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_are_read_or_refused(tmp_path, name):
    fuzz(tmp_path, name, FILES[name], COUNT, seed=5)


@pytest.mark.long
@pytest.mark.parametrize("name", FILES)
def test_many_damaged_files_are_read_or_refused(tmp_path, name):
    fuzz(tmp_path, name, FILES[name], 20 * COUNT, seed=500)


@pytest.mark.parametrize("half", ["head.hdr", "head.img"])
@pytest.mark.parametrize("kind", [nibabel.Nifti1Pair, nibabel.AnalyzeImage])
def test_damaged_halves_of_pairs(tmp_path, kind, half):
    image = kind(VOXELS, OBLIQUE if kind is nibabel.Nifti1Pair else np.diag([-1.0, 1, 1, 1]))
    nibabel.save(image, tmp_path / "head.img")
    data = (tmp_path / half).read_bytes()
    for broken in itertools.islice(mutated(data, 7, header=348), COUNT):
        (tmp_path / half).write_bytes(broken)
        outcome(tmp_path)


def _minc_files():
    folder = nibabel.__path__[0] + "/tests/data"
    return [f"{folder}/tiny.mnc", f"{folder}/small.mnc"]


@pytest.mark.parametrize("source", _minc_files(), ids=["MINC 1", "MINC 2"])
def test_damaged_minc(tmp_path, source):
    with open(source, "rb") as file:
        data = file.read()
    for broken in itertools.islice(mutated(data, 11, header=2000), 80):
        (tmp_path / "head.mnc").write_bytes(broken)
        outcome(tmp_path / "head.mnc", times_size=30)


def test_damaged_archives(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/head.nii", nibabel.Nifti1Image(VOXELS, OBLIQUE).to_bytes())
        archive.writestr("a/head.nrrd", FILES["raw.nrrd"])
    path = tmp_path / "scans.zip"
    for broken in itertools.islice(mutated(packed.getvalue(), 13, header=len(packed.getvalue())), COUNT):
        path.write_bytes(broken)
        outcome(path, times_size=200)


def test_a_folder_of_thousands_of_files_and_deep_folders(tmp_path):
    deep = tmp_path
    for number in range(60):
        deep = deep / f"d{number}"
    deep.mkdir(parents=True)
    (deep / "head.nii").write_bytes(nibabel.Nifti1Image(VOXELS, OBLIQUE).to_bytes())
    many = tmp_path / "many"
    many.mkdir()
    for number in range(3000):
        (many / f"{number}").write_bytes(b"x" * (number % 300))
    result = outcome(tmp_path)
    assert len(result.volumes) == 1
    assert len(result.sentences) == 3000
