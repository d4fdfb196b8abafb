"""Which DICOMweb server is searched, for what, and as whom."""

from __future__ import annotations

from qtpy.QtCore import QSettings, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from napari_vascular_loop.formats.volumes.dicomweb import Address, Credentials, Server, StudyQuery, parse_server
from napari_vascular_loop.widgets.dicomweb_sign_in import SignInBox


class DicomwebForm(QWidget):
    """Fields for server, patient and date; below them, when needed, those for user name and password.

    Parameters
    ----------
    searches : bool
        Whether there are fields for patient and date, and a button to search for them.
    parent : QWidget, optional
        The window.

    Signals
    -------
    search_asked
        The button was pressed, or Return in a field.
    """

    search_asked = Signal()

    def __init__(self, searches: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.server = QLineEdit(_settings().value("server", "", str))
        self.server.setPlaceholderText("https://pacs.example.org/dicom-web")
        self.name = QLineEdit(placeholderText="Family, given")
        self.patient_id = QLineEdit(placeholderText="* for any ending")
        self.date = QLineEdit(placeholderText="2024-03, or 2023 to 2024")
        self.sign_in_button = QPushButton("Sign in…", checkable=True)
        self.sign_in_button.setAutoDefault(False)
        self.search_button = QPushButton("Search")
        self.search_button.setDefault(searches)
        self.sign_in = SignInBox(self)
        self.sign_in_button.toggled.connect(self.sign_in.setVisible)
        self.search_button.clicked.connect(lambda: self.search_asked.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._grid(searches))
        layout.addWidget(self.sign_in)

    def address(self) -> Address:
        """The server that was typed, and the study if a whole address was.

        Raises
        ------
        VolumeReadError
            If it is none.
        """
        return parse_server(self.server.text())

    def query(self) -> StudyQuery:
        """What is looked for."""
        return StudyQuery(self.patient_id.text(), self.name.text(), self.date.text())

    def credentials(self) -> Credentials | None:
        """What was typed; None for those of environment and keyring."""
        return self.sign_in.credentials()

    def ask_to_sign_in(self) -> None:
        """Show the fields for user name and password."""
        self.sign_in_button.setChecked(True)
        self.sign_in.user.setFocus()

    def _grid(self, searches: bool) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.addWidget(label_of("Server", self.server), 0, 0)
        grid.addWidget(self.server, 0, 1, 1, 5)
        grid.addWidget(self.sign_in_button, 0, 6)
        if not searches:
            for unused in (self.name, self.patient_id, self.date, self.search_button):
                unused.setParent(self)
                unused.hide()
            return grid
        fields = (("Patient name", self.name), ("Patient ID", self.patient_id), ("Date", self.date))
        for number, (name, field) in enumerate(fields):
            grid.addWidget(label_of(name, field), 1, 2 * number)
            grid.addWidget(field, 1, 2 * number + 1)
            grid.setColumnStretch(2 * number + 1, 1)
        grid.addWidget(self.search_button, 1, 6)
        return grid


def label_of(name: str, field: QWidget) -> QLabel:
    """Label for a field, which screen readers and keys find by it too."""
    label = QLabel(name)
    label.setBuddy(field)
    field.setAccessibleName(name)
    return label


def remember(server: Server) -> None:
    """Have the next form begin with a server that has answered. Nothing else is kept."""
    _settings().setValue("server", server.url)


def _settings() -> QSettings:
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "napari-vascular-loop", "dicomweb")
