"""Two levels of reading: the article, and beside it the same in plain words, tied to the same marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.anchoring import find_passages
from napari_vascular_loop.domain.lesson import FoundPassage
from napari_vascular_loop.formats.markdown import parse_markdown
from napari_vascular_loop.formats.plain_article import PLAIN_FILE, plain_passages, read_plain_article

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.article import Span
    from napari_vascular_loop.store import LessonStore


class PlainLevel:
    """The plain article of a lesson.

    Parameters
    ----------
    text : str
        Its source.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._sought: tuple[Annotation, ...] | None = None
        self._found: tuple[FoundPassage, ...] = ()

    def passages(self, annotations: tuple[Annotation, ...]) -> tuple[FoundPassage, ...]:
        """Every link of marks to the plain article, and where its words stand, in reading order, orphans last."""
        if self._sought is not annotations:
            links = [(mark.id, passage) for mark in annotations for passage in plain_passages(mark)]
            anchors = find_passages(self.text, [passage for _, passage in links])
            found = (FoundPassage(id_, passage, at) for (id_, passage), at in zip(links, anchors, strict=True))
            self._sought, self._found = annotations, tuple(sorted(found, key=_place))
        return self._found

    def counterpart(self, store: LessonStore, span: Span) -> Span | None:
        """Where the plain article says what stands at a passage of the article; None where it does not.

        The passages of a mark follow each other in both alike.
        """
        plain = self.passages(store.annotations)
        for annotation_id in [one.annotation_id for one in store.passages() if one.span == span]:
            number = _spans_of(annotation_id, store.passages()).index(span)
            spans = _spans_of(annotation_id, plain)
            if number < len(spans):
                return spans[number]
        return None


def plain_level_of(store: LessonStore) -> PlainLevel | None:
    """Read the plain article of a lesson; None where it has none.

    Raises
    ------
    LessonError
        If it can't be read.
    """
    text = read_plain_article(store.folder) if store.folder is not None else None
    return None if text is None else PlainLevel(text)


def level_problems(store: LessonStore) -> Iterator[tuple[str, str | None]]:
    """Say how the two levels of a lesson do not agree; nothing of a lesson that has one.

    Yields
    ------
    words : str
        A sentence.
    annotation_id : str or None
        The mark that it is about.

    Raises
    ------
    LessonError
        If the plain article can't be read.
    """
    level = plain_level_of(store)
    if level is None:
        return
    article = store.lesson.article
    here, there = _headings(article), _headings(level.text)
    if [words for _, words in here] != [words for _, words in there]:
        pairs = zip([*here, (0, "no heading")], [*there, (0, "no heading")], strict=False)
        one, other = next((a, b) for (_, a), (_, b) in pairs if a != b)
        yield f"{PLAIN_FILE} has other headings than article.md: {other!r} where {one!r} is expected", None
    plain = level.passages(store.annotations)
    for mark in store.annotations:
        orphans = [one.passage.exact for one in plain if one.annotation_id == mark.id and one.is_orphan]
        for words in orphans:
            yield f"{mark.title!r} is linked to words that are not in {PLAIN_FILE}: {words!r}", mark.id
        spans, counterparts = _spans_of(mark.id, store.passages()), _spans_of(mark.id, plain)
        if len(mark.passages) != len(plain_passages(mark)):
            counts = f"{len(mark.passages)} passages of article.md and to {len(plain_passages(mark))} of {PLAIN_FILE}"
            yield f"{mark.title!r} is linked to {counts}; both levels need the same", mark.id
        elif not orphans and [_section(here, at) for at in spans] != [_section(there, at) for at in counterparts]:
            yield (
                f"{mark.title!r} is linked to passages under other headings in {PLAIN_FILE} than in article.md",
                mark.id,
            )


def _place(found: FoundPassage) -> tuple[bool, int, int]:
    return (False, found.span.start, found.span.end) if found.span is not None else (True, 0, 0)


def _spans_of(annotation_id: str, passages: Iterable[FoundPassage]) -> list[Span]:
    return [one.span for one in passages if one.annotation_id == annotation_id and one.span is not None]


def _headings(source: str) -> list[tuple[int, str]]:
    """Where each heading of an article begins, and its level and words, such as "## Causes"."""
    return [
        (block.runs[0].start, f"{'#' * block.level} {''.join(run.text for run in block.runs)}")
        for block in parse_markdown(source)
        if block.kind == "heading" and block.runs
    ]


def _section(headings: list[tuple[int, str]], span: Span) -> int:
    """Number of the heading under which a passage stands."""
    return sum(start <= span.start for start, _ in headings)
