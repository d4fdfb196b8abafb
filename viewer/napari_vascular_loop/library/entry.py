"""What an index holds of a lesson: its card, the words that it is found by, a small picture, its files."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

import msgspec

from napari_vascular_loop.domain.lesson_about import time_needed, with_licence

MOST_TEXT = 300_000
"""Letters of a lesson's text that are searched."""

MOST_PICTURE = 64_000
"""Bytes of a small picture."""

_LETTERS_OF_A_FIELD = 2_000
_MOST_NAMES = 500
_BAD_IN_A_PATH = re.compile(r"[\\:\x00-\x1f]")


class File(msgspec.Struct, frozen=True, rename="camel"):
    """A file that a lesson consists of.

    Parameters
    ----------
    name : str
        Below the lesson's own folder, with forward slashes; "" of a packed lesson.
    size : int
        In bytes.
    sha256 : str
        Of its bytes.
    """

    name: str
    size: int
    sha256: str


class Card(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What is shown of a lesson in a list.

    Parameters
    ----------
    path : str
        Below the library's folder, with forward slashes: a folder, or a `.vlesson.zip`.
    lesson_id : str
        By which results of study are kept.
    title, audience, licence, credit : str
        As the lesson says them.
    minutes : int or None
        How long it takes.
    structures : tuple of str
        Names of what is marked, each once, in the order of the lesson.
    marks, questions : int
        How many there are.
    synthetic : bool
        Whether all its images are computed.
    problem : str
        Why it can't be read; "" where it can.
    """

    path: str
    lesson_id: str = ""
    title: str = ""
    audience: str = ""
    minutes: int | None = None
    structures: tuple[str, ...] = ()
    licence: str = ""
    credit: str = ""
    marks: int = 0
    questions: int = 0
    synthetic: bool = False
    problem: str = ""

    @property
    def name(self) -> str:
        """What to call it: its title or, where that is not known, its file."""
        return self.title or PurePosixPath(self.path).name

    @property
    def owed_to(self) -> str:
        """Whom it is owed to, and under which licence; the licence alone where nobody is named."""
        return with_licence(self.credit, self.licence) or self.licence

    @property
    def about(self) -> str:
        """How long it takes and for whom it is made, in words."""
        return ", ".join(filter(None, (time_needed(self.minutes), self.audience.strip().rstrip("."))))


class Entry(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """All that an index holds of a lesson.

    Parameters
    ----------
    card : Card
        What is shown.
    names : str
        Names, synonyms and codes of its structures.
    text : str
        Its articles and the words of its marks, without the signs of Markdown.
    picture : bytes
        WebP, small; b"" where there is none.
    files : tuple of File
        What it consists of: what is to be got of a library that lies elsewhere.
    hash : str
        Of the bytes that all this was made of.
    wants : str
        The public volume that its picture waits for.
    """

    card: Card
    names: str = ""
    text: str = ""
    picture: bytes = b""
    files: tuple[File, ...] = ()
    hash: str = ""
    wants: str = ""


def broken(path: str, problem: str, digest: str = "") -> Entry:
    """Give the entry of a lesson that can't be read, which is listed with the reason."""
    return Entry(Card(path, problem=" ".join(problem.split())[:_LETTERS_OF_A_FIELD]), hash=digest)


def is_inside(path: str) -> bool:
    """Whether a path that an index gives stays below the library's folder, on every system."""
    parts = path.split("/")
    return not _BAD_IN_A_PATH.search(path) and all(part.strip(" .") for part in parts)


def checked(entry: Entry) -> Entry:
    """Make an entry that comes from anyone harmless: no path leads out, nothing is longer than it may be."""
    card = entry.card
    if not is_inside(card.path):
        return broken("?", "the index gives a path for this lesson that leads out of the library: not opened")
    if any(file.name and not is_inside(file.name) for file in entry.files):
        return broken(card.path, "the index gives a file of this lesson that leads out of its folder: not opened")
    if any(file.size < 0 or not re.fullmatch("[0-9a-f]{64}", file.sha256) for file in entry.files):
        return broken(card.path, "the index gives a file of this lesson without a size and a hash: not opened")
    card = msgspec.structs.replace(
        card,
        title=one_line(card.title),
        audience=one_line(card.audience),
        licence=one_line(card.licence),
        credit=one_line(card.credit),
        problem=one_line(card.problem),
        structures=tuple(one_line(name) for name in card.structures[:_MOST_NAMES]),
        minutes=card.minutes if card.minutes is not None and 0 < card.minutes < 100_000 else None,
        questions=max(0, card.questions),
        marks=max(0, card.marks),
    )
    return msgspec.structs.replace(
        entry,
        card=card,
        text=entry.text[:MOST_TEXT],
        names=entry.names[:MOST_TEXT],
        picture=entry.picture if len(entry.picture) <= MOST_PICTURE else b"",
        wants="",
    )


def one_line(text: str) -> str:
    """Put a text on one line of no great length, without what can't be printed."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * _LETTERS_OF_A_FIELD])
    return " ".join(kept.split())[:_LETTERS_OF_A_FIELD]


def sha256(*parts: bytes) -> str:
    """Hash bytes, each part for itself."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()
