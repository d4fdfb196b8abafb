"""The lesson panel: article, marks and tools beside the image."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import (
    QLabel,
)

from napari_vascular_loop._panel import library_panel, oblique_panel, receipt_panel
from napari_vascular_loop.display.scene import Scene, scene_of
from napari_vascular_loop.display.theme import is_dark
from napari_vascular_loop.display.tools import Tool, Tools
from napari_vascular_loop.widgets.article_pane import ArticlePane
from napari_vascular_loop.widgets.compare_dialog import compare_volumes
from napari_vascular_loop.widgets.docked import DockedPanel
from napari_vascular_loop.widgets.first_start import begin_with_a_lesson
from napari_vascular_loop.widgets.key_table import MARKS
from napari_vascular_loop.widgets.keys import CanvasKeys
from napari_vascular_loop.widgets.label_editor import LabelEditor
from napari_vascular_loop.widgets.lesson_files import LessonMenu
from napari_vascular_loop.widgets.lesson_reading import LessonRead, read_lesson
from napari_vascular_loop.widgets.lesson_volumes import LessonVolumes
from napari_vascular_loop.widgets.main_window import is_running, main_window
from napari_vascular_loop.widgets.mark_list import MarkList
from napari_vascular_loop.widgets.marks_left import LeftMarks
from napari_vascular_loop.widgets.marks_menu import MarksMenu
from napari_vascular_loop.widgets.panel_edits import PanelEdits
from napari_vascular_loop.widgets.panel_head import PanelHead
from napari_vascular_loop.widgets.panel_layout import lay_out
from napari_vascular_loop.widgets.panel_pages import PanelPages
from napari_vascular_loop.widgets.panel_stops import stops_of
from napari_vascular_loop.widgets.plane_control import PlaneControl
from napari_vascular_loop.widgets.save_row import SaveRow
from napari_vascular_loop.widgets.settings import author, is_first_time, keep_walked_round
from napari_vascular_loop.widgets.tick_strip import TickStrip
from napari_vascular_loop.widgets.tool_bar import ToolBar
from napari_vascular_loop.widgets.volume_bar import VolumeBar
from napari_vascular_loop.widgets.volume_opening import opening_of
from napari_vascular_loop.widgets.window_tour import WindowTour

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore
    from napari_vascular_loop.widgets.check_list import CheckList
    from napari_vascular_loop.widgets.mark_form import MarkForm
    from napari_vascular_loop.widgets.questions_page import QuestionsPage

_SETTLED_MS = 700
"""After a lesson was opened: until then things still move."""


class LessonPanel(DockedPanel):
    """Connects a scene, its tools and a lesson's store with the widgets that show them.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Given by napari, which goes by the parameter's name.
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.scene: Scene = scene_of(napari_viewer)
        self._opening = opening_of(self.scene.viewer)
        if self._opening is not None:
            self._opening.put_off_warming()
        self.control = PlaneControl(self.scene)
        self.tools = Tools(self.scene, author)
        self.store: LessonStore | None = None
        self.left = LeftMarks(self.scene)
        self.edits = PanelEdits(lambda: self.store, self.tell, self.scene.filter.why_locked)
        self._said = ("", "")
        self.pane = ArticlePane(self.scene, can_edit=True)
        self.article = self.pane.view
        self.marks = MarkList(self.scene.filter)
        self.ticks = TickStrip(self.scene)
        self.tabs = PanelPages(self.scene, self.edits, self.marks)
        self.details = self.tabs.details
        self.planes = self.control.bar
        self.volumes = VolumeBar(self.scene)
        self.others = LessonVolumes(self.scene, self)
        self.bar = ToolBar()
        self.hint = QLabel(Tool.BROWSE.value)
        self.hint.setWordWrap(True)
        self.label_editor = LabelEditor(main_window(self.scene.viewer) or self)
        self.saved = SaveRow()
        self.marks_menu = MarksMenu(lambda: self.store, self.scene)
        self.menu = LessonMenu(
            lambda: self.store, lambda: self.scene.volume, self.marks_menu, lambda: self.scene.radiological
        )
        self.head = PanelHead(self.menu)
        self.title, self.message = self.head.title, self.head.message
        self.head.receipt.setVisible(self._opening is not None)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self._walk_round_once)
        self._lay_out()
        self._connect()
        self._keys = CanvasKeys(self.scene, MARKS, self._acts())
        self._on_theme()
        self._show_tool(Tool.BROWSE)
        self._show_scene()
        if self.scene.store is not None:
            self._take(self.scene.store)
        begin_with_a_lesson(self, _open_shipped)

    @property
    def form(self) -> MarkForm:
        """What is said of the selected mark."""
        return self.tabs.form

    @property
    def questions(self) -> QuestionsPage:
        """What students are asked."""
        return self.tabs.questions

    @property
    def checks(self) -> CheckList:
        """What the lesson still lacks."""
        return self.tabs.checks

    # ---------------------------------------------------------------- lessons

    def show_lesson(self, store: LessonStore, volume: Volume | None, notice: str = "") -> None:
        """Show a lesson with its volume, at its first mark."""
        self._take(store)
        if volume is not None:
            shown = self.scene.volume
            if shown is None or volume.fingerprint.differences(shown.fingerprint):
                entry = store.lesson.volume_of(volume.fingerprint)
                self.scene.show_volume(volume, entry.title, entry.window)
            self.go_to_first_mark()
        self.tell(notice or self.left.note, bad=bool(notice))

    def open_lesson(self, store: LessonStore, at: Annotation | None = None) -> None:
        """Show a lesson, and its volume once it has been read; without the volume the text can still be read.

        Where a user waits in the window, the volume is read in the background. Then the first mark is shown, or the
        one that is said, which may want to be looked at otherwise than the lesson has it.
        """
        self._take(store)
        self.tell(self.left.note)
        if self._opening is not None and is_running():
            self._opening.run(
                "Reading the lesson's volume…",
                partial(read_lesson, store, volume_id=at.volume_id if at else None),
                partial(self._on_read, store, at),
            )
        else:
            self._on_read(store, at, read_lesson(store, volume_id=at.volume_id if at else None))

    def _on_read(self, store: LessonStore, at: Annotation | None, read: LessonRead) -> None:
        viewer, shown = self.scene.viewer, self.scene.volume
        if store is not self.store or viewer is None:
            return  # another lesson has been opened meanwhile
        if read.volume is not None and read.layer is not None:
            if shown is None or read.volume.fingerprint.differences(shown.fingerprint):
                data, keywords, _ = read.layer
                viewer.add_image(data, **keywords)
            if at is None:
                self.go_to_first_mark()
            else:
                store.select(at.id if any(mark.id == at.id for mark in store.annotations) else None)
                self.others.go_to(store, at)
        if read.problem:
            self.tell(read.problem, bad=True)

    def go_to_first_mark(self) -> None:
        """Show the place of the first mark, close enough to see a nerve."""
        if self.store is not None and self.store.annotations:
            self.scene.open_at(self.store.annotations[0])
            self.article.show_top()

    def tell(self, text: str, bad: bool = False) -> None:
        """Show a sentence above the article; "" takes it away."""
        self.head.tell(text, bad)

    def _tell_bad(self, text: str) -> None:
        self.tell(text, bad=True)

    def walk_round(self) -> None:
        """Show what is where in the window."""
        over = main_window(self.scene.viewer)
        keep_walked_round()
        self.tour = WindowTour(over if over is not None and over.isAncestorOf(self) else self, stops_of(self))
        self.tour.start()

    def _show_oblique(self) -> None:
        if main_window(self.scene.viewer) is not None:
            oblique_panel(self.scene.viewer)

    def _show_library(self) -> None:
        if main_window(self.scene.viewer) is not None:
            library_panel(self.scene.viewer)

    # ---------------------------------------------------------------- what keys and buttons do

    def link(self) -> None:
        """Tie the selected text to the selected mark."""
        if self.pane.level.level is not None:
            self.tell("The article is shown in plain words: press Advanced, then select the words to link", bad=True)
            return
        self.edits.link(self.pane.selected_span())

    def undo(self) -> None:
        """Take back the last change."""
        self.commit()
        self.edits.undo()

    def redo(self) -> None:
        """Do again what was undone."""
        self.edits.redo()

    def delete_selected(self) -> None:
        """Delete the selected mark; undo brings it back with its links."""
        self.commit()
        self.edits.delete_selected()

    def toggle_marks(self) -> None:
        """Hide or show all marks."""
        self.scene.set_marks_visible(not self.scene.marks_visible)

    def commit(self) -> None:
        """Keep what was typed in the form and in the article's source."""
        self.tabs.commit()
        self.pane.commit()

    def toggle_only_selected(self) -> None:
        """Show the selected mark alone, or all again."""
        self.scene.filter.show_only_selected(not self.scene.filter.only_selected)

    # ---------------------------------------------------------------- plumbing

    def _choose_tool(self, tool: Tool, _view: object) -> None:
        self.tools.choose(tool)

    def _acts(self) -> dict[str, Callable[[object], object]]:
        """What each key of the table does."""
        acts: dict[str, Callable[[object], object]] = {
            "snap": lambda _view: self.control.set_snap(not self.scene.snap_to_slice),
            "finish": lambda _view: self.tools.finish(),
            "marks": lambda _view: self.toggle_marks(),
            "only selected": lambda _view: self.toggle_only_selected(),
            "delete": lambda _view: self.delete_selected(),
            "link": lambda _view: self.link(),
            "undo": lambda _view: self.undo(),
            "redo": lambda _view: self.redo(),
        }
        for tool in Tool:
            acts[tool.name.lower()] = partial(self._choose_tool, tool)
        return acts

    def _lay_out(self) -> None:
        above = (self.head, self.planes, self.ticks, self.volumes)
        lay_out(self, above, self.pane, self.tabs, (self.bar, self.hint, self.saved))

    def _connect(self) -> None:
        self.bar.tool_chosen.connect(self.tools.choose)
        self.bar.undo_asked.connect(self.undo)
        self.bar.redo_asked.connect(self.redo)
        self.bar.link_asked.connect(self.link)
        self.control.serve_snap(self.bar.snap)
        self.bar.delete_asked.connect(self.delete_selected)
        self.pane.passage_clicked.connect(self._on_passage)
        self.pane.text_edited.connect(self._on_text)
        self.marks.chosen.connect(self._select)
        self.ticks.chosen.connect(self._select)
        self.marks.delete_asked.connect(lambda _id: self.delete_selected())
        self.tabs.chosen.connect(self._select)
        self.volumes.failed.connect(self._tell_bad)
        self.others.failed.connect(self._tell_bad)
        self.head.receipt.clicked.connect(lambda: receipt_panel(self.scene.viewer))
        self.tabs.figure_asked.connect(self.menu.draw_figure)
        self.menu.opened.connect(self.open_lesson)
        self.menu.created.connect(self._on_created)
        self.menu.failed.connect(self._tell_bad)
        self.menu.told.connect(self.tell)
        self.menu.reload_asked.connect(self._reload)
        self.menu.tour_asked.connect(self.walk_round)
        self.menu.go_to_asked.connect(self.control.show_go_to)
        self.menu.oblique_asked.connect(self._show_oblique)
        self.menu.library_asked.connect(self._show_library)
        self.menu.compare_asked.connect(lambda: compare_volumes(self.scene))
        self.marks_menu.failed.connect(self._tell_bad)
        self.marks_menu.told.connect(self.tell)
        self.saved.failed.connect(self._tell_bad)
        self.tools.tool_changed.connect(self._show_tool)
        self.tools.refused.connect(self._on_refused)
        self.tools.label_asked.connect(self._on_label_asked)
        self.tools.text_asked.connect(self.label_editor.write)
        self.label_editor.kept.connect(self.edits.write_label)
        self.label_editor.written.connect(self.tools.write)
        self.scene.changed.connect(self._show_scene)
        self.scene.filter.changed.connect(self._on_filter)
        self.scene.viewer.events.theme.connect(self._on_theme)

    def _take(self, store: LessonStore) -> None:
        """Listen to another lesson."""
        self.commit()
        self._let_go_of_store()
        self.store = store
        store.annotations_changed.connect(self._on_annotations)
        store.selection_changed.connect(self._on_selection)
        store.save_state_changed.connect(self._on_saved)
        store.conflicts_changed.connect(self._on_saved)
        store.article_changed.connect(self._show_all)
        store.details_changed.connect(self._on_details)
        self.scene.set_store(store)
        self.left.take(store)
        self._show_title()
        self._show_all()
        if store.notice:
            self.tell(store.notice, bad=True)
        if is_first_time() and is_running():
            self._settled.start(_SETTLED_MS)

    def _walk_round_once(self) -> None:
        # Meanwhile the panel may have been closed, or another lesson have begun it.
        if self.isVisible() and is_first_time():
            self.walk_round()

    def _show_title(self) -> None:
        if self.store is None:
            return
        self.head.show_lesson(self.store.lesson)

    def _let_go_of_store(self) -> None:
        if self.store is None:
            return
        self.store.annotations_changed.disconnect(self._on_annotations)
        self.store.selection_changed.disconnect(self._on_selection)
        self.store.save_state_changed.disconnect(self._on_saved)
        self.store.conflicts_changed.disconnect(self._on_saved)
        self.store.article_changed.disconnect(self._show_all)
        self.store.details_changed.disconnect(self._on_details)
        self.store.close()

    def _show_all(self) -> None:
        self.pane.show_lesson(self.store)
        self.ticks.show_marks()
        self.tabs.show_lesson(self.store)
        self.saved.show_store(self.store)
        self._show_possible()

    def _show_possible(self) -> None:
        store = self.store
        self.bar.show_possible(
            mark=self.scene.can_mark,
            undo=store.undo_title if store else None,
            redo=store.redo_title if store else None,
            selected=store is not None and store.selected is not None,
        )

    def _show_scene(self) -> None:
        if (said := (self.scene.problem, self.scene.remark)) != self._said:
            self._said = said
            self.tell(self.scene.problem or self.scene.remark, bad=bool(self.scene.problem))
        self.pane.show_lesson(self.store)
        self.marks.show_marks(self.store, self.scene.volume_id)
        self.ticks.show_marks()
        self._show_possible()

    def _show_tool(self, tool: Tool) -> None:
        self.bar.show_tool(tool)
        self.hint.setText(tool.value)

    def _on_annotations(self, _ids: tuple[str, ...]) -> None:
        self._show_all()

    def _on_selection(self, annotation_id: str | None) -> None:
        store = self.store
        if store is None:
            return
        self.commit()
        self.pane.show_lesson(store)
        self.pane.scroll_to_selected()
        self.marks.show_selected(store)
        self.tabs.show_mark(store)
        self._show_possible()
        if annotation_id is not None and (tool := self.tools.tool) is not Tool.BROWSE:
            self.tools.choose(Tool.BROWSE)
            if tool is Tool.TEXT:
                return  # its words are there already
            self.tabs.show_form()

    def _on_label_asked(self, annotation_id: str) -> None:
        """Let the label of a mark be typed where the mark is."""
        if self.store is not None:
            self.store.select(annotation_id)
            self.label_editor.edit(self.store.lesson.annotation(annotation_id))

    def _on_filter(self) -> None:
        self.tabs.show_mark(self.store)

    def _on_saved(self, _state: object) -> None:
        self.saved.show_store(self.store)

    def _select(self, annotation_id: str) -> None:
        """Select a mark from text or list, and go to it."""
        if self.store is None:
            return
        self.commit()
        with self.scene.drawn_once():
            self.store.select(annotation_id)
            self.others.go_to(self.store, self.store.lesson.annotation(annotation_id))

    def _on_passage(self, annotation_ids: tuple[str, ...]) -> None:
        """Go to the passage's mark; clicking again goes to the next of its marks."""
        selected = self.store.selected if self.store is not None else None
        at = annotation_ids.index(selected.id) + 1 if selected is not None and selected.id in annotation_ids else 0
        self._select(annotation_ids[at % len(annotation_ids)])

    def _on_theme(self, _event: Any = None) -> None:
        self.article.set_dark(is_dark(self.scene.viewer))

    def _on_details(self) -> None:
        """Title, what is said of the lesson, or questions are others."""
        self._show_title()
        self.pane.show_lesson(self.store)
        self.tabs.show_details(self.store)
        self._show_possible()

    def _on_text(self, text: str) -> None:
        if not self.edits.edit_article(text):
            self.pane.show_lesson(self.store)

    def _on_created(self, store: LessonStore) -> None:
        self.open_lesson(store)
        self.tell(f"Your lesson is in {store.folder}. Write its article here, then mark what it tells of")

    def _on_refused(self, why: str) -> None:
        self.hint.setText(why)

    def _reload(self) -> None:
        """Read the lesson from disk; marks that could not be saved there have been kept beside it, or rescued."""
        from napari_vascular_loop.lessons import reopen

        store = self.store
        if store is None or store.folder is None:
            return
        self.commit()
        kept = "" if store.save_state.saved else store.save().problem
        if self.edits.tried(lambda: self._take(reopen(store))) and kept:
            self.tell(kept, bad=True)

    def hideEvent(self, event: Any) -> None:
        """Keep what was typed: dock or window are being closed, or another tab comes to the front."""
        self.commit()
        super().hideEvent(event)

    def let_go(self) -> None:
        """Keep what was typed, and give mouse and keys back to napari."""
        self.commit()
        self.tabs.let_go()
        self.pane.let_go()
        self.tools.close()
        self.volumes.let_go()
        self.others.forget()
        self.marks.let_go()
        self.ticks.let_go()
        self.control.let_go()
        self.scene.filter.changed.disconnect(self._on_filter)
        self.left.let_go()
        self._keys.close()
        # It lies in napari's window, not in the panel.
        self.label_editor.deleteLater()
        self._let_go_of_store()
        self.scene.changed.disconnect(self._show_scene)
        if self.scene.viewer is not None:
            self.scene.viewer.events.theme.disconnect(self._on_theme)


def _open_shipped(name: str) -> LessonStore:
    from napari_vascular_loop.lessons import open_shipped_lesson

    return open_shipped_lesson(name)
