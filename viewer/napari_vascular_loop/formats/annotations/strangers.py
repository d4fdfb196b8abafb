"""Members of other programs that an annotation brought along from its file, and that only such a file can hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.formats.annotations import web_annotation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation


def with_strangers(annotations: Sequence[Annotation]) -> tuple[Annotation, ...]:
    """Give those annotations that hold more than this program knows of."""
    held = tuple(annotation for annotation in annotations if annotation.foreign)
    bare = tuple(replace(annotation, foreign={}) for annotation in held)
    pairs = zip(held, _items(held), _items(bare), strict=True)
    return tuple(annotation for annotation, more, known in pairs if not _is_part(more, known))


def _items(annotations: tuple[Annotation, ...]) -> list[Any]:
    return list(json.loads(web_annotation.encode(annotations))["first"]["items"])


def _is_part(some: Any, known: Any) -> bool:
    """Whether all that one value says stands in another."""
    if isinstance(some, dict) and isinstance(known, dict):
        return all(key in known and _is_part(value, known[key]) for key, value in some.items())
    if isinstance(some, list) and isinstance(known, list):
        return len(some) == len(known) and all(map(_is_part, some, known))
    return bool(some == known)
