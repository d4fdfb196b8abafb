"""Slides as values: what each says and shows, without a word of how a file of them is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_vascular_loop.export.figure import Figure


@dataclass(frozen=True)
class Slide:
    """A slide with a figure.

    Parameters
    ----------
    title : str
        Above it.
    figure : Figure
        Its marks and labels become shapes that can be edited.
    text : str
        Beside the figure.
    notes : str
        For the speaker.
    """

    title: str
    figure: Figure
    text: str
    notes: str


@dataclass(frozen=True)
class Deck:
    """All slides of a lecture.

    Parameters
    ----------
    title, subtitle : str
        Of the first slide.
    objectives : tuple of str
        What students will be able to do.
    slides : tuple of Slide
        In order.
    references, credits : tuple of str
        For the last slides.
    is_dark : bool
        White on black.
    language : str
        BCP 47.
    """

    title: str
    subtitle: str
    objectives: tuple[str, ...]
    slides: tuple[Slide, ...]
    references: tuple[str, ...]
    credits: tuple[str, ...]
    is_dark: bool = True
    language: str = "en"
