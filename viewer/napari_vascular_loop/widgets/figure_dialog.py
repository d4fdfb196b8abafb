"""The figure of a mark: seen as it will be, saved in the background."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QImage, QPixmap
from qtpy.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from napari_vascular_loop.domain.slug import slug
from napari_vascular_loop.widgets.background_read import BackgroundRead
from napari_vascular_loop.widgets.figure_form import FigureForm
from napari_vascular_loop.widgets.privacy_question import may_go_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.export.figure import Figure
    from napari_vascular_loop.export.figure_style import FigureStyle
    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.store import LessonStore

_SIZE_PX = (1060, 700)
_PREVIEW_PX = (560, 600)
_FORM_PX = 400
_WAIT_MS = 200
_MM_PER_INCH = 25.4
_KINDS = "PNG (*.figure.png *.png);;TIFF (*.figure.tif *.tif *.tiff);;SVG (*.svg);;PDF (*.pdf)"
_BAD = "background-color: #7A1F1F; color: white; padding: 5px; border-radius: 3px;"


class FigureDialog(QDialog):
    """Shows a figure while it is chosen how it is to look, and saves it.

    Parameters
    ----------
    store : LessonStore
        Of the lesson.
    mark : Annotation
        Of it.
    volume : Volume or None
        In which the mark lies, if it is shown; those that are not are read when they are asked for.
    radiological : bool
        As it is on screen.

    Signals
    -------
    told : str
        Where it was saved.
    """

    told = Signal(str)

    def __init__(
        self,
        store: LessonStore,
        mark: Annotation,
        volume: Volume | None,
        radiological: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Figure: {mark.title}")
        self.resize(*_SIZE_PX)
        self._store, self._mark = store, mark
        self._volumes: dict[str, Volume] = {} if volume is None else {mark.volume_id: volume}
        self._work: BackgroundRead | None = None
        self._is_stale = False
        self.form = FigureForm(store.lesson, mark, radiological)
        self.preview, self.message = QLabel("Drawing…"), QLabel()
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setMinimumSize(*(side // 2 for side in _PREVIEW_PX))
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setVisible(False)
        self.save, self.close_button = QPushButton("Save…"), QPushButton("Close")
        self.save.setDefault(True)
        self.save.clicked.connect(self._ask_path)
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(lambda: self.reject())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        self.form.changed.connect(lambda: self._timer.start(_WAIT_MS))
        self._lay_out()
        self._timer.start(0)

    @property
    def is_drawing(self) -> bool:
        """Whether what is seen is not yet what was chosen."""
        return self._timer.isActive() or self._work is not None

    def save_to(self, path: Path) -> None:
        """Draw the figure as it was chosen, and write it; both in the background."""
        style = self.form.style_chosen
        self._start(partial(_saved, self._maker(style), path), self._on_saved)

    def _lay_out(self) -> None:
        scroll = QScrollArea()
        scroll.setWidget(self.form)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.save)
        side = QWidget()
        side.setFixedWidth(_FORM_PX)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll, 1)
        column.addWidget(self.message)
        column.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.addWidget(self.preview, 1)
        layout.addWidget(side)

    def _maker(self, style: FigureStyle) -> Callable[[Progress], Figure]:
        return partial(_made, self._store, self._mark, self._volumes, style)

    def _draw(self) -> None:
        if self._work is not None:
            self._is_stale = True
            return
        style = self.form.style_chosen
        ratio = self.devicePixelRatioF()
        room = tuple(max(200, side) * ratio for side in (self.preview.width() - 12, self.preview.height() - 12))
        self._start(partial(_seen, self._maker(style), room), partial(self._show, ratio))

    def _start(self, work: Callable[[Progress], Any], then: Callable[[Any], None]) -> None:
        if self._work is not None:
            # What is wanted last is done last.
            self._work.ended.connect(lambda: self._start(work, then))
            return
        self.save.setEnabled(False)
        self._work = BackgroundRead(work, self)
        self._work.returned.connect(then)
        self._work.failed.connect(self._tell_bad)
        self._work.ended.connect(self._on_ended)
        self._work.start()

    def _on_ended(self) -> None:
        if self._work is not None:
            self._work.deleteLater()
        self._work = None
        self.save.setEnabled(True)
        if self._is_stale:
            self._is_stale = False
            self._timer.start(0)

    def _show(self, ratio: float, seen: tuple[Any, Figure]) -> None:
        pixels, figure = seen
        rows, columns = pixels.shape[:2]
        image = QImage(pixels.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        picture = QPixmap.fromImage(image)
        picture.setDevicePixelRatio(ratio)
        self.preview.setPixmap(picture)
        self.preview.setAccessibleName(figure.alt_text)
        self._tell("; ".join(figure.remarks))

    def _ask_path(self) -> None:
        if not may_go_out(self, self._store):
            return
        name = f"{slug(self._mark.title) or 'figure'}.figure.png"
        path, kind = QFileDialog.getSaveFileName(self, "Save the figure", name, _KINDS)
        if path:
            chosen = Path(path)
            if not chosen.suffix:
                chosen = chosen.with_suffix(f".{kind.split(' ')[0].lower().replace('tiff', 'tif')}")
            self.save_to(chosen)

    def _on_saved(self, saved: tuple[Path, Figure]) -> None:
        path, figure = saved
        width, height = figure.size_mm
        text = f"The figure is saved in {path} ({width:.0f} × {height:.0f} mm, {figure.style.dpi} dots per inch)"
        self._tell(text)
        self.told.emit(text)

    def _tell(self, text: str) -> None:
        self.message.setStyleSheet("")
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def _tell_bad(self, text: str) -> None:
        self.message.setText(text)
        self.message.setStyleSheet(_BAD)
        self.message.setVisible(True)


def _made(
    store: LessonStore, mark: Annotation, volumes: dict[str, Volume], style: FigureStyle, progress: Progress
) -> Figure:
    """Draw a figure, reading what volumes it lacks; runs in the thread."""
    from napari_vascular_loop.export.figure import draw_figure
    from napari_vascular_loop.lessons import lesson_volume

    for volume_id in style.volume_ids or (mark.volume_id,):
        if volume_id not in volumes:
            volumes[volume_id] = lesson_volume(store, volume_id, progress)
    progress(0.5)
    return draw_figure(store.lesson, mark.id, volumes, style)


def _seen(make: Callable[[Progress], Figure], room_px: tuple[float, ...], progress: Progress) -> tuple[Any, Figure]:
    """The figure as large as there is room; runs in the thread."""
    figure = make(progress)
    dpi = min(pixels / mm for pixels, mm in zip(room_px, figure.size_mm, strict=True)) * _MM_PER_INCH
    return np.ascontiguousarray(figure.pixels(max(20.0, dpi))), figure


def _saved(make: Callable[[Progress], Figure], path: Path, progress: Progress) -> tuple[Path, Figure]:
    """Draw and write; runs in the thread."""
    figure = make(progress)
    progress(0.8)
    return figure.save(path), figure
