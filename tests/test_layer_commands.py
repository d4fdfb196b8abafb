"""napari's Layers menu: each command works on the selected layer, or says in one sentence why it can't."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gestures import LAYOUTS, numbered_volume, true_ras_mm, world_of
from qtpy.QtWidgets import QFileDialog, QInputDialog

from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.volume_layer import layer_data
from napari_vascular_loop.domain.annotation import Point
from napari_vascular_loop.widgets.lesson_panel import LessonPanel
from napari_vascular_loop.widgets.receipt_panel import ReceiptPanel

PLUGIN = "napari-vascular-loop"
COMMANDS = ("new_lesson_on_layer", "use_as_lesson_volume", "marks_of_layer", "export_marks", "receipt_of_layer")

pytestmark = pytest.mark.gui


def chosen(command):
    """Choose a command as napari's menu does; what was said of it."""
    from napari._app_model import get_app_model
    from napari.utils.notifications import notification_manager

    before = len(notification_manager.records)
    get_app_model().commands.execute_command(f"{PLUGIN}.{command}").result()
    return [record.message for record in notification_manager.records[before:] if str(record.severity) == "error"]


def docked(viewer, kind):
    (panel,) = (widget for widget in viewer.window.dock_widgets.values() if isinstance(widget, kind))
    return panel


def texts_of_layers_menu(viewer):
    """Texts of the entries below the menu Layers, by the submenu's name."""
    found = {}
    menu = viewer.window.layers_menu
    menu.aboutToShow.emit()
    for action in menu.actions():
        if action.menu() is not None:
            found[action.text().replace("&", "")] = [one.text() for one in action.menu().actions()]
    return found


def test_the_layers_menu_does_what_it_says_or_why_not(make_napari_viewer, qtbot, monkeypatch, tmp_path):
    viewer = make_napari_viewer(show=True)
    offered = texts_of_layers_menu(viewer)
    assert len([text for text in offered["Annotate"] if "Vascular loop" in text]) == 5
    assert len([text for text in offered["Metadata"] if "Orientation receipt" in text]) == 1

    # Nothing is there.
    for command in ("new_lesson_on_layer", "use_as_lesson_volume", "receipt_of_layer"):
        assert chosen(command) == ["Select one layer in napari's list, the one that shows the scan"]
    for command in ("marks_of_layer", "export_marks"):
        (said,) = chosen(command)
        assert said.startswith("Marks are kept in a lesson, and none is open")

    # A picture that another reader opened.
    viewer.add_image(np.zeros((4, 5, 6)), name="cells")
    for command in ("new_lesson_on_layer", "use_as_lesson_volume", "receipt_of_layer"):
        (said,) = chosen(command)
        assert said.startswith("'cells' was not opened as a brain scan, so its place in the patient is unknown")

    # Two scans, of which the first is chosen, before any panel of ours was opened.
    volumes = numbered_volume(LAYOUTS["sagittal PIR"]), numbered_volume(LAYOUTS["LPS"])
    layers = []
    for volume, name in zip(volumes, ("first", "second"), strict=True):
        data, keywords, _ = layer_data(volume, name)
        layers.append(viewer.add_image(data, **keywords))
    viewer.layers.selection.active = layers[0]
    assert chosen("receipt_of_layer") == []
    assert docked(viewer, ReceiptPanel).isVisible()
    scene = scene_of(viewer)
    assert scene.volume is volumes[0]
    (said,) = chosen("use_as_lesson_volume")
    assert "no lesson is open" in said

    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Two heads", True))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    assert chosen("new_lesson_on_layer") == []
    panel = docked(viewer, LessonPanel)
    qtbot.waitUntil(lambda: panel.scene.can_mark)
    assert panel.store.folder == tmp_path / "two-heads"
    assert chosen("use_as_lesson_volume") == []
    viewer.layers.selection.active = layers[1]
    (said,) = chosen("use_as_lesson_volume")
    assert "This is not the volume that the marks were made on" in said
    viewer.layers.selection.active = layers[0]

    # Marks of napari's points, and out of the program.
    assert chosen("marks_of_layer") == []
    assert "not of 'first' (Image)" in panel.message.text()
    ijk = (7, 2, 4)
    viewer.add_points([world_of(layers[0], volumes[0], ijk)], name="points", features={"label": ["Here"]})
    assert chosen("marks_of_layer") == []
    (mark,) = panel.store.annotations
    assert isinstance(mark.geometry, Point)
    np.testing.assert_allclose(mark.geometry.anchor_ras_mm, true_ras_mm(volumes[0], ijk), atol=1e-3)
    out = tmp_path / "marks.mrk.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), "3D Slicer (*.mrk.json)"))
    assert chosen("export_marks") == []
    assert json.loads(out.read_bytes())["markups"]

    # A panel that was closed comes back.
    panel.parentWidget().hide()
    chosen("export_marks")
    assert panel.isVisible()
