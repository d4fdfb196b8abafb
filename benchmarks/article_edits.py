"""Edits of an article as people make them, each with the stretch where a passage's words lie afterwards."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from napari_vascular_loop.domain.article import Span

WORDS = re.findall(
    r"\w+",
    "really quite often here slowly then mostly clearly some small further dark image again below perhaps "
    "cistern slice student bright behind toward always seldom once under teacher round width",
)
SENTENCES = (
    "Look at the whole picture before you zoom in.",
    "The teacher shows this on the screen first.",
    "Bone, air and flowing blood are dark in this sequence.",
    "Older scanners gave thicker slices, and much was missed.",
    "Nobody learns it in one afternoon.",
)


@dataclass(frozen=True)
class Case:
    """An article of then with the stretch `old`, and of now with its words at `now`: None where they are gone."""

    old_text: str
    old: Span
    text: str
    now: Span | None


@dataclass(frozen=True)
class Draft:
    """A text under the pen, with a stretch that is followed."""

    text: str
    start: int
    end: int

    @property
    def quote(self) -> str:
        return self.text[self.start : self.end]

    def put(self, at: int, until: int, new: str) -> Draft:
        """Replace text[at:until], which lies before, within or behind the stretch."""
        grown = len(new) - (until - at)
        text = self.text[:at] + new + self.text[until:]
        if until <= self.start and at < self.start:
            return Draft(text, self.start + grown, self.end + grown)
        return Draft(text, self.start, self.end + grown) if at < self.end else Draft(text, self.start, self.end)


def words_in(draft: Draft) -> list[tuple[int, int]]:
    return [(draft.start + m.start(), draft.start + m.end()) for m in re.finditer(r"\S+", draft.quote)]


def paragraphs(text: str) -> list[tuple[int, int]]:
    return [(m.start(), m.end()) for m in re.finditer(r"\S(?:.|\n(?!\n))*", text)]


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences, headings and rows, in any of the scripts."""
    found = re.finditer(r"[^\s#|](?:[^.。।\n]|\.(?=\S))*[.。।\n]", text)
    return [(m.start(), m.start() + len(m[0].rstrip())) for m in found if len(m[0]) > 8]


def inserted_inside(rng: random.Random, draft: Draft) -> Draft | None:
    words = words_in(draft)[1:]
    if not words:
        return None
    at = rng.choice(words)[0]
    return draft.put(at, at, " ".join(rng.sample(WORDS, rng.randint(1, 2))) + " ")


def inserted_before(rng: random.Random, draft: Draft) -> Draft:
    return draft.put(0, 0, " ".join(rng.choices(SENTENCES, k=rng.randint(1, 4))) + "\n\n")


def inserted_beside(rng: random.Random, draft: Draft) -> Draft | None:
    """A word within ten letters of the stretch, on each side."""
    for at in (after_gap(draft.text, draft.end), before_gap(draft.text, draft.start)):
        if at is not None:
            draft = draft.put(at, at, rng.choice(WORDS) + " ")
    return draft


def after_gap(text: str, at: int) -> int | None:
    gap = re.compile(r"\S* (?=\S)").match(text, at)
    return gap.end() if gap and gap.end() > at else None


def before_gap(text: str, at: int) -> int | None:
    gap = text.rfind(" ", 0, max(0, at - 1))
    return gap + 1 if gap >= 0 else None


def deleted_inside(rng: random.Random, draft: Draft) -> Draft | None:
    words = words_in(draft)
    if len(words) < 4:
        return None
    n = rng.randrange(1, len(words) - 1)
    return draft.put(words[n][0], words[n + 1][0], "")


