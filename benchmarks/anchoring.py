"""How many passages are found again after an edit, how many in a wrong place, and how long it takes.

`python -m benchmarks anchoring` prints the tables; `python -m benchmarks.anchoring FILE` puts them into a page.
"""

from __future__ import annotations

import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.article_cases import articles, kinds, stretches
from benchmarks.article_edits import Case, Draft, many_edits, sentences
from benchmarks.exact_words import find_passage
from benchmarks.row import Row, at_most, rows_of
from benchmarks.timing import medians_ms
from napari_vascular_loop import anchoring, evidence
from napari_vascular_loop.domain.article import Anchor, How, Passage, Span, passage_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RIGHT = 0.7
"""A place is right if this much of it and of the true one is common to both; anything else is a wrong match."""
_OTHERS = 8
_SEED = 11
_CALIBRATED: dict[str, tuple[object, ...]] = {
    "MARGIN": (0.0, 0.3),
    "SAME_WORDS_CONTEXT": (0.3, 0.7),
    "BOTH_SIDES": ((0.5, 0.5), (0.7, 0.7)),
    "ONE_SIDE": ((0.6, 0.6), (0.9, 0.9)),
    "PARAGRAPH_LETTERS": (15, 80),
    "SIMILAR_LETTERS": (6, 24),
}
"""Thresholds of `evidence`, and a looser and a stricter value that they are tried with."""
_BEGIN, _END = "<!-- measured -->", "<!-- /measured -->"


@dataclass
class Tally:
    """What became of the passages of one kind of edit."""

    cases: int = 0
    kept: int = 0
    right: int = 0
    to_the_letter: int = 0
    wrong: int = 0
    similar: int = 0
    right_among: int = 0
    wrong_among: int = 0
    right_by_words: int = 0
    wrong_by_words: int = 0

    def count(self, case: Case, alone: Anchor | None, among: Anchor | None, by_words: Span | None) -> None:
        self.cases += 1
        self.kept += case.now is not None
        self.right += (right := is_right(case, alone))
        self.wrong += alone is not None and not right
        self.to_the_letter += right and alone == case.now
        self.similar += alone is not None and alone.how is How.SIMILAR
        self.right_among += (right := is_right(case, among))
        self.wrong_among += among is not None and not right
        self.right_by_words += (right := is_right(case, by_words))
        self.wrong_by_words += by_words is not None and not right

    def cells(self) -> tuple[str, ...]:
        def share(part: int) -> str:
            return f"{100 * part / self.kept:.1f} %" if self.kept else "-"

        return (
            str(self.cases),
            share(self.right),
            str(self.wrong),
            share(self.to_the_letter),
            str(self.similar),
            share(self.right_among),
            str(self.wrong_among),
            share(self.right_by_words),
            str(self.wrong_by_words),
        )


HEADS = (
    "passages",
    "found",
    "wrong",
    "to the letter",
    "by similar words",
    "found among others",
    "wrong among others",
    "found by exact words alone",
    "wrong by exact words alone",
)


def is_right(case: Case, found: Span | None) -> bool:
    return found is not None and case.now is not None and common(found, case.now) >= _RIGHT


def common(a: Span, b: Span) -> float:
    shared = max(0, min(a.end, b.end) - max(a.start, b.start))
    return shared / (max(a.end, b.end) - min(a.start, b.start))


def tallies(seed: int, *, among_others: bool = True) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """Count for every kind of edit, and for every article."""
    texts = articles()
    by_kind: dict[str, Tally] = {}
    by_article: dict[str, Tally] = {}
    for kind, name, case, rng in cases(texts, seed):
        passage = passage_at(case.old_text, case.old.start, case.old.end)
        alone = anchoring.find_passage(case.text, passage)
        others = some_others(case, rng) if among_others else []
        among = anchoring.find_passages(case.text, [passage, *others])[0] if among_others else alone
        by_words = find_passage(case.text, passage) if among_others else None
        for tally in (by_kind.setdefault(kind, Tally()), by_article.setdefault(name, Tally())):
            tally.count(case, alone, among, by_words)
    return by_kind, by_article


