"""A lesson becomes a handout on paper: the article with its figures, questions with answers, references, credits.

Set by Typst, which comes as one package with its fonts.
"""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.measure import words_of
from napari_vascular_loop.export.figure import FigureStyle
from napari_vascular_loop.export.figure_caption import NOT_FOR_DIAGNOSIS, said_of
from napari_vascular_loop.export.safe_write import replacing_output
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.formats.markdown import parse_markdown
from napari_vascular_loop.study.exercise import exercises
from napari_vascular_loop.taught_lesson import check_ending, taught_lesson
from napari_vascular_loop.typeset import escaped, inline, page_set_up, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.formats.markdown import Block
    from napari_vascular_loop.taught_lesson import TaughtLesson

NEEDS_EXTRA = 'a handout needs Typst: pip install "napari-vascular-loop[handout]"'
PAPERS = {"A4": "a4", "Letter": "us-letter"}
_MOST_PANELS = 3
_VIEW = "view:"


def make_handout(
    lesson: str,
    out: Path,
    *,
    paper: str = "A4",
    plain: bool = False,
    radiological: bool = True,
    despite_names: bool = False,
    progress: Callable[[float], None] = lambda _done: None,
) -> tuple[Path, tuple[str, ...]]:
    """Write the handout of a lesson.

    Parameters
    ----------
    lesson : str
        Folder, packed lesson, or name of one that ships with the program.
    out : Path
        Ends in .pdf.
    paper : str
        "A4" or "Letter".
    plain : bool
        The article in plain words.
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
        If Typst is missing, or the file can't be written.
    PrivacyError
        If the lesson names somebody.
    """
    try:
        import typst
    except ImportError as error:
        raise FigureError(NEEDS_EXTRA) from error
    check_ending(out, ".pdf", "a handout is")
    if paper not in PAPERS:
        raise FigureError(f"paper is {' or '.join(PAPERS)}, not {paper!r}")
    taught = taught_lesson(lesson, plain=plain, despite_names=despite_names, progress=lambda done: progress(0.2 * done))
    with tempfile.TemporaryDirectory() as aside:
        root = Path(aside)
        writer = _Handout(taught, root, FigureStyle(columns=2, caption=False, radiological=radiological, dpi=200))
        source = root / "handout.typ"
        source.write_text(writer.written(PAPERS[paper], lambda done: progress(0.2 + 0.7 * done)), encoding="utf-8")
        stamp: Any = int(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC).timestamp())
        try:
            data = typst.compile(str(source), root=str(root), timestamp=stamp, ignore_system_fonts=True)
        except (RuntimeError, OSError, ValueError) as error:
            raise FigureError(f"the handout could not be set ({error})") from error
    with replacing_output(out) as temporary:
        temporary.write_bytes(data)
    return out, taught.remarks