def reworded(rng: random.Random, draft: Draft) -> Draft | None:
    words = words_in(draft)
    if len(words) < 4:
        return None
    for start, end in sorted(rng.sample(words, max(1, len(words) // 6)), reverse=True):
        draft = draft.put(start, end, rng.choice(WORDS))
    return draft


def reworded_much(rng: random.Random, draft: Draft) -> Draft | None:
    """Every third word."""
    words = words_in(draft)
    if len(words) < 6:
        return None
    for start, end in sorted(rng.sample(words, len(words) // 3), reverse=True):
        draft = draft.put(start, end, rng.choice(WORDS))
    return draft


def mistyped(rng: random.Random, draft: Draft) -> Draft | None:
    """One to three letters wrong, in the stretch and close to it."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(max(0, draft.start - 15), min(len(draft.text) - 1, draft.end + 15))
        if draft.start - 1 <= at < draft.start or draft.end - 1 <= at < draft.end:
            continue
        if draft.text[at : at + 2].isalpha() and len(draft.text[at : at + 2]) == 2:
            swapped = rng.choice([draft.text[at + 1] + draft.text[at], draft.text[at], draft.text[at] * 3])
            draft = draft.put(at, at + 2, swapped)
    return draft


def sentence_split(_rng: random.Random, draft: Draft) -> Draft | None:
    comma = draft.quote.find(", ", 4)
    if comma < 0:
        return None
    at = draft.start + comma
    return draft.put(at, at + 3, ". " + draft.text[at + 2].upper())


def sentence_joined(_rng: random.Random, draft: Draft) -> Draft | None:
    """The full stop at the end of the stretch, or in it, becomes "and"."""
    at = draft.text.find(". ", draft.start, draft.end + 1)
    if at < 0 or at + 3 > len(draft.text):
        return None
    joined = f", and {draft.text[at + 2].lower()}"
    if at < draft.end - 1:
        return draft.put(at, at + 3, joined)
    return Draft(draft.text[:at] + joined + draft.text[at + 3 :], draft.start, at)


def bold(rng: random.Random, draft: Draft) -> Draft | None:
    words = words_in(draft)[1:-1]
    if not words:
        return None
    start, end = rng.choice(words)
    return draft.put(start, end, f"**{draft.text[start:end]}**")


def emoji(rng: random.Random, draft: Draft) -> Draft | None:
    words = words_in(draft)[1:]
    if not words:
        return None
    at = rng.choice(words)[0]
    return draft.put(at, at, rng.choice(["🧠 ", "👩‍⚕️ ", "👉🏽 ", "❤️ "]))


def many_edits(rng: random.Random, draft: Draft) -> Draft | None:
    """Four edits of any kind in the stretch and beside it, a paragraph before it."""
    found: Draft | None = inserted_before(rng, draft)
    for edit in rng.choices([inserted_inside, deleted_inside, reworded, mistyped, inserted_beside, bold], k=4):
        found = edit(rng, found) if found else None
    return found


def each_letter(text: str, span: Span, change: Callable[[str], str]) -> Draft:
    """Change a text in three parts, so that the places are known."""
    parts = [change(part) for part in (text[: span.start], text[span.start : span.end], text[span.end :])]
    start = len(parts[0])
    return Draft("".join(parts), start, start + len(parts[1]))


def soft_hyphens(text: str) -> str:
    return re.sub(r"(?<=\w{3})(?=\w{3})", "\u00ad", text)


def typeset(text: str) -> str:
    text = re.sub(r'(?<!\w)"', "\u201c", text).replace('"', "\u201d").replace("'", "\u2019")
    return text.replace(" - ", " \u2013 ").replace("-", "\u2010").replace("...", "\u2026")


def no_break(text: str) -> str:
    return re.sub(r"(?<=\d) (?=\w)|(?<=\b\w) |(?<=\b\w\w) ", "\u00a0", text)


LETTERS: dict[str, Callable[[str], str]] = {
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "letters taken apart (NFD)": lambda text: unicodedata.normalize("NFD", text),
    "soft hyphens": soft_hyphens,
    "no-break spaces": no_break,
    "curly quotes, dashes": typeset,
}


def rewrapped(_rng: random.Random, draft: Draft) -> Draft:
    """Every paragraph wrapped anew at 60 characters: the same letters, white space aside."""
    new = "\n\n".join(
        textwrap.fill(part, 60, break_long_words=False, break_on_hyphens=False) for part in draft.text.split("\n\n")
    )
    places = [m.start() for m in re.finditer(r"\S", new)]
    before = sum(not letter.isspace() for letter in draft.text[: draft.start])
    inside = sum(not letter.isspace() for letter in draft.quote)
    return Draft(new, places[before], places[before + inside - 1] + 1)


def moved(rng: random.Random, draft: Draft, *, all_of_them: bool = False) -> Draft | None:
    """The paragraph of the stretch elsewhere, or all in another order."""
    parts = paragraphs(draft.text)
    home = next((n for n, (a, b) in enumerate(parts) if a <= draft.start and draft.end <= b), None)
    if home is None or len(parts) < 4:
        return None
    order = list(range(len(parts)))
    if all_of_them:
        rng.shuffle(order)
    else:
        order.remove(home)
        order.insert(rng.choice([n for n in range(len(parts)) if n != home]), home)
    text, start = "", 0
    for n in order:
        if n == home:
            start = len(text) + draft.start - parts[n][0]
        text += draft.text[slice(*parts[n])] + "\n\n"
    return Draft(text, start, start + len(draft.quote))


def moved_alone(rng: random.Random, draft: Draft) -> Draft | None:
    """The stretch cut out and put to the end of another paragraph."""
    parts = [(a, b) for a, b in paragraphs(draft.text) if b <= draft.start or a >= draft.end]
    if not parts:
        return None
    at = rng.choice(parts)[1]
    if at >= draft.end:
        start = at - len(draft.quote) + 1
        text = draft.text[: draft.start] + draft.text[draft.end : at] + " " + draft.quote + draft.text[at:]
    else:
        start = at + 1
        text = draft.text[:at] + " " + draft.quote + draft.text[at : draft.start] + draft.text[draft.end :]
    return Draft(text, start, start + len(draft.quote))


def without(draft: Draft) -> str:
    """The text when the stretch is deleted, and one space with it."""
    end = draft.end + (draft.text[draft.end : draft.end + 1] == " ")
    return draft.text[: draft.start] + draft.text[end:]


def near_copy(rng: random.Random, words: str) -> str | None:
    """A sentence as a teacher writes it of the other side: one word in six is another."""
    draft = reworded(rng, Draft(words, 0, len(words)))
    return draft.text if draft and draft.text != words else None


def insert_places(text: str, draft: Draft, *, beside: bool) -> Iterator[int]:
    """Where a sentence may be put: right behind the stretch and right before it, or behind other paragraphs."""
    if beside:
        yield from (draft.end, draft.start)
    else:
        yield from (b for a, b in paragraphs(text) if b < draft.start - 80 or a > draft.end + 80)
