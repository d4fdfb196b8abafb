"""OME-Zarr: places and voxels are those of the store, chunks are read when looked at, and damage is said."""

from __future__ import annotations

import functools
import http.server
import itertools
import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import nibabel
import numpy as np
import pytest
import zarr
from conftest import DOT_IJK, make_dot_volume
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import _registry

from napari_vascular_loop.domain.contrast import grey_window
from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.formats.volumes import find_volumes, ome_zarr, read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.formats.volumes.ome_zarr import lazy
from napari_vascular_loop.formats.volumes.ome_zarr.lazy import ChunkCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VOXELS = make_dot_volume(np.eye(4), (22, 26, 14)).voxels
"""voxels[x, y, z]"""

LPS = {"x": "right-to-left", "y": "anterior-to-posterior", "z": "inferior-to-superior"}
SCALE_UM = {"x": 900.0, "y": 1100.0, "z": 2300.0}
SHIFT_UM = {"x": 11300.0, "y": -7900.0, "z": 23100.0}


def axes_of(names: str, unit: str | None = "micrometer", directions: dict[str, str] | None = None) -> list[Any]:
    kinds = {"t": "time", "c": "channel"}
    axes: list[dict[str, Any]] = []
    for name in names:
        axis: dict[str, Any] = {"name": name, "type": kinds.get(name, "space")}
        if name in "xyz" and unit:
            axis["unit"] = unit
        if name in (directions or {}):
            axis["orientation"] = {"type": "anatomical", "value": directions[name]}
        axes.append(axis)
    return axes


def transforms(names: str, factor: float = 1) -> list[dict[str, Any]]:
    return [
        {"type": "scale", "scale": [SCALE_UM.get(name, 1.0) * (factor if name in "xyz" else 1) for name in names]},
        {"type": "translation", "translation": [SHIFT_UM.get(name, 0.0) for name in names]},
    ]


def write_store(
    path: Any,
    data: np.ndarray,
    names: str,
    *,
    zarr_format: int = 3,
    levels: int = 1,
    chunks: int = 8,
    directions: dict[str, str] | None = None,
    unit: str | None = "micrometer",
    **changes: Any,
) -> Any:
    """Write data, whose dimensions are called `names`, as version 0.5 (Zarr 3) or 0.4 (Zarr 2)."""
    group = zarr.open_group(path, mode="w", zarr_format=zarr_format)
    datasets = []
    for level in range(levels):
        step = 2**level
        coarse = data[tuple(slice(None, None, step if name in "xyz" else None) for name in names)]
        sizes = tuple(min(chunks, n) if name in "xyz" else 1 for name, n in zip(names, coarse.shape, strict=True))
        group.create_array(f"s{level}", data=coarse, chunks=sizes)
        datasets.append({"path": f"s{level}", "coordinateTransformations": transforms(names, step)})
    version = "0.5" if zarr_format == 3 else "0.4"
    image = {"name": "head", "axes": axes_of(names, unit, directions), "datasets": datasets, **changes}
    if zarr_format == 3:
        group.attrs["ome"] = {"version": version, "multiscales": [image]}
    else:
        group.attrs["multiscales"] = [{"version": version, **image}]
    return path


def stored(names: str, voxels: np.ndarray = VOXELS) -> np.ndarray:
    """voxels[x, y, z] in the order of `names`, two channels and three time points where these are named."""
    data = voxels.transpose(["xyz".index(name) for name in names if name in "xyz"])
    for n, name in enumerate(names):
        if name == "t":
            data = np.stack([data, data + 1, data + 2], axis=n)
        if name == "c":
            data = np.stack([data, np.zeros_like(data)], axis=n)
    return data


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[slice, ...]]]:
    """All regions that are read of arrays."""
    seen: list[tuple[str, tuple[slice, ...]]] = []
    real = lazy.read_region

    def read(array: Any, region: tuple[slice, ...], source: Any) -> Any:
        seen.append((array.path, region))
        return real(array, region, source)

    monkeypatch.setattr(lazy, "read_region", read)
    return seen


