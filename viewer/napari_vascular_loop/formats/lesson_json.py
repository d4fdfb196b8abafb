"""lesson.json: what a lesson is called, who made it, its volumes and how to know them, its questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from napari_vascular_loop.domain.errors import AnnotationError, LessonError
from napari_vascular_loop.domain.fingerprint import Fingerprint
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.question import Question, QuestionKind
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.json_object import members_of
from napari_vascular_loop.formats.json_text import SCHEMA_VERSION, Matrix, parse, render, typed
from napari_vascular_loop.formats.migrations import migrated
from napari_vascular_loop.formats.registration_json import RegistrationEntry, registration_entry, registration_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Words = Annotated[str, msgspec.Meta(pattern=r"\S")]
_Count = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
_Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class _Fingerprint(msgspec.Struct, rename="camel"):
    shape: tuple[_Count, _Count, _Count]
    voxel_to_ras: Matrix
    voxels_sha256: _Sha256 | None = None
    frame_of_reference_uid: str | None = None


class _Volume(msgspec.Struct, rename="camel"):
    id: _Text
    title: str = ""
    file: _Text | None = None
    catalogue: _Text | None = None
    fingerprints: list[_Fingerprint] = msgspec.field(default_factory=list)
    window: tuple[float, float] | None = None
    licence: str = ""
    credit: str = ""
    synthetic: bool = False
    registration: RegistrationEntry | None = None


class _Person(msgspec.Struct):
    name: str


class _Question(msgspec.Struct, rename="camel"):
    id: _Text
    kind: QuestionKind
    annotation: _Text
    prompt: _Words
    tolerance_mm: Annotated[float, msgspec.Meta(gt=0)] | None = None
    language: str = ""
    ask_side: bool = False
    accepted: list[str] = msgspec.field(default_factory=list)


class _Lesson(msgspec.Struct, rename="camel"):
    title: str
    volumes: list[_Volume]
    id: str = ""
    authors: list[_Person] = msgspec.field(default_factory=list)
    language: str = "en"
    licence: str = ""
    credit: str = ""
    notice: str = ""
    objectives: list[_Words] = msgspec.field(default_factory=list)
    minutes: Annotated[int, msgspec.Meta(ge=1, le=2**31)] | None = None
    audience: str = ""
    imaging: list[_Words] = msgspec.field(default_factory=list)
    questions: list[_Question] = msgspec.field(default_factory=list)


_LEFT_OUT: tuple[Any, ...] = ("", None, False, [])
"""A member that says no more than this is not added to an entry that has none."""


def decode(data: bytes, name: str = "lesson.json") -> Lesson:
    """Read the description of a lesson; article and annotations are still empty.

    Raises
    ------
    LessonError
        Naming the file, the member and the value that is wrong.
    """
    document = migrated(parse(data, name), "lesson", name)
    read = typed(document, _Lesson, name)
    _refuse_same_ids([question.id for question in read.questions], f"{name}, questions")
    volumes = tuple(
        _volume(volume, raw, f"{name}, volumes[{number}]")
        for number, (volume, raw) in enumerate(zip(read.volumes, document["volumes"], strict=True))
    )
    return Lesson(
        title=read.title,
        volumes=volumes,
        id=read.id,
        authors=tuple(person.name for person in read.authors),
        language=read.language,
        licence=read.licence,
        credit=read.credit,
        notice=read.notice,
        objectives=tuple(read.objectives),
        minutes=read.minutes,
        audience=read.audience,
        imaging=tuple(read.imaging),
        foreign=document,
    )


def questions_of(lesson: Lesson, name: str = "lesson.json") -> tuple[Question, ...]:
    """Read the questions of a lesson that has been decoded, in the order in which they are asked.

    Raises
    ------
    LessonError
        Naming the file, the question and the value that is wrong.
    """
    raws = lesson.foreign.get("questions", [])
    reads = typed(raws, list[_Question], f"{name}, questions")
    try:
        return tuple(
            Question(
                id=read.id,
                kind=read.kind,
                annotation_id=read.annotation,
                prompt=read.prompt,
                tolerance_mm=read.tolerance_mm,
                language=read.language,
                asks_side=read.ask_side,
                accepted=tuple(read.accepted),
                foreign=raw,
            )
            for read, raw in zip(reads, raws, strict=True)
        )
    except AnnotationError as error:
        raise LessonError(f"{name}, questions: {error}") from error


def encode(lesson: Lesson, questions: Sequence[Question] | None = None) -> bytes:
    """Write the description of a lesson over what was read of it.

    Parameters
    ----------
    lesson : Lesson
        What `foreign` of it, its volumes and its questions holds besides is kept.
    questions : sequence of Question, optional
        Instead of those that were read.
    """
    old = members_of(lesson.foreign)
    new = {
        "schemaVersion": old.get("schemaVersion", SCHEMA_VERSION),
        "id": lesson.id,
        "title": lesson.title,
        "language": lesson.language,
        "authors": _authors(lesson.authors, old.get("authors")),
        "licence": lesson.licence,
        "credit": lesson.credit,
        "notice": lesson.notice,
        "objectives": list(lesson.objectives),
        "minutes": lesson.minutes,
        "audience": lesson.audience,
        "imaging": list(lesson.imaging),
        "volumes": [_volume_entry(volume) for volume in lesson.volumes],
        "questions": old.get("questions", []) if questions is None else question_entries(questions),
    }
    return render(_over(old, new))


def question_entries(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Make the member `questions` of lesson.json: each over what was read of it."""
    return [_question_entry(question) for question in questions]


