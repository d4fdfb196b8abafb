"""The program as napari meets it: manifest, File > Open, File > Open Sample, Plugins, File > Save, the demo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
from conftest import COLIN27
from dicom_series import write_series
from gestures import LAYOUTS, copy_of_lesson, numbered_volume, shown_index, true_ras_mm
from npe2 import PluginManager, PluginManifest
from qtpy.QtCore import QTimer

from napari_vascular_loop import _reader
from napari_vascular_loop._reader import napari_get_reader
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.volume_layer import LEFT_OUT_KEY, VOLUME_KEY
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.formats.volumes import Found, FoundVolume, read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.samples.fetch import sample_paths

PLUGIN, PANEL, RECEIPT = "napari-vascular-loop", "Lesson panel", "Orientation receipt"
VOXEL = (3, 8, 2)


@pytest.fixture
def nifti(tmp_path):
    path = tmp_path / "head of a phantom.nii.gz"
    write_nifti(numbered_volume(LAYOUTS["sagittal PIR"]), path)
    return path


def letters(viewer):
    return [scene_of(viewer).text(f"edge_{edge}") for edge in ("left", "right", "top", "bottom")]


def docked_panel(viewer):
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel

    panels = [widget for widget in viewer.window.dock_widgets.values() if isinstance(widget, LessonPanel)]
    assert len(panels) <= 1
    return panels[0] if panels else None


# ---------------------------------------------------------------- manifest


def test_the_manifest_is_valid_and_everything_it_names_is_there():
    manifest = PluginManifest.from_distribution(PLUGIN)
    manifest.validate_imports()
    contributions = manifest.contributions
    commands = {command.id for command in contributions.commands}
    items = [item for items in contributions.menus.values() for item in items]
    used = [*contributions.readers, *contributions.writers, *contributions.widgets, *contributions.sample_data, *items]
    assert {contribution.command for contribution in used} == commands
    names = {PANEL, "Study", RECEIPT, "Public volumes", "Library"}
    assert {widget.display_name for widget in contributions.widgets} >= names
    assert [item.command for item in contributions.menus["napari/file/io_utilities"]] == [
        f"{PLUGIN}.dicomweb",
        f"{PLUGIN}.public_volumes",
        f"{PLUGIN}.library",
    ]
    assert {sample.key for sample in contributions.sample_data} >= {
        "facial-nerve-root",
        "contact-indentation-deviation",
        "look-alike-schwannoma",
        "synthetic-cpa",
        "vascular-loop",
    }
    assert contributions.readers[0].accepts_directories


def plugins_asked_for(name):
    manager = PluginManager()
    manager.register(PluginManifest.from_distribution(PLUGIN))
    return {reader.plugin_name for reader in manager.iter_compatible_readers([name])}


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "A.NII.GZ", "image.dcm", "image.IMA", "lesson.json", "."])
def test_napari_asks_this_plugin_for_such_files(name):
    assert PLUGIN in plugins_asked_for(name)


@pytest.mark.parametrize(
    "ending",
    [".hdr", ".img", ".img.gz", ".mgh", ".mgz", ".mnc", ".nrrd", ".nhdr", ".mha", ".mhd", ".zip", ".zarr", ".dcm"],
)
@pytest.mark.parametrize("name", ["head", "Scan 3", "sub-01_T1w"])
def test_napari_asks_this_plugin_for_all_formats_in_small_letters_and_large(name, ending):
    assert PLUGIN in plugins_asked_for(name + ending)
    assert PLUGIN in plugins_asked_for(f"/scans/of someone/{name}{ending.upper()}")


@pytest.mark.parametrize(
    "name",
    [
        "DICOMDIR",
        "IM0001",
        "I10",
        "00000001",
        "1.3.12.2.1107.5.2.32.35162.30000015",
        "MR.1.3.12.2.1107.5.2.32",
        "E1154S7I",
    ],
)
def test_napari_asks_this_plugin_for_dicom_files_without_an_ending(name):
    assert PLUGIN in plugins_asked_for(name)
    assert PLUGIN in plugins_asked_for(f"/scans/{name}")


def test_napari_asks_this_plugin_for_a_server_s_address():
    assert PLUGIN in plugins_asked_for("dicomweb://localhost:8042/dicom-web?study=1.2.3")


@pytest.mark.parametrize(
    "name", ["a.tif", "cells.ome.tif", "photo.PNG", "a.b.tif", "table.csv", "2024.01.02.jpg", "x.npy"]
)
def test_napari_does_not_ask_about_pictures_of_others(name):
    """It would ask the user which of two plugins shall read them."""
    assert plugins_asked_for(name) == set()


# ---------------------------------------------------------------- reading


def test_paths_that_are_not_ours_are_left_to_others(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "holiday.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (folder / "notes.txt").write_text("nothing of ours")
    assert napari_get_reader(folder) is None
    assert napari_get_reader(str(folder / "holiday.png")) is None
    assert napari_get_reader(folder / "notes.txt") is None
    assert napari_get_reader(tmp_path / "does not exist") is None
    assert napari_get_reader([]) is None


def test_one_path_of_several_that_is_not_ours_leaves_all_to_others(tmp_path, nifti):
    other = tmp_path / "notes.txt"
    other.write_text("nothing of ours")
    assert napari_get_reader([nifti, other]) is None
    assert napari_get_reader([nifti]) is not None


def test_a_damaged_scan_is_refused_with_its_name(tmp_path):
    damaged = tmp_path / "damaged.nii.gz"
    damaged.write_bytes(b"\x1f\x8b\x08\x00 not a volume")
    reader = napari_get_reader(damaged)
    assert reader is not None
    with pytest.raises(VascularLoopError, match=r"damaged\.nii\.gz"):
        reader(damaged)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("disc.img", bytes(4096)),
        ("spectrum.hdr", b"ENVI\nsamples = 12\n"),
        ("papers.zip", None),
        ("broken.zip", b"PK\x03\x04 and then nothing"),
        ("IM0001", b"no DICOM" * 40),
        ("empty", b""),
    ],
)
def test_files_that_only_look_like_scans_are_left_to_others(tmp_path, name, content):
    path = tmp_path / name
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("paper.pdf", b"%PDF-1.4")
            archive.writestr("data/", b"")
    else:
        path.write_bytes(content)
    assert napari_get_reader(path) is None


def test_scans_by_content(tmp_path, nifti):
    """A DICOM file without an ending, a folder of these, a ZIP: each is ours, and read into its volume."""
    volume = numbered_volume(LAYOUTS["LPS"])
    folder = tmp_path / "study" / "deep"
    files = write_series(folder, volume.voxels, volume.voxel_to_ras, lambda k: f"IM{k:04d}")
    archive = tmp_path / "scans.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in files:
            packed.write(file, f"deep/{file.name}")
    for source in (tmp_path / "study", archive, [str(file) for file in files]):
        ((data, keywords, kind),) = napari_get_reader(source)(source)
        assert kind == "image"
        np.testing.assert_array_equal(keywords["metadata"][VOLUME_KEY].voxels, volume.voxels)
        assert data.shape == keywords["metadata"][VOLUME_KEY].frame.shape
    assert napari_get_reader(files[0]) is not None


def test_pictures_beside_scans_hide_none(tmp_path):
    """A folder full of pictures comes first; the scans lie in the next."""
    pictures = tmp_path / "a pictures"
    pictures.mkdir()
    for n in range(60):
        (pictures / f"{n}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    volume = numbered_volume(LAYOUTS["LPS"])
    write_series(tmp_path / "b scans", volume.voxels, volume.voxel_to_ras)
    ((_, keywords, _),) = napari_get_reader(tmp_path)(tmp_path)
    assert len(keywords["metadata"][LEFT_OUT_KEY]) == 60


def test_nothing_is_looked_at_twice(tmp_path, nifti, monkeypatch):
    looked = []
    real = _reader.find_volumes
    monkeypatch.setattr(_reader, "find_volumes", lambda source: looked.append(source) or real(source))
    reader = napari_get_reader(str(nifti))
    assert len(reader(str(nifti))) == 1
    assert looked == [str(nifti)]


def test_a_lesson_without_a_window_is_refused_in_words(tmp_path):
    folder = copy_of_lesson(tmp_path)
    with pytest.raises(VascularLoopError, match="window"):
        napari_get_reader(folder)(folder)


@pytest.mark.gui
def test_opening_files(make_napari_viewer, tmp_path, nifti):
    """One window for all: NIfTI, a DICOM folder with two series, a lesson's folder, a lesson.json."""
    viewer = make_napari_viewer()
    volume = read_volumes(nifti)[0]
    (layer,) = viewer.open(nifti, plugin=PLUGIN)
    assert layer.name.startswith("nifti ")
    assert "phantom" not in layer.name, "a file's name may be a patient's"
    index = shown_index(layer, volume, VOXEL)
    np.testing.assert_allclose(np.array(layer.data_to_world(index))[::-1], true_ras_mm(volume, VOXEL), atol=1e-5)
    assert letters(viewer) == ["R", "L", "A", "P"]
    assert layer.visible

    dicom = tmp_path / "study"
    first, second = numbered_volume(LAYOUTS["LPS"]), numbered_volume(LAYOUTS["oblique RAS"])
    write_series(dicom, first.voxels, first.voxel_to_ras, lambda k: f"a{k}", SeriesInstanceUID="1.2.3.1")
    write_series(
        dicom,
        second.voxels,
        second.voxel_to_ras,
        lambda k: f"b{k}",
        SeriesInstanceUID="1.2.3.2",
        SeriesDescription="TOF",
    )
    (dicom / "readme.txt").write_text("not an image")
    layers = viewer.open(dicom, plugin=PLUGIN)
    assert len(layers) == 2
    assert sorted(layer.name.split()[0] for layer in layers) == ["MR", "MR"]
    assert not any("DOE" in layer.name or "4711" in layer.name for layer in layers), "no patient on screen"
    assert [layer.visible for layer in viewer.layers] == [False, False, True]
    for read, wanted in zip((layer.metadata[VOLUME_KEY] for layer in layers), (first, second), strict=True):
        np.testing.assert_allclose(read.voxel_to_ras, wanted.voxel_to_ras, atol=1e-4)
        np.testing.assert_array_equal(read.voxels, wanted.voxels)
    assert letters(viewer) == ["RSA", "LIP", "ASL", "PIR"]

    assert docked_panel(viewer) is None
    folder = copy_of_lesson(tmp_path)
    viewer.open(folder, plugin=PLUGIN)
    panel = docked_panel(viewer)
    assert "SYNTHETIC stand-in" in panel.title.text()
    assert len(panel.store.annotations) == 8
    assert panel.store.folder == folder
    assert panel.scene.visible_marks(), "the lesson opens at its first mark"
    assert viewer.layers["SYNTHETIC stand-in"].visible

    other = copy_of_lesson(tmp_path / "second")
    viewer.open(other / "lesson.json", plugin=PLUGIN)
    assert docked_panel(viewer) is panel, "the same panel takes the next lesson"
    assert panel.store.folder == other
    assert sum(layer.name.startswith("SYNTHETIC") for layer in viewer.layers) == 1