# ------------------------------------------------------------------ voxels and places


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("names", ["zyx", "xyz", "yxz", "czyx", "tzyx", "tczyx"])
def test_voxels_and_places(tmp_path, names, zarr_format):
    write_store(tmp_path / "h.zarr", stored(names), names, zarr_format=zarr_format, directions=LPS)
    (volume,) = read_volumes(tmp_path / "h.zarr")
    assert volume.voxels.shape == VOXELS.shape
    assert np.array_equal(np.asarray(volume.voxels), VOXELS)
    assert np.asarray(volume.voxels)[DOT_IJK] == 1000
    assert volume.spacing_mm == pytest.approx((0.9, 1.1, 2.3))
    assert volume.orientation == "LPS"
    # Millimetres along left, posterior, superior, as the file has them; RAS is the other way round for two.
    expected = np.array([-(11.3 + 0.9 * 3), -(-7.9 + 1.1 * 8), 23.1 + 2.3 * 2])
    assert np.allclose(volume.grid.ras_from_voxel(DOT_IJK), expected)
    if "t" in names:
        assert volume.time_points == 3
        assert np.array_equal(np.asarray(volume.at_time_point(2)), VOXELS + 2)
        assert np.array_equal(np.asarray(volume.series), np.stack([VOXELS, VOXELS + 1, VOXELS + 2], axis=3))
    else:
        assert volume.series is None
    about = volume.provenance
    assert (about.format, about.description) == ("ome-zarr", "head")
    assert about.warnings == (("it has 2 channels; the first is shown",) if "c" in names else ())
    assert about.dropped == (("1 of 2 channels",) if "c" in names else ())
    assert about.assumed == ()


ALONG = {
    0: ("left-to-right", "right-to-left"),
    1: ("posterior-to-anterior", "anterior-to-posterior"),
    2: ("inferior-to-superior", "superior-to-inferior"),
}


@pytest.mark.parametrize("signs", list(itertools.product((0, 1), repeat=3)))
@pytest.mark.parametrize("ras_axes", list(itertools.permutations(range(3))))
def test_every_orientation(tmp_path, ras_axes, signs):
    directions = {name: ALONG[axis][sign] for name, axis, sign in zip("xyz", ras_axes, signs, strict=True)}
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", directions=directions)
    (volume,) = read_volumes(tmp_path / "h.zarr")
    letters = "".join("RAS"[axis] if sign == 0 else "LPI"[axis] for axis, sign in zip(ras_axes, signs, strict=True))
    assert volume.orientation == letters == "".join(nibabel.aff2axcodes(volume.voxel_to_ras))
    place_mm = np.zeros(3)
    for name, axis, sign, index in zip("xyz", ras_axes, signs, DOT_IJK, strict=True):
        place_mm[axis] = (1, -1)[sign] * (SHIFT_UM[name] + SCALE_UM[name] * index) / 1000
    assert np.allclose(volume.grid.ras_from_voxel(DOT_IJK), place_mm)
    assert any(directions["x"] in one for one in volume.provenance.said)


@pytest.mark.parametrize(
    "directions",
    [
        None,
        {"x": "right-to-left"},
        {**LPS, "z": "dorsal-to-ventral"},
        {**LPS, "y": "sideways"},
    ],
)
def test_without_all_directions_no_side_is_told(tmp_path, directions):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", directions=directions)
    (volume,) = read_volumes(tmp_path / "h.zarr")
    assert volume.orientation is None
    assert volume.spacing_mm == pytest.approx((0.9, 1.1, 2.3))
    assert (np.diag(volume.voxel_to_ras) > 0).all()
    assert any("does not say how the patient lies" in one for one in volume.provenance.warnings)
    assert any("as if they ran to the right" in one for one in volume.provenance.assumed)


@pytest.mark.parametrize(
    ("unit", "spacing_mm", "assumed"),
    [
        ("micrometer", 0.9, None),
        ("millimeter", 900, None),
        ("nanometer", 9e-4, None),
        (None, 900, "no unit of length: mm assumed"),
        ("pixel", 900, "its unit 'pixel' is no known length: mm assumed"),
    ],
)
def test_units(tmp_path, unit, spacing_mm, assumed):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", directions=LPS, unit=unit)
    (found,) = find_volumes(tmp_path / "h.zarr").volumes
    assert found.header.grid.spacing_mm[0] == pytest.approx(spacing_mm)
    assert found.header.provenance.assumed == ((assumed,) if assumed else ())


def test_transformations_of_dataset_and_image_are_both_honoured(tmp_path):
    common = [{"type": "scale", "scale": [2.0, 3.0, 4.0]}, {"type": "translation", "translation": [1e4, 2e4, 3e4]}]
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", directions=LPS, coordinateTransformations=common)
    (volume,) = read_volumes(tmp_path / "h.zarr")
    assert volume.spacing_mm == pytest.approx((3.6, 3.3, 4.6))
    assert np.allclose(volume.voxel_to_ras[:3, 3], [-(4 * 11.3 + 30), -(3 * -7.9 + 20), 2 * 23.1 + 10])


