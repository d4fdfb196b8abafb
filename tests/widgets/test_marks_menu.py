"""Marks from other programs and for them, from the lesson's menu."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gestures import copy_of_lesson
from qtpy.QtWidgets import QFileDialog

from napari_vascular_loop.domain.annotation import Arrow, Path, Point, Region
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.widgets.lesson_panel import LessonPanel

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(qtbot, viewer, tmp_path):
    panel = LessonPanel(viewer)
    qtbot.addWidget(panel)
    panel.resize(460, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.open_lesson(open_lesson(copy_of_lesson(tmp_path)))
    return panel


def choose(panel, text):
    (action,) = (one for one in panel.marks_menu.actions() if one.text() == text)
    action.trigger()


def answers(monkeypatch, dialog, path, chosen=""):
    monkeypatch.setattr(QFileDialog, dialog, lambda *_args, **_values: (str(path), chosen))


def test_the_lessons_menu_holds_it(panel):
    assert panel.marks_menu.menuAction() in panel.menu.menu().actions()


def test_marks_go_to_slicer_and_come_back_and_what_does_not_fit_is_said(panel, monkeypatch, tmp_path):
    before = panel.store.annotations
    out = tmp_path / "marks.mrk.json"
    answers(monkeypatch, "getSaveFileName", out, "3D Slicer (*.mrk.json)")
    choose(panel, "Export marks…")
    assert f"Marks written to {out}" in panel.message.text()
    assert json.loads(out.read_bytes())["markups"]
    for annotation in before:
        panel.store.remove(annotation.id)
    answers(monkeypatch, "getOpenFileName", out)
    choose(panel, "Bring in marks…")
    assert "8 marks came in from marks.mrk.json" in panel.message.text()
    assert {a.id: a.geometry for a in panel.store.annotations} == {a.id: a.geometry for a in before}
    choose(panel, "Bring in marks…")
    assert panel.message.text() == (
        "Nothing new from marks.mrk.json. 8 marks were in the lesson already and stay as they are."
    )
    assert len(panel.store.annotations) == 8
    panel.undo()
    assert panel.store.annotations == ()


def test_losses_are_shown_in_a_window_of_their_own(panel, monkeypatch, tmp_path):
    answers(monkeypatch, "getSaveFileName", tmp_path / "marks", "FSLeyes (*.txt)")
    choose(panel, "Export marks…")
    assert (tmp_path / "marks.txt").is_file()
    assert "did not fit" in panel.message.text()
    assert panel.marks_menu.report.isVisible()
    assert "Not kept:" in panel.marks_menu.report.informativeText()
    panel.marks_menu.report.close()


def test_a_file_that_is_none_is_said(panel, monkeypatch, tmp_path):
    (tmp_path / "bad.csv").write_text("nothing of the kind")
    answers(monkeypatch, "getOpenFileName", tmp_path / "bad.csv")
    choose(panel, "Bring in marks…")
    assert "bad.csv" in panel.message.text()
    assert "7A1F1F" in panel.message.styleSheet()


def test_what_was_drawn_with_naparis_own_tools_becomes_marks(panel, viewer):
    """Places on the display are superior, anterior, right: the asymmetric ones here fall where they should."""
    count = len(panel.store.annotations)
    viewer.add_points(
        [[-40.0, -20.0, -12.0], [-41.0, -22.0, 13.5]], name="mine", features={"label": ["left one", "right one"]}
    )
    choose(panel, "Make marks of the selected napari layer")
    left, right = panel.store.annotations[count:]
    assert (left.label, left.geometry) == ("left one", Point((-12.0, -20.0, -40.0)))
    assert right.geometry == Point((13.5, -22.0, -41.0))
    assert len(viewer.layers["mine"].data) == 2
    shapes = viewer.add_shapes(ndim=3)
    shapes.add_lines([[-40, -10, -20], [-40, -21, -11]])
    shapes.add_paths([[-40, -1, 2], [-40, -3, 5], [-40, -9, 4]])
    shapes.add_polygons([[-39, 0, 0], [-39, 0, 8], [-39, 5, 8]])
    shapes.add_ellipses([[-39, 0, 0], [-39, 0, 8], [-39, 4, 8], [-39, 4, 0]])
    choose(panel, "Make marks of the selected napari layer")
    arrow, path, polygon, ellipse = (a.geometry for a in panel.store.annotations[count + 2 :])
    assert arrow == Arrow((-20, -10, -40), (-11, -21, -40))
    assert path == Path(((2, -1, -40), (5, -3, -40), (4, -9, -40)))
    assert polygon == Region(((0, 0, -39), (8, 0, -39), (8, 5, -39)))
    places = np.array(ellipse.vertices_ras_mm)
    assert np.allclose((places.min(axis=0), places.max(axis=0)), ((0, 0, -39), (8, 4, -39)), atol=0.05)
    assert "4 marks made" in panel.message.text()
    panel.marks_menu.report.close()
    panel.undo()
    assert len(panel.store.annotations) == count + 2


@pytest.mark.parametrize("layer", ["image", "flat", "none"])
def test_a_layer_that_is_no_drawing_is_refused_in_words(panel, viewer, layer):
    if layer == "flat":
        viewer.add_points([[1.0, 2.0]])
    elif layer == "none":
        viewer.layers.selection.clear()
    else:
        viewer.layers.selection.active = panel.scene.layer
    choose(panel, "Make marks of the selected napari layer")
    expected = {"image": "not of", "flat": "2 dimensions", "none": "Select one layer"}[layer]
    assert expected in panel.message.text()
