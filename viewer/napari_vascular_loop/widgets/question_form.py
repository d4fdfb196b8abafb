"""The form of one of the teacher's questions: what is asked, about which mark, and what counts as right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, Signal
from qtpy.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.question import Question, QuestionKind
from napari_vascular_loop.widgets.buttons import button, combo_box

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.lesson import Lesson

KIND_WORDS = {QuestionKind.FIND: "Find it", QuestionKind.NAME: "Name it"}
_GONE = "✗ It is gone: choose"
_WIDEST_MM = 100.0


class QuestionForm(QWidget):
    """Fields of a question; what is typed is told when the field is left.

    Parameters
    ----------
    propose : callable
        Gives the question that a mark, by its id, makes of a kind by itself; raises LessonError if it is gone.

    Signals
    -------
    edited : (str, dict)
        Id of the question, and its new values by their field names.
    selected_asked
        The question is to be about the selected mark.
    """

    edited = Signal(object)
    selected_asked = Signal()

    def __init__(self, propose: Callable[[str, QuestionKind], Question], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._propose = propose
        self._question: Question | None = None
        self._lesson: Lesson | None = None
        self._listed: list[tuple[str, str]] = []
        self._filling = False
        self.kind = combo_box("What the student does")
        self.kind.addItems(list(KIND_WORDS.values()))
        self.mark = combo_box("Mark that is the answer")
        self.use_selected = button("Selected", "Ask about the mark that is selected now", self.selected_asked)
        self.use_selected.setAccessibleName("Ask about the selected mark")
        self.prompt = QLineEdit(placeholderText="What the student is asked")
        self.accepted = QLineEdit(placeholderText="Other right names; between them a semicolon")
        self.accepted.setToolTip(
            "The mark's label, its structure's name and synonyms are right by themselves, and so are small slips"
        )
        self.asks_side = QCheckBox("The side has to be said, too")
        self.tolerance = QDoubleSpinBox()
        self.tolerance.setRange(0.0, _WIDEST_MM)
        self.tolerance.setSingleStep(0.5)
        self.tolerance.setDecimals(1)
        self.tolerance.setSuffix(" mm")
        self.tolerance.setSpecialValueText("as the program decides")
        self.tolerance.setKeyboardTracking(False)
        self._lay_out()
        self._no_wheel = _NoWheel(self)
        for field in (self.kind, self.mark, self.tolerance):
            field.installEventFilter(self._no_wheel)
        self.kind.activated.connect(self._on_kind)
        self.mark.activated.connect(self._on_mark)
        self.prompt.editingFinished.connect(self.commit)
        self.accepted.editingFinished.connect(self.commit)
        self.asks_side.clicked.connect(self.commit)
        self.tolerance.valueChanged.connect(self.commit)

    @property
    def question_id(self) -> str | None:
        """Id of the question that the form shows."""
        return self._question.id if self._question is not None else None

    def show_question(self, question: Question | None, lesson: Lesson | None, *, afresh: bool = False) -> None:
        """Show a question of a lesson; what is being typed of the same one stays, unless it is shown `afresh`."""
        before = self._question
        typed = not afresh and before is not None and question is not None and before.id == question.id
        self._filling = True
        try:
            kept = _texts(before) if typed and before is not None else None
            self._question, self._lesson = question, lesson
            self.setEnabled(question is not None)
            self._offer_marks()
            texts = _texts(question)
            for field, text, was in zip((self.prompt, self.accepted), texts, kept or texts, strict=True):
                if (kept is None or field.text() == was) and field.text() != text:
                    field.setText(text)
                    field.setCursorPosition(0)
            if question is None:
                return
            self.kind.setCurrentIndex(list(KIND_WORDS).index(question.kind))
            self.asks_side.setChecked(question.asks_side)
            self.tolerance.setValue(question.tolerance_mm or 0.0)
            names = question.kind is QuestionKind.NAME
            for field in (self.accepted, self.asks_side, self.tolerance):
                self._form.setRowVisible(field, names is (field is not self.tolerance))
        finally:
            self._filling = False

    def commit(self, *_: object) -> None:
        """Tell what is not told yet."""
        question = self._question
        if question is None or self._filling:
            return
        names = tuple(dict.fromkeys(name.strip() for name in self.accepted.text().split(";") if name.strip()))
        tolerance_mm = self.tolerance.value() or None
        if question.tolerance_mm is not None and round(question.tolerance_mm, 1) == tolerance_mm:
            tolerance_mm = question.tolerance_mm  # finer than the field shows it
        self._tell(
            prompt=self.prompt.text().strip(),
            accepted=names,
            asks_side=self.asks_side.isChecked(),
            tolerance_mm=tolerance_mm,
        )

    def take_mark(self, annotation_id: str) -> None:
        """Ask about another mark; a prompt that nobody has written follows it."""
        self._ask_anew(annotation_id=annotation_id)

    def _on_kind(self, number: int) -> None:
        self._ask_anew(kind=list(KIND_WORDS)[number])

    def _on_mark(self, number: int) -> None:
        annotation_id = self._listed[number][0]
        if annotation_id:
            self._ask_anew(annotation_id=annotation_id)

    def _ask_anew(self, **values: Any) -> None:
        """Ask in another way; the words that the program had proposed become those for the new way."""
        self.commit()
        question = self._question
        if question is None:
            return
        after = replace(question, **values)
        try:
            if question.prompt == self._propose(question.annotation_id, question.kind).prompt:
                proposed = self._propose(after.annotation_id, after.kind)
                values |= {"prompt": proposed.prompt, "asks_side": proposed.asks_side}
        except LessonError:
            pass  # its mark is gone: the words are the teacher's to judge
        self._tell(**values)

    def _tell(self, **values: Any) -> None:
        if self._question is not None and any(getattr(self._question, name) != one for name, one in values.items()):
            self.edited.emit((self._question.id, values))

    def _offer_marks(self) -> None:
        """List the lesson's marks, and in front that the question's is gone, if it is."""
        marks = self._lesson.annotations if self._lesson is not None else ()
        asked = self._question.annotation_id if self._question is not None else ""
        listed = [(mark.id, f"{number}. {mark.title}") for number, mark in enumerate(marks, start=1)]
        ids = [mark.id for mark in marks]
        if self._question is not None and asked not in ids:
            listed.insert(0, ("", _GONE))
        if listed != self._listed:
            self._listed = listed
            self.mark.clear()
            self.mark.addItems([words for _, words in listed])
        self.mark.setCurrentIndex(ids.index(asked) if asked in ids else 0 if listed else -1)

    def _lay_out(self) -> None:
        about = QHBoxLayout()
        about.setContentsMargins(0, 0, 0, 0)
        about.setSpacing(3)
        about.addWidget(self.kind)
        about.addWidget(self.mark, 1)
        about.addWidget(self.use_selected)
        form = self._form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Student", about)
        form.addRow("Question", self.prompt)
        form.addRow("Also right", self.accepted)
        form.addRow("", self.asks_side)
        form.addRow("Right within", self.tolerance)
        self.prompt.setAccessibleName("Question")
        self.accepted.setAccessibleName("Other names that are right")
        self.asks_side.setAccessibleName("The side has to be said, too")
        self.tolerance.setAccessibleName("Right within this distance")


class _NoWheel(QObject):
    """Keeps the wheel from fields: a value that changed under the mouse would be saved unnoticed."""

    def eventFilter(self, _field: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
        """Leave turns of the wheel to what is around, which may scroll."""
        if event.type() != QEvent.Type.Wheel:
            return False
        event.ignore()
        return True


def _texts(question: Question | None) -> tuple[str, str]:
    return (question.prompt, "; ".join(question.accepted)) if question is not None else ("", "")
