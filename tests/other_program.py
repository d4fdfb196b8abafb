"""A second program that has a lesson open, for tests of two at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OTHER = """
import sys
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.lessons import open_lesson
store = open_lesson(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    word, _, label = line.strip().partition(" ")
    if word == "close":
        store.close()
        break
    try:
        if word == "add":
            store.add(Annotation(Point((1, 2, 3)), store.lesson.volumes[0].id, label, id=f"urn:test:{label}"))
        elif word == "take":
            store.take_over()
    except Exception as error:
        print(type(error).__name__, error, flush=True)
        continue
    print(store.save_state.saved, store.reader_note or store.save_state.problem, flush=True)
"""


class OtherProgram:
    """Told by words: "add LABEL", "take", "close"."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _OTHER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.said() == "ready"

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, words: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return self.said()

    def end(self) -> None:
        self.process.communicate("close\n", timeout=60)
