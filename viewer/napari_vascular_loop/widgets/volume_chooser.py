"""Choosing among the volumes that a source holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QColor, QIcon
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_vascular_loop.domain.space import Plane, closest_axes
from napari_vascular_loop.widgets.thumbnail_maker import ThumbnailMaker
from napari_vascular_loop.widgets.thumbnail_picture import empty_picture, picture_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.display.thumbnail import Thumbnail
    from napari_vascular_loop.domain.volume import VolumeHeader
    from napari_vascular_loop.formats.volumes import Found, FoundVolume

_PICTURE_PX = 112
_NOTES_PX = 170
_COLUMNS = ("", "Volume", "Kind", "Size", "Orientation", "Time points", "Notes")
_PICTURE, _NAME, _KIND, _SIZE, _ORIENTATION, _TIMES, _NOTES = range(len(_COLUMNS))
_CHECKED = QColor(47, 109, 181, 110)
_BAD, _UNSURE = QColor("#FF6B6B"), QColor("#FFC24B")
_OBLIQUE_FROM_DEG = 0.5
_BOXES = """
QTableView::indicator { width: 15px; height: 15px; border: 2px solid #B8C0C8; border-radius: 3px; }
QTableView::indicator:checked { background-color: #2F6DB5; border-color: white; }
"""


class VolumeChooser(QDialog):
    """A table with a picture of each volume; one or more can be opened.

    The dialog is shown with `open()` or `show()`: neither holds up the window.

    Parameters
    ----------
    found : Found
        What the source holds.
    parent : QWidget, optional
        The window.

    Signals
    -------
    chosen : tuple of FoundVolume
        What the user wants to open, at least one.
    """

    chosen = Signal(object)

    def __init__(self, found: Found, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._volumes = found.volumes
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Choose volumes")
        self.head = QLabel(f"There are {len(self._volumes)} volumes. Tick those to open; a double click opens one.")
        self.head.setWordWrap(True)
        self.table = QTableWidget(len(self._volumes), len(_COLUMNS))
        self.all_button = QPushButton("Select all")
        self.open_button = QPushButton("Open")
        self.open_button.setDefault(True)
        self.cancel_button = QPushButton("Cancel")
        self.strays_button = QToolButton()
        self.strays = QPlainTextEdit()
        self._set_up_table()
        self._set_up_strays(found)
        self._lay_out()
        self._connect()
        self._show_chosen()
        self._maker = ThumbnailMaker(self._volumes)
        maker = self._maker
        self.destroyed.connect(lambda *_: maker.stop())
        self._maker.made.connect(self._on_picture)
        self._maker.failed.connect(self._on_no_picture)
        self._maker.start()

    # ---------------------------------------------------------------- choosing

    def checked(self) -> tuple[FoundVolume, ...]:
        """The volumes that are ticked, in the order of the table."""
        return tuple(volume for row, volume in enumerate(self._volumes) if self._is_checked(row))

    def set_checked(self, row: int, checked: bool) -> None:
        """Tick a volume, or not."""
        item = self.table.item(row, _NAME)
        item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)

    def toggle_all(self) -> None:
        """Tick all volumes, or none if all are ticked."""
        checked = len(self.checked()) < len(self._volumes)
        for row in range(len(self._volumes)):
            self.set_checked(row, checked)

    def done(self, result: int) -> None:
        """End, whichever way."""
        self._maker.stop()
        super().done(result)

    def closeEvent(self, event: Any) -> None:
        """End with the window."""
        self._maker.stop()
        super().closeEvent(event)

    def _open_checked(self) -> None:
        self._choose(self.checked())

    def _open_row(self, row: int, _column: int) -> None:
        self._choose((self._volumes[row],))

    def _choose(self, volumes: tuple[FoundVolume, ...]) -> None:
        if not volumes:
            return
        self.accept()
        self.chosen.emit(volumes)

    def _is_checked(self, row: int) -> bool:
        return bool(self.table.item(row, _NAME).checkState() == Qt.CheckState.Checked)

    def _on_clicked(self, row: int, column: int) -> None:
        # A click on the box itself has been seen to by the table.
        if column != _NAME:
            self.set_checked(row, not self._is_checked(row))

    def _show_chosen(self, *_: object) -> None:
        count = 0
        self.table.blockSignals(True)
        for row in range(len(self._volumes)):
            checked = self._is_checked(row)
            count += checked
            for column in range(len(_COLUMNS)):
                self.table.item(row, column).setBackground(_CHECKED if checked else QColor(0, 0, 0, 0))
        self.table.blockSignals(False)
        self.table.viewport().update()
        self.open_button.setEnabled(count > 0)
        self.open_button.setText("Open" if count < 2 else f"Open {count} volumes")
        self.all_button.setText("Select none" if count == len(self._volumes) else "Select all")

    # ---------------------------------------------------------------- the table

    def _set_up_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels(_COLUMNS)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_PICTURE_PX + 8)
        table.setIconSize(QSize(_PICTURE_PX, _PICTURE_PX))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setWordWrap(True)
        table.setShowGrid(False)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_PICTURE, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        table.setColumnWidth(_PICTURE, _PICTURE_PX + 12)
        header.setSectionResizeMode(_NOTES, QHeaderView.ResizeMode.Fixed)
        table.setColumnWidth(_NOTES, _NOTES_PX)
        table.setStyleSheet(_BOXES)
        for row, volume in enumerate(self._volumes):
            self._fill(row, volume.header)
        table.setColumnHidden(_TIMES, all(volume.header.time_points == 1 for volume in self._volumes))

    def _fill(self, row: int, header: VolumeHeader) -> None:
        about = header.provenance
        texts = {
            _PICTURE: "",
            _NAME: "\n".join(filter(None, (about.description, source_text(about.source_files)))) or "no description",
            _KIND: about.modality or about.format.upper(),
            _SIZE: size_text(header),
            _ORIENTATION: orientation_text(header),
            _TIMES: str(header.time_points) if header.time_points > 1 else "",
            _NOTES: _count(len(about.warnings), "warning") if about.warnings else "",
        }
        for column, text in texts.items():
            item = QTableWidgetItem(text)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.table.setItem(row, column, item)
        self.table.item(row, _PICTURE).setIcon(QIcon(empty_picture(_PICTURE_PX, "…")))
        name = self.table.item(row, _NAME)
        name.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
        name.setCheckState(Qt.CheckState.Unchecked)
        name.setToolTip(texts[_NAME])
        if header.orientation is None:
            self.table.item(row, _ORIENTATION).setForeground(_BAD)
        else:
            self.table.item(row, _ORIENTATION).setToolTip(f"voxel axes run towards {header.orientation}")
        notes = self.table.item(row, _NOTES)
        notes.setForeground(_UNSURE)
        notes.setToolTip("\n".join(about.warnings))

    def _on_picture(self, row: int, picture: Thumbnail) -> None:
        self.table.item(row, _PICTURE).setIcon(QIcon(picture_of(picture, _PICTURE_PX)))

    def _on_no_picture(self, row: int, why: str) -> None:
        self.table.item(row, _PICTURE).setIcon(QIcon(empty_picture(_PICTURE_PX, "no picture")))
        self.table.item(row, _PICTURE).setToolTip(why)
        notes = self.table.item(row, _NOTES)
        notes.setText("\n".join(filter(None, (notes.text(), why if len(why) < 60 else "can't be read"))))
        notes.setToolTip("\n".join(filter(None, (notes.toolTip(), why))))

    # ---------------------------------------------------------------- plumbing

    def _set_up_strays(self, found: Found) -> None:
        count = len(found.strays)
        self.strays_button.setText(f"{_count(count, 'file')} {'is not a volume' if count == 1 else 'are not volumes'}")
        self.strays_button.setCheckable(True)
        self.strays_button.setArrowType(Qt.ArrowType.RightArrow)
        self.strays_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.strays_button.setVisible(count > 0)
        self.strays.setReadOnly(True)
        self.strays.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.strays.setPlainText("\n".join(f"{stray.path.name}: {stray.reason}" for stray in found.strays))
        self.strays.setFixedHeight(min(150, 24 + 18 * count))
        self.strays.hide()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.all_button)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.open_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.head)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.strays_button)
        layout.addWidget(self.strays)
        layout.addLayout(buttons)
        rows = min(len(self._volumes), 4)
        self.resize(900, 170 + rows * (_PICTURE_PX + 8))

    def _connect(self) -> None:
        self.table.itemChanged.connect(self._show_chosen)
        self.table.cellClicked.connect(self._on_clicked)
        self.table.cellDoubleClicked.connect(self._open_row)
        self.all_button.clicked.connect(self.toggle_all)
        self.open_button.clicked.connect(self._open_checked)
        self.cancel_button.clicked.connect(self.reject)
        self.strays_button.toggled.connect(self._show_strays)

    def _show_strays(self, shown: bool) -> None:
        self.strays.setVisible(shown)
        if shown:
            self.resize(self.width(), self.height() + self.strays.height())
        self.strays_button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)


def source_text(files: Sequence[Path | str]) -> str:
    """Say where a volume comes from: its file, or how many files."""
    if len(files) == 1:
        return Path(files[0]).name
    folders = {Path(file).parent.name for file in files}
    where = f" in {folders.pop()}" if len(folders) == 1 else ""
    return f"{len(files)} files{where}" if files else ""


def size_text(header: VolumeHeader) -> str:
    """Say how many voxels there are, and how large they are."""
    counts = " × ".join(str(count) for count in header.grid.shape)
    sizes = " × ".join(f"{mm:.3g}" for mm in header.grid.spacing_mm)
    return f"{counts}\n{sizes} mm"


def orientation_text(header: VolumeHeader) -> str:
    """Say of which plane the slices are, and how far they are tilted."""
    if header.orientation is None:
        return "unknown"
    plane = Plane(closest_axes(header.grid.voxel_to_ras)[2][0]).name.lower()
    oblique = header.grid.obliquity_deg
    return f"{plane}\noblique {oblique:.1f}°" if oblique >= _OBLIQUE_FROM_DEG else plane


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
