"""Words that name nobody: those of the DICOM standard itself, and of MR scanning."""

from __future__ import annotations

import re
from functools import cache

from pydicom._dicom_dict import DicomDictionary
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

_MR = frozenset(
    re.findall(
        r"\S+",
        """
    2d 3d adc agit ai angio arterial ax axial b0 b1000 bilateral black blood bold bone brain bravo bright
    brainstem canal cervical cholesteatoma ciss contrast cor coronal cpa cranial csf cube derived diff diffusion
    dti dwi dual dynamic echo ep2d epi fast fat fatsat fiesta fl2d fl3d flair flash fov fs fse gad gadolinium gd
    gradient gre haste head high hires iac image in inner internal inversion iso isotropic left loc localizer m
    mean mip minip mpr mprage mr mra mri mrv multi nd neck nerve norm normalized original orbit other out pc pd
    perfusion phase post pre primary proton qsm ratio reformat resolution right rl sag sagittal scout se
    secondary sense sequence shim space spc spgr spin ssfp stir survey swan swi t1 t1w t2 t2star t2w tense tfe
    thick thin time tir tirm tof tra trace transverse tru truefisp tse turbo upper venous vessel vibe vista
    weighted wip without with w wo whole
    """,
    )
)
_TERMS = frozenset(
    re.findall(
        r"\S+",
        """
    anon cg col cr ct dis2d dis3d dx ec ep es fa fc ffdl ffdr ffp ffs ffdp gr gsps hfdl hfdr hfp hfs ir mg mp
    mtc nm no none osp ot per pfp pff ppg pt px rg rm rgb row rtimage sc seg sk sp sr ss trss us xa xc yes ybr
    unspecified
    """,
    )
)
"""Defined terms that are no words (PS3.3 C.7.6, C.8.3)."""

_LONGEST_NUMBER = 3
_MOST_LETTERS = 2


@cache
def standard_words() -> frozenset[str]:
    """Words of the names of the standard's attributes, in small letters."""
    names = (str(entry[2]) for entry in DicomDictionary.values())
    return frozenset(word for name in names for word in re.findall(r"[a-z]+", name.lower())) | _MR


def is_term(value: str) -> bool:
    """Whether a coded string consists of the standard's words, single letters and short numbers alone."""
    parts = re.findall(r"[a-z]+|\d+", value.lower())
    return sum(len(part) == 1 for part in parts) <= _MOST_LETTERS and all(_is_harmless(part) for part in parts)


def cleaned(text: str) -> str:
    """A description, of which only words of MR scanning and short numbers are left.

    Examples
    --------
    >>> cleaned("t2_ci3d_tra CISS 0.6 Doe 47110815")
    't2 tra CISS 0.6'
    """
    kept = [part for part in re.split(r"[\s_^/\\,;:()]+", text) if part and _is_scanning(part)]
    return " ".join(kept)


def _is_scanning(part: str) -> bool:
    return part.lower() in _MR or re.fullmatch(r"\d{1,2}(\.\d{1,2})?(mm)?", part.lower()) is not None


def _is_harmless(part: str) -> bool:
    return (
        len(part) == 1
        or part in standard_words()
        or part in _TERMS
        or (part.isdigit() and len(part) <= _LONGEST_NUMBER)
    )


@cache
def _meanings() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for scheme in codes.schemes():
        for name in getattr(codes, scheme).dir():
            code = getattr(getattr(codes, scheme), name)
            if isinstance(code, Code):
                found[code.scheme_designator, code.value] = code.meaning
    return found


def meaning_of(scheme: str, value: str) -> str | None:
    """The standard's own words for a code; None for one that the standard does not have."""
    return _meanings().get((scheme, value))
