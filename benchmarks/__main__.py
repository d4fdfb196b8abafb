"""Run the benchmarks and print their tables: python -m benchmarks [NAME ...] [--rounds N] [--write FILE]."""

from __future__ import annotations

import argparse
import compileall
import importlib
from pathlib import Path

import napari_vascular_loop
from benchmarks.runs import Run, keep, last, load_now
from benchmarks.table import as_markdown, as_text

NAMES = (
    "nifti",
    "dicom",
    "compressed",
    "memory",
    "start",
    "window",
    "marks",
    "planes",
    "saving",
    "lessons",
    "anchoring",
    "phantom",
    "library",
    "site",
)
_FEWEST_ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--rounds", type=int, default=7, help="rounds, of which the median is taken (at least 5)")
    parser.add_argument(
        "--write",
        type=Path,
        metavar="FILE",
        help="also write the tables as Markdown, with the last ones of what is not run now",
    )
    options = parser.parse_args()
    unknown = set(options.names) - {*NAMES}
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    rounds = max(_FEWEST_ROUNDS, options.rounds)
    # Where bytecode is not written, each process would compile anew what it imports.
    compileall.compile_dir(Path(napari_vascular_loop.__file__).parent, quiet=2)
    for name in options.names or NAMES:
        load = load_now()
        found = importlib.import_module(f"benchmarks.{name}").run(rounds)
        print(as_text(found) if found else f"\n{name}: no screen (run under xvfb-run to measure)", flush=True)
        keep(Run(name, rounds, load, found))
    if options.write:
        runs = [run for run in map(last, NAMES) if run is not None]
        options.write.write_text(as_markdown(runs), encoding="utf-8")


if __name__ == "__main__":
    main()
