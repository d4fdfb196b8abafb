"""The user's settings, kept by napari (Preferences > napari-vascular-loop)."""

from __future__ import annotations

import contextlib

PLUGIN = "napari-vascular-loop"


def author() -> str:
    """Name that new marks carry; "" until the user enters one in napari's preferences."""
    from napari.settings import get_plugin_settings

    try:
        return str(get_plugin_settings(PLUGIN).teaching.author).strip()
    except (KeyError, AttributeError):
        # The package is used without being installed as a plugin.
        return ""


def text_points(otherwise: float) -> float:
    """Size of the article's letters, in points, as it was chosen last."""
    from napari.settings import get_plugin_settings

    try:
        return float(get_plugin_settings(PLUGIN).reading.text_points) or otherwise
    except (KeyError, AttributeError, TypeError, ValueError):
        return otherwise


def set_text_points(points: float) -> None:
    """Remember the size of the article's letters."""
    from napari.settings import get_plugin_settings

    with contextlib.suppress(KeyError, AttributeError):
        get_plugin_settings(PLUGIN).reading.text_points = points
