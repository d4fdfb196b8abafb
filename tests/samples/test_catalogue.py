"""The catalogue of public volumes."""

from __future__ import annotations

import re

import pytest

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import SampleUnavailableError
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.cpa_anatomy import Compression
from napari_vascular_loop.samples.cpa_scan import Sequence

ENTRIES = load_catalogue().entries


def test_entries():
    assert [(entry.id, entry.synthetic) for entry in ENTRIES][:2] == [("colin27", False), ("synthetic-stand-in", True)]
    assert {entry.id for entry in ENTRIES[2:]} == {
        f"synthetic-cpa-{compression}-{sequence}" for compression in Compression for sequence in Sequence
    }
    assert all(entry.synthetic for entry in ENTRIES[2:])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_every_entry_says_whose_it_is_and_how_to_get_it(entry):
    assert entry.title
    assert entry.licence
    assert entry.credit
    assert ("SYNTHETIC" in entry.title) is entry.synthetic
    assert all(variant.content or variant.computed or variant.url or variant.how for variant in entry.variants)
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
