"""Results of study: what one student answered in one lesson, and the results of many gathered in one file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from napari_vascular_loop.domain.answer import Answer, OwnMark, StudyResults
from napari_vascular_loop.domain.errors import AnnotationError, GeometryError, LessonError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.json_object import members_of
from napari_vascular_loop.formats.json_text import SCHEMA_VERSION, parse, render, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULTS, GATHERED = "StudyResults", "GatheredResults"

_Place = tuple[float, float, float]
_Id = Annotated[str, msgspec.Meta(min_length=1)]


class _Answer(msgspec.Struct, rename="camel"):
    question: _Id
    annotation: _Id
    kind: str
    verdict: str
    at: str
    prompt: str = ""
    wanted: str = ""
    given: str = ""
    side: str | None = None
    place_ras_mm: _Place | None = None
    distance_mm: float | None = None
    seconds: float | None = None


class _OwnMark(msgspec.Struct, rename="camel"):
    place_ras_mm: _Place
    volume: str
    label: str = ""


class _Results(msgspec.Struct, rename="camel"):
    lesson: _Id
    lesson_title: str = ""
    student: str = ""
    answers: list[_Answer] = msgspec.field(default_factory=list)
    own_marks: list[_OwnMark] = msgspec.field(default_factory=list)


def decode(data: bytes, name: str) -> tuple[StudyResults, ...]:
    """Read a student's results, or all of a file of gathered ones.

    Raises
    ------
    LessonError
        Naming the file, the member and the value that is wrong.
    """
    document = parse(data, name)
    _refuse_newer(document, name)
    kind = document.get("type")
    if kind == RESULTS:
        return (_results(document, name),)
    if kind == GATHERED:
        parts = typed(document.get("results"), list[dict[str, Any]], f"{name}, results")
        return tuple(_results(part, f"{name}, results[{number}]") for number, part in enumerate(parts))
    raise LessonError(f"{name} is no file of study results: its type is {shown(kind)}, not {RESULTS} or {GATHERED}")


def encode(results: StudyResults) -> bytes:
    """Write a student's results."""
    return render(_document(results))


def encode_gathered(results: Sequence[StudyResults], questions: Sequence[dict[str, Any]]) -> bytes:
    """Write the results of many students, with a summary of each question."""
    return render(
        {
            "schemaVersion": SCHEMA_VERSION,
            "type": GATHERED,
            "questions": list(questions),
            "results": [_document(one) for one in results],
        }
    )


def _refuse_newer(document: dict[str, Any], name: str) -> None:
    version = document.get("schemaVersion", SCHEMA_VERSION)
    if not isinstance(version, str) or version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise LessonError(
            f"{name}: its schemaVersion is {shown(version)}, this program reads {SCHEMA_VERSION}; update it"
        )


def _results(document: dict[str, Any], where: str) -> StudyResults:
    read = typed(document, _Results, where)
    raws = document.get("answers", [])
    try:
        return StudyResults(
            read.lesson,
            read.lesson_title,
            read.student,
            tuple(_answer(one, raw) for one, raw in zip(read.answers, raws, strict=True)),
            tuple(OwnMark(one.place_ras_mm, one.volume, one.label) for one in read.own_marks),
            document,
        )
    except (AnnotationError, GeometryError, ValueError) as error:
        raise LessonError(f"{where}: {error}") from error


def _answer(read: _Answer, raw: dict[str, Any]) -> Answer:
    return Answer(
        read.question,
        read.annotation,
        read.kind,  # type: ignore[arg-type]  # checked by Answer
        read.verdict,  # type: ignore[arg-type]
        _time(read.at),
        read.prompt,
        read.wanted,
        read.given,
        read.side,  # type: ignore[arg-type]
        read.place_ras_mm,
        read.distance_mm,
        read.seconds,
        raw,
    )


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"an answer's time is {shown(text)}, which is none; it is written as 2026-03-04T05:06:07Z"
        ) from error


def _document(results: StudyResults) -> dict[str, Any]:
    return {
        **members_of(results.foreign),
        "schemaVersion": SCHEMA_VERSION,
        "type": RESULTS,
        "lesson": results.lesson_id,
        "lessonTitle": results.lesson_title,
        "student": results.student,
        "answers": [_entry(answer) for answer in results.answers],
        "ownMarks": [
            {"placeRasMm": list(mark.place_ras_mm), "volume": mark.volume_id, "label": mark.label}
            for mark in results.own_marks
        ],
    }


def _entry(answer: Answer) -> dict[str, Any]:
    members = {
        "question": answer.question_id,
        "annotation": answer.annotation_id,
        "kind": answer.kind.value,
        "verdict": answer.verdict.value,
        "at": answer.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "prompt": answer.prompt,
        "wanted": answer.wanted,
        "given": answer.given,
        "side": answer.side.value if answer.side else None,
        "placeRasMm": [round(v, 2) for v in answer.place_ras_mm] if answer.place_ras_mm else None,
        "distanceMm": None if answer.distance_mm is None else round(answer.distance_mm, 2),
        "seconds": None if answer.seconds is None else round(answer.seconds, 1),
    }
    kept = members_of(answer.foreign)
    return {**kept, **{name: value for name, value in members.items() if value not in ("", None) or name in kept}}
