"""The study panel: a lesson to read, to be led through, and to test oneself on; nothing of it can be changed."""

from __future__ import annotations

import enum
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from napari_vascular_loop.display.scene import Scene, scene_of
from napari_vascular_loop.display.study_mouse import StudyMouse
from napari_vascular_loop.display.study_stage import StudyStage
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.formats.volumes.found import no_progress
from napari_vascular_loop.store.read_only import read_only_store
from napari_vascular_loop.study.desk import Desk
from napari_vascular_loop.study.results_folder import ResultsFolder
from napari_vascular_loop.widgets.buttons import toggle
from napari_vascular_loop.widgets.docked import DockedPanel
from napari_vascular_loop.widgets.lesson_reading import LessonRead, read_lesson
from napari_vascular_loop.widgets.main_window import is_running
from napari_vascular_loop.widgets.plane_bar import PlaneBar
from napari_vascular_loop.widgets.study_extras import StudyExtras
from napari_vascular_loop.widgets.study_keys import StudyKeys, add_shortcut
from napari_vascular_loop.widgets.study_menu import StudyMenu
from napari_vascular_loop.widgets.study_quiz import StudyQuiz
from napari_vascular_loop.widgets.study_reader import StudyReader
from napari_vascular_loop.widgets.study_texts import Pages, VerdictLabel, WrappedLabel
from napari_vascular_loop.widgets.volume_opening import opening_of

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore

NOT_FOR_DIAGNOSIS = "For teaching, not for diagnosis"


class Mode(enum.Enum):
    """What a student does; the value names it on its button."""

    READ = "Read"
    TOUR = "Tour"
    FIND = "Find it"
    NAME = "Name it"