@pytest.mark.gui
def test_the_file_menu_opens_the_dialog_for_servers_and_what_it_loads_is_opened(make_napari_viewer, qtbot):
    from napari._app_model import get_app_model

    from napari_vascular_loop.widgets.volume_opening import opening_of

    viewer = make_napari_viewer(show=True)
    dialog = get_app_model().commands.execute_command(f"{PLUGIN}.dicomweb").result()
    assert dialog.isVisible()
    volume = numbered_volume(LAYOUTS["LPS"])
    opening = opening_of(viewer)
    dialog.chosen.emit(Found((FoundVolume(volume.header, lambda _: volume),)))
    qtbot.waitUntil(lambda: not opening.is_busy and len(viewer.layers) == 1)
    assert viewer.layers[0].metadata[VOLUME_KEY] is volume
    dialog.close()
    qtbot.wait(20)


@pytest.mark.gui
def test_the_file_menu_shows_public_volumes_once_and_opens_what_is_chosen(make_napari_viewer, qtbot):
    from napari._app_model import get_app_model

    from napari_vascular_loop.widgets.volume_opening import opening_of

    viewer = make_napari_viewer(show=True)
    dialog = get_app_model().commands.execute_command(f"{PLUGIN}.public_volumes").result()
    assert dialog.isVisible()
    assert get_app_model().commands.execute_command(f"{PLUGIN}.public_volumes").result() is dialog
    qtbot.waitUntil(lambda: dialog.view.has_looked, timeout=20_000)
    dialog.view.list.pick("synthetic-stand-in")
    dialog.view.act()
    opening = opening_of(viewer)
    qtbot.waitUntil(lambda: not opening.is_busy and len(viewer.layers) == 1, timeout=20_000)
    assert viewer.layers[0].metadata[VOLUME_KEY].provenance.is_synthetic
    _, panel = viewer.window.add_plugin_dock_widget(PLUGIN, "Public volumes")
    qtbot.waitUntil(lambda: panel.view.has_looked, timeout=20_000)
    panel.view.list.pick("synthetic-stand-in")
    panel.view.act()
    qtbot.waitUntil(lambda: not opening.is_busy and len(viewer.layers) == 2, timeout=20_000)
    assert panel.isVisible()


