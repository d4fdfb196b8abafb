"""Find it and Name it: from the start page by way of questions and answers to the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_vascular_loop.display.study_stage import nudge
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.study.session import Choice
from napari_vascular_loop.widgets.study_card import QuestionCard
from napari_vascular_loop.widgets.study_start import StudyStart
from napari_vascular_loop.widgets.study_texts import Pages

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.display.study_mouse import StudyMouse
    from napari_vascular_loop.display.study_stage import StudyStage
    from napari_vascular_loop.domain.annotation import Side
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.space import Plane, Vector3
    from napari_vascular_loop.study.desk import Desk, Outcome

_ABOUT = {
    QuestionKind.FIND: "Find it: the marks are hidden, and you put the place.",
    QuestionKind.NAME: "Name it: a mark is shown without its name, and you name it.",
}


class StudyQuiz(QObject):
    """Connects a desk with the pages that ask and with what the scene shows.

    Parameters
    ----------
    scene : Scene
        Of the viewer.
    stage : StudyStage
        Shows as much of the lesson as may be seen.
    mouse : StudyMouse
        Tells where the student clicks.

    Signals
    -------
    asked
        A question, or the start page, is shown: the article must not be seen.
    revealed : str
        Id of the mark that was asked for, which is shown now.
    failed : str
        What went wrong; "" if nothing.
    place_asked : bool
        Whether a place is asked for from now on.
    ended
        The student has had enough.
    """

    place_asked = Signal(bool)
    asked = Signal()
    revealed = Signal(str)
    failed = Signal(str)
    ended = Signal()

    def __init__(self, scene: Scene, stage: StudyStage, mouse: StudyMouse, parent: Any) -> None:
        super().__init__(parent)
        self._scene, self._stage, self._mouse = scene, stage, mouse
        self._lesson: Lesson | None = None
        self._folder = ""
        self.desk: Desk | None = None
        self.kind = QuestionKind.FIND
        self._is_on = False
        self.start, self.card = StudyStart(), QuestionCard()
        self.pages = Pages(self.start, self.card)
        self.start.named.connect(self._on_named)
        self.start.started.connect(self._on_started)
        self.card.named.connect(self._on_name)
        self.card.middle_asked.connect(lambda: self.answer_with_middle())
        self.card.choices_asked.connect(lambda: self.desk and self.card.offer(self.desk.choices()))
        self.card.show_asked.connect(lambda: self.desk and self._on_outcome(self.desk.give_up()))
        self.card.next_asked.connect(lambda: self.go_on())
        self.card.again_asked.connect(self._on_again)
        self.card.stop_asked.connect(self.ended)
        mouse.placed.connect(self._on_place)
        mouse.drawn.connect(lambda tail, tip: stage.preview(tip, tail))

    def set_lesson(self, lesson: Lesson, desk: Desk, folder: str) -> None:
        """Ask about another lesson."""
        self._lesson, self.desk, self._folder = lesson, desk, folder
        self._show_student()

    def begin(self, kind: QuestionKind) -> None:
        """Show the start page for a kind of question; marks are hidden from now on."""
        self.kind, self._is_on = kind, True
        if self.desk is not None:
            self.desk.stop()
        self._ask_place(False)
        if self._lesson is not None:
            self._stage.hide_marks(self._lesson)
        self._show_start()
        self.pages.show_page(self.start)
        self.asked.emit()

    def end(self) -> None:
        """Ask no more."""
        self._is_on = False
        self._ask_place(False)
        self._stage.preview(None)
        if self.desk is not None:
            self.desk.stop()

    def volume_changed(self) -> None:
        """Another volume is shown: what is asked is another."""
        if self._is_on:
            self.begin(self.kind)

    # ---------------------------------------------------------------- keys

    def go_on(self) -> bool:
        """Go to the next question, once the present one is answered; whether it was."""
        session = self.desk.session if self.desk is not None else None
        if self.desk is None or session is None or not session.is_answered:
            return False
        self.desk.next()
        self._ask()
        return True

    def confirm(self) -> bool:
        """Do what Enter on the canvas asks for: answer with the middle of the picture, or go on."""
        return self.answer_with_middle() if self._mouse.asks_place else self.go_on()

    def answer_with_middle(self) -> bool:
        """Answer with the place in the middle of the main canvas; whether there is one."""
        place, state = self._scene.main.middle_ras_mm(), self._scene.state()
        if place is None or state is None or not state.inside:
            return False
        self._on_place(place, state.plane)
        return True

    def nudge(self, down_px: float, right_px: float) -> bool:
        """Move the picture, and mark its middle, while a place is asked for."""
        if not self._mouse.asks_place:
            return False
        self._stage.preview(nudge(self._scene, down_px, right_px))
        return True

    # ---------------------------------------------------------------- pages

    def _show_student(self) -> None:
        if self.desk is not None:
            self.start.show_student(self.desk.student, self.desk.known_students(), self._folder)

    def _show_start(self) -> None:
        if self.desk is None:
            self.start.show_counts("Open a lesson first.", {})
            return
        why = self.desk.why_none(self.kind)
        counts = {choice: self.desk.count(self.kind, choice) for choice in Choice}
        self.start.show_counts("\n".join(filter(None, (_ABOUT[self.kind], why))), counts)

    def _on_named(self, name: str) -> None:
        if self.desk is not None:
            self.failed.emit(self.desk.set_student(name))
            self._show_student()
            self._show_start()

    def _on_started(self, choice: Choice) -> None:
        if self.desk is not None and self.desk.start(self.kind, choice) is not None:
            self._ask()

    def _on_again(self) -> None:
        if self.desk is not None and self.desk.start_missed() is not None:
            self._ask()

    def _ask(self) -> None:
        desk, lesson = self.desk, self._lesson
        if desk is None or lesson is None or desk.session is None:
            return
        self.pages.show_page(self.card)
        self._stage.show_slices()
        asked = desk.current
        self._stage.preview(None)
        self._ask_place(asked is not None and self.kind is QuestionKind.FIND)
        if asked is None or self.kind is QuestionKind.FIND:
            self._stage.hide_marks(lesson)
            # Away from the place of the last question, which may be near this one's.
            self._scene.show_whole()
        else:
            self._stage.show_unnamed(lesson, asked.mark)
        self.card.ask(desk.session)
        self.asked.emit()

    # ---------------------------------------------------------------- answers

    def _ask_place(self, on: bool) -> None:
        self._mouse.asks_place = on
        self.place_asked.emit(on)

    def _on_place(self, place_ras_mm: Vector3, plane: Plane) -> None:
        if self.desk is not None and self._mouse.asks_place:
            self._on_outcome(self.desk.answer_place(place_ras_mm, plane))

    def _on_name(self, name: str, side: Side | None) -> None:
        if self.desk is not None:
            self._on_outcome(self.desk.answer_name(name, side))

    def _on_outcome(self, outcome: Outcome | None) -> None:
        if outcome is None or self.desk is None or self.desk.session is None or self._lesson is None:
            return
        self._ask_place(False)
        self._stage.preview(None)
        self._stage.reveal(self._lesson, outcome.exercise.marks, outcome.answer.place_ras_mm)
        self.card.tell(self.desk.session, outcome.words, outcome.answer.verdict)
        self.revealed.emit(outcome.exercise.mark.id)
        self.failed.emit(outcome.problem)
