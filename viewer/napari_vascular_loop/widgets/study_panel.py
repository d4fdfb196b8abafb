"""The study panel: a lesson to read, to be led through, and to test oneself on; nothing of it can be changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from napari_vascular_loop._panel import library_panel
from napari_vascular_loop.display.scene import Scene, scene_of
from napari_vascular_loop.display.study_mouse import StudyMouse
from napari_vascular_loop.display.study_stage import StudyStage
from napari_vascular_loop.display.theme import is_dark
from napari_vascular_loop.domain.lesson_about import time_needed
from napari_vascular_loop.store.read_only import read_only_store
from napari_vascular_loop.study_lesson import open_for_study
from napari_vascular_loop.widgets.article_view import FONT_POINTS, ArticleView
from napari_vascular_loop.widgets.docked import DockedPanel
from napari_vascular_loop.widgets.first_start import begin_with_a_lesson
from napari_vascular_loop.widgets.main_window import main_window
from napari_vascular_loop.widgets.panel_head import NOT_FOR_DIAGNOSIS
from napari_vascular_loop.widgets.plane_control import PlaneControl
from napari_vascular_loop.widgets.settings import text_points
from napari_vascular_loop.widgets.study_extras import StudyExtras
from napari_vascular_loop.widgets.study_keys import StudyKeys, add_shortcut
from napari_vascular_loop.widgets.study_lessons import StudyVolume, desk_of
from napari_vascular_loop.widgets.study_menu import StudyMenu
from napari_vascular_loop.widgets.study_modes import Mode, ModeBar
from napari_vascular_loop.widgets.study_quiz import StudyQuiz
from napari_vascular_loop.widgets.study_reader import StudyReader
from napari_vascular_loop.widgets.study_texts import Pages, VerdictLabel, WrappedLabel

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore


class StudyPanel(DockedPanel):
    """Connects a lesson that is only read with what shows it and asks about it.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Given by napari, which goes by the parameter's name.
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.scene: Scene = scene_of(napari_viewer)
        self.store: LessonStore | None = None
        self.mode = Mode.READ
        self._seen: Volume | None = None
        self._volume = StudyVolume(self.scene, self)
        self.control = PlaneControl(self.scene)
        self.planes = self.control.bar
        self.stage, self.mouse = StudyStage(self.scene), StudyMouse(self.scene)
        self.quiz = StudyQuiz(self.scene, self.stage, self.mouse, self)
        self.extras = StudyExtras(self.scene, lambda: self.quiz.desk, self)
        self.title = WrappedLabel(f"No lesson open\n{NOT_FOR_DIAGNOSIS}")
        self.menu = StudyMenu()
        self.message = VerdictLabel()
        self.message.setAccessibleName("Message")
        self.modes = ModeBar()
        self.reader = StudyReader(self.scene, self)
        self.passage = ArticleView()
        self.passage.setAccessibleName("What the article says of it")
        self.hint = WrappedLabel(Mode.READ.tip)
        self.pages = Pages(self.hint, self.reader.tour, self.quiz.pages)
        self._lay_out()
        self._keys = StudyKeys(self.scene.viewer, self)
        self._connect()
        add_shortcut(self, "N", self.go_on)
        add_shortcut(self, "B", self.go_back)
        before = self.scene.store
        if before is not None:
            self.open_lesson(read_only_store(before.lesson, before.folder))
        self._show_scene()
        self.set_mode(Mode.READ)
        begin_with_a_lesson(self, open_for_study)

    # ---------------------------------------------------------------- lessons

    def open_lesson(self, store: LessonStore) -> None:
        """Show a lesson, and its volume once it has been read; without the volume the text can still be read.

        Where a user waits in the window, the volume is read in the background.
        """
        self.quiz.end()
        self.reader.pane.let_go()
        self.extras.close()
        self.store = store
        desk, folder, problem = desk_of(store)
        self.quiz.set_lesson(store.lesson, desk, folder)
        notice = ". ".join(filter(None, (store.lesson.notice.rstrip("."), NOT_FOR_DIAGNOSIS)))
        lines = (store.lesson.title, time_needed(store.lesson.minutes), notice)
        self.title.setText("\n".join(filter(None, lines)))
        self.reader.set_store(store)
        self._seen = None
        self.set_mode(Mode.READ)
        self.tell(" ".join(filter(None, (problem, desk.note))), bad=True)
        self._volume.read(store)

    def _on_volume(self, problem: str) -> None:
        """Show the place of the first mark, close enough to see a nerve."""
        if problem:
            self.tell(problem, bad=True)
        self._show_scene()
        if self.store is not None and self.store.annotations and self.mode is Mode.READ:
            self.scene.open_at(self.store.annotations[0])
            self.reader.article.show_top()
        elif self.mode is Mode.TOUR:
            self.reader.read(on_tour=True)

    def tell(self, text: str, bad: bool = False) -> None:
        """Show a sentence at the top; "" takes it away."""
        self.message.say(text, None)
        if bad:
            self.message.setStyleSheet("background-color: #7A1F1F; color: white; padding: 5px; border-radius: 3px;")

    # ---------------------------------------------------------------- modes

    def set_mode(self, mode: Mode) -> None:
        """Read, go on tour, or be asked."""
        self.quiz.end()
        self.mode = mode
        self.modes.show_mode(mode)
        self.extras.rest()
        self.reader.is_open = mode.asks is None
        if mode.asks is not None:
            if self.store is not None:
                self.store.select(None)
            self.pages.show_page(self.quiz.pages)
            self.quiz.begin(mode.asks)
        else:
            self.pages.show_page(self.reader.tour if mode is Mode.TOUR else self.hint)
            if self.store is not None:
                self.stage.show_all(self.store)
            self._show_text(self.reader.pane)
            self.reader.read(on_tour=mode is Mode.TOUR)

    def go_on(self) -> bool:
        """Go to the next step of the tour, or the next question; whether there was anything to do."""
        return self.reader.go_on() if self.mode is Mode.TOUR else self.mode.asks is not None and self.quiz.go_on()

    def go_back(self) -> bool:
        """Go to the step of the tour before; whether there was anything to do."""
        return self.mode is Mode.TOUR and self.reader.go_back()

    def confirm(self) -> bool:
        """Do what Enter on the canvas asks for; whether there was anything to do."""
        return self.mode.asks is not None and self.quiz.confirm()

    def nudge(self, down_px: float, right_px: float) -> bool:
        """Move the picture by so many pixels; whether it was moved."""
        return self.quiz.nudge(down_px, right_px)

    # ---------------------------------------------------------------- plumbing

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.menu)
        self.rest = QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(5)
        layout.addLayout(head)
        layout.addWidget(self.message)
        layout.addWidget(self.planes)
        layout.addWidget(self.modes)
        layout.addWidget(self.extras.clicks)
        layout.addWidget(self.pages)
        self._texts = (self.reader.pane, self.passage, self.rest)
        for text in self._texts:
            layout.addWidget(text, 1)
        self.setMinimumWidth(400)

    def _connect(self) -> None:
        self.modes.chosen.connect(self._on_mode)
        self._volume.shown.connect(self._on_volume)
        self.passage.passage_clicked.connect(
            lambda _ids: self.tell("Other marks stay hidden while you are asked. Choose Read to see them.")
        )
        self.mouse.picked.connect(self.reader.pick)
        self.reader.told.connect(self.tell)
        self.quiz.asked.connect(lambda: self._show_text(self.rest))
        self.quiz.place_asked.connect(self._keys.set_nudging)
        self.quiz.revealed.connect(self._on_revealed)
        self.quiz.failed.connect(partial(self.tell, bad=True))
        self.quiz.ended.connect(lambda: self.set_mode(Mode.READ))
        self.menu.opened.connect(self.open_lesson)
        self.menu.library_asked.connect(self._show_library)
        self.menu.failed.connect(partial(self.tell, bad=True))
        self.menu.told.connect(self.tell)
        self.extras.connect_menu(self.menu)
        self.extras.failed.connect(partial(self.tell, bad=True))
        self.extras.told.connect(self.tell)
        self.extras.forgotten.connect(lambda: self.set_mode(self.mode))
        self.scene.changed.connect(self._show_scene)
        self.scene.viewer.events.theme.connect(self._on_theme)
        self._on_theme()

    def _show_library(self) -> None:
        if main_window(self.scene.viewer) is not None:
            library_panel(self.scene.viewer)

    def _on_mode(self, mode: Mode) -> None:
        self.tell("")
        self.set_mode(mode)

    def _show_scene(self) -> None:
        scene, desk = self.scene, self.quiz.desk
        if desk is None or self.store is None:
            return
        if scene.store is not None and not self.stage.is_on and self.stage.has_shown:
            self.tell("Another lesson was opened beside this one. Choose a mode to come back to this lesson.", bad=True)
            return
        volume = scene.volume if scene.volume_id is not None else None
        if volume is not self._seen:
            self._seen = volume
            if volume is None:
                desk.see_volume(None, (0.0, 0.0, 0.0), True)
            else:
                s_mm, a_mm, r_mm = volume.frame.scale_mm
                desk.see_volume(scene.volume_id, (r_mm, a_mm, s_mm), volume.provenance.orientation_known)
            self.quiz.volume_changed()
            self.extras.volume_changed()
        if scene.problem:
            self.tell(scene.problem, bad=True)

    def _show_text(self, shown: QWidget) -> None:
        """Show the whole article, what it says of the answer, or nothing."""
        for text in self._texts:
            text.setVisible(text is shown)

    def _on_revealed(self, annotation_id: str) -> None:
        if self.store is None or not self.reader.has_passage(annotation_id):
            return
        self.store.select(annotation_id)
        self._show_text(self.passage)
        self.passage.set_points(text_points(FONT_POINTS))
        self.passage.set_plain(self.reader.pane.level.level)
        self.passage.show_lesson(self.store)
        self.passage.scroll_to_selected()

    def _on_theme(self, _event: Any = None) -> None:
        dark = is_dark(self.scene.viewer)
        self.reader.article.set_dark(dark)
        self.passage.set_dark(dark)

    def let_go(self) -> None:
        """Give mouse, keys and scene back."""
        self.quiz.end()
        self.extras.close()
        self.mouse.close()
        self.control.let_go()
        self._keys.close()
        self._volume.forget()
        self.scene.changed.disconnect(self._show_scene)
        if self.scene.viewer is not None:
            self.scene.viewer.events.theme.disconnect(self._on_theme)
        self.stage.close()
