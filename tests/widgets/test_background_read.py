"""Long reads: the window lives on, progress is seen, and they end when they are to end."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import DOT_IJK, affine_of, make_dot_volume
from found_volumes import SlowReading, damaged, found, volume_of
from gestures import copy_of_lesson
from qtpy.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QThread, QThreadPool, QTimer, QUrl
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_vascular_loop import lessons
from napari_vascular_loop._panel import lesson_panel
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.volume_layer import LEFT_OUT_KEY, VOLUME_KEY
from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.lesson_archive import pack_lesson
from napari_vascular_loop.formats.volumes import Found, Stray
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.widgets.background_read import BackgroundRead
from napari_vascular_loop.widgets.drops import catch_drops
from napari_vascular_loop.widgets.main_window import main_window
from napari_vascular_loop.widgets.volume_opening import opening_of

pytestmark = pytest.mark.gui

PLUGIN = "napari-vascular-loop"


@pytest.fixture
def parent():
    return QObject()


def heard(read):
    """What a read tells, in order."""
    told = []
    read.returned.connect(lambda value: told.append(("returned", value)))
    read.failed.connect(lambda text: told.append(("failed", text)))
    read.cancelled.connect(lambda: told.append("cancelled"))
    read.ended.connect(lambda: told.append("ended"))
    return told


# ---------------------------------------------------------------- one read


def test_a_result_comes_back_to_the_thread_of_the_window(parent, qtbot):
    threads = {}

    def work(progress):
        threads["work"] = QThread.currentThread()
        return 42

    read = BackgroundRead(work, parent)
    told = heard(read)
    read.returned.connect(lambda _: threads.setdefault("told", QThread.currentThread()))
    with qtbot.waitSignal(read.ended):
        read.start()
    assert told == [("returned", 42), "ended"]
    assert threads["told"] is QApplication.instance().thread()
    assert threads["work"] is not threads["told"]


def test_progress_is_told_at_most_twenty_times_a_second_and_in_order(parent, qtbot):
    def work(progress):
        for n in range(400):
            progress((n + 1) / 400)
            time.sleep(0.001)

    read = BackgroundRead(work, parent)
    told = []
    read.progressed.connect(told.append)
    start = time.monotonic()
    with qtbot.waitSignal(read.ended, timeout=20_000):
        read.start()
    assert 2 <= len(told) <= 20 * (time.monotonic() - start) + 2
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_cancel_ends_the_work_at_its_next_word(parent, qtbot):
    slow = SlowReading()
    read = BackgroundRead(slow, parent)
    told = heard(read)
    read.start()
    qtbot.waitUntil(slow.running.is_set)
    with qtbot.waitSignal(read.ended):
        read.cancel()
    assert told == ["cancelled", "ended"]
    assert slow.over.is_set()


def test_a_result_that_comes_after_cancel_is_not_kept(parent, qtbot):
    go_on = threading.Event()

    def silent(_progress):
        go_on.wait(10)
        return "too late"

    read = BackgroundRead(silent, parent)
    told = heard(read)
    read.start()
    read.cancel()
    with qtbot.waitSignal(read.ended):
        go_on.set()
    assert told == ["cancelled", "ended"]


def test_what_a_user_can_read_is_told_as_a_sentence(parent, qtbot):
    def work(_progress):
        raise VolumeReadError("head.nii: it is cut short")

    read = BackgroundRead(work, parent)
    told = heard(read)
    with qtbot.waitSignal(read.ended):
        read.start()
    assert told == [("failed", "head.nii: it is cut short"), "ended"]


def test_a_mistake_of_ours_is_not_swallowed_and_the_window_is_free_again(parent, qtbot):
    def work(_progress):
        return 1 // 0

    read = BackgroundRead(work, parent)
    told = heard(read)
    with qtbot.captureExceptions() as exceptions, qtbot.waitSignal(read.ended):
        read.start()
    assert {kind for kind, *_ in exceptions} == {ZeroDivisionError}
    assert told == ["cancelled", "ended"]


def test_work_ends_when_what_it_belongs_to_is_gone(qtbot):
    slow = SlowReading()
    parent = QWidget()
    told = heard(read := BackgroundRead(slow, parent))
    read.start()
    qtbot.waitUntil(slow.running.is_set)
    del read
    parent.deleteLater()
    qtbot.waitUntil(slow.over.is_set)
    qtbot.wait(50)
    assert told == []


# ---------------------------------------------------------------- opening in a window


def volumes_of(viewer):
    return [layer.metadata[VOLUME_KEY] for layer in viewer.layers if VOLUME_KEY in layer.metadata]


@pytest.fixture
def viewer(make_napari_viewer):
    return make_napari_viewer(show=True)


@pytest.fixture
def opening(viewer):
    return opening_of(viewer)


def wait_for_rest(opening, qtbot):
    qtbot.waitUntil(lambda: not opening.is_busy, timeout=20_000)


def test_the_window_lives_while_a_volume_is_read(viewer, opening, qtbot):
    slow, volume = SlowReading(), volume_of("one")
    ticks = []
    timer = QTimer()
    timer.setInterval(10)
    timer.timeout.connect(lambda: ticks.append(time.monotonic()))
    timer.start()
    opening.show_found(Found((found(volume, slow),)))
    qtbot.waitUntil(opening.strip.reading.isVisible)
    qtbot.waitUntil(lambda: opening.strip.bar.maximum() == 100 and opening.strip.bar.value() > 0)
    assert "11 × 13 × 7" in opening.strip.text.text()
    assert "scan one" not in opening.strip.text.text(), "no description of the patient's scan over the image"
    qtbot.waitUntil(lambda: len(ticks) > 30)
    assert len(viewer.layers) == 0
    slow.let_go.set()
    wait_for_rest(opening, qtbot)
    timer.stop()
    assert volumes_of(viewer) == [volume]
    assert not opening.strip.reading.isVisible()


def test_in_a_narrow_window_the_words_have_room_beside_the_bar(viewer, opening, qtbot):
    main_window(viewer).resize(760, 560)
    slow = SlowReading()
    in_the_loop(lambda: opening.show_found(Found((found(volume_of("one"), slow),))), qtbot)
    qtbot.waitUntil(opening.strip.reading.isVisible)
    strip = opening.strip
    assert strip.text.width() > strip.bar.width()
    assert strip.text.height() >= strip.text.heightForWidth(strip.text.width())
    assert strip.reading.rect().contains(strip.text.geometry())
    assert strip.rect().contains(strip.reading.geometry())
    assert strip.bar.geometry().right() < strip.cancel_button.geometry().left()
    slow.let_go.set()
    wait_for_rest(opening, qtbot)


def test_what_is_read_at_once_shows_no_strip(viewer, opening, qtbot):
    opening.show_found(Found((found(volume_of("one")),)))
    assert not opening.strip.isVisible()
    wait_for_rest(opening, qtbot)
    qtbot.wait(300)
    assert not opening.strip.isVisible()
    assert len(volumes_of(viewer)) == 1


def test_the_cancel_button_ends_the_reading_and_keeps_nothing(viewer, opening, qtbot):
    slow = SlowReading()
    opening.show_found(Found((found(volume_of("one"), slow),)))
    qtbot.waitUntil(opening.strip.reading.isVisible)
    assert opening.strip.cancel_button.text() == "Cancel"
    qtbot.mouseClick(opening.strip.cancel_button, Qt.MouseButton.LeftButton)
    wait_for_rest(opening, qtbot)
    assert slow.over.is_set()
    assert volumes_of(viewer) == []
    assert not opening.strip.reading.isVisible()


def test_cancel_leaves_what_was_asked_for_besides(viewer, opening, qtbot):
    slow, other = SlowReading(), volume_of("other")
    opening._read_all((found(volume_of("one"), slow), found(volume_of("two"))), ())
    opening.show_found(Found((found(other),)))
    qtbot.waitUntil(slow.running.is_set)
    opening.cancel()
    wait_for_rest(opening, qtbot)
    assert volumes_of(viewer) == [other], "both volumes of the source that was cancelled are left out"


def test_napari_s_own_activity_bar_cancels_too(viewer, opening, qtbot):
    from napari.utils.progress import progress

    slow = SlowReading()
    opening.show_found(Found((found(volume_of("one"), slow),)))
    qtbot.waitUntil(slow.running.is_set)
    qtbot.waitUntil(lambda: len(progress._all_instances) == 1)
    (bar,) = progress._all_instances
    qtbot.waitUntil(lambda: bar.n > 0)
    bar.cancel()
    wait_for_rest(opening, qtbot)
    assert volumes_of(viewer) == []
    assert len(progress._all_instances) == 0


def test_a_second_scan_waits_for_the_first_and_they_are_not_mixed_up(viewer, opening, qtbot):
    slow = SlowReading()
    first, second = volume_of("first"), volume_of("second", shape=(5, 6, 7))
    opening.show_found(Found((found(first, slow),), (Stray(Path("/somewhere/a.txt"), "not ours"),)))
    qtbot.waitUntil(slow.running.is_set)
    opening.show_found(Found((found(second),)))
    qtbot.wait(50)
    assert volumes_of(viewer) == []
    slow.let_go.set()
    wait_for_rest(opening, qtbot)
    assert volumes_of(viewer) == [first, second]
    assert [layer.metadata[LEFT_OUT_KEY] for layer in viewer.layers] == [(("a.txt", "not ours"),), ()]
    assert [layer.data.shape for layer in viewer.layers] == [(7, 13, 11), (7, 6, 5)]


def test_a_damaged_scan_is_told_of_until_it_has_been_read(viewer, opening, qtbot):
    reason = "head.nii.gz: it is cut short or damaged; the voxels could not be read"
    good = volume_of("good")
    opening.show_found(Found((damaged(volume_of("bad"), reason),)))
    opening.show_found(Found((found(good),)))
    wait_for_rest(opening, qtbot)
    assert volumes_of(viewer) == [good]
    assert opening.strip.problem.isVisible(), "what comes after does not wipe it out"
    assert opening.strip.problem_text.text() == reason
    qtbot.mouseClick(opening.strip.close_button, Qt.MouseButton.LeftButton)
    assert not opening.strip.isVisible()


def test_closing_the_window_ends_the_reading(viewer, opening, qtbot):
    slow = SlowReading()
    opening.show_found(Found((found(volume_of("one"), slow), found(volume_of("two")))))
    opening.chooser.toggle_all()
    opening.chooser.open_button.click()
    qtbot.waitUntil(slow.running.is_set)
    del opening
    viewer.close()
    qtbot.waitUntil(slow.over.is_set)
    assert QThreadPool.globalInstance().waitForDone(5000)
    qtbot.wait(50)


def test_closing_the_window_while_it_asks_which_volume(viewer, opening, qtbot):
    opening.show_found(Found(tuple(found(volume_of(name)) for name in ("one", "two"))))
    assert opening.chooser.isVisible()
    del opening
    viewer.close()
    qtbot.wait(50)


def test_another_head_is_shown_whole_and_another_series_of_the_same_keeps_the_place(viewer, opening, qtbot):
    opening.show_found(Found((found(volume_of("one", frame_of_reference_uid="1.2")),)))
    wait_for_rest(opening, qtbot)
    viewer.scene.camera.zoom = 100.0
    opening.show_found(Found((found(volume_of("same session", frame_of_reference_uid="1.2")),)))
    wait_for_rest(opening, qtbot)
    assert viewer.scene.camera.zoom == 100.0
    opening.show_found(Found((found(volume_of("another head", frame_of_reference_uid="1.3")),)))
    wait_for_rest(opening, qtbot)
    height_mm, width_mm = 13 * 1.1, 11 * 0.9
    seen_mm = [size / viewer.scene.camera.zoom for size in viewer.canvas.size]
    assert seen_mm[0] >= height_mm
    assert seen_mm[1] >= width_mm
    assert min(seen_mm[0] / height_mm, seen_mm[1] / width_mm) < 1.1


# ---------------------------------------------------------------- through napari


@pytest.fixture
def scans(tmp_path):
    """Two files, and a note that is none."""
    for name in ("one", "two"):
        write_nifti(volume_of(name), tmp_path / f"{name}.nii.gz")
    (tmp_path / "notes.txt").write_text("nothing of ours")
    return tmp_path


def in_the_loop(act, qtbot):
    """Do something as a user's click does: from within Qt's event loop."""
    done = []
    QTimer.singleShot(0, lambda: done.append(act()))
    qtbot.waitUntil(lambda: bool(done))
    return done[0]


def test_napari_s_open_reads_in_the_background_where_a_user_waits(viewer, opening, scans, qtbot):
    assert in_the_loop(lambda: viewer.open(scans / "one.nii.gz", plugin=PLUGIN), qtbot) == []
    wait_for_rest(opening, qtbot)
    assert [volume.voxels.shape for volume in volumes_of(viewer)] == [(11, 13, 7)]


def test_a_script_gets_its_layers_at_once(viewer, scans):
    (layer,) = viewer.open(scans / "one.nii.gz", plugin=PLUGIN)
    assert layer in viewer.layers
    assert len(viewer.open(scans, plugin=PLUGIN)) == 2, "of a folder with several, a script gets all"


@pytest.mark.parametrize("slow", [False, True])
def test_files_that_are_opened_together_are_looked_at_together(viewer, opening, tmp_path, qtbot, monkeypatch, slow):
    """Where the files come slowly, napari's progress bar lets timers run between them."""
    from dicom_series import write_series

    at_once = type(opening).open
    if slow:
        monkeypatch.setattr(type(opening), "open", lambda *which: (at_once(*which), QApplication.processEvents()))
    volume = volume_of("series")
    files = write_series(tmp_path, volume.voxels, volume.voxel_to_ras)
    in_the_loop(lambda: viewer.open([str(file) for file in files], plugin=PLUGIN), qtbot)
    wait_for_rest(opening, qtbot)
    assert [each.voxels.shape for each in volumes_of(viewer)] == [volume.voxels.shape]


