"""The article to be read, and, for a teacher, its source beside it to be edited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qtpy.QtCore import QPoint, Qt, Signal
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from napari_vascular_loop.widgets.article_document import VIEW_SCHEME
from napari_vascular_loop.widgets.article_view import FONT_POINTS, ArticleView
from napari_vascular_loop.widgets.hover_card import HoverCard
from napari_vascular_loop.widgets.level_switch import LevelSwitch
from napari_vascular_loop.widgets.mark_pictures import MarkPictures
from napari_vascular_loop.widgets.settings import set_text_points, text_points
from napari_vascular_loop.widgets.source_editor import SourceEditor

if TYPE_CHECKING:
    from typing import Any

    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.article import Span
    from napari_vascular_loop.store import LessonStore

_SMALLEST, _LARGEST, _STEP = 8.0, 28.0, 1.5
_WIDE_PX = 760
"""From this on source and article stand side by side."""
_MARKDOWN = re.compile(r"[\\`*_\[\]<>&]")
"""What Markdown would not take as itself."""


class ArticlePane(QWidget):
    """An article with its buttons: larger and smaller letters and, where the lesson can be changed, "Edit".

    Parameters
    ----------
    scene : Scene
        Shows the volume that pictures are made of.
    can_edit : bool
        Whether there is a button to edit it.

    Signals
    -------
    passage_clicked : tuple of str
        Ids of the marks that a clicked passage is tied to.
    text_edited : str
        The article as it was typed.
    """

    passage_clicked = Signal(tuple)
    text_edited = Signal(str)

    def __init__(self, scene: Scene, *, can_edit: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = MarkPictures(scene)
        self.view = ArticleView(pictures=self.pictures)
        self.source = SourceEditor()
        self.card = HoverCard(self.pictures, self)
        self.edit = QPushButton("Edit")
        self.edit.setCheckable(True)
        self.edit.setToolTip("Edit the article's text (Markdown); links go with their words")
        self.edit.setVisible(can_edit)
        self.picture = QPushButton("+ Picture")
        self.picture.setToolTip("Put a picture of the selected mark into the text, below the paragraph of the cursor")
        self.picture.setAccessibleName("Add a picture of the selected mark")
        self.smaller, self.larger = (_small(text, tip) for text, tip in (("A−", "Smaller text"), ("A+", "Larger text")))
        self.level = LevelSwitch()
        self._store: LessonStore | None = None
        self._points = text_points(FONT_POINTS)
        self._lay_out()
        self.edit.toggled.connect(self._show_source)
        self.picture.clicked.connect(self._add_picture)
        self.level.switched.connect(self._show_level)
        self.smaller.clicked.connect(lambda: self._resize(-_STEP))
        self.larger.clicked.connect(lambda: self._resize(_STEP))
        for keys, by in ((QKeySequence.StandardKey.ZoomIn, _STEP), (QKeySequence.StandardKey.ZoomOut, -_STEP)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda by=by: self._resize(by))
        self.view.passage_clicked.connect(self.passage_clicked)
        self.view.passage_hovered.connect(self._on_hovered)
        self.source.text_edited.connect(self.text_edited)
        self._scene = scene
        scene.place_changed.connect(self._show_near)
        self._resize(0)
        self._show_source(False)

    def _lay_out(self) -> None:
        self.heading = QLabel("Article")
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.heading, 1)
        row.addWidget(self.level)
        for button in (self.picture, self.smaller, self.larger, self.edit):
            row.addWidget(button)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.source)
        self.split.addWidget(self.view)
        self.split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(row)
        layout.addWidget(self.split, 1)

    def show_lesson(self, store: LessonStore | None) -> None:
        """Show a lesson's article as it is now; what is being typed stays."""
        if store is not self._store:
            self.level.set_lesson(store)
            self.source.show_text(store.lesson.article if store else "", ())
            if store is not None and not store.lesson.article.strip() and not store.reader_note:
                self.edit.setChecked(self.edit.isVisibleTo(self))
        self._store = store
        self.view.set_plain(self.level.level)
        self.view.show_lesson(store)
        self.edit.setEnabled(store is not None and not store.reader_note)
        self.source.setReadOnly(store is None or bool(store.reader_note))
        self.picture.setEnabled(self.edit.isEnabled() and store is not None and store.selected is not None)
        if store is not None:
            self.source.show_text(store.lesson.article, self.view.passages if self.level.level is None else ())

    def let_go(self) -> None:
        """Keep what was typed, and stop listening to the scene."""
        self.commit()
        self.card.hide()
        self._scene.place_changed.disconnect(self._show_near, missing_ok=True)

    def commit(self) -> None:
        """Say what was typed, if that was not said yet."""
        self.source.commit()

    def selected_span(self) -> Span | None:
        """The selected stretch of the article's source, or None."""
        if self.edit.isChecked() and (span := self.source.selected_span()) is not None:
            self.commit()
            return span
        return self.view.selected_span()

    def scroll_to_selected(self) -> None:
        """Bring the passage of the selected mark into view."""
        self.view.scroll_to_selected()
        if self.edit.isChecked():
            lit = [passage for passage in self.view.passages if passage.selected]
            if lit:
                self.source.scroll_to(lit[0].span.start)

    def resizeEvent(self, event: Any) -> None:
        """Put source and article side by side where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE_PX
        self.split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def hideEvent(self, event: Any) -> None:
        """Keep what was typed."""
        self.commit()
        self.card.hide()
        super().hideEvent(event)

    def _show_source(self, shown: bool) -> None:
        self.commit()
        self.source.setVisible(shown)
        self.picture.setVisible(shown)
        # What is typed is the advanced text; the plain one is a file beside it.
        self.level.setEnabled(not shown)
        self.level.choose(advanced=shown)
        self._show_level()
        self.heading.setText("Source" if shown else "Article")
        if shown:
            self.source.setFocus()

    def _add_picture(self) -> None:
        """Put a picture of the selected mark below the paragraph in which the cursor stands."""
        mark = self._store.selected if self._store is not None else None
        if mark is not None and not self.source.isReadOnly():
            words = _MARKDOWN.sub(r"\\\g<0>", " ".join(mark.label.split())) or "The mark"
            self.source.add_below(f"![{words}]({VIEW_SCHEME}{mark.id})")

    def _show_level(self) -> None:
        """Show the article in the words that are chosen, at the same part of it."""
        if not self.level.has_both:
            return
        bar = self.view.verticalScrollBar()
        part = bar.value() / max(1, bar.maximum())
        self.show_lesson(self._store)
        bar.setValue(round(part * bar.maximum()))
        self.scroll_to_selected()

    def _resize(self, by: float) -> None:
        self._points = min(_LARGEST, max(_SMALLEST, self._points + by))
        self.view.set_points(self._points)
        self.source.set_points(self._points)
        self.smaller.setEnabled(self._points > _SMALLEST)
        self.larger.setEnabled(self._points < _LARGEST)
        if by:
            set_text_points(self._points)

    def _show_near(self) -> None:
        """Light the passages of the marks at which the planes cross."""
        if self._store is not None:
            near = {annotation.id for annotation in self._scene.marks_at_place()}
            if self.view.show_near(near) and self.view.isVisible() and not self.edit.isChecked():
                self.view.scroll_to_near()

    def _on_hovered(self, ids: tuple[str, ...], place: QPoint) -> None:
        store = self._store
        marks = [annotation for annotation in store.annotations if annotation.id in ids] if store is not None else []
        self.card.show_marks(marks, place)


def _small(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFixedWidth(34)
    return button
