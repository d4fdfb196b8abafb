"""The figure in the window: chosen, seen, saved; and dropped back, its lesson opens at its slice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gestures import copy_of_lesson
from PIL import Image
from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_vascular_loop._reader import napari_get_reader
from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.export.figure import FigureStyle, draw_figure
from napari_vascular_loop.formats.figure_memory import figure_memory
from napari_vascular_loop.lessons import lesson_volume, open_lesson
from napari_vascular_loop.widgets.drops import catch_drops
from napari_vascular_loop.widgets.figure_dialog import FigureDialog
from napari_vascular_loop.widgets.figure_opening import open_figure
from napari_vascular_loop.widgets.lesson_panel import LessonPanel

pytestmark = pytest.mark.gui


@pytest.fixture
def folder(tmp_path):
    return copy_of_lesson(tmp_path)


@pytest.fixture
def figure_path(folder, tmp_path):
    """A figure of the third mark, coronal, beside its lesson."""
    store = open_lesson(folder)
    style = FigureStyle(planes=(Plane.CORONAL,), slab_mm=3, dpi=100)
    figure = draw_figure(store.lesson, store.annotations[2].id, lesson_volume(store), style)
    store.close()
    return figure.save(tmp_path / "any name.png")


def settled(qtbot, dialog):
    qtbot.waitUntil(lambda: not dialog.is_drawing, timeout=20_000)


def test_a_figure_is_chosen_seen_and_saved(qtbot, folder, tmp_path, monkeypatch):
    store = open_lesson(folder)
    mark = store.annotations[0]
    dialog = FigureDialog(store, mark, None, True)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    settled(qtbot, dialog)
    first = dialog.preview.pixmap().toImage()
    assert first.width() > 200
    assert mark.title in dialog.preview.accessibleName()
    # What is clicked is what is drawn.
    dialog.form.dark.setChecked(True)
    dialog.form.width.setCurrentIndex(1)
    for plane in (Plane.AXIAL, Plane.SAGITTAL):
        dialog.form.planes[plane].setChecked(True)
    dialog.form.whole.setChecked(True)
    qtbot.wait(300)
    settled(qtbot, dialog)
    assert dialog.preview.pixmap().toImage().pixelColor(1, 1).lightness() == 0
    assert first.pixelColor(1, 1).lightness() == 255
    assert "Panel B" in dialog.preview.accessibleName()
    assert not dialog.form.crop.isEnabled()
    out = tmp_path / "new" / "loop"
    monkeypatch.setattr(
        "qtpy.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (str(out), "TIFF (*.figure.tif *.tif *.tiff)")
    )
    dialog.form.dpi.setValue(100)
    with qtbot.waitSignal(dialog.told, timeout=20_000) as told:
        qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    settled(qtbot, dialog)
    assert str(out.with_suffix(".tif")) in told.args[0]
    assert "180 ×" in told.args[0]
    with Image.open(out.with_suffix(".tif")) as picture:
        assert picture.width == round(180 / 25.4 * 100)
    # What can't be written is said in the dialog, which stays.
    dialog.save_to(out.with_suffix(".gif"))
    settled(qtbot, dialog)
    assert ".gif" in dialog.message.text()
    assert dialog.message.isVisible()
    dialog.close()


def test_the_button_beside_a_marks_view_opens_its_figure(qtbot, viewer, make_panel, folder):
    panel = make_panel(LessonPanel)
    panel.open_lesson(open_lesson(folder))
    panel.store.select(None)
    panel.menu.draw_figure()
    assert "Select a mark first" in panel.message.text()
    panel.store.select(panel.store.annotations[1].id)
    panel.tabs.setCurrentIndex(1)
    qtbot.mouseClick(panel.form.view.figure, Qt.MouseButton.LeftButton)
    dialog = panel.menu.figure
    assert dialog is not None
    assert panel.store.annotations[1].title in dialog.windowTitle()
    settled(qtbot, dialog)
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
    assert panel.menu.figure is None


def drop(window, path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    # The event does not keep what it carries.
    window.carried = mime
    target = next(widget for widget in window.centralWidget().findChildren(QWidget) if widget.acceptDrops())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, mime, left, none))
    QApplication.sendEvent(target, QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, mime, left, none))


@pytest.mark.slow
def test_a_figure_dropped_on_napari_opens_its_lesson_at_its_slice(
    qtbot, make_napari_viewer, figure_path, folder, tmp_path, monkeypatch
):
    viewer = make_napari_viewer()
    panel = LessonPanel(viewer)
    viewer.window.add_dock_widget(panel, name="Lesson panel", area="right")
    catch_drops(viewer)
    assert panel.store is None
    said: list[str] = []
    monkeypatch.setattr("napari_vascular_loop.widgets.drops.show_error", said.append)
    drop(viewer.window._qt_window, figure_path)
    assert said == []
    mark = panel.store.annotations[2]
    assert panel.store.folder == folder
    assert panel.store.selected.id == mark.id
    assert panel.scene.state().plane is Plane.CORONAL
    np.testing.assert_allclose(panel.scene.place_ras_mm, mark.geometry.anchor_ras_mm, atol=1.2)
    assert "any name.png" in panel.message.text()
    # Again, once the lesson is open and another mark is looked at; nothing is opened anew.
    store = panel.store
    panel.store.select(panel.store.annotations[0].id)
    read = napari_get_reader(str(figure_path))
    assert read(str(figure_path)) == [(None,)]
    assert panel.store is store
    assert panel.store.selected.id == mark.id
    # The mark was moved, or deleted, since.
    store.change(mark.id, "moved", label="Moved")
    remembered = figure_memory(figure_path)
    assert remembered.annotation_title == mark.title
    store.remove(mark.id)
    open_figure(viewer, figure_path)
    assert "no longer in the lesson" in panel.message.text()
    np.testing.assert_allclose(panel.scene.place_ras_mm, mark.geometry.anchor_ras_mm, atol=1.2)
    # Without the lesson it is said what is needed.
    other = replace(store.lesson, id="another-lesson", title="Another")
    elsewhere = tmp_path / "far" / "away" / "f.pdf"
    figure = draw_figure(other, other.annotations[0].id, panel.scene.volume, FigureStyle(dpi=72))
    figure.save(elsewhere)
    with pytest.raises(FigureError, match=r"lesson 'Another' \(another-lesson\).* then drop the figure again"):
        open_figure(viewer, elsewhere)
    drop(viewer.window._qt_window, elsewhere)
    assert "drop the figure again" in said[0]
