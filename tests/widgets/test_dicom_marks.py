"""Marks as DICOM from the lesson's menu: to files, to a department's server, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from dicom_marks import CANARIES, MARKS, STUDY, tilted_series, written_series
from dicom_series import write_series
from napari.utils.notifications import notification_manager
from orthanc import running_orthanc
from pydicom import dcmread
from qtpy.QtCore import QSettings, Qt, QThreadPool, QTimer
from qtpy.QtWidgets import QFileDialog

from napari_vascular_loop import lesson_making
from napari_vascular_loop.domain.annotation import Point
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.widgets.dicomweb_work import Reports
from napari_vascular_loop.widgets.lesson_panel import LessonPanel

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("private")]

REPORT = "DICOM structured report (*.dcm)"


@pytest.fixture(autouse=True)
def own_settings(tmp_path):
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture
def scan(tmp_path):
    folder = tmp_path / "scan"
    written_series(folder)
    return folder


@pytest.fixture
def folder(tmp_path, scan):
    """A lesson on the series, with an arrow, a point, a path and a region; the series itself is not open."""
    (volume,) = read_volumes(scan)
    made = lesson_making.create_lesson(tmp_path, "The loop", volume)
    made.put_all([replace(mark, volume_id="volume") for mark in MARKS])
    made.close()
    return made.folder


@pytest.fixture
def panel(qtbot, viewer, folder):
    panel = LessonPanel(viewer)
    qtbot.addWidget(panel)
    panel.resize(460, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.open_lesson(open_lesson(folder))
    yield panel
    for window in (panel.marks_menu.dicom.dialog, panel.marks_menu.report):
        if window is not None:
            window.close()
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().activeThreadCount() == 0, timeout=10_000)


def choose(panel, text):
    (action,) = (one for one in panel.marks_menu.actions() if one.text() == text)
    action.trigger()


def answer(monkeypatch, dialog, path, chosen=""):
    """What the user answers when asked for a path; the questions that were asked."""
    asked = []

    def ask(_parent, title, *_more):
        asked.append(title)
        return str(path) if dialog == "getExistingDirectory" else (str(path), chosen)

    monkeypatch.setattr(QFileDialog, dialog, ask)
    return asked


def is_bad(panel):
    return "7A1F1F" in panel.message.styleSheet()


def remove_all(panel):
    before = panel.store.annotations
    for mark in before:
        panel.store.remove(mark.id)
    return before


def same(marks, others):
    assert [replace(mark, geometry=None) for mark in marks] == [replace(mark, geometry=None) for mark in others]
    for mark, other in zip(marks, others, strict=True):
        assert type(mark.geometry) is type(other.geometry)
        np.testing.assert_allclose(mark.geometry.vertices_ras_mm, other.geometry.vertices_ras_mm, atol=0.001, rtol=0)


def test_a_report_is_written_and_comes_back_and_the_series_is_asked_for_once_it_is_not_open(
    panel, monkeypatch, scan, tmp_path
):
    asked = answer(monkeypatch, "getExistingDirectory", scan)
    answer(monkeypatch, "getSaveFileName", tmp_path / "marks", REPORT)
    choose(panel, "Export marks…")
    out = tmp_path / "marks.dcm"
    assert asked == ["Folder of the DICOM series that the marks were made on"]
    assert (panel.message.text(), is_bad(panel)) == (f"Marks written to {out}.", False)
    report = dcmread(out)
    assert (report.Modality, report.StudyInstanceUID) == ("SR", STUDY)
    assert not any(canary.encode() in out.read_bytes() for canary in CANARIES)
    before = remove_all(panel)
    # As many archives name their files: without an ending.
    answer(monkeypatch, "getOpenFileName", out.rename(tmp_path / "IM0001"))
    choose(panel, "Bring in marks…")
    assert panel.message.text() == "4 marks came in from IM0001."
    same(panel.store.annotations, before)
    choose(panel, "Bring in marks…")
    assert panel.message.text() == ("Nothing new from IM0001. 4 marks were in the lesson already and stay as they are.")
    panel.undo()
    assert panel.store.annotations == ()


def test_the_series_that_is_shown_is_not_asked_for_and_what_states_cannot_hold_is_said(
    panel, monkeypatch, scan, tmp_path
):
    (volume,) = read_volumes(scan)
    panel.scene.show_volume(volume)
    asked = answer(monkeypatch, "getExistingDirectory", tmp_path / "states")
    choose(panel, "Export DICOM presentation states…")
    assert asked == ["Folder for the presentation states"], "the series was asked for, though it is on screen"
    states = sorted((tmp_path / "states").iterdir())
    assert [dcmread(one).Modality for one in states] == ["PR"] * len(states)
    assert len(states) == 1, "all marks are on the slices of one series"
    assert f"1 presentation state written to {tmp_path / 'states'}" in panel.message.text()
    assert "did not fit" in panel.message.text()
    assert "Not kept:" in panel.marks_menu.report.informativeText()
    assert "Loop of the AICA" in panel.marks_menu.report.informativeText()


def test_another_series_is_refused_and_nothing_is_written(panel, monkeypatch, tmp_path):
    write_series(tmp_path / "other", np.arange(60, dtype=np.int16).reshape(5, 4, 3), np.diag([1.0, 1, 2, 1]))
    answer(monkeypatch, "getExistingDirectory", tmp_path / "other")
    answer(monkeypatch, "getSaveFileName", tmp_path / "marks.dcm", REPORT)
    choose(panel, "Export marks…")
    assert "not the volume that the marks were made on" in panel.message.text()
    assert is_bad(panel)
    assert not (tmp_path / "marks.dcm").exists()


def test_who_does_not_choose_a_series_is_left_alone(panel, monkeypatch):
    panel.tell("")
    answer(monkeypatch, "getExistingDirectory", "")
    choose(panel, "Send marks to a DICOMweb server…")
    assert panel.marks_menu.dicom.dialog is None
    assert panel.message.text() == ""


def test_a_copy_under_other_uids_is_said_when_it_is_opened(panel, tmp_path):
    written_series(tmp_path / "renewed", FrameOfReferenceUID="2.25.3", SOPInstanceUID=lambda k: f"2.25.4.{k + 1}")
    (volume,) = read_volumes(tmp_path / "renewed")
    panel.scene.show_volume(volume)
    assert panel.scene.can_mark
    assert "frame of reference is another than when the lesson was made" in panel.message.text()
    assert not is_bad(panel)


# ------------------------------------------------------------------ a department's server


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_for(qtbot, dialog):
    qtbot.waitUntil(lambda: not dialog.waiting.isVisibleTo(dialog), timeout=30_000)


@pytest.mark.orthanc
def test_marks_go_to_a_server_that_asks_who_one_is_and_come_from_it(
    qtbot, panel, monkeypatch, scan, tmp_path, tmp_path_factory
):
    answer(monkeypatch, "getExistingDirectory", scan)
    with running_orthanc(tmp_path_factory.mktemp("orthanc"), "anna", "hunter2") as server:
        server.put(tilted_series(PatientName="ZZNAME^ZZNAME"))
        choose(panel, "Send marks to a DICOMweb server…")
        dialog = panel.marks_menu.dicom.dialog
        assert "4 marks of 'MR' will lie in the study of the images" in dialog.about.text()
        qtbot.keyClicks(dialog.form.server, server.url)
        press(qtbot, dialog.act_button)
        wait_for(qtbot, dialog)
        assert "asks who you are. Give user name and password above, and press Send again" in dialog.message.text()
        qtbot.keyClicks(dialog.form.sign_in.user, "anna")
        qtbot.keyClicks(dialog.form.sign_in.password, "hunter2")
        with qtbot.waitSignal(dialog.sent, timeout=30_000):
            press(qtbot, dialog.act_button)
        assert panel.message.text() == f"4 marks are now on 127.0.0.1:{server.port}, as 1 DICOM object."
        before = remove_all(panel)

        choose(panel, "Fetch marks from a DICOMweb server…")
        qtbot.waitUntil(lambda: panel.marks_menu.dicom.dialog not in (None, dialog))
        dialog = panel.marks_menu.dicom.dialog
        assert dialog.form.server.text() == server.url, "the server was not remembered"
        press(qtbot, dialog.form.sign_in_button)
        qtbot.keyClicks(dialog.form.sign_in.user, "anna")
        qtbot.keyClicks(dialog.form.sign_in.password, "hunter2")
        press(qtbot, dialog.form.search_button)
        wait_for(qtbot, dialog)
        qtbot.waitUntil(lambda: dialog.series.rowCount() == 2, timeout=30_000)
        wait_for(qtbot, dialog)
        assert [one.modality for one in dialog.series.chosen()] == ["SR"], (
            "the only report is ticked, the images are not"
        )
        assert dialog.load_button.text() == "Fetch"
        with qtbot.waitSignal(dialog.chosen, timeout=30_000):
            press(qtbot, dialog.load_button)
        assert panel.message.text() == "4 marks came in from the server."
        same(panel.store.annotations, before)
        assert panel.store.undo_title == "bring in the server"


def test_a_report_from_a_server_that_can_not_be_read_is_said(panel):
    before = panel.store.annotations
    choose(panel, "Fetch marks from a DICOMweb server…")
    panel.marks_menu.dicom.dialog.chosen.emit(Reports([("report 1", b"no DICOM")], ()))
    assert panel.message.text().startswith("report 1: ")
    assert is_bad(panel)
    assert panel.store.annotations == before


@pytest.mark.orthanc
def test_a_study_without_reports_says_so(qtbot, panel, tmp_path_factory):
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        server.put(tilted_series())
        choose(panel, "Fetch marks from a DICOMweb server…")
        dialog = panel.marks_menu.dicom.dialog
        qtbot.keyClicks(dialog.form.server, server.url)
        press(qtbot, dialog.form.search_button)
        qtbot.waitUntil(lambda: dialog.series.rowCount() == 1, timeout=30_000)
        wait_for(qtbot, dialog)
        assert "There is no structured report in this study" in dialog.message.text()
        assert not dialog.load_button.isEnabled()
        assert "images: it is not a structured report" in dialog.series.item(0, 1).toolTip()


# ------------------------------------------------------------------ in napari's window


def test_in_a_window_the_work_goes_on_beside_it_and_ends_with_what_was_done(
    qtbot, make_napari_viewer, monkeypatch, folder, scan, tmp_path
):
    from napari_vascular_loop._panel import lesson_panel
    from napari_vascular_loop.widgets.volume_opening import opening_of

    viewer = make_napari_viewer()
    panel = lesson_panel(viewer)
    panel.open_lesson(open_lesson(folder))
    opening = opening_of(viewer)
    answer(monkeypatch, "getExistingDirectory", scan)
    answer(monkeypatch, "getSaveFileName", tmp_path / "marks.dcm", REPORT)
    said = []
    panel.marks_menu.told.connect(said.append)
    QTimer.singleShot(0, lambda: (choose(panel, "Export marks…"), said.append(opening.is_busy)))
    qtbot.waitUntil(lambda: len(said) == 2, timeout=30_000)
    assert said == [True, f"Marks written to {tmp_path / 'marks.dcm'}."]
    qtbot.waitUntil(lambda: not opening.is_busy)
    remove_all(panel)
    panel.store.add(replace(MARKS[1], volume_id="volume", id="urn:late", geometry=Point((1, 2, 3))))
    answer(monkeypatch, "getOpenFileName", tmp_path / "marks.dcm")
    QTimer.singleShot(0, lambda: choose(panel, "Bring in marks…"))
    qtbot.waitUntil(lambda: len(said) == 3, timeout=30_000)
    assert said[-1] == "4 marks came in from marks.dcm."
    assert len(panel.store.annotations) == 5
    qtbot.waitUntil(lambda: not opening.is_busy)
    # What goes wrong in the thread is told where all long work is.
    (tmp_path / "file").write_text("no folder")
    answer(monkeypatch, "getSaveFileName", tmp_path / "file" / "marks.dcm", REPORT)
    notification_manager.records.clear()
    QTimer.singleShot(0, lambda: choose(panel, "Export marks…"))
    qtbot.waitUntil(lambda: bool(notification_manager.records), timeout=30_000)
    assert f"'{tmp_path / 'file' / 'marks.dcm'}' could not be written" in notification_manager.records[0].message
    qtbot.waitUntil(lambda: not opening.is_busy)
