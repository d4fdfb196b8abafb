"""User name and password for a DICOMweb server, for as long as the window is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from napari_vascular_loop.formats.volumes.dicomweb import Credentials
from napari_vascular_loop.formats.volumes.dicomweb.credentials import has_keyring
from napari_vascular_loop.widgets.background_read import BackgroundRead

if TYPE_CHECKING:
    from typing import Any


class SignInBox(QFrame):
    """Fields for user name and password, and whether the keyring is to keep them.

    Hidden until it is needed; whether there is a keyring is asked in a thread when it is first shown.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked = False
        self.user = QLineEdit()
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.keep = QCheckBox("Keep in this computer's keyring")
        self.keep.setEnabled(False)
        self.keep.setToolTip("Looking for a keyring…")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for name, field in (("User name", self.user), ("Password", self.password)):
            field.setAccessibleName(name)
            label = QLabel(name)
            label.setBuddy(field)
            layout.addWidget(label)
            layout.addWidget(field, 1)
        layout.addWidget(self.keep)
        self.hide()

    def credentials(self) -> Credentials | None:
        """What was typed; None where nothing was, and environment and keyring are asked."""
        user, password = self.user.text().strip(), self.password.text()
        return Credentials(user, password) if self.isVisibleTo(self.parentWidget()) and user and password else None

    def wants_keeping(self) -> bool:
        """Whether the keyring is to keep what was typed."""
        return bool(self.keep.isEnabled() and self.keep.isChecked())

    def clear(self) -> None:
        """Forget what was typed."""
        self.user.clear()
        self.password.clear()

    def showEvent(self, event: Any) -> None:
        """See once whether there is a keyring."""
        super().showEvent(event)
        if not self._asked:
            self._asked = True
            look = BackgroundRead(lambda _progress: has_keyring(), self)
            look.returned.connect(self._on_keyring)
            look.start()

    def _on_keyring(self, there: bool) -> None:
        self.keep.setEnabled(there)
        self.keep.setToolTip(
            "It is asked for the password the next time" if there else "There is no keyring on this computer"
        )