# ---------------------------------------------------------------- samples and the panel


@pytest.mark.gui
def test_open_sample_stand_in_and_plugins_panel(make_napari_viewer, qtbot):
    viewer = make_napari_viewer()
    viewer.open_sample(PLUGIN, "synthetic-stand-in")
    qtbot.wait(10)
    panel = docked_panel(viewer)
    assert len(panel.store.annotations) == 8
    assert panel.scene.can_mark
    mark = panel.store.annotations[0]
    assert mark.id in [seen.annotation.id for seen in panel.scene.visible_marks()]
    assert panel.scene.text("place").startswith("Axial")
    assert "SYNTHETIC" in panel.scene.text("warning")
    assert sum(VOLUME_KEY in layer.metadata for layer in viewer.layers) == 1
    assert not panel.message.isVisibleTo(panel)
    panel.scene.set_plane(Plane.CORONAL)
    assert letters(viewer) == ["R", "L", "S", "I"]


@pytest.mark.gui
def test_plugins_menu_opens_the_panel(make_napari_viewer_proxy):
    viewer = make_napari_viewer_proxy()
    _, panel = viewer.window.add_plugin_dock_widget(PLUGIN, PANEL)
    assert panel is docked_panel(viewer)
    assert "No lesson open" in panel.title.text()
    assert "not for diagnosis" in panel.title.text()


