"""Which marks there are to draw: those that a lesson has in the shown volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.mark_filter import MarkFilter
from napari_vascular_loop.display.mark_index import MarkIndex
from napari_vascular_loop.domain.errors import GeometryError, WrongVolumeError
from napari_vascular_loop.head_pose import note_registration

if TYPE_CHECKING:
    from napari_vascular_loop.display.view_state import ViewState
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.drawing import Reach
    from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice
    from napari_vascular_loop.domain.space import Vector3
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore


class ShownMarks:
    """A lesson, and its fit to the volume on screen; without a fit there are no marks."""

    def __init__(self) -> None:
        self.store: LessonStore | None = None
        """The open lesson, or None."""
        self.preview: Annotation | None = None
        """A mark that is just being drawn or moved; it stands in for the stored one."""
        self.volume_id: str | None = None
        """Under which id the lesson knows the shown volume; None of one that is not its own."""
        self.problem = ""
        """Why the shown volume is none of the lesson's."""
        self.remark = ""
        """What is to be known of the shown volume as one of the lesson's."""
        self.filter = MarkFilter()
        self._index: MarkIndex | None = None
        self._asked: tuple[Any, ...] | None = None
        self._annotations: list[Annotation] = []

    @property
    def can_mark(self) -> bool:
        """Whether marks can be placed: a lesson is open, and the shown volume is one of its own."""
        return self.store is not None and self.volume_id is not None and not self.store.reader_note

    @property
    def selected_id(self) -> str | None:
        """The selected mark, or None."""
        return self.store.selected.id if self.store is not None and self.store.selected is not None else None

    def fit(self, volume: Volume | None) -> None:
        """Find which of the lesson's volumes is shown."""
        self.volume_id, self.problem, self.remark = None, "", ""
        if self.store is not None and volume is not None:
            try:
                entry = self.store.lesson.volume_of(volume.fingerprint)
                self.volume_id, self.remark = entry.id, entry.remark(volume.fingerprint)
                if entry.registration is not None:
                    note_registration(volume, entry.registration)
            except (WrongVolumeError, GeometryError) as error:
                self.problem = str(error)

    def annotations(self) -> list[Annotation]:
        """The lesson's marks in the shown volume, with the one that is just being drawn."""
        if self.store is None or self.volume_id is None:
            return []
        asked = (self.store.annotations, self.volume_id, self.preview, self.filter.state(self.store))
        if self._asked is None or any(one is not other for one, other in zip(asked, self._asked, strict=True)):
            self._asked, preview = asked, self.preview
            shown = self.filter.shown(self.store)
            kept = [a for a in shown if a.volume_id == self.volume_id and (preview is None or a.id != preview.id)]
            self._annotations = [*kept, preview] if preview is not None else kept
        return self._annotations

    def near(self, volume: Volume, state: ViewState, reach: Reach) -> MarksOnSlice:
        """The marks as they appear on a slice of the shown volume."""
        return self._indexed(volume).on_slice(state.display_axis, state.slice_mm, reach)

    def at_place(self, volume: Volume, ras_mm: Vector3, within_mm: float) -> list[Annotation]:
        """The marks that come so near to a place of the shown volume, the nearest first."""
        return self._indexed(volume).at_place(ras_mm, within_mm)

    def _indexed(self, volume: Volume) -> MarkIndex:
        annotations = self.annotations()
        if self._index is None or not self._index.is_of(annotations, volume.frame):
            self._index = MarkIndex(annotations, volume.frame, self._index)
        return self._index

    def warnings(self, volume: Volume) -> tuple[str, ...]:
        """What a viewer must know of the shown volume."""
        warnings = []
        if not volume.provenance.orientation_known:
            warnings.append("ORIENTATION UNKNOWN: left and right can't be told")
        if set(volume.provenance.gaps) & set(volume.provenance.warnings):
            warnings.append("SLICES MISSING: see the receipt")
        if volume.provenance.resampled:
            warnings.append("RESAMPLED onto a straight grid: see the receipt")
        if volume.provenance.is_synthetic or self._is_synthetic():
            warnings.append("SYNTHETIC: computed, not an image of a person")
        if self.problem and self.store is not None:
            wanted = ", ".join(entry.title or entry.id for entry in self.store.lesson.volumes)
            warnings.append(f"Not the volume that the marks were made on ({wanted}): no mark is shown")
        return tuple(warnings)

    def _is_synthetic(self) -> bool:
        if self.store is None or self.volume_id is None:
            return False
        return self.store.lesson.volume(self.volume_id).synthetic
