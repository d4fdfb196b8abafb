"""Public volumes are found, or downloaded and checked; or it is said how to get them."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from publisher import go_online

from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.samples.catalogue import CatalogueEntry, Variant, load_catalogue
from napari_vascular_loop.samples.fetch import local_path, sample_paths, samples_folder, unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATA = b"a head, voxel by voxel"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def entry_of(*variants: Variant) -> CatalogueEntry:
    return CatalogueEntry("head", "A head", "MR", "CC0", "someone", variants)


def variant_of(**values: Any) -> Variant:
    return Variant(**{"name": "a copy", "file": "head.nii", **values})


def put(path: Path, data: bytes = DATA) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# ------------------------------------------------------------------ on this computer


def test_a_file_that_the_user_put_there_is_found_first(tmp_path):
    installed = put(tmp_path / "installed.nii")
    entry = entry_of(variant_of(sha256=sha(DATA), places=(str(installed),)))
    assert list(sample_paths(entry)) == [installed]
    own = put(samples_folder() / "head.nii")
    assert list(sample_paths(entry)) == [own, installed]
    assert local_path(entry) == own


def test_a_file_in_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    put(tmp_path / "MRIcron" / "head.nii")
    assert local_path(entry_of(variant_of(places=("~/MRIcron/head.nii",)))) == tmp_path / "MRIcron" / "head.nii"


def test_a_file_of_another_hash_is_passed_over(tmp_path, caplog):
    put(samples_folder() / "head.nii", b"another head")
    right = put(tmp_path / "installed.nii")
    entry = entry_of(variant_of(sha256=sha(DATA), places=(str(right),)))
    assert list(sample_paths(entry)) == [right]
    assert "passed over: its hash" in caplog.text


def test_the_shipped_volume_needs_no_network():
    entry = entry_of(variant_of(content="synthetic/stand_in.nii.gz"))
    (path,) = sample_paths(entry)
    assert path.name == "stand_in.nii.gz"


def test_a_computed_volume_needs_no_network_and_is_kept():
    entry = load_catalogue().entry("synthetic-cpa-contact-tof")
    assert local_path(entry) is None
    path = next(sample_paths(entry, known_only=True))
    assert path == local_path(entry) == samples_folder() / "synthetic-cpa-contact-tof.nii.gz"
    made = path.stat().st_mtime_ns
    assert next(sample_paths(entry)).stat().st_mtime_ns == made
    (volume,) = read_volumes(path)
    assert volume.orientation == "RAS"
    assert volume.provenance.is_synthetic
    assert any("not an image of a person" in warning for warning in volume.provenance.warnings)


def test_a_damaged_file_of_a_computed_volume_is_computed_anew():
    entry = load_catalogue().entry("synthetic-cpa-contact-tof")
    damaged = put(samples_folder() / "synthetic-cpa-contact-tof.nii.gz", b"half a file")
    first, second = sample_paths(entry)
    assert first == second == damaged
    assert damaged.stat().st_size > 1_000_000
    assert sorted(path.name for path in samples_folder().iterdir()) == [damaged.name]


def test_where_nothing_can_be_written_a_computed_volume_can_not_be_had(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("VASCULAR_LOOP_SAMPLES", str(put(tmp_path / "a file") / "below it"))
    entry = load_catalogue().entry("synthetic-cpa-contact-tof")
    assert list(sample_paths(entry)) == []
    assert "could not be written" in caplog.text
    assert "right to write" in str(unavailable(entry))


def test_what_can_not_be_had_is_said_with_what_to_do(monkeypatch):
    entry = entry_of(
        variant_of(url="http://127.0.0.1:9/head.nii", how="install mricron-data"), variant_of(how="copy it")
    )
    assert list(sample_paths(entry)) == []
    assert local_path(entry) is None
    monkeypatch.delenv("VASCULAR_LOOP_OFFLINE")
    assert str(unavailable(entry)) == (
        "A head is neither on this computer nor could it be downloaded; install mricron-data or copy it"
    )
    assert "check the network" in str(unavailable(entry_of(variant_of())))


# ------------------------------------------------------------------ download


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


class Publisher:
    """A web server on this computer that remembers what was asked of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[str] = []
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                asked.append(self.path)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))

    def url(self, name: str, data: bytes | None = None) -> str:
        if data is not None:
            (self.root / name).write_bytes(data)
        return f"http://127.0.0.1:{self.server.server_port}/{name}"


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    go_online(monkeypatch)
    (tmp_path / "published").mkdir()
    one = Publisher(tmp_path / "published")
    thread = threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield one
    one.server.shutdown()
    one.server.server_close()
    thread.join()


