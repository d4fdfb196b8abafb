"""Interleaved timing: every contender once a round, medians over the rounds."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Row:
    """One contender against ours, on one kind of file.

    Parameters
    ----------
    what : str
        The kind of file, such as ".nii.gz 512x512x320 int16".
    contender : str
        Whom we are compared with.
    median_ms, ours_ms : float
        Medians over the same rounds.
    bar : str
        What is asked for, such as "2.5x faster"; "" where nothing is.
    """

    what: str
    contender: str
    median_ms: float
    ours_ms: float
    bar: str = ""

    @property
    def ratio(self) -> float:
        """How many times our time the contender takes: above 1 we are faster."""
        return self.median_ms / self.ours_ms


def medians_ms(contenders: Mapping[str, Callable[[], object]], rounds: int = 7) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()
    for _ in range(rounds):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def print_table(title: str, ms: Mapping[str, float], base: str) -> None:
    print(f"\n{title}")
    for name, value in ms.items():
        print(f"  {name:<42} {value:9.1f} ms   {value / ms[base]:6.2f} x {base}")


def print_rows(title: str, rows: Sequence[Row]) -> None:
    print(f"\n{title}")
    for row in rows:
        print(f"  {row.what:<32} {row.contender:<34} {row.median_ms:9.1f} ms  {row.ratio:6.2f} x ours  {row.bar}")
