"""The table: the same back from every spreadsheet, and no formula in it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marks import ALL, LOOP, NERVE, OUTLINE, SPOT, differences, read_or_refused, several

from napari_vascular_loop.domain.annotation import Arrow, Path, Point, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.annotations import separated
from napari_vascular_loop.formats.annotations.loss import loss_lines
from napari_vascular_loop.formats.annotations.table_cells import guarded, unguarded
from napari_vascular_loop.formats.annotations.table_csv import COLUMNS, decode, encode

PLACES = "ras_x_mm,ras_y_mm,ras_z_mm,lps_x_mm,lps_y_mm,lps_z_mm"


def read(text: str, volume_id: str = "tof"):
    annotations, losses = decode(text.encode(), "marks.csv", volume_id)
    return annotations, loss_lines(losses)


def table(data: bytes) -> list[dict[str, str]]:
    """The rows as a script reads them."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def saved_by_german_excel(data: bytes) -> bytes:
    """Do what Excel does with "CSV UTF-8" in German: semicolons, decimal commas, minus signs as they are."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for number, cells in enumerate(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))):
        if number:
            cells[4:10] = [cell.replace(".", ",") for cell in cells[4:10]]
        writer.writerow(cells)
    return out.getvalue().encode("utf-8-sig")


# ------------------------------------------------------------------ round trips


@given(several)
@settings(deadline=None)
def test_any_annotation_comes_back_as_it_was(annotations):
    data, losses = encode(annotations)
    for file in (data, saved_by_german_excel(data)):
        back, said = decode(file, "marks.csv", "")
        assert differences(annotations, back) == []
        assert losses == said == ()


def test_the_columns_in_both_frames():
    tail, tip = table(encode((LOOP,))[0])
    assert list(tail) == list(COLUMNS)
    assert [tail[c] for c in ("id", "kind", "vertex", "label")] == [LOOP.id, "arrow", "1", "Loop of the AICA"]
    assert ",".join(tail[c] for c in PLACES.split(",")) == "-20.1,-8.0,-39.2,20.1,8.0,-39.2"
    assert (
        ",".join(tip[c] for c in PLACES.split(",")) == "-10.9,-21.5,0.30000000000000004,10.9,21.5,0.30000000000000004"
    )
    assert [tail[c] for c in ("structure", "side", "grade", "author")] == ["aica", "left", "moderate", "A. Teacher"]
    assert (tail["created"], tail["modified"]) == ("2026-03-04T05:06:07Z", "2026-05-06T07:08:09.123456Z")
    assert tail["passages"] == "a loop\nthe nerve, [vascular-loop"
    assert [tip[c] for c in ("id", "kind", "vertex", "label", "note")] == [
        LOOP.id,
        "arrow",
        "2",
        "Loop of the AICA",
        "",
    ]


def test_excel_takes_the_file_for_utf_8():
    assert encode((NERVE,))[0].startswith(b"\xef\xbb\xbf")
    assert differences((NERVE,), read(encode((NERVE,))[0].decode("utf-8-sig"), "")[0]) == []


# ------------------------------------------------------------------ formulas


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\N{FULLWIDTH EQUALS SIGN}1",
        "'=1",
        "''",
        "''=1",
        "'",
        "'word",
        "a=1",
        "",
        "=HYPERLINK(…)",
    ],
)
def test_no_text_starts_like_a_formula_and_all_come_back(text):
    assert not guarded(text).startswith((*"=+-@\t\r\n", "\N{FULLWIDTH EQUALS SIGN}"))
    assert unguarded(guarded(text)) == text
    annotation = replace(
        SPOT,
        label=text,
        note=text,
        author=text,
        structure=text or None,
        id=text or "x",
        passages=(Passage(text + "w"),),
    )
    data = encode((annotation,))[0]
    (row,) = table(data)
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r", "\n")) for cell in row.values())
    assert [name for name, cell in row.items() if cell.startswith("-")] == [
        "ras_y_mm",
        "ras_z_mm",
        "lps_x_mm",
        "lps_z_mm",
    ]
    assert differences((annotation,), decode(data, "marks.csv", "")[0]) == []


@given(st.text())
def test_any_cell_comes_back(text):
    assert unguarded(guarded(text)) == text


# ------------------------------------------------------------------ what people and spreadsheets make of it


def test_rows_that_were_sorted_come_back_in_the_order_of_their_vertices():
    head, *lines = encode((NERVE, LOOP))[0].decode("utf-8-sig").split("\r\n")[:-1]
    # The rows of the last annotation hold line ends in their cells; sort those of the first.
    back, _ = read("\r\n".join([head, lines[2], lines[0], lines[1], *lines[3:]]), "")
    assert differences((NERVE, LOOP), back) == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("first_line", ["", "sep={}\r\n"])
def test_what_stands_between_the_cells(delimiter, first_line):
    head = f"label,{PLACES}".replace(",", delimiter)
    row = delimiter.join(["L", "1.5", "-2", "3", "-1.5", "2", "3"])
    (annotation,), losses = read(f"{first_line.format(delimiter)}{head}\r\n{row}\r\n")
    assert (annotation.geometry, annotation.label, losses) == (Point((1.5, -2, 3)), "L", [])


def test_excels_unicode_text():
    text = f"label,{PLACES}\r\nÉ,1.5,-2,3,,,\r\n".replace(",", "\t")
    (annotation,), _ = decode(text.encode("utf-16"), "marks.txt", "tof")
    assert (annotation.geometry, annotation.label) == (Point((1.5, -2, 3)), "É")


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ("1.5,-2,3,-1.5,2,3", (1.5, -2, 3)),
        ("1.5,-2,3,,,", (1.5, -2, 3)),
        (",,,1.5,-2,3", (-1.5, 2, 3)),
        ("1.5,-2,3,-1.5004,2,3", (1.5, -2, 3)),
        ('"1,5",-2,3,,,', (1.5, -2, 3)),
        ("1.5E+00,−2,+3,,,", (1.5, -2, 3)),
    ],
)
def test_numbers_in_one_frame_or_both(cells, place):
    (annotation,), _ = read(f"{PLACES}\n{cells}\n")
    assert annotation.geometry == Point(place)


def test_a_table_that_a_person_wrote():
    text = (
        "Id;Kind;RAS_X_mm;RAS_Y_mm;RAS_Z_mm;Label;Structure;Side;Colour\n"
        "1;Arrow;1,5;2;3;Loop;AICA;Left;red\n"
        "1;arrow;4;-5;6;;;;\n"
        "\n"
        ";;7;8;9;A place;;;\n"
        ";;7,5;8;9;Another;;;\n"
    )
    (loop, place, another), losses = read(text)
    assert (loop.geometry, loop.label, loop.structure) == (Arrow((1.5, 2, 3), (4, -5, 6)), "Loop", "aica")
    assert (loop.id, loop.side, loop.volume_id) == ("1", Side.LEFT, "tof")
    assert [(one.geometry, one.label) for one in (place, another)] == [
        (Point((7, 8, 9)), "A place"),
        (Point((7.5, 8, 9)), "Another"),
    ]
    assert place.id != another.id
    assert (datetime.now(UTC) - place.created).total_seconds() < 60
    assert losses == ["columns that no annotation has: colour"]


def with_cell(annotation, column, value, row=0) -> str:
    """The table after a cell was changed."""
    rows = table(encode((annotation,))[0])
    rows[row][column] = value
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize(
    ("words", "passages"),
    [
        ("the nerve, [vascular-loop\na  loop", LOOP.passages[::-1]),
        ("a loop", LOOP.passages[:1]),
        ("", ()),
        ("a loop\nother words", (LOOP.passages[0], Passage("other words"))),
    ],
)
def test_the_words_of_passages_may_be_changed(words, passages):
    (back,), _ = read(with_cell(LOOP, "passages", words))
    assert back == replace(LOOP, passages=passages)


def test_passages_whose_places_were_cut_off_keep_their_words():
    (back,), losses = read(with_cell(LOOP, "selectors", '[{"exact":"a lo'))
    assert back == replace(LOOP, passages=(Passage("a loop"), Passage("the nerve, [vascular-loop")))
    assert losses == ["where its passages stand: the column selectors can't be read (Loop of the AICA)"]


@pytest.mark.parametrize("cell", ["04.03.2026 05:06", "0001-01-01T00:00:00+23:00"])
def test_a_time_that_a_spreadsheet_changed_is_said(cell):
    (back,), losses = read(with_cell(LOOP, "created", cell))
    assert back == replace(LOOP, created=LOOP.modified)
    assert losses == [f"when it was created: {cell!r} is not a time such as 2026-03-04T05:06:07Z (Loop of the AICA)"]


def test_a_row_that_was_deleted_is_said():
    lines = encode((NERVE,))[0].decode("utf-8-sig").split("\r\n")
    (back,), losses = read("\r\n".join([lines[0], lines[1], lines[3]]))
    assert back == replace(NERVE, geometry=Path(NERVE.geometry.vertices_ras_mm[::2]))
    assert losses == [f"vertices whose rows are missing ({NERVE.label})"]


def test_the_volume_that_is_asked_for_or_the_one_that_is_named():
    data = encode((SPOT,))[0]
    assert decode(data, "marks.csv", "")[0][0].volume_id == "tof"
    assert decode(data, "marks.csv", "ciss")[0][0].volume_id == "ciss"


def test_texts_that_excel_would_cut_are_said():
    assert loss_lines(encode((replace(SPOT, label="L", note="n" * 40000),))[1]) == [
        "texts of more than 32767 characters, if Excel saves the file (L)"
    ]


# ------------------------------------------------------------------ errors

ARROW = f"id,kind,vertex,side,{PLACES}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{PLACES}\n1,2,3,-1,-2,3\n1,2,3,1,2,3\n", "line 3: the RAS and LPS columns are of two places"),
        (f"{PLACES}\n1,2,3,-1.002,-2,3\n", "line 2: the RAS and LPS columns are of two places"),
        (f"{PLACES}\n1,,3,,,\n", "line 2, ras_y_mm should be a number in mm, got ''"),
        (f"{PLACES}\n1,Feb 2,3,,,\n", "line 2, ras_y_mm should be a number in mm, got 'Feb 2'"),
        (f"{PLACES}\n1,2,nan,,,\n", "line 2, ras_z_mm should be a number in mm, got 'nan'"),
        (f'{PLACES}\n1,"1.234,5",3,,,\n', "line 2, ras_y_mm should be a number in mm"),
        (f'{PLACES}\n1.5,2,3,,,\n"1,234",2,3,,,\n', "line 3: '1,234' has a comma, '1.5' elsewhere a point"),
        (f"{PLACES}\n1,2,1e9,,,\n", "line 2, ras must be three finite numbers"),
        (f"label,{PLACES}\nL,,,,,,\n", "line 2: there are no numbers in ras_x_mm"),
        (f"{PLACES}\n1,2,3,-1,-2,3,4\n", "line 2 has 7 cells, the first row has 6"),
        ("x,y,z\n1,2,3\n", "its first row should name the columns, among them ras_x_mm"),
        ("", "its first row should name the columns"),
        (f"ras_x_mm,{PLACES}\n", "the column ras_x_mm stands twice"),
        (f"{ARROW},arrow,1,,1,2,3,,,\n", "line 2: an id is missing, the same for all vertices of this arrow"),
        (f"{ARROW}a,cone,1,,1,2,3,,,\n", "line 2: kind should be one of arrow, point, text, path, region, got 'cone'"),
        (f"{ARROW}a,arrow,1,port,1,2,3,,,\n", "line 2: side should be one of left, right, midline, got 'port'"),
        (f"{ARROW}a,arrow,1,,1,2,3,,,\na,arrow,1,,4,5,6,,,\n", "line 3: vertex 1 of this annotation stands twice"),
        (f"{ARROW}a,arrow,0,,1,2,3,,,\n", "line 2: vertex should be a number from 1, got '0'"),
        (
            f"{ARROW}a,arrow,1,left,1,2,3,,,\na,arrow,2,right,4,5,6,,,\n",
            "line 3: side is 'right', but 'left' in another",
        ),
        (f"{ARROW}a,point,1,,1,2,3,,,\na,point,2,,4,5,6,,,\n", "line 3: a point has one row"),
    ],
)
def test_errors_name_the_line_and_the_value(text, said):
    with pytest.raises(LessonError, match=said.replace("(", r"\(")) as raised:
        read(text)
    assert str(raised.value).startswith("marks.csv: ")
    assert "\n" not in str(raised.value)


def test_a_file_in_excels_old_encoding_says_what_to_do():
    with pytest.raises(LessonError, match=r"not UTF-8 text .*; in Excel, save it as 'CSV UTF-8'"):
        decode(f"label,{PLACES}\nÉtat,1,2,3,,,\n".encode("cp1252"), "marks.csv", "tof")


def test_a_table_of_more_rows_than_there_can_be_vertices_is_refused(monkeypatch):
    monkeypatch.setattr(separated, "_MOST_ROWS", 3)
    assert len(read(f"{PLACES}\n" + "1,2,3,,,\n" * 2)[0]) == 2
    with pytest.raises(LessonError, match="it has more than 3 rows; split it"):
        read(f"{PLACES}\n" + "1,2,3,,,\n" * 3)


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(data):
    file = bytearray(encode((*ALL, OUTLINE))[0])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    read_or_refused(decode, bytes(file), "marks.csv")
