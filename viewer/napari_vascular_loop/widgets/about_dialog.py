"""What a lesson says of itself, to be filled in: who made it, for whom, and whom its images are owed to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.domain.lesson_about import OBJECTIVES_FOLLOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.store import LessonStore

_LICENCES = ("", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC0-1.0", "All rights reserved")
_LONGEST_MINUTES = 999
_SIZE_PX = (560, 680)
_LINES_PX, _HEADINGS_PX = 66, 96
_FRAMED = "QPlainTextEdit { border: 1px solid #808890; border-radius: 3px; }"
_BAD = "background-color: #7A1F1F; color: white; padding: 5px; border-radius: 3px;"


class AboutDialog(QDialog):
    """A form of what `lesson.json` says of a lesson. What was changed in it becomes one edit; the rest is left alone.

    Parameters
    ----------
    store : LessonStore
        Of the lesson.
    """

    def __init__(self, store: LessonStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About this lesson")
        self.resize(*_SIZE_PX)
        lesson = store.lesson
        self._store = store
        self.title = _line(lesson.title)
        self.authors = _lines(lesson.authors, "One name on each line")
        self.authors.setMaximumHeight(_LINES_PX)
        self.licence = QComboBox()
        self.licence.setEditable(True)
        self.licence.addItems(tuple(dict.fromkeys((*_LICENCES, lesson.licence))))
        self.licence.setCurrentText(lesson.licence)
        self.credit = _line(lesson.credit, "Whom the images are owed to")
        self.audience = _line(lesson.audience, "for residents in their first year")
        self.minutes = QSpinBox()
        self.minutes.setRange(0, max(_LONGEST_MINUTES, lesson.minutes or 0))
        self.minutes.setSpecialValueText("not said")
        self.minutes.setSuffix(" minutes")
        self.minutes.setValue(lesson.minutes or 0)
        self.objectives = _lines(lesson.objectives, "One on each line, such as: find the porus on both sides")
        self.imaging = _headings(lesson)
        self.notice = _line(lesson.notice, "Shown with the image, such as: read by one person only")
        self.scans = {volume.id: _line(volume.title, volume.id) for volume in lesson.volumes}
        self._before = self._said()
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setStyleSheet(_BAD)
        self.message.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()

    def accept(self) -> None:
        """Make the edit, or say why it can't be made."""
        said = self._said()
        changed = {name: value for name, value in said.items() if value != self._before[name]}
        try:
            if changed.get("title") == "":
                self._tell("A lesson needs a title: students see it in lists and above the article.")
                return
            if titles := changed.pop("scans", None):
                # Upon the entries as they are now: another program may have changed what is not in this form.
                changed["volumes"] = tuple(
                    replace(volume, title=titles.get(volume.id, volume.title)) for volume in self._store.lesson.volumes
                )
            if changed:
                self._store.edit_details(**changed)
        except VascularLoopError as error:
            self._tell(str(error))
            return
        super().accept()

    def _said(self) -> dict[str, Any]:
        """What stands in the fields, by the names of the lesson's details; titles of the scans by their ids."""
        return {
            "title": self.title.text().strip(),
            "authors": _split(self.authors),
            "licence": self.licence.currentText().strip(),
            "credit": self.credit.text().strip(),
            "audience": self.audience.text().strip(),
            "minutes": self.minutes.value() or None,
            "objectives": _split(self.objectives),
            "imaging": tuple(item.text() for item in _items(self.imaging) if _is_checked(item)),
            "notice": self.notice.text().strip(),
            "scans": {name: field.text().strip() for name, field in self.scans.items()},
        }

    def _tell(self, problem: str) -> None:
        self.message.setText(problem)
        self.message.show()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows: list[tuple[str, QWidget]] = [
            ("Title", self.title),
            ("Authors", self.authors),
            ("Licence", self.licence),
            ("Credit", self.credit),
            ("For whom", self.audience),
            ("Takes about", self.minutes),
            (OBJECTIVES_FOLLOW, self.objectives),
            ("Headings under which all\nis tied to marks", self.imaging),
            ("Notice", self.notice),
            *(
                (f"Scan {number}" if len(self.scans) > 1 else "Scan", field)
                for number, field in enumerate(self.scans.values(), 1)
            ),
        ]
        for words, field in rows:
            label = QLabel(words)
            label.setWordWrap(True)
            label.setBuddy(field)
            field.setAccessibleName(" ".join(words.split()))
            form.addRow(label, field)
        layout = QVBoxLayout(self)
        layout.addLayout(form, 1)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)


def _line(text: str, hint: str = "") -> QLineEdit:
    field = QLineEdit(text)
    field.setPlaceholderText(hint)
    field.setCursorPosition(0)
    return field


def _lines(texts: Iterable[str], hint: str) -> QPlainTextEdit:
    field = QPlainTextEdit("\n".join(texts))
    field.setPlaceholderText(hint)
    field.setTabChangesFocus(True)
    field.setMinimumHeight(_LINES_PX)
    field.setStyleSheet(_FRAMED)  # napari's themes give such a field no edge
    return field


def _split(field: QPlainTextEdit) -> tuple[str, ...]:
    return tuple(filter(None, (" ".join(line.split()) for line in field.toPlainText().splitlines())))


def _headings(lesson: Lesson) -> QListWidget:
    """The article's headings below its title, to be checked, and those that the lesson names and the article lacks."""
    from napari_vascular_loop.imaging_part import headings

    shown = QListWidget()
    shown.setMinimumHeight(_HEADINGS_PX)
    shown.setToolTip("Check tells of paragraphs below these headings that no mark is tied to")
    for words in dict.fromkeys((*headings(lesson.article), *lesson.imaging)):
        item = QListWidgetItem(words, shown)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
        item.setCheckState(Qt.CheckState.Checked if words in lesson.imaging else Qt.CheckState.Unchecked)
    return shown


def _items(shown: QListWidget) -> list[Any]:
    return [shown.item(row) for row in range(shown.count())]


def _is_checked(item: Any) -> bool:
    return bool(item.checkState() == Qt.CheckState.Checked)
