"""The user's settings, kept by napari (Preferences > napari-vascular-loop)."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from napari_vascular_loop.display.layout import Layout, layout_named
from napari_vascular_loop.display.mark_style import DARK, LIGHT, MarkStyle
from napari_vascular_loop.display.solid_view import Solid
from napari_vascular_loop.domain.drawing import SLAB_MM

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_log = logging.getLogger(__name__)

PLUGIN = "napari-vascular-loop"
WHEEL_STEPS = "slices"
DRAG_WINDOWS = "window and level"


def author() -> str:
    """Name that new marks carry; "" until the user enters one in napari's preferences."""
    return str(_value("teaching", "author", "")).strip()


def text_points(otherwise: float) -> float:
    """Size of the article's letters, in points, as it was chosen last."""
    return float(_value("reading", "text_points", 0.0)) or otherwise


def set_text_points(points: float) -> None:
    """Remember the size of the article's letters."""
    group = _group("reading")
    if group is not None:
        group.text_points = points


def reads_plain() -> bool:
    """Whether articles are shown in plain words where a lesson has them."""
    return bool(_value("reading", "level", "plain") == "plain")


def set_reads_plain(plain: bool) -> None:
    """Remember in which words articles are shown."""
    group = _group("reading")
    if group is not None:
        group.level = "plain" if plain else "advanced"


def radiological() -> bool:
    """Whether the patient's left is shown on the right."""
    return bool(_value("display", "radiological", True))


def mark_style() -> MarkStyle:
    """What marks look like."""
    return LIGHT if _value("display", "marks", "black") == "white" else DARK


def fade_mm() -> float:
    """How far from its slice a mark is still seen."""
    return float(_value("display", "fade_mm", SLAB_MM))


def snap_to_slice() -> bool:
    """Whether marks that are placed or moved lie on the middle of the slice in view."""
    return bool(_value("display", "snap_to_slice", True))


def keep_snap_to_slice(snap: bool) -> None:
    """Remember whether they do."""
    group = _group("display")
    if group is not None:
        group.snap_to_slice = snap


def on_display_changed(tell: Callable[[Any], object]) -> None:
    """Have a method told, with napari's event, of each change of the display's settings, however it is made.

    The method is held weakly. napari's dialog changes all settings of a group at once: the event doesn't say which.
    """
    group = _group("display")
    if group is not None:
        group.events.connect(tell)


def off_display_changed(tell: Callable[[Any], object]) -> None:
    """Tell a method no more."""
    group = _group("display")
    if group is not None:
        group.events.disconnect(tell)


def layout() -> Layout:
    """Which canvases there are when a window is opened: those that were there last."""
    return layout_named(str(_value("display", "layout", "")))


def keep_layout(chosen: Layout) -> None:
    """Remember which canvases there are."""
    group = _group("display")
    if group is not None and group.layout != chosen.value:
        group.layout = chosen.value


def solid() -> Solid:
    """What is shown in 3-D when a window is opened: what was shown last."""
    value = str(_value("display", "solid", ""))
    return next((kind for kind in Solid if kind.value == value), Solid.PLANES)


def keep_solid(chosen: Solid) -> None:
    """Remember what is shown in 3-D."""
    group = _group("display")
    if group is not None and group.solid != chosen.value:
        group.solid = chosen.value


def wheel_steps() -> bool:
    """Whether the plain wheel goes through the slices, and Ctrl with it zooms; else the other way round."""
    return bool(_value("display", "wheel", WHEEL_STEPS) == WHEEL_STEPS)


def right_drag_windows() -> bool:
    """Whether dragging with the right button changes window and level; else it zooms, as in napari."""
    return bool(_value("display", "right_drag", DRAG_WINDOWS) == DRAG_WINDOWS)


_loaded = False
"""Whether napari has been asked for the settings of its plugins. It looks through all that is installed then."""


def are_loaded() -> bool:
    """Whether napari has the settings at hand, or there is nothing else to go by.

    Until `load`, what is asked for comes from the file in which napari keeps it; nobody is told of changes.
    """
    return _loaded or _kept() is None


def load() -> None:
    """Have napari make the settings of all plugins, which takes it a tenth of a second at the first time."""
    _group("display")


def _value(group_name: str, name: str, default: Any) -> Any:
    kept = None if _loaded else _kept()
    if kept is None:
        return getattr(_group(group_name), name, default)
    group = kept.get(group_name)
    value = group.get(name, default) if isinstance(group, dict) else default
    # What a hand wrote wrong there is napari's to tell.
    return value if isinstance(value, (int, float) if isinstance(default, float) else type(default)) else default


def _kept() -> dict[str, Any] | None:
    """What the user changed, as napari keeps it on disk; None where it keeps nothing."""
    folder = _folder()
    if folder is None:
        return None
    path = folder / f"{PLUGIN}.yaml"
    try:
        return _read_kept(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        _log.debug("napari's file of settings can't be read: %s", type(error).__name__)
        return None


def _folder() -> Path | None:
    """Where napari keeps settings; None where it keeps none."""
    from napari.settings import get_settings

    own = get_settings().config_path
    return own.parent if own is not None else None


@lru_cache(maxsize=1)
def _read_kept(path: Path, _changed_ns: int) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text("utf-8"))
    return found if isinstance(found, dict) else {}


def _group(name: str) -> Any:
    """Give a group of settings, or None where the package is used without being installed as a plugin."""
    from napari.settings import get_plugin_settings

    global _loaded
    _loaded = True
    try:
        return getattr(get_plugin_settings(PLUGIN), name, None)
    except KeyError:
        return None


def is_first_time() -> bool:
    """Whether the walk round the window has never been shown."""
    return not bool(getattr(_group("teaching"), "walked_round", True))


def keep_walked_round() -> None:
    """Remember that it has been shown."""
    group = _group("teaching")
    if group is not None:
        group.walked_round = True
