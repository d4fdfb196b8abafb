"""The user's settings, kept by napari (Preferences > napari-vascular-loop)."""

from __future__ import annotations

PLUGIN = "napari-vascular-loop"


def author() -> str:
    """Name that new marks carry; "" until the user enters one in napari's preferences."""
    from napari.settings import get_plugin_settings

    try:
        return str(get_plugin_settings(PLUGIN).teaching.author).strip()
    except (KeyError, AttributeError):
        # The package is used without being installed as a plugin.
        return ""
