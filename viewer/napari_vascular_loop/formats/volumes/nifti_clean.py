"""A NIfTI file without the texts in its header, written anew byte for byte otherwise: for a lesson that is sent."""

from __future__ import annotations

import gzip
import shutil
from typing import IO, TYPE_CHECKING, Any, Literal

import nibabel
import numpy as np

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.volume import SYNTHETIC
from napari_vascular_loop.formats.volumes.nifti_out import COMPUTED

if TYPE_CHECKING:
    from pathlib import Path

_SIZES: dict[int, Any] = {348: nibabel.Nifti1Header, 540: nibabel.Nifti2Header}
_TEXTS = ("data_type", "db_name", "descrip", "aux_file", "intent_name")
_MOST_BEFORE_VOXELS = 2**26
_BLOCK = 2**20


def write_without_texts(path: Path, sink: IO[bytes]) -> None:
    """Copy a .nii or .nii.gz without descriptions, names and extensions; voxels and places stay as they are.

    That a volume was computed stays said.

    Raises
    ------
    VolumeReadError
        If it is no NIfTI file.
    """
    packed = path.name.lower().endswith(".gz")
    with gzip.open(path, "rb") if packed else path.open("rb") as source:
        start = source.read(540)
        order, kind = _kind(start, path)
        size = kind.template_dtype.itemsize
        header: Any = np.frombuffer(start[:size], dtype=kind.template_dtype.newbyteorder(order)).copy()
        is_computed = bytes(header["descrip"][0]).startswith(SYNTHETIC.encode())
        for name in _TEXTS:
            if name in (header.dtype.names or ()):
                header[name] = b""
        if is_computed:
            header["descrip"] = COMPUTED.encode()
        if "unused_str" in (header.dtype.names or ()):
            header["unused_str"] = b""
        offset = int(header["vox_offset"][0])
        if not size <= offset <= _MOST_BEFORE_VOXELS:
            raise VolumeReadError(f"{path.name!r} is damaged: its voxels begin at byte {offset}")
        rest = start[size:] + source.read(max(0, offset - len(start)))
        with gzip.GzipFile("", "wb", 6, sink, mtime=0) if packed else _Open(sink) as out:
            out.write(header.tobytes() + b"\0" * (offset - size))
            out.write(rest[offset - size :])
            shutil.copyfileobj(source, out, _BLOCK)


def _kind(start: bytes, path: Path) -> tuple[str, Any]:
    orders: tuple[tuple[str, Literal["little", "big"]], ...] = (("<", "little"), (">", "big"))
    for order, name in orders:
        kind = _SIZES.get(int.from_bytes(start[:4], name))
        if kind is not None and len(start) >= kind.template_dtype.itemsize:
            return order, kind
    raise VolumeReadError(f"{path.name!r} is no NIfTI file")


class _Open:
    """A file that is left open."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __enter__(self) -> IO[bytes]:
        return self._file

    def __exit__(self, *_error: object) -> None:
        pass
