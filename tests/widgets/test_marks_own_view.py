"""A mark is seen again as its teacher saw it."""

from __future__ import annotations

import pytest
from gestures import copy_of_lesson
from qtpy.QtCore import Qt

from napari_vascular_loop.display.slab import Slab
from napari_vascular_loop.domain.mark_view import MarkView, SlabProjection
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.formats.lesson_folder import LessonFolder
from napari_vascular_loop.lessons import STAND_IN_LESSON, open_lesson, open_shipped_lesson
from napari_vascular_loop.widgets.lesson_panel import LessonPanel

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(make_panel, tmp_path):
    panel = make_panel(LessonPanel)
    panel.open_lesson(open_shipped_lesson(STAND_IN_LESSON))
    return panel


def test_a_teacher_keeps_a_view_and_everybody_who_goes_there_sees_it(qtbot, panel, viewer):
    scene, store = panel.scene, panel.store
    mark, other = store.annotations[0], store.annotations[1]
    store.select(mark.id)
    scene.set_plane(Plane.CORONAL)
    scene.grey.set_window(20.0, 150.0)
    scene.set_slab(Slab(5.0, SlabProjection.MAXIMUM))
    viewer.scene.camera.zoom = 12.5
    field_mm = min(viewer.canvas.size) / 12.5
    panel.tabs.setCurrentWidget(panel.details)
    qtbot.mouseClick(panel.form.view.keep, Qt.MouseButton.LeftButton)

    assert "coronal" in panel.form.view.words.text()
    assert "W 130 L 85" in panel.form.view.words.text()
    assert "5 mm maximum" in panel.form.view.words.text()
    store.save()
    (kept,) = (one.view for one in LessonFolder(store.folder).read().annotations if one.id == mark.id)
    assert (kept.plane, kept.window, kept.slab_mm) == (Plane.CORONAL, (20.0, 150.0), 5.0)
    assert kept.field_of_view_mm == pytest.approx(field_mm, abs=0.1)

    scene.set_plane(Plane.SAGITTAL)
    scene.grey.set_window(0.0, 255.0)
    scene.set_slab(Slab())
    viewer.scene.camera.zoom = 3.0
    scene.go_to(other)
    assert scene.state().plane is Plane.SAGITTAL, "a mark that says nothing leaves it as it is"
    scene.go_to(store.lesson.annotation(mark.id))
    assert scene.state().plane is Plane.CORONAL
    assert scene.grey.window == pytest.approx((20.0, 150.0))
    assert scene.slab == Slab(5.0, SlabProjection.MAXIMUM)
    assert viewer.scene.camera.zoom == pytest.approx(12.5, rel=0.01)


def test_it_is_forgotten_and_undone(qtbot, panel):
    store = panel.store
    mark = store.annotations[0]
    store.change(mark.id, view=MarkView(Plane.SAGITTAL))
    store.select(mark.id)
    panel.tabs.setCurrentWidget(panel.details)
    qtbot.mouseClick(panel.form.view.forget, Qt.MouseButton.LeftButton)
    assert store.lesson.annotation(mark.id).view is None
    assert not panel.form.view.forget.isVisible()
    panel.undo()
    assert store.lesson.annotation(mark.id).view == MarkView(Plane.SAGITTAL)


def test_without_a_volume_nothing_is_kept(panel, viewer, tmp_path):
    panel.open_lesson(open_lesson(copy_of_lesson(tmp_path)))
    viewer.layers.clear()
    panel.store.select(panel.store.annotations[0].id)
    panel.form.view.keep_asked.emit()
    assert panel.store.annotations[0].view is None
