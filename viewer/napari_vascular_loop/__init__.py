"""An MRI viewer for teaching, inside napari.

Importing this package costs neither napari nor Qt; what it offers is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Path, Point, Region, Side
    from napari_vascular_loop.domain.article import Passage
    from napari_vascular_loop.domain.errors import VascularLoopError
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.export.figure import Figure, FigureStyle, draw_figure
    from napari_vascular_loop.formats.volumes import read_volumes
    from napari_vascular_loop.lessons import lesson_volume, open_lesson
    from napari_vascular_loop.store import LessonStore

__version__ = "0.1.0"

_HOMES = {
    "Annotation": "domain.annotation",
    "Arrow": "domain.annotation",
    "Figure": "export.figure",
    "FigureStyle": "export.figure_style",
    "Grade": "domain.annotation",
    "Lesson": "domain.lesson",
    "LessonStore": "store",
    "Passage": "domain.article",
    "Path": "domain.annotation",
    "Point": "domain.annotation",
    "Region": "domain.annotation",
    "Side": "domain.annotation",
    "VascularLoopError": "domain.errors",
    "Volume": "domain.volume",
    "draw_figure": "export.figure",
    "lesson_volume": "lessons",
    "open_lesson": "lessons",
    "read_volumes": "formats.volumes",
}

__all__ = [
    "Annotation",
    "Arrow",
    "Figure",
    "FigureStyle",
    "Grade",
    "Lesson",
    "LessonStore",
    "Passage",
    "Path",
    "Point",
    "Region",
    "Side",
    "VascularLoopError",
    "Volume",
    "draw_figure",
    "lesson_volume",
    "open_lesson",
    "read_volumes",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
