"""An archive of a DICOM series of which no hash is known is checked by what it holds."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import affine_of
from dicom_series import write_series
from publisher import BadPublisher, go_online, publishing

from napari_vascular_loop.domain.errors import DownloadError
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.samples.catalogue import CatalogueEntry, Series, Variant
from napari_vascular_loop.samples.fetch import fetch_sample, local_path, samples_folder
from napari_vascular_loop.samples.transfer import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VOXELS = np.random.default_rng(2).permutation(9 * 8 * 6).astype(np.int16).reshape(9, 8, 6)
RAS = affine_of((0, 1, 2), (-1, -1, 1), (0.5, 0.5, 1.0))
UID = "1.2.3"


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadPublisher]:
    go_online(monkeypatch)
    with publishing() as one:
        yield one


def packed(folder: Path, leave_out: int = 0, uid: str = UID) -> bytes:
    files = write_series(folder, VOXELS, RAS, SeriesInstanceUID=uid)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("LICENSE", "CC BY 4.0")
        for file in files[leave_out:]:
            archive.write(file, f"series/{file.name}.dcm")
    return buffer.getvalue()


def entry_of(url: str) -> CatalogueEntry:
    variant = Variant("the series", "ciss.zip", url=url, series=Series(UID, 6))
    return CatalogueEntry("ciss", "A CISS", "MR", "CC BY", "someone", (variant,))


def test_a_whole_archive_of_the_series_is_kept_and_read(publisher, tmp_path):
    # As one that is packed while it is sent: no length, no ranges.
    entry = entry_of(publisher.put("image", packed(tmp_path), ranges=False, tag="", says_length=0))
    path = fetch_sample(entry, patience=Patience(silence_s=1, pause_s=0.01))
    assert path == local_path(entry) == samples_folder() / "ciss.zip"
    (volume,) = read_volumes(path)
    assert (volume.voxels.shape, int(volume.voxels.max())) == ((9, 8, 6), 9 * 8 * 6 - 1)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("one image less", "holds 5 images, not the 6"),
        ("another series", "of the series 9.9.9, not of 1.2.3"),
        ("a bit is wrong", "no whole ZIP archive"),
        ("cut short, length unsaid", "no whole ZIP archive"),
        ("no archive", "no whole ZIP archive"),
    ],
)
def test_what_is_wrong_is_refused_and_removed(publisher, tmp_path, how, words):
    data = packed(tmp_path, leave_out=how == "one image less", uid="9.9.9" if how == "another series" else UID)
    if how == "a bit is wrong":
        at = data.index(VOXELS[:, :, 3].T.tobytes())
        data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    elif how.startswith("cut"):
        data = data[: len(data) // 2]
    elif how == "no archive":
        data = b"not today"
    entry = entry_of(publisher.put("image", data, ranges=False, tag="", says_length=0))
    with pytest.raises(DownloadError, match=words):
        fetch_sample(entry, patience=Patience(silence_s=1, tries=1, pause_s=0.01))
    assert list(samples_folder().iterdir()) == []
    assert local_path(entry) is None
