"""The DICOMweb window: searching, picking, loading, and what it says when that fails."""

from __future__ import annotations

import logging
import time

import numpy as np
import pytest
from bad_dicomweb import MULTIPART, SERIES, STUDY, Behaviour, bad_server, multipart, series_record, study_record
from conftest import affine_of
from dicom_series import series
from dicomweb_fixtures import is_empty
from head_study import AXIAL, HEAD_STUDY, OTHER_STUDY, UPRIGHT, datasets_of_head
from orthanc import running_orthanc, written
from qtpy.QtCore import QPoint, QSettings, Qt, QThreadPool, QTimer
from qtpy.QtWidgets import QApplication

from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.formats.volumes.dicomweb import find
from napari_vascular_loop.formats.volumes.dicomweb.credentials import keyring_service
from napari_vascular_loop.widgets.dicomweb_dialog import DicomwebDialog

pytestmark = pytest.mark.gui

SECRETS = ("DOE", "JANE", "Doe", "4711", "hunter2")
OTHER = affine_of((0, 1, 2), (-1, -1, 1), (1, 1, 1))


@pytest.fixture(autouse=True)
def own_settings(tmp_path, private):
    """Settings, keyring and environment of the test alone."""
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture
def make_dialog(qtbot):
    """Makes dialogs; whatever the test did with them, they and their threads are gone before the next one."""
    alive = {}

    def make(address=""):
        dialog = DicomwebDialog()
        number = len(alive)
        alive[number] = dialog
        dialog.destroyed.connect(lambda: alive.pop(number))
        dialog.form.server.setText(address or dialog.form.server.text())
        with qtbot.waitExposed(dialog):
            dialog.show()
        return dialog

    yield make
    for dialog in list(alive.values()):
        dialog.close()
    qtbot.waitUntil(lambda: not alive)
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().activeThreadCount() == 0, timeout=10_000)


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        server.put(datasets_of_head())
        names = {"StudyInstanceUID": OTHER_STUDY, "SeriesInstanceUID": f"{OTHER_STUDY}.1", "PatientName": "ROE^RICHARD"}
        server.put(series(np.zeros((4, 4, 3), np.int16), OTHER, **names))
        yield server


@pytest.fixture(scope="module")
def images():
    voxels = np.zeros((128, 128, 9), dtype=np.int16)
    datasets = series(voxels, OTHER, StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES)
    return [written(dataset) for dataset in datasets], [str(dataset.SOPInstanceUID) for dataset in datasets]


def wait_for(qtbot, dialog):
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: not dialog.waiting.isVisibleTo(dialog), timeout=20_000)


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def search(qtbot, dialog, **fields):
    for name, text in fields.items():
        getattr(dialog.form, name).setText(text)
    press(qtbot, dialog.form.search_button)
    wait_for(qtbot, dialog)


def click_cell(qtbot, table, row, column, double=False):
    place = table.visualItemRect(table.item(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    if double:
        # A mouse presses once before it double-clicks; without that Qt takes the second press for the first.
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def tick_box(qtbot, table, row):
    rect = table.visualItemRect(table.item(row, 0))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.left() + 14, rect.center().y()))


def rows_of(table):
    return [
        [table.item(row, column).text() for column in range(table.columnCount())] for row in range(table.rowCount())
    ]


def all_texts(dialog):
    """What the window says outside of its tables and fields."""
    return " ".join([dialog.windowTitle(), dialog.message.text(), dialog.waiting.title.text()])


# ---------------------------------------------------------------- with a real server


@pytest.mark.orthanc
def test_from_search_to_volumes(qtbot, make_dialog, orthanc):
    dialog = make_dialog(orthanc.url)
    assert dialog.studies.words().startswith("Name the server")
    assert not dialog.load_button.isEnabled()
    search(qtbot, dialog)
    patients = [row[0] for row in rows_of(dialog.studies)]
    assert sorted(patients) == ["DOE, JANE", "ROE, RICHARD"]
    assert rows_of(dialog.studies)[patients.index("DOE, JANE")][1:4] == ["ID-4711", "2024-02-29", "Head"]
    assert dialog.series.words() == "Pick a study above to see its series."

    click_cell(qtbot, dialog.studies, patients.index("DOE, JANE"), 2)
    wait_for(qtbot, dialog)
    assert [row[1:] for row in rows_of(dialog.series)[:3]] == [
        ["T1", "MR", "5"],
        ["CISS", "MR", "7"],
        ["RLE", "MR", "7"],
    ]
    assert not dialog.load_button.isEnabled()
    click_cell(qtbot, dialog.series, 1, 1)
    tick_box(qtbot, dialog.series, 0)
    assert {one.uid for one in dialog.series.chosen()} == {AXIAL, UPRIGHT}
    assert dialog.load_button.text() == "Load 2 series"
    tick_box(qtbot, dialog.series, 0)
    assert [one.uid for one in dialog.series.chosen()] == [AXIAL]

    with qtbot.waitSignal(dialog.chosen, timeout=20_000) as chosen:
        press(qtbot, dialog.load_button)
    (volume,) = chosen.args[0].volumes
    (expected,) = find(f"{orthanc.address}?study={HEAD_STUDY}&series={AXIAL}").volumes
    np.testing.assert_array_equal(volume.read().voxels, expected.read().voxels)


