"""Lessons: volumes, annotations and an article that belong together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import GeometryError, LessonError, WrongVolumeError
from napari_vascular_loop.domain.text import writable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.article import Anchor, Passage
    from napari_vascular_loop.domain.fingerprint import Fingerprint
    from napari_vascular_loop.domain.registration import Registration


@dataclass(frozen=True)
class LessonVolume:
    """A volume of a lesson: where to get it, and how to know it.

    Parameters
    ----------
    id : str
        How the annotations name it.
    title : str
        How people call it.
    file : str or None
        Path inside the lesson's folder, with forward slashes.
    catalogue_id : str or None
        Its name in the catalogue of public volumes. One of `file` and `catalogue_id` is there.
    fingerprints : tuple of Fingerprint
        One for each variant of the file that carries the same head.
    window : (float, float) or None
        Lowest and highest value of the grey scale, as the teacher wants it shown.
    licence, credit : str
        Shown wherever the image is shown.
    synthetic : bool
        Whether the image was computed, not taken of a person.
    registration : Registration or None
        How it lies over the atlas, where that has been found.
    foreign : mapping
        The entry as it was read.
    """

    id: str
    title: str = ""
    file: str | None = None
    catalogue_id: str | None = None
    fingerprints: tuple[Fingerprint, ...] = ()
    window: tuple[float, float] | None = None
    licence: str = ""
    credit: str = ""
    synthetic: bool = False
    registration: Registration | None = None
    foreign: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def frame_of_reference_uid(self) -> str | None:
        """DICOM's, where the lesson knows it."""
        return next((one.frame_of_reference_uid for one in self.fingerprints if one.frame_of_reference_uid), None)

    def remark(self, found: Fingerprint) -> str:
        """What should be said of a volume that :meth:`check` let pass: its frame of reference is another; else ""."""
        same = [wanted for wanted in self.fingerprints if not wanted.differences(found)]
        if not same or not all(wanted.is_in_other_frame(found) for wanted in same):
            return ""
        return (
            f"This is {self.title or self.id!r} of the lesson, voxel by voxel, so its marks are shown; but DICOM's "
            "frame of reference is another than when the lesson was made, as where a copy has been de-identified"
        )

    def check(self, found: Fingerprint) -> None:
        """Make sure that a volume is the one that the marks were made on.

        Its voxels are hashed only where the grids agree.

        Raises
        ------
        WrongVolumeError
            If it is not; the message says how it differs.
        """
        if not self.fingerprints:
            raise WrongVolumeError(
                f"The lesson does not say by which fingerprint {self.title or self.id!r} is known, so that no mark is "
                "shown: add it to the volume's entry in lesson.json"
            )
        differences: list[tuple[str, ...]] = []
        for wanted in sorted(self.fingerprints, key=lambda one: one.distance_mm(found)):
            said = wanted.differences_of_grid(found) or wanted.differences(found)
            if not said:
                return
            differences.append(said)
        closest = min(differences, key=len)
        raise WrongVolumeError(
            f"This is not the volume that the marks were made on ({self.title or self.id}): "
            f"{' and '.join(closest)}. No mark is shown, so that none is shown in a wrong place."
        )


@dataclass(frozen=True)
class Lesson:
    """A lesson, whole. Annotations keep the order in which they are taught.

    Parameters
    ----------
    objectives : tuple of str
        What students can do when they have finished, a sentence each.
    minutes : int or None
        How long a student needs.
    audience : str
        For whom it is made, and what they should know before.
    imaging : tuple of str
        Headings of the article under which each paragraph tells of the images, and so is tied to a mark.
    credit : str
        Whom to name for article and annotations.
    """

    title: str
    volumes: tuple[LessonVolume, ...]
    article: str = ""
    annotations: tuple[Annotation, ...] = ()
    id: str = ""
    authors: tuple[str, ...] = ()
    language: str = "en"
    licence: str = ""
    credit: str = ""
    notice: str = ""
    objectives: tuple[str, ...] = ()
    minutes: int | None = None
    audience: str = ""
    imaging: tuple[str, ...] = ()
    foreign: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    annotations_foreign: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", writable(self.title))
        if self.minutes is not None and self.minutes < 1:
            raise LessonError(f"a lesson takes at least one minute; got {self.minutes}")
        volume_ids = [volume.id for volume in self.volumes]
        if len(set(volume_ids)) != len(volume_ids):
            raise LessonError(f"two volumes of the lesson have the same id: {sorted(volume_ids)}")
        ids = [annotation.id for annotation in self.annotations]
        if len(set(ids)) != len(ids):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise LessonError(f"two annotations of the lesson have the same id: {twice}")

    def volume(self, volume_id: str) -> LessonVolume:
        """Find a volume by its id.

        Raises
        ------
        LessonError
            If the lesson has no such volume.
        """
        for volume in self.volumes:
            if volume.id == volume_id:
                return volume
        raise LessonError(
            f"the lesson has no volume {volume_id!r}; it has {', '.join(repr(v.id) for v in self.volumes) or 'none'}"
        )

    def volume_of(self, found: Fingerprint) -> LessonVolume:
        """Find which of the lesson's volumes a volume is.

        Raises
        ------
        WrongVolumeError
            If it is none of them; the message says how it differs from the first.
        """
        refused: WrongVolumeError | GeometryError | None = None
        for volume in self.volumes:
            try:
                volume.check(found)
            except (WrongVolumeError, GeometryError) as error:
                refused = refused or error
            else:
                return volume
        raise WrongVolumeError(str(refused) if refused else "the open lesson has no volume")

    def annotation(self, annotation_id: str) -> Annotation:
        """Find an annotation by its id.

        Raises
        ------
        LessonError
            If there is no such annotation.
        """
        for annotation in self.annotations:
            if annotation.id == annotation_id:
                return annotation
        raise LessonError(f"the lesson has no annotation {annotation_id!r}")

    def with_annotations(self, annotations: tuple[Annotation, ...]) -> Lesson:
        """Copy with other annotations."""
        return replace(self, annotations=annotations)


@dataclass(frozen=True)
class FoundPassage:
    """A link: an annotation, a passage, and where in the article that passage stands now."""

    annotation_id: str
    passage: Passage
    span: Anchor | None

    @property
    def is_orphan(self) -> bool:
        """Whether the words are no longer in the article."""
        return self.span is None
