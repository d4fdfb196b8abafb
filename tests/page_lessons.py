"""A lesson for pages: an oblique scan of an uneven grid, with a bright ball at the tip of each mark."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.anchoring import find_passages
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region, Side
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.lesson import FoundPassage, Lesson, LessonVolume
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.formats.lesson_folder import new_lesson_files
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.web.packed_volume import pack_volume
from napari_vascular_loop.web.page import ReadingLevel, page_html

if TYPE_CHECKING:
    from pathlib import Path as FilePath

TIP = (21.37, -24.51, -38.83)
OTHER_TIP = (-13.42, -26.19, -41.07)
PLACE = (3.0, 11.0, -15.5)
ARTICLE = (
    "# The lesson\n\nThe *right root* is here, and the left root there.\n\nThe artery loops.\n\nThe **point** is "
    "elsewhere.\n\n1. One\n2. Two\n   - inner\n3. Three\n\n![A view](view:root-r)\n"
)
PLAIN = "# The lesson\n\nHere the nerve begins.\n"


def tied(words: str, text: str = ARTICLE):
    start = text.index(words)
    return (passage_at(text, start, start + len(words)),)


ROOT_R = Annotation(
    Arrow((33, -20, -38), TIP), "head", "Root (R)", "Note on the root.", structure="facial-nerve-root", side=Side.RIGHT,
    passages=tied("*right root* is here"), id="root-r",
)  # fmt: skip
ROOT_L = Annotation(
    Arrow((-25, -20, -41), OTHER_TIP), "head", "Root (L)", structure="facial-nerve-root", side=Side.LEFT,
    passages=tied("left root there"), id="root-l",
)  # fmt: skip
LOOP = Annotation(
    Path(((-30, -10, -35), (-10, -10, -35), (-10, 5, -35))), "head", "Loop", structure="aica", side=Side.LEFT,
    passages=tied("The artery loops."), id="loop",
)  # fmt: skip
RULER = Annotation(Path(((0, 0, -20), (0, 12, -20))), "head", "Width", id="ruler")
REGION = Annotation(Region(((5, 0, -30), (15, 0, -30), (15, 10, -30), (5, 10, -30))), "head", "Pons", id="pons")
POINT = Annotation(Point(PLACE), "head", "Place", passages=tied("point"), id="point")
TEXT = Annotation(Point((-5, 8, -15.5), as_text=True), "head", "Words here", id="text")
MARKS = (ROOT_R, ROOT_L, LOOP, RULER, REGION, POINT, TEXT)


def scan(tilt_deg: tuple[float, float] = (9.0, -13.0)) -> Volume:
    """A grey box of about 120 mm with a ball of 1.5 mm at each of three places, on axes that run L, S, P."""
    x, y = np.radians(tilt_deg)
    turn_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    turn_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    axes = np.array([[-1, 0, 0], [0, 0, -1], [0, 1, 0]], dtype=float)
    matrix = np.eye(4)
    matrix[:3, :3] = turn_x @ turn_y @ axes @ np.diag((0.9, 1.1, 1.3))
    shape = (130, 110, 95)
    matrix[:3, 3] = np.array((2, -8, -28)) - matrix[:3, :3] @ ((np.array(shape) - 1) / 2)
    ras = np.moveaxis(np.indices(shape), 0, -1) @ matrix[:3, :3].T + matrix[:3, 3]
    voxels = np.full(shape, 200, dtype=np.int16)
    for place in (TIP, OTHER_TIP, PLACE):
        away = np.linalg.norm(ras - place, axis=-1)
        voxels = np.maximum(voxels, np.where(away < 4.5, 1000, 0)).astype(np.int16)
    return Volume(voxels, matrix, Provenance())


def lesson(volume: Volume, marks=MARKS, article: str = ARTICLE, **about) -> Lesson:
    entry = LessonVolume("head", "Head", file="x", window=(0, 1000), fingerprints=(volume.fingerprint,))
    options = {"title": "The lesson", "id": "lesson", "credit": "Somebody", "licence": "CC0", **about}
    return Lesson(volumes=(entry,), article=article, annotations=marks, **options)


def found(one: Lesson, marks=None) -> tuple[FoundPassage, ...]:
    links = [(mark.id, passage) for mark in marks or one.annotations for passage in mark.passages]
    anchors = find_passages(one.article, [passage for _, passage in links])
    return tuple(FoundPassage(id_, passage, at) for (id_, passage), at in zip(links, anchors, strict=True))


def html_of(one: Lesson, volume: Volume, *, crop_mm: float | None = 80.0, for_platform: bool = False) -> str:
    packed = pack_volume(volume, one.volumes[0], one.annotations, crop_mm=crop_mm)
    plain = replace(one, article=PLAIN)
    in_plain = [replace(one.annotations[0], passages=tied("Here the nerve begins.", PLAIN))] if one.annotations else []
    levels = [ReadingLevel("Advanced", one.article, found(one)), ReadingLevel("Plain", PLAIN, found(plain, in_plain))]
    return page_html(one, levels, [packed], for_platform=for_platform)


def write_page(path: FilePath, **options) -> FilePath:
    volume = scan()
    path.write_text(html_of(lesson(volume), volume, **options), encoding="utf-8")
    return path


def folder_of(
    folder: FilePath, *, marks=MARKS, article: str = ARTICLE, questions: list[dict] | None = None, **about
) -> FilePath:
    """Write such a lesson on disk, with its volume."""
    volume = scan()
    (folder / "volumes").mkdir(parents=True)
    write_nifti(volume, folder / "volumes" / "head.nii.gz")
    there = read_volumes(folder / "volumes" / "head.nii.gz")[0]
    one = lesson(volume, marks, article, **about)
    entry = replace(one.volumes[0], file="volumes/head.nii.gz", fingerprints=(there.fingerprint,))
    for name, data in new_lesson_files(replace(one, volumes=(entry,))).items():
        (folder / name).write_bytes(data)
    if questions:
        said = json.loads((folder / "lesson.json").read_text(encoding="utf-8"))
        (folder / "lesson.json").write_text(json.dumps({**said, "questions": questions}), encoding="utf-8")
    return folder