@pytest.mark.orthanc
def test_a_report_can_not_be_ticked(qtbot, make_dialog, orthanc):
    dialog = make_dialog(orthanc.url)
    search(qtbot, dialog, name="doe")
    (report,) = (row for row, texts in enumerate(rows_of(dialog.series)) if texts[2] == "SR: a structured report")
    click_cell(qtbot, dialog.series, report, 1)
    tick_box(qtbot, dialog.series, report)
    click_cell(qtbot, dialog.series, report, 1, double=True)
    assert dialog.series.chosen() == ()
    assert not dialog.load_button.isEnabled()


@pytest.mark.orthanc
def test_a_double_click_loads_one_series(qtbot, make_dialog, orthanc):
    dialog = make_dialog(orthanc.url)
    search(qtbot, dialog, name="doe")
    dialog.series.tick(0)
    with qtbot.waitSignal(dialog.chosen, timeout=20_000) as chosen:
        click_cell(qtbot, dialog.series, 1, 1, double=True)
    (volume,) = chosen.args[0].volumes
    assert volume.header.provenance.description == "CISS"


@pytest.mark.orthanc
def test_nothing_matches_and_then_something_does(qtbot, make_dialog, orthanc):
    dialog = make_dialog(orthanc.url)
    search(qtbot, dialog, name="nobody")
    assert dialog.studies.rowCount() == 0
    assert dialog.studies.words().startswith("No study matches")
    search(qtbot, dialog, name="", patient_id="ID-47*", date="2024")
    assert [row[0] for row in rows_of(dialog.studies)] == ["DOE, JANE"]
    assert dialog.studies.words() == ""
    # The only study that matches is opened at once.
    assert dialog.series.rowCount() == 5


@pytest.mark.orthanc
def test_a_whole_address_in_the_field_finds_its_study(qtbot, make_dialog, orthanc):
    dialog = make_dialog(f"{orthanc.address}?study={OTHER_STUDY}")
    search(qtbot, dialog)
    assert [row[0] for row in rows_of(dialog.studies)] == ["ROE, RICHARD"]
    # The only series that holds images is ticked.
    assert [one.uid for one in dialog.series.chosen()] == [f"{OTHER_STUDY}.1"]
    assert dialog.load_button.isEnabled()


@pytest.mark.orthanc
def test_another_study_takes_the_place_of_the_first(qtbot, make_dialog, orthanc):
    dialog = make_dialog(orthanc.url)
    search(qtbot, dialog)
    dialog.studies.selectRow(0)
    dialog.studies.selectRow(1)
    wait_for(qtbot, dialog)
    shown = {"DOE, JANE": 5, "ROE, RICHARD": 1}[rows_of(dialog.studies)[1][0]]
    assert dialog.series.rowCount() == shown


@pytest.mark.orthanc
@pytest.mark.real
def test_a_real_scan(qtbot, make_dialog, tmp_path_factory, real_scans):
    folder = real_scans / "vs-seg-001-t1c-dicom"
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        server.put(sorted(folder.iterdir()))
        dialog = make_dialog(server.url)
        search(qtbot, dialog, name="VS-SEG")
        told = []
        dialog.waiting.bar.valueChanged.connect(told.append)
        with qtbot.waitSignal(dialog.chosen, timeout=60_000) as chosen:
            press(qtbot, dialog.load_button)
    assert len({share for share in told if 0 < share < 100}) > 3
    (volume,) = chosen.args[0].volumes
    (local,) = read_volumes(folder)
    np.testing.assert_array_equal(volume.read().voxels, local.voxels)


