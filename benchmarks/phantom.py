"""Computing the synthetic head: a limit of our own, since nothing else computes one."""

from __future__ import annotations

from benchmarks.row import Row, at_most, rows_of
from benchmarks.timing import medians_ms
from napari_vascular_loop.samples.cpa_anatomy import Compression
from napari_vascular_loop.samples.cpa_scan import Sequence, compute_scan, compute_scans

BOTH = "CISS and time of flight of one head (ours)"
ONE = "CISS alone (ours)"
_LIMIT_MS = 3000


def run(rounds: int) -> list[Row]:
    medians = medians_ms(
        {
            BOTH: lambda: compute_scans(Compression.INDENTATION),
            ONE: lambda: compute_scan(Compression.INDENTATION, Sequence.CISS),
        },
        rounds,
    )
    limits = {BOTH: at_most(_LIMIT_MS), ONE: at_most(_LIMIT_MS)}
    return rows_of("synthetic head, 213x126x72", medians, BOTH, limits)
