"""The pages of the lesson panel: marks, details, questions, check. Only the first is made with the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QTabWidget

from napari_vascular_loop.display.looking import seen_now
from napari_vascular_loop.widgets.late_page import LatePage

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.store import LessonStore
    from napari_vascular_loop.widgets.check_list import CheckList
    from napari_vascular_loop.widgets.mark_form import MarkForm
    from napari_vascular_loop.widgets.mark_list import MarkList
    from napari_vascular_loop.widgets.panel_edits import PanelEdits
    from napari_vascular_loop.widgets.questions_page import QuestionsPage

_AFTER_MS, _PAUSE_MS = 250, 20
"""Once the panel has been drawn, and between one page and the next: whoever clicks meanwhile is not kept waiting."""


class PanelPages(QTabWidget):
    """The pages, each as the lesson is; those behind the marks are made one by one once the panel is drawn.

    Parameters
    ----------
    scene : Scene
        What is shown.
    edits : PanelEdits
        What is asked of the lesson.
    marks : MarkList
        The first page.

    Signals
    -------
    chosen : str
        Id of a mark, to be gone to.
    figure_asked
        Draw the figure of the selected mark.
    """

    chosen = Signal(str)
    figure_asked = Signal()

    def __init__(self, scene: Scene, edits: PanelEdits, marks: MarkList) -> None:
        super().__init__()
        self._scene, self._edits = scene, edits
        self._store: LessonStore | None = None
        self.marks = marks
        self.details = LatePage(self._make_form, scrolls=True)
        self.asked = LatePage(self._make_questions, scrolls=True)
        self.check = LatePage(self._make_checks)
        self.addTab(marks, "Marks")
        for title, page in (("Details", self.details), ("Questions", self.asked), ("Check", self.check)):
            self.addTab(page, title)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time)
        self._is_drawn = False
        self._timer.start(0)

    @property
    def form(self) -> MarkForm:
        """What is said of the selected mark."""
        form: MarkForm = self.details.content
        return form

    @property
    def questions(self) -> QuestionsPage:
        """What students are asked."""
        questions: QuestionsPage = self.asked.content
        return questions

    @property
    def checks(self) -> CheckList:
        """What the lesson still lacks."""
        checks: CheckList = self.check.content
        return checks

    @property
    def are_made(self) -> bool:
        """Whether all pages are there."""
        return not self._missing()

    def show_lesson(self, store: LessonStore | None) -> None:
        """Show a lesson as it is now."""
        self.marks.show_marks(store, self._scene.volume_id)
        self.show_mark(store)
        self.show_details(store)

    def show_mark(self, store: LessonStore | None) -> None:
        """Show what is said of the selected mark."""
        self._store = store
        if self.details.is_made:
            self.form.show_mark(store)

    def show_details(self, store: LessonStore | None) -> None:
        """Show questions, and what is lacking."""
        self._store = store
        if self.asked.is_made:
            self.questions.show_store(store)
        if self.check.is_made:
            self.checks.show_store(store)

    def show_form(self) -> None:
        """Bring what is said of the selected mark to the front, to be typed."""
        self.setCurrentWidget(self.details)
        self.form.label.setFocus()

    def commit(self) -> None:
        """Keep what was typed."""
        if self.details.is_made:
            self.form.commit()
        if self.asked.is_made:
            self.questions.commit()

    def let_go(self) -> None:
        """Keep what was typed; what has not been made is not wanted any more."""
        self._timer.stop()
        self.commit()

    # ---------------------------------------------------------------- making the pages

    def _missing(self) -> list[LatePage]:
        return [page for page in (self.details, self.asked, self.check) if not page.is_made]

    def _on_time(self) -> None:
        if not self._is_drawn:
            # Events that waited, those that draw the panel among them, came before the timer.
            self._is_drawn = True
            self._timer.start(_AFTER_MS)
            return
        for page in self._missing()[:1]:
            _ = page.content
        if self._missing():
            self._timer.start(_PAUSE_MS)

    def _make_form(self) -> MarkForm:
        from napari_vascular_loop.widgets.mark_form import MarkForm

        form = MarkForm(self._sides_known, self._scene.filter.why_locked)
        form.edited.connect(self._on_edited)
        form.view.keep_asked.connect(lambda: self._edits.keep_view(seen_now(self._scene)))
        form.view.forget_asked.connect(lambda: self._edits.keep_view(None))
        form.view.figure_asked.connect(self.figure_asked)
        form.links.unlink_asked.connect(self._edits.unlink)
        form.links.anew_asked.connect(self._edits.link_anew)
        form.show_mark(self._store)
        return form

    def _make_questions(self) -> QuestionsPage:
        from napari_vascular_loop.widgets.questions_page import QuestionsPage

        questions = QuestionsPage(self._edits.edit_questions, self._sides_known)
        questions.chosen.connect(self.chosen)
        questions.show_store(self._store)
        return questions

    def _make_checks(self) -> CheckList:
        from napari_vascular_loop.widgets.check_list import CheckList

        checks = CheckList(lambda: self._scene.volume)
        checks.chosen.connect(self.chosen)
        checks.question_chosen.connect(self._on_question)
        checks.counted.connect(self._on_counted)
        checks.show_store(self._store)
        return checks

    # ---------------------------------------------------------------- what is done on them

    def _sides_known(self, volume_id: str) -> bool:
        """Whether it is known which side of a volume is which."""
        volume = self._scene.volume
        return volume is not None and volume_id == self._scene.volume_id and volume.provenance.orientation_known

    def _on_edited(self, values: dict[str, Any]) -> None:
        """Change the mark that the form shows; while another is being selected, that is not the selected one."""
        if not self._edits.change(self.form.annotation_id, f"change {next(iter(values))}", **values):
            # What is not kept must not stand there as if it were.
            self.form.show_mark(None)
            self.form.show_mark(self._store)

    def _on_counted(self, count: int) -> None:
        self.setTabText(self.indexOf(self.check), f"Check ({count})" if count else "Check")

    def _on_question(self, question_id: str) -> None:
        self.setCurrentWidget(self.asked)
        self.questions.choose(question_id)
