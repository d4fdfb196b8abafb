"""Whether napari's window is dark or light."""

from __future__ import annotations

from typing import Any

from napari.utils.theme import get_theme

_HALF = 382
"""Half of red, green and blue together at their brightest."""


def is_dark(viewer: Any) -> bool:
    """Whether a viewer's theme has a dark ground."""
    brightness: int = sum(get_theme(viewer.theme).background.as_rgb_tuple()[:3])
    return brightness < _HALF
