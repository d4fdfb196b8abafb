"""What is written below a figure, and its description for who can't see it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.measure import words_of
from napari_vascular_loop.export.figure_furniture import bar_length_mm, is_synthetic, position_words
from napari_vascular_loop.export.figure_text import Paragraph
from napari_vascular_loop.formats.markdown import parse_markdown, plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.article import Passage
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.export.figure_panel import Panel
    from napari_vascular_loop.export.figure_style import FigureStyle

NOT_FOR_DIAGNOSIS = "For teaching, not for diagnosis."
SYNTHETIC = "SYNTHETIC: a computed picture, not an image of a person."
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”\u2019)]*\s+(?=[\"'“\u2018(]?[A-Z0-9À-Þ])")
_MOST_WORDS = 45
_SAME_FROM = 0.6
_TEXT_POINTS, _SMALL_POINTS = 8.0, 6.5


def caption_paragraphs(lesson: Lesson, panels: Sequence[Panel], style: FigureStyle) -> list[Paragraph]:
    """What stands below, paragraph by paragraph."""
    out = []
    if any(is_synthetic(panel) for panel in panels):
        out.append(Paragraph("", _TEXT_POINTS, style.warning_ink, SYNTHETIC))
    shown: dict[str, list[Panel]] = {}
    for panel in panels:
        shown.setdefault(panel.plan.annotation.id, []).append(panel)
    for of_mark in shown.values():
        mark = of_mark[0].plan.annotation
        letters = ", ".join(panel.letter for panel in of_mark if panel.letter) if len(shown) > 1 else ""
        lead = f"{letters}: {_title(mark)}" if letters else _title(mark)
        out.append(Paragraph(said_of(lesson, mark), _TEXT_POINTS, style.ink, _ended(lead)))
    out.append(Paragraph(_how(lesson, panels, style), _SMALL_POINTS, style.faint_ink))
    credit = _credit(lesson, panels)
    if credit:
        out.append(Paragraph(credit, _SMALL_POINTS, style.faint_ink))
    return out


def caption_text(lesson: Lesson, panels: Sequence[Panel], style: FigureStyle) -> str:
    """All that stands below, as plain text, a line for each paragraph."""
    return "\n".join(f"{one.lead} {one.text}".strip() for one in caption_paragraphs(lesson, panels, style))


def said_of(lesson: Lesson, mark: Annotation) -> str:
    """The note of a mark, and of the sentences of the article that it is tied to the one that tells most of it."""
    said = [_ended(" ".join(mark.note.split()))] if mark.note.strip() else []
    about = _content(f"{words_of(mark)} {mark.note}")
    fitting = [one for one in sentences_about(lesson, mark) if not any(_alike(one, other) for other in said)]
    if fitting:
        # The one that tells most of this mark; a caption is no article.
        best = max(fitting, key=lambda one: len(about & _content(one)) / (4 + len(_content(one))))
        if len(best.split()) <= _MOST_WORDS:
            said.append(_ended(best))
    # What the whole figure says anyway is not said twice.
    text = " ".join(said)
    for again in _SENTENCE_END.split(lesson.notice):
        if again:
            text = text.replace(again, "")
    return " ".join(text.split())


def sentences_about(lesson: Lesson, mark: Annotation) -> list[str]:
    """The sentences of the article that a mark is tied to, as :func:`sentences_of` gives them."""
    return [one for passage in mark.passages for one in sentences_of(lesson.article, passage)]


def sentences_of(article: str, passage: Passage) -> list[str]:
    """The whole sentences of an article in which a passage stands, without mark-up; none where it is not found."""
    exact = " ".join(plain_text(passage.exact).split())
    before = " ".join(passage.prefix.split())[-12:]
    found: list[tuple[bool, str, int]] = []
    for block in parse_markdown(article):
        text = " ".join("".join(run.text for run in block.runs).split())
        at = text.find(exact)
        if exact and at >= 0 and block.kind != "heading":
            found.append((bool(before) and text[:at].rstrip().endswith(before.strip()), text, at))
    if not found:
        return []
    _, text, at = max(found, key=lambda one: one[0])
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    starts = [0, *ends]
    stops = [*ends, len(text)]
    return [
        text[start:stop].strip()
        for start, stop in zip(starts, stops, strict=True)
        if start < at + len(exact) and stop > at
    ]


def alt_text(lesson: Lesson, panels: Sequence[Panel]) -> str:
    """What is to be seen, for who can't see it: planes, marks and where they lie in the picture."""
    said = []
    for panel in panels:
        plan, field = panel.plan, panel.field
        begin = f"Panel {panel.letter}: " if panel.letter else ""
        kind = "Computed slice" if is_synthetic(panel) else "Slice of a brain scan"
        position = position_words(panel, with_title=len(lesson.volumes) > 1)
        if len(lesson.volumes) == 1:
            position = position[:1].lower() + position[1:]
        seen = f"{field.width_mm:.0f} by {field.height_mm:.0f} mm"
        said.append(f"{begin}{kind}, {seen}: {position}. {_mark_words(panel)}")
        if plan.volume.provenance.orientation_known:
            letters = plan.cut.letters
            names = {"R": "right", "L": "left", "A": "front", "P": "back", "S": "head end", "I": "foot end"}
            said.append(f"The patient's {names[letters['right'][0]]} is on the right of the picture.")
        said.append(f"Scale bar {bar_length_mm(panel):g} mm.")
    return " ".join(said)


