"""OME-Zarr images, on disk or on a server, read chunk by chunk as they are looked at; with zarr, fsspec and dask."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.volume import Provenance, Volume, VolumeHeader
from napari_vascular_loop.formats.volumes.found import FoundVolume, Progress, grid_warnings
from napari_vascular_loop.formats.volumes.ome_zarr.lazy import ChunkCache, LazyLevel
from napari_vascular_loop.formats.volumes.ome_zarr.metadata import Multiscale, metadata_of, multiscales_of
from napari_vascular_loop.formats.volumes.ome_zarr.placing import Placing, place
from napari_vascular_loop.formats.volumes.ome_zarr.store import open_array, open_group, shown_as

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

__all__ = ["find", "is_bare_array", "is_marked", "looks_like", "shown_as"]

_MARKS = frozenset({"zarr.json", ".zattrs", ".zarray"})
_MAX_METADATA_BYTES = 1 << 26
_MAX_SLICE_BYTES = 1 << 30
_SAME_EXTENT = 0.1


def is_marked(names: Iterable[str]) -> bool:
    """Whether the files of a folder, by their names, may be those of a Zarr store."""
    return not _MARKS.isdisjoint(names)


def looks_like(folder: Path) -> bool:
    """Whether a folder is an OME-Zarr image, be it a damaged one."""
    for name in ("zarr.json", ".zattrs"):
        text = _text(folder / name)
        attributes = _attributes(text)
        if attributes is None:
            if text is not None and (b"multiscales" in text or folder.suffix == ".zarr"):
                return True
        elif "multiscales" in metadata_of(attributes):
            return True
    return False


def is_bare_array(folder: Path) -> bool:
    """Whether a folder is a Zarr array, which belongs to no image."""
    described = _json(_text(folder / "zarr.json"))
    return (folder / ".zarray").is_file() or (isinstance(described, dict) and described.get("node_type") == "array")


def find(source: Path | str) -> list[FoundVolume]:
    """Read the metadata of an OME-Zarr store.

    Of the voxels one chunk of the coarsest level is read, since the metadata of two heads may be the same and their
    ids must not be; it is kept for the thumbnail.

    Parameters
    ----------
    source : Path or str
        Folder, or address: http://, https://, s3:// or another that fsspec knows.

    Returns
    -------
    list of FoundVolume
        One for each image. Voxels are dask arrays, which read a chunk when it is looked at; a damaged one raises
        VolumeReadError then.

    Raises
    ------
    VolumeReadError
        If there is no such store, it can't be reached, or its metadata make no sense.
    """
    group = open_group(source)
    name = shown_as(source)
    try:
        attributes = dict(group.attrs)
        if "multiscales" not in metadata_of(attributes):
            raise VolumeReadError("it is a Zarr group without an image; give the address of one of the images in it")
        return [
            _found(group, source, image, described)
            for image, described in zip(multiscales_of(attributes), metadata_of(attributes)["multiscales"], strict=True)
        ]
    except GeometryError as error:
        raise VolumeReadError(f"{name}: {error}") from error
    except VolumeReadError as error:
        raise error if str(error).startswith(name) else VolumeReadError(f"{name}: {error}") from error


def _found(group: Any, source: Path | str, image: Multiscale, described: Any) -> FoundVolume:
    placing = place(image)
    cache = ChunkCache()
    levels = [LazyLevel(open_array(group, level.path, source), placing, source, cache) for level in image.levels]
    finest = levels[0]
    grid = Grid(finest.shape, placing.voxel_to_ras)
    warnings = [*placing.warnings, *grid_warnings(grid)]
    coarser = _of_same_extent(image, levels, placing, warnings)
    last = coarser[-1] if coarser else finest
    i, j, k = last.shape
    if max(i * j, i * k, j * k) * last.dtype.itemsize > _MAX_SLICE_BYTES:
        raise VolumeReadError(
            f"its coarsest level has {i} x {j} x {k} voxels: a single slice would not fit; write it with coarser levels"
        )
    dropped = _dropped(image, finest, placing, warnings)
    provenance = Provenance(
        id=f"zarr-{_content_hash(described, last)}",
        format="ome-zarr",
        description=image.name,
        orientation_known=placing.orientation_known,
        source_files=(source if isinstance(source, Path) else shown_as(source),),
        warnings=tuple(warnings),
        said=placing.said,
        assumed=placing.assumed,
        dropped=tuple(dropped),
    )
    header = VolumeHeader(grid, provenance, dtype=finest.dtype.name, time_points=finest.time_points)
    return FoundVolume(header, partial(_read, header, finest, coarser), partial(_middle_slice, last))


def _read(header: VolumeHeader, finest: LazyLevel, coarser: tuple[LazyLevel, ...], _progress: Progress) -> Volume:
    return Volume(
        finest.voxels(),
        header.grid.voxel_to_ras,
        header.provenance,
        header.rescale,
        finest.series() if finest.time_points > 1 else None,
        tuple(level.voxels() for level in coarser),
    )


def _middle_slice(level: LazyLevel) -> npt.NDArray[Any]:
    return np.asarray(level.voxels()[:, :, level.shape[2] // 2])


def _of_same_extent(
    image: Multiscale, levels: list[LazyLevel], placing: Placing, warnings: list[str]
) -> tuple[LazyLevel, ...]:
    """The coarser levels that show the same part of space as the finest, each smaller than the one before."""
    kept = [levels[0]]
    for described, level in zip(image.levels[1:], levels[1:], strict=True):
        finest = image.levels[0]
        fits = level.shape != kept[-1].shape and all(a <= b for a, b in zip(level.shape, kept[-1].shape, strict=True))
        if finest.scale is not None and described.scale is not None:
            for n in placing.dimensions:
                if n is not None:
                    wanted = abs(finest.scale[n]) * levels[0].array.shape[n]
                    step = abs(described.scale[n])
                    # Halving an odd number of voxels leaves one too few or too many.
                    fits &= abs(step * level.array.shape[n] - wanted) <= max(_SAME_EXTENT * wanted, step)
        if fits:
            kept.append(level)
        else:
            warnings.append(f"its level {described.path!r:.40} does not cover the same space as the finest: not used")
    return tuple(kept[1:])


def _dropped(image: Multiscale, finest: LazyLevel, placing: Placing, warnings: list[str]) -> list[str]:
    dropped = []
    for n in placing.others:
        count = int(finest.array.shape[n])
        if count > 1:
            what = (
                "channels" if image.axes[n].kind == "channel" else f"images along its axis {image.axes[n].name!r:.20}"
            )
            warnings.append(f"it has {count} {what}; the first is shown")
            dropped.append(f"{count - 1} of {count} {what}")
    return dropped


def _content_hash(described: Any, level: LazyLevel) -> str:
    digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    digest.update(f"{level.array.shape} {level.dtype.name}".encode())
    try:
        digest.update(np.ascontiguousarray(level.middle_chunk()).data)
    except VolumeReadError:
        # Said when the voxels are looked at.
        digest.update(b"damaged")
    return digest.hexdigest()[:10]


def _text(path: Path) -> bytes | None:
    try:
        if path.stat().st_size > _MAX_METADATA_BYTES:
            return None
        return path.read_bytes()
    except OSError:
        return None


def _json(text: bytes | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None


def _attributes(text: bytes | None) -> dict[str, Any] | None:
    described = _json(text)
    if not isinstance(described, dict):
        return None
    attributes = described.get("attributes", {}) if "zarr_format" in described else described
    return attributes if isinstance(attributes, dict) else None
