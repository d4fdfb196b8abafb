"""Opening and writing annotations: ours against json with jsonschema, and against pydantic.

The marks are of every kind, each with a label, a note, a structure, a passage and a member of another program.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import jsonschema
import pydantic

from benchmarks import scans
from benchmarks.memory import _resident_mib
from benchmarks.row import Bar, Row, ahead, at_most, rows_of
from benchmarks.timing import medians_ms
from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Geometry, Grade, Path, Point, Region, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.formats.annotations.web_annotation import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path as FilePath

OURS = "decode: members checked, annotations made (ours)"
PARSED = "json.loads, nothing checked"
JSONSCHEMA = "json.loads, jsonschema"
JSONSCHEMA_OF_SOME = "json.loads, jsonschema (reckoned from 500)"
PYDANTIC = "pydantic, members kept"
ONE_CHANGED = "encode, one changed (ours)"
ALL_ANEW = "encode, all changed (ours)"
JSON_INDENTED = "json.dumps, indent 2"
PYDANTIC_OUT = "pydantic, indent 2"

FEW, MANY = 10_000, 100_000
SCHEMA_SOME = 500
_MIB = 1 << 20
_ABOVE_MIB = 100
_SEED = 8
_SENTENCE = "a loop of the anterior inferior cerebellar artery touches the facial nerve where it leaves the pons"
_WORDS = _SENTENCE.split()
_TIME = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def run(rounds: int) -> list[Row]:
    return [*_opening(rounds), *_writing(rounds), *_memory()]


def _opening(rounds: int) -> list[Row]:
    data = file_of(FEW).read_bytes()
    some = data_of(SCHEMA_SOME)
    contenders: dict[str, Callable[[], object]] = {
        OURS: partial(decode, data),
        PARSED: partial(json.loads, data),
        PYDANTIC: partial(Collection.model_validate_json, data),
        JSONSCHEMA_OF_SOME: partial(with_jsonschema, some),
    }
    assert len(decode(data)[0]) == len(Collection.model_validate_json(data).first.items) == FEW
    medians = medians_ms(contenders, rounds)
    medians[JSONSCHEMA] = medians.pop(JSONSCHEMA_OF_SOME) * FEW / SCHEMA_SOME
    what = f"annotations.json of {FEW:,} marks ({len(data) / _MIB:.0f} MiB), opened"
    bars: dict[str, Bar] = {OURS: at_most(400), JSONSCHEMA: ahead(30)}
    return rows_of(what, medians, OURS, bars)


def _writing(rounds: int) -> list[Row]:
    annotations, foreign = decode(data_of(FEW))
    encode(annotations, foreign)
    document = json.loads(data_of(FEW))
    model = Collection.model_validate(document)
    turn = 0

    def one_changed() -> bytes:
        nonlocal annotations, turn
        turn += 1
        at = turn * 37 % FEW
        changed = replace(annotations[at], label=f"changed {turn}")
        annotations = (*annotations[:at], changed, *annotations[at + 1 :])
        return encode(annotations, foreign)

    contenders: dict[str, Callable[[], object]] = {
        ONE_CHANGED: one_changed,
        ALL_ANEW: lambda: encode([replace(one) for one in annotations], foreign),
        JSON_INDENTED: lambda: json.dumps(document, ensure_ascii=False, indent=2).encode(),
        PYDANTIC_OUT: lambda: model.model_dump_json(indent=2).encode(),
    }
    medians = medians_ms(contenders, rounds)
    what = f"annotations.json of {FEW:,} marks, written"
    return rows_of(what, medians, ONE_CHANGED, {JSON_INDENTED: ahead(10), PYDANTIC_OUT: ahead(2)})


def _memory() -> list[Row]:
    rows = []
    for count in (FEW, MANY):
        size = file_of(count).stat().st_size / _MIB
        what = f"memory at the peak of opening {count:,} marks: a file of {size:.0f} MiB"
        peaks = {who: _peak_mib(who, count) for who in (OURS, PARSED, PYDANTIC)}
        # The file's bytes themselves, once.
        bars = {OURS: at_most(round(size + _ABOVE_MIB))} if count == FEW else {}
        rows += [Row(what, who, mib, peaks[OURS], bars.get(who), "", "MiB") for who, mib in peaks.items()]
    return rows


# ------------------------------------------------------------------ files


def file_of(count: int) -> FilePath:
    """A file of so many marks; made once."""
    path = scans.FOLDER / f"annotations-{count}-{_SEED}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data_of(count))
    return path


def data_of(count: int) -> bytes:
    return encode(marks(count))


def marks(count: int) -> tuple[Annotation, ...]:
    """Twelve arrows, four points, three nerves and an outline in twenty."""
    rng = random.Random(_SEED)

    def said(words: int) -> str:
        return " ".join(rng.choice(_WORDS) for _ in range(words))

    def place() -> tuple[float, float, float]:
        return (round(rng.uniform(-90, 90), 3), round(rng.uniform(-120, 80), 3), round(rng.uniform(-70, 110), 3))

    def geometry(number: int) -> Geometry:
        kind = number % 20
        if kind < 12:
            return Arrow(place(), place())
        if kind < 16:
            return Point(place())
        return Path(tuple(place() for _ in range(8))) if kind < 19 else Region(tuple(place() for _ in range(24)))

    return tuple(
        Annotation(
            geometry(number),
            "tof",
            said(4),
            said(25),
            "aica",
            Side.LEFT,
            Grade.MODERATE if number % 3 == 0 else None,
            "A. Teacher",
            _TIME,
            _TIME,
            (Passage(said(8), said(5), said(5), number * 10, number * 10 + 40),),
            f"urn:uuid:{uuid.UUID(int=rng.getrandbits(128))}",
            foreign={"other:score": {"kept": [1, 2.5, "ü"]}},
        )
        for number in range(count)
    )


# ------------------------------------------------------------------ whom one would use instead


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = content_folder("annotations") / "schema" / "annotations.schema.json"
    return jsonschema.Draft202012Validator(json.loads(schema.read_text("utf-8")))


def with_jsonschema(data: bytes) -> Any:
    document = json.loads(data)
    validator().validate(document)
    return document


class _Open(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")


class TextSelector(_Open):
    type: str
    exact: str | None = None
    prefix: str = ""
    suffix: str = ""
    start: int | None = None
    end: int | None = None


class Body(_Open):
    type: str
    purpose: str | None = None
    value: str | None = None
    source: str | None = None
    selector: list[TextSelector] | None = None


Place = tuple[float, float, float]


class Selector(_Open):
    type: str
    coordinateSystem: str = "RAS"  # noqa: N815 - the file's own spelling
    unit: str = "mm"
    tail: Place | None = None
    tip: Place | None = None
    position: Place | None = None
    vertices: list[Place] | None = None


class Target(_Open):
    source: str
    selector: Selector


class Person(_Open):
    name: str = ""


class Item(_Open):
    id: str
    body: list[Body]
    target: Target
    creator: Person | None = None
    created: datetime | None = None
    modified: datetime | None = None
    laterality: Side | None = None
    compressionGrade: Grade | None = None  # noqa: N815 - the file's own spelling


class Page(_Open):
    items: list[Item]


class Collection(_Open):
    schemaVersion: str  # noqa: N815 - the file's own spelling
    first: Page


# ------------------------------------------------------------------ memory, in a process of its own


_OPENERS: dict[str, Callable[[bytes], object]] = {
    OURS: decode,
    PARSED: json.loads,
    PYDANTIC: lambda data: Collection.model_validate_json(data),
}


def _peak_mib(who: str, count: int) -> float:
    command = [sys.executable, "-m", "benchmarks.lessons", who, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return float(done.stdout.splitlines()[-1])


def _measure(who: str, count: int) -> float:
    path = file_of(count)
    _OPENERS[who](data_of(2))
    before = _resident_mib("VmRSS")
    opened = _OPENERS[who](path.read_bytes())
    peak = _resident_mib("VmHWM") - before
    del opened
    return peak


if __name__ == "__main__":
    print(_measure(sys.argv[1], int(sys.argv[2])))
