"""Structures: the names and codes that an annotation may carry.

Codes were taken over one by one from the sources named beside them; a structure for which no code was found in
them has none, rather than a guess.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Tissue(enum.StrEnum):
    """What a structure is made of: it decides the colour of its marks."""

    NERVE = "nerve"
    ARTERY = "artery"
    BRAIN = "brain"
    BONE = "bone"
    FLUID = "fluid"


@dataclass(frozen=True)
class Structure:
    """A named structure.

    Parameters
    ----------
    id : str
        Short name used inside this program.
    name : str
        For people.
    tissue : Tissue
        What it is made of.
    synonyms : tuple of str
        Other names in use.
    uberon, snomed, fma : str
        Codes, or "".
    """

    id: str
    name: str
    tissue: Tissue
    synonyms: tuple[str, ...] = ()
    uberon: str = ""
    snomed: str = ""
    fma: str = ""

    @property
    def iri(self) -> str | None:
        """The web address that stands for the structure in a file, or None where it has no code."""
        if self.uberon:
            return f"http://purl.obolibrary.org/obo/UBERON_{self.uberon}"
        if self.snomed:
            return f"http://snomed.info/id/{self.snomed}"
        return None


STRUCTURES: tuple[Structure, ...] = (
    # UBERON: human stages report and bridges of the Uberon project. SNOMED CT: DICOM CID 7706, 12104, 12106.
    Structure(
        "facial-nerve",
        "facial nerve",
        Tissue.NERVE,
        ("CN VII", "seventh cranial nerve"),
        "0001647",
        "56052001",
        "50868",
    ),
    Structure("facial-nerve-root", "facial nerve root", Tissue.NERVE, ("root of the facial nerve", "REZ"), "0004674"),
    Structure(
        "vestibulocochlear-nerve",
        "vestibulocochlear nerve",
        Tissue.NERVE,
        ("CN VIII", "eighth cranial nerve"),
        "",
        "8598002",
    ),
    # FMA and UBERON: list of cranial nerves of the SPARC project's map annotations.
    Structure(
        "trigeminal-nerve", "trigeminal nerve", Tissue.NERVE, ("CN V", "fifth cranial nerve"), "0001645", "", "50866"
    ),
    Structure("aica", "anterior inferior cerebellar artery", Tissue.ARTERY, ("AICA",), "0009689", "", "50544"),
    Structure("pica", "posterior inferior cerebellar artery", Tissue.ARTERY, ("PICA",), "0009688"),
    Structure("vertebral-artery", "vertebral artery", Tissue.ARTERY, ("VA",), "0001535", "85234005"),
    Structure("basilar-artery", "basilar artery", Tissue.ARTERY, ("BA",), "0001633", "59011009", "50542"),
    Structure("pons", "pons", Tissue.BRAIN, (), "0000988", "", "67943"),
    # No code was found in the sources above.
    Structure("medulla-oblongata", "medulla oblongata", Tissue.BRAIN, ("medulla",)),
    Structure("pontomedullary-sulcus", "pontomedullary sulcus", Tissue.BRAIN, ("bulbopontine sulcus",)),
    Structure("fourth-ventricle", "fourth ventricle", Tissue.FLUID),
    Structure("cerebellopontine-cistern", "cerebellopontine cistern", Tissue.FLUID, ("cerebellopontine angle", "CPA")),
    Structure("flocculus", "flocculus", Tissue.BRAIN),
    Structure("vertebrobasilar-junction", "vertebrobasilar junction", Tissue.ARTERY),
    Structure(
        "internal-acoustic-meatus", "internal auditory canal", Tissue.BONE, ("internal acoustic meatus", "IAC", "porus")
    ),
    Structure("anterior-commissure", "anterior commissure", Tissue.BRAIN, ("AC",)),
    Structure("posterior-commissure", "posterior commissure", Tissue.BRAIN, ("PC",)),
    Structure("pineal-gland", "pineal gland", Tissue.BRAIN, ("pineal body", "epiphysis cerebri")),
)

_BY_ID = {structure.id: structure for structure in STRUCTURES}
_BY_IRI = {structure.iri: structure for structure in STRUCTURES if structure.iri}
_BY_NAME = {
    name.casefold(): structure
    for structure in STRUCTURES
    for name in (structure.id, structure.name, *structure.synonyms)
}


def structure_by_id(structure_id: str | None) -> Structure | None:
    """Find a structure of the table; None for free text and for None."""
    return _BY_ID.get(structure_id) if structure_id else None


def structure_by_iri(iri: str) -> Structure | None:
    """Find a structure by the address that stands for it in a file."""
    return _BY_IRI.get(iri)


def structure_by_name(name: str) -> Structure | None:
    """Find a structure by id, name or synonym, whatever the case."""
    return _BY_NAME.get(name.strip().casefold())


def structure_name(structure: str | None) -> str:
    """Name for people: the table's, or the free text itself."""
    known = structure_by_id(structure)
    return known.name if known else (structure or "")
