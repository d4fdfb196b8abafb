"""The browser of public volumes: what a user sees, downloads, ends and opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pytest
from conftest import affine_of
from publisher import BadPublisher, go_online, publishing, sha256
from qtpy.QtCore import QBuffer, QIODevice, Qt
from qtpy.QtWidgets import QWidget

from napari_vascular_loop import sample_pictures
from napari_vascular_loop.samples import transfer as transfer_module
from napari_vascular_loop.samples.catalogue import Catalogue, CatalogueEntry, Crop, Variant
from napari_vascular_loop.samples.fetch import samples_folder
from napari_vascular_loop.samples.transfer import Patience
from napari_vascular_loop.widgets.samples_dialog import SamplesDialog
from napari_vascular_loop.widgets.samples_view import SamplesView

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.gui

LEFT = Qt.MouseButton.LeftButton
NOTE = "None of these has it."


def head() -> bytes:
    voxels = np.random.default_rng(3).integers(0, 900, (60, 50, 40), dtype=np.int16)
    image = nibabel.Nifti1Image(voxels, affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3)))
    image.set_sform(image.affine, 1)
    return image.to_bytes()


HEAD = head()


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadPublisher]:
    go_online(monkeypatch)
    hurry = Patience(connect_s=2, silence_s=0.5, tries=2, pause_s=0.02)
    monkeypatch.setattr(transfer_module, "Patience", lambda: hurry)
    monkeypatch.setattr("napari_vascular_loop.samples.download.Patience", lambda: hurry)
    with publishing() as one:
        yield one


def entry_of(entry_id: str, title: str, **values: Any) -> CatalogueEntry:
    variant = Variant(**{"name": "a copy", "file": f"{entry_id}.nii", **values})
    return CatalogueEntry(
        entry_id, title, "MR", "CC BY 4.0: with notice", f"the {entry_id} people", (variant,), f"shows {title}"
    )


@pytest.fixture
def make_view(qtbot):
    """Makes a view of entries, and waits until it has looked what is here."""

    def make(*entries: CatalogueEntry) -> SamplesView:
        view = SamplesView(Catalogue(entries, (NOTE,)))
        qtbot.addWidget(view)
        view.resize(1000, 600)
        with qtbot.waitExposed(view):
            view.show()
        qtbot.waitUntil(lambda: view.has_looked, timeout=10_000)
        return view

    return make


def rows(view: SamplesView) -> list[str]:
    return [view.list.item(row).text() for row in range(view.list.count())]


def click(qtbot, button) -> None:
    qtbot.mouseClick(button, LEFT)


def picture_bytes(view: SamplesView, row: int) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    view.list.item(row).icon().pixmap(72, 72).save(buffer, "PNG")
    return bytes(buffer.data())


def test_an_empty_cache_says_size_licence_and_that_none_is_here(make_view):
    view = make_view(entry_of("tof", "A loop", url="http://127.0.0.1:1/", bytes=65_200_000))
    assert rows(view) == ["A loop\nto download: 65.2 MB  ·  CC BY 4.0"]
    text = view.details.text.text()
    for words in ("shows A loop", "CC BY 4.0: with notice", "the tof people", "Not verified"):
        assert words in text
    assert (view.act_button.text(), view.act_button.isEnabled()) == ("Download 65.2 MB", True)
    assert not view.message.isVisible()
    assert not view.details.picture.isVisible()


def test_search_leaves_what_holds_all_words_or_says_that_nothing_does(make_view, qtbot):
    view = make_view(entry_of("tof", "A loop", how="x"), entry_of("ciss", "A nerve", how="x"))
    qtbot.keyClicks(view.search, "NERVE ciss")
    assert [row.partition("\n")[0] for row in rows(view)] == ["A nerve"]
    assert "shows A nerve" in view.details.text.text()
    qtbot.keyClicks(view.search, " purple")
    assert rows(view) == []
    assert view.details.text.text() == "No volume holds all of these words."
    assert not view.act_button.isEnabled()
    view.search.clear()
    assert len(rows(view)) == 2


def test_a_download_is_shown_checked_and_then_opened(make_view, qtbot, publisher):
    url = publisher.put("head", HEAD, trickle_s=0.003)
    view = make_view(entry_of("head", "A head", url=url, sha256=sha256(HEAD), bytes=len(HEAD)))
    before = picture_bytes(view, 0)
    click(qtbot, view.act_button)
    qtbot.waitUntil(lambda: "kB of" in view.waiting.title.text() and view.waiting.bar.value() > 0, timeout=5000)
    assert view.waiting.isVisible()
    assert not view.act_button.isEnabled()
    qtbot.waitUntil(lambda: "on this computer" in rows(view)[0], timeout=10_000)
    assert view.message.text() == (
        "A head is here, and what it should be. the head people. Licence: CC BY 4.0: with notice."
    )
    assert not view.waiting.isVisible()
    assert view.details.picture.isVisible()
    assert picture_bytes(view, 0) != before
    assert view.act_button.text() == "Open"
    with qtbot.waitSignal(view.chosen) as chosen:
        click(qtbot, view.act_button)
    assert chosen.args[0] == str(samples_folder() / "head.nii")
    assert (samples_folder() / "head.nii").read_bytes() == HEAD


def test_what_was_fetched_is_there_the_next_time_with_its_picture(make_view, publisher):
    entry = entry_of("head", "A head", url=publisher.put("head", HEAD), sha256=sha256(HEAD))
    here = sample_pictures.fetch(entry)
    (kept,) = (samples_folder() / ".pictures").iterdir()
    made = kept.stat().st_mtime_ns
    view = make_view(entry)
    assert "on this computer" in rows(view)[0]
    assert view.details.picture.isVisible()
    assert kept.stat().st_mtime_ns == made, "the picture was made again"
    again = sample_pictures.picture_of_sample(entry, here.path)
    np.testing.assert_array_equal(again.grey, here.picture.grey)
    assert again.letters == here.picture.letters == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    kept.write_bytes(b"damaged")
    assert sample_pictures.picture_of_sample(entry, here.path).letters == again.letters


def test_cancel_ends_at_once_and_the_next_time_goes_on(make_view, qtbot, publisher):
    url = publisher.put("head", HEAD, trickle_s=0.02)
    view = make_view(entry_of("head", "A head", url=url, sha256=sha256(HEAD), bytes=len(HEAD)))
    click(qtbot, view.act_button)
    qtbot.waitUntil(lambda: view.waiting.bar.value() > 0, timeout=5000)
    click(qtbot, view.waiting.button)
    assert view.message.text() == "Cancelled. What has come is kept: the next time it goes on from there."
    assert not view.waiting.isVisible()
    assert not (samples_folder() / "head.nii").exists()
    qtbot.wait(200)
    publisher.shelves["head"].trickle_s = 0
    click(qtbot, view.act_button)
    qtbot.waitUntil(lambda: "on this computer" in rows(view)[0], timeout=10_000)
    assert publisher.ranges[-1].startswith("bytes=")
    assert (samples_folder() / "head.nii").read_bytes() == HEAD


def test_of_a_volume_that_is_cut_out_nothing_is_kept_and_that_is_said(make_view, qtbot, publisher):
    crop = Crop("ubermuda_tof_series7.tsv", publisher.url(""), "NOT_SET", ((0, 1), (0, 1), (0, 1)), "0" * 64)
    publisher.put("DICOM/IM000000", bytes(615_496), stalls=[1000] * 9)
    view = make_view(entry_of("loop", "A loop", crop=crop, bytes=65_242_588))
    click(qtbot, view.act_button)
    qtbot.waitUntil(lambda: bool(publisher.asked), timeout=5000)
    click(qtbot, view.waiting.button)
    assert view.message.text() == "Cancelled. Nothing was kept."


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"answers": [404] * 9}, "answered 404: it is not there"),
        ({"data": HEAD[::-1]}, "its hash differs"),
        ({"stalls": [1000, 0, 0]}, "nothing came for"),
    ],
    ids=["404", "wrong bytes", "stalls"],
)
def test_a_failure_is_said_until_one_tries_again_or_goes_elsewhere(make_view, qtbot, publisher, how, words):
    url = publisher.put("head", **{"data": HEAD, **how})
    view = make_view(entry_of("head", "A head", url=url, sha256=sha256(HEAD)), entry_of("other", "Another", how="x"))
    click(qtbot, view.act_button)
    qtbot.waitUntil(lambda: view.message.isVisible(), timeout=10_000)
    assert words in view.message.text()
    assert "to download" in rows(view)[0]
    assert (view.act_button.text(), view.act_button.isEnabled()) == ("Try again", True)
    view.list.pick("other")
    assert not view.message.isVisible()
    assert not (samples_folder() / "head.nii").exists()
    view.list.pick("head")
    publisher.put("head", HEAD)
    click(qtbot, view.act_button)
    qtbot.waitUntil(lambda: "on this computer" in rows(view)[0], timeout=10_000)


def test_offline_it_says_who_forbids_it(make_view, qtbot, publisher, monkeypatch):
    monkeypatch.setenv("VASCULAR_LOOP_OFFLINE", "1")
    view = make_view(entry_of("head", "A head", url=publisher.put("head", HEAD)))
    click(qtbot, view.act_button)
    qtbot.waitUntil(lambda: view.message.isVisible(), timeout=5000)
    assert "VASCULAR_LOOP_OFFLINE forbids" in view.message.text()


def test_what_is_too_large_has_its_address_and_no_button(make_view):
    view = make_view(
        entry_of("ixi", "Many heads", url="http://heads.example/all.tar", pointer=True, bytes=12_400_000_000)
    )
    assert "address only, 12.4 GB" in rows(view)[0]
    assert "http://heads.example/all.tar" in view.details.text.text()
    assert not view.act_button.isEnabled()


@pytest.fixture
def window(qtbot):
    """What dialogs lie over, and go with."""
    window = QWidget()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


def test_a_double_click_opens_what_is_here_and_the_window_goes(qtbot, window):
    entry = entry_of("stand-in", "SYNTHETIC stand-in", content="synthetic/stand_in.nii.gz")
    dialog = SamplesDialog(Catalogue((entry,), (NOTE,)), window)
    with qtbot.waitExposed(dialog):
        dialog.show()
    qtbot.waitUntil(lambda: dialog.view.has_looked, timeout=10_000)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.view.list.itemDoubleClicked.emit(dialog.view.list.item(0))
    assert chosen.args[0].endswith("stand_in.nii.gz")
    qtbot.waitUntil(lambda: window.findChild(SamplesDialog) is None)


def test_closing_the_window_ends_the_download(qtbot, window, publisher):
    url = publisher.put("head", HEAD, trickle_s=0.05)
    dialog = SamplesDialog(Catalogue((entry_of("head", "A head", url=url, sha256=sha256(HEAD)),), (NOTE,)), window)
    with qtbot.waitExposed(dialog):
        dialog.show()
    qtbot.waitUntil(lambda: dialog.view.has_looked, timeout=10_000)
    click(qtbot, dialog.view.act_button)
    qtbot.waitUntil(lambda: bool(publisher.asked), timeout=5000)
    click(qtbot, dialog.close_button)
    qtbot.wait(400)
    (part,) = samples_folder().glob(".*.part")
    size = part.stat().st_size
    qtbot.wait(300)
    assert part.stat().st_size == size < len(HEAD)
    assert not (samples_folder() / "head.nii").exists()


def test_in_a_narrow_panel_the_details_are_below_the_list(make_view):
    view = make_view(entry_of("tof", "A loop", how="x"))
    assert view.details.geometry().left() > view.list.geometry().right()
    view.resize(420, 700)
    assert view.details.geometry().top() > view.list.geometry().bottom()


def test_in_a_narrow_panel_the_words_have_the_room_of_the_large_picture(make_view):
    view = make_view(entry_of("stand-in", "SYNTHETIC stand-in", content="synthetic/stand_in.nii.gz"))
    assert view.details.picture.isVisible()
    view.resize(420, 700)
    assert not view.details.picture.isVisible()
    view.resize(1000, 600)
    assert view.details.picture.isVisible()