def cases(texts: dict[str, str], seed: int) -> Iterator[tuple[str, str, Case, random.Random]]:
    for kind, make in kinds().items():
        rng = random.Random(f"{seed} {kind}")
        for name, text in texts.items():
            for span in stretches(text, rng):
                case = make(text, span, rng)
                if case:
                    yield kind, name, case, rng
    rng = random.Random(seed)
    for name, text in texts.items():
        for span in stretches(text, rng):
            for other in (other for key, other in texts.items() if key != name):
                if text[span.start : span.end] not in other:
                    yield "another article altogether", name, Case(text, span, other, None), rng


def some_others(case: Case, rng: random.Random) -> list[Passage]:
    """Take some other sentences of the article, linked as well."""
    places = [span for span in sentences(case.old_text) if not Span(*span).overlaps(case.old)]
    return [passage_at(case.old_text, *span) for span in rng.sample(places, min(_OTHERS, len(places)))]


def table(counted: dict[str, Tally], what: str) -> str:
    whole = Tally()
    for tally in counted.values():
        for field in vars(whole):
            setattr(whole, field, getattr(whole, field) + getattr(tally, field))
    rows = [(kind, *tally.cells()) for kind, tally in (*counted.items(), ("**all**", whole))]
    return as_rows((what, *HEADS), rows)


def as_rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ("---", *["---:"] * (len(heads) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def measured() -> str:
    by_kind, by_article = tallies(_SEED)
    return f"{table(by_kind, 'edit')}\n\n{table(by_article, 'article')}"


def calibration() -> str:
    """What a looser and a stricter value of each threshold bring and cost, the others being as they are."""
    rows = [("as they are", "", *_found_and_wrong())]
    for name, values in _CALIBRATED.items():
        used = getattr(evidence, name)
        for value in values:
            _set(name, value)
            rows.append((f"`{name}`", f"{value} for {used}", *_found_and_wrong()))
        _set(name, used)
    return as_rows(("threshold", "value", "found", "wrong"), rows)


def _set(name: str, value: object) -> None:
    for module in (evidence, anchoring):
        if hasattr(module, name):
            setattr(module, name, value)


def _found_and_wrong() -> tuple[str, str]:
    counted = tallies(_SEED, among_others=False)[0].values()
    found = sum(tally.right for tally in counted) / sum(tally.kept for tally in counted)
    return f"{100 * found:.1f} %", str(sum(tally.wrong for tally in counted))


# ---------------------------------------------------------------------- time


def long_article() -> tuple[str, list[Passage]]:
    """An article of 100 kB that does not repeat itself, and 500 passages of it."""
    rng = random.Random(8)
    words = [word for text in articles().values() for word in re.findall(r"\w+", text) if word.isascii()]
    text = ""
    while len(text) < 100_000:
        sentence = " ".join(rng.choices(words, k=rng.randint(6, 20)))
        text += sentence.capitalize() + rng.choice([". ", ". ", ".\n\n"])
    spans = rng.sample(sentences(text), 500)
    return text, [passage_at(text, *span) for span in spans]


def run(rounds: int) -> list[Row]:
    """Print the table of edits, and time 500 passages in an article of 100 kB."""
    print(measured())
    text, passages = long_article()
    rng = random.Random(9)
    middle = passages[250]
    here = Draft(text, middle.start, middle.end)
    one = many_edits(rng, here) or here
    every = re.sub(r"\b(the|in|of)\b", "this", text)
    contenders = {
        "nothing changed": text,
        "edits in one sentence, paragraphs before": one.text,
        "line ends of Windows": text.replace("\n", "\r\n"),
        "a word replaced everywhere": every,
        "another article altogether": " ".join(sorted(text.split(" "))),
    }
    medians = medians_ms(
        {name: lambda new=new: anchoring.find_passages(new, passages) for name, new in contenders.items()}, rounds
    )
    first = next(iter(contenders))
    return rows_of("500 passages in an article of 100 kB", medians, first, dict.fromkeys(contenders, at_most(1000)))


def main(page: Path) -> None:
    """Put the tables into a page, between its marks; takes a quarter of an hour."""
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(_BEGIN)
    tail = rest.partition(_END)[2]
    page.write_text(f"{head}{_BEGIN}\n{measured()}\n\n{calibration()}\n{_END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
