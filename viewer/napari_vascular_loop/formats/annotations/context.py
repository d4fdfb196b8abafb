"""The JSON-LD context of annotations.json: W3C's terms, and ours for what W3C has none for.

The same stands in annotations/schema/context.jsonld, for programs of others.
"""

from __future__ import annotations

from typing import Any

OWN_TERMS = "urn:napari-vascular-loop:terms:"
_LIST = {"@container": "@list"}
CONTEXT: list[Any] = [
    "http://www.w3.org/ns/anno.jsonld",
    {
        "loop": OWN_TERMS,
        "schemaVersion": "loop:schemaVersion",
        "ArrowSelector": "loop:ArrowSelector",
        "PointSelector": "loop:PointSelector",
        "PathSelector": "loop:PathSelector",
        "RegionSelector": "loop:RegionSelector",
        "coordinateSystem": "loop:coordinateSystem",
        "unit": "loop:unit",
        "tail": {"@id": "loop:tail", **_LIST},
        "tip": {"@id": "loop:tip", **_LIST},
        "position": {"@id": "loop:position", **_LIST},
        "vertices": {"@id": "loop:vertices", **_LIST},
        "laterality": "loop:laterality",
        "compressionGrade": "loop:compressionGrade",
    },
]
LATER_TERMS: dict[str, Any] = {"view": {"@id": "loop:view", "@type": "@json"}, "shownAs": "loop:shownAs"}
"""Terms that stand in the context of a file that needs them, so that other files stay as they were written before."""


def context_over(old: Any, *needed: str) -> list[Any]:
    """Our terms, and those of others that a file speaks in.

    Parameters
    ----------
    old : object
        The file's @context; None where it has none.
    needed : str
        Those of the later terms that the file needs.
    """
    later = {term: LATER_TERMS[term] for term in needed}
    entries = old if isinstance(old, list) else [old] if old else []
    others = [entry for entry in entries if entry not in CONTEXT and not _is_own(entry)]
    added = {k: v for entry in entries if _is_own(entry) for k, v in entry.items() if k not in CONTEXT[1]}
    return [CONTEXT[0], {**CONTEXT[1], **added, **later}, *others]


def _is_own(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("loop") == OWN_TERMS