def test_of_a_folder_with_several_volumes_the_user_chooses(viewer, opening, scans, qtbot):
    in_the_loop(lambda: viewer.open(scans, plugin=PLUGIN), qtbot)
    qtbot.waitUntil(lambda: opening.chooser is not None)
    assert volumes_of(viewer) == []
    opening.chooser.set_checked(1, True)
    qtbot.mouseClick(opening.chooser.open_button, Qt.MouseButton.LeftButton)
    wait_for_rest(opening, qtbot)
    assert len(volumes_of(viewer)) == 1
    assert viewer.layers[0].metadata[LEFT_OUT_KEY][0][0] == "notes.txt"


def test_files_named_one_by_one_are_opened_without_asking(viewer, opening, scans, qtbot):
    names = [str(scans / f"{name}.nii.gz") for name in ("one", "two")]
    in_the_loop(lambda: viewer.open(names, plugin=PLUGIN), qtbot)
    wait_for_rest(opening, qtbot)
    assert opening.chooser is None
    assert len(volumes_of(viewer)) == 2


def test_a_scan_that_is_none_is_told_of_in_the_window(viewer, opening, tmp_path, qtbot):
    path = tmp_path / "damaged.nii.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00 not a volume")
    assert in_the_loop(lambda: viewer.open(path, plugin=PLUGIN), qtbot) == []
    wait_for_rest(opening, qtbot)
    assert opening.strip.problem.isVisible()
    text = opening.strip.problem_text
    assert "damaged.nii.gz" in text.text()
    assert text.height() >= text.heightForWidth(text.width()), "no line of it is cut off"
    assert opening.strip.problem.rect().contains(text.geometry())
    assert opening.strip.rect().contains(opening.strip.problem.geometry())


