"""Find what is wrong in a lesson, and what it still lacks, before students do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.errors import LessonError, SampleUnavailableError, VascularLoopError
from napari_vascular_loop.formats.lesson_folder import LessonFolder
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.formats.plain_article import PLAIN_FILE
from napari_vascular_loop.imaging_part import untied_paragraphs
from napari_vascular_loop.lessons import lesson_volume
from napari_vascular_loop.reading_levels import level_problems, plain_level_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore

_MIDLINE_MM = 3.0


@dataclass(frozen=True)
class Remark:
    """One thing that a check found.

    Parameters
    ----------
    words : str
        A sentence.
    is_problem : bool
        Whether it must be mended; else it is worth a look.
    annotation_id : str or None
        The mark that it is about.
    question_id : str or None
        The teacher's question that it is about.
    """

    words: str
    is_problem: bool = False
    annotation_id: str | None = None
    question_id: str | None = None


@dataclass(frozen=True)
class LessonReport:
    """What a check found.

    Parameters
    ----------
    problems : tuple of str
        What must be mended.
    notes : tuple of str
        What could not be checked here, or is worth a look.
    """

    problems: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"problems": list(self.problems), "notes": list(self.notes)}


def check_lesson(store: LessonStore) -> LessonReport:
    """Check links, labels, sides and volumes of a lesson that could be opened; its volumes are read."""
    remarks = [*remarks_on(store), *_remarks_on_volumes(store)]
    return LessonReport(
        tuple(one.words for one in remarks if one.is_problem), tuple(one.words for one in remarks if not one.is_problem)
    )


def remarks_on(store: LessonStore, volume: Volume | None = None) -> tuple[Remark, ...]:
    """Say what a lesson lacks, without reading its volumes: quick enough to be asked after each edit.

    Parameters
    ----------
    store : LessonStore
        The lesson.
    volume : Volume, optional
        The one of its volumes that is shown.
    """
    lesson = store.lesson
    remarks = [
        *_on_links(store),
        *_on_levels(store),
        *_on_marks(lesson),
        *_on_questions(lesson),
        *_on_the_whole(lesson),
        *_on_students(lesson, ships=_ships(store)),
        *_on_imaging(store),
    ]
    if volume is not None and not volume.provenance.orientation_known:
        remarks.append(Remark("The volume's file does not say which side is left: no side can be taught on it"))
    return (*remarks, *_on_privacy(store))


def _on_links(store: LessonStore) -> Iterator[Remark]:
    lesson = store.lesson
    marks = {annotation.id: annotation for annotation in lesson.annotations}
    for found in store.passages():
        if found.is_orphan:
            title = marks[found.annotation_id].title
            words = f"{title!r} is linked to words that are not in the article: {found.passage.exact!r}"
            yield Remark(words, is_problem=True, annotation_id=found.annotation_id)


def _on_levels(store: LessonStore) -> Iterator[Remark]:
    """Whether the article in plain words, if there is one, has the same headings and passages."""
    try:
        for words, annotation_id in level_problems(store):
            yield Remark(words, is_problem=True, annotation_id=annotation_id)
    except LessonError as error:
        yield Remark(str(error), is_problem=True)


def _on_marks(lesson: Lesson) -> Iterator[Remark]:
    for number, annotation in enumerate(lesson.annotations, start=1):
        if not annotation.label.strip():
            yield Remark(f"mark {number}: {annotation.title}", is_problem=True, annotation_id=annotation.id)
        if not annotation.passages:
            yield Remark(f"{annotation.title!r} is linked to no passage", annotation_id=annotation.id)
        if not annotation.note.strip():
            yield Remark(f"{annotation.title!r} has no note", annotation_id=annotation.id)
        if not annotation.structure:
            words = f"{annotation.title!r} names no structure: students can't be asked for it"
            yield Remark(words, annotation_id=annotation.id)
        if (odd := _odd_side(annotation)) is not None:
            yield odd


def _on_questions(lesson: Lesson) -> Iterator[Remark]:
    ids = {annotation.id for annotation in lesson.annotations}
    for question in questions_of(lesson):
        if question.annotation_id not in ids:
            yield Remark(
                f"The mark that the question {question.prompt!r} is about is gone: choose another, or delete the "
                "question",
                is_problem=True,
                question_id=question.id,
            )


def _on_the_whole(lesson: Lesson) -> Iterator[Remark]:
    if not lesson.article.strip():
        yield Remark("The lesson has no article yet")
    if not lesson.annotations:
        yield Remark("The lesson has no marks yet")
    if not any(author.strip() for author in lesson.authors):
        yield Remark("The lesson names no author")
    if not lesson.licence.strip():
        yield Remark("The lesson has no licence: others don't know whether they may use it")
    if not lesson.credit.strip() and any(not volume.synthetic for volume in lesson.volumes):
        yield Remark("The lesson does not say whom its images are owed to (credit)")


def _on_students(lesson: Lesson, *, ships: bool) -> Iterator[Remark]:
    """What a student should know before he begins; a lesson that ships with the program must say all of it."""
    lacks = [
        (member, what)
        for member, what, is_said in (
            ("objectives", "what students can do when they have finished", any(map(str.strip, lesson.objectives))),
            ("minutes", "how long it takes", lesson.minutes is not None),
            ("audience", "for whom it is", bool(lesson.audience.strip())),
        )
        if not is_said
    ]
    if not lacks:
        return
    members, whats = (", ".join(some) for some in zip(*lacks, strict=True))
    yield Remark(f"The lesson does not say {whats} ({members} in lesson.json)", is_problem=ships)


def _on_imaging(store: LessonStore) -> Iterator[Remark]:
    """Whether each paragraph on the images, at both levels, is tied to a mark."""
    wanted = store.lesson.imaging
    if not wanted:
        return
    for words in untied_paragraphs(store.lesson.article, wanted, store.passages()):
        yield Remark(f"article.md, on the images: {words}", is_problem=True)
    try:
        plain = plain_level_of(store)
    except LessonError:
        return  # said of the levels
    if plain is not None:
        for words in untied_paragraphs(plain.text, wanted, plain.passages(store.annotations)):
            yield Remark(f"{PLAIN_FILE}, on the images: {words}", is_problem=True)


def _ships(store: LessonStore) -> bool:
    """Whether it is a lesson of the program's own, as it ships or in the author's checkout."""
    folder = store.folder
    return folder is not None and folder.resolve().parent == content_folder("annotations").resolve()


def _on_privacy(store: LessonStore) -> Iterator[Remark]:
    """What the headers of the volumes that travel with the lesson say beside the image; whom the lesson names."""
    # By the door through which a thread may be loading pydicom now: met half way, its modules would be half made.
    from napari_vascular_loop.formats.volumes import finding  # noqa: F401
    from napari_vascular_loop.formats.volumes.header_names import patient_tags, texts_in_header
    from napari_vascular_loop.privacy.gate import named_in

    for one in named_in(store.lesson, store.folder):
        yield Remark(
            f"There is {one.kind} in {one.where} that the scan's own header has, too: it would name the patient or "
            "the hospital",
            is_problem=True,
            annotation_id=one.annotation_id,
        )
    for entry in store.lesson.volumes:
        try:
            path = LessonFolder(store.folder).volume_path(entry) if store.folder is not None else None
        except LessonError:
            continue  # said when the volume is read
        if path is None:
            continue
        title = entry.title or entry.id
        if tags := patient_tags(path):
            yield Remark(
                f"The files of {title!r} hold data of a patient ({', '.join(tags)}): they would be passed on with the "
                "lesson; convert the volume, and make the lesson on that",
                is_problem=True,
            )
        if texts := texts_in_header(path):
            yield Remark(f"The file of {title!r} holds texts beside the image ({', '.join(texts)}): whose?")


def _remarks_on_volumes(store: LessonStore) -> Iterator[Remark]:
    lesson = store.lesson
    for entry in lesson.volumes:
        try:
            volume = lesson_volume(store, entry.id)
        except SampleUnavailableError as error:
            yield Remark(f"the volume {entry.id!r} could not be checked: {error}")
        except VascularLoopError as error:
            yield Remark(str(error), is_problem=True)
        else:
            for annotation in lesson.annotations:
                if annotation.volume_id == entry.id:
                    yield from _outside(annotation, volume)
            if remark := entry.remark(volume.fingerprint):
                yield Remark(remark)


def _outside(annotation: Annotation, volume: Volume) -> Iterator[Remark]:
    for place in annotation.geometry.vertices_ras_mm:
        if volume.grid.nearest_voxel(place) is None:
            words = f"{annotation.title!r} has a place outside the volume: {place}"
            yield Remark(words, is_problem=True, annotation_id=annotation.id)


def _odd_side(annotation: Annotation) -> Remark | None:
    """A side that does not agree with the place, where zero is the midline, as in MNI space."""
    x = annotation.geometry.anchor_ras_mm[0]
    said = annotation.side
    if not ((said is Side.LEFT and x > _MIDLINE_MM) or (said is Side.RIGHT and x < -_MIDLINE_MM)):
        return None
    side = "right" if x > 0 else "left"
    words = f"{annotation.title!r} is said to be {said.value}, but lies {side} of the origin"
    return Remark(words, annotation_id=annotation.id)
