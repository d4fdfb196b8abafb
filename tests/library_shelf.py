"""A folder of small lessons, as a teacher's library holds them."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.formats.lesson_archive import pack_lesson
from napari_vascular_loop.formats.lesson_folder import new_lesson_files
from napari_vascular_loop.library.library import Library

if TYPE_CHECKING:
    from napari_vascular_loop.library.index import Index


def lesson(title: str, article: str = "Nothing.", *structures: str, **values: Any) -> Lesson:
    marks = tuple(
        Annotation(Point((n, 2, 3)), "head", f"Mark {n}", structure=structure, id=f"m{n}")
        for n, structure in enumerate(structures)
    )
    return Lesson(
        title,
        (LessonVolume("head", catalogue_id="mrhead"),),
        article,
        marks,
        **{"licence": "CC-BY-4.0", "credit": "A. Teacher", **values},
    )


def put(root: Path, path: str, one: Lesson) -> Path:
    folder = root / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in new_lesson_files(replace(one, id=one.id or path.replace("/", "-"))).items():
        (folder / name).write_bytes(data)
    return folder


def put_packed(root: Path, path: str, one: Lesson, tmp: Path) -> Path:
    return pack_lesson(put(tmp, Path(path).stem.split(".")[0], one), root / path)


def a_shelf(root: Path, tmp: Path) -> Path:
    """Five lessons, one of them packed, one broken, one in a folder of a folder."""
    put(
        root,
        "loop",
        lesson("The loop", "An **artery** touches the nerve, [they say](http://x.org).", "aica", minutes=40),
    )
    put(root, "year 1/nerve", lesson("Nerve VII", "Où est le nerf? An Épendymome.", "facial-nerve", audience="for you"))
    put(root, "artery", lesson("Anterior inferior cerebellar artery", "No such thing is marked."))
    put_packed(root, "packed.vlesson.zip", lesson("Packed root", "Zipped words.", "facial-nerve-root"), tmp / "to-pack")
    put(root, "broken", lesson("Broken")).joinpath("annotations.json").write_bytes(b'{"first": 3}')
    return root


def updated(root: Path | str) -> tuple[Library, Index]:
    library = Library(str(root))
    index = library.open_index()
    library.update(index, lambda _done: None)
    return library, index


def titles(index: Index, typed: str) -> list[str]:
    cards = index.cards()
    return [cards[number].title for number in index.search(typed)]


def hostile_zip(path: Path, names: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return path
