"""How a mark is to be looked at."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.errors import AnnotationError, LessonError
from napari_vascular_loop.domain.mark_view import MarkView, SlabProjection
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.formats.annotations import web_annotation

MARK = Annotation(Point((1, 2, 3)), "tof")


def test_it_is_told_in_words():
    view = MarkView(Plane.SAGITTAL, 60.0, (20, 110), 7.5, "maximum")
    assert view.words == "sagittal, 60 mm wide, W 90 L 65, 7.5 mm maximum"
    assert MarkView().words == ""
    assert MarkView(slab_mm=0).words == ""


@pytest.mark.parametrize(
    "values",
    [
        {"field_of_view_mm": 0},
        {"field_of_view_mm": float("nan")},
        {"slab_mm": -1},
        {"slab_mm": 1e9},
        {"window": (5, 5)},
        {"window": (0, float("inf"))},
        {"projection": "loudest"},
    ],
)
def test_what_makes_no_sense_is_refused(values):
    with pytest.raises(AnnotationError, match=r"got"):
        MarkView(**values)


def test_members_of_others_stay_while_there_is_a_view():
    file = json.loads(
        web_annotation.encode([replace(MARK, view=MarkView(Plane.CORONAL, projection=SlabProjection.MEAN))])
    )
    item = file["first"]["items"][0]
    assert item["view"] == {"plane": "coronal", "projection": "mean"}
    item["view"]["theirs"] = 7
    (mark,), _ = web_annotation.decode(json.dumps(file).encode())

    def written(view):
        return json.loads(web_annotation.encode([mark.changed(view=view)]))["first"]["items"][0].get("view")

    assert written(mark.view) == item["view"]
    assert written(MarkView(slab_mm=4.0)) == {"slabMm": 4.0, "theirs": 7}
    assert written(None) is None


def test_a_view_that_makes_no_sense_is_named():
    file = json.loads(web_annotation.encode([replace(MARK, view=MarkView(window=(0, 1)))]))
    file["first"]["items"][0]["view"]["window"] = [3, 1]
    with pytest.raises(LessonError, match=r"item 0, view: .*darkest value below its brightest"):
        web_annotation.decode(json.dumps(file).encode(), "annotations.json")
