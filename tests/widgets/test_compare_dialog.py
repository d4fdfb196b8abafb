"""Volumes of a lesson side by side, on real widgets."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication

from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.domain.annotation import Annotation, Grade, Path, Point, Side
from napari_vascular_loop.domain.comparison import compared_volumes, place_of, places_to_compare
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.lessons import PHANTOM_LESSON, lesson_volume, open_shipped_lesson
from napari_vascular_loop.widgets.compare_dialog import CompareDialog, compare_volumes
from napari_vascular_loop.widgets.main_window import main_window

LEFT = "Loop (L)"


def lesson_of(*titles, marks=()):
    return Lesson("Grades", tuple(LessonVolume(f"v{n}", title) for n, title in enumerate(titles)), annotations=marks)


def test_titles_with_a_kind_make_a_table_and_others_rows_of_three():
    table = compared_volumes(lesson_of("contact, CISS", "contact, TOF", "deviation, CISS", "deviation, TOF"))
    assert [(cell.row, cell.column) for cell in table] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    rows = compared_volumes(lesson_of("T1", "T2", "FLAIR", "TOF, thin"))
    assert [(cell.row, cell.column) for cell in rows] == [(0, 0), (0, 1), (0, 2), (1, 0)]
    assert compared_volumes(lesson_of()) == ()


def test_a_volume_is_looked_at_where_its_own_mark_is_or_that_of_the_same_head():
    marks = (
        Annotation(Point((-10, 1, 2)), "v0", LEFT, "Wall to wall 0.00 mm. No dent.", side=Side.LEFT, grade=Grade.MILD),
        Annotation(Point((-12, 3, 4)), "v2", LEFT, "Pushed away by 2.2 mm.", side=Side.LEFT, grade=Grade.SEVERE),
        Annotation(Path(((9, 1, 2), (11, 1, 2))), "v0", "Nerve (R)", side=Side.RIGHT),
    )
    lesson = lesson_of("contact, CISS", "contact, TOF", "deviation, CISS", "deviation, TOF", marks=marks)
    assert [place_of(lesson, volume.id) for volume in lesson.volumes] == [(-10, 1, 2)] * 2 + [(-12, 3, 4)] * 2
    assert place_of(lesson, "v3", "Nerve (R)") == marks[2].geometry.anchor_ras_mm
    assert place_of(lesson, "v3", "nothing") is None
    assert places_to_compare(lesson) == (LEFT,)
    found = [cell.finding for cell in compared_volumes(lesson)]
    assert "mild" in found[0]
    assert "0.00 mm" in found[0]
    assert "2.2 mm" in found[2]
    assert found[1] == found[3] == ""


@pytest.fixture
def dialog(make_napari_viewer, qtbot):
    viewer = make_napari_viewer()
    scene = scene_of(viewer)
    store = open_shipped_lesson(PHANTOM_LESSON)
    scene.show_volume(lesson_volume(store))
    scene.set_store(store)
    dialog = compare_volumes(scene)
    assert dialog is not None
    qtbot.waitExposed(dialog)
    yield dialog
    for each in _dialogs(scene):
        each.close()
    scene.set_store(None)
    store.close()


def centre_of(view):
    return view._shown.centre_ras_mm


def test_grades_stand_beside_each_other_and_are_gone_through_together(dialog, qtbot):
    scene = dialog._scene
    assert len(dialog.views) == 6
    assert [cell.row for cell in dialog.cells] == [0, 1, 0, 1, 0, 1]
    findings = [cell.finding for cell in dialog.cells if cell.row == 0]
    assert [word in text for word, text in zip(("mild", "moderate", "severe"), findings, strict=True)] == [True] * 3
    assert all(" mm" in text for text in findings)
    # On the left of the patient, which is on the right of the picture.
    for view in dialog.views.values():
        assert centre_of(view)[0] < 0
        assert view.letters()["right"] == "L"
        assert view.marks, "the mark is on its plane"
    ciss, tof = (dialog.views[name] for name in ("contact-ciss", "contact-tof"))
    assert centre_of(ciss) == centre_of(tof)
    before = {name: np.array(centre_of(view)) for name, view in dialog.views.items()}
    middle = ciss.rect().center()
    wheel = QWheelEvent(
        QPointF(middle),
        QPointF(ciss.mapToGlobal(middle)),
        QPoint(0, 0),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(ciss, wheel)
    for name, view in dialog.views.items():
        np.testing.assert_allclose(np.array(centre_of(view)) - before[name], (0, 0, 0.9), atol=1e-6)
    # A click leads all pictures and the reading room to one place.
    place = QPoint(ciss.width() // 3, ciss.height() // 2)
    wanted = ciss.ras_mm_at(QPointF(place))
    qtbot.mouseClick(ciss, Qt.MouseButton.LeftButton, pos=place)
    for view in dialog.views.values():
        np.testing.assert_allclose(centre_of(view), wanted, atol=1e-6)
    np.testing.assert_allclose(scene.place_ras_mm, wanted, atol=0.3)
    # The control side, by its mark.
    at = dialog.place.findData("Nerve to AICA (R)")
    dialog.place.setCurrentIndex(at)
    dialog.place.activated.emit(at)
    assert all(centre_of(view)[0] > 0 for view in dialog.views.values())


def test_the_second_window_takes_the_place_of_the_first_and_another_lesson_closes_it(dialog, qtbot):
    scene = dialog._scene
    second = compare_volumes(scene)
    assert second is not dialog
    qtbot.waitUntil(lambda: not _dialogs(scene) or _dialogs(scene) == [second])
    scene.set_store(None)
    qtbot.waitUntil(lambda: _dialogs(scene) == [])


def _dialogs(scene):
    return [
        each for each in main_window(scene.viewer).children() if isinstance(each, CompareDialog) and each.isVisible()
    ]
