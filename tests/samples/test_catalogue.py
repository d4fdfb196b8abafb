"""The catalogue of public volumes."""

from __future__ import annotations

import re

import pytest

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import SampleUnavailableError
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.cpa_anatomy import Compression
from napari_vascular_loop.samples.cpa_scan import Sequence
from napari_vascular_loop.samples.dicom_crop import source_files

ENTRIES = load_catalogue().entries


def test_entries():
    assert [(entry.id, entry.synthetic) for entry in ENTRIES][:2] == [("colin27", False), ("synthetic-stand-in", True)]
    assert {entry.id for entry in ENTRIES if entry.synthetic} == {
        "synthetic-stand-in",
        *(f"synthetic-cpa-{compression}-{sequence}" for compression in Compression for sequence in Sequence),
    }
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES)
    files = [variant.file for entry in ENTRIES for variant in entry.variants]
    assert len(set(files)) == len(files), "one would take the other's place"
    assert all(re.fullmatch(r"[A-Za-z0-9][\w.-]*", file) for file in files), "a name that could be a path"


def test_it_says_that_nobody_has_tried_and_that_no_patient_is_among_them():
    assert not any(variant.verified for entry in ENTRIES for variant in entry.variants)
    assert "No public MRI data set of hemifacial spasm was found" in load_catalogue().notes[0]


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.can_be_downloaded], ids=lambda entry: entry.id)
def test_what_is_downloaded_is_checked_by_a_hash_or_its_structure(entry):
    for variant in entry.variants:
        assert not variant.can_be_downloaded or variant.is_known or variant.member, variant.name
    assert entry.shows
    assert entry.page.startswith("https://")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("ciss schwannoma", {"vs-seg-023-ciss"}),
        ("LAUSANNE", {"ds003949-sub-000"}),
        ("time of flight 1.5 t cc", {"tof-aica-loop", "ds005096-sub-000"}),
        ("left sindou", {"ds005713-sub-016", "ds005713-sub-029"}),
        ("no such thing", set()),
    ],
)
def test_search_finds_what_holds_all_words(text, ids):
    assert {entry.id for entry in load_catalogue().search(text)} == ids


def test_nothing_to_search_for_gives_all():
    assert load_catalogue().search("  ") == ENTRIES


def test_the_series_of_the_loop_is_106_files_of_615_kb():
    files = source_files(load_catalogue().entry("tof-aica-loop").variants[0].crop)
    assert len(files) == 106
    assert all(600_000 < file.bytes < 630_000 for file in files)
    assert len({file.sha256 for file in files}) == 106
    assert load_catalogue().entry("tof-aica-loop").download_bytes == sum(file.bytes for file in files)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_every_entry_says_whose_it_is_and_how_to_get_it(entry):
    assert entry.title
    assert entry.licence
    assert entry.credit
    assert ("SYNTHETIC" in entry.title) is entry.synthetic
    assert all(
        variant.content or variant.computed or variant.url or variant.crop or variant.how for variant in entry.variants
    )
    hashes = [h for variant in entry.variants for h in (variant.sha256, variant.archive_sha256) if h]
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes)
    shipped = [variant.content for variant in entry.variants if variant.content]
    assert all((content_folder("sample_data") / one).is_file() for one in shipped)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(SampleUnavailableError, match="no volume 'ixi'; it has colin27, synthetic-stand-in, "):
        load_catalogue().entry("ixi")


def test_missing_content_is_a_damaged_installation():
    with pytest.raises(FileNotFoundError, match="install the package again"):
        content_folder("no_such_folder")
