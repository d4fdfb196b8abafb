"""Load what napari's first layer needs, before there is one.

Parsing the units that layers carry, and importing SciPy's image filters, are most of the time that the first volume
takes to appear. A thread does both while the user still looks for a file, and loads what reads volumes.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from typing import Any

_MODULES = (
    "scipy.ndimage",
    "scipy.spatial.transform",
    "scipy.constants",
    "OpenGL.arrays",
    "napari_vascular_loop.formats.volumes.finding",
)

_started = threading.Event()
_loaded = threading.Event()
_units: list[Any] = []


def warm_up() -> threading.Thread | None:
    """Start to load in the background, once in a process; harmless where something is missing.

    Returns
    -------
    Thread or None
        The thread that loads, or None if one has been started before.
    """
    if _started.is_set():
        return None
    _started.set()
    thread = threading.Thread(target=_load, name="vascular-loop warm-up", daemon=True)
    thread.start()
    return thread


def take_units() -> bool:
    """Give napari the units that were parsed, if it has not parsed them itself; to be called by the window's thread.

    pint parses its own units at their first use, without a lock: two threads would see them half parsed. So the
    thread parses a set of its own, and it is put in place while nobody can be using the other.

    Returns
    -------
    bool
        Whether all is loaded, so that this need not be called again.
    """
    if not _loaded.is_set():
        return False
    if _units:
        pint = importlib.import_module("pint")
        if type(pint.application_registry.get()) is pint.LazyRegistry:
            pint.set_application_registry(_units[0])
        _units.clear()
    return True


def _load() -> None:
    try:
        # What is missing or broken is told of where it is needed.
        with contextlib.suppress(ImportError, AttributeError):
            _units.append(importlib.import_module("pint").UnitRegistry())
        for name in _MODULES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    finally:
        _loaded.set()
