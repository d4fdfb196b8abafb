"""Names, numbers and dates found again however they are written; and words that are none left alone."""

from __future__ import annotations

import numpy as np
import pytest

from napari_vascular_loop.domain.identifiers import DATE, NAME, NUMBER, PLACE, Identifiers

KNOWN = Identifiers.of(
    names=["MÜLLER-LÜDENSCHEIDT^Jané^Maria", "Young^Al", "Wang^Li", "BRAUN^E", "MUELLERS^Ø", "Yamada^T=山田^太郎"],
    numbers=["ID-0047.11", "123", "QX4711081"],
    dates=["19580312", "20240301101112.5", "not a date"],
    places=["St. Anna Hospital", "MR1"],
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The loop in Mrs Müller-Lüdenscheidt", NAME),
        ("seen in MULLER LUDENSCHEIDT's scan", NAME),
        ("muller_ludenscheidt_t2.nii.gz", NAME),
        ("Jane Muller-Ludenscheidt", NAME),
        ("Muellers", NAME),
        ("bei Herrn Müllers", NAME),
        ("Ms. Mueller-Luedenscheidt", NAME),
        ("Müller-Lüdenscheidts Schlinge", NAME),
        ("Frau Young", NAME),
        ("Mr Li Wang, Mr. Wang", NAME),
        ("患者山田太郎の左", NAME),
        ("MRN4711081", NUMBER),
        ("no. 471 1081", NUMBER),
        ("geb. 12.3.58", DATE),
        ("el 12 de marzo de 1958", DATE),
        ("scan_20240301_T2", DATE),
        ("J. Mueller, no; J. Müller-Lüdenscheidt, yes", NAME),
        ("Al Young had spasms", NAME),
        ("Young, Al", NAME),
        ("Li Wang", NAME),
        ("wang_li", NAME),
        ("patient ID004711", NUMBER),
        ("patient id 00-47 11", NUMBER),
        ("born 12.03.1958", DATE),
        ("born 3/12/1958", DATE),
        ("1958-03-12", DATE),
        ("on 12 March 1958", DATE),
        ("on March 12th, 1958", DATE),
        ("am 12. März 1958", DATE),
        ("scanned 2024 03 01", DATE),
        ("At ST ANNA HOSPITAL", PLACE),
    ],
)
def test_found_however_it_is_written(text, kind):
    (found, *_) = KNOWN.search(text)
    assert found.kind == kind
    assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A young woman with a loop of the AICA near the root of the facial nerve",
        "MR1 of 123 slices, 47 and 11 mm; 12.03.1985",
        "Al and Li; the wangle; Annas hospital; al-young's",
        "Maria's",
        "MR image of a young patient; MR head; the patient's left; Mr Right",
        "see 1.2.34 and 12/3/59",
        "a doctor of 58 years, section 3.12.19",
    ],
)
def test_what_names_nobody_is_left_alone(text):
    found = [one for one in KNOWN.search(text) if text[one.start : one.end].casefold() not in ("maria", "al-young")]
    assert found == []


def test_nothing_of_it_can_be_read_again():
    other = Identifiers.of(names=["MÜLLER-LÜDENSCHEIDT^Jané^Maria"])
    assert not set(other.kinds) & set(KNOWN.kinds), "salted"
    for text in (repr(KNOWN), str(KNOWN), str(dict(KNOWN.kinds))):
        assert "ller" not in text.lower()
    assert len(Identifiers()) == 0
    assert Identifiers().search("Müller") == ()


def test_a_volume_as_large_as_a_head_may_show_a_face():
    from napari_vascular_loop.domain.face import may_show_face
    from napari_vascular_loop.domain.space import Grid

    fine = np.diag((-0.5, 1.0, 2.0, 1.0))
    assert may_show_face(Grid((320, 180, 90), fine))
    assert not may_show_face(Grid((320, 180, 30), fine)), "a slab"
    assert not may_show_face(Grid((160, 180, 90), fine))
