"""Slices that form no even grid together, but do in parts: slabs that overlap, two sides, two spacings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame
    from napari_vascular_loop.formats.volumes.dicom.run import Run

_FEWEST = 3
"""A part has at least so many slices: any two lie on some grid."""

_MOST = 12
_EVEN_MM = 0.02
_EVEN_SHARE = 0.01


def parts_of(run: Run) -> list[Run]:
    """Split a run that lies on no even grid into runs that may; one run if there is no such split.

    By file where each holds several slices, else in order of instance number, in which a scanner goes through one
    slab after the other, else in order of place.
    """
    first = run.times[0]
    if first[0].position_lps_mm is None:
        return [run]
    numbers = [one.instance_number for one in first]
    by_file = _by_file(first)
    if len(by_file) > 1 and min(map(len, by_file)) >= _FEWEST:
        return [_part(run, indices, number) for number, indices in enumerate(by_file, start=1)]
    ways = []
    if len(set(numbers)) == len(numbers):
        ways.append(_even_pieces(first, sorted(range(len(first)), key=numbers.__getitem__)))
    ways.append(_even_pieces(first, list(range(len(first)))))
    for parts in ways:
        if 1 < len(parts) <= _MOST and min(map(len, parts)) >= _FEWEST:
            return [_part(run, indices, number) for number, indices in enumerate(parts, start=1)]
    return [run]


def is_uneven_as_scanned(slices: Sequence[DicomFrame], numbers: Sequence[int]) -> bool:
    """Whether wide gaps are no missing slices: several follow each other, and the images are counted through.

    Parameters
    ----------
    slices : sequence of DicomFrame
        In order of place.
    numbers : sequence of int
        Of each slice on the grid of the smallest gap.
    """
    counted = set(np.diff([one.instance_number for one in slices]).tolist())
    if len(counted) != 1 or 0 in counted:
        return False
    gaps = np.diff(numbers)
    wide = (gaps[:-1] == gaps[1:]) & (gaps[:-1] > 1)
    return bool((wide[:-1] & wide[1:]).any())


def _by_file(slices: Sequence[DicomFrame]) -> list[list[int]]:
    files: dict[object, list[int]] = defaultdict(list)
    for index, one in enumerate(slices):
        files[one.path].append(index)
    return list(files.values())


def _even_pieces(slices: Sequence[DicomFrame], order: list[int]) -> list[list[int]]:
    """Cut a sequence of slices wherever the step to the next changes; the pieces in order of place."""
    places = np.array([slices[index].position_lps_mm for index in order])
    steps = np.diff(places, axis=0)
    pieces, start = [], 0
    while start < len(order):
        end = start + 1
        if end < len(order) and np.linalg.norm(steps[start]) > _EVEN_MM:
            step = steps[start]
            even_mm = max(_EVEN_MM, _EVEN_SHARE * float(np.linalg.norm(step)))
            while end < len(order) and np.linalg.norm(steps[end - 1] - step) <= even_mm:
                end += 1
        pieces.append(sorted(order[start:end]))
        start = end
    return pieces


def _part(run: Run, indices: list[int], number: int) -> Run:
    times = tuple(tuple(some[index] for index in indices) for some in run.times)
    note = f"its series has {len(run.times[0])} slices that lie on no even grid together; this is an even part of them"
    return replace(run, times=times, kinds=(*run.kinds, ("part", f"part {number}")), warnings=(*run.warnings, note))
