"""How the head lies in each volume that has been laid over the atlas, for whoever wants it straight."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from napari_vascular_loop.midline_search import note_midline

if TYPE_CHECKING:
    from napari_vascular_loop.domain.registration import Registration
    from napari_vascular_loop.domain.volume import Volume

_known: weakref.WeakKeyDictionary[Volume, Registration] = weakref.WeakKeyDictionary()


def note_registration(volume: Volume, registration: Registration) -> None:
    """Keep a registration that is to be believed as long as the volume; its midline becomes that of the volume."""
    _known[volume] = registration
    note_midline(volume, registration.midline)


def registration_known(volume: Volume) -> Registration | None:
    """Give what was found of a volume, or what its lesson says; None where nothing is known."""
    return _known.get(volume)
