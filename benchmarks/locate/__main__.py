"""How well the finder finds the root of the facial nerve: python -m benchmarks.locate [--heads N] [--first SEED].

Heads are made from Colin27, or another head (`bases.py`), with known truth (`heads.py`); those of a run are told by
their seeds, so that seeds which were never looked at while the finder was made can be asked for. Each is registered
in the finder's own process, with an empty cache. The real scans in the folder REAL_SCANS are looked at, too, against
places marked by eye.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from benchmarks.locate import bases
from benchmarks.locate.heads import make
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.domain.space import transform_points
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.locate import cache, finder

if TYPE_CHECKING:
    from benchmarks.locate.bases import Base

FAR_MM = 8.0
"""Said to be found, and farther off than this: silently wrong."""

REAL = {
    "tof_posterior_fossa_crop.nii.gz": {("facial-nerve-root", "left"): (-14.0, -24.0, -41.0)},
    "vsseg001_t1c_cpa_crop.nii.gz": {
        ("internal-acoustic-meatus", "right"): (26.4, 13.5, -46.4),
        ("internal-acoustic-meatus", "left"): (-28.9, 14.4, -47.0),
        ("fourth-ventricle", "midline"): (0.4, -7.0, -44.0),
    },
}
"""Marked by eye in real scans, before the finder was made, for the lessons: see docs/locate.md."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.locate", description=__doc__)
    parser.add_argument("--heads", type=int, default=48)
    parser.add_argument("--first", type=int, default=1000, help="the first seed; 0 to 99 were used while it was made")
    parser.add_argument("--json", type=Path, help="also write every head's numbers")
    parser.add_argument("--base", metavar="NAME", help="make them of another head: NAME.json beside this module")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the files of the other head are")
    parser.add_argument("--beside", action="store_true", help="slabs that do not show the roots: none is to be found")
    options = parser.parse_args()
    base = bases.other(options.base, options.folder) if options.base else bases.colin27()
    with tempfile.TemporaryDirectory() as aside:
        cache.cache_folder = lambda: Path(aside)  # type: ignore[assignment]
        rows = run(base, options.heads, options.first, is_beside=options.beside)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    report(rows)


def run(base: Base, count: int, first: int, *, is_beside: bool = False) -> list[dict[str, Any]]:
    """Look at so many made heads; one row each."""
    places = base.places_mni_mm
    finder.prepare()
    rows = []
    for seed in range(first, first + count):
        head = make(base, seed, is_beside=is_beside)
        began = time.perf_counter()
        answers = finder.locate(head.volume)
        took_s = time.perf_counter() - began
        registration = finder.register_volume(head.volume)
        row: dict[str, Any] = {"name": head.name, "is_slab": head.is_slab, "s": took_s, "mib": _peak_mib()}
        for answer in answers:
            side = str(answer.place.side)
            row[side] = {"verdict": str(answer.verdict), "reasons": list(answer.reasons)}
            if answer.place_ras_mm is not None:
                off = float(np.linalg.norm(np.subtract(answer.place_ras_mm, head.truth_ras_mm[side])))
                first = transform_points(np.linalg.inv(registration.scan_to_atlas), answer.place.as_array)
                first_off = float(np.linalg.norm(first - head.truth_ras_mm[side]))
                row[side].update(off_mm=off, radius_mm=answer.radius_mm, first_step_off_mm=first_off)
        rows.append(row)
        said = ", ".join(f"{side} {row[side]['verdict']} {row[side].get('off_mm', -1):.1f}" for side in places)
        print(f"{head.name[:60]:60s} {took_s:5.1f} s  {said}", flush=True)
    return rows


def report(rows: list[dict[str, Any]]) -> None:
    """Print what the bars are about."""
    sides = [(row, row[side]) for row in rows for side in ("right", "left")]
    found = [one for _, one in sides if one["verdict"] == "found"]
    shown = [one for _, one in sides if "off_mm" in one]

    def share(part: list[Any], of: list[Any]) -> str:
        return f"{len(part)} of {len(of)} ({100 * len(part) / max(1, len(of)):.0f} %)"

    for what, is_slab in (("whole heads", False), ("slabs", True)):
        of = [one for row, one in sides if row["is_slab"] is is_slab]
        print(f"found, {what}: {share([one for one in of if one['verdict'] == 'found'], of)}")
        print(f"  doubtful: {share([one for one in of if one['verdict'] == 'doubtful'], of)}")
    for words, key in (("error where found", "off_mm"), ("  by the first step alone", "first_step_off_mm")):
        if found:
            off = np.array([one[key] for one in found])
            print(f"{words}: median {np.median(off):.1f} mm, 95th percentile {np.percentile(off, 95):.1f} mm")
    wrong = [one for one in found if one["off_mm"] > FAR_MM]
    print(f"silently wrong (found, off by more than {FAR_MM:g} mm): {share(wrong, found)}")
    inside = [one for one in shown if one["off_mm"] <= one["radius_mm"]]
    print(
        f"ring holds the truth: {share(inside, shown)}; of those found: "
        f"{share([one for one in found if one['off_mm'] <= one['radius_mm']], found)}"
    )
    times = np.array([row["s"] for row in rows])
    print(f"time: median {np.median(times[1:]):.1f} s, longest {times[1:].max():.1f} s; the first {times[0]:.1f} s")
    print(f"memory of the process that registers, at the most: {max(row['mib'] for row in rows):.0f} MiB")
    folder = Path(os.environ.get("REAL_SCANS", "../shared/real_scans"))
    for name, truths in REAL.items():
        if (folder / name).exists():
            _real(folder / name, truths)


def _real(path: Path, truths: dict[tuple[str, str], tuple[float, float, float]]) -> None:
    volume = read_volumes(path)[0]
    for (structure, side), truth in truths.items():
        try:
            answers = finder.locate(volume, structure)
        except VascularLoopError as error:
            print(f"{path.name}: {error}")
            return
        for answer in answers:
            if answer.place.side == side:
                said = f"{path.name}: {answer.words}"
                if answer.place_ras_mm is not None:
                    away_mm = np.linalg.norm(np.subtract(answer.place_ras_mm, truth))
                    said += f"; {away_mm:.1f} mm from where it was marked"
                print(said)


def _peak_mib() -> float:
    """Memory of the finder's process."""
    children = psutil.Process().children()
    return max([child.memory_info().rss / 2**20 for child in children], default=0.0)


if __name__ == "__main__":
    main()
