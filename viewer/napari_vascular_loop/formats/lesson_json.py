"""lesson.json: what a lesson is called, who made it, which volumes it has and how to know them."""

from __future__ import annotations

from typing import Any

import msgspec

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.fingerprint import Fingerprint
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.formats.json_text import SCHEMA_VERSION, parse, render, typed
from napari_vascular_loop.formats.migrations import migrated

_Row = tuple[float, float, float, float]


class _Fingerprint(msgspec.Struct, rename="camel"):
    shape: tuple[int, int, int]
    voxel_to_ras: tuple[_Row, _Row, _Row, _Row]
    voxels_sha256: str | None = None
    frame_of_reference_uid: str | None = None


class _Volume(msgspec.Struct, rename="camel"):
    id: str
    title: str = ""
    file: str | None = None
    catalogue: str | None = None
    fingerprints: list[_Fingerprint] = msgspec.field(default_factory=list)
    window: tuple[float, float] | None = None
    licence: str = ""
    credit: str = ""
    synthetic: bool = False


class _Person(msgspec.Struct):
    name: str


class _Lesson(msgspec.Struct, rename="camel"):
    title: str
    volumes: list[_Volume]
    id: str = ""
    authors: list[_Person] = msgspec.field(default_factory=list)
    language: str = "en"
    licence: str = ""
    credit: str = ""
    notice: str = ""


def decode(data: bytes, name: str = "lesson.json") -> Lesson:
    """Read the description of a lesson; article and annotations are still empty.

    Raises
    ------
    LessonError
        Naming the file, the member and the value that is wrong.
    """
    document = parse(data, name)
    document = migrated(document, "lesson", name)
    read = typed(document, _Lesson, name)
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
        foreign=document,
    )


def encode(lesson: Lesson) -> bytes:
    """Write the description of a lesson that has not been on disk yet."""
    return render(
        {
            "schemaVersion": SCHEMA_VERSION,
            "id": lesson.id,
            "title": lesson.title,
            "language": lesson.language,
            "authors": [{"name": name} for name in lesson.authors],
            "licence": lesson.licence,
            "credit": lesson.credit,
            "notice": lesson.notice,
            "volumes": [_volume_entry(volume) for volume in lesson.volumes],
            "questions": [],
        }
    )


def _volume(read: _Volume, raw: dict[str, Any], where: str) -> LessonVolume:
    if (read.file is None) == (read.catalogue is None):
        raise LessonError(
            f"{where}: it needs either 'file' or 'catalogue', so that the volume {read.id!r} can be found"
        )
    if read.file is not None and "\0" in read.file:
        raise LessonError(f"{where}, file: it is no path: {read.file!r}")
    if read.window is not None and read.window[0] >= read.window[1]:
        raise LessonError(f"{where}, window: the low end must be below the high end, got {list(read.window)}")
    return LessonVolume(
        id=read.id,
        title=read.title,
        file=read.file,
        catalogue_id=read.catalogue,
        fingerprints=tuple(
            Fingerprint(f.voxels_sha256, f.shape, f.voxel_to_ras, f.frame_of_reference_uid) for f in read.fingerprints
        ),
        window=read.window,
        licence=read.licence,
        credit=read.credit,
        synthetic=read.synthetic,
        foreign=raw,
    )


def _volume_entry(volume: LessonVolume) -> dict[str, Any]:
    place = {"file": volume.file} if volume.file else {"catalogue": volume.catalogue_id}
    return {
        "id": volume.id,
        "title": volume.title,
        **place,
        "licence": volume.licence,
        "credit": volume.credit,
        "synthetic": volume.synthetic,
        "window": list(volume.window) if volume.window else None,
        "fingerprints": [
            {
                "voxelsSha256": f.voxels_sha256,
                "shape": list(f.shape),
                "voxelToRas": [list(row) for row in f.voxel_to_ras],
                "frameOfReferenceUid": f.frame_of_reference_uid,
            }
            for f in volume.fingerprints
        ],
    }