def test_a_single_plane_is_a_volume_of_one_slice(tmp_path):
    write_store(tmp_path / "h.zarr", VOXELS[:, :, 2].T, "yx")
    (volume,) = read_volumes(tmp_path / "h.zarr")
    assert np.array_equal(np.asarray(volume.voxels), VOXELS[:, :, 2:3])
    assert "it has one plane, taken to be 1 mm thick" in volume.provenance.assumed


def test_metadata_of_old_versions(tmp_path):
    group = zarr.open_group(tmp_path / "h.zarr", mode="w", zarr_format=2)
    group.create_array("0", data=stored("zyx")[None, None], chunks=(1, 1, 8, 8, 8))
    group.attrs["multiscales"] = [{"version": "0.1", "datasets": [{"path": "0"}]}]
    (volume,) = read_volumes(tmp_path / "h.zarr")
    assert np.array_equal(np.asarray(volume.voxels), VOXELS)
    assert "no voxel spacing: 1 unit assumed" in volume.provenance.assumed


@pytest.mark.parametrize("dtype", ["u1", "<i2", ">i2", ">u2", "<f4", "<f8", "?"])
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_types_of_numbers(tmp_path, dtype, zarr_format):
    write_store(tmp_path / "h.zarr", stored("zyx").astype(dtype), "zyx", zarr_format=zarr_format)
    (volume,) = read_volumes(tmp_path / "h.zarr")
    assert volume.voxels.dtype == np.dtype(dtype).newbyteorder("=")
    assert np.array_equal(np.asarray(volume.voxels), VOXELS.astype(dtype))


# ------------------------------------------------------------------ lazy, multiscale


def test_coarser_levels_are_offered_from_fine_to_coarse(tmp_path):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", levels=3, directions=LPS)
    (volume,) = read_volumes(tmp_path / "h.zarr")
    assert [level.shape for level in volume.levels] == [(11, 13, 7), (6, 7, 4)]
    for level, step in zip(volume.levels, (2, 4), strict=True):
        assert np.array_equal(np.asarray(level), VOXELS[::step, ::step, ::step])


def test_a_level_of_another_place_is_not_used(tmp_path):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", levels=3)
    attributes = json.loads((tmp_path / "h.zarr" / "zarr.json").read_text())
    scale = attributes["attributes"]["ome"]["multiscales"][0]["datasets"][1]["coordinateTransformations"][0]["scale"]
    scale[0] *= 3
    (tmp_path / "h.zarr" / "zarr.json").write_text(json.dumps(attributes))
    (volume,) = read_volumes(tmp_path / "h.zarr")
    assert [level.shape for level in volume.levels] == [(6, 7, 4)]
    assert any("'s1' does not cover the same space" in one for one in volume.provenance.warnings)


def test_nothing_is_read_before_it_is_looked_at_and_no_chunk_twice(tmp_path, loads):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", levels=2)
    (found,) = find_volumes(tmp_path / "h.zarr").volumes
    volume = found.read()
    # One chunk of the coarsest level tells two heads of the same metadata apart.
    assert [path for path, _ in loads] == ["s1"]
    loads.clear()
    assert np.array_equal(np.asarray(volume.voxels[:, :, 3]), VOXELS[:, :, 3])
    assert len(loads) == 3 * 4
    assert all(region[0] == slice(0, 8) for _, region in loads)
    for axis, index in ((2, 4), (2, 3), (0, 5), (1, 20)):
        slices = tuple(index if n == axis else slice(None) for n in range(3))
        assert np.array_equal(np.asarray(volume.voxels[slices]), VOXELS[slices])
    assert volume.fingerprint.voxels_sha256 == Volume(VOXELS, volume.voxel_to_ras).fingerprint.voxels_sha256
    assert len(loads) == len({str(one) for one in loads}) == 3 * 4 * 2


def test_thumbnail_and_grey_scale_take_the_coarsest_level(tmp_path, loads):
    voxels = np.random.default_rng(0).integers(0, 4000, (128, 128, 128)).astype(np.int16)
    write_store(tmp_path / "h.zarr", stored("zyx", voxels), "zyx", levels=3, chunks=32)
    (found,) = find_volumes(tmp_path / "h.zarr").volumes
    assert np.array_equal(found.middle_slice(), voxels[::4, ::4, ::4][:, :, 16])
    volume = found.read()
    low, high = grey_window(volume)
    assert 0 <= low < 100
    assert 3900 < high <= 4000
    assert {path for path, _ in loads} == {"s2"}


def test_grey_scale_of_a_lazy_volume_without_levels_does_not_read_all_of_it(tmp_path, loads):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", chunks=4)
    (volume,) = read_volumes(tmp_path / "h.zarr")
    low, high = grey_window(volume)
    assert low < high
    assert len({str(region[0]) for _, region in loads}) == 1


