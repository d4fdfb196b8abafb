"""What does not fit into another program's file, in words: no export or import leaves something out in silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

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


class AlreadyThere(Loss):
    """A mark that did not come in, since the lesson has the same: nothing is lost, and that one stays as it is."""


def already_there(losses: Iterable[Loss]) -> list[Loss]:
    """Those that are none: by `annotation_id` the marks of the lesson that a file holds too."""
    return [loss for loss in losses if isinstance(loss, AlreadyThere)]


def already_there_words(losses: Iterable[Loss]) -> str:
    """Say how many marks the lesson had already; "" where it had none.

    Examples
    --------
    >>> already_there_words([AlreadyThere("the same mark"), AlreadyThere("the same mark")])
    '2 marks were in the lesson already and stay as they are'
    """
    count = len(already_there(losses))
    if count == 1:
        return "1 mark was in the lesson already and stays as it is"
    return f"{count} marks were in the lesson already and stay as they are" if count else ""


def losses_proper(losses: Iterable[Loss]) -> list[Loss]:
    """What is really left out."""
    return [loss for loss in losses if not isinstance(loss, AlreadyThere)]


def loss_lines(losses: Iterable[Loss]) -> list[str]:
    """Say the same of several annotations once, in the order in which it first came up. Not those that are none."""
    some_losses = losses_proper(losses)
    values: dict[str, set[str]] = {}
    for loss in some_losses:
        values.setdefault(_what(loss), set()).add(loss.words)
    titles: dict[str, list[str]] = {}
    for loss in some_losses:
        # What has another value in each mark is said without it.
        words = loss.words if len(values[_what(loss)]) == 1 else _what(loss)
        titles.setdefault(words, []).append(loss.title)
    lines = []
    for words, some in titles.items():
        named = [title for title in some if title]
        of = f" (of {len(named)} marks)" if len(named) > 3 else f" ({', '.join(named)})" if named else ""
        lines.append(words + of)
    return lines


def _what(loss: Loss) -> str:
    """What does not fit, without its value."""
    return loss.words.partition(" (")[0] if loss.annotation_id else loss.words


def lost_views(annotations: Iterable[Annotation]) -> tuple[Loss, ...]:
    """Tell of the marks of which it is said how they are to be looked at, for a format that can't hold it."""
    return tuple(
        Loss.of(annotation, f"how it is to be looked at ({annotation.view.words})")
        for annotation in annotations
        if annotation.view is not None and annotation.view.words
    )
