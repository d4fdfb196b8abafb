"""A lesson becomes an Anki deck: a place is shown, its name is asked for; and the teacher's own questions."""

from __future__ import annotations

import hashlib
import html
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.export.figure import FigureStyle
from napari_vascular_loop.export.figure_caption import NOT_FOR_DIAGNOSIS, said_of, sentences_about
from napari_vascular_loop.export.safe_write import replacing_output
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.study.exercise import exercises, name_of
from napari_vascular_loop.taught_lesson import check_ending, taught_lesson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.study.exercise import Exercise
    from napari_vascular_loop.taught_lesson import TaughtLesson

NEEDS_EXTRA = 'Anki cards need genanki: pip install "napari-vascular-loop[anki]"'
_MODEL = 1_606_172_031
_STAMP = 946_684_800.0
_STYLE = """
.card { font-family: Arial, sans-serif; font-size: 18px; text-align: center; color: #111; background: #fff; }
.nightMode.card { color: #eee; background: #111; }
img { max-width: 100%; height: auto; }
.name { font-size: 24px; font-weight: bold; margin: 0.6em 0 0.3em; }
.small { font-size: 12px; color: #777; margin-top: 1em; }
"""
_FRONT = '{{Question}}<br>{{Picture}}<div class="small">{{Foot}}</div>'
_BACK = (
    '{{Question}}<br>{{Labelled}}<div class="name">{{Answer}}</div><div>{{Passage}}</div>'
    '<div class="small">{{Credit}}<br>{{Foot}}</div>'
)


def make_cards(
    lesson: str,
    out: Path,
    *,
    radiological: bool = True,
    despite_names: bool = False,
    progress: Callable[[float], None] = lambda _done: None,
) -> tuple[Path, int, tuple[str, ...]]:
    """Write the Anki deck of a lesson. Brought in again later, its cards are mended, not doubled.

    Parameters
    ----------
    lesson : str
        Folder, packed lesson, or name of one that ships with the program.
    out : Path
        Ends in .apkg.
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
    count : int
        Cards in it.
    remarks : tuple of str
        What was left out.

    Raises
    ------
    FigureError
        If genanki is missing, there is nothing to ask, or the file can't be written.
    PrivacyError
        If the lesson names somebody.
    """
    try:
        import genanki
    except ImportError as error:
        raise FigureError(NEEDS_EXTRA) from error
    check_ending(out, ".apkg", "Anki cards are")
    taught = taught_lesson(lesson, despite_names=despite_names, progress=lambda done: progress(0.2 * done))
    style = FigureStyle(width_mm=110, dpi=150, dark=True, caption=False, radiological=radiological)
    with tempfile.TemporaryDirectory() as aside:
        maker = _Cards(taught, Path(aside), style)
        deck = genanki.Deck(_number(f"deck {taught.lesson.id}"), taught.lesson.title)
        model = genanki.Model(
            _MODEL,
            "Vascular loop: a place in a scan",
            fields=[{"name": one} for one in _FIELDS],
            templates=[{"name": "Card", "qfmt": _FRONT, "afmt": _BACK}],
            css=_STYLE,
        )
        notes = list(maker.notes(lambda done: progress(0.2 + 0.7 * done)))
        if not notes:
            raise FigureError("the lesson has no mark with a name whose volume is here, so there is nothing to ask")
        for key, fields in notes:
            deck.add_note(genanki.Note(model=model, fields=fields, guid=key, tags=[_tag(taught.lesson.id)]))
        package = genanki.Package(deck, media_files=[str(path) for path in maker.media])
        with replacing_output(out) as temporary:
            package.write_to_file(str(temporary), timestamp=_STAMP)
    return out, len(notes), taught.remarks


_FIELDS = ("Question", "Picture", "Answer", "Passage", "Labelled", "Credit", "Foot")


class _Cards:
    def __init__(self, taught: TaughtLesson, folder: Path, style: FigureStyle) -> None:
        self._taught, self._folder, self._style = taught, folder, style
        self._drawn: dict[str, tuple[str, str, str]] = {}
        self.media: list[Path] = []

    def notes(self, progress: Callable[[float], None]) -> Iterator[tuple[str, list[str]]]:
        """Stable key and fields of each note: one to name a place, and one for each of the teacher's questions."""
        lesson = self._taught.lesson
        here = {mark.id for mark in self._taught.marks}
        written = questions_of(lesson)
        ids = {one.id for one in written}
        asked = [one for one in exercises(lesson, written) if one.mark.id in here]
        wanted = [one for one in asked if one.question.id in ids or one.question.kind is QuestionKind.NAME]
        for number, exercise in enumerate(wanted):
            progress(number / len(wanted))
            yield self._note(exercise)

    def _note(self, exercise: Exercise) -> tuple[str, list[str]]:
        mark, lesson = exercise.mark, self._taught.lesson
        without, labelled, credit = self._pictures(mark)
        # A question where something lies is answered by the picture: on the front it would give the answer away.
        front = without if exercise.question.kind is QuestionKind.NAME else ""
        side = exercise.side or mark.side
        said = {Side.LEFT: "the patient's left", Side.RIGHT: "the patient's right", Side.MIDLINE: "midline"}
        name = exercise.name or name_of(mark)
        answer = f"{name} ({said[side]})" if side in said and said[side] not in name else name
        words = " ".join(sentences_about(lesson, mark))
        fields = [
            html.escape(exercise.question.prompt, quote=False),
            front,
            html.escape(answer, quote=False),
            html.escape(words or said_of(lesson, mark), quote=False),
            labelled,
            html.escape(credit, quote=False),
            html.escape(NOT_FOR_DIAGNOSIS, quote=False),
        ]
        # By the mark, not the question's words: a mended question is the same card.
        key = f"{lesson.id} {exercise.question.kind} {exercise.question.id}"
        return hashlib.sha256(key.encode()).hexdigest()[:20], fields

    def _pictures(self, mark: Annotation) -> tuple[str, str, str]:
        """The image with the mark alone, and with its label, as HTML; whom it is owed to."""
        if mark.id not in self._drawn:
            figure = self._taught.figure([mark], self._style)
            stem = f"vascular-loop-{hashlib.sha256(f'{self._taught.lesson.id} {mark.id}'.encode()).hexdigest()[:16]}"
            shown = []
            for name, labels in ((f"{stem}-place.png", False), (f"{stem}-name.png", True)):
                path = self._folder / name
                replace(figure, alt_text="", caption="", title="").save(path, labels=labels)
                self.media.append(path)
                shown.append(
                    f'<img src="{name}" alt="{html.escape(figure.alt_text if labels else "A slice with a mark.")}">'
                )
            self._drawn[mark.id] = (shown[0], shown[1], figure.credit)
        return self._drawn[mark.id]


def _number(text: str) -> int:
    """A number that Anki takes for an id, always the same for a text."""
    return 1 << 30 | int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 2


def _tag(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text) or "lesson"
