"""Text written for Typst: nothing that a teacher types is taken for its commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.formats.markdown import Run

_SPECIAL = frozenset("\\#$*_`<>@=-+/[]~'\"{}()")

_SET_UP = """
#set document(title: "{title}")
#set text(font: ("Libertinus Serif",), size: 10.5pt, lang: "{language}")
#set par(justify: true, leading: 0.66em, spacing: 0.95em)
#set page(
  paper: "{paper}", margin: (x: 18mm, top: 20mm, bottom: 20mm), numbering: "1",
  footer: context [
    #set text(8pt, fill: luma(90))
    {foot} #h(1fr) #counter(page).display("1 / 1", both: true)
  ],
)
#set heading(numbering: none)
#show heading.where(level: 1): set text(14pt)
#show heading.where(level: 2): set text(11.5pt)
#show heading: set block(above: 1.3em, below: 0.7em)
#show link: set text(fill: rgb("#1a4f8b"))
#let title-block(name, who) = [
  #block(below: 0.9em)[#set par(leading: 0.4em, justify: false); #text(22pt, weight: "bold")[#name]]
  #text(fill: luma(80))[#who]
  #v(0.6em)
]
#let notice(words) = block(width: 100%, inset: 7pt, stroke: 0.7pt + rgb("#a33"))[#text(weight: "bold")[#words]]
#let objectives(..all) = block(width: 100%, inset: 9pt, fill: luma(242), radius: 2pt)[
  *When you have read this, you can*
  #list(..all)
]
#let plate(file, width, alt, words) = figure(
  image(file, width: width, alt: alt),
  caption: words, kind: image,
)
#show figure.caption: it => align(left)[
  #set text(9pt)
  #set par(justify: false, leading: 0.55em)
  #text(weight: "bold")[#it.supplement #context it.counter.display(it.numbering).] #it.body
]
#show figure: set block(breakable: false, above: 1.2em, below: 1.4em)
#let numbered(..all) = enum(spacing: 0.8em, ..all)
"""


def escaped(text: str) -> str:
    r"""Text as Typst's markup, in one line.

    Examples
    --------
    >>> escaped("3 * 4 # no [command]")
    '3 \\* 4 \\# no \\[command\\]'
    """
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in " ".join(text.split()))


def inline(runs: Iterable[Run]) -> str:
    """Runs of an article as markup: bold, italics, code, links."""
    out = []
    for run in runs:
        if run.picture is not None:
            continue
        text = run.text.replace("\n", " ")
        lead, tail = " " * (len(text) - len(text.lstrip())), " " * (len(text) - len(text.rstrip()))
        words = escaped(text)
        if not words:
            out.append(" " if text else "")
            continue
        if run.code:
            words = f'#text(font: "DejaVu Sans Mono", size: 0.85em)[{words}]'
        if run.bold:
            words = f"#strong[{words}]"
        if run.italic:
            words = f"#emph[{words}]"
        if run.href:
            words = f'#link("{quoted(run.href)}")[{words}]'
        out.append(f"{lead[:1]}{words}{tail[:1]}")
    return "".join(out)


def quoted(text: str) -> str:
    """For within double quotes of Typst's code."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def page_set_up(title: str, language: str, paper: str, foot: str) -> str:
    """How pages look, and the blocks that a handout is made of."""
    known = (language or "en").split("-")[0].lower()
    return (
        _SET_UP.replace("{title}", quoted(title))
        .replace("{language}", known if known.isalpha() and len(known) in (2, 3) else "en")
        .replace("{paper}", paper)
        .replace("{foot}", escaped(foot))
    )
