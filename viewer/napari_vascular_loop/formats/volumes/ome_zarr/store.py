"""Opening a Zarr group on this computer or a server, and saying in one sentence why it can't be."""

from __future__ import annotations

import re
import warnings as python_warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import VascularLoopError, VolumeReadError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONNECT_S, _READ_S = 10, 30

# What zarr, its codecs and fsspec raise on stores that are damaged or out of reach.
_DAMAGE = (
    OSError,
    ValueError,
    RuntimeError,
    LookupError,
    TypeError,
    AttributeError,
    NotImplementedError,
    ArithmeticError,
    EOFError,
    MemoryError,
)
_FAMILIES = (
    "aiohttp",
    "botocore",
    "aiobotocore",
    "fsspec",
    "s3fs",
    "gcsfs",
    "adlfs",
    "zlib",
    "numcodecs",
    "zarr",
)


def shown_as(source: Path | str) -> str:
    """How a store is spoken of: without the name and password that an address may hold."""
    if isinstance(source, Path):
        return source.name
    return re.sub(r"(?<=://)[^/@]*@", "", source).split("?")[0]


def open_group(source: Path | str) -> Any:
    """Open a group for reading, with zarr.

    Parameters
    ----------
    source : Path or str
        Folder, or address that fsspec knows.

    Raises
    ------
    VolumeReadError
        If a library is missing, there is no such store, or it can't be reached.
    """
    try:
        import zarr
    except ImportError as error:
        raise _missing(error) from error
    with _errors_of(source):
        if isinstance(source, Path):
            return zarr.open_group(zarr.storage.LocalStore(source, read_only=True), mode="r")
        return _open_remote(zarr, source)


def _open_remote(zarr: Any, address: str) -> Any:
    scheme = address.partition("://")[0]
    options: dict[str, Any] = {}
    try:
        if scheme in ("http", "https"):
            import aiohttp

            timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_READ_S)
            options["client_kwargs"] = {"timeout": timeout}
        store = zarr.storage.FsspecStore.from_url(address, storage_options=options, read_only=True)
    except ImportError as error:
        raise _missing(error) from error
    if scheme != "s3":
        return zarr.open_group(store, mode="r")
    try:
        return zarr.open_group(store, mode="r")
    except Exception as error:
        # botocore is there only with s3fs, and untyped.
        if type(error).__name__ != "NoCredentialsError":
            raise
        # Much of what is published on S3 is for everybody.
        store = zarr.storage.FsspecStore.from_url(address, storage_options={"anon": True}, read_only=True)
        return zarr.open_group(store, mode="r")


def open_array(group: Any, path: str, source: Path | str) -> Any:
    """Open an array of a group; only its metadata are read.

    Raises
    ------
    VolumeReadError
        If there is no such array, or its metadata are damaged.
    """
    with _errors_of(source):
        array = group[path]
        if not hasattr(array, "chunks"):
            raise VolumeReadError(f"{shown_as(source)}: its dataset {path!r} is no array")
        return array


def read_region(array: Any, region: tuple[slice, ...], source: Path | str) -> Any:
    """Read part of an array.

    Raises
    ------
    VolumeReadError
        If a chunk is damaged, or can't be fetched.
    """
    with _errors_of(source, "some of its voxels could not be read"):
        return array[region]


@contextmanager
def _errors_of(source: Path | str, what: str = "it can't be read as OME-Zarr") -> Iterator[None]:
    """Turn what the libraries raise into one sentence."""
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            yield
    except VascularLoopError:
        raise
    except FileNotFoundError as error:
        if isinstance(source, Path):
            raise VolumeReadError(f"{source.name}: a part of the store is missing") from error
        raise VolumeReadError(
            f"there is no OME-Zarr store at {shown_as(source)!r}; check the address (files of other formats must be "
            "downloaded first)"
        ) from error
    except PermissionError as error:
        raise VolumeReadError(f"{shown_as(source)}: it may not be read by you") from error
    except _DAMAGE as error:
        raise VolumeReadError(f"{shown_as(source)}: {what} ({_reason(error)})") from error
    except Exception as error:
        # The errors of servers and codecs have no base of their own, and no common import.
        if type(error).__module__.partition(".")[0] not in _FAMILIES:
            raise
        raise VolumeReadError(f"{shown_as(source)}: {what} ({_reason(error)})") from error


def _reason(error: BaseException) -> str:
    status = getattr(error, "status", None)
    if isinstance(status, int):
        asks = ": it asks for a name and password" if status in (401, 403) else ""
        return f"the server answers {status}{asks}"
    if type(error).__module__.startswith(("aiohttp", "botocore")) or isinstance(error, TimeoutError | ConnectionError):
        return f"the server can't be reached, or broke off ({type(error).__name__})"
    return type(error).__name__


def _missing(error: ImportError) -> VolumeReadError:
    return VolumeReadError(
        f'OME-Zarr needs {error.name or "a library"}, which is not installed: pip install "napari-vascular-loop[zarr]"'
    )
