"""Compute the lesson on the synthetic head anew: python scripts/make_phantom_lesson.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from phantom_article import ARTICLE, IMAGING, OBJECTIVES, QUESTIONS, QUOTES
from phantom_marks import marks_of_the_lesson

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.question import Question, QuestionKind
from napari_vascular_loop.formats import lesson_json
from napari_vascular_loop.formats.lesson_folder import LESSON_FILE, new_lesson_files
from napari_vascular_loop.samples.computed import computed_volume
from napari_vascular_loop.samples.cpa_anatomy import Compression
from napari_vascular_loop.samples.cpa_scan import WINDOWS, Sequence

NAME = "contact-indentation-deviation"
AUTHOR = "The napari-vascular-loop developers"
CREDIT = "napari-vascular-loop, computed"
WHEN = datetime(2026, 11, 25, tzinfo=UTC)
KINDS = {Sequence.CISS: "CISS", Sequence.TOF: "TOF"}


def iri(what: str) -> str:
    """Give a mark's id, the same each time."""
    return uuid5(NAMESPACE_URL, f"napari-vascular-loop/{NAME}/{what}").urn


def volume_entry(compression: Compression, sequence: Sequence) -> LessonVolume:
    """Describe one of the six scans, with its fingerprint."""
    return LessonVolume(
        id=f"{compression.value}-{sequence.value}",
        title=f"SYNTHETIC {compression.value}, {KINDS[sequence]}",
        catalogue_id=f"synthetic-cpa-{compression.value}-{sequence.value}",
        fingerprints=(computed_volume(f"cpa/{compression.value}/{sequence.value}").fingerprint,),
        window=WINDOWS[sequence],
        licence="BSD-3-Clause",
        credit=CREDIT,
        synthetic=True,
    )


def main() -> None:
    """Write the three files of the lesson."""
    annotations = []
    used = set()
    for key, mark in marks_of_the_lesson().items():
        passages = []
        for quote in (quote for quote, keys in QUOTES.items() if key in keys):
            start = ARTICLE.index(quote)
            passages.append(passage_at(ARTICLE, start, start + len(quote)))
        used.add(key)
        annotations.append(
            replace(mark, id=iri(key), author=AUTHOR, created=WHEN, modified=WHEN, passages=tuple(passages))
        )
    if unknown := {key for keys in QUOTES.values() for key in keys} - used:
        raise SystemExit(f"passages name marks that there are not: {sorted(unknown)}")
    lesson = Lesson(
        id=NAME,
        title="Contact, indentation, deviation (SYNTHETIC head)",
        authors=(AUTHOR,),
        licence="CC-BY-4.0",
        credit="Text, marks and computed images: the napari-vascular-loop developers",
        notice="SYNTHETIC: all images of this lesson were computed. They are not images of a person.",
        objectives=OBJECTIVES,
        minutes=30,
        audience="for medical students and residents who know the cranial nerves by name",
        imaging=IMAGING,
        article=ARTICLE,
        annotations=tuple(annotations),
        volumes=tuple(volume_entry(compression, sequence) for compression in Compression for sequence in Sequence),
    )
    questions = [
        Question(f"q{number}", QuestionKind(kind), iri(key), prompt, asks_side=asks_side)
        for number, (kind, key, prompt, asks_side) in enumerate(QUESTIONS, start=1)
    ]
    folder = content_folder("annotations") / NAME
    folder.mkdir(exist_ok=True)
    files = {**new_lesson_files(lesson), LESSON_FILE: lesson_json.encode(lesson, questions)}
    for name, data in files.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
