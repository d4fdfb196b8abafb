"""A figure remembers where it came from, in each kind of file; what strangers write there is refused or passed over."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.figure_memory import FigureMemory
from napari_vascular_loop.export.sheet.files import About, write_sheet
from napari_vascular_loop.export.sheet.items import Box, Picture, Sheet, Words
from napari_vascular_loop.formats.figure_memory import KEY, figure_memory, is_figure

if TYPE_CHECKING:
    from pathlib import Path

ODD = "Loop \"of\" <AICA> & 'nerve' ]]> 神経 { } \\ Ä"
MEMORY = FigureMemory("loop", ODD, "urn:uuid:1", ODD, "tof", "", "ab" * 32, (-10.9, 3.25, -44.5), "axial", 2.1)


def written(path: Path, memory: str = MEMORY.to_json()) -> Path:
    picture = Picture(
        np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4), Box(2, 2, 20, 15), (-0.5, -0.5), (0.2, 0.2)
    )
    sheet = Sheet(40, 30, "#FFFFFF", (picture, Words("Loop", 3, 20, 8, "#FF0000")))
    return write_sheet(sheet, path, 72, About(ODD, ODD, ODD, ODD, memory, ODD))


@pytest.mark.parametrize("ending", ["png", "tif", "tiff", "svg", "pdf", "PNG"])
def test_what_a_figure_remembers_comes_back(tmp_path, ending):
    path = written(tmp_path / f"f.{ending}")
    assert figure_memory(path) == MEMORY
    assert is_figure(path)
    # A copy under another name, of the same kind, remembers the same.
    copy = tmp_path / f"other name.{ending}"
    copy.write_bytes(path.read_bytes())
    assert figure_memory(copy) == MEMORY


def test_a_packed_text_of_a_png_is_read(tmp_path):
    said = PngImagePlugin.PngInfo()
    said.add_itxt(KEY, MEMORY.to_json(), zip=True)
    Image.new("L", (3, 3)).save(tmp_path / "f.png", pnginfo=said)
    assert figure_memory(tmp_path / "f.png") == MEMORY


@pytest.mark.parametrize("ending", ["png", "tif", "svg", "pdf"])
def test_pictures_of_others_are_passed_over(tmp_path, ending):
    path = tmp_path / f"f.{ending}"
    if ending in ("png", "tif"):
        Image.new("RGB", (9, 9)).save(path)
    elif ending == "svg":
        path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>')
    else:
        path.write_bytes(b"%PDF-1.4\nnothing\n%%EOF")
    assert figure_memory(path) is None
    assert not is_figure(path)
    path.write_bytes(b"")
    assert figure_memory(path) is None
    assert figure_memory(tmp_path / f"none.{ending}") is None
    assert figure_memory(tmp_path / "f.nii") is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 9}, "later version"),
        ({"version": None}, "later version"),
        ({"lesson_id": 3}, "lesson_id is no text"),
        ({"place_ras_mm": [1, 2]}, "names no place"),
        ({"place_ras_mm": [1, 2, "x"]}, "names no place"),
        ({"place_ras_mm": "here"}, "names no place"),
        ({"place_ras_mm": [1e9, 0, 0]}, "names no place"),
        ({"slab_mm": "thick"}, "names no place"),
        ({"kind": "napari-vascular-loop figure", "plane": None}, "plane is no text"),
    ],
)
@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "tif"])
def test_a_damaged_memory_is_refused_in_a_sentence(tmp_path, change, said, ending):
    document = {**json.loads(MEMORY.to_json()), **change}
    path = written(tmp_path / f"f.{ending}", json.dumps(document, sort_keys=True))
    with pytest.raises(FigureError, match=said):
        figure_memory(path)


def test_a_memory_that_is_no_json_or_unpacks_without_end_is_refused(tmp_path):
    path = written(tmp_path / "f.png", "{")
    with pytest.raises(FigureError, match="no JSON"):
        figure_memory(path)
    assert is_figure(path)
    bomb = zlib.compress(b"a" * 50_000_000)
    body = KEY.encode() + b"\0\1\0\0\0" + bomb
    chunk = len(body).to_bytes(4, "big") + b"iTXt" + body + zlib.crc32(b"iTXt" + body).to_bytes(4, "big")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    with pytest.raises(FigureError, match="letters long"):
        figure_memory(path)


def test_nothing_but_what_is_asked_for_is_remembered():
    assert set(json.loads(MEMORY.to_json())) == {
        "kind",
        "version",
        "lesson_id",
        "lesson_title",
        "annotation_id",
        "annotation_title",
        "volume_id",
        "volume_title",
        "voxels_sha256",
        "place_ras_mm",
        "plane",
        "slab_mm",
    }