class _Handout:
    """Writes the source; draws a figure behind the first paragraph that speaks of its marks."""

    def __init__(self, taught: TaughtLesson, root: Path, style: FigureStyle) -> None:
        self._taught, self._root, self._style = taught, root, style
        self._numbers = {mark.id: number for number, mark in enumerate(taught.marks, 1)}
        self._waiting = {mark.id: mark for mark in taught.marks}
        self._figures = 0
        self._progress: Callable[[float], None] = lambda _done: None

    def written(self, paper: str, progress: Callable[[float], None]) -> str:
        """All of the handout."""
        self._progress = progress
        lesson = self._taught.lesson
        parts = [page_set_up(lesson.title, lesson.language, paper, NOT_FOR_DIAGNOSIS), self._head()]
        parts += self._article()
        if self._waiting:
            parts.append("= More images\n")
            parts += self._figures_of(list(self._waiting.values()))
        parts += [self._questions(), self._credits()]
        return "\n".join(parts)

    def _head(self) -> str:
        lesson = self._taught.lesson
        lines = [f"#title-block[{escaped(lesson.title)}][{escaped(', '.join(lesson.authors))}]"]
        if lesson.notice:
            lines.append(f"#notice[{escaped(lesson.notice)}]")
        if lesson.objectives:
            lines.append("#objectives(" + "".join(f"[{escaped(one)}]," for one in lesson.objectives) + ")")
        return "\n".join(lines) + "\n"

    def _article(self) -> Iterator[str]:
        spans = [
            (one.span.start, one.span.end, one.annotation_id) for one in self._taught.passages if one.span is not None
        ]
        blocks = parse_markdown(self._taught.article)
        title = self._taught.lesson.title.casefold()
        for number, block in enumerate(blocks):
            text = "".join(run.text for run in block.runs)
            if block.kind == "heading" and number == 0 and text.strip().casefold() == title:
                continue
            yield self._block(block)
            places = [(run.start, run.start + len(run.text)) for run in block.runs if run.start >= 0]
            first, last = (places[0][0], places[-1][1]) if places else (0, 0)
            about = [mark_id for start, end, mark_id in sorted(spans) if start < last and end > first]
            about += [run.picture[len(_VIEW) :] for run in block.runs if run.picture and run.picture.startswith(_VIEW)]
            marks = [self._waiting[one] for one in dict.fromkeys(about) if one in self._waiting]
            yield from self._figures_of(marks)

    def _block(self, block: Block) -> str:
        words = inline(block.runs)
        match block.kind:
            case "heading":
                return f"\n{'=' * max(1, block.level - 1)} {words}\n"
            case "item":
                indent = "  " * max(0, block.level - 1)
                sign = "-" if block.marker in ("•", "") else "+"
                return f"{indent}{sign} {words}"
            case "code":
                return f"#block(fill: luma(240), inset: 6pt)[{words}]\n"
            case "rule":
                return "#line(length: 100%, stroke: 0.4pt)\n"
        return f"#quote(block: true)[{words}]\n" if block.quoted else f"\n{words}\n"

    def _figures_of(self, marks: Sequence[Annotation]) -> Iterator[str]:
        for start in range(0, len(marks), _MOST_PANELS):
            chosen = marks[start : start + _MOST_PANELS]
            for mark in chosen:
                del self._waiting[mark.id]
            self._figures += 1
            self._progress(1 - len(self._waiting) / max(1, len(self._numbers)))
            style = (
                self._style if len(chosen) > 1 else FigureStyle(**{**vars(self._style), "columns": 1, "width_mm": 88.0})
            )
            figure = self._taught.figure(chosen, style)
            name = f"figure-{self._figures}.png"
            figure.save(self._root / name)
            said = []
            for panel, mark in enumerate(chosen):
                letter = f"{'ABC'[panel]}: " if len(chosen) > 1 else ""
                text = said_of(self._taught.lesson, mark)
                said.append(f"#strong[{letter}{escaped(words_of(mark) or mark.title)}.] {escaped(text)}")
            alt = quoted(figure.alt_text)
            width = f"{figure.size_mm[0] / 174 * 100:.1f}%"
            yield f'#plate("{name}", {width}, "{alt}")[{" ".join(said)}]\n'

    def _questions(self) -> str:
        written = questions_of(self._taught.lesson)
        ids = {one.id for one in written}
        # Those that marks make by themselves point at a place of the scan, which paper does not have.
        asked = [
            one
            for one in exercises(self._taught.lesson, written)
            if one.question.id in ids and one.mark.id in self._numbers
        ]
        if not asked:
            return ""
        prompts = "".join(f"[{escaped(one.question.prompt)}]," for one in asked)
        answers = "".join(
            f"[{escaped(one.name)}{escaped(f', {one.side.value}') if one.side is not None else ''} "
            f"#text(fill: luma(90))[(see {escaped(words_of(one.mark) or one.mark.title)})]],"
            for one in asked
        )
        page = "#pagebreak(weak: true)"
        return f"{page}\n= Questions\n#numbered({prompts})\n{page}\n= Answers\n#numbered({answers})\n"

    def _credits(self) -> str:
        lines = "".join(f"- {escaped(one)}\n" for one in self._taught.credits)
        return f"\n= Credits and licences\n{lines}\n{escaped(NOT_FOR_DIAGNOSIS)}\n"
