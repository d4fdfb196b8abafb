"""Measuring in a process of its own, with memory had from the system in one of two ways.

On Linux a large array usually comes as fresh pages, and each page costs when it is first touched: often more than
reading does. With freed pages kept by the process, what remains is the work itself. Both are true: the first for a
first volume, the second for a later one.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from dataclasses import replace

import msgspec

from benchmarks.row import Row

FRESH, KEPT = "fresh pages", "kept pages"
_ENVIRONMENTS = {
    FRESH: {},
    # Of glibc: never give memory back, never map it apart, one heap for all threads.
    KEPT: {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(16 << 30), "MALLOC_ARENA_MAX": "1"},
}
_PATIENCE_S = 900


def in_each_regime(name: str, rounds: int, regimes: tuple[str, ...] = (FRESH, KEPT)) -> list[Row]:
    """Run `measure(rounds)` of a module of benchmarks in a process for each regime."""
    rows: list[Row] = []
    for regime in regimes:
        command = [sys.executable, "-m", "benchmarks.regimes", name, str(rounds)]
        environment = {**os.environ, **_ENVIRONMENTS[regime]}
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=_PATIENCE_S, env=environment)
        found = msgspec.json.decode(done.stdout.splitlines()[-1], type=list[Row])
        rows += [replace(row, regime=regime) for row in found] if len(regimes) > 1 else found
    return rows


if __name__ == "__main__":
    measured = importlib.import_module(f"benchmarks.{sys.argv[1]}").measure(int(sys.argv[2]))
    print(msgspec.json.encode(measured).decode())
