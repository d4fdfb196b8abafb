"""How the volumes of a series are told apart: words for the screen, and ids that hold nothing of a patient."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.formats.volumes.dicom.frame import SlicePlane
from napari_vascular_loop.formats.volumes.header_text import described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, Header
    from napari_vascular_loop.formats.volumes.dicom.run import Run

_PLANES = ("sagittal", "coronal", "axial")
_SURE = 0.9
_WORDS = {
    # values of Image Type (PS3.3 section C.7.6.1.1.2 and C.8.13.3.1.1, and vendors' own)
    "M": "magnitude",
    "MAGNITUDE": "magnitude",
    "P": "phase",
    "PHASE": "phase",
    "PHASE MAP": "phase",
    "R": "real",
    "REAL": "real",
    "I": "imaginary",
    "IMAGINARY": "imaginary",
    "ADC": "ADC",
    "FA": "FA",
    "TRACEW": "trace",
    "T1 MAP": "T1 map",
    "T2 MAP": "T2 map",
    "W": "water",
    "WATER": "water",
    "F": "fat",
    "FAT": "fat",
    "IP": "in phase",
    "IN_PHASE": "in phase",
    "OP": "out of phase",
    "OUT_PHASE": "out of phase",
    "OPP_PHASE": "out of phase",
}
_TECHNIQUES = ("_FFE", "_SE", "_IR", "_TSE", "_TFE", "_PCA", "_EPI")
"""Philips writes M_FFE for a magnitude image of a field echo."""


_MODALITIES = frozenset({
    "CR", "CT", "DX", "ES", "IO", "MG", "MR", "NM", "OT", "PT", "PX", "RF", "RG", "RTDOSE", "RTIMAGE", "SC", "SEG",
    "ST", "US", "XA", "XC",
})  # fmt: skip
"""Defined terms of Modality, of what holds images (PS3.3 section C.7.3.1.1.1)."""


def modality_of(header: Header) -> str:
    """Code of the modality; "" where it is none that is known."""
    modality = header.get("Modality")
    return modality if isinstance(modality, str) and modality in _MODALITIES else ""


def descriptions_of(runs: Sequence[Run]) -> list[str]:
    """What to call each volume: the series, and what sets it apart from the others of its series."""
    series: dict[str, list[int]] = defaultdict(list)
    for number, run in enumerate(runs):
        series[run.times[0][0].key[0]].append(number)
    texts = [""] * len(runs)
    for numbers in series.values():
        firsts = [runs[n].times[0][0] for n in numbers]
        labels = [_labels(one, runs[n].kinds) for one, n in zip(firsts, numbers, strict=True)]
        _add_words_of_type(firsts, labels)
        telling = [name for name in _names(labels) if len({one.get(name) for one in labels}) > 1]
        words = [
            ", ".join(filter(None, [_series(first), *(label.get(name, "") for name in telling)]))
            for first, label in zip(firsts, labels, strict=True)
        ]
        seen: Counter[str] = Counter()
        for n, text in zip(numbers, words, strict=True):
            seen[text] += 1
            alike = words.count(text) > 1
            texts[n] = ", ".join(filter(None, [text, f"volume {seen[text]}"])) if alike else text
    return texts


def _series(first: DicomFrame) -> str:
    return described(str(first.header.get("SeriesDescription", "")))


def _names(labels: Sequence[dict[str, str]]) -> list[str]:
    return list(dict.fromkeys(name for one in labels for name in one))


def _labels(first: DicomFrame, kinds: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What might set a volume apart, by kind of difference."""
    plane = first.plane
    labels = {"plane": _plane(plane), "matrix": f"{first.columns} x {first.rows}"}
    echo, echo_ms = first.header.get("EchoNumbers"), first.header.get("EchoTime")
    if isinstance(echo, int):
        labels["echo"] = f"echo {echo}"
    if isinstance(echo_ms, int | float):
        labels["echo time"] = f"TE {echo_ms:.4g} ms"
    labels["spacing"] = f"pixels of {plane.column_spacing_mm:.3g} x {plane.row_spacing_mm:.3g} mm"
    stack = first.key[-1]
    if isinstance(stack, str):
        labels["stack"] = stack
    labels.update(kinds)
    return labels


def _plane(plane: SlicePlane) -> str:
    if not plane.orientation_known:
        return "unknown plane"
    share, name = max(zip(map(abs, plane.normal_lps), _PLANES, strict=True))
    return name if share > _SURE else "oblique"


def _add_words_of_type(firsts: Sequence[DicomFrame], labels: Sequence[dict[str, str]]) -> None:
    """Say those values of Image Type that not all volumes of the series have."""
    types = [[*one.key[3], *filter(None, [one.key[4]])] for one in firsts]
    common = set(types[0]).intersection(*types[1:])
    for own, label in zip(types, labels, strict=True):
        words = [_word(value) for value in own if value not in common and value not in ("", "NONE")]
        if words:
            label["type"] = " ".join(dict.fromkeys(words))


def _word(value: str) -> str:
    for ending in _TECHNIQUES:
        if value.endswith(ending) and value.removesuffix(ending) in _WORDS:
            return _WORDS[value.removesuffix(ending)]
    return _WORDS.get(value, value.lower())


def ids_of(runs: Sequence[Run]) -> list[str]:
    """A short name for each volume, the same for the same files; made from a hash of what sets volumes apart."""
    hashes = [_hash(run) for run in runs]
    seen: Counter[str] = Counter()
    ids = []
    for run, one in zip(runs, hashes, strict=True):
        seen[one] += 1
        name = one if seen[one] == 1 else hashlib.sha256(f"{one}|{seen[one]}".encode()).hexdigest()
        ids.append(f"{modality_of(run.times[0][0].header).lower() or 'dicom'}-{name[:10]}")
    return ids


def _hash(run: Run) -> str:
    first = run.times[0][0]
    plane = first.plane
    parts: list[Any] = [
        first.header.get("SeriesInstanceUID", ""),
        *(part for part in first.key[1:] if not isinstance(part, SlicePlane)),
        *(round(value, 2) + 0.0 for value in (*plane.row_lps, *plane.column_lps)),
        round(plane.row_spacing_mm, 3),
        round(plane.column_spacing_mm, 3),
        *run.kinds,
        len(run.times),
        *sorted({one.sop_instance_uid for some in run.times for one in some}),
    ]
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()
