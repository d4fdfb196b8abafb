"""The orientation receipt of the shown volume: how the program knows left from right, and what it is not sure of."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QTextBrowser, QVBoxLayout

from napari_vascular_loop.display.scene import Scene, scene_of
from napari_vascular_loop.display.volume_layer import LEFT_OUT_KEY
from napari_vascular_loop.domain.receipt import NOTES, lines, receipt
from napari_vascular_loop.samples.credit import credit_lines
from napari_vascular_loop.widgets.docked import DockedPanel
from napari_vascular_loop.widgets.volume_opening import opening_of

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume

_EMPTY = "Open a volume, and this says how the program knows where its left and right are."
_UNKNOWN = "ORIENTATION UNKNOWN: left and right can't be told, and no letters are shown"
_AMBER = "#FFC24B"
_UNSURE = frozenset(("assumed", NOTES))
_NOT_VOLUMES = "not volumes"


class ReceiptPanel(DockedPanel):
    """Shows the receipt of whichever volume a viewer shows.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Given by napari, which goes by the parameter's name.
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self._shown: object = None
        self.scene: Scene = scene_of(napari_viewer)
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.unknown = QLabel(_UNKNOWN)
        self.unknown.setWordWrap(True)
        self.unknown.setStyleSheet(
            "background-color: #7A1F1F; color: white; font-weight: bold; padding: 6px; border-radius: 3px;"
        )
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.copy_button = QPushButton("Copy")
        self.copy_button.setToolTip("Copy the receipt without names of files and without the description")
        self.copy_button.clicked.connect(self.copy)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.title)
        layout.addWidget(self.unknown)
        layout.addWidget(self.text, 1)
        layout.addLayout(foot)
        self.setMinimumWidth(300)
        self.scene.volume_changed.connect(self._follow)
        # Dropped scans are then read in the background, whatever panel is open.
        opening_of(self.scene.viewer)
        self.show_volume(self.scene.volume)

    def show_volume(self, volume: Volume | None) -> None:
        """Show the receipt of a volume, or what the panel is for."""
        self._shown = volume
        self.copy_button.setEnabled(volume is not None)
        self.unknown.setVisible(volume is not None and volume.orientation is None)
        if volume is None:
            self.title.setText("<b>Orientation receipt</b>")
            self.text.setHtml(escape(_EMPTY))
            return
        about = volume.provenance
        kind = about.modality or about.format.upper()
        self.title.setText(f"<b>{escape(' '.join(filter(None, (kind, about.description))))}</b>")
        credit = credit_lines(about.source_files)
        said = [
            *credit,
            *lines(receipt(volume.header)),
            *((_NOT_VOLUMES, f"{file}: {why}") for file, why in self._left_out()),
        ]
        self.text.setHtml(_as_html(said))

    def copied_text(self) -> str:
        """The receipt as it is copied: no name of a file, no description, only how many files were left out."""
        volume = self.scene.volume
        if volume is None:
            return ""
        said = [*credit_lines(volume.provenance.source_files), *lines(receipt(volume.header))]
        count = len(self._left_out())
        if count:
            said.append((_NOT_VOLUMES, f"{count} {'file' if count == 1 else 'files'}"))
        return "\n".join(f"{heading}: {text}" for heading, text in said)

    def copy(self) -> None:
        """Put the receipt on the clipboard."""
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.copied_text())

    def let_go(self) -> None:
        """Follow the scene no longer."""
        self.scene.volume_changed.disconnect(self._follow)

    def _follow(self) -> None:
        if self.scene.volume is not self._shown:
            self.show_volume(self.scene.volume)

    def _left_out(self) -> tuple[tuple[str, str], ...]:
        layer = self.scene.layer
        return tuple(layer.metadata.get(LEFT_OUT_KEY, ())) if layer is not None else ()


def _as_html(said: list[tuple[str, str]]) -> str:
    rows = []
    for heading, group in groupby(said, key=lambda each: each[0]):
        texts = "<br>".join(escape(text) for _, text in group)
        colour = f' style="color: {_AMBER}"' if heading in _UNSURE else ""
        rows.append(
            f'<tr><td style="padding: 3px 10px 3px 0; white-space: nowrap"><b>{escape(heading.capitalize())}</b></td>'
            f'<td style="padding: 3px 0"><span{colour}>{texts}</span></td></tr>'
        )
    return f"<table>{''.join(rows)}</table>"