def drop(window, paths, modifiers=Qt.KeyboardModifier.NoModifier):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    target = next(widget for widget in window.centralWidget().findChildren(QWidget) if widget.acceptDrops())
    left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    QApplication.sendEvent(target, QDragEnterEvent(QPoint(50, 50), copy, mime, left, modifiers))
    QApplication.sendEvent(target, QDropEvent(QPointF(50, 50), copy, mime, left, modifiers))


def test_scans_dropped_on_our_window_are_opened_without_a_question(viewer, opening, scans, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr("napari._qt.qt_viewer.handle_gui_reading", lambda *values, **_: asked.append(values[0]))
    catch_drops(viewer)
    catch_drops(viewer)
    window = main_window(viewer)
    drop(window, [scans / "two.nii.gz"])
    wait_for_rest(opening, qtbot)
    assert len(volumes_of(viewer)) == 1, "taken once, though it was asked for twice"
    assert asked == []
    drop(window, [scans / "two.nii.gz", scans / "notes.txt"])
    wait_for_rest(opening, qtbot)
    assert len(volumes_of(viewer)) == 1, "a drop that is not all ours is left to napari"


def test_a_packed_lesson_dropped_on_our_window_is_shown_in_the_panel(viewer, opening, tmp_path, qtbot, monkeypatch):
    monkeypatch.setenv("VASCULAR_LOOP_LESSONS", str(tmp_path / "own"))
    asked, said = [], []
    monkeypatch.setattr("napari._qt.qt_viewer.handle_gui_reading", lambda *values, **_: asked.append(values[0]))
    monkeypatch.setattr("napari_vascular_loop.widgets.drops.show_error", said.append)
    packed = pack_lesson(copy_of_lesson(tmp_path), tmp_path / "to send.vlesson.zip")
    catch_drops(viewer)
    drop(main_window(viewer), [packed])
    wait_for_rest(opening, qtbot)
    panel = lesson_panel(viewer)
    assert "facial nerve" in panel.article.toPlainText()
    assert len(volumes_of(viewer)) == 1
    assert panel.scene.visible_marks()
    cut = tmp_path / "cut.vlesson.zip"
    cut.write_bytes(packed.read_bytes()[:2000])
    drop(main_window(viewer), [cut])
    wait_for_rest(opening, qtbot)
    assert asked == []
    assert len(said) == 1
    assert "cut.vlesson.zip" in said[0]
    assert "facial nerve" in panel.article.toPlainText(), "what was open stays"


def test_a_volume_of_the_catalogue_is_called_by_its_title(viewer, opening, scans, qtbot):
    opening.open(scans / "two.nii.gz", "T1 of a head")
    wait_for_rest(opening, qtbot)
    assert [layer.name for layer in viewer.layers if VOLUME_KEY in layer.metadata] == ["T1 of a head"]


# ---------------------------------------------------------------- a lesson's own volume


def test_a_lesson_s_volume_is_read_beside_the_window(viewer, opening, tmp_path, qtbot, monkeypatch):
    slow = SlowReading()
    real = lessons.lesson_volume

    def lesson_volume(store, volume_id, progress):
        slow(progress)
        return real(store, volume_id, progress)

    monkeypatch.setattr(lessons, "lesson_volume", lesson_volume)
    panel = lesson_panel(viewer)
    store = open_lesson(copy_of_lesson(tmp_path))
    in_the_loop(lambda: panel.open_lesson(store), qtbot)
    qtbot.waitUntil(opening.strip.reading.isVisible)
    assert "lesson's volume" in opening.strip.text.text()
    assert "facial nerve" in panel.article.toPlainText(), "the text can be read already"
    assert volumes_of(viewer) == []
    slow.let_go.set()
    wait_for_rest(opening, qtbot)
    assert len(volumes_of(viewer)) == 1
    assert panel.scene.volume_id == store.lesson.volumes[0].id
    assert panel.scene.visible_marks(), "at the first mark"


def test_a_lesson_s_volume_that_can_not_be_read_is_told_of_in_the_panel(viewer, opening, tmp_path, qtbot, monkeypatch):
    def lesson_volume(_store, _volume_id, progress):
        raise VolumeReadError("head.nii.gz: it is cut short or damaged")

    monkeypatch.setattr(lessons, "lesson_volume", lesson_volume)
    store, panel = open_lesson(copy_of_lesson(tmp_path)), lesson_panel(viewer)
    in_the_loop(lambda: panel.open_lesson(store), qtbot)
    wait_for_rest(opening, qtbot)
    assert panel.message.isVisibleTo(panel)
    assert panel.message.text() == "head.nii.gz: it is cut short or damaged"
    assert panel.store is store


def test_of_two_lessons_opened_at_once_the_last_is_shown(viewer, opening, tmp_path, qtbot):
    panel = lesson_panel(viewer)
    first, second = (open_lesson(copy_of_lesson(tmp_path / name)) for name in ("one", "two"))
    in_the_loop(lambda: [panel.open_lesson(store) for store in (first, second)], qtbot)
    wait_for_rest(opening, qtbot)
    assert panel.store is second
    assert len(volumes_of(viewer)) == 1


# ---------------------------------------------------------------- slices that slant


def test_slanting_slices_are_shown_straight_and_that_is_said(viewer, opening, qtbot):
    matrix = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3))
    matrix[:3, 2] += matrix[:3, 1] * 0.5
    volume = make_dot_volume(matrix)
    opening.show_found(Found((found(volume),)))
    wait_for_rest(opening, qtbot)
    (shown,) = volumes_of(viewer)
    scene = scene_of(viewer)
    assert "RESAMPLED onto a straight grid" in " ".join(scene.text("warning").split())
    assert "slant by" in shown.provenance.resampled
    assert scene.text("edge_left") == "R"
    # The bright voxel lies where it lay.
    brightest = np.unravel_index(np.argmax(shown.voxels), shown.voxels.shape)
    apart_mm = np.linalg.norm(np.subtract(shown.grid.ras_from_voxel(brightest), volume.grid.ras_from_voxel(DOT_IJK)))
    assert apart_mm < 0.5 * max(volume.spacing_mm)
