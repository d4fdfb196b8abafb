"""Arrays that read their chunks when these are looked at, and each but once as long as there is room."""

from __future__ import annotations

import math
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.ome_zarr.store import read_region, shown_as

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

    from napari_vascular_loop.formats.volumes.ome_zarr.placing import Placing

MAX_CHUNK_BYTES = 1 << 29
MAX_CHUNKS = 1 << 22
_ROOM_BYTES = 1 << 28


class ChunkCache:
    """The chunks that were looked at last; two threads that want the same one wait for one read.

    Parameters
    ----------
    room_bytes : int
        How much is kept.
    """

    def __init__(self, room_bytes: int = _ROOM_BYTES) -> None:
        self._room_bytes = room_bytes
        self._chunks: OrderedDict[Any, Future[npt.NDArray[Any]]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any, load: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """A chunk, loaded if it is not here; one that fails is not kept."""
        with self._lock:
            future = self._chunks.get(key)
            is_mine = future is None
            if future is None:
                future = self._chunks[key] = Future()
            self._chunks.move_to_end(key)
        if is_mine:
            try:
                future.set_result(load())
            except BaseException as error:
                with self._lock:
                    self._chunks.pop(key, None)
                future.set_exception(error)
                raise
            self._make_room()
        return future.result()

    def _make_room(self) -> None:
        with self._lock:
            done = [(key, one.result().nbytes) for key, one in self._chunks.items() if one.done()]
            too_much = sum(size for _, size in done) - self._room_bytes
            # The one that was loaded last stays, however large.
            for key, size in done[:-1]:
                if too_much <= 0:
                    return
                del self._chunks[key]
                too_much -= size


@dataclass(frozen=True, eq=False)
class LazyLevel:
    """An array of a store, seen as (I, J, K) or (I, J, K, T).

    Parameters
    ----------
    array : zarr.Array
        As it is stored.
    placing : Placing
        Which of its dimensions are i, j, k and time.
    source : Path or str
        The store, for errors.
    cache : ChunkCache
        Shared by the levels of an image.

    Raises
    ------
    VolumeReadError
        If its numbers can't be shown, or its shape makes no sense.
    """

    array: Any
    placing: Placing
    source: Path | str
    cache: ChunkCache

    def __post_init__(self) -> None:
        name, dtype = shown_as(self.source), self.array.dtype
        shape, chunks = self.array.shape, self.array.chunks
        dimensions = [n for n in (*self.placing.dimensions, self.placing.time, *self.placing.others) if n is not None]
        if len(shape) != len(dimensions):
            raise VolumeReadError(f"{name}: its array has {len(shape)} dimensions, its metadata {len(dimensions)} axes")
        if not isinstance(dtype, np.dtype) or dtype.kind not in "iufb":
            raise VolumeReadError(f"{name}: it holds {dtype} numbers, which are not shown as an MR volume")
        if min(shape) < 1 or min(chunks) < 1:
            raise VolumeReadError(f"{name}: it has shape {shape}, which is no volume")
        chunk_bytes = math.prod(map(min, shape, chunks)) * dtype.itemsize
        count = math.prod(-(-n // chunk) for n, chunk in zip(shape, chunks, strict=True))
        if chunk_bytes > MAX_CHUNK_BYTES or count > MAX_CHUNKS:
            raise VolumeReadError(
                f"{name}: its shape {shape} in chunks of {chunks} is not to be believed, or can't be shown here "
                f"({count} chunks of {chunk_bytes} bytes)"
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along i, j, k."""
        i, j, k = (1 if n is None else int(self.array.shape[n]) for n in self.placing.dimensions)
        return (i, j, k)

    @property
    def time_points(self) -> int:
        """How many there are."""
        return 1 if self.placing.time is None else int(self.array.shape[self.placing.time])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the numbers, in this computer's order of bytes."""
        native: np.dtype[Any] = self.array.dtype.newbyteorder("=")
        return native

    def voxels(self) -> npt.NDArray[Any]:
        """The first time point: a dask array of shape (I, J, K)."""
        return self._lazy(self.placing.dimensions)

    def series(self) -> npt.NDArray[Any]:
        """All time points: a dask array of shape (I, J, K, T)."""
        return self._lazy((*self.placing.dimensions, self.placing.time))

    def middle_chunk(self) -> npt.NDArray[Any]:
        """The chunk in the middle of the first time point, as it is stored."""
        where = [0] * len(self.array.shape)
        for n in self.placing.dimensions:
            if n is not None:
                where[n] = self.array.shape[n] // 2 // self.array.chunks[n]
        return self._chunk(tuple(where))

    def _lazy(self, dimensions: tuple[int | None, ...]) -> npt.NDArray[Any]:
        import dask.array

        lengths = tuple((1,) if n is None else self._lengths(n) for n in dimensions)

        def read(block_id: tuple[int, ...]) -> npt.NDArray[Any]:
            return self._block(dimensions, block_id)

        lazy: npt.NDArray[Any] = dask.array.map_blocks(  # type: ignore[attr-defined, no-untyped-call, unused-ignore]
            read, chunks=lengths, dtype=self.dtype, meta=np.empty((0,) * len(dimensions), self.dtype)
        )
        return lazy

    def _lengths(self, dimension: int) -> tuple[int, ...]:
        length, chunk = self.array.shape[dimension], self.array.chunks[dimension]
        return tuple(min(chunk, length - start) for start in range(0, length, chunk))

    def _block(self, dimensions: tuple[int | None, ...], block: tuple[int, ...]) -> npt.NDArray[Any]:
        where = [0] * len(self.array.shape)
        for n, number in zip(dimensions, block, strict=True):
            if n is not None:
                where[n] = number
        chunk = self._chunk(tuple(where))
        kept = [n for n in dimensions if n is not None]
        picked = chunk[tuple(slice(None) if n in kept else 0 for n in range(chunk.ndim))]
        ordered = picked.transpose([sorted(kept).index(n) for n in kept])
        return ordered[tuple(np.newaxis if n is None else slice(None) for n in dimensions)]

    def _chunk(self, where: tuple[int, ...]) -> npt.NDArray[Any]:
        return self.cache.get((self.array.path, where), lambda: self._load(where))

    def _load(self, where: tuple[int, ...]) -> npt.NDArray[Any]:
        region = tuple(
            slice(number * chunk, min((number + 1) * chunk, length))
            for number, chunk, length in zip(where, self.array.chunks, self.array.shape, strict=True)
        )
        chunk: npt.NDArray[Any] = np.asarray(read_region(self.array, region, self.source), dtype=self.dtype)
        # Shared by all who look at it.
        chunk.setflags(write=False)
        return chunk