def test_display_order_stays_lazy(tmp_path, loads):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", directions=LPS)
    (volume,) = read_volumes(tmp_path / "h.zarr")
    loads.clear()
    shown = volume.frame.reorder(volume.voxels)
    assert loads == []
    assert np.array_equal(np.asarray(shown), volume.frame.reorder(VOXELS))


def test_the_same_scan_as_nifti_has_the_same_fingerprint(tmp_path):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", directions=LPS)
    (volume,) = read_volumes(tmp_path / "h.zarr")
    write_nifti(volume, tmp_path / "h.nii.gz")
    (back,) = read_volumes(tmp_path / "h.nii.gz")
    assert volume.fingerprint.differences(back.fingerprint) == ()
    assert np.array_equal(nibabel.load(tmp_path / "h.nii.gz").get_fdata(), VOXELS)


def test_the_id_is_of_the_content(tmp_path):
    for folder in ("one/h.zarr", "two/other.zarr"):
        write_store(tmp_path / folder, stored("zyx"), "zyx")
    write_store(tmp_path / "three.zarr", stored("zyx", VOXELS[::-1].copy()), "zyx")
    ids = [
        find_volumes(tmp_path / one).volumes[0].header.provenance.id
        for one in ("one/h.zarr", "two/other.zarr", "three.zarr")
    ]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("zarr-")


def test_the_cache_forgets_what_was_looked_at_longest_ago_and_what_failed():
    cache, loaded = ChunkCache(room_bytes=3000), []

    def chunk(name: str) -> Callable[[], np.ndarray]:
        def load() -> np.ndarray:
            loaded.append(name)
            if name == "bad":
                raise VolumeReadError("damaged")
            return np.zeros(1000, np.uint8)

        return load

    for name in ("a", "b", "c", "a", "d", "a", "b"):
        cache.get(name, chunk(name))
    assert loaded == ["a", "b", "c", "d", "b"]
    for _ in range(2):
        with pytest.raises(VolumeReadError):
            cache.get("bad", chunk("bad"))
    assert loaded[-2:] == ["bad", "bad"]


def test_two_threads_wait_for_one_read():
    cache, go, loaded = ChunkCache(), threading.Event(), []

    def load() -> np.ndarray:
        go.wait(10)
        loaded.append(1)
        return np.zeros(3)

    threads = [threading.Thread(target=cache.get, args=("a", load)) for _ in range(4)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert loaded == [1]


# ------------------------------------------------------------------ in folders and lists


def test_a_store_in_a_folder_is_one_volume_and_not_walked_into(tmp_path):
    write_store(tmp_path / "a" / "h.zarr", stored("zyx"), "zyx", levels=2)
    write_store(tmp_path / "b.zarr", stored("zyx", VOXELS[:, :, :9]), "zyx", zarr_format=2)
    write_nifti(make_dot_volume(np.eye(4)), tmp_path / "head.nii")
    found = find_volumes(tmp_path)
    assert sorted(one.header.grid.shape for one in found.volumes) == [(11, 13, 7), (22, 26, 9), (22, 26, 14)]
    assert found.strays == ()
    assert len(find_volumes([tmp_path / "a" / "h.zarr", tmp_path]).volumes) == 3


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_bare_array_is_one_stray(tmp_path, zarr_format):
    zarr.create_array(tmp_path / "a" / "x.zarr", data=stored("zyx"), chunks=(4, 4, 4), zarr_format=zarr_format)
    (stray,) = find_volumes(tmp_path / "a").strays
    assert (stray.path.name, "without OME-Zarr metadata" in stray.reason) == ("x.zarr", True)
    with pytest.raises(VolumeReadError, match=r"no volume in .*without OME-Zarr metadata"):
        read_volumes(tmp_path / "a" / "x.zarr")


def test_a_collection_is_looked_through(tmp_path):
    zarr.open_group(tmp_path / "c.zarr", mode="w").attrs["ome"] = {"version": "0.5", "bioformats2raw.layout": 3}
    for name in "01":
        write_store(tmp_path / "c.zarr" / name, stored("zyx"), "zyx")
    assert len(find_volumes(tmp_path / "c.zarr").volumes) == 2
    with pytest.raises(VolumeReadError, match="without an image; give the address of one of the images"):
        ome_zarr.find(tmp_path / "c.zarr")


# ------------------------------------------------------------------ over the network


class _Server(http.server.SimpleHTTPRequestHandler):
    asked: list[str]
    status: int | None = None

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        if self.status is not None:
            self.send_error(self.status)
            return
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[str, type[_Server]]]:
    handler = type("Handler", (_Server,), {"asked": []})
    (tmp_path / "www").mkdir()
    made = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(handler, directory=str(tmp_path / "www"))
    )
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}", handler
    made.shutdown()
    made.server_close()
    thread.join(10)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_over_http_only_what_is_looked_at_is_fetched(tmp_path, server, zarr_format):
    address, handler = server
    write_store(tmp_path / "www" / "h.zarr", stored("zyx"), "zyx", zarr_format=zarr_format, levels=2, directions=LPS)
    (volume,) = read_volumes(f"{address}/h.zarr")
    assert volume.provenance.source_files == (f"{address}/h.zarr",)
    assert volume.orientation == "LPS"
    metadata = ("zarr.json", ".zarray", ".zattrs", ".zgroup", ".zmetadata")
    assert not any("/s0/" in path and not path.endswith(metadata) for path in handler.asked)
    handler.asked.clear()
    assert np.array_equal(np.asarray(volume.voxels[:, :, 3]), VOXELS[:, :, 3])
    assert len(handler.asked) == 12
    assert np.array_equal(np.asarray(volume.voxels), VOXELS)
    assert len(handler.asked) == len(set(handler.asked)) == 24


