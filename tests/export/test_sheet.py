"""Sheets become pixels that can be computed by hand, and files whose letters are their own."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_vascular_loop.export.sheet.coverage import fill, stroke
from napari_vascular_loop.export.sheet.files import About, write_sheet
from napari_vascular_loop.export.sheet.font import face, missing_letters, text_width_mm
from napari_vascular_loop.export.sheet.items import Box, Picture, Shape, Sheet, Words
from napari_vascular_loop.export.sheet.pixels import render

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Loop of the AICA, 0.4 mm − µ"
ABOUT = About("Title <&>", "What is seen: ä & <b>", "Below", "Someone; CC0", '{"a": "<&>"}', "Lesson")


def sheet() -> Sheet:
    values = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    return Sheet(
        50.8,
        25.4,
        "#FFFFFF",
        (
            Picture(values, Box(2.54, 2.54, 20.32, 15.24), (-0.5, -0.5), (3 / 15.24, 4 / 20.32)),
            Shape(np.array([[30.0, 3.0], [40.0, 3.0], [40.0, 13.0]]), fill="#FF0000", role="arrow"),
            Shape(
                np.array([[5.0, 5.0], [60.0, 20.0]]),
                stroke="#00AA00",
                stroke_mm=0.5,
                closed=False,
                clip=Box(2.54, 2.54, 20.32, 15.24),
            ),
            Words(TEXT, 3, 16, 8, "#FFFFFF", True, "#000000", 0.3, "label"),
            Words("Caption: regular letters", 3, 22, 7, "#111111"),
        ),
    )


# ------------------------------------------------------------------ coverage


def test_a_rectangle_covers_parts_of_pixels_by_their_area():
    box = np.array([[1.25, 0.5], [3.5, 0.5], [3.5, 2.0], [1.25, 2.0]])
    expected = np.zeros((3, 5))
    expected[0, 1:4] = np.array([0.75, 1, 0.5]) * 0.5
    expected[1, 1:4] = [0.75, 1, 0.5]
    np.testing.assert_allclose(fill([box], 5, 3), expected, atol=1e-12)
    np.testing.assert_allclose(fill([box[::-1]], 5, 3), expected, atol=1e-12)


def test_a_ring_the_other_way_round_is_a_hole():
    outer = np.array([[0.0, 0], [6, 0], [6, 6], [0, 6]])
    inner = np.array([[2.0, 2], [2, 4], [4, 4], [4, 2]])
    covered = fill([outer, inner], 6, 6)
    assert covered.sum() == pytest.approx(36 - 4)
    assert covered[3, 3] == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 12)), min_size=3, max_size=3))
def test_triangles_cover_their_area(corners):
    corners = np.rint(np.array(corners) * 256) / 256
    (ax, ay), (bx, by), (cx, cy) = corners
    area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    assert fill([corners], 20, 12).sum() == pytest.approx(area, abs=1e-9)


def test_what_lies_beyond_the_picture_is_cut_off():
    box = np.array([[-50.0, -50], [2, -50], [2, 50], [-50, 50]])
    covered = fill([box], 4, 3)
    np.testing.assert_array_equal(covered, [[1, 1, 0, 0]] * 3)
    assert fill([box + 500], 4, 3).sum() == 0


def test_a_line_is_as_wide_as_it_says_and_ends_where_it_says():
    line = np.array([[10.0, 10], [30, 10]])
    butt = stroke([line], 4, 40, 20, closed=False, butt=True)
    assert butt.sum() == pytest.approx(80, abs=0.5)
    assert butt[:, 20].sum() == pytest.approx(4)
    round_ends = stroke([line], 4, 40, 20, closed=False)
    assert round_ends.sum() == pytest.approx(80 + np.pi * 4, rel=0.02)


# ------------------------------------------------------------------ pixels


def test_shapes_and_pictures_lie_at_the_pixels_of_their_millimetres():
    pixels = render(sheet(), 254)  # ten to the millimetre
    assert pixels.shape == (254, 508, 3)
    assert pixels[40, 395].tolist() == [255, 0, 0]
    assert pixels[40, 403].tolist() == [255, 255, 255]
    assert pixels[100, 310].tolist() == [255, 255, 255]
    # Middles of samples have the samples' values.
    for row, column in ((0, 0), (0, 2), (2, 3)):
        y, x = 25.4 + (row + 0.5) * 50.8, 25.4 + (column + 0.5) * 50.8
        expected = round(255 * (row * 4 + column) / 11)
        near = pixels[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2, 1]
        if pixels[int(y), int(x), 0] == pixels[int(y), int(x), 1]:
            assert abs(int(np.median(near)) - expected) <= 6
    # The line is seen within its box only.
    green = (pixels == [0, 0xAA, 0]).all(axis=-1)
    assert green[:, : round(228.6)].any()
    assert not green[:, 229:].any()


def test_a_picture_is_not_shifted_by_a_fraction_of_a_pixel():
    values = np.zeros((21, 21), dtype=np.float32)
    values[10, 10] = 1
    only = Sheet(42, 42, "#000000", (Picture(values, Box(0, 0, 42, 42), (-0.5, -0.5), (0.5, 0.5)),))
    grey = render(only, 254)[..., 0].astype(float)
    rows, columns = np.indices(grey.shape)
    assert (rows * grey).sum() / grey.sum() == pytest.approx(209.5, abs=0.01)
    assert (columns * grey).sum() / grey.sum() == pytest.approx(209.5, abs=0.01)


def test_letters_cover_what_the_font_says():
    ink = Words("H", 5, 20, 72, "#000000")
    pixels = render(Sheet(30, 25, "#FFFFFF", (ink,)), 254)[..., 0]
    rows = np.flatnonzero((pixels < 128).any(axis=1))
    # The capital's height of the face, 1409 of 2048 units, of 72 points; it stands on the baseline.
    assert np.ptp(rows) + 1 == pytest.approx(1409 / 2048 * 254, abs=1)
    assert rows.max() + 1 == pytest.approx(200, abs=1)
    assert text_width_mm("HH", 72) == pytest.approx(2 * text_width_mm("H", 72))


def test_missing_letters_are_named_and_drawn_as_a_box():
    assert missing_letters("Ä µ − “” 神") == "神"
    box = render(Sheet(10, 10, "#FFFFFF", (Words("神", 2, 8, 12, "#000000"),)), 100)
    assert (box < 128).any()


_HASHES = """
import hashlib, sys
sys.path.insert(0, {tests!r})
from test_sheet import sheet
from napari_vascular_loop.export.sheet.pixels import render
print(hashlib.sha256(render(sheet(), 300).tobytes()).hexdigest())
"""


def test_pixels_are_the_same_on_every_machine():
    # Of this very sheet, whatever the processor, and whatever fonts and libraries there are.
    expected = "ff1c358615875eb382d5af56e9bde4bf7b4c10b47daceaec127cc37bdf8f796e"
    assert hashlib.sha256(render(sheet(), 300).tobytes()).hexdigest() == expected
    code = _HASHES.format(tests=__file__.rsplit("/", 1)[0])
    environment = {"NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512_SKX", "OPENBLAS_NUM_THREADS": "1"}
    import os

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.stdout.strip() == expected, done.stderr


# ------------------------------------------------------------------ files


@pytest.mark.parametrize("ending", ["png", "tif", "svg", "pdf"])
def test_files_are_written_whole_and_alike_each_time(tmp_path, ending):
    first = write_sheet(sheet(), tmp_path / "new" / f"a.{ending}", 150, ABOUT)
    again = write_sheet(sheet(), tmp_path / "new" / f"b.{ending}", 150, ABOUT)
    assert first.read_bytes() == again.read_bytes()
    assert sorted(path.name for path in first.parent.iterdir()) == [f"a.{ending}", f"b.{ending}"]


def test_an_svg_has_its_letters_in_it_text_that_is_text_and_is_described(tmp_path):
    path = write_sheet(sheet(), tmp_path / "f.svg", 150, ABOUT)
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    ns = {"s": "http://www.w3.org/2000/svg"}
    assert root.get("width") == "50.8mm"
    assert root.get("role") == "img"
    assert root.findtext("s:title", namespaces=ns) == ABOUT.title
    assert root.findtext("s:desc", namespaces=ns) == ABOUT.alt
    texts = [element.text for element in root.findall("s:text", ns)]
    assert texts == [TEXT, "Caption: regular letters"]
    style = root.findtext("s:style", namespaces=ns)
    fonts = [TTFont(io.BytesIO(base64.b64decode(one))) for one in re.findall(r"base64,([^)]+)\)", style)]
    assert [sorted(map(chr, font.getBestCmap())) for font in fonts] == [
        sorted(set("Caption: regular letters")),
        sorted(set(TEXT)),
    ]
    # Nothing is loaded from elsewhere.
    assert not re.search(r"(href|src|url\()=?[\"']?https?:", path.read_text(encoding="utf-8"))
    (arrow,) = [element for element in root.findall("s:path", ns) if element.get("class") == "arrow"]
    assert arrow.get("d") == "M30 3L40 3L40 13Z"


def streams(data: bytes) -> list[bytes]:
    out = []
    for found in re.finditer(rb"<<(.*?)>>\nstream\n", data, re.DOTALL):
        length = int(re.search(rb"/Length (\d+)", found.group(1)).group(1))
        body = data[found.end() : found.end() + length]
        out.append(zlib.decompress(body) if b"FlateDecode" in found.group(1) else body)
    return out


def test_a_pdf_has_its_fonts_embedded_alternative_text_and_vector_shapes(tmp_path):
    data = write_sheet(sheet(), tmp_path / "f.pdf", 150, ABOUT).read_bytes()
    for begins in (b"/FontFile2", b"/ToUnicode", b"/StructTreeRoot", b"/MarkInfo", b"/Lang (en)"):
        assert begins in data
    assert ABOUT.alt.encode("utf-16-be").hex().upper().encode() in data
    assert b"/MediaBox [0 0 144.000 72.000]" in data
    content = streams(data)
    fonts = [TTFont(io.BytesIO(one)) for one in content if one[:4] == b"\0\1\0\0"]
    assert len(fonts) == 2
    (page,) = [one for one in content if b" Tj ET" in one]
    # The triangle, in points from the lower left corner.
    assert b"85.039 63.496 m 113.386 63.496 l 113.386 35.150 l h f" in page
    glyphs = "".join(f"{face(True).glyph(letter):04X}" for letter in TEXT).encode()
    assert page.count(b"<" + glyphs + b"> Tj") == 2  # the halo, and the letters
    # Each place in the table of objects is that of the object.
    table = data[data.rindex(b"xref\n") :].split(b"\n")
    for number, entry in enumerate(table[3:]):
        if not entry.endswith(b" n "):
            break
        assert data[int(entry[:10]) :].startswith(f"{number + 1} 0 obj".encode())
    assert int(data.split(b"startxref\n")[1].split()[0]) == data.rindex(b"xref\n", 0, data.rindex(b"startxref"))


@pytest.mark.gui
@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_what_other_programs_draw_of_the_vectors_is_what_the_pixels_show(tmp_path, qtbot, ending):
    from qtpy.QtCore import QSize
    from qtpy.QtGui import QImage, QPainter

    path = write_sheet(sheet(), tmp_path / f"f.{ending}", 300, ABOUT)
    rows, columns = 254, 508
    if ending == "svg":
        svg = pytest.importorskip("PyQt6.QtSvg")
        image = QImage(columns, rows, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        svg.QSvgRenderer(str(path)).render(painter)
        painter.end()
    else:
        pdf = pytest.importorskip("PyQt6.QtPdf")
        document = pdf.QPdfDocument(None)
        document.load(str(path))
        assert document.pageCount() == 1
        text = document.getAllText(0).text()
        assert TEXT in text
        assert "Caption: regular letters" in text
        image = document.render(0, QSize(columns, rows))
        white = QImage(columns, rows, QImage.Format.Format_RGB32)
        white.fill(0xFFFFFFFF)
        painter = QPainter(white)
        painter.drawImage(0, 0, image)
        painter.end()
        image = white
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    theirs = np.frombuffer(image.constBits().asstring(image.sizeInBytes()), np.uint8)
    theirs = theirs.reshape(rows, image.bytesPerLine())[:, : 3 * columns].reshape(rows, columns, 3)
    ours = render(sheet(), 254)
    if ending == "svg":  # Qt's SVG takes no font from within a file: all but the letters
        letters = np.zeros(ours.shape[:2], dtype=bool)
        letters[125:230] = True
        ours, theirs = ours[~letters], theirs[~letters]
    differ = np.abs(ours.astype(int) - theirs).max(axis=-1) > 90
    assert differ.mean() < 0.01


def test_a_sheet_is_cut_where_its_clip_says_in_all_files(tmp_path: Path):
    svg = write_sheet(sheet(), tmp_path / "f.svg", 72, ABOUT).read_text(encoding="utf-8")
    assert '<clipPath id="box0"><rect x="2.54" y="2.54" width="20.32" height="15.24"/>' in svg
    pdf = write_sheet(sheet(), tmp_path / "f.pdf", 72, ABOUT).read_bytes()
    assert any(b"re W n" in one for one in streams(pdf))
