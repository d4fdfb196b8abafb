"""A row of a table: one contender against ours, and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Bar:
    """What is asked for of a row.

    Parameters
    ----------
    kind : str
        "ahead": the contender takes at least `value` times as long as ours; "within": ours takes at most `value`
        times as long as the contender, which is a limit; "at most": the row's own figure is at most `value`; "times":
        the row takes at most `value` times as long as what its table is measured by.
    value : float
        A ratio, or a figure in the unit of the row.
    base : str
        What the table is measured by, for "times".
    """

    kind: Literal["ahead", "within", "at most", "times"]
    value: float
    base: str = ""

    def is_met(self, row: Row) -> bool:
        if self.kind == "ahead":
            return row.ratio >= self.value
        if self.kind == "times":
            return row.ratio <= self.value
        return 1 / row.ratio <= self.value if self.kind == "within" else row.figure <= self.value

    def text(self, unit: str) -> str:
        if self.kind == "ahead":
            return f"≥ {self.value:g} times ours"
        if self.kind == "times":
            return f"≤ {self.value:g} times {self.base}"
        return f"ours ≤ {self.value:g} times this" if self.kind == "within" else f"≤ {self.value:g} {unit}"


def ahead(times: float) -> Bar:
    return Bar("ahead", times)


def within(times: float) -> Bar:
    return Bar("within", times)


def at_most(figure: float) -> Bar:
    return Bar("at most", figure)


def times(most: float, base: str) -> Bar:
    return Bar("times", most, base)


@dataclass(frozen=True)
class Row:
    """One contender against ours, on one kind of file.

    Parameters
    ----------
    what : str
        The kind of file, such as ".nii.gz 512x512x320 int16": rows of the same make a table.
    contender : str
        Whom we are compared with.
    figure, ours : float
        Medians over the same rounds.
    bar : Bar, optional
        What is asked for.
    regime : str
        How memory was had from the system; see `regimes`.
    unit : str
        Of the figures.
    """

    what: str
    contender: str
    figure: float
    ours: float
    bar: Bar | None = None
    regime: str = ""
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """How many times our figure the contender has: above 1 we are better."""
        return self.figure / self.ours if self.ours else float("inf")

    @property
    def verdict(self) -> str:
        """Whether what is asked for is met; "" where nothing is."""
        return "" if self.bar is None else "met" if self.bar.is_met(self) else "missed"


def rows_of(what: str, medians: dict[str, float], ours: str, bars: dict[str, Bar], regime: str = "") -> list[Row]:
    """Make a table's rows of medians by contender."""
    assert set(bars) <= set(medians), set(bars) - set(medians)
    return [Row(what, name, value, medians[ours], bars.get(name), regime) for name, value in medians.items()]
