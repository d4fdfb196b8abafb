"""Is there a screen? Asked before Qt is, since Qt ends the process when there is none."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

_TIMEOUT_S = 1.0
_X11_TCP_BASE = 6000


def has_screen() -> bool:
    """Whether a window can be opened here. macOS and Windows always say yes."""
    if not sys.platform.startswith("linux"):
        return True
    if os.environ.get("QT_QPA_PLATFORM", "").startswith(("offscreen", "minimal")):
        return False
    return _wayland_answers() or _x11_answers()


def _wayland_answers() -> bool:
    name, folder = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(name) and (Path(folder) / str(name)).exists()


def _x11_answers() -> bool:
    """Whether the X server that DISPLAY names takes a connection."""
    host, _, rest = os.environ.get("DISPLAY", "").rpartition(":")
    number = rest.split(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        address = f"/tmp/.X11-unix/X{number}"
        return any(_connects(socket.AF_UNIX, one) for one in (address, "\0" + address))
    return _connects(socket.AF_INET, (host, _X11_TCP_BASE + int(number)))


def _connects(family: int, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(_TIMEOUT_S)
            probe.connect(address)
    except OSError:
        return False
    return True
