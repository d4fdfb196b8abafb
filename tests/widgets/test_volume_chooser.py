"""Choosing among volumes: what the table says, what is opened, and that the window does not wait for pictures."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import affine_of
from found_volumes import LPS, damaged, found, volume_of
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QColor

from napari_vascular_loop.domain.volume import Provenance, VolumeHeader
from napari_vascular_loop.formats.volumes import Found, FoundVolume, Stray
from napari_vascular_loop.widgets.thumbnail_maker import MAX_READ_BYTES, ThumbnailMaker
from napari_vascular_loop.widgets.thumbnail_picture import picture_of
from napari_vascular_loop.widgets.volume_chooser import VolumeChooser

pytestmark = pytest.mark.gui

PICTURE, NAME, KIND, SIZE, ORIENTATION, TIMES, NOTES = range(7)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def open_chooser(qtbot):
    choosers, makers = [], []

    def make(volumes, strays=()):
        chooser = VolumeChooser(Found(tuple(volumes), tuple(strays)))
        choosers.append(chooser)
        makers.append(chooser._maker)
        chooser.picked = []
        chooser.chosen.connect(chooser.picked.append)
        with qtbot.waitExposed(chooser):
            chooser.show()
        return chooser

    yield make
    for chooser in choosers:
        with contextlib.suppress(RuntimeError):  # it goes when it is closed
            chooser.close()
    assert all(maker.wait(10) for maker in makers)


def three():
    return [
        found(volume_of("A", source_files=(Path("/home/x/head.nii.gz"),))),
        found(volume_of("B", affine_of((1, 2, 0), (-1, -1, 1), (0.7, 0.8, 3.1), (12, -7, 4)), (11, 13, 7, 5))),
        found(volume_of("C", orientation_known=False, warnings=("a gap", "a copy"), modality="MR")),
    ]


def text(chooser, row, column):
    return chooser.table.item(row, column).text()


def click_cell(chooser, row, column, qtbot, double=False):
    place = chooser.table.visualItemRect(chooser.table.item(row, column)).center()
    qtbot.mouseClick(chooser.table.viewport(), LEFT, pos=place)
    if double:
        qtbot.mouseDClick(chooser.table.viewport(), LEFT, pos=place)


def test_each_volume_is_described(open_chooser):
    chooser = open_chooser(three())
    assert "3 volumes" in chooser.head.text()
    assert chooser.windowTitle() == "Choose volumes"
    assert [text(chooser, row, NAME).split("\n")[0] for row in range(3)] == ["scan A", "scan B", "scan C"]
    assert text(chooser, 0, NAME).split("\n")[1] == "head.nii.gz"
    assert [text(chooser, row, KIND) for row in range(3)] == ["NIFTI", "NIFTI", "MR"]
    assert text(chooser, 0, SIZE) == "11 × 13 × 7\n0.9 × 1.1 × 2.3 mm"
    assert text(chooser, 0, ORIENTATION) == "axial"
    assert text(chooser, 1, ORIENTATION).startswith("sagittal\noblique")
    assert text(chooser, 2, ORIENTATION) == "unknown"
    assert chooser.table.item(2, ORIENTATION).foreground().color().red() > 200
    assert [text(chooser, row, TIMES) for row in range(3)] == ["", "5", ""]
    assert not chooser.table.isColumnHidden(TIMES)
    assert text(chooser, 2, NOTES) == "2 warnings"
    assert chooser.table.item(2, NOTES).toolTip() == "a gap\na copy"


def test_a_column_in_which_nothing_stands_is_not_shown(open_chooser):
    assert open_chooser(three()[::2]).table.isColumnHidden(TIMES)


def test_nothing_can_be_opened_before_something_is_ticked(open_chooser, qtbot):
    chooser = open_chooser(three())
    assert not chooser.open_button.isEnabled()
    chooser._open_checked()
    assert chooser.picked == []
    click_cell(chooser, 1, SIZE, qtbot)
    assert chooser.open_button.isEnabled()
    assert [volume.header.provenance.id for volume in chooser.checked()] == ["test-B"]
    click_cell(chooser, 1, SIZE, qtbot)
    assert not chooser.open_button.isEnabled()


def test_several_are_opened_in_the_order_of_the_table(open_chooser, qtbot):
    volumes = three()
    chooser = open_chooser(volumes)
    click_cell(chooser, 2, ORIENTATION, qtbot)
    click_cell(chooser, 0, PICTURE, qtbot)
    assert chooser.open_button.text() == "Open 2 volumes"
    qtbot.mouseClick(chooser.open_button, LEFT)
    assert chooser.picked == [(volumes[0], volumes[2])]
    assert not chooser.isVisible()


def test_a_click_on_the_box_ticks_once(open_chooser, qtbot):
    chooser = open_chooser(three())
    rect = chooser.table.visualItemRect(chooser.table.item(0, NAME))
    qtbot.mouseClick(chooser.table.viewport(), LEFT, pos=QPoint(rect.left() + 11, rect.center().y()))
    assert len(chooser.checked()) == 1


def test_a_double_click_opens_that_one_whatever_else_is_ticked(open_chooser, qtbot):
    volumes = three()
    chooser = open_chooser(volumes)
    chooser.set_checked(0, True)
    click_cell(chooser, 1, SIZE, qtbot, double=True)
    assert chooser.picked == [(volumes[1],)]


def test_all_and_none(open_chooser, qtbot):
    chooser = open_chooser(three())
    assert chooser.all_button.text() == "Select all"
    qtbot.mouseClick(chooser.all_button, LEFT)
    assert len(chooser.checked()) == 3
    assert chooser.all_button.text() == "Select none"
    qtbot.mouseClick(chooser.all_button, LEFT)
    assert chooser.checked() == ()


def test_cancel_opens_nothing(open_chooser, qtbot):
    chooser = open_chooser(three())
    chooser.set_checked(0, True)
    qtbot.mouseClick(chooser.cancel_button, LEFT)
    assert chooser.picked == []
    assert not chooser.isVisible()


def test_what_is_no_volume_is_listed_below_and_folded(open_chooser, qtbot):
    strays = [Stray(Path("/a/dose.dcm"), "a dose sheet, not an image"), Stray(Path("/a/notes.txt"), "not ours")]
    chooser = open_chooser(three(), strays)
    assert chooser.strays_button.text() == "2 files are not volumes"
    assert not chooser.strays.isVisible()
    qtbot.mouseClick(chooser.strays_button, LEFT)
    assert chooser.strays.isVisible()
    assert chooser.strays.toPlainText() == "dose.dcm: a dose sheet, not an image\nnotes.txt: not ours"
    assert open_chooser(three(), strays[:1]).strays_button.text() == "1 file is not a volume"
    assert not open_chooser(three()).strays_button.isVisible()


# ---------------------------------------------------------------- pictures


def colours(chooser, row):
    """Number of different greys of a row's picture."""
    image = chooser.table.item(row, PICTURE).icon().pixmap(112, 112).toImage()
    return len({image.pixelColor(x, y).rgb() for x in range(4, 108, 4) for y in range(4, 108, 4)})


