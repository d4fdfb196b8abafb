"""Files of a lesson are read to their limit, and only if they are files."""

from __future__ import annotations

import stat
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.small_file import read_small

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_read_whole(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b"x" * 100)
    assert read_small(tmp_path / "a.json", "a.json", 100) == b"x" * 100


def test_a_file_of_gigabytes_is_refused_before_it_is_read(tmp_path: Path):
    path = tmp_path / "annotations.json"
    with path.open("wb") as file:
        file.truncate(3 << 30)  # takes no room
    began = time.perf_counter()
    with pytest.raises(LessonError, match=r"^annotations\.json: 3221225472 bytes is more than it may hold \(1000\)$"):
        read_small(path, "annotations.json", 1000)
    assert time.perf_counter() - began < 1


def test_a_file_that_grows_is_read_to_the_limit_only(tmp_path: Path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_bytes(b"x" * 500)
    small = SimpleNamespace(st_size=5, st_mode=stat.S_IFREG)
    monkeypatch.setattr(type(path), "stat", lambda _self, **_: small)
    with pytest.raises(LessonError, match="101 bytes is more than"):
        read_small(path, "a.json", 100)


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(LessonError, match="x is no file: not opened"):
        read_small(tmp_path, "x", 100)