_TIPS = {
    Mode.READ: "Click a sentence to see its place, click a mark to see its sentence",
    Mode.TOUR: "From passage to passage, in reading order",
    Mode.FIND: "Marks are hidden; you put the place",
    Mode.NAME: "A mark is shown without its name; you name it",
}
_KINDS = {Mode.FIND: QuestionKind.FIND, Mode.NAME: QuestionKind.NAME}


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
        self._opening = opening_of(self.scene.viewer)
        self.store: LessonStore | None = None
        self.mode = Mode.READ
        self._volume: Volume | None = None
        self.stage, self.mouse = StudyStage(self.scene), StudyMouse(self.scene)
        self.quiz = StudyQuiz(self.scene, self.stage, self.mouse, self)
        self.extras = StudyExtras(self.scene, lambda: self.quiz.desk, self)
        self.title = WrappedLabel(f"No lesson open\n{NOT_FOR_DIAGNOSIS}")
        self.menu = StudyMenu()
        self.message = VerdictLabel()
        self.message.setAccessibleName("Message")
        self.planes = PlaneBar()
        self.modes = {mode: toggle(mode.value, _TIPS[mode]) for mode in Mode}
        self.reader = StudyReader(self.scene, self)
        self.hint = WrappedLabel(_TIPS[Mode.READ])
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

    # ---------------------------------------------------------------- lessons

    def open_lesson(self, store: LessonStore) -> None:
        """Show a lesson, and its volume once it has been read; without the volume the text can still be read.

        Where a user waits in the window, the volume is read in the background.
        """
        self.quiz.end()
        self.extras.close()
        self.store = store
        self.tell("")
        lesson = store.lesson
        folder = ResultsFolder(lesson.id or (store.folder.name if store.folder else "lesson"), lesson.title)
        try:
            written = questions_of(lesson)
        except LessonError as error:
            written = ()
            self.tell(f"The teacher's questions can't be read: {error}", bad=True)
        desk = Desk(lesson, written, folder)
        self.quiz.set_lesson(lesson, desk, str(folder.path))
        lines = (lesson.title, ". ".join(filter(None, (lesson.notice.rstrip("."), NOT_FOR_DIAGNOSIS))))
        self.title.setText("\n".join(lines))
        self.reader.set_store(store)
        self._volume = None
        self.set_mode(Mode.READ)
        if desk.note:
            self.tell(desk.note, bad=True)
        if self._is_volume_shown():
            self._show_volume()
        elif self._opening is not None and is_running():
            self._opening.run(
                "Reading the lesson's volume…", partial(read_lesson, store), partial(self._on_read, store)
            )
        else:
            self._on_read(store, read_lesson(store, no_progress))

    def _is_volume_shown(self) -> bool:
        return self.scene.volume is not None and self.scene.volume_id is not None

    def _on_read(self, store: LessonStore, read: LessonRead) -> None:
        viewer = self.scene.viewer
        if store is not self.store or viewer is None:
            return  # another lesson has been opened meanwhile
        if read.layer is not None and not self._is_volume_shown():
            data, keywords, _ = read.layer
            viewer.add_image(data, **keywords)
        if read.problem:
            self.tell(read.problem, bad=True)
        self._show_volume()

    def _show_volume(self) -> None:
        """Show the place of the first mark, close enough to see a nerve."""
        self._show_scene()
        if self.store is not None and self.store.annotations:
            self.scene.open_at(self.store.annotations[0])

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
        self.modes[mode].setChecked(True)
        self.extras.rest()
        self.reader.is_open = mode not in _KINDS
        if mode in _KINDS:
            if self.store is not None:
                self.store.select(None)
            self.pages.show_page(self.quiz.pages)
            self.quiz.begin(_KINDS[mode])
        else:
            self.pages.show_page(self.reader.tour if mode is Mode.TOUR else self.hint)
            if self.store is not None:
                self.stage.show_all(self.store)
            self._show_article(True)
            self.reader.read(on_tour=mode is Mode.TOUR)

    def go_on(self) -> bool:
        """Go to the next step of the tour, or the next question; whether there was anything to do."""
        return self.reader.go_on() if self.mode is Mode.TOUR else self.mode in _KINDS and self.quiz.go_on()

    def go_back(self) -> bool:
        """Go to the step of the tour before; whether there was anything to do."""
        return self.mode is Mode.TOUR and self.reader.go_back()

    def confirm(self) -> bool:
        """Do what Enter on the canvas asks for; whether there was anything to do."""
        return self.mode in _KINDS and self.quiz.confirm()

    def nudge(self, down_px: float, right_px: float) -> bool:
        """Move the picture by so many pixels; whether it was moved."""
        return self.quiz.nudge(down_px, right_px)

    # ---------------------------------------------------------------- plumbing

    def _lay_out(self) -> None:
        head, modes = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.menu)
        group = QButtonGroup(self)
        for mode, one in self.modes.items():
            group.addButton(one)
            modes.addWidget(one)
            one.clicked.connect(partial(self._on_mode_button, mode))
        self.rest = QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(5)
        layout.addLayout(head)
        layout.addWidget(self.message)
        layout.addWidget(self.planes)
        layout.addLayout(modes)
        layout.addWidget(self.extras.clicks)
        layout.addWidget(self.pages)
        layout.addWidget(self.reader.article, 1)
        layout.addWidget(self.rest, 1)
        self.setMinimumWidth(400)

    def _connect(self) -> None:
        self.planes.plane_chosen.connect(self.scene.set_plane)
        self.planes.convention_chosen.connect(self.scene.set_radiological)
        self.planes.marks_shown.connect(self.scene.set_marks_visible)
        self.mouse.picked.connect(self.reader.pick)
        self.reader.told.connect(self.tell)
        self.quiz.asked.connect(partial(self._show_article, False))
        self.quiz.place_asked.connect(self._keys.set_nudging)
        self.quiz.revealed.connect(self._on_revealed)
        self.quiz.failed.connect(partial(self.tell, bad=True))
        self.quiz.ended.connect(lambda: self.set_mode(Mode.READ))
        self.menu.opened.connect(self.open_lesson)
        self.menu.failed.connect(partial(self.tell, bad=True))
        self.menu.told.connect(self.tell)
        self.extras.connect_menu(self.menu)
        self.extras.failed.connect(partial(self.tell, bad=True))
        self.extras.told.connect(self.tell)
        self.extras.forgotten.connect(lambda: self.set_mode(self.mode))
        self.scene.changed.connect(self._show_scene)

    def _on_mode_button(self, mode: Mode, _checked: bool = False) -> None:
        self.tell("")
        self.set_mode(mode)

    def _show_scene(self) -> None:
        scene, state, desk = self.scene, self.scene.state(), self.quiz.desk
        self.planes.show_state(state.plane if state else None, scene.radiological, scene.marks_visible)
        if desk is None or self.store is None:
            return
        if scene.store is not None and not self.stage.is_on and self.stage.has_shown:
            self.tell("Another lesson was opened beside this one. Choose a mode to come back to this lesson.", bad=True)
            return
        volume = scene.volume if scene.volume_id is not None else None
        if volume is not self._volume:
            self._volume = volume
            if volume is None:
                desk.see_volume(None, (0.0, 0.0, 0.0), True)
            else:
                s_mm, a_mm, r_mm = volume.frame.scale_mm
                desk.see_volume(scene.volume_id, (r_mm, a_mm, s_mm), volume.provenance.orientation_known)
            self.quiz.volume_changed()
            self.extras.volume_changed()
        if scene.problem:
            self.tell(scene.problem, bad=True)

    def _show_article(self, is_shown: bool) -> None:
        self.reader.article.setVisible(is_shown)
        self.rest.setVisible(not is_shown)

    def _on_revealed(self, annotation_id: str) -> None:
        if self.store is not None:
            self.store.select(annotation_id)
            self._show_article(self.reader.has_passage(annotation_id))
            self.reader.article.scroll_to_selected()

    def let_go(self) -> None:
        """Give mouse, keys and scene back."""
        self.quiz.end()
        self.extras.close()
        self.mouse.close()
        self._keys.close()
        self.scene.changed.disconnect(self._show_scene)
        self.stage.close()
