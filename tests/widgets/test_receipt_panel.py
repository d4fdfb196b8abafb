"""The orientation receipt beside the image, and the slider for time points."""

from __future__ import annotations

import pytest
from found_volumes import volume_of
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QDockWidget, QPushButton

from napari_vascular_loop._panel import lesson_panel, receipt_panel
from napari_vascular_loop.content import content_folder
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.volume_layer import layer_data
from napari_vascular_loop.domain.receipt import lines, receipt
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.widgets.receipt_panel import ReceiptPanel
from napari_vascular_loop.widgets.time_slider import NAME, TimeSlider
from napari_vascular_loop.widgets.volume_opening import opening_of

pytestmark = pytest.mark.gui

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(viewer, qtbot):
    panel = ReceiptPanel(viewer)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def add(viewer, volume, left_out=()):
    data, keywords, _ = layer_data(volume, left_out=left_out)
    return viewer.add_image(data, **keywords)


def flat(text):
    return " ".join(text.split())


def test_an_empty_panel_says_what_it_is_for(panel):
    assert "left and right" in panel.text.toPlainText()
    assert not panel.unknown.isVisible()
    assert not panel.copy_button.isEnabled()


def test_whose_a_public_volume_is_stands_first_and_is_copied(panel, viewer):
    add(viewer, volume_of("mine"))
    assert "Licence" not in panel.text.toPlainText()
    path = content_folder("sample_data") / "synthetic" / "stand_in.nii.gz"
    add(viewer, read_volumes(path)[0])
    shown = flat(panel.text.toPlainText())
    assert shown.startswith("Credit napari-vascular-loop, computed Licence BSD-3-Clause Orientation")
    assert panel.copied_text().startswith("credit: napari-vascular-loop, computed\nlicence: BSD-3-Clause\n")


def test_every_line_of_the_receipt_is_shown(panel, viewer):
    volume = volume_of(
        "one",
        modality="MR",
        said=("sform code 1 (scanner)", "qform code 0 (unknown)"),
        assumed=("no unit of length: mm assumed",),
        dropped=("3 files are copies of others",),
        warnings=("<b>odd</b> & strange",),
    )
    add(viewer, volume)
    shown = flat(panel.text.toPlainText())
    for heading, text in lines(receipt(volume.header)):
        assert flat(text) in shown
        assert heading.capitalize() in shown
    assert shown.count("The file says") == 1
    assert panel.title.text() == "<b>MR scan one</b>"
    assert not panel.unknown.isVisible()


def test_an_unknown_orientation_is_said_first_and_in_red(panel, viewer):
    add(viewer, volume_of("one", orientation_known=False))
    assert panel.unknown.isVisible()
    assert "UNKNOWN" in panel.unknown.text()
    assert panel.unknown.y() < panel.text.y()
    place = panel.unknown.rect().topLeft()
    assert panel.unknown.grab().toImage().pixelColor(place.x() + 4, place.y() + 4).red() > 100
    scene = scene_of(viewer)
    assert [scene.text(f"edge_{edge}") for edge in ("left", "right", "top", "bottom")] == ["", "", "", ""]


def test_it_follows_the_volume_that_is_shown(panel, viewer):
    first = add(viewer, volume_of("one", shape=(5, 6, 7)))
    add(viewer, volume_of("two", shape=(8, 9, 10)))
    assert "8 x 9 x 10 voxels" in flat(panel.text.toPlainText())
    viewer.layers.selection.active = first
    assert "5 x 6 x 7 voxels" in flat(panel.text.toPlainText())
    viewer.layers.clear()
    assert "left and right" in panel.text.toPlainText()


def test_a_change_of_plane_does_not_scroll_it_back(panel, viewer):
    add(viewer, volume_of("one", warnings=tuple(f"note {n}" for n in range(80))))
    bar = panel.text.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    scene_of(viewer).set_plane(Plane.CORONAL)
    assert bar.value() == bar.maximum()


def test_what_was_no_volume_is_listed_with_the_reason(panel, viewer):
    add(viewer, volume_of("one"), (("dose.dcm", "a dose sheet"), ("notes.txt", "neither")))
    shown = panel.text.toPlainText()
    assert "dose.dcm: a dose sheet" in shown
    assert "notes.txt: neither" in shown


