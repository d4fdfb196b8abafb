"""The shipped files, and what the program writes, fit the published JSON Schemas; damaged ones don't."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Path, Point, Region, Side
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.formats.annotations import web_annotation

ANNOTATIONS = content_folder("annotations")
LESSONS = sorted(folder.parent.name for folder in ANNOTATIONS.glob("*/lesson.json"))


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((ANNOTATIONS / "schema" / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def load(*parts: str) -> Any:
    return json.loads(ANNOTATIONS.joinpath(*parts).read_text("utf-8"))


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("name", ["lesson", "annotations"])
def test_shipped_lessons_fit_the_schema(lesson: str, name: str) -> None:
    validator(name).validate(load(lesson, f"{name}.json"))


def test_catalogue_fits_the_schema() -> None:
    validator("catalogue").validate(json.loads((content_folder("sample_data") / "catalogue.json").read_text("utf-8")))


def test_every_kind_of_annotation_that_is_written_fits_the_schema() -> None:
    text = "A loop of the artery touches the nerve."
    geometries = (
        Arrow((1, 2, 3), (4, 5, 6)),
        Point((1, 2, 3)),
        Path(((0, 0, 0), (1, 1, 1))),
        Region(((0, 0, 0), (1, 0, 0), (0, 1, 0))),
    )
    annotations = tuple(
        Annotation(
            geometry,
            "tof",
            label="Loop",
            note="n",
            structure="aica",
            side=Side.LEFT,
            grade=Grade.MILD,
            author="A",
            passages=(passage_at(text, 2, 6),),
        )
        for geometry in geometries
    )
    validator("annotations").validate(json.loads(web_annotation.encode(annotations)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("target", "selector", "tip"), [1, 2]),
        (("target", "selector", "type"), "CircleSelector"),
        (("target", "selector", "unit"), "cm"),
        (("target", "source"), "tof"),
        (("laterality",), "port"),
        (("compressionGrade",), "IV"),
    ],
)
def test_schema_refuses_damage(path: tuple[str, ...], value: object) -> None:
    document = copy.deepcopy(load("facial-nerve-root", "annotations.json"))
    part = document["first"]["items"][0]
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        validator("annotations").validate(document)
