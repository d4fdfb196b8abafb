"""`article.plain.md`: the article once more in plain words, and the links that lead to its passages.

A mark's link to it is a body like that to `article.md`, with `article.plain.md` as its source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.text import plain_lines
from napari_vascular_loop.formats.annotations.item_reader import ARTICLE, passage_of
from napari_vascular_loop.formats.json_object import members_of
from napari_vascular_loop.formats.json_text import MAX_BYTES
from napari_vascular_loop.formats.small_file import read_small

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.article import Passage

PLAIN_FILE = "article.plain.md"


def read_plain_article(folder: Path) -> str | None:
    r"""Read the plain article of a lesson's folder, line ends as "\\n"; None where there is none.

    Raises
    ------
    LessonError
        If it leads out of the folder, can't be read, is too large, or is not UTF-8 text.
    """
    path = folder / PLAIN_FILE
    if not path.is_file():
        return None
    if not path.resolve().is_relative_to(folder.resolve()):
        raise LessonError(f"{PLAIN_FILE} leads out of the lesson's folder: not opened")
    try:
        text = read_small(path, PLAIN_FILE, MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise LessonError(f"{PLAIN_FILE} could not be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise LessonError(f"{PLAIN_FILE}: it is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    return plain_lines(text)


def plain_passages(annotation: Annotation) -> tuple[Passage, ...]:
    """Give the passages of the plain article that a mark is tied to, in the order of the file."""
    bodies = members_of(annotation.foreign).get("body")
    found = (
        passage_of({**body, "source": ARTICLE})
        for body in (bodies if isinstance(bodies, list) else [bodies])
        if isinstance(body, dict) and str(body.get("source")).removeprefix("./") == PLAIN_FILE
    )
    return tuple(passage for passage in found if passage is not None)
