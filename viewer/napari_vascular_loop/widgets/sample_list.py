"""The list of public volumes: a picture of those that are here, and what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QListWidget, QListWidgetItem

from napari_vascular_loop.domain.text import megabytes
from napari_vascular_loop.widgets.thumbnail_picture import empty_picture, picture_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_vascular_loop.sample_pictures import Here
    from napari_vascular_loop.samples.catalogue import CatalogueEntry

_PICTURE_PX = 72
_ROW_PX = 80
_ID = Qt.ItemDataRole.UserRole


class SampleList(QListWidget):
    """One row for each volume.

    Signals
    -------
    picked : str
        Id of the row that the user is on; "" for none.
    wanted : str
        Id of a row that was double-clicked.
    """

    picked = Signal(str)
    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setIconSize(QSize(_PICTURE_PX, _PICTURE_PX))
        self.setWordWrap(True)
        self.setAlternatingRowColors(False)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Public volumes")
        self.currentItemChanged.connect(lambda item, _before: self.picked.emit(_id_of(item)))
        self.itemDoubleClicked.connect(lambda item: self.wanted.emit(_id_of(item)))

    def show_entries(self, entries: Sequence[CatalogueEntry], here: Mapping[str, Here]) -> None:
        """Show these, and stay where the user was, if that is among them."""
        before = self.picked_id
        self.blockSignals(True)
        self.clear()
        for entry in entries:
            item = QListWidgetItem(self)
            item.setData(_ID, entry.id)
            item.setSizeHint(QSize(0, _ROW_PX))
            _fill(item, entry, here.get(entry.id))
        self.blockSignals(False)
        rows = [entry.id for entry in entries]
        self.setCurrentRow(rows.index(before) if before in rows else min(0, len(rows) - 1))
        self.picked.emit(self.picked_id)

    def show_here(self, entry: CatalogueEntry, here: Here | None) -> None:
        """Show that a volume is here now."""
        for row in range(self.count()):
            item = self.item(row)
            if _id_of(item) == entry.id:
                _fill(item, entry, here)

    def pick(self, entry_id: str) -> None:
        """Go to a row."""
        for row in range(self.count()):
            if _id_of(self.item(row)) == entry_id:
                self.setCurrentRow(row)

    @property
    def picked_id(self) -> str:
        """Id of the row that the user is on; "" for none."""
        return _id_of(self.currentItem())


def state_of(entry: CatalogueEntry, here: Here | None) -> str:
    """Say in a few words whether a volume is here, and if not, what it would cost."""
    if here is not None:
        return "on this computer"
    if entry.is_pointer:
        size = entry.variants[0].bytes
        return f"address only, {megabytes(size)}" if size else "address only"
    if entry.can_be_downloaded:
        return f"to download: {megabytes(entry.download_bytes)}" if entry.download_bytes else "to download"
    return "computed when opened" if entry.synthetic else "not on this computer"


def _fill(item: QListWidgetItem, entry: CatalogueEntry, here: Here | None) -> None:
    licence = entry.licence.partition(":")[0]
    item.setText(f"{entry.title}\n{state_of(entry, here)}  ·  {licence}")
    item.setToolTip(entry.shows)
    if here is not None and here.picture is not None:
        picture = picture_of(here.picture, _PICTURE_PX)
    else:
        picture = empty_picture(_PICTURE_PX, "no picture" if here is not None else "not here")
    icon = QIcon(picture)
    # Qt would lay a colour over the picture of the selected row.
    icon.addPixmap(picture, QIcon.Mode.Selected)
    item.setIcon(icon)


def _id_of(item: QListWidgetItem | None) -> str:
    return str(item.data(_ID)) if item is not None else ""
