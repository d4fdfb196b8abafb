"""The card of a question: prompt, the answer's way in, the verdict, and at the end the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.widgets.buttons import button
from napari_vascular_loop.widgets.study_keys import press_with_enter
from napari_vascular_loop.widgets.study_name_entry import NameEntry
from napari_vascular_loop.widgets.study_texts import ScrolledText, VerdictLabel, WrappedLabel, lay_out_anew

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.answer import Verdict
    from napari_vascular_loop.study.session import Session

_PROMPT_LETTERS, _PROMPT_PX = 180, 150
_MISSED_LETTERS, _MISSED_PX = 900, 260
FIND_HINT = (
    "Go to the slice and click the place. Dragging moves the picture; Shift and drag draws an arrow, whose tip counts. "
    "With keys: Alt and arrows move the picture, Enter answers with its middle."
)


class QuestionCard(QWidget):
    """One question after the other.

    Signals
    -------
    named : str, Side or None
        An answer by name.
    middle_asked
        An answer with the middle of the picture.
    choices_asked, show_asked, next_asked, again_asked, stop_asked
        The student wants names to choose from, the answer, the next question, those that were missed, or to end.
    """

    named = Signal(str, object)
    middle_asked = Signal()
    choices_asked = Signal()
    show_asked = Signal()
    next_asked = Signal()
    again_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = QLabel()
        self.number.setAccessibleName("Number of the question")
        self.score = QLabel()
        self.score.setAccessibleName("Score")
        self.score.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.prompt = ScrolledText(_PROMPT_LETTERS, _PROMPT_PX)
        self.prompt.setAccessibleName("Question")
        self.prompt.setStyleSheet("QLabel { font-size: 13pt; font-weight: bold; }")
        self.hint = WrappedLabel(FIND_HINT)
        self.entry = NameEntry()
        self.entry.answered.connect(self.named)
        self.entry.choices_asked.connect(self.choices_asked)
        self.middle = button(
            "Answer with the middle", "Answer with the middle of the picture (Enter)", self.middle_asked
        )
        self.show_me = button("Show me", "See the answer; it counts as missed", self.show_asked)
        self.verdict = VerdictLabel()
        self.missed = ScrolledText(_MISSED_LETTERS, _MISSED_PX)
        self.missed.setAccessibleName("What was missed")
        self.next = button("Next question ▶", "The next question (N, Enter)", self.next_asked)
        self.next.setAccessibleName("Next question")
        self.again = button("Again what I missed", "Ask again what was missed in this sitting", self.again_asked)
        self.stop = button("End", "End this sitting; all answers are kept", self.stop_asked)
        for one in (self.middle, self.show_me, self.next, self.again, self.stop):
            press_with_enter(one)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.number)
        head.addWidget(self.score, 1)
        foot = QHBoxLayout()
        for one in (self.middle, self.show_me, self.next, self.again, self.stop):
            foot.addWidget(one)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(head)
        layout.addWidget(self.prompt)
        layout.addWidget(self.hint)
        layout.addWidget(self.entry)
        layout.addWidget(self.verdict)
        layout.addWidget(self.missed)
        layout.addLayout(foot)

    def ask(self, session: Session) -> None:
        """Show the current question of a sitting, or at its end the score."""
        asked = session.current
        if asked is None:
            self._show_end(session)
            return
        finds = asked.question.kind is QuestionKind.FIND
        self.number.setText(f"Question {session.number} / {session.count}")
        self.score.setText(session.score)
        self.prompt.set_text(asked.question.prompt)
        self.verdict.say("", None)
        self._show_only(self.prompt, self.show_me, self.stop, *((self.hint, self.middle) if finds else (self.entry,)))
        if not finds:
            self.entry.start(asks_side=asked.asks_side)

    def offer(self, names: Sequence[str]) -> None:
        """Show names to choose from."""
        self.entry.show_choices(names)

    def tell(self, session: Session, words: str, verdict: Verdict) -> None:
        """Show how the answer was judged."""
        self.score.setText(session.score)
        self.verdict.say(words, verdict)
        self.next.setText("Next question ▶" if session.number < session.count else "See the score ▶")
        self._show_only(self.prompt, self.verdict, self.next, self.stop)
        self.next.setFocus()

    def _show_end(self, session: Session) -> None:
        self.number.setText("Done")
        self.score.setText("")
        self.prompt.set_text(session.score or "No question was answered")
        missed = "\n".join(f"• {one.question.prompt}" for one in session.missed)
        self.missed.set_text(f"Missed, and asked again next time:\n{missed}" if missed else "Nothing missed.")
        self._show_only(self.prompt, self.missed, self.stop, *((self.again,) if session.missed else ()))
        (self.again if session.missed else self.stop).setFocus()

    def _show_only(self, *shown: QWidget) -> None:
        for one in (
            *(self.prompt, self.hint, self.entry, self.verdict, self.missed),
            *(self.middle, self.show_me, self.next, self.again, self.stop),
        ):
            one.setVisible(one in shown)
        lay_out_anew(self)
