"""Rows of measurements as tables, for a terminal and for docs/performance.md."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import version
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.timing import Row

LIBRARIES = ("numpy", "nibabel", "pydicom", "SimpleITK", "highdicom", "dcm2niix", "imagecodecs", "isal", "napari")

HEAD = """# Performance

How long it takes to open volumes, next to what one would use instead. Written by
`python -m benchmarks --write docs/performance.md`, on files made for the purpose: the last run.

How to read it: all contenders of a table ran in one process, one after the other in each round; a figure is the
median of {rounds} rounds, with the files in the system's cache. "Times ours" says how many times as long the contender
took as `read_volumes` did; below 1 it was quicker. "Limit" rows are no readers: they are what the file's bytes cost at
the least. Before timing, each contender's voxels were compared with the true ones. Times depend on the machine, and
those of a small shared one vary by a third from run to run: compare ratios, not milliseconds.

{machine}
"""


def as_text(rows: Sequence[Row]) -> str:
    lines = []
    for what, group in groupby(rows, key=lambda row: row.what):
        lines.append(f"\n{what}")
        for row in group:
            lines.append(f"  {row.contender:<44} {row.median_ms:10.1f} ms {_times(row):>9}  {row.bar}")
    return "\n".join(lines)


def as_markdown(rows: Sequence[Row], rounds: int) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    system = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    machine = f"{date.today():%B %Y}; {system}; {versions}."
    parts = [HEAD.format(rounds=rounds, machine=machine)]
    for what, group in groupby(rows, key=lambda row: row.what):
        parts.append(f"\n## {what}\n\n| contender | median | times ours | wanted |\n|---|---:|---:|---|\n")
        for row in group:
            parts.append(f"| {row.contender} | {row.median_ms:,.1f} ms | {_times(row)} | {row.bar} |\n")
    return "".join(parts)


def _times(row: Row) -> str:
    return f"{row.median_ms / row.ours_ms:.2f}" if row.ours_ms else ""