def _mark_words(panel: Panel) -> str:
    mark = panel.plan.annotation
    name = words_of(mark) or mark.title
    if panel.plan.midline is not None:
        return f"The same place as that of {name}, on the other side."
    tip = panel.sheet_from_ras([panel.plan.anchor_ras_mm])[0]
    where = _where(panel, float(tip[0]), float(tip[1]))
    match mark.geometry.kind:
        case "arrow":
            tail = panel.sheet_from_ras([mark.geometry.vertices_ras_mm[0]])[0]
            across = "left" if tail[0] < tip[0] else "right"
            down = "below" if tail[1] > tip[1] else "above"
            steep = abs(tail[1] - tip[1]) > 2.4 * abs(tail[0] - tip[0])
            flat = abs(tail[0] - tip[0]) > 2.4 * abs(tail[1] - tip[1])
            from_ = down if steep else f"the {across}" if flat else f"{down} on the {across}"
            return f"An arrow from {from_} points at {name}, {where}."
        case "path":
            return f"A line follows {name}, {where}."
        case "region":
            return f"An outline encloses {name}, {where}."
        case _:
            return f"A mark shows {name}, {where}."


def _where(panel: Panel, x_mm: float, y_mm: float) -> str:
    across = (x_mm - panel.box.left) / panel.box.width
    down = (y_mm - panel.box.top) / panel.box.height
    columns = "left" if across < 0.4 else "right" if across > 0.6 else ""
    rows = "upper" if down < 0.4 else "lower" if down > 0.6 else ""
    if rows and columns:
        return f"in the {rows} {columns} of the picture"
    if rows or columns:
        return f"in the {rows or columns} part of the picture"
    return "in the middle of the picture"


def _how(lesson: Lesson, panels: Sequence[Panel], style: FigureStyle) -> str:
    said = []
    midline = next((panel.plan.midline for panel in panels if panel.plan.midline is not None), None)
    if midline is not None:
        other = [panel.letter for panel in panels if panel.plan.midline is not None]
        said.append(f"{', '.join(other)}: the same place of the other side, {midline.words}; same window.")
    known = [panel for panel in panels if panel.plan.volume.provenance.orientation_known]
    if len(known) < len(panels):
        said.append("The orientation of this scan is unknown.")
    if any(panel.plan.cut.plane.name != "SAGITTAL" for panel in known):
        side = "right" if style.radiological else "left"
        kind = "Radiological" if style.radiological else "Neurological"
        said.append(f"{kind} view: the patient's left is on the {side}.")
    said += [_ended(lesson.notice)] if lesson.notice.strip() else []
    return " ".join([*said, NOT_FOR_DIAGNOSIS])


def _credit(lesson: Lesson, panels: Sequence[Panel]) -> str:
    said: list[str] = []
    for panel in panels:
        entry = panel.plan.entry
        whose = [part for part in (entry.credit, entry.licence) if part]
        if whose and (words := f"Image: {'; '.join(whose)}.") not in said:
            said.append(words)
    text_by = lesson.credit if ":" in lesson.credit else f"Text and marks: {lesson.credit}" if lesson.credit else ""
    if "image:" in lesson.credit.casefold():
        # It names the image, too.
        said = []
    own = "; ".join(part.rstrip(".") for part in (text_by, lesson.licence) if part)
    said += [f"{own}."] if own else []
    return " ".join(said)


def _title(mark: Annotation) -> str:
    return words_of(mark) if words_of(mark).strip("…") else mark.title


def _ended(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


def _content(text: str) -> set[str]:
    """Words of a text that say something."""
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 2}


def _alike(one: str, other: str) -> bool:
    a, b = _content(one), _content(other)
    return len(a & b) >= _SAME_FROM * min(len(a), len(b)) if a and b else False
