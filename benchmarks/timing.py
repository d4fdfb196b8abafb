"""Interleaved timing: every contender once a round, medians over the rounds."""

from __future__ import annotations

import gc
import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def medians_ms(contenders: Mapping[str, Callable[[], object]], rounds: int = 7) -> dict[str, float]:
    """Time each contender once a round, after a round that does not count.

    What a contender returns lives until the clock has stopped: whoever opens a volume keeps it.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, run in contenders.items():
            gc.collect()
            start = time.perf_counter()
            result = run()
            took = time.perf_counter() - start
            del result
            if number:
                times[name].append(took * 1000)
    return {name: statistics.median(values) for name, values in times.items()}