@pytest.mark.orthanc
def test_signing_in(qtbot, make_dialog, drawer, tmp_path, tmp_path_factory):
    with running_orthanc(tmp_path_factory.mktemp("locked"), "jane", "hunter2") as server:
        server.put(datasets_of_head())
        dialog = make_dialog(server.url)
        assert not dialog.form.sign_in.isVisible()
        search(qtbot, dialog)
        assert "asks who you are" in dialog.message.text()
        sign_in = dialog.form.sign_in
        assert sign_in.isVisible()
        qtbot.waitUntil(sign_in.keep.isEnabled)
        sign_in.user.setText("jane")
        sign_in.password.setText("wrong")
        search(qtbot, dialog)
        assert "does not accept" in dialog.message.text()
        assert dialog.studies.rowCount() == 0
        sign_in.password.setText("hunter2")
        search(qtbot, dialog)
        assert dialog.series.rowCount() == 5
        assert not dialog.message.isVisible()
        # Without a tick nothing is kept; with it, only the keyring knows.
        assert drawer.kept == {}
        sign_in.keep.setChecked(True)
        search(qtbot, dialog)
        assert drawer.kept[keyring_service(dialog.form.address().server), "jane"] == "hunter2"
        dialog.close()

        again = make_dialog()
        assert again.form.server.text() == server.url
        search(qtbot, again)
        assert again.series.rowCount() == 5
        again.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert server.url.encode() in kept
    assert not any(word.encode() in kept for word in (*SECRETS, "jane"))


@pytest.mark.orthanc
def test_without_a_keyring_there_is_nothing_to_tick(qtbot, make_dialog, orthanc):
    dialog = make_dialog(orthanc.url)
    press(qtbot, dialog.form.sign_in_button)
    qtbot.waitUntil(lambda: "no keyring" in dialog.form.sign_in.keep.toolTip())
    assert not dialog.form.sign_in.keep.isEnabled()


@pytest.mark.orthanc
def test_no_patient_in_title_messages_logs_and_settings(qtbot, make_dialog, orthanc, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    dialog = make_dialog(orthanc.url)
    search(qtbot, dialog, name="DOE^JANE", patient_id="ID-4711")
    said = all_texts(dialog)
    dialog.series.tick(0)
    with qtbot.waitSignal(dialog.chosen, timeout=20_000) as chosen:
        press(qtbot, dialog.load_button)
        said += all_texts(dialog)
    said += caplog.text + repr(chosen.args[0])
    said += "".join(file.read_text() for file in (tmp_path / "settings").rglob("*") if file.is_file())
    assert orthanc.url in said
    assert not any(word in said for word in SECRETS)


# ---------------------------------------------------------------- when it fails


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "does not name a DICOMweb server"),
        ("http://127.0.0.1:9/dicom-web", "no server at '127.0.0.1:9'"),
        ("https://jane:hunter2@pacs.example.org/d", "not written in addresses"),
        ("ftp://pacs.example.org", "does not name"),
    ],
)
def test_a_wrong_server_is_said_in_a_sentence(qtbot, make_dialog, typed, says):
    dialog = make_dialog(typed)
    search(qtbot, dialog)
    assert says in dialog.message.text()
    assert dialog.message.isVisible()
    assert "hunter2" not in all_texts(dialog)
    assert dialog.form.search_button.isEnabled()
    assert dialog.studies.words().startswith("Name the server")
    # A server that did not answer is not the one to begin with the next time.
    dialog.close()
    assert make_dialog().form.server.text() == ""


def test_a_wrong_date_is_said(qtbot, make_dialog):
    with bad_server(Behaviour()) as server:
        dialog = make_dialog(server.address)
        search(qtbot, dialog, date="yesterday")
        assert dialog.message.text().startswith("The date is not understood")
        assert server.seen == []
        search(qtbot, dialog, date="")
        assert not dialog.message.isVisible()
        assert dialog.studies.rowCount() == 1


def test_a_server_that_shows_nothing(qtbot, make_dialog):
    with bad_server(Behaviour(all=lambda request: request.give_json([]))) as server:
        dialog = make_dialog(server.address)
        search(qtbot, dialog)
        assert dialog.studies.words().startswith("The server shows no study")


def test_a_study_that_can_not_be_listed_can_be_picked_again(qtbot, make_dialog, images):
    behaviour = Behaviour(*images)

    def answer(request):
        if broken and request.path.partition("?")[0].endswith("/series"):
            request.give(500)
        else:
            behaviour(request)

    broken = [True]
    with bad_server(answer) as server:
        dialog = make_dialog(server.address)
        search(qtbot, dialog)
        assert "failure of its own (500)" in dialog.message.text()
        assert dialog.series.words().startswith("Pick a study")
        broken.clear()
        click_cell(qtbot, dialog.studies, 0, 0)
        wait_for(qtbot, dialog)
        assert dialog.series.rowCount() == 1


