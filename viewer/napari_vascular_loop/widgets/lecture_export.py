"""A lesson written for a lecture: slides, handout, cards, page. Asks where to, and works in the background."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_vascular_loop.widgets.background_read import BackgroundRead
from napari_vascular_loop.widgets.privacy_question import may_go_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.store import LessonStore

_KINDS = {
    "Slides (*.pptx)": ".pptx",
    "Handout (*.pdf)": ".pdf",
    "Web page (*.html)": ".html",
    "SCORM package for a learning platform (*.zip)": ".zip",
    "Anki cards (*.apkg)": ".apkg",
}


class LectureExport(QObject):
    """Writes a lesson in one of several forms.

    Parameters
    ----------
    window : QWidget
        Before which it asks.

    Signals
    -------
    told, failed : str
        What was written, or why nothing was.
    """

    told = Signal(str)
    failed = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._work: BackgroundRead | None = None

    @property
    def is_working(self) -> bool:
        """Whether something is being written."""
        return self._work is not None

    def ask(self, store: LessonStore, folder: Path, *, radiological: bool) -> None:
        """Ask for a file, and write the lesson that lies in a folder."""
        if self._work is not None:
            self.failed.emit("A lesson is being written already; wait until that is done")
            return
        if not may_go_out(self._window, store):
            return
        path, kind = QFileDialog.getSaveFileName(
            self._window, "Export for teaching", f"{folder.name}.pptx", ";;".join(_KINDS)
        )
        if not path:
            return
        out = Path(path)
        wanted = _KINDS.get(kind, ".pptx")
        if out.suffix.lower() not in _KINDS.values():
            out = out.with_name(out.name + wanted)
        elif kind and out.suffix.lower() != wanted and out.stem == folder.name:
            # The name that was proposed, with the ending of another kind.
            out = out.with_suffix(wanted)
        self.told.emit(f"Writing {out.name} …")
        self._work = BackgroundRead(partial(write_lesson, str(folder), out, radiological), self)
        self._work.returned.connect(self._tell)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._end)
        self._work.start()

    def _tell(self, words: object) -> None:
        self.told.emit(str(words))

    def _end(self) -> None:
        if self._work is not None:
            self._work.deleteLater()
        self._work = None


def write_lesson(lesson: str, out: Path, radiological: bool, progress: Progress) -> str:
    """Write a lesson in the form that the ending says, and give what is to be told. Names have been asked about."""
    how = {"radiological": radiological, "despite_names": True, "progress": progress}
    write: Callable[..., tuple[str, ...]] = {
        ".pptx": _slides,
        ".pdf": _handout,
        ".apkg": _cards,
        ".html": _page,
        ".zip": _page,
    }[out.suffix.lower()]
    remarks = write(lesson, out, **how)
    return ". ".join([f"The lesson is written to {out}", *remarks])


def _slides(lesson: str, out: Path, **how: object) -> tuple[str, ...]:
    from napari_vascular_loop.lesson_slides import make_slides

    return make_slides(lesson, out, **how)[1]  # type: ignore[arg-type]


def _handout(lesson: str, out: Path, **how: object) -> tuple[str, ...]:
    from napari_vascular_loop.lesson_handout import make_handout

    return make_handout(lesson, out, **how)[1]  # type: ignore[arg-type]


def _cards(lesson: str, out: Path, **how: object) -> tuple[str, ...]:
    from napari_vascular_loop.lesson_cards import make_cards

    return make_cards(lesson, out, **how)[2]  # type: ignore[arg-type]


def _page(lesson: str, out: Path, **how: object) -> tuple[str, ...]:
    from napari_vascular_loop.lesson_page import make_page

    del how["radiological"]  # the page has a switch of its own
    page = make_page(lesson, for_platform=out.suffix.lower() == ".zip", **how)  # type: ignore[arg-type]
    page.save(out)
    return page.remarks