def opened_by_a_user(viewer, qtbot, sample):
    """Choose a sample in the menu, while Qt waits for what the user does; what came of it, or what was said."""
    came = []

    def choose() -> None:
        try:
            came.append(viewer.open_sample(PLUGIN, sample))
        except VascularLoopError as error:
            came.append(error)

    QTimer.singleShot(0, choose)
    qtbot.waitUntil(lambda: bool(came), timeout=60_000)
    return came[0]


@pytest.mark.gui
def test_open_sample_of_a_real_scan_downloads_it_while_the_window_lives(make_napari_viewer, qtbot, monkeypatch):
    from napari_vascular_loop import _sample_data

    lived = []
    read = []

    def slowly(store, progress):
        for number in range(20):
            time.sleep(0.02)
            progress(number / 20)
        read.append(store.lesson.id)
        return numbered_volume(LAYOUTS["LPS"])

    monkeypatch.setattr(_sample_data, "lesson_volume", slowly)
    viewer = make_napari_viewer()
    ticks = QTimer()
    ticks.timeout.connect(lambda: lived.append(1))
    ticks.start(10)
    layers = opened_by_a_user(viewer, qtbot, "vascular-loop")
    assert read == ["vascular-loop"]
    assert len(layers) == 1
    assert len(lived) > 10, "the window stood still"
    assert docked_panel(viewer).store.lesson.title.startswith("The vascular loop")


@pytest.mark.gui
@pytest.mark.parametrize("sample", ["vascular-loop", "look-alike-schwannoma"])
def test_open_sample_of_a_real_scan_without_a_network_says_so(make_napari_viewer, qtbot, sample):
    viewer = make_napari_viewer()
    said = opened_by_a_user(viewer, qtbot, sample)
    assert isinstance(said, VascularLoopError)
    assert "was not opened: its volume is not here" in str(said)
    assert len(viewer.layers) == 0


