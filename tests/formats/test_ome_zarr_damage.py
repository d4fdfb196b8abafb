"""OME-Zarr: damage is said in a sentence, and nothing unbelievable is taken for true."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import make_dot_volume
from ome_zarr_stores import LPS, VOXELS, axes_of, stored, transforms, write_store

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti

if TYPE_CHECKING:
    from pathlib import Path


def attributes_of(**changes: Any) -> dict[str, Any]:
    image = {
        "axes": axes_of("zyx"),
        "datasets": [{"path": "s0", "coordinateTransformations": transforms("zyx")}],
        **changes,
    }
    return {"ome": {"version": "0.5", "multiscales": [{k: v for k, v in image.items() if v != "left out"}]}}


def dataset(**changes: Any) -> list[dict[str, Any]]:
    return [{"path": "s0", "coordinateTransformations": transforms("zyx"), **changes}]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"axes": []}, "two to five"),
        ({"axes": 7}, "two to five"),
        ({"axes": [1, 2, 3]}, "damaged"),
        ({"axes": axes_of("tcz")}, "two or three axes in space"),
        ({"axes": axes_of("zzx")}, "same name"),
        ({"axes": axes_of("zx")}, "has 3 dimensions, its metadata 2 axes|where 2 numbers"),
        ({"axes": axes_of("zyx", directions={**LPS, "x": "anterior-to-posterior"})}, "same line of the body"),
        ({"axes": "left out", "coordinateSystems": [{}]}, "not read here; write it as 0.4 or 0.5"),
        ({"datasets": []}, "list no datasets"),
        ({"datasets": "left out"}, "list no datasets"),
        ({"datasets": [7]}, "damaged"),
        ({"datasets": dataset(path="nowhere")}, "can't be read as OME-Zarr|a part of the store is missing"),
        ({"datasets": dataset(path="../h.zarr/s0")}, "leads nowhere"),
        ({"datasets": dataset(path="")}, "leads nowhere"),
        ({"datasets": dataset(path=None)}, "leads nowhere"),
        ({"datasets": dataset(coordinateTransformations=[{"type": "scale", "scale": [1, 2]}])}, "3 numbers"),
        ({"datasets": dataset(coordinateTransformations=[{"type": "scale", "scale": [1, "a", 3]}])}, "3 numbers"),
        ({"datasets": dataset(coordinateTransformations=[{"type": "scale", "scale": [0, 1, 1]}])}, "by zero"),
        (
            {"datasets": dataset(coordinateTransformations=[{"type": "scale", "scale": [1e30, 1, 1]}])},
            "spacing must lie",
        ),
        ({"datasets": dataset(coordinateTransformations=[{"type": "affine", "affine": []}])}, "of type 'affine'"),
        ({"datasets": dataset(coordinateTransformations=[{"type": "scale", "path": "x"}])}, "of type 'scale'"),
        ({"datasets": dataset(coordinateTransformations=7)}, "not a list"),
    ],
)
def test_damaged_metadata_are_said_in_a_sentence(tmp_path, changes, said):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx")
    described = json.loads((tmp_path / "h.zarr" / "zarr.json").read_text())
    described["attributes"] = attributes_of(**changes)
    (tmp_path / "h.zarr" / "zarr.json").write_text(json.dumps(described))
    with pytest.raises(VolumeReadError, match=said) as raised:
        read_volumes(tmp_path / "h.zarr")
    assert "h.zarr" in str(raised.value)
    assert "\n" not in str(raised.value)
    found = find_volumes([tmp_path / "h.zarr", write_nii(tmp_path)])
    assert (len(found.volumes), [one.path.name for one in found.strays]) == (1, ["h.zarr"])


def write_nii(folder: Path) -> Path:
    write_nifti(make_dot_volume(np.eye(4)), folder / "other.nii")
    return folder / "other.nii"


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[]", b'{"multiscales": ', b"[" * 100_000])
@pytest.mark.parametrize("name", ["zarr.json", ".zattrs"])
def test_metadata_that_are_no_json(tmp_path, text, name):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", zarr_format=3 if name == "zarr.json" else 2)
    (tmp_path / "h.zarr" / name).write_bytes(text)
    with pytest.raises(VolumeReadError):
        read_volumes(tmp_path / "h.zarr")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("shape", [60_000, 60_000, 60_000]),
        ("shape", [14, 26, 10**15]),
        ("shape", [0, 26, 22]),
        ("shape", [14, 26]),
        ("shape", [-14, 26, 22]),
        ("shape", "many"),
        ("data_type", "complex64"),
        ("data_type", "string"),
        ("codecs", [{"name": "unheard-of"}]),
        ("codecs", []),
        ("chunk_grid", {"name": "regular", "configuration": {"chunk_shape": [0, 8, 8]}}),
        ("chunk_grid", {"name": "regular", "configuration": {"chunk_shape": [10**4, 10**4, 10**4]}}),
        ("node_type", "group"),
        ("zarr_format", 9),
    ],
)
def test_arrays_that_are_not_to_be_believed(tmp_path, member, value):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx")
    path = tmp_path / "h.zarr" / "s0" / "zarr.json"
    described = json.loads(path.read_text())
    described[member] = value
    path.write_text(json.dumps(described))
    if member == "chunk_grid" and "10000" in json.dumps(value):
        described["shape"] = [10**4] * 3
        path.write_text(json.dumps(described))
    with pytest.raises(VolumeReadError) as raised:
        read_volumes(tmp_path / "h.zarr")
    assert "h.zarr" in str(raised.value)


def test_a_slice_that_could_not_be_held_is_refused(tmp_path):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx")
    path = tmp_path / "h.zarr" / "s0" / "zarr.json"
    described = json.loads(path.read_text())
    described["shape"] = [50_000, 50_000, 50_000]
    described["chunk_grid"]["configuration"]["chunk_shape"] = [500, 500, 500]
    path.write_text(json.dumps(described))
    with pytest.raises(VolumeReadError, match="a single slice would not fit; write it with coarser levels"):
        read_volumes(tmp_path / "h.zarr")


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("damage", ["cut", "empty", "noise"])
def test_a_damaged_chunk_is_said_when_it_is_looked_at(tmp_path, zarr_format, damage):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", zarr_format=zarr_format)
    folder = tmp_path / "h.zarr" / "s0"
    chunk = folder / ("c/0/0/0" if zarr_format == 3 else "0.0.0")
    data = chunk.read_bytes()
    chunk.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "noise": b"\x07" * len(data)}[damage])
    (volume,) = read_volumes(tmp_path / "h.zarr")
    with pytest.raises(VolumeReadError, match=r"^h\.zarr: some of its voxels could not be read"):
        np.asarray(volume.voxels[0, 0, 0])
    assert np.array_equal(np.asarray(volume.voxels[8:, 8:, 8:]), VOXELS[8:, 8:, 8:])


def test_fuzzed_metadata_are_read_or_refused(tmp_path):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", levels=2, directions=LPS)
    files = [tmp_path / "h.zarr" / name for name in ("zarr.json", "s0/zarr.json", "s1/zarr.json")]
    good = {path: path.read_bytes() for path in files}
    rng = np.random.default_rng(5)
    said = []
    for number in range(150):
        path = files[number % 3]
        data = bytearray(good[path])
        for place in rng.integers(0, len(data), 2):
            data[place] = rng.choice(list(b'0123456789-{}[]",:aexyz'))
        path.write_bytes(bytes(data))
        try:
            (volume,) = read_volumes(tmp_path / "h.zarr")
            np.asarray(volume.voxels[0, 0, 0])
        except VolumeReadError as error:
            said.append(str(error))
        path.write_bytes(good[path])
    assert said
    assert not any("\n" in one for one in said)
