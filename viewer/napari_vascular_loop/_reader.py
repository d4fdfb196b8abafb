"""napari's reader: volumes in the background where a user waits, at once where a script does; lessons in the panel."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop._peek import may_hold_volume
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.volume_layer import layer_data
from napari_vascular_loop.domain.errors import VascularLoopError, VolumeReadError
from napari_vascular_loop.formats.figure_memory import is_figure
from napari_vascular_loop.formats.volumes import Found, address_of, find_volumes, looks_like_volume
from napari_vascular_loop.lessons import is_lesson, open_lesson

if TYPE_CHECKING:
    from napari_vascular_loop.widgets.volume_opening import VolumeOpening

Reader = Callable[[Any], list[Any]]
Path_ = str | os.PathLike[str]

_NOTHING_FOR_NAPARI: list[Any] = [(None,)]

_ALSO_OF_OTHERS = (".zip", ".img", ".img.gz", ".hdr")
"""Endings that files of many other kinds have too."""


def napari_get_reader(path: Path_ | Sequence[Path_]) -> Reader | None:
    """Offer to read a path, or pass.

    Where a user waits in the window, this only peeks at names and first bytes, and the reader that it gives begins
    to read in the background. In a script the headers are looked at here, once, and the reader uses what was found.

    Parameters
    ----------
    path : path or address, or list of these
        What the user dropped or opened.

    Returns
    -------
    callable or None
        None for what is neither a volume nor a lesson; napari then asks its other plugins.
    """
    sources = [path] if isinstance(path, str | os.PathLike) else list(path)
    lessons = [Path(one) for one in sources if not _is_address(one) and is_lesson(one)]
    scans = [one for one in sources if _is_address(one) or Path(one) not in lessons]
    if len(sources) == 1 and not lessons and not _is_address(sources[0]) and is_figure(Path(sources[0])):
        return partial(_read_figure, Path(sources[0]))
    if not sources or not all(_is_address(one) or may_hold_volume(Path(one)) or _says_volume(one) for one in scans):
        return None
    opening = _opening() if scans else None
    if opening is not None:
        return partial(_read_in_background, opening, scans, lessons)
    found = Found(())
    if scans:
        try:
            found = find_volumes(scans[0] if len(scans) == 1 else [os.fspath(one) for one in scans])
        except VolumeReadError as error:
            return partial(_refuse, error) if all(_says_volume(one) for one in scans) else None
        if not found.volumes:
            return None
    return partial(_read_now, found, lessons)


def _read_now(found: Found, lessons: Sequence[Path], _path: object = None) -> list[Any]:
    """Read volumes as layers; a lesson is shown in the panel."""
    viewer = _current_viewer()
    for lesson in lessons:
        _show_lesson(viewer, lesson)
    left_out = tuple((stray.path.name, stray.reason) for stray in found.strays)
    layers = [layer_data(volume.read(), left_out=left_out) for volume in found.volumes]
    if viewer is not None and layers:
        # From now on the viewer's volumes have letters, convention and true places.
        scene_of(viewer)
        if getattr(viewer, "window", None) is not None:
            from napari_vascular_loop.widgets.volume_opening import opening_of

            opening_of(viewer)
    return layers or _NOTHING_FOR_NAPARI


def _read_in_background(
    opening: VolumeOpening, scans: Sequence[Path_], lessons: Sequence[Path], _path: object = None
) -> list[Any]:
    """Begin to read; the layers come when they have been read."""
    for lesson in lessons:
        _show_lesson(_current_viewer(), lesson)
    for scan in scans:
        opening.open(scan)
    return _NOTHING_FOR_NAPARI


def _read_figure(figure: Path, _path: object = None) -> list[Any]:
    """Open the lesson that a figure was made of, at its slice."""
    viewer = _current_viewer()
    if viewer is None or getattr(viewer, "window", None) is None:
        raise VascularLoopError(
            f"the figure {figure.name!r} needs napari's window to open its lesson in; open it there"
        )
    from napari_vascular_loop.widgets.figure_opening import open_figure

    open_figure(viewer, figure)
    return _NOTHING_FOR_NAPARI


def _refuse(error: VolumeReadError, _path: object = None) -> list[Any]:
    raise error


def _show_lesson(viewer: Any, folder: Path) -> None:
    if viewer is None:
        raise VascularLoopError(f"the lesson {str(folder)!r} needs napari's window; open it there")
    from napari_vascular_loop._panel import lesson_panel

    lesson_panel(viewer).open_lesson(open_lesson(folder))


def _opening() -> VolumeOpening | None:
    """What opens volumes in napari's window, if a user works in it now."""
    viewer = _current_viewer()
    if viewer is None or getattr(viewer, "window", None) is None:
        return None
    from napari_vascular_loop.widgets.main_window import is_running
    from napari_vascular_loop.widgets.volume_opening import opening_of

    return opening_of(viewer) if is_running() else None


def _current_viewer() -> Any:
    from napari import current_viewer

    return current_viewer()


def _is_address(source: Path_) -> bool:
    return address_of(source) is not None


def _says_volume(source: Path_) -> bool:
    """Whether a file calls itself a volume by an ending that nothing else has: if it is damaged, that is said."""
    path = Path(source)
    return looks_like_volume(path) and not path.name.lower().endswith(_ALSO_OF_OTHERS)