def test_a_server_that_breaks_off_while_it_loads(qtbot, make_dialog, images, private):
    def answer(request):
        body = multipart(images[0])
        request.give(200, MULTIPART, body[: len(body) // 2])

    with bad_server(Behaviour(*images, images=answer)) as server:
        dialog = make_dialog(server.address)
        search(qtbot, dialog)
        with qtbot.assertNotEmitted(dialog.chosen):
            press(qtbot, dialog.load_button)
            wait_for(qtbot, dialog)
        assert "was cut" in dialog.message.text()
        assert dialog.isVisible()
        # What was ticked is ticked still: it can be tried again.
        assert dialog.load_button.isEnabled()
    assert is_empty(private)


def test_a_series_without_a_volume(qtbot, make_dialog):
    def answer(request):
        if request.path.partition("?")[0].endswith("/series"):
            request.give_json([series_record(1)] if "offset=0" in request.path else [])
        elif "/instances" in request.path:
            request.give_json([])
        else:
            request.give_json([study_record()])

    with bad_server(answer) as server:
        dialog = make_dialog(server.address)
        search(qtbot, dialog)
        press(qtbot, dialog.load_button)
        wait_for(qtbot, dialog)
        assert dialog.message.text() == "There is no volume in it: an empty series"


def test_a_server_with_very_many_studies(qtbot, make_dialog):
    many = [{**study_record(), "0020000D": {"vr": "UI", "Value": [f"1.2.{number}"]}} for number in range(300)]
    with bad_server(Behaviour(all=lambda request: request.give_json(many))) as server:
        dialog = make_dialog(server.address)
        search(qtbot, dialog)
        assert "more than these 200 studies" in dialog.message.text()
        assert dialog.studies.rowCount() == 200


def stall_at_images(images):
    """A server that sends half of the images, and then says nothing more."""

    def answer(request):
        body = multipart(images[0])
        request.send_response(200)
        request.send_header("Content-Type", MULTIPART)
        request.end_headers()
        request.wfile.write(body[: len(body) // 2])
        request.stall()

    return Behaviour(*images, images=answer)


def test_cancel_works_at_once_while_the_window_lives(qtbot, make_dialog, images, private):
    with bad_server(stall_at_images(images)) as server:
        dialog = make_dialog(server.address)
        search(qtbot, dialog)
        beats = []
        heart = QTimer(dialog, interval=20)
        heart.timeout.connect(lambda: beats.append(time.monotonic()))
        heart.start()
        with qtbot.assertNotEmitted(dialog.chosen):
            press(qtbot, dialog.load_button)
            qtbot.waitUntil(lambda: dialog.waiting.bar.value() > 20)
            qtbot.wait(300)
            assert max(np.diff(beats)) < 0.25
            assert not dialog.load_button.isEnabled()
            assert len(list(private.iterdir())) == 1
            press(qtbot, dialog.waiting.button)
            assert not dialog.waiting.isVisible()
            assert dialog.load_button.isEnabled()
            assert dialog.message.text() == "Cancelled; nothing was kept."
            qtbot.waitUntil(lambda: is_empty(private), timeout=3000)


def test_a_search_can_be_cancelled(qtbot, make_dialog):
    with bad_server(Behaviour(all=lambda request: request.stall())) as server:
        dialog = make_dialog(server.address)
        press(qtbot, dialog.form.search_button)
        qtbot.waitUntil(lambda: len(server.seen) == 1)
        assert dialog.waiting.title.text() == f"Searching 127.0.0.1:{server.server_port}…"
        press(qtbot, dialog.waiting.button)
        assert not dialog.waiting.isVisible()
        assert dialog.form.search_button.isEnabled()


@pytest.mark.parametrize("end", ["close", "escape"])
def test_closing_the_window_ends_the_loading(qtbot, make_dialog, images, private, end):
    with bad_server(stall_at_images(images)) as server:
        dialog = make_dialog(server.address)
        search(qtbot, dialog)
        chosen = []
        dialog.chosen.connect(chosen.append)
        press(qtbot, dialog.load_button)
        qtbot.waitUntil(lambda: dialog.waiting.bar.value() > 20)
        if end == "close":
            dialog.close()
        else:
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: is_empty(private), timeout=3000)
        QApplication.processEvents()
        assert chosen == []


def test_return_in_a_field_searches(qtbot, make_dialog):
    with bad_server(Behaviour()) as server:
        dialog = make_dialog(server.address)
        qtbot.keyClick(dialog.form.name, Qt.Key.Key_Return)
        wait_for(qtbot, dialog)
        assert dialog.isVisible()
        assert dialog.studies.rowCount() == 1


@pytest.mark.parametrize("size", [(640, 480), (900, 640), (1400, 900)])
def test_no_text_is_cut_off(qtbot, make_dialog, size):
    with bad_server(Behaviour()) as server:
        dialog = make_dialog(server.address)
        dialog.resize(*size)
        search(qtbot, dialog)
        header = dialog.studies.horizontalHeader()
        for column in range(dialog.studies.columnCount()):
            name = dialog.studies.horizontalHeaderItem(column).text()
            assert header.sectionSize(column) >= dialog.studies.fontMetrics().horizontalAdvance(name), name
        for button in (dialog.form.search_button, dialog.form.sign_in_button, dialog.load_button):
            assert button.width() >= button.sizeHint().width()