def test_the_copy_names_neither_files_nor_the_scan(panel, viewer, qtbot):
    volume = volume_of("DOE JANE", source_files=("/scans/DOE JANE/head.nii",), said=("sform code 1 (scanner)",))
    add(viewer, volume, (("DOE JANE.txt", "not ours"),))
    assert "DOE" in panel.title.text()
    qtbot.mouseClick(panel.copy_button, LEFT)
    copied = QApplication.clipboard().text()
    assert copied == panel.copied_text()
    assert "DOE" not in copied
    assert "sform code 1 (scanner)" in copied
    assert "not volumes: 1 file" in copied


# ---------------------------------------------------------------- in napari's window


def test_the_plugins_menu_opens_it_and_its_dock_can_be_closed(make_napari_viewer_proxy, qtbot):
    viewer = make_napari_viewer_proxy()
    dock, panel = viewer.window.add_plugin_dock_widget("napari-vascular-loop", "Orientation receipt")
    assert isinstance(panel, ReceiptPanel)
    add(viewer, volume_of("one"))
    assert "scan one" in panel.title.text()
    dock.destroyOnClose()
    qtbot.wait(20)
    add(viewer, volume_of("two"))


def test_the_lesson_panel_has_a_button_for_it(make_napari_viewer, qtbot):
    viewer = make_napari_viewer(show=True)
    lesson = lesson_panel(viewer)
    (button,) = (b for b in lesson.findChildren(QPushButton) if b.accessibleName() == "Orientation receipt")
    qtbot.mouseClick(button, LEFT)
    qtbot.mouseClick(button, LEFT)
    shown = [widget for widget in viewer.window.dock_widgets.values() if isinstance(widget, ReceiptPanel)]
    assert len(shown) == 1
    assert shown[0].isVisible()
    assert receipt_panel(viewer) is shown[0]


def slider_of(viewer):
    """The slider, if it is seen."""
    QApplication.processEvents()
    sliders = [widget for widget in viewer.window.dock_widgets.values() if isinstance(widget, TimeSlider)]
    assert len(sliders) <= 1
    return sliders[0] if sliders and sliders[0].isVisible() else None


def dock_of(widget):
    while not isinstance(widget, QDockWidget):
        widget = widget.parentWidget()
    return widget


def test_a_slider_appears_for_volumes_with_time_points_only(make_napari_viewer, qtbot):
    viewer = make_napari_viewer(show=True)
    opening_of(viewer)
    scene = scene_of(viewer)
    single = add(viewer, volume_of("one"))
    assert slider_of(viewer) is None
    several = add(viewer, volume_of("many", shape=(5, 6, 7, 4)))
    slider = slider_of(viewer)
    assert viewer.window.dock_widgets[NAME] is slider
    assert slider.label.text() == "Time point 1 / 4"
    assert not slider.back.isEnabled()

    slider.slider.setValue(2)
    assert scene.time_point == 2
    assert slider.label.text() == "Time point 3 / 4"
    qtbot.mouseClick(slider.on, LEFT)
    assert scene.time_point == 3
    assert not slider.on.isEnabled()
    qtbot.mouseClick(slider.back, LEFT)
    assert scene.time_point == 2
    scene.set_time_point(1)
    assert slider.slider.value() == 1

    viewer.layers.selection.active = single
    assert slider_of(viewer) is None
    viewer.layers.selection.active = several
    assert slider_of(viewer) is slider
    assert slider.slider.value() == 1, "the volume kept its time point"
    scene.set_plane(Plane.SAGITTAL)
    assert slider_of(viewer) is slider


def test_a_slider_that_was_closed_comes_back_with_the_next_volume(make_napari_viewer, qtbot):
    viewer = make_napari_viewer(show=True)
    opening_of(viewer)
    add(viewer, volume_of("many", shape=(5, 6, 7, 4)))
    dock_of(slider_of(viewer)).destroyOnClose()
    qtbot.wait(20)
    scene_of(viewer).set_plane(Plane.CORONAL)
    assert slider_of(viewer) is None, "the user does not want it"
    add(viewer, volume_of("more", shape=(5, 6, 7, 3)))
    assert slider_of(viewer).label.text() == "Time point 1 / 3"