def _refuse_same_ids(ids: list[str], where: str) -> None:
    numbers: dict[str, int] = {}
    for number, one in enumerate(ids):
        if numbers.setdefault(one, number) != number:
            raise LessonError(
                f"{where}[{number}], id ({shown(one)}) is that of number {numbers[one]} too; give one of them another"
            )


def _volume(read: _Volume, raw: dict[str, Any], where: str) -> LessonVolume:
    if (read.file is None) == (read.catalogue is None):
        raise LessonError(
            f"{where}: it needs either 'file' or 'catalogue', so that the volume {shown(read.id)!r} can be found"
        )
    if read.file is not None and "\0" in read.file:
        raise LessonError(f"{where}, file: it is no path: {shown(repr(read.file))}")
    if read.window is not None and read.window[0] >= read.window[1]:
        raise LessonError(f"{where}, window: the low end must be below the high end, got {list(read.window)}")
    return LessonVolume(
        id=read.id,
        title=read.title,
        file=read.file,
        catalogue_id=read.catalogue,
        fingerprints=tuple(map(_fingerprint, read.fingerprints)),
        window=read.window,
        licence=read.licence,
        credit=read.credit,
        synthetic=read.synthetic,
        registration=registration_of(read.registration, f"{where}, registration") if read.registration else None,
        foreign=raw,
    )


def _fingerprint(read: _Fingerprint) -> Fingerprint:
    return Fingerprint(read.voxels_sha256, read.shape, read.voxel_to_ras, read.frame_of_reference_uid)


def _over(old: Mapping[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Put new members over old ones, which keep their order and, where they say the same, their spelling."""
    if not old:
        return new
    return {**old, **{k: v for k, v in new.items() if (not _is_same(old[k], v) if k in old else v not in _LEFT_OUT)}}


def _is_same(old: Any, new: Any) -> bool:
    """Whether two values are one; of a whole number too, that no float holds exactly."""
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_is_same, old, new))
    return bool(old == new or (isinstance(old, int) and isinstance(new, float) and float(old) == new))


def _authors(names: Sequence[str], old: Any) -> list[dict[str, Any]]:
    """Name the authors; what else is told of one stays with the name."""
    known = list(old) if isinstance(old, list) else []
    authors = []
    for name in names:
        at = next((number for number, person in enumerate(known) if person["name"] == name), None)
        authors.append({"name": name} if at is None else known.pop(at))
    return authors


def _volume_entry(volume: LessonVolume) -> dict[str, Any]:
    old = members_of(volume.foreign)
    place = {"file": volume.file} if volume.file else {"catalogue": volume.catalogue_id}
    known = [(_fingerprint(msgspec.convert(raw, _Fingerprint)), raw) for raw in old.get("fingerprints", [])]
    new = {
        "id": volume.id,
        "title": volume.title,
        **place,
        "licence": volume.licence,
        "credit": volume.credit,
        "synthetic": volume.synthetic,
        "window": list(volume.window) if volume.window else None,
        "registration": registration_entry(volume.registration) if volume.registration is not None else None,
        "fingerprints": [
            next((raw for read, raw in known if read == fingerprint), _fingerprint_entry(fingerprint))
            for fingerprint in volume.fingerprints
        ],
    }
    kept = {k: v for k, v in old.items() if k not in ("file", "catalogue") or k in place}
    return _over(kept, new)


def _fingerprint_entry(fingerprint: Fingerprint) -> dict[str, Any]:
    return {
        "voxelsSha256": fingerprint.voxels_sha256,
        "shape": list(fingerprint.shape),
        "voxelToRas": [list(row) for row in fingerprint.voxel_to_ras],
        "frameOfReferenceUid": fingerprint.frame_of_reference_uid,
    }


def _question_entry(question: Question) -> dict[str, Any]:
    old = members_of(question.foreign) or {"id": question.id}
    new = {
        "id": question.id,
        "kind": question.kind.value,
        "annotation": question.annotation_id,
        "prompt": question.prompt,
        "toleranceMm": question.tolerance_mm,
        "language": question.language,
        "askSide": question.asks_side,
        "accepted": list(question.accepted),
    }
    return _over(old, new)
