"""All keys, once: what binds them, the buttons' hints and the page of keys read this table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """Keys that do the same.

    Parameters
    ----------
    act : str
        What they do, for the program.
    keys : tuple of str
        As napari writes them: "Control-Shift-Z".
    does : str
        What they do, for the user.
    """

    act: str
    keys: tuple[str, ...]
    does: str

    @property
    def shown(self) -> str:
        """As they are written on the screen: "Ctrl+Shift+Z"."""
        return " or ".join(_written(key) for key in self.keys)


SLICES = (
    Key("slice on", ("Up", "Right"), "Next slice: towards the top of the head, the front, the right"),
    Key("slice back", ("Down", "Left"), "Slice before"),
    Key("five on", ("PageUp",), "Five slices on"),
    Key("five back", ("PageDown",), "Five slices back"),
    Key("first slice", ("Home",), "First slice"),
    Key("last slice", ("End",), "Last slice"),
    Key("whole", ("R",), "The whole picture"),
)
PLANES = (
    Key("layout 1", ("Alt-1",), "One plane"),
    Key("layout 2", ("Alt-2",), "One large plane, two small ones"),
    Key("layout 3", ("Alt-3",), "Three planes side by side"),
    Key("layout 4", ("Alt-4",), "Three planes and 3-D"),
    Key("go to", ("Control-K",), "Go to a structure by its name"),
    Key("crosshair", ("C",), "Hide or show where the other planes cut"),
)
GREY = (
    Key("preset 1", ("1",), "Grey scale: auto"),
    Key("preset 2", ("2",), "Grey scale: brain"),
    Key("preset 3", ("3",), "Grey scale: CISS"),
    Key("preset 4", ("4",), "Grey scale: TOF"),
    Key("slab kind", ("M",), "Thick slices: mean, MIP, MinIP, or single slices again"),
    Key("thicker", ("]",), "Thicker slices"),
    Key("thinner", ("[",), "Thinner slices"),
)
MARKS = (
    Key("browse", ("Escape",), "Leave the tool; drop an unfinished mark"),
    Key("arrow", ("A",), "Place an arrow"),
    Key("point", ("P",), "Place a point"),
    Key("path", ("L",), "Place a path"),
    Key("region", ("G",), "Place a region"),
    Key("ruler", ("D",), "Measure a distance"),
    Key("text", ("T",), "Place a text"),
    Key("eraser", ("X",), "Take marks away by clicking them"),
    Key("snap", ("S",), "Marks lie on the middle of the slice, or keep their exact depth"),
    Key("finish", ("Enter",), "End a path, close a region"),
    Key("marks", ("H",), "Hide or show all marks"),
    Key("only selected", ("Shift-H",), "Show the selected mark alone, or all again"),
    Key("delete", ("Delete",), "Delete the selected mark"),
    Key("link", ("Control-L",), "Tie the selected words to the selected mark"),
    Key("undo", ("Control-Z",), "Take back the last change"),
    Key("redo", ("Control-Shift-Z",), "Do it again"),
)
STUDY = (
    Key("go on", ("N",), "Study: on"),
    Key("go back", ("B",), "Study: back"),
)
HELP = (Key("help", ("F1", "?"), "This page"),)

GROUPS = {
    "Slices": SLICES,
    "Planes": PLANES,
    "Grey scale and thick slices": GREY,
    "Marks": MARKS,
    "Study": STUDY,
    "Help": HELP,
}

MOUSE = (
    ("Wheel", "Through the slices"),
    ("Ctrl + wheel", "Zoom about the mouse"),
    ("Left drag", "Move the picture"),
    ("Right drag", "Window (sideways) and level (up and down)"),
    ("Click", "See that place in all planes; on a mark, select it"),
    ("Shift + left drag", "Lead all planes"),
    ("Double click", "Make a plane large, and small again"),
)
"""With the settings as they come; the wheel and the right button can be changed in Preferences."""

BLOCKED = ("Control-E", "Control-T", "Control-Alt-T")
"""napari's keys that would roll, transpose or turn the picture under its letters."""

_BY_ACT = {key.act: key for group in GROUPS.values() for key in group}


def shown(act: str) -> str:
    """Say which keys do something, such as "Ctrl+Z"."""
    return _BY_ACT[act].shown


def _written(key: str) -> str:
    names = {"Control": "Ctrl", "Escape": "Esc", "PageUp": "Page Up", "PageDown": "Page Down"}
    return "+".join(names.get(part, part) for part in key.split("-"))
