"""3D Slicer's point lists: every version is read, and lines stay as short as Slicer reads them."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marks import ALL, LOOP, NERVE, OUTLINE, SPOT, differences, read_or_refused, several

from napari_vascular_loop.domain.annotation import Arrow, Point
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.annotations.loss import loss_lines
from napari_vascular_loop.formats.annotations.slicer_fcsv import decode, encode

HEAD = "# Markups fiducial file version = {}\n# CoordinateSystem = {}\n"
COLUMNS = "# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID\n"
POINTS_ONLY = "the lines of arrows, paths and regions: the file holds points, one for each vertex"


def read(text: str):
    annotations, losses = decode(text.encode(), "list.fcsv", "tof")
    return annotations, loss_lines(losses)


def saved_again(data: bytes) -> bytes:
    """Do what Slicer does: read lines of at most 1023 bytes, and write the same columns anew."""
    said = ["# Markups fiducial file version = 5.8", "# CoordinateSystem = LPS", COLUMNS.strip()]
    for line in data.split(b"\n"):
        assert len(line) < 1024, "Slicer stops reading here"
        assert b"\0" not in line
        if not line or line.startswith(b"#"):
            continue
        (cells,) = csv.reader([line.decode()])
        cells[1:4] = [f"{float(mm):.17g}" for mm in cells[1:4]]
        cells[11:13] = [f'"{c.replace(chr(34), chr(34) * 2)}"' if "," in c or '"' in c else c for c in cells[11:13]]
        said.append(",".join(cells))
    return ("\n".join(said) + "\n").encode()


# ------------------------------------------------------------------ round trips


@given(several)
@settings(deadline=None)
def test_what_fits_comes_back_even_after_slicer_has_saved_it_again(annotations):
    data, losses = encode(annotations)
    cut = {loss.annotation_id for loss in losses}
    for file in (data, saved_again(data)):
        back, said = decode(file, "list.fcsv", "")
        assert [a.id for a in back] == [a.id for a in annotations]
        assert [a.geometry for a in back] == [a.geometry for a in annotations]
        whole = [(a, b) for a, b in zip(annotations, back, strict=True) if a.id not in cut]
        assert differences(tuple(a for a, _ in whole), tuple(b for _, b in whole)) == []
        assert {loss.annotation_id for loss in said} == cut - {""}, "what did not fit is said when it comes back"


def test_all_kinds_come_back_in_their_order():
    data, losses = encode(ALL)
    assert loss_lines(losses) == [POINTS_ONLY]
    assert differences(ALL, decode(data, "list.fcsv", "")[0]) == []


def test_the_file_is_slicers():
    lines = encode((replace(LOOP, note="", passages=()),))[0].decode().splitlines()
    assert "".join(f"{line}\n" for line in lines[:3]) == HEAD.format("5.0", "LPS") + COLUMNS
    assert lines[3].startswith("1,20.1,8.0,-39.2,0,0,0,1,1,1,0,Loop of the AICA,")
    assert lines[4].startswith("2,10.9,21.5,0.30000000000000004,0,0,0,1,1,1,0,,")


LONG = "Nerve, root and loop; " * 200


@pytest.mark.parametrize(
    ("change", "said", "kept"),
    [
        (
            {"passages": (Passage("words", "before " * 60, "after " * 60, 3, 8),)},
            "the words around its passages",
            "note",
        ),
        ({"note": "a\n" * 150, "passages": ()}, "the words around its passages, and the lines of its note", "label"),
        (
            {"passages": tuple(Passage(f"{n}" * 100) for n in range(9))},
            "its passages, and the lines of its note",
            "label",
        ),
        ({"note": LONG}, "its passages, and the end of its note", "label"),
        ({"label": LONG}, "all but the start of its label", "geometry"),
        ({"author": LONG}, "all but the start of its label", "geometry"),
    ],
)
def test_texts_for_which_a_line_has_no_room_are_shortened_and_that_is_said(change, said, kept):
    long = replace(LOOP, **change)
    data, losses = encode((long, SPOT))
    assert loss_lines(losses)[0] == f"{said}: Slicer reads 1024 bytes of a line ({long.title})"
    (back, other), came_back = decode(saved_again(data), "list.fcsv", "tof")
    assert (back.id, back.geometry, getattr(back, kept)) == (long.id, long.geometry, getattr(long, kept))
    assert other == SPOT
    assert [loss.annotation_id for loss in came_back] == [long.id]


def test_a_note_that_is_cut_ends_so_that_one_sees_it():
    (back,), _ = decode(encode((replace(SPOT, note=LONG),))[0], "list.fcsv", "tof")
    assert back.note.endswith("…")
    assert LONG.startswith(back.note[:-1])
    assert len(back.note) > 300


def test_an_id_that_no_line_has_room_for_is_an_error():
    with pytest.raises(LessonError, match=r"is too long for .fcsv; export to .mrk.json instead"):
        encode((replace(SPOT, id="urn:" + "x" * 2000),))


# ------------------------------------------------------------------ versions and frames


@pytest.mark.parametrize(
    ("head", "place"),
    [
        (HEAD.format("4.10", "0"), (1.5, -2, 3)),
        (HEAD.format("4.10", "1"), (-1.5, 2, 3)),
        (HEAD.format("4.13", "RAS"), (1.5, -2, 3)),
        (HEAD.format("4.13", "LPS"), (-1.5, 2, 3)),
        (HEAD.format("5.6", "LPS"), (-1.5, 2, 3)),
        ("#Markups fiducial file version=5.6\n#CoordinateSystem=LPS\n", (-1.5, 2, 3)),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_frames_of_all_versions(head, place, line_end):
    text = f'{head}{COLUMNS}vtkMRMLMarkupsFiducialNode_0,1.5,-2,3,0,0,0,1,1,1,0,"F, 1","say ""AICA""",vtkMRMLNode1\n'
    (annotation,), losses = read(text.replace("\n", line_end))
    assert (annotation.geometry, annotation.label, annotation.note) == (Point(place), "F, 1", 'say "AICA"')
    assert losses == []


