"""Interleaved timing: every contender once a round, medians over the rounds."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
