"""Where the content that ships with the program lies: in the wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def content_folder(name: str) -> Path:
    """Find "annotations" or "sample_data".

    Raises
    ------
    FileNotFoundError
        If the installation is damaged.
    """
    for root in (_PACKAGE / "_content", _PACKAGE.parent.parent):
        if (root / name).is_dir():
            return root / name
    raise FileNotFoundError(f"the folder {name!r} of napari-vascular-loop is missing; install the package again")
