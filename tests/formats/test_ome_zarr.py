"""OME-Zarr: places and voxels are those of the store, and chunks are read when looked at."""

from __future__ import annotations

import itertools
import json
import threading
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pytest
import zarr
from conftest import DOT_IJK, make_dot_volume
from ome_zarr_stores import LPS, SCALE_UM, SHIFT_UM, VOXELS, stored, write_store

from napari_vascular_loop.domain.contrast import grey_window
from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.formats.volumes import find_volumes, ome_zarr, read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.formats.volumes.ome_zarr import lazy
from napari_vascular_loop.formats.volumes.ome_zarr.lazy import ChunkCache

if TYPE_CHECKING:
    from collections.abc import Callable


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
