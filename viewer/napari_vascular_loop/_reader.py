"""napari's reader: volumes through `read_volumes`, lessons into the panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.volume_layer import LayerData, layer_data
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.formats.volumes import find_volumes, nifti, read_volumes
from napari_vascular_loop.lessons import is_lesson, open_lesson

Reader = Callable[[Any], list[Any]]

_NOTHING_FOR_NAPARI: list[Any] = [(None,)]


def napari_get_reader(path: str | Path | Sequence[str | Path]) -> Reader | None:
    """Offer to read a path, or pass.

    Parameters
    ----------
    path : path or list of paths
        What the user dropped or opened.

    Returns
    -------
    callable or None
        None for what is neither a volume nor a lesson; napari then asks its other plugins.
    """
    paths = _paths(path)
    if not paths or not all(_is_ours(one) for one in paths):
        return None
    return read


def read(path: str | Path | Sequence[str | Path]) -> list[Any]:
    """Read volumes as layers; a lesson is shown in the panel."""
    from napari import current_viewer

    viewer = current_viewer()
    layers: list[LayerData] = []
    for one in _paths(path):
        if is_lesson(one):
            if viewer is None:
                raise VascularLoopError(f"the lesson {str(one)!r} needs napari's window; open it there")
            from napari_vascular_loop._panel import lesson_panel

            lesson_panel(viewer).open_lesson(open_lesson(one))
        else:
            layers.extend(layer_data(volume) for volume in read_volumes(one))
    if viewer is not None and layers:
        # From now on the viewer's volumes have letters, convention and true places.
        scene_of(viewer)
    return layers or _NOTHING_FOR_NAPARI


def _paths(path: str | Path | Sequence[str | Path]) -> list[Path]:
    return [Path(path)] if isinstance(path, str | Path) else [Path(one) for one in path]


def _is_ours(path: Path) -> bool:
    if is_lesson(path) or nifti.looks_like(path) or path.suffix.lower() in (".dcm", ".ima"):
        return True
    if not path.exists():
        return False
    try:
        return bool(find_volumes(path).volumes)
    except VascularLoopError:
        return False
