"""One lesson of a library becomes its page: what a worker does, in this process or on another computer."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.formats.lesson_archive import is_archive, unpack_lesson
from napari_vascular_loop.lesson_page import page_of
from napari_vascular_loop.study_lesson import open_for_study


@dataclass(frozen=True)
class PageTask:
    """A page to be made.

    Parameters
    ----------
    path : str
        Of the lesson, below the library's folder; by it the answer is known.
    lesson, out : str
        Where the lesson lies, and where the page is to lie.
    crop_mm : float or None
        How much of each volume is kept around its marks; None for all.
    despite_names : bool
        Whether the lesson may say what its scan's header said of the patient.
    """

    path: str
    lesson: str
    out: str
    crop_mm: float | None
    despite_names: bool = False


@dataclass(frozen=True)
class PageMade:
    """What came of it.

    Parameters
    ----------
    path : str
        Of the lesson.
    size : int
        Bytes of the page; 0 where there is none.
    remarks : tuple of str
        What was cut away or left out.
    is_whole : bool
        Whether all volumes are in it.
    problem : str
        Why there is no page; "" where there is one.
    """

    path: str
    size: int = 0
    remarks: tuple[str, ...] = ()
    is_whole: bool = True
    problem: str = ""


def make_site_page(task: PageTask) -> PageMade:
    """Make a page; what is wrong with a lesson is told, and stops nothing.

    The lesson is only read: its plain files, as they are.
    """
    try:
        lesson = Path(task.lesson)
        if is_archive(lesson):
            with tempfile.TemporaryDirectory() as aside:
                return _made(task, unpack_lesson(lesson, Path(aside)))
        return _made(task, lesson)
    except VascularLoopError as error:
        return PageMade(task.path, problem=str(error))
    except Exception as error:
        # One lesson in thousands must not end the work; the kind of error says that it is the program's.
        return PageMade(task.path, problem=f"unexpected {type(error).__name__}: {error}")


def _made(task: PageTask, lesson: Path) -> PageMade:
    page = page_of(open_for_study(lesson), crop_mm=task.crop_mm, despite_names=task.despite_names)
    out = Path(task.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    page.save(out)
    return PageMade(task.path, out.stat().st_size, page.remarks, not page.lacks)
