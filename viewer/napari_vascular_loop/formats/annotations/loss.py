"""What does not fit into another program's file, in words: no export or import leaves something out in silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation


@dataclass(frozen=True)
class Loss:
    """Something that a file can't hold, or that a file holds and an annotation can't.

    Parameters
    ----------
    words : str
        What, in words: "its grade (severe)".
    annotation_id : str
        Of which annotation; "" where it is true of the whole file.
    title : str
        How people know that annotation.
    """

    words: str
    annotation_id: str = ""
    title: str = ""

    @classmethod
    def of(cls, annotation: Annotation, words: str) -> Loss:
        """Say what of an annotation does not fit."""
        return cls(words, annotation.id, annotation.title)


def loss_lines(losses: Sequence[Loss]) -> list[str]:
    """Say the same of several annotations once, in the order in which it first came up."""
    titles: dict[str, list[str]] = {}
    for loss in losses:
        titles.setdefault(loss.words, []).append(loss.title)
    lines = []
    for words, some in titles.items():
        named = [title for title in some if title]
        of = f" (of {len(named)} marks)" if len(named) > 3 else f" ({', '.join(named)})" if named else ""
        lines.append(words + of)
    return lines
