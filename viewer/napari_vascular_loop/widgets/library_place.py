"""Choosing a library: this program's own lessons, a folder, an address, or one that was opened before."""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QInputDialog, QWidget

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.library.library import Library
from napari_vascular_loop.library.places import is_address, last_libraries, remember
from napari_vascular_loop.widgets.buttons import button, combo_box


class LibraryPlace(QWidget):
    """A row: which library, and others.

    Signals
    -------
    chosen : Library
        To be shown.
    again_asked
        The one that is shown is to be looked through anew.
    failed : str
        What was typed can't be a library.
    """

    chosen = Signal(object)
    again_asked = Signal()
    failed = Signal(str)
    _folder_asked = Signal()
    _address_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.box = combo_box("Library")
        self.box.setToolTip("Whose lessons are shown")
        self.folder = button("Folder…", "Show the lessons that lie below a folder", self._folder_asked)
        self.address = button("Address…", "Show the lessons of a web server", self._address_asked)
        self.again = button("↻", "Look for lessons that are new or have changed", self.again_asked)
        self.again.setAccessibleName("Look again")
        self.again.setMaximumWidth(32)
        self._folder_asked.connect(self._ask_folder)
        self._address_asked.connect(self._ask_address)
        self.box.activated.connect(lambda _: self.choose(str(self.box.currentData() or "")))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box, 1)
        for each in (self.folder, self.address, self.again):
            layout.addWidget(each)

    def choose(self, said: str) -> None:
        """Show a library by its folder or address; "" for the lessons that ship with the program."""
        try:
            library = Library(said)
        except VascularLoopError as error:
            self.failed.emit(str(error))
            return
        if said:
            remember(said)
        self._offer(said)
        self.chosen.emit(library)

    def choose_last(self) -> None:
        """Show the one that was shown last."""
        self.choose(next(iter(last_libraries()), ""))

    def _offer(self, current: str) -> None:
        with QSignalBlocker(self.box):
            self.box.clear()
            for said in ("", *last_libraries()):
                try:
                    name = Library(said).name
                except VascularLoopError:
                    continue  # kept by another version
                self.box.addItem(name, said)
                self.box.setItemData(self.box.count() - 1, said or name, Qt.ItemDataRole.ToolTipRole)
            at = self.box.findData(current)
            if at < 0:  # it could not be remembered
                self.box.addItem(Library(current).name, current)
                at = self.box.count() - 1
            self.box.setCurrentIndex(at)

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A folder of lessons")
        if folder:
            self.choose(folder)

    def _ask_address(self) -> None:
        said, accepted = QInputDialog.getText(self, "A library on a web server", "Address, such as https://…:")
        said = said.strip()
        if not accepted or not said:
            return
        if is_address(said):
            self.choose(said)
        else:
            self.failed.emit(f"{said!r} is no address of a library; it begins with https://")
