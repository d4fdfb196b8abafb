"""A lesson becomes slides: a slide for each mark, or for each step of its tour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.measure import words_of
from napari_vascular_loop.export.deck import Deck, Slide
from napari_vascular_loop.export.figure import FigureStyle
from napari_vascular_loop.export.figure_caption import said_of, sentences_about
from napari_vascular_loop.formats.markdown import plain_text
from napari_vascular_loop.study.tour import tour_steps
from napari_vascular_loop.taught_lesson import check_ending, taught_lesson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.taught_lesson import TaughtLesson

_WIDTH_MM = 100.0
"""Drawn as small as this and shown twice as large: letters are read from the last row."""


def make_slides(
    lesson: str,
    out: Path,
    *,
    by: str = "mark",
    dark: bool = True,
    radiological: bool = True,
    despite_names: bool = False,
    progress: Callable[[float], None] = lambda _done: None,
) -> tuple[Path, tuple[str, ...]]:
    """Write the slides of a lesson.

    Parameters
    ----------
    lesson : str
        Folder, packed lesson, or name of one that ships with the program.
    out : Path
        Ends in .pptx.
    by : str
        "mark" or "tour".
    dark : bool
        White on black.
    radiological : bool
        Patient's left on the right.
    despite_names : bool
        Whether the lesson may say what its scan's header said of the patient.
    progress : callable
        Told the part that is done, 0 to 1.

    Returns
    -------
    path : Path
        The file.
    remarks : tuple of str
        What was left out.

    Raises
    ------
    FigureError
        If there is nothing to show, python-pptx is missing, or the file can't be written.
    PrivacyError
        If the lesson names somebody.
    """
    from napari_vascular_loop.export.slides import write_slides

    check_ending(out, ".pptx", "slides are")
    taught = taught_lesson(lesson, despite_names=despite_names, progress=lambda done: progress(done * 0.3))
    chosen = _order(taught, by)
    if not chosen:
        raise FigureError("the lesson has no mark whose volume is here, so there is nothing to show")
    slides = []
    style = FigureStyle(width_mm=_WIDTH_MM, dark=dark, caption=False, radiological=radiological)
    for number, (mark, passage) in enumerate(chosen):
        progress(0.3 + 0.6 * number / len(chosen))
        slides.append(_slide(taught, mark, passage, style))
    about = taught.lesson
    deck = Deck(
        about.title,
        ", ".join(about.authors),
        about.objectives,
        tuple(slides),
        taught.references,
        taught.credits,
        dark,
        about.language,
    )
    return write_slides(deck, out), taught.remarks


def _order(taught: TaughtLesson, by: str) -> list[tuple[Annotation, str]]:
    """Marks, each with the words that it is shown for."""
    marks = {mark.id: mark for mark in taught.marks}
    if by == "mark":
        return [(mark, "") for mark in marks.values()]
    steps = [step for step in tour_steps(taught.passages) if step.annotation_id in marks]
    return [(marks[step.annotation_id], taught.article[step.span.start : step.span.end]) for step in steps]


def _slide(taught: TaughtLesson, mark: Annotation, passage: str, style: FigureStyle) -> Slide:
    figure = taught.figure([mark], style)
    text = " ".join(plain_text(passage).split()) or said_of(taught.lesson, mark)
    sentences = sentences_about(taught.lesson, mark)
    notes = "\n\n".join(dict.fromkeys(filter(None, [mark.note.strip(), *sentences, figure.caption, figure.credit])))
    return Slide(words_of(mark) or mark.title, figure, text, notes)
