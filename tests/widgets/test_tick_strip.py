"""Ticks at the slices that have marks, and the remarks of the form, with the mouse."""

from __future__ import annotations

import pytest
from gestures import LAYOUTS, lesson_on, numbered_volume, true_ras_mm
from napari.components import ViewerModel
from qtpy.QtCore import QPoint, Qt

from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.domain.annotation import Annotation, Grade, Point, Side
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.widgets.mark_form import MarkForm
from napari_vascular_loop.widgets.structure_box import offers
from napari_vascular_loop.widgets.tick_strip import TickStrip

pytestmark = pytest.mark.gui


@pytest.fixture
def strip(qtbot):
    viewer = ViewerModel()
    scene = scene_of(viewer)
    volume = numbered_volume(LAYOUTS["RAS"])
    places = ((3, 8, 1), (5, 8, 1), (9, 2, 6))
    marks = [Annotation(Point(tuple(true_ras_mm(volume, ijk))), "head", f"at {ijk}") for ijk in places]
    scene.show_volume(volume)
    scene.set_store(lesson_on(volume, *marks))
    strip = TickStrip(scene)
    qtbot.addWidget(strip)
    strip.resize(300, 18)
    strip.show()
    strip.show_marks()
    strip.viewer = viewer
    yield strip
    strip.let_go()


def click(qtbot, strip, x):
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(x), 9))


def test_ticks_stand_where_marks_are_in_each_plane(strip):
    scene = strip._scene
    assert strip.slices() == (1, 6)
    assert strip.words(1) == "slice 2: at (3, 8, 1), at (5, 8, 1)"
    assert 0 < strip.x_of(1) < strip.x_of(6) < strip.width()
    scene.set_plane(Plane.CORONAL)
    strip.show_marks()
    assert strip.slices() == (2, 8)
    scene.set_plane(Plane.SAGITTAL)
    strip.show_marks()
    assert strip.slices() == (3, 5, 9)


def test_a_click_on_a_tick_gives_its_marks_in_turn_and_a_click_beside_gives_none(strip, qtbot):
    chosen = []
    strip.chosen.connect(chosen.append)
    ids = [mark.id for mark in strip._scene.store.annotations]
    click(qtbot, strip, strip.x_of(6) + 3)
    click(qtbot, strip, strip.x_of(1))
    click(qtbot, strip, strip.x_of(1))
    click(qtbot, strip, strip.x_of(1))
    assert chosen == [ids[2], ids[0], ids[1], ids[0]]
    click(qtbot, strip, (strip.x_of(1) + strip.x_of(6)) / 2)
    assert len(chosen) == 4


def test_hidden_marks_have_no_tick_and_without_marks_there_is_no_strip(strip):
    scene = strip._scene
    scene.filter.hide(scene.store.annotations[2].id, True)
    assert strip.slices() == (1,)
    scene.set_marks_visible(False)
    strip.show_marks()
    assert not strip.isVisible()


@pytest.fixture
def form(qtbot):
    form = MarkForm(lambda volume_id: volume_id == "head")
    qtbot.addWidget(form)
    form.resize(380, 500)
    form.show()
    return form


def shown(form, volume_id="head", **values):
    volume = numbered_volume(LAYOUTS["RAS"])
    store = lesson_on(volume, Annotation(Point((12.3, 0.0, 0.0)), volume_id, "Here", **values))
    store.select(store.annotations[0].id)
    form.show_mark(store)
    return form


def test_a_side_that_does_not_fit_the_place_is_remarked_on_only_where_sides_are_known(form):
    assert "lies right of the midline (R 12.3 mm)" in shown(form, side=Side.LEFT).side_remark.text()
    assert form.side_remark.isVisible()
    assert not shown(form, side=Side.RIGHT).side_remark.isVisible()
    assert not shown(form, "a volume that does not say how the head lies", side=Side.LEFT).side_remark.isVisible()


def test_the_grade_is_defined_and_the_structure_has_its_codes_beneath_the_box(form):
    shown(form, grade=Grade.MODERATE, structure="aica")
    assert form.definition.text() == Grade.MODERATE.definition
    assert "UBERON 0009689" in form.codes.text()
    shown(form)
    assert not form.definition.isVisible()
    assert not form.codes.isVisible()


def test_a_structure_is_found_by_synonym_and_code_and_kept_by_name(form, qtbot):
    told = []
    form.edited.connect(told.append)
    shown(form)
    (synonym,) = [offer for offer in offers() if offer.startswith("AICA")]
    (code,) = [offer for offer in offers() if "0009688" in offer]
    line = form.structure.lineEdit()
    line.setText(synonym)
    assert line.text() == "anterior inferior cerebellar artery"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert told[-1] == {"structure": "aica"}
    line.setText(code)
    assert line.text() == "posterior inferior cerebellar artery"
    completer = form.structure.completer()
    completer.setCompletionPrefix("seventh")
    assert completer.currentCompletion().endswith("facial nerve")