def downloaded(entry: CatalogueEntry) -> list[bytes]:
    return [path.read_bytes() for path in sample_paths(entry)]


def left_behind() -> list[str]:
    return sorted(path.name for path in samples_folder().rglob("*")) if samples_folder().exists() else []


def test_a_file_is_downloaded_once(publisher):
    entry = entry_of(variant_of(url=publisher.url("head.nii", DATA), sha256=sha(DATA)))
    assert downloaded(entry) == [DATA]
    assert left_behind() == ["head.nii"]
    assert local_path(entry) == samples_folder() / "head.nii"
    assert next(sample_paths(entry)).read_bytes() == DATA
    assert publisher.asked == ["/head.nii"]


def test_a_member_is_taken_out_of_an_archive(publisher):
    archive = zipped(**{"readme.txt": b"x", "colin/head.nii": DATA})
    variant = variant_of(
        url=publisher.url("head.zip", archive), member="colin/head.nii", archive_sha256=sha(archive), sha256=sha(DATA)
    )
    assert downloaded(entry_of(variant)) == [DATA]
    assert left_behind() == ["head.nii"]
    assert next(sample_paths(entry_of(variant))).read_bytes() == DATA
    assert publisher.asked == ["/head.zip"]


@pytest.mark.parametrize(
    ("served", "values"),
    [
        (None, {}),
        (b"another head", {"sha256": sha(DATA)}),
        (zipped(head=DATA), {"member": "head", "archive_sha256": sha(DATA)}),
        (zipped(head=b"another head"), {"member": "head", "sha256": sha(DATA)}),
        (zipped(other=DATA), {"member": "head"}),
        (b"<html>Please log in to the hotel's network</html>", {"member": "head"}),
        (zipped(head=DATA * 50)[:-30], {"member": "head"}),
    ],
    ids=["404", "wrong hash", "wrong archive", "wrong member", "member missing", "a log-in page", "archive cut short"],
)
def test_what_is_not_right_is_refused_and_healed_once_the_publisher_is_well(publisher, served, values, caplog):
    url = publisher.url("head", served)
    entry = entry_of(variant_of(url=url, **values))
    assert downloaded(entry) == []
    assert local_path(entry) is None
    assert caplog.records, "nothing was said in the log"
    if "archive_sha256" not in values:
        publisher.url("head", zipped(head=DATA) if "member" in values else DATA)
        assert downloaded(entry) == [DATA]


def test_no_server_is_no_crash(publisher):
    entry = entry_of(variant_of(url="http://127.0.0.1:1/head.nii"))
    assert downloaded(entry) == []


def test_offline_nothing_is_asked_for(publisher, monkeypatch):
    monkeypatch.setenv("VASCULAR_LOOP_OFFLINE", "1")
    assert downloaded(entry_of(variant_of(url=publisher.url("head.nii", DATA)))) == []
    assert publisher.asked == []


def test_what_is_here_is_not_downloaded(publisher):
    put(samples_folder() / "head.nii")
    entry = entry_of(variant_of(sha256=sha(DATA)), variant_of(file="other.nii", url=publisher.url("head.nii", DATA)))
    assert next(sample_paths(entry)) == samples_folder() / "head.nii"
    assert publisher.asked == []
