"""FSLeyes' annotations: what it draws lies where the mark is, and the rest is said."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from hypothesis import given, settings
from marks import ALL, LOOP, NERVE, OUTLINE, SPOT, several

from napari_vascular_loop.domain.annotation import Arrow, Point
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.annotations.fsleyes_text import Drawing, drawings, encode, parse
from napari_vascular_loop.formats.annotations.loss import loss_lines

WORLD = "the right place, unless the display space of FSLeyes is set to world (fsleyes --displaySpace world)"
TOGETHER = "which lines belong together, and the ids of the marks"


def lines(*annotations) -> list[tuple[str, str, dict[str, str]]]:
    """The lines as FSLeyes takes them apart (deserialiseAnnotation in its saveannotations.py)."""
    taken = []
    for line in encode(annotations)[0].decode().split("\n"):
        canvas, kind, pairs = line.strip().split(maxsplit=2)
        taken.append((canvas, kind, dict(pair.split("=") for pair in shlex.split(pairs))))
    return taken


def test_an_arrow_lies_on_the_canvas_in_whose_plane_it_is():
    # 10 mm along A, 2 along S, 0.5 along R: sagittal, which shows A to the right and S upwards.
    arrow = replace(LOOP, geometry=Arrow((4.5, -20.0, -39.0), (5.0, -30.0, -37.0)))
    (canvas, kind, values), (_, text, label) = lines(arrow)
    assert (canvas, kind) == ("X", "Arrow")
    assert [float(values[k]) for k in ("x1", "y1", "x2", "y2")] == [-20, -39, -30, -37]
    assert [float(values[k]) for k in ("zmin", "zmax")] == [3.5, 6]
    assert (values["honourZLimits"], values["colour"]) == ("True", "#e8743b")
    assert (text, label["text"], label["coordinates"]) == ("TextAnnotation", "Loop of the AICA", "display")
    assert [float(label[k]) for k in ("x", "y")] == [-20, -39]


@pytest.mark.parametrize(
    ("tip", "canvas", "ends"),
    [
        ((5.0, -30.0, -39.5), "Z", [4, -20, 5, -30]),
        ((9.0, -20.5, -33.0), "Y", [4, -39, 9, -33]),
    ],
)
def test_the_other_canvases(tip, canvas, ends):
    where, _, values = lines(replace(LOOP, geometry=Arrow((4.0, -20.0, -39.0), tip)))[0]
    assert (where, [float(values[k]) for k in ("x1", "y1", "x2", "y2")]) == (canvas, ends)


def test_a_point_is_on_all_canvases():
    place = [(c, float(v["x"]), float(v["y"]), float(v["zmin"]), float(v["zmax"])) for c, _, v in lines(SPOT)]
    assert place == [
        ("X", -40.75, -55.0, 11.5, 13.5),
        ("Y", 12.5, -55.0, -41.75, -39.75),
        ("Z", 12.5, -40.75, -56.0, -54.0),
    ]


def test_a_text_is_words_alone_on_all_canvases():
    text = replace(SPOT, geometry=Point(SPOT.geometry.position_ras_mm, as_text=True), label="Mind the vein")
    assert [(c, kind, v["text"]) for c, kind, v in lines(text)] == [
        (c, "TextAnnotation", "Mind the vein") for c in "XYZ"
    ]
    assert {kind for _, kind, _ in lines(replace(text, label=""))} == {"Point"}


def test_a_path_is_open_and_a_region_closed():
    assert [kind for _, kind, _ in lines(NERVE)] == ["Line", "Line", "TextAnnotation"]
    outline = [values for _, kind, values in lines(OUTLINE) if kind == "Line"]
    assert len(outline) == 4
    assert [outline[3][k] for k in ("x2", "y2")] == [outline[0][k] for k in ("x1", "y1")] == ["3.5", "-30.0"]


@pytest.mark.parametrize("label", ["two words", "it's", 'say "AICA"', "# 1", "a \\ b", "神経", " "])
def test_a_label_comes_through(label):
    found = [values["text"] for _, kind, values in lines(replace(LOOP, label=label)) if kind == "TextAnnotation"]
    assert found == ([label] if label.strip() else [])


def test_a_label_that_fsleyes_could_not_read_is_changed_and_that_is_said():
    odd = replace(LOOP, label="a=b\nc")
    assert lines(odd)[1][2]["text"] == "a:b c"
    assert "the line ends, spaces and equals signs of its label (a=b\nc)" in loss_lines(encode((odd,))[1])


def test_what_fsleyes_can_not_hold_is_said():
    assert loss_lines(encode((LOOP,))[1]) == [
        WORLD,
        TOGETHER,
        "how it runs through the slices: it is drawn flat, on 9 mm of them (Loop of the AICA)",
        "its note (Loop of the AICA)",
        "its structure (anterior inferior cerebellar artery) (Loop of the AICA)",
        "its side (left) (Loop of the AICA)",
        "its grade (moderate) (Loop of the AICA)",
        "its author (Loop of the AICA)",
        "its links to the article (Loop of the AICA)",
    ]
    assert loss_lines(encode((OUTLINE,))[1]) == [WORLD, TOGETHER]


@given(several)
@settings(deadline=None)
def test_what_fsleyes_will_draw_is_what_was_meant(annotations):
    assert parse(encode(annotations)[0]) == tuple(d for annotation in annotations for d in drawings(annotation))


def test_a_line_that_fsleyes_would_pass_over():
    data = encode(ALL)[0]
    with pytest.raises(LessonError, match="FSLeyes can't read line 1"):
        parse(data.replace(b"Point colour", b"Point a=b=c colour", 1))
    assert parse(b"") == ()
    assert all(isinstance(drawing, Drawing) for drawing in parse(data))