def test_a_list_of_slicer_3_is_ras_and_that_is_said():
    (annotation,), losses = read("# Fiducial List file a.fcsv\n# columns = label,x,y,z,sel,vis\nL,1.5,-2,3,1,1\n")
    assert (annotation.geometry, annotation.label) == (Point((1.5, -2, 3)), "L")
    assert losses == ["its frame: Slicer 3 did not write it, and it was read as RAS, which it always was"]


def test_quotes_within_a_field_and_hidden_points():
    text = HEAD.format("5.6", "LPS") + COLUMNS + '1,1,2,3,0,0,0,1,0,1,0,a "b" c,"This ""is"" a, quoted" field,\n'
    (annotation,), losses = read(text)
    assert (annotation.label, annotation.note) == ('a "b" c', 'This "is" a, quoted field')
    assert losses == ["which points were hidden or locked"]


def test_columns_that_are_left_out_at_the_end():
    (annotation,), _ = read(HEAD.format("4.10", "1") + COLUMNS + "\n1,1.5,-2,3\n\n")
    assert (annotation.geometry, annotation.label) == (Point((-1.5, 2, 3)), "")


def test_points_that_were_deleted_in_slicer():
    lines = encode((NERVE, OUTLINE, LOOP))[0].decode().splitlines(keepends=True)
    without = "".join(lines[:3] + lines[4:6] + lines[6:7] + lines[10:11])
    (nerve, outline, loop), losses = read(without)
    assert nerve.geometry.vertices_ras_mm == NERVE.geometry.vertices_ras_mm[1:]
    assert outline == replace(OUTLINE, geometry=Point(OUTLINE.geometry.vertices_ras_mm[0]))
    assert loop == replace(LOOP, geometry=Point(LOOP.geometry.tail_ras_mm))
    assert losses == [
        "its texts: the control point that carried them is gone (path without a label)",
        "the other places of this region: only one is defined (Pons)",
        "the other places of this arrow: only one is defined (Loop of the AICA)",
    ]


def test_points_in_another_order_make_the_same_arrow():
    lines = encode((LOOP,))[0].decode().splitlines(keepends=True)
    (loop,), _ = read("".join([*lines[:3], lines[4], lines[3]]))
    assert loop == LOOP
    assert isinstance(loop.geometry, Arrow)


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.format("4.10", "2") + COLUMNS, "its numbers are voxels, not mm"),
        (HEAD.format("5.6", "XYZ") + COLUMNS, "its frame is 'XYZ'; write '# CoordinateSystem = LPS'"),
        ("# Markups fiducial file version = 4.10\n" + COLUMNS + "1,1,2,3\n", "it doesn't say in which frame"),
        ("1,1,2,3\n", "it doesn't say in which frame"),
        ("", "it doesn't say in which frame"),
        (HEAD.format("5.6", "LPS") + "# columns = id,label\n", "its columns should be id,x,y,z"),
        (HEAD.format("5.6", "LPS") + COLUMNS + "1,1,two,3\n", "line 4, y should be a number in mm, got 'two'"),
        (HEAD.format("5.6", "LPS") + COLUMNS + "\n1,1,2\n", "line 5, z should be a number in mm, got ''"),
        (HEAD.format("5.6", "LPS") + COLUMNS + "1,1,nan,3\n", "line 4, y should be a number in mm, got 'nan'"),
        (HEAD.format("5.6", "LPS") + COLUMNS + "1,1,1e999,3\n", "line 4 must be three finite numbers"),
        (HEAD.format("5.6", "LPS") + COLUMNS + f"1,1,{'9' * 5000},3\n", "line 4, y should be a number in mm"),
    ],
)
def test_errors_name_the_line_and_the_value(text, said):
    with pytest.raises(LessonError, match=said) as raised:
        read(text)
    assert str(raised.value).startswith("list.fcsv: ")
    assert "\n" not in str(raised.value)


def test_a_file_in_another_encoding():
    with pytest.raises(LessonError, match="not UTF-8 text"):
        decode("é".encode("latin-1"), "list.fcsv", "tof")


def test_cells_that_are_longer_than_the_csv_modules_limit_are_read_and_the_limit_stays():
    before = csv.field_size_limit()
    text = HEAD.format("5.6", "LPS") + COLUMNS + f"1,1,2,3,0,0,0,1,1,1,0,L,{'n' * (before + 10)},\n"
    (annotation,), _ = read(text)
    assert len(annotation.note) == before + 10
    assert csv.field_size_limit() == before


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(data):
    file = bytearray(encode(ALL)[0])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    read_or_refused(decode, bytes(file), "list.fcsv")
