"""What is measured in the benchmark of passages: articles, stretches of them, and kinds of edits."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import article_edits as edits
from benchmarks.article_edits import Case, Draft
from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.article import Span, passage_at

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    Edit = Callable[[random.Random, Draft], Draft | None]
    Maker = Callable[[str, Span, random.Random], Case | None]


def articles() -> dict[str, str]:
    """The lessons of the program, and texts in other scripts and with sentences that resemble each other."""
    files = sorted(content_folder("annotations").glob("*/article.md"))
    files += sorted((Path(__file__).parent / "articles").glob("*.md"))
    named = {(file.parent.name if file.stem == "article" else file.stem): file for file in files}
    return {name: unicodedata.normalize("NFC", file.read_text(encoding="utf-8")) for name, file in named.items()}


def stretches(text: str, rng: random.Random) -> list[Span]:
    """What an educator may link: every sentence, and of each some words in a row and two words."""
    found = []
    for start, end in edits.sentences(text):
        found.append(Span(start, end))
        words = [(start + m.start(), start + m.end()) for m in re.finditer(r"\S+", text[start:end])]
        for count in (rng.randint(3, 6), 2):
            if len(words) > count:
                first = rng.randrange(len(words) - count)
                found.append(Span(words[first][0], words[first + count - 1][1]))
    return [passage_span(text, span) for span in found]


def passage_span(text: str, span: Span) -> Span:
    passage = passage_at(text, span.start, span.end)
    return Span(passage.start, passage.end)


def edited(edit: Edit) -> Maker:
    def make(text: str, span: Span, rng: random.Random) -> Case | None:
        draft = edit(rng, Draft(text, span.start, span.end))
        return Case(text, span, draft.text, passage_span(draft.text, Span(draft.start, draft.end))) if draft else None

    return make


def mended(text: str, span: Span, rng: random.Random) -> Case | None:
    draft = edits.mistyped(rng, Draft(text, span.start, span.end))
    return Case(draft.text, Span(draft.start, draft.end), text, span) if draft else None


def lettered(change: Callable[[str], str], *, back: bool = False) -> Maker:
    def make(text: str, span: Span, _rng: random.Random) -> Case:
        draft = edits.each_letter(text, span, change)
        there = Span(draft.start, draft.end)
        return Case(draft.text, there, text, span) if back else Case(text, span, draft.text, there)

    return make


def deleted(text: str, span: Span, _rng: random.Random) -> Case:
    return Case(text, span, edits.without(Draft(text, span.start, span.end)), None)


def deleted_with_paragraph(text: str, span: Span, _rng: random.Random) -> Case | None:
    home = next(((a, b) for a, b in edits.paragraphs(text) if a <= span.start and span.end <= b), None)
    return home and Case(text, span, edits.without(Draft(text, *home)), None)


def replaced(text: str, span: Span, rng: random.Random) -> Case:
    return Case(text, span, text[: span.start] + rng.choice(edits.SENTENCES) + text[span.end :], None)


def beside_a_copy(*, exact: bool, near: bool, then: Edit | None) -> Maker:
    """The article has the same or a similar sentence elsewhere or right beside; then ours is deleted or edited."""

    def make(text: str, span: Span, rng: random.Random) -> Case | None:
        words = text[span.start : span.end]
        copy = words if exact else edits.near_copy(rng, words)
        places = list(edits.insert_places(text, Draft(text, span.start, span.end), beside=near))
        if copy is None or not places or len(words) < 25:
            return None
        at = rng.choice(places)
        draft = Draft(text, span.start, span.end).put(at, at, f"{copy} " if at == span.start else f" {copy}")
        if at == span.start:
            draft = Draft(draft.text, span.start + len(copy) + 1, span.end + len(copy) + 1)
        old = Span(draft.start, draft.end)
        if then is None:
            return Case(draft.text, old, edits.without(draft), None)
        after = then(rng, draft)
        return Case(draft.text, old, after.text, Span(after.start, after.end)) if after else None

    return make


def kinds() -> dict[str, Maker]:
    """Each kind of edit, by its name in the table."""
    e = edits
    return {
        "paragraphs inserted before": edited(e.inserted_before),
        "words inserted in it": edited(e.inserted_inside),
        "words inserted beside it": edited(e.inserted_beside),
        "a word deleted in it": edited(e.deleted_inside),
        "one word in six reworded": edited(e.reworded),
        "one word in three reworded": edited(e.reworded_much),
        "typos made, in it and beside": edited(e.mistyped),
        "typos mended, in it and beside": mended,
        "sentence split": edited(e.sentence_split),
        "sentences joined": edited(e.sentence_joined),
        "a word set bold": edited(e.bold),
        "emoji inserted in it": edited(e.emoji),
        "five edits at once": edited(e.many_edits),
        "its paragraph moved": edited(e.moved),
        "all paragraphs in another order": edited(lambda rng, draft: e.moved(rng, draft, all_of_them=True)),
        "it alone moved to another paragraph": edited(e.moved_alone),
        "its paragraph moved, a word in six reworded": edited(moved_and_reworded),
        "wrapped anew": edited(e.rewrapped),
        **{name: lettered(change) for name, change in e.LETTERS.items()},
        "letters put together (NFC)": lettered(e.LETTERS["letters taken apart (NFD)"], back=True),
        "same sentence elsewhere; words inserted in ours": beside_a_copy(
            exact=True, near=False, then=e.inserted_inside
        ),
        "same sentence elsewhere; edits beside ours": beside_a_copy(exact=True, near=False, then=shifted),
        "same sentence right beside; paragraphs before": beside_a_copy(exact=True, near=True, then=e.inserted_before),
        "similar sentence beside; ours reworded": beside_a_copy(exact=False, near=True, then=e.reworded),
        "similar sentence elsewhere; ours reworded": beside_a_copy(exact=False, near=False, then=e.reworded),
        "deleted": deleted,
        "deleted with its paragraph": deleted_with_paragraph,
        "another sentence in its place": replaced,
        "deleted; similar sentence beside stays": beside_a_copy(exact=False, near=True, then=None),
        "deleted; similar sentence elsewhere stays": beside_a_copy(exact=False, near=False, then=None),
        "deleted; same sentence elsewhere stays": beside_a_copy(exact=True, near=False, then=None),
    }


def moved_and_reworded(rng: random.Random, draft: Draft) -> Draft | None:
    found = edits.moved(rng, draft)
    return edits.reworded(rng, found) if found else None


def shifted(rng: random.Random, draft: Draft) -> Draft | None:
    found = edits.inserted_beside(rng, draft)
    return edits.inserted_before(rng, found) if found else None
