"""Reading a lesson, and the tour of it: article, marks and steps, tied both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_vascular_loop.study.tour import Step, tour_steps
from napari_vascular_loop.widgets.article_pane import ArticlePane
from napari_vascular_loop.widgets.lesson_volumes import LessonVolumes
from napari_vascular_loop.widgets.study_tour import TourBar

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.store import LessonStore

_NO_TOUR = "No passage of the article is tied to a mark, so there is no tour. Read on below."


class StudyReader(QObject):
    """Connects an article and the bar of its tour with the scene.

    Parameters
    ----------
    scene : Scene
        Of the viewer.

    Signals
    -------
    told : str
        What the student should know.
    """

    told = Signal(str)

    def __init__(self, scene: Scene, parent: Any) -> None:
        super().__init__(parent)
        self._scene = scene
        self._store: LessonStore | None = None
        self._steps: tuple[Step, ...] = ()
        self._step = 0
        self._on_tour = False
        self.is_open = True
        """Whether marks may be gone to: not while the student is asked about them."""
        self.pane, self.tour = ArticlePane(scene, can_edit=False), TourBar()
        self.article = self.pane.view
        self.volumes = LessonVolumes(scene, self)
        self.volumes.failed.connect(self.told.emit)
        self.article.passage_clicked.connect(self._on_passage)
        self.tour.back_asked.connect(self.go_back)
        self.tour.next_asked.connect(self.go_on)

    def set_store(self, store: LessonStore) -> None:
        """Read another lesson."""
        if self._store is not None:
            self._store.selection_changed.disconnect(self._on_selection)
        self._store = store
        store.selection_changed.connect(self._on_selection)
        self._steps, self._step = tour_steps(store.passages()), 0
        self.pane.show_lesson(store)

    def has_passage(self, annotation_id: str) -> bool:
        """Whether the article tells of a mark."""
        return any(step.annotation_id == annotation_id for step in self._steps)

    def read(self, *, on_tour: bool) -> None:
        """Read freely, or go on with the tour where it was left."""
        self.is_open, self._on_tour = True, on_tour
        if on_tour:
            self._show_step()

    def pick(self, annotation_id: str) -> None:
        """Select a mark that was clicked, and be at its step of the tour."""
        store = self._store
        if store is None or not self.is_open:
            return
        store.select(annotation_id)
        at = next((n for n, step in enumerate(self._steps) if step.annotation_id == annotation_id), None)
        if self._on_tour and at is not None:
            self._step = at
            self.tour.show_step(at + 1, len(self._steps), store.lesson.annotation(annotation_id))

    def go_on(self) -> bool:
        """Go to the next step; whether there is one."""
        return self._go_to(self._step + 1)

    def go_back(self) -> bool:
        """Go to the step before; whether there is one."""
        return self._go_to(self._step - 1)

    def _go_to(self, number: int) -> bool:
        if not 0 <= number < len(self._steps):
            return False
        self._step = number
        self._show_step()
        return True

    def _show_step(self) -> None:
        store = self._store
        if store is None or not self._steps:
            self.tour.show_step(0, 0, None, _NO_TOUR if store is not None else "Open a lesson first.")
            return
        step = self._steps[self._step]
        mark = store.lesson.annotation(step.annotation_id)
        store.select(mark.id)
        self.article.scroll_to_span(step.span)
        if not self._scene.marks_visible:
            self._scene.set_marks_visible(True)
        self.volumes.go_to(store, mark)
        is_here = mark.volume_id == self._scene.volume_id or self.volumes.is_reading
        remark = "" if is_here else "The volume of this mark is not shown."
        self.tour.show_step(self._step + 1, len(self._steps), mark, remark)

    def _on_selection(self, _annotation_id: str | None) -> None:
        self.pane.show_lesson(self._store)
        self.pane.scroll_to_selected()

    def _on_passage(self, annotation_ids: tuple[str, ...]) -> None:
        """Go to the passage's mark; clicking again goes to the next of its marks."""
        store = self._store
        if store is None or not self.is_open:
            return
        selected = store.selected
        at = annotation_ids.index(selected.id) + 1 if selected is not None and selected.id in annotation_ids else 0
        mark = store.lesson.annotation(annotation_ids[at % len(annotation_ids)])
        self.pick(mark.id)
        self.volumes.go_to(store, mark)
