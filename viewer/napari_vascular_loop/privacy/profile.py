"""What the Basic Application Level Confidentiality Profile does to each attribute (PS3.15 table E.1-1)."""

from __future__ import annotations

from enum import Enum
from functools import cache

from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table

EDITION = "2026c"
"""Of the standard, whose table is used."""


class Action(Enum):
    """What becomes of an attribute."""

    REMOVE = "removed"
    EMPTY = "emptied"
    DUMMY = "replaced"
    UID = "given another UID"
    LOOK = "looked at"
    """Not named by the profile: its kind of value decides."""


@cache
def _actions() -> dict[int, Action]:
    found: dict[int, Action] = {}
    for tags, action in (
        (table.X_TAGS, Action.REMOVE),
        (table.X_Z_TAGS, Action.REMOVE),
        (table.X_D_TAGS, Action.DUMMY),
        (table.X_Z_D_TAGS, Action.DUMMY),
        (table.Z_TAGS, Action.EMPTY),
        (table.Z_D_TAGS, Action.EMPTY),
        (table.D_TAGS, Action.DUMMY),
        (table.U_TAGS, Action.UID),
    ):
        # Those of four numbers are patterns, of curves and overlays: these groups go as a whole.
        found.update({group << 16 | element: action for group, element, *pattern in tags if not pattern})
    return found


def action_on(tag: int) -> Action:
    """What the profile does to an attribute; curves, overlays and private ones are removed."""
    group = tag >> 16
    if group % 2 or group & 0xFF00 in (0x5000, 0x6000):
        return Action.REMOVE
    return _actions().get(tag, Action.LOOK)
