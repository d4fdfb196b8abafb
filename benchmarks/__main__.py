"""Run all benchmarks and print their tables."""

from __future__ import annotations

from benchmarks import reading, slicing


def main() -> None:
    reading.main()
    slicing.main()


if __name__ == "__main__":
    main()
