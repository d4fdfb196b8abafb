"""Downloads from a server that stalls, cuts, lies and asks to wait: what the user is told, and what is left on disk."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from publisher import BadPublisher, go_online, publishing, sha256

from napari_vascular_loop.domain.errors import DownloadError, ReadCancelledError, SampleUnavailableError
from napari_vascular_loop.samples.catalogue import CatalogueEntry, Variant
from napari_vascular_loop.samples.fetch import fetch_sample, local_path, samples_folder
from napari_vascular_loop.samples.transfer import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = np.random.default_rng(7).bytes(300_000)
OTHER = np.random.default_rng(8).bytes(300_000)
HURRY = Patience(connect_s=2, silence_s=0.4, tries=3, tries_to_reach=2, pause_s=0.02, longest_pause_s=2)
FILE = "head.nii.gz"


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadPublisher]:
    go_online(monkeypatch)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with publishing() as one:
        yield one


def entry_of(url: str, **values: Any) -> CatalogueEntry:
    variant = Variant(**{"name": "a copy", "file": FILE, "url": url, "sha256": sha256(DATA), **values})
    return CatalogueEntry("head", "A head", "MR", "CC0", "someone", (variant,))


def fetched(entry: CatalogueEntry) -> bytes:
    path = fetch_sample(entry, patience=HURRY)
    assert path == local_path(entry) == samples_folder() / FILE
    return path.read_bytes()


def refused(entry: CatalogueEntry) -> str:
    """What the user reads; nothing may have got the final name."""
    with pytest.raises(SampleUnavailableError) as caught:
        fetch_sample(entry, patience=HURRY)
    assert not (samples_folder() / FILE).exists()
    assert local_path(entry) is None
    return str(caught.value)


def left_behind() -> list[str]:
    return sorted(path.name for path in samples_folder().iterdir()) if samples_folder().exists() else []


def parts() -> list[bytes]:
    return [path.read_bytes() for path in samples_folder().glob(".*.part")]


# ------------------------------------------------------------------ it ends well


@pytest.mark.parametrize("known", ["sha256", "md5", "size only"])
def test_a_file_that_comes_whole_is_kept_and_nothing_else(publisher, known):
    hashes = {
        "sha256": {},
        "md5": {"sha256": None, "md5": hashlib.md5(DATA).hexdigest()},
        "size only": {"sha256": None, "bytes": len(DATA)},
    }
    assert fetched(entry_of(publisher.put(FILE, DATA), **hashes[known])) == DATA
    assert left_behind() == [FILE]
    assert publisher.ranges == [""]


def test_after_each_cut_it_goes_on_where_it_broke(publisher):
    entry = entry_of(publisher.put(FILE, DATA, cuts=[100_000, 50_000]), bytes=len(DATA))
    assert fetched(entry) == DATA
    assert publisher.ranges == ["", "bytes=100000-", "bytes=150000-"]
    assert left_behind() == [FILE]


def test_after_a_stall_it_goes_on_where_it_broke(publisher):
    assert fetched(entry_of(publisher.put(FILE, DATA, stalls=[120_000]))) == DATA
    assert publisher.ranges == ["", "bytes=120000-"]


def test_a_slow_line_is_no_stall(publisher):
    entry = entry_of(publisher.put(FILE, DATA[:8000], trickle_s=0.1), sha256=sha256(DATA[:8000]))
    assert fetched(entry) == DATA[:8000]
    assert publisher.ranges == [""]


def test_a_server_without_ranges_is_asked_for_all_again(publisher):
    assert fetched(entry_of(publisher.put(FILE, DATA, ranges=False, cuts=[100_000]))) == DATA
    assert publisher.ranges == ["", "bytes=100000-"]


@pytest.mark.parametrize("tag", ['"one"', ""])
def test_another_day_it_goes_on_where_it_ended(publisher, tag):
    entry = entry_of(publisher.put(FILE, DATA, tag=tag, cuts=[90_000, 0, 0, 0]), bytes=len(DATA))
    said = refused(entry)
    assert "the connection was cut" in said
    assert "What has come (90 kB) is kept" in said
    assert parts() == [DATA[:90_000]]
    publisher.asked.clear()
    assert fetched(entry) == DATA
    assert publisher.ranges == ["bytes=90000-"]
    assert left_behind() == [FILE]


def test_if_the_file_has_changed_meanwhile_the_halves_are_not_put_together(publisher):
    entry = entry_of(publisher.put(FILE, OTHER, tag='"old"', cuts=[90_000, 0, 0, 0]))
    refused(entry)
    publisher.put(FILE, DATA, tag='"new"')
    assert fetched(entry) == DATA


def test_without_hash_or_tag_nothing_is_gone_on_with(publisher):
    entry = entry_of(publisher.put(FILE, OTHER, tag="", cuts=[90_000]), sha256=None)
    assert fetched(entry) == OTHER
    assert publisher.ranges == ["", ""]


def test_a_part_that_is_longer_than_the_file_is_thrown_away(publisher):
    entry = entry_of(publisher.put(FILE, OTHER + OTHER, tag="", cuts=[400_000, 0, 0, 0]))
    refused(entry)
    publisher.put(FILE, DATA, tag="")
    assert fetched(entry) == DATA


@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_the_server_asks(publisher, status):
    assert fetched(entry_of(publisher.put(FILE, DATA, answers=[(status, {"Retry-After": "1"})]))) == DATA
    assert 1.0 <= publisher.times[1] - publisher.times[0] < 2.0


def test_it_waits_until_the_time_that_the_server_names(publisher):
    at = formatdate(time.time() + 2, usegmt=True)
    assert fetched(entry_of(publisher.put(FILE, DATA, answers=[(429, {"Retry-After": at})]))) == DATA
    assert 0.9 < publisher.times[1] - publisher.times[0] < 3.0


def test_pauses_grow(publisher):
    assert fetched(entry_of(publisher.put(FILE, DATA, answers=[500, 502]))) == DATA
    first, second, third = publisher.times
    assert third - second > second - first > HURRY.pause_s


def test_redirections_are_followed(publisher):
    publisher.put("there", DATA)
    url = publisher.put("here", b"", answers=[(302, {"Location": "/there"})])
    assert fetched(entry_of(url)) == DATA


def test_the_proxy_of_the_environment_is_used(publisher, monkeypatch):
    publisher.put(FILE, DATA)
    monkeypatch.setenv("http_proxy", publisher.url(""))
    assert fetched(entry_of(f"http://volumes.example/{FILE}")) == DATA
    assert publisher.proxied == [f"http://volumes.example/{FILE}"]


# ------------------------------------------------------------------ it does not


@pytest.mark.parametrize(
    ("how", "values", "words", "requests"),
    [
        ({"answers": [404]}, {}, "answered 404: it is not there", 1),
        ({"answers": [403]}, {}, "answered 403: it does not allow it", 1),
        ({"answers": [500] * 3}, {}, "failed 3 times: it answered 500. Try again later", 3),
        ({"answers": [(429, {"Retry-After": "600"})]}, {}, "asks to wait for 10 minutes", 1),
        ({"data": OTHER}, {}, "its hash differs", 1),
        ({"data": DATA[:-1]}, {"bytes": len(DATA)}, "a file of 299999 bytes, not the one of 300000 bytes", 1),
        ({"data": DATA + b"x"}, {"bytes": len(DATA)}, "a file of 300001 bytes, not the one of 300000 bytes", 1),
        ({"data": DATA + b"x", "says_length": 0}, {"bytes": len(DATA)}, "more than the 300000 bytes", 1),
        ({"says_length": 200_000}, {}, "its hash differs", 1),
        ({"data": b"<html>Log in", "kind": "text/html"}, {}, "log in first", 1),
        ({"data": b"<html>Log in", "kind": "Text/HTML; charset=utf-8"}, {"sha256": None}, "log in first", 1),
    ],
    ids=[
        "404", "403", "500 for ever", "wait too long", "wrong bytes", "shorter", "longer", "longer, length unsaid",
        "length too small", "log-in page", "log-in page, no hash",
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_said_and_removed(publisher, how, values, words, requests):
    entry = entry_of(publisher.put(FILE, **{"data": DATA, **how}), **values)
    assert words in refused(entry)
    assert left_behind() == []
    assert len(publisher.asked) == requests
    publisher.put(FILE, DATA)
    assert fetched(entry) == DATA, "it does not heal"


def test_a_length_that_is_too_large_is_a_cut(publisher):
    entry = entry_of(publisher.put(FILE, DATA, ranges=False, says_length=400_000))
    assert "the connection was cut" in refused(entry)


def test_a_server_that_stalls_for_ever_is_given_up_in_time(publisher):
    entry = entry_of(publisher.put(FILE, DATA, stalls=[50_000, 0, 0, 0]), bytes=len(DATA))
    began = time.monotonic()
    said = refused(entry)
    assert time.monotonic() - began < 4
    assert "failed 3 times: nothing came for" in said
    assert "(50 kB) is kept: try again, and it goes on from there" in said
    assert parts() == [DATA[:50_000]]


def test_no_network_is_said_in_one_sentence_soon(publisher):
    began = time.monotonic()
    said = refused(entry_of("http://127.0.0.1:1/head.nii.gz", how="copy it from the library"))
    assert time.monotonic() - began < 1
    assert said == (
        "127.0.0.1:1 could not be reached: no connection could be made. Check the network, and the proxy if there is "
        "one. Or copy it from the library."
    )


def test_a_proxy_that_is_not_there_is_named(publisher, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert "the proxy did not answer (see HTTPS_PROXY" in refused(entry_of("http://volumes.example/x"))


def test_a_name_and_password_in_an_address_are_not_said(publisher):
    said = refused(entry_of("http://me:secret@127.0.0.1:1/head"))
    assert "secret" not in said
    assert "me:" not in said


def test_a_redirection_in_a_circle_ends(publisher):
    url = publisher.put("round", b"", answers=[(302, {"Location": "/round"})] * 200)
    assert "circle" in refused(entry_of(url))


def test_offline_it_says_who_forbids_it(publisher, monkeypatch):
    monkeypatch.setenv("VASCULAR_LOOP_OFFLINE", "1")
    assert "VASCULAR_LOOP_OFFLINE forbids to download it" in refused(entry_of(publisher.put(FILE, DATA)))
    assert publisher.asked == []


def test_what_is_too_large_is_never_asked_for(publisher):
    entry = entry_of(publisher.put(FILE, DATA), pointer=True, bytes=12_377_712_640)
    assert "too large (12.4 GB)" in refused(entry)
    assert publisher.asked == []


def test_a_full_disk_is_said_before_anything_is_asked_for(publisher):
    said = refused(entry_of(publisher.put(FILE, DATA), bytes=1 << 60))
    assert "make room" in said
    assert publisher.asked == []


def test_a_folder_that_can_not_be_written_is_named(publisher, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("VASCULAR_LOOP_SAMPLES", str(tmp_path / "file" / "below"))
    with pytest.raises(DownloadError, match="could not be written"):
        fetch_sample(entry_of(publisher.put(FILE, DATA)), patience=HURRY)


# ------------------------------------------------------------------ progress, and an end


def test_progress_grows_over_a_cut_to_the_end(publisher):
    told: list[float] = []
    fetch_sample(entry_of(publisher.put(FILE, DATA, cuts=[100_000])), told.append, patience=HURRY)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert any(0.3 < one < 0.4 for one in told)


def test_two_windows_do_not_write_into_one_part(publisher):
    entry = entry_of(publisher.put(FILE, DATA, trickle_s=0.005))
    with ThreadPoolExecutor(1) as other:
        first = other.submit(fetched, entry)
        while not parts():
            time.sleep(0.01)
        with pytest.raises(DownloadError, match="already, in another window"):
            fetch_sample(entry, patience=HURRY)
        assert first.result() == DATA
    assert left_behind() == [FILE]


@pytest.mark.parametrize("when", ["in the middle", "while it stalls", "while it waits"])
def test_it_ends_when_told_and_goes_on_another_time(publisher, when):
    how: dict[str, Any] = {
        "in the middle": {"trickle_s": 0.01},
        "while it stalls": {"stalls": [60_000]},
        "while it waits": {"answers": [(429, {"Retry-After": "60"})]},
    }[when]
    entry = entry_of(publisher.put(FILE, DATA, **how), bytes=len(DATA))
    began = time.monotonic()

    def stop_soon(_done: float) -> None:
        if time.monotonic() - began > 0.3:
            raise ReadCancelledError("enough")

    with pytest.raises(ReadCancelledError):
        fetch_sample(entry, stop_soon, patience=Patience(silence_s=30))
    assert time.monotonic() - began < 1.0
    assert not (samples_folder() / FILE).exists()
    (so_far,) = parts() or [b""]
    assert DATA.startswith(so_far)
    assert bool(so_far) == (when != "while it waits")
    publisher.put(FILE, DATA)
    publisher.asked.clear()
    assert fetched(entry) == DATA
    assert publisher.ranges == [f"bytes={len(so_far)}-" if so_far else ""]
