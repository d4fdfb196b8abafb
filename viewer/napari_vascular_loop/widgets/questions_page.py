"""The teacher's own questions: listed in the order of asking, added, changed, moved, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_vascular_loop.domain.annotation import new_id
from napari_vascular_loop.domain.errors import LessonError, VascularLoopError
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.study.exercise import made_question
from napari_vascular_loop.widgets.buttons import button
from napari_vascular_loop.widgets.question_form import QuestionForm
from napari_vascular_loop.widgets.question_list import QuestionList

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.domain.question import Question
    from napari_vascular_loop.store import LessonStore

_NONE_YET = (
    "Students are asked about each mark by itself, to find it and to name it. To ask in your own words, select a mark "
    "and press + Find it or + Name it: your question takes the place of the made one, and comes first."
)
_NO_LESSON = "No lesson is open."
_NO_MARKS = "A question is about a mark: place one first."


class QuestionsPage(QWidget):
    """A list of questions, and a form for the chosen one.

    Parameters
    ----------
    edit : callable
        Gives the lesson other questions, under a title for undo; says whether it could be.
    sides_known : callable
        Says of a volume, by id, whether its left and right can be told.

    Signals
    -------
    chosen : str
        Id of the mark of the question that the user clicked or walked to.
    """

    chosen = Signal(str)
    _find_asked, _name_asked, _delete_asked, _up_asked, _down_asked = Signal(), Signal(), Signal(), Signal(), Signal()

    def __init__(
        self,
        edit: Callable[[Sequence[Question], str], bool],
        sides_known: Callable[[str], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._edit, self._sides_known = edit, sides_known
        self._store: LessonStore | None = None
        self._questions: tuple[Question, ...] = ()
        self._is_stale = True
        self.list = QuestionList()
        self.empty = QLabel(wordWrap=True)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.form = QuestionForm(self._proposed)
        self.add_find = button("+ Find it", "Ask students to put the place of the selected mark", self._find_asked)
        self.add_name = button("+ Name it", "Ask students to name what the selected mark shows", self._name_asked)
        self.delete = button("Delete", "Delete this question; undo brings it back", self._delete_asked)
        self.up = button("▲", "Ask it earlier", self._up_asked)
        self.down = button("▼", "Ask it later", self._down_asked)
        self.add_find.setAccessibleName("Add a question to find a mark")
        self.add_name.setAccessibleName("Add a question to name a mark")
        self.delete.setAccessibleName("Delete the question")
        self.up.setAccessibleName("Ask it earlier")
        self.down.setAccessibleName("Ask it later")
        self._lay_out()
        self._find_asked.connect(lambda: self._add(QuestionKind.FIND))
        self._name_asked.connect(lambda: self._add(QuestionKind.NAME))
        self._delete_asked.connect(self._delete)
        self._up_asked.connect(lambda: self._move(-1))
        self._down_asked.connect(lambda: self._move(1))
        self.list.currentRowChanged.connect(self._on_row)
        self.list.itemClicked.connect(self._on_clicked)
        self.form.edited.connect(self._on_edited)
        self.form.selected_asked.connect(self._use_selected)
        self._show_now()

    # ---------------------------------------------------------------- what is shown

    def show_store(self, store: LessonStore | None) -> None:
        """Show the questions of a lesson as they are now; as long as the page is not seen, nothing is done."""
        if store is not self._store:
            self._store = store
            self._questions = ()
        self._is_stale = True
        if self.isVisible():
            self._show_now()

    def showEvent(self, event: Any) -> None:
        """Catch up with what happened meanwhile."""
        super().showEvent(event)
        self._catch_up()

    def choose(self, question_id: str) -> None:
        """Light a question, and show it in the form."""
        number = self._number(question_id)
        if number is not None:
            self.list.setCurrentRow(number)

    def commit(self) -> None:
        """Keep what was typed in the form."""
        self.form.commit()

    def _catch_up(self) -> None:
        if self._is_stale:
            self._show_now()

    def _show_now(self, light: str | None = None) -> None:
        store, wanted = self._store, light or self.form.question_id
        self._is_stale = False
        row = max(self.list.currentRow(), 0)
        problem = ""
        try:
            self._questions = questions_of(store.lesson) if store is not None else ()
        except LessonError as error:
            self._questions, problem = (), f"The questions can't be read: {error}"
        marks = {mark.id: mark.title for mark in store.annotations} if store is not None else {}
        at = self._number(wanted)
        self.list.show_questions(self._questions, marks, at if at is not None else row)
        can_edit = store is not None and not store.reader_note and not problem
        self.add_find.setEnabled(can_edit and bool(marks))
        self.add_name.setEnabled(can_edit and bool(marks))
        self.empty.setText(problem or (_NO_LESSON if store is None else _NONE_YET if marks else _NO_MARKS))
        for widget, is_seen in ((self.empty, not self._questions), (self.list, bool(self._questions)),
                                (self.form, bool(self._questions))):  # fmt: skip
            widget.setVisible(is_seen)
        self._show_chosen(can_edit)

    def _show_chosen(self, can_edit: bool, *, afresh: bool = False) -> None:
        row = self.list.currentRow()
        question = self._questions[row] if 0 <= row < len(self._questions) else None
        self.form.show_question(question, self._store.lesson if self._store is not None else None, afresh=afresh)
        self.form.setEnabled(can_edit and question is not None)
        self.delete.setEnabled(can_edit and question is not None)
        self.up.setEnabled(can_edit and question is not None and row > 0)
        self.down.setEnabled(can_edit and question is not None and row < len(self._questions) - 1)

    # ---------------------------------------------------------------- what the user does

    def _on_row(self, row: int) -> None:
        # What was typed belongs to the question that is still in the form; once it is kept, that one is lit again.
        self.form.commit()
        self.list.light(row)
        self._show_chosen(self._can_edit)
        self._go_to_mark()

    def _on_clicked(self, _item: object) -> None:
        self._go_to_mark()

    def _go_to_mark(self) -> None:
        row = self.list.currentRow()
        mark_id = self._questions[row].annotation_id if 0 <= row < len(self._questions) else None
        if self._store is not None and any(mark.id == mark_id for mark in self._store.annotations):
            self.chosen.emit(mark_id)

    def _add(self, kind: QuestionKind) -> None:
        store = self._store
        if store is None or not store.annotations:
            return
        self.form.commit()
        self._catch_up()
        mark = store.selected or store.annotations[0]
        question = replace(self._proposed(mark.id, kind), id=new_id())
        self._put((*self._questions, question), "add question", light=question.id)
        self.form.prompt.setFocus()
        self.form.prompt.selectAll()

    def _proposed(self, annotation_id: str, kind: QuestionKind) -> Question:
        if self._store is None:
            raise LessonError(_NO_LESSON)
        lesson = self._store.lesson
        known = self._sides_known(lesson.annotation(annotation_id).volume_id)
        return made_question(lesson, annotation_id, kind, orientation_known=known)

    def _delete(self) -> None:
        self._catch_up()
        row = self.list.currentRow()
        self._put((*self._questions[:row], *self._questions[row + 1 :]), "delete question")

    def _move(self, by: int) -> None:
        self.form.commit()
        self._catch_up()
        row = self.list.currentRow()
        questions = list(self._questions)
        questions.insert(row + by, moved := questions.pop(row))
        self._put(questions, "reorder questions", light=moved.id)

    def _use_selected(self) -> None:
        if self._store is not None and self._store.selected is not None:
            self.form.take_mark(self._store.selected.id)

    def _on_edited(self, edited: tuple[str, dict[str, Any]]) -> None:
        question_id, values = edited
        self._catch_up()
        number = self._number(question_id)
        if number is None:
            return
        questions = list(self._questions)
        try:
            questions[number] = replace(questions[number], **values)
        except VascularLoopError:
            # No words: what is not kept must not stand there as if it were.
            self._show_chosen(self._can_edit, afresh=True)
            return
        self._put(questions, "change question")

    def _put(self, questions: Sequence[Question], title: str, light: str | None = None) -> None:
        done = self._edit(questions, title)
        self._show_now(light)
        if not done:
            self._show_chosen(self._can_edit, afresh=True)

    @property
    def _can_edit(self) -> bool:
        return self._store is not None and not self._store.reader_note

    def _number(self, question_id: str | None) -> int | None:
        return next((n for n, one in enumerate(self._questions) if one.id == question_id), None)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(3)
        row.addWidget(self.add_find)
        row.addWidget(self.add_name)
        row.addStretch()
        for one in (self.up, self.down):
            one.setFixedWidth(34)
            row.addWidget(one)
        row.addWidget(self.delete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3, 4, 3, 3)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.empty)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.form)
