"""A name for a volume, made from what is in its files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_WHOLE_UP_TO = 1 << 20
_BLOCKS = 32
_BLOCK_BYTES = 1 << 10


def content_id(kind: str, *paths: Path) -> str:
    """Name a volume by a hash of its files: their size, and all of a small file or samples of a large one.

    A large file is not read twice for it. Beginning and end are always among the samples: the header is at the one,
    and at the other, in a .gz, the checksum of all voxels. The name of a file plays no part.

    Returns
    -------
    str
        Such as "nifti-0123456789".
    """
    digest = hashlib.sha256()
    for path in paths:
        size = path.stat().st_size
        digest.update(size.to_bytes(8, "little"))
        with path.open("rb", buffering=0) as file:
            if size <= _WHOLE_UP_TO:
                digest.update(file.read())
                continue
            for number in range(_BLOCKS):
                file.seek((size - _BLOCK_BYTES) * number // (_BLOCKS - 1))
                digest.update(file.read(_BLOCK_BYTES))
    return f"{kind}-{digest.hexdigest()[:10]}"
