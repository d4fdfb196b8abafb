"""Slices that belong together, before they are laid on a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame


@dataclass(frozen=True, eq=False)
class Run:
    """Slices of one volume: one for each place and time.

    Parameters
    ----------
    times : tuple of tuple of DicomFrame
        For each time point, a slice for each place, in order along the normal.
    kinds : tuple of (str, str)
        What sets it apart from others of its group: ("b", "b 1000").
    why : str
        What the file calls the time points.
    warnings, dropped : tuple of str
        What a reader should know, and what was left out.
    """

    times: tuple[tuple[DicomFrame, ...], ...]
    kinds: tuple[tuple[str, str], ...] = ()
    why: str = ""
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
