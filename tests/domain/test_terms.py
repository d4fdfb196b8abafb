"""Codes of structures, typed anew from their sources: a wrong code would name another structure."""

from __future__ import annotations

import pytest

from napari_vascular_loop.domain.terms import (
    STRUCTURES,
    structure_by_id,
    structure_by_iri,
    structure_by_name,
    structure_name,
)

CODES = {
    # name: (UBERON, SNOMED CT, FMA)
    "facial nerve": ("0001647", "56052001", "50868"),
    "facial nerve root": ("0004674", "", ""),
    "vestibulocochlear nerve": ("", "8598002", ""),
    "trigeminal nerve": ("0001645", "", "50866"),
    "anterior inferior cerebellar artery": ("0009689", "", "50544"),
    "posterior inferior cerebellar artery": ("0009688", "", ""),
    "vertebral artery": ("0001535", "85234005", ""),
    "basilar artery": ("0001633", "59011009", "50542"),
    "pons": ("0000988", "", "67943"),
    "medulla oblongata": ("", "", ""),
    "pontomedullary sulcus": ("", "", ""),
    "fourth ventricle": ("", "", ""),
    "anterior commissure": ("", "", ""),
    "posterior commissure": ("", "", ""),
    "pineal gland": ("", "", ""),
    "cerebellopontine cistern": ("", "", ""),
    "flocculus": ("", "", ""),
    "vertebrobasilar junction": ("", "", ""),
    "internal auditory canal": ("", "", ""),
}


def test_codes_are_those_of_the_sources():
    assert {s.name: (s.uberon, s.snomed, s.fma) for s in STRUCTURES} == CODES


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("AICA", "http://purl.obolibrary.org/obo/UBERON_0009689"),
        ("CN VIII", "http://snomed.info/id/8598002"),
        ("medulla", None),
    ],
)
def test_address_of_a_structure(name, iri):
    structure = structure_by_name(name)
    assert structure is not None
    assert structure.iri == iri
    if iri:
        assert structure_by_iri(iri) is structure


def test_no_two_structures_share_a_name_or_an_address():
    names = [name for s in STRUCTURES for name in {n.casefold() for n in (s.id, s.name, *s.synonyms)}]
    assert len(names) == len(set(names))
    addresses = [s.iri for s in STRUCTURES if s.iri]
    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize(
    ("said", "structure_id"),
    [
        ("aica", "aica"),
        (" Aica ", "aica"),
        ("Seventh Cranial Nerve", "facial-nerve"),
        ("facial-nerve", "facial-nerve"),
        ("porus", "internal-acoustic-meatus"),
        ("labyrinthine artery", None),
        ("", None),
    ],
)
def test_a_structure_is_known_by_any_of_its_names(said, structure_id):
    found = structure_by_name(said)
    assert (found.id if found else None) == structure_id


@pytest.mark.parametrize(
    ("structure", "name"),
    [("pons", "pons"), ("facial-nerve-root", "facial nerve root"), ("labyrinthine artery",) * 2, (None, "")],
)
def test_name_for_people(structure, name):
    assert structure_name(structure) == name


def test_free_text_is_no_structure_of_the_table():
    assert structure_by_id("labyrinthine artery") is None
    assert structure_by_id(None) is None
    assert structure_by_iri("http://purl.obolibrary.org/obo/UBERON_9999999") is None