def test_pictures_come_one_by_one_without_holding_up_the_window(open_chooser, qtbot):
    gate = threading.Event()
    volumes = three()
    middle = volumes[1].middle_reader
    volumes[1] = FoundVolume(volumes[1].header, volumes[1].reader, lambda: gate.wait(10) and middle())
    chooser = open_chooser(volumes)
    qtbot.waitUntil(lambda: colours(chooser, 0) > 20)
    assert colours(chooser, 1) < 20
    click_cell(chooser, 0, SIZE, qtbot)
    assert chooser.open_button.isEnabled(), "one can choose meanwhile"
    gate.set()
    qtbot.waitUntil(lambda: colours(chooser, 1) > 20 and colours(chooser, 2) > 20)


def test_a_damaged_volume_says_why_it_has_no_picture(open_chooser, qtbot):
    volumes = [three()[0], damaged(volume_of("B"), "head.nii: it is cut short"), three()[2]]
    chooser = open_chooser(volumes)
    qtbot.waitUntil(lambda: "cut short" in text(chooser, 1, NOTES))
    assert "cut short" in chooser.table.item(1, PICTURE).toolTip()
    qtbot.waitUntil(lambda: colours(chooser, 2) > 20)


def test_no_large_volume_is_read_whole_for_its_picture(qtbot):
    side = int(np.ceil((MAX_READ_BYTES / 2 + 1) ** (1 / 3)))
    header = VolumeHeader(volume_of("A", shape=(side, side, 1)).grid, Provenance(), dtype="int16")
    object.__setattr__(header.grid, "shape", (side, side, side))
    read = []
    maker = ThumbnailMaker([FoundVolume(header, lambda _: read.append("all"))])
    with qtbot.waitSignal(maker.failed) as told:
        maker.start()
    assert maker.wait(5)
    assert told.args[0] == 0
    assert read == []


def test_no_more_pictures_are_made_once_the_dialog_is_closed(open_chooser, qtbot):
    made, gate = [], threading.Event()

    def slow():
        made.append(time.monotonic())
        gate.wait(10)
        return np.zeros((11, 13))

    chooser = open_chooser([FoundVolume(volume_of("A").header, three()[0].reader, slow) for _ in range(5)])
    qtbot.waitUntil(lambda: len(made) == 1)
    maker = chooser._maker
    chooser.reject()
    gate.set()
    assert maker.wait(5)
    assert len(made) == 1


def test_the_picture_on_screen_has_its_letters_and_its_bright_side(qtbot):
    from napari_vascular_loop.display.thumbnail import thumbnail

    volume = volume_of("A", LPS, (20, 20, 3))
    middle = np.zeros((20, 20))
    # i runs to the left: the bright half is the patient's left, on the right of the picture.
    middle[10:] = 100
    image = picture_of(thumbnail(volume.header, middle), 100).toImage()
    assert image.pixelColor(75, 30).red() > 200
    assert image.pixelColor(25, 30).red() < 50
    letter = QColor("#FFD23F")
    yellow = [
        (x, y)
        for x in range(100)
        for y in range(100)
        if abs(image.pixelColor(x, y).green() - letter.green()) < 30 and image.pixelColor(x, y).blue() < 100
    ]
    assert any(x < 15 for x, _ in yellow)
    assert any(y > 85 for _, y in yellow)