@pytest.mark.gui
@pytest.mark.parametrize("installed", [True, False])
def test_open_sample_first_lesson_with_and_without_colin27(make_napari_viewer, qtbot, monkeypatch, installed):
    if installed and not COLIN27.is_file():
        pytest.skip("Colin27 is not installed here (Debian's mricron-data)")
    if not installed:
        from napari_vascular_loop import lessons

        def no_colin27(entry, **keywords):
            return iter(()) if entry.id == "colin27" else sample_paths(entry, **keywords)

        monkeypatch.setattr(lessons, "sample_paths", no_colin27)
    viewer = make_napari_viewer()
    viewer.open_sample(PLUGIN, "facial-nerve-root")
    qtbot.wait(10)
    panel = docked_panel(viewer)
    assert panel.scene.can_mark
    assert panel.scene.visible_marks()
    volume = next(layer.metadata[VOLUME_KEY] for layer in viewer.layers if VOLUME_KEY in layer.metadata)
    if installed:
        assert volume.voxels.shape == (181, 217, 181)
        assert "Where the facial nerve leaves the brainstem" in panel.article.toPlainText()
        assert not panel.message.isVisibleTo(panel)
        assert panel.scene.text("warning") == ""
    else:
        assert volume.voxels.shape == (213, 126, 72)
        assert panel.message.isVisibleTo(panel)
        assert "SYNTHETIC head is shown instead" in panel.message.text()
        assert "Colin27" in panel.message.text()
        assert "SYNTHETIC" in panel.scene.text("warning")


# ---------------------------------------------------------------- saving


@pytest.mark.gui
@pytest.mark.parametrize("name", ["saved.nii.gz", "saved.nii"])
def test_saving_a_volume_keeps_its_place_in_the_patient(make_napari_viewer, tmp_path, name):
    import nibabel

    viewer = make_napari_viewer()
    source = tmp_path / "source.nii.gz"
    volume = numbered_volume(LAYOUTS["oblique sagittal AIL"])
    write_nifti(volume, source)
    (layer,) = viewer.open(source, plugin=PLUGIN)
    assert layer.save(str(tmp_path / name), plugin=PLUGIN) == [str(tmp_path / name)]
    image = nibabel.load(tmp_path / name)
    np.testing.assert_allclose(image.affine, volume.voxel_to_ras, atol=1e-4)
    np.testing.assert_array_equal(np.asarray(image.dataobj), volume.voxels)
    assert int(image.header["sform_code"]) > 0


def test_an_image_of_unknown_place_is_not_saved_as_a_scan(tmp_path):
    from napari_vascular_loop._writer import write_image

    target = tmp_path / "photo.nii.gz"
    with pytest.raises(VascularLoopError, match="photo"):
        write_image(str(target), np.zeros((3, 3, 3)), {"name": "photo", "metadata": {}})
    assert not target.exists()


# ---------------------------------------------------------------- the demo


@pytest.mark.gui
@pytest.mark.slow
@pytest.mark.timeout(280)
def test_the_demo_draws_its_window(tmp_path):
    from matplotlib.image import imread

    command = [sys.executable, "-m", "napari_vascular_loop", "demo", "--out", str(tmp_path)]
    if sys.platform.startswith("linux") and shutil.which("xvfb-run"):
        # A screen of its own, so that the size of the one that the tests run on doesn't matter.
        command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=270, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert "window.png" in done.stdout
    pixels = imread(tmp_path / "window.png")[..., :3]
    height, width = pixels.shape[:2]
    assert width > 1000
    assert height > 700
    # The image in the middle shows grey values of all kinds; the panel on the right shows text.
    image = pixels[height // 4 : 3 * height // 4, width // 3 : width // 2]
    assert len(np.unique(np.round(image, 2))) > 30
    panel = pixels[:, -width // 5 :]
    assert panel.std() > 0.05
    # The golden rim of the selected arrow.
    assert (np.abs(pixels - np.array([0xFF, 0xD2, 0x3F]) / 255).max(axis=2) < 0.1).sum() > 50
    assert (tmp_path / "figure.png").stat().st_size > 10_000
