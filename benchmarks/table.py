"""Rows of measurements as tables, for a terminal and for docs/performance.md."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.row import Row
    from benchmarks.runs import Run

LIBRARIES = ("numpy", "nibabel", "pydicom", "SimpleITK", "highdicom", "dcm2niix", "imagecodecs", "isal", "napari")
_BUSY = 1.5
"""Load of the machine from which on others are at work, too."""

_HEAD = Path(__file__).with_name("head.md")


def as_text(rows: Sequence[Row]) -> str:
    lines = []
    for what, group in _by(rows, "what"):
        for regime, same in _by(group, "regime"):
            lines.append(f"\n{what}" + (f", {regime}" if regime else ""))
            for row in same:
                asked = f"{row.verdict:<6} ({row.bar.text(row.unit)})" if row.bar else ""
                lines.append(f"  {row.contender:<58} {_figure(row):>12} {_times(row):>7}  {asked}")
    return "\n".join(lines)


def as_markdown(runs: Sequence[Run]) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    system = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    loads = ", ".join(f"{run.name} {run.load:.1f}" for run in runs if run.load is not None)
    machine = f"{date.today():%B %Y}; {system}; {versions}. Load of the machine before each began: {loads}."
    if any(run.load is not None and run.load > _BUSY for run in runs):
        machine += (
            " **Others were using it: times are long, and the lead by several cores is lost; run it anew in quiet.**"
        )
    rounds = min(run.rounds for run in runs)
    rows = [row for run in runs for row in run.rows]
    parts = [_HEAD.read_text(encoding="utf-8").format(rounds=rounds, machine=machine, summary=_summary(rows))]
    parts += [_one_table(what, group) for what, group in _by(rows, "what")]
    return "".join(parts)


def _summary(rows: Sequence[Row]) -> str:
    """Count the bars, and name those that are missed."""
    asked = [row for row in rows if row.bar]
    lines = [f"{sum(row.verdict == 'met' for row in asked)} of {len(asked)} bars are met. Missed:\n"]
    for row in asked:
        if row.verdict == "missed" and row.bar:
            regime = f", {row.regime}" if row.regime else ""
            got = f"{_figure(row)}, {row.ratio:.2f} times ours"
            lines.append(f"- {row.what}{regime}: {row.contender}: {got}; wanted {row.bar.text(row.unit)}")
    return "\n".join(lines) if len(lines) > 1 else f"All {len(asked)} bars are met."


def _one_table(what: str, rows: Sequence[Row]) -> str:
    """One line for each contender, its figures in each regime side by side."""
    regimes = [regime for regime, _ in _by(rows, "regime")]
    heads = [f"{text}{f', {regime}' if regime else ''}" for regime in regimes for text in ("median", "times ours")]
    lines = [f"\n## {what}\n", "| " + " | ".join(["contender", *heads, "wanted", ""]) + " |"]
    lines.append("|---|" + "---:|" * len(heads) + "---|---|")
    for contender, same in _by(rows, "contender"):
        found = {row.regime: row for row in same}
        cells = [part for regime in regimes for part in _cells(found.get(regime))]
        bar = next((row.bar for row in same if row.bar), None)
        verdicts = [row.verdict for row in same if row.verdict]
        verdict = verdicts[0] if len(set(verdicts)) == 1 else ", ".join(verdicts)
        asked = bar.text(same[0].unit) if bar else ""
        lines.append("| " + " | ".join([contender, *cells, asked, verdict]) + " |")
    return "\n".join(lines) + "\n"


def _by(rows: Sequence[Row], field: str) -> Iterator[tuple[str, list[Row]]]:
    """Gather rows by a field, in the order in which its values first come."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, field), []).append(row)
    yield from groups.items()


def _cells(row: Row | None) -> tuple[str, str]:
    return (_figure(row), _times(row)) if row else ("", "")


def _figure(row: Row) -> str:
    return f"{row.figure:,.1f} {row.unit}"


def _times(row: Row) -> str:
    return "" if row.ratio == float("inf") else f"{row.ratio:.2f}"
