"""Run the benchmarks and print their tables: python -m benchmarks [NAME ...] [--rounds N] [--write FILE]."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from benchmarks.table import as_markdown, as_text

ROWS = ("window",)
"""Those that give rows, which can be written as Markdown."""

OTHERS = ("reading", "slicing")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join((*ROWS, *OTHERS))}; all by default")
    parser.add_argument("--rounds", type=int, default=7, help="rounds, of which the median is taken (at least 5)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the tables as Markdown")
    options = parser.parse_args()
    unknown = set(options.names) - {*ROWS, *OTHERS}
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    rows = []
    for name in options.names or (*ROWS, *OTHERS):
        module = importlib.import_module(f"benchmarks.{name}")
        if name in OTHERS:
            module.main()
            continue
        found = module.run(max(5, options.rounds))
        print(as_text(found))
        rows += found
    if options.write and rows:
        options.write.write_text(as_markdown(rows, max(5, options.rounds)), encoding="utf-8")


if __name__ == "__main__":
    main()
