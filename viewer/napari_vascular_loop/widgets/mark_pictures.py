"""Pictures of the lesson's marks as the scene has their volume: made when asked for, kept while nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import is_text
from napari_vascular_loop.widgets.article_document import VIEW_SCHEME
from napari_vascular_loop.widgets.mark_picture import mark_picture

if TYPE_CHECKING:
    from qtpy.QtGui import QPixmap

    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.annotation import Annotation

_SHAPE = 3 / 4
_MOST = 64


class MarkPictures:
    """Draws marks of the lesson in the volume that the scene shows.

    Parameters
    ----------
    scene : Scene
        Whose lesson and volume.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._kept: dict[Any, QPixmap] = {}

    @property
    def version(self) -> tuple[object, ...]:
        """What the pictures depend on beside the marks; another when they have to be drawn anew."""
        scene = self._scene
        return (scene.volume_id, id(scene.volume), scene.time_point, scene.radiological, scene.mark_style)

    def at(self, address: str, width_px: int) -> QPixmap | None:
        """The picture for an address in the article, such as "view:urn:uuid:..."; None where there is none."""
        store = self._scene.store
        if store is None or not address.startswith(VIEW_SCHEME):
            return None
        wanted = address.removeprefix(VIEW_SCHEME)
        found = next((annotation for annotation in store.annotations if annotation.id == wanted), None)
        return None if found is None else self.of(found, width_px)

    def of(self, annotation: Annotation, width_px: int, width_mm: float = 70.0) -> QPixmap | None:
        """The picture of a mark; None where its volume is not the one that is shown."""
        scene, volume = self._scene, self._scene.volume
        if volume is None or scene.store is None or annotation.volume_id != scene.volume_id:
            return None
        window = scene.store.lesson.volume(annotation.volume_id).window
        key = (
            annotation.geometry,
            annotation.structure,
            annotation.label if is_text(annotation.geometry) else "",
            id(volume),
            scene.time_point,
            window,
            width_px,
            width_mm,
            scene.radiological,
            scene.mark_style,
        )
        if key not in self._kept:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = mark_picture(
                volume,
                annotation,
                width_px,
                round(width_px * _SHAPE),
                width_mm=width_mm,
                window=window,
                radiological=scene.radiological,
                style=scene.mark_style,
            )
        return self._kept[key]
