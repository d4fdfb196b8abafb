"""A lesson's volume, read and laid out for napari: work for the thread of long reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.display.volume_layer import LayerData, layer_data
from napari_vascular_loop.domain.errors import ReadCancelledError, VascularLoopError

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.store import LessonStore


@dataclass(frozen=True, eq=False)
class LessonRead:
    """What came of it.

    Parameters
    ----------
    volume : Volume or None
        The volume of the lesson.
    layer : tuple or None
        The same, as napari takes it.
    problem : str
        Why there is none: the text of a lesson can be read without it.
    """

    volume: Volume | None = None
    layer: LayerData | None = None
    problem: str = ""


def read_lesson(store: LessonStore, progress: Progress | None = None, volume_id: str | None = None) -> LessonRead:
    """Read a volume of a lesson, the first if not said which, and make sure that its marks were made on it.

    Raises
    ------
    ReadCancelledError
        If `progress` raises it.
    """
    from napari_vascular_loop.formats.volumes.found import no_progress
    from napari_vascular_loop.lessons import lesson_volume

    try:
        volume = lesson_volume(store, volume_id, progress or no_progress)
        entry = store.lesson.volume_of(volume.fingerprint)
        return LessonRead(volume, layer_data(volume, entry.title, entry.window))
    except ReadCancelledError:
        raise
    except VascularLoopError as error:
        return LessonRead(problem=str(error))