def test_an_address_that_pathlib_has_spoilt_is_understood(tmp_path, server):
    address, _ = server
    write_store(tmp_path / "www" / "h.zarr", stored("zyx"), "zyx")
    assert len(read_volumes(Path(f"{address}/h.zarr"))) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "the server answers 401: it asks for a name and password"),
        (500, "the server answers 500"),
        (None, "there is no OME-Zarr store at"),
    ],
)
def test_what_a_server_answers_is_said(server, status, said):
    address, handler = server
    handler.status = status
    with pytest.raises(VolumeReadError, match=said) as raised:
        read_volumes(address.replace("://", "://jane:secret@") + "/nowhere.zarr?token=secret")
    assert "secret" not in str(raised.value)
    assert "jane" not in str(raised.value)


def test_a_server_that_is_not_there(server):
    with pytest.raises(VolumeReadError, match="the server can't be reached"):
        read_volumes("http://127.0.0.1:9/h.zarr")


def test_a_server_that_goes_midway_is_said_when_the_chunk_is_wanted(tmp_path, server):
    address, handler = server
    write_store(tmp_path / "www" / "h.zarr", stored("zyx"), "zyx", levels=2)
    (volume,) = read_volumes(f"{address}/h.zarr")
    handler.status = 503
    with pytest.raises(VolumeReadError, match=r"h\.zarr: some of its voxels could not .* 503\)"):
        np.asarray(volume.voxels)
    handler.status = None
    assert np.array_equal(np.asarray(volume.voxels), VOXELS)


class _Bucket(MemoryFileSystem):
    """What stands for S3: a file system in memory."""

    protocol = "s3"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    cachable = False
    made_with: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.anon = options.get("anon", False)
        self.made_with.append(options)

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("s3://").strip("/")


class _PublicBucket(_Bucket):
    def cat_file(self, *args: Any, **options: Any) -> bytes:
        if not self.anon:
            raise NoCredentialsError
        return super().cat_file(*args, **options)


NoCredentialsError = type("NoCredentialsError", (Exception,), {"__module__": "botocore.exceptions"})


@pytest.mark.parametrize("kind", [_Bucket, _PublicBucket])
def test_s3_goes_through_fsspec_and_without_credentials_as_anybody(tmp_path, monkeypatch, kind):
    monkeypatch.setitem(_registry, "s3", kind)
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx", levels=2, directions=LPS)
    bucket = kind()
    bucket.put(str(tmp_path / "h.zarr"), "s3://bucket/h.zarr", recursive=True)
    kind.made_with.clear()
    (volume,) = read_volumes("s3://bucket/h.zarr")
    assert np.array_equal(np.asarray(volume.voxels), VOXELS)
    assert volume.provenance.source_files == ("s3://bucket/h.zarr",)
    assert any(options.get("anon") for options in kind.made_with) is (kind is _PublicBucket)


@pytest.mark.parametrize("module", ["zarr", "aiohttp"])
def test_a_missing_library_is_named_with_the_extra(tmp_path, monkeypatch, module):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx")
    monkeypatch.setitem(sys.modules, module, None)
    source = tmp_path / "h.zarr" if module == "zarr" else "http://127.0.0.1:9/h.zarr"
    with pytest.raises(VolumeReadError, match=rf'needs {module}.*pip install "napari-vascular-loop\[zarr\]"'):
        read_volumes(source)


# ------------------------------------------------------------------ damage


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
