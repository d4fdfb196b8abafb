"""What headers of several formats share: texts of unknown encoding, rescaling, notes for the receipt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.domain.volume import Rescale

_LONGEST_DESCRIPTION = 100

_WORTH_SAYING = 30
"""Below this, nibabel's remarks on a header change nothing about voxels or places."""


@dataclass
class Notes:
    """What the orientation receipt will say; also takes nibabel's remarks on a header, as its logger.

    Parameters
    ----------
    said, assumed, dropped : list of str
        See :class:`~napari_vascular_loop.domain.volume.Provenance`.
    """

    said: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def log(self, level: int, message: str) -> None:
        """Note what nibabel had to put right in a header."""
        if level >= _WORTH_SAYING and not message.startswith("vox offset"):
            self.assumed.append(f"its header was not in order: {message}")


def rescale_of(header: Any) -> Rescale:
    """Slope and intercept of one of nibabel's headers, which gives None where there are none."""
    slope, intercept = header.get_slope_inter()
    return Rescale(1.0 if slope is None else float(slope), 0.0 if intercept is None else float(intercept))


def decoded(raw: Any) -> str:
    """Decode a text of a header for the screen; what isn't UTF-8 is read as Latin-1."""
    data = bytes(np.asarray(raw).item()).split(b"\0")[0]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return described(text)


def described(text: str) -> str:
    """Make a description fit for a screen: in one line, of bearable length, and without what steers a terminal."""
    return shown(" ".join(text.split()), _LONGEST_DESCRIPTION)
