"""What the windows for DICOMweb servers share: who is asked, work in a thread, signing in, and what went wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicomweb import Address, Credentials, CredentialsNeededError, Server
from napari_vascular_loop.widgets.background_read import BackgroundRead
from napari_vascular_loop.widgets.dicomweb_wait_row import WaitRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.widgets.dicomweb_form import DicomwebForm

_GOOD, _BAD = "#24445C", "#7A1F1F"


class ServerDialog(QDialog):
    """A form for a server, and one thing after the other that is asked of it, in a thread.

    Parameters
    ----------
    title : str
        Of the window.
    form : DicomwebForm
        Which server, and as whom.
    act : str
        What the button does by which the dialog ends well.
    again : str
        What is to be done after signing in.
    parent : QWidget, optional
        The window.
    """

    def __init__(self, title: str, form: DicomwebForm, act: str, again: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._again = again
        self._read: BackgroundRead | None = None
        self._server: Server | None = None
        self._credentials: Credentials | None = None
        self.form = form
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setVisible(False)
        self.waiting = WaitRow()
        self.waiting.hide()
        self.act_button = QPushButton(act)
        self.close_button = QPushButton("Close")
        for button in (self.act_button, self.close_button):
            button.setAutoDefault(False)
        self.waiting.cancel_asked.connect(self.cancel)
        self.close_button.clicked.connect(lambda: self.reject())

    def cancel(self) -> None:
        """End what is under way; nothing of it is kept."""
        if self._read is not None:
            self._read.cancel()
            self._rest()
            self._say_what_next()
            self.tell("Cancelled; nothing was kept.")

    def tell(self, text: str, bad: bool = False) -> None:
        """Show a sentence over the tables; "" takes it away."""
        self.message.setText(text[:1].upper() + text[1:])
        self.message.setVisible(bool(text))
        self.message.setStyleSheet(
            f"background-color: {_BAD if bad else _GOOD}; color: white; padding: 6px; border-radius: 3px;"
        )

    def done(self, result: int) -> None:
        """End, whichever way; what is under way ends too, and the password is forgotten."""
        if self._read is not None:
            self._read.cancel()
            self._read = None
        self.form.sign_in.clear()
        self._credentials = None
        super().done(result)

    # ---------------------------------------------------------------- who is asked

    def _take_server(self) -> Address | None:
        """Take server, user name and password from the form; None if it names no server, which is said."""
        try:
            address = self.form.address()
        except VolumeReadError as error:
            self.tell(str(error), bad=True)
            self.form.server.setFocus()
            return None
        self._server, self._credentials = address.server, self.form.credentials()
        return address

    def _ask_to_sign_in(self, error: CredentialsNeededError) -> None:
        server = self._server
        if server is None or not server.is_private:  # nothing that is typed would be sent there
            self._show_problem(str(error))
            return
        tried = self._credentials is not None
        self.form.ask_to_sign_in()
        said = (
            "does not accept this user name and password. Try others"
            if tried
            else "asks who you are. Give user name and password above"
        )
        self._show_problem(f"The server {server.authority} {said}, and {self._again}.")

    def _show_problem(self, problem: str) -> None:
        self._say_what_next()
        self.tell(problem, bad=True)

    def _say_what_next(self) -> None:
        """Tell beside the message what to do, as nothing came."""

    # ---------------------------------------------------------------- the thread

    def _begin(self, title: str, work: Callable[[Progress], Any], then: Callable[[Any], None]) -> None:
        """Do work in a thread; what was under way ends."""
        if self._read is not None:
            self._read.cancel()
        self.tell("")
        read = self._read = BackgroundRead(work, self)
        read.progressed.connect(partial(self._on_progress, read))
        read.returned.connect(partial(self._on_returned, read, then))
        read.failed.connect(partial(self._on_failed, read))
        read.ended.connect(partial(self._on_ended, read))
        self.waiting.begin(title)
        self._show_possible()
        read.start()

    def _on_progress(self, read: BackgroundRead, done: float) -> None:
        if read is self._read:
            self.waiting.show_progress(done)

    def _on_returned(self, read: BackgroundRead, then: Callable[[Any], None], answer: Any) -> None:
        if read is not self._read:
            return
        self._rest()
        if isinstance(answer, CredentialsNeededError):
            self._ask_to_sign_in(answer)
        else:
            then(answer)

    def _on_failed(self, read: BackgroundRead, problem: str) -> None:
        if read is self._read:
            self._rest()
            self._show_problem(problem)

    def _on_ended(self, read: BackgroundRead) -> None:
        if read is self._read:
            self._rest()
        read.deleteLater()

    def _rest(self) -> None:
        """Nothing is under way."""
        self._read = None
        self.waiting.hide()
        self._show_possible()

    def _show_possible(self) -> None:
        """Enable what can be done now."""
        raise NotImplementedError

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.waiting)
        row.addStretch()
        row.addWidget(self.act_button)
        row.addWidget(self.close_button)
        return row
