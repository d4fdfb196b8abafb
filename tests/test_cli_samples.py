"""The verbs of `vascular-loop samples`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from publisher import BadPublisher, go_online, publishing, sha256

from napari_vascular_loop.samples import catalogue as catalogue_module
from napari_vascular_loop.samples.catalogue import Catalogue, CatalogueEntry, Variant, load_catalogue
from napari_vascular_loop.samples.checking import check_entries
from napari_vascular_loop.samples.fetch import samples_folder
from napari_vascular_loop.samples.transfer import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadPublisher]:
    go_online(monkeypatch)
    with publishing() as one:
        yield one


def entry_of(entry_id: str, **values) -> CatalogueEntry:
    variant = Variant(**{"name": "a copy", "file": f"{entry_id}.nii", **values})
    return CatalogueEntry(entry_id, f"The {entry_id}", "MR", "CC0", "someone", (variant,))


def use(monkeypatch: pytest.MonkeyPatch, *entries: CatalogueEntry) -> None:
    monkeypatch.setattr(catalogue_module, "load_catalogue", lambda: Catalogue(entries, ("A note.",)))


def test_list_says_what_one_sees_where_it_is_whose_it_is_and_how_large(run):
    said = run("samples", "list", "lausanne").out.splitlines()
    assert said[0] == "ds003949-sub-000: Time of flight, 3 T, control (Lausanne)"
    assert "basilar" in said[1]
    assert said[2].strip() == "not on this computer; can be fetched (28.4 MB)"
    assert said[3].strip() == "OpenNeuro ds003949 (Lausanne), sub-000. Licence: CC0 1.0"
    assert any("No public MRI data set of hemifacial spasm" in line for line in said)
    assert str(samples_folder()) in said[-1]
    assert not any("mrhead" in line for line in said)


def test_list_says_when_nothing_is_found(run):
    assert "No volume of the catalogue holds 'purple cow'" in run("samples", "list", "purple", "cow").out


def test_list_as_json_has_all_that_a_script_needs(run):
    document = run("samples", "list", "--json").document
    one = next(volume for volume in document["volumes"] if volume["id"] == "tof-aica-loop")
    assert (one["licence"], one["verified"], one["path"], one["synthetic"]) == ("CC BY-SA 4.0", False, None, False)
    assert one["download_bytes"] == 65_242_588
    assert len(document["volumes"]) == len(load_catalogue().entries)


def test_fetch_says_where_it_is_now_and_whose(run, publisher, monkeypatch):
    data = b"voxels" * 1000
    use(monkeypatch, entry_of("head", url=publisher.put("head", data), sha256=sha256(data)))
    said = run("samples", "fetch", "head")
    assert said.code == 0
    assert said.out.strip() == str(samples_folder() / "head.nii")
    assert "someone. Licence: CC0" in said.err
    assert run("samples", "path", "head").out == said.out


def test_fetch_fails_in_one_line(run, publisher, monkeypatch):
    use(monkeypatch, entry_of("head", url=publisher.url("nowhere")))
    said = run("samples", "fetch", "head")
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert "answered 404: it is not there" in said.err


def test_path_downloads_nothing(run, publisher, monkeypatch):
    use(monkeypatch, entry_of("head", url=publisher.put("head", b"x")))
    said = run("samples", "path", "head")
    assert said.code == 2
    assert "not on this computer; 'vascular-loop samples fetch head' downloads it" in said.err
    assert publisher.asked == []


def test_inspect_says_whose_a_public_volume_is(run, tmp_path):
    path = run("samples", "path", "synthetic-stand-in").out.strip()
    said = run("inspect", path)
    assert "public volume: credit: napari-vascular-loop, computed" in said.err
    assert "public volume: licence: BSD-3-Clause" in said.err
    (tmp_path / "mine.nii.gz").write_bytes(Path(path).read_bytes())
    assert "licence" not in run("inspect", tmp_path / "mine.nii.gz").err


# ------------------------------------------------------------------ check


def test_check_without_network_says_so_of_each_and_fails(run, monkeypatch):
    said = run("samples", "check")
    lines = said.out.splitlines()
    assert said.code == 1
    assert lines[-1] == f"0 of {len(lines) - 1} addresses give what the catalogue states."
    assert all("NOT CONFIRMED: not tried: VASCULAR_LOOP_OFFLINE is set" in line for line in lines[:-1])
    named = {line.partition(":")[0] for line in lines[:-1]}
    assert named == {e.id for e in load_catalogue().entries if any(v.url or v.crop for v in e.variants)}


def test_check_asks_for_little_and_says_what_no_longer_matches(run, publisher, monkeypatch):
    small, large = b"voxels" * 1000, bytes(9 << 20)
    use(
        monkeypatch,
        entry_of("small", url=publisher.put("small", small), sha256=sha256(small), bytes=len(small)),
        entry_of("changed", url=publisher.put("changed", small[::-1]), sha256=sha256(small), bytes=len(small)),
        entry_of("large", url=publisher.put("large", large), sha256="0" * 64, bytes=len(large)),
        entry_of("grown", url=publisher.put("grown", large + b"x"), sha256="0" * 64, bytes=len(large)),
        entry_of("tagged", url=publisher.put("tagged", large, tag=f'"{"a" * 32}"'), md5="a" * 32, bytes=len(large)),
        entry_of("gone", url=publisher.url("gone")),
        entry_of("page", url=publisher.put("page", b"<html>", kind="text/html")),
        entry_of("down", url="http://127.0.0.1:1/x"),
        entry_of("shipped", content="synthetic/stand_in.nii.gz"),
    )
    document = run("samples", "check", "--json")
    assert document.code == 1
    said = {one["id"]: (one["matches"], one["said"]) for one in document.document["addresses"]}
    assert said == {
        "small": (True, "sha256 and size match"),
        "changed": (False, "its sha256 is another"),
        "large": (True, "size matches (9.4 MB)"),
        "grown": (False, f"it has {len(large) + 1} bytes now, not {len(large)}"),
        "tagged": (True, "size matches (9.4 MB), md5 matches, by the server's word"),
        "gone": (False, "it answered 404"),
        "page": (False, "it answered with a web page instead of the file"),
        "down": (False, "not reached: no connection could be made"),
    }
    assert publisher.ranges.count("bytes=0-3") == 5
    assert not samples_folder().exists()


def test_check_of_some_that_match_succeeds(run, publisher, monkeypatch):
    use(monkeypatch, entry_of("good", url=publisher.put("good", b"abc")), entry_of("bad", url=publisher.url("bad")))
    said = run("samples", "check", "good")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "1 of 1 addresses give what the catalogue states."
    assert run("samples", "check", "bad").code == 1


def test_check_of_a_cut_volume_tries_its_files(publisher, monkeypatch):
    entry = load_catalogue().entry("tof-aica-loop")
    monkeypatch.setenv("VASCULAR_LOOP_TOF_BASE", publisher.url("mirror/"))
    found = list(check_entries((entry,), lambda: None, Patience(silence_s=1)))
    assert [one.said for one in found] == ["it answered 404"] * 2
    assert [path for path, _ in publisher.asked] == ["/mirror/DICOM/IM000000", "/mirror/DICOM/IM000187"]


def test_a_silent_server_is_not_waited_for_long(publisher):
    entry = entry_of("silent", url=publisher.put("silent", b"abcdefgh", stalls=[0]))
    (found,) = check_entries((entry,), lambda: None, Patience(silence_s=0.3))
    assert (found.matches, found.said.startswith("not reached: nothing came")) == (False, True)


def test_entries_survive_being_written_and_read():
    entry = load_catalogue().entry("tof-aica-loop")
    assert msgspec.json.decode(msgspec.json.encode(entry), type=CatalogueEntry) == entry
