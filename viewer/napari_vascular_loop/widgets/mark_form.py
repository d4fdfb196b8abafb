"""The details of the selected mark: label, note, structure, side, grade, links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from napari_vascular_loop.domain.annotation import Annotation, Grade, Side
from napari_vascular_loop.domain.side_check import side_remark
from napari_vascular_loop.domain.space import format_ras_mm
from napari_vascular_loop.domain.terms import structure_by_id, structure_by_name, structure_name
from napari_vascular_loop.widgets.link_list import LinkList
from napari_vascular_loop.widgets.structure_box import StructureBox, codes_text
from napari_vascular_loop.widgets.view_row import ViewRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.store import LessonStore

_NOTE_HEIGHT_PX = 64
_WARNING = "color: #FFB347;"


class MarkForm(QWidget):
    """Form for one annotation; what is typed is told when the field is left.

    Parameters
    ----------
    sides_known : callable
        Says of a volume, by id, whether its left and right can be told from the coordinates.
    why_locked : callable
        Says of a mark why it can't be changed; "" of one that can.

    Signals
    -------
    edited : dict
        New values by the annotation's field names.
    """

    edited = Signal(dict)

    def __init__(
        self,
        sides_known: Callable[[str], bool] = lambda _: False,
        why_locked: Callable[[Annotation], str] = lambda _: "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sides_known, self._why_locked = sides_known, why_locked
        self._annotation: Annotation | None = None
        self._filling = False
        self.empty = QLabel("Select a mark in the list or on the image, or place one with a tool.")
        self.empty.setWordWrap(True)
        self._fields = QWidget()
        self.locked = _remark(_WARNING)
        self.label = QLineEdit(placeholderText="The few words shown on the image")
        self.note = _NoteEdit()
        self.structure = StructureBox()
        self.codes = _remark()
        self.side = _Choices([("", None), *[(side.value, side) for side in Side]])
        self.side_remark = _remark(_WARNING)
        self.grade = _Choices([("", None), *[(grade.value, grade) for grade in Grade]])
        self.definition = _remark()
        self.place = QLabel()
        self.place.setTextFormat(Qt.TextFormat.PlainText)
        self.view = ViewRow()
        self.links = LinkList()
        self._lay_out()
        self._connect()
        self.show_mark(None)

    def show_mark(self, store: LessonStore | None) -> None:
        """Show the selected mark of a store, or ask for one to be selected."""
        annotation = store.selected if store is not None else None
        typed = self._typed() if annotation is not None and annotation.id == self.annotation_id else {}
        self._filling = True
        try:
            self._annotation = annotation
            self.empty.setVisible(annotation is None)
            self._fields.setVisible(annotation is not None)
            self._fields.setEnabled(store is not None and not store.reader_note)
            self.links.show_links(store, annotation)
            if annotation is None:
                return
            why = self._why_locked(annotation)
            _say(self.locked, why)
            for field in (self.label, self.note, self.structure, self.side, self.grade, self.view):
                field.setEnabled(not why)
            if "label" not in typed:
                _set_text(self.label, annotation.label)
            if "note" not in typed and self.note.toPlainText() != annotation.note:
                self.note.setPlainText(annotation.note)
            if "structure" not in typed:
                self.structure.setCurrentText(structure_name(annotation.structure))
            self.side.choose(annotation.side)
            self.grade.choose(annotation.grade)
            self._show_remarks(annotation)
            self.view.show_view(annotation.view)
            who = f", by {annotation.author}" if annotation.author else ""
            self.place.setText(f"{annotation.geometry.kind} at {format_ras_mm(annotation.geometry.anchor_ras_mm)}{who}")
        finally:
            self._filling = False

    def _show_remarks(self, annotation: Annotation) -> None:
        """Say what the choices mean, and whether the side fits the place."""
        known = structure_by_id(annotation.structure)
        _say(self.codes, codes_text(known) if known else "")
        _say(self.side_remark, side_remark(annotation) if self._sides_known(annotation.volume_id) else "")
        _say(self.definition, annotation.grade.definition if annotation.grade else "")

    @property
    def annotation_id(self) -> str | None:
        """Id of the mark that the form shows, or None."""
        return self._annotation.id if self._annotation is not None else None

    def commit(self) -> None:
        """Tell what was typed and not told yet, all at once."""
        typed = self._typed()
        if typed and not self._filling:
            self.edited.emit(typed)

    def _typed(self) -> dict[str, str | None]:
        """Texts that are not those of the mark."""
        texts = {
            "label": self.label.text().strip(),
            "note": self.note.toPlainText().strip(),
            "structure": self._structure(),
        }
        mark = self._annotation
        return {name: text for name, text in texts.items() if mark is not None and getattr(mark, name) != text}

    def _lay_out(self) -> None:
        form = QFormLayout(self._fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.locked)
        rows = [
            ("Label", self.label),
            ("Note", self.note),
            ("Structure", self.structure),
            ("Side", self.side),
            ("Grade", self.grade),
        ]
        for name, field in rows:
            field.setAccessibleName(name)
            form.addRow(name, field)
            if under := {"Structure": self.codes, "Side": self.side_remark, "Grade": self.definition}.get(name):
                form.addRow("", under)
        self.place.setWordWrap(True)
        form.addRow("Place", self.place)
        form.addRow("Shown", self.view)
        form.addRow("Linked", self.links)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.empty)
        layout.addWidget(self._fields)
        layout.addStretch()

    def _connect(self) -> None:
        self.label.editingFinished.connect(lambda: self._tell("label", self.label.text().strip()))
        self.note.left.connect(lambda: self._tell("note", self.note.toPlainText().strip()))
        self.side.currentIndexChanged.connect(lambda: self._tell("side", self.side.value()))
        self.grade.currentIndexChanged.connect(lambda: self._tell("grade", self.grade.value()))
        self.structure.activated.connect(self._tell_structure)
        line = self.structure.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._tell_structure)

    def _structure(self) -> str | None:
        text = self.structure.currentText().strip()
        known = structure_by_name(text)
        return known.id if known else text or None

    def _tell_structure(self, *_: object) -> None:
        self._tell("structure", self._structure())

    def _tell(self, name: str, value: Any) -> None:
        if self._annotation is not None and not self._filling and getattr(self._annotation, name) != value:
            self.edited.emit({name: value})


class _NoteEdit(QPlainTextEdit):
    """A text field of a few lines that says when it is left."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__(placeholderText="What a student should know of it", tabChangesFocus=True)
        self.setFixedHeight(_NOTE_HEIGHT_PX)

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class _Choices(QComboBox):
    """A box of values; Qt's own data would turn an enumeration into plain text."""

    def __init__(self, items: list[tuple[str, Any]]) -> None:
        super().__init__()
        self._values = [value for _, value in items]
        self.addItems([text for text, _ in items])

    def wheelEvent(self, event: Any) -> None:
        """Let the form scroll; a value that changed under the mouse would be saved unnoticed."""
        event.ignore()

    def value(self) -> Any:
        return self._values[self.currentIndex()]

    def choose(self, value: Any) -> None:
        self.setCurrentIndex(self._values.index(value))


def _remark(style: str = "color: #9AA4AE;") -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setStyleSheet(style)
    label.hide()
    return label


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _set_text(field: QLineEdit, text: str) -> None:
    if field.text() != text:
        field.setText(text)
