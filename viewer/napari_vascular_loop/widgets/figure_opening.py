"""A figure that comes back to the window: its lesson is opened at the slice that it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop._panel import lesson_panel, raised
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.errors import FigureError, LessonError
from napari_vascular_loop.domain.mark_view import MarkView
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.figure_lesson import lesson_needed, open_remembered, remembered_lesson
from napari_vascular_loop.formats.figure_memory import figure_memory

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.figure_memory import FigureMemory
    from napari_vascular_loop.domain.lesson import Lesson

_MOVED_FROM_MM = 0.5


def open_figure(viewer: Any, path: Path) -> None:
    """Open the lesson that a figure was made of, at the slice and the mark that it shows.

    Parameters
    ----------
    viewer : napari.Viewer
        With a window.
    path : Path
        Of the figure.

    Raises
    ------
    FigureError
        If it remembers none, or the lesson is not to be found; the sentence says what is needed.
    LessonError
        If the lesson can't be read.
    """
    memory = figure_memory(path)
    if memory is None:
        raise FigureError(
            f"{path.name!r} does not remember a lesson: it was not made by this program, or changed since"
        )
    panel = raised(lesson_panel(viewer))
    store = panel.store
    is_open = store is not None and store.lesson.id == memory.lesson_id
    if store is None or store.lesson.id != memory.lesson_id:
        folder = remembered_lesson(memory, path)
        if folder is None:
            raise FigureError(lesson_needed(memory))
        store = open_remembered(folder)
    mark, remark = place_in(store.lesson, memory)
    if is_open:
        store.select(mark.id if mark.id in {one.id for one in store.annotations} else None)
        panel.others.go_to(store, mark)
    else:
        panel.open_lesson(store, at=mark)
    panel.tell(remark or f"The place of the figure {path.name!r}", bad=bool(remark))


def place_in(lesson: Lesson, memory: FigureMemory) -> tuple[Annotation, str]:
    """The mark of a figure as the lesson has it now, looked at as the figure does, and what has changed since.

    Raises
    ------
    FigureError
        If the lesson has neither the mark nor its volume any more.
    """
    view = MarkView(plane=_plane(memory), slab_mm=memory.slab_mm)
    try:
        mark = lesson.annotation(memory.annotation_id)
    except LessonError:
        if not any(volume.id == memory.volume_id for volume in lesson.volumes):
            raise FigureError(lesson_needed(memory)) from None
        place = Annotation(Point(memory.place_ras_mm), memory.volume_id, id=memory.annotation_id, view=view)
        return place, f"The mark {memory.annotation_title!r} is no longer in the lesson; this is where it was"
    known = {one.voxels_sha256 for one in lesson.volume(mark.volume_id).fingerprints}
    moved_mm = float(np.linalg.norm(np.subtract(mark.geometry.anchor_ras_mm, memory.place_ras_mm)))
    shown = replace(mark, view=replace(mark.view or MarkView(), plane=view.plane, slab_mm=view.slab_mm))
    if memory.voxels_sha256 and memory.voxels_sha256 not in known:
        return shown, "The lesson has another volume than when the figure was made"
    if moved_mm > _MOVED_FROM_MM:
        return shown, f"The mark has been moved by {moved_mm:.1f} mm since the figure was made"
    return shown, ""


def _plane(memory: FigureMemory) -> Plane | None:
    return next((plane for plane in Plane if plane.name.lower() == memory.plane), None)
