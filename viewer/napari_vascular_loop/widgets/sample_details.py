"""All that is said of one public volume."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from napari_vascular_loop.widgets.sample_list import state_of
from napari_vascular_loop.widgets.thumbnail_picture import picture_of

if TYPE_CHECKING:
    from napari_vascular_loop.sample_pictures import Here
    from napari_vascular_loop.samples.catalogue import CatalogueEntry

_PICTURE_PX = 230
_LINK = "#7FB8E6"
_UNVERIFIED = "Not verified: this program has not downloaded it yet. What comes is checked before it is opened."
_NOTHING = "No volume holds all of these words."


class SampleDetails(QScrollArea):
    """Picture, what one sees, licence, credit, size, and where it comes from."""

    def __init__(self) -> None:
        super().__init__()
        self._has_picture = False
        self._is_compact = False
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setOpenExternalLinks(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.addWidget(self.picture)
        column.addWidget(self.text, 1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_compact(self, compact: bool) -> None:
        """Leave the picture to the list, where there is no room for both it and the words."""
        self._is_compact = compact
        self.picture.setVisible(self._has_picture and not compact)

    def show_entry(self, entry: CatalogueEntry | None, here: Here | None) -> None:
        """Show what is known of a volume."""
        self._has_picture = here is not None and here.picture is not None
        self.set_compact(self._is_compact)
        if here is not None and here.picture is not None:
            self.picture.setPixmap(picture_of(here.picture, _PICTURE_PX))
        self.text.setText(_NOTHING if entry is None else _words(entry, here))


def _words(entry: CatalogueEntry, here: Here | None) -> str:
    rows = [
        ("Licence", escape(entry.licence)),
        ("Credit", escape(entry.credit)),
        ("Where", escape(state_of(entry, here))),
    ]
    if here is not None:
        # So that it may break at any folder.
        rows.append(("File", escape(str(here.path)).replace("/", "/\u200b").replace("\\", "\\\u200b")))
    if entry.page:
        link = f'<a style="color: {_LINK}" href="{escape(entry.page)}">{escape(entry.page)}</a>'
        rows.append(("From", link))
    if entry.is_pointer:
        url = entry.variants[0].url or ""
        rows.append(("Address", f'<a style="color: {_LINK}" href="{escape(url)}">{escape(url)}</a>'))
    if entry.can_be_downloaded and here is None and not any(one.verified for one in entry.variants):
        rows.append(("", escape(_UNVERIFIED)))
    table = "".join(
        f'<tr><td style="padding: 3px 12px 3px 0"><b>{name}</b></td><td style="padding: 3px 0">{text}</td></tr>'
        for name, text in rows
    )
    return f"<h3>{escape(entry.title)}</h3><p>{escape(entry.shows)}</p><table>{table}</table>"
