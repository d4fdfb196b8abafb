"""The last run of each benchmark, kept so that one of them can be run anew and the page be written of all."""

from __future__ import annotations

import os

import msgspec

from benchmarks import scans
from benchmarks.row import Row


class Run(msgspec.Struct, frozen=True):
    """Rows of one benchmark.

    Parameters
    ----------
    name : str
        Of the benchmark.
    rounds : int
        How often each contender was timed.
    load : float or None
        How many programs wanted a processor in the minute before it began; None where the system does not tell.
    rows : list of Row
        What was measured; empty where there was no screen.
    """

    name: str
    rounds: int
    load: float | None
    rows: list[Row]


def load_now() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def keep(run: Run) -> None:
    scans.FOLDER.mkdir(parents=True, exist_ok=True)
    (scans.FOLDER / f"run-{run.name}.json").write_bytes(msgspec.json.encode(run))


def last(name: str) -> Run | None:
    """The last run of a benchmark, or None if there was none here."""
    try:
        return msgspec.json.decode((scans.FOLDER / f"run-{name}.json").read_bytes(), type=Run)
    except FileNotFoundError:
        return None
