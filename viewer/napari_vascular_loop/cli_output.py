"""What the command line prints: answers on stdout, remarks for people on stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

LESSON = "lesson folder, packed lesson, or the name of one that ships with the program"


def say(text: str = "") -> None:
    """Print an answer."""
    sys.stdout.write(f"{text}\n")


def say_json(document: Any) -> None:
    """Print an answer as one JSON document."""
    say(json.dumps(document, indent=2, ensure_ascii=False))


def remark(what: str, lines: Iterable[str]) -> None:
    """Say what a person should know, apart from what scripts read."""
    for line in lines:
        sys.stderr.write(f"  {what}: {line}\n")
