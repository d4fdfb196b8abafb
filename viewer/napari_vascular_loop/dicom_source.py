"""The DICOM series that a lesson's volume was made of: marks that are written for an archive name its images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError, WrongVolumeError
from napari_vascular_loop.domain.straighten import straightened
from napari_vascular_loop.formats.volumes import find_volumes, no_volume
from napari_vascular_loop.formats.volumes.found import Progress, no_progress, part_of

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.volume import Volume


@dataclass(frozen=True)
class DicomSource:
    """The series that a lesson's volume was made of.

    Parameters
    ----------
    volume_id : str
        The lesson's name for it.
    files : tuple of Path or str
        The images, or their addresses on a server.
    frame_of_reference_uid : str or None
        In which the marks lie.
    remark : str
        What should be known of it: that it has another frame of reference than the lesson knows; else "".
    """

    volume_id: str
    files: tuple[Path | str, ...]
    frame_of_reference_uid: str | None
    remark: str = ""

    def marks_of(self, lesson: Lesson) -> list[Annotation]:
        """The marks of a lesson that lie in it."""
        return [annotation for annotation in lesson.annotations if annotation.volume_id == self.volume_id]


def find_source(
    lesson: Lesson, source: str | Path, volume_id: str | None = None, progress: Progress = no_progress
) -> DicomSource:
    """Find the volume of a lesson among those of a DICOM folder, archive or address.

    Those that lie in the frame of reference that the lesson knows are read first, the others only if it is none of
    these.

    Raises
    ------
    WrongVolumeError
        If it is not among them: marks must not be tied to other images.
    VolumeReadError
        If there is nothing to read.
    """
    found = find_volumes(source, part_of(progress, 0, 2))
    if not found.volumes:
        raise no_volume(source, found)
    entries = [lesson.volume(volume_id)] if volume_id else lesson.volumes
    reading = part_of(progress, 1, 2)
    known = {entry.frame_of_reference_uid for entry in entries} - {None}
    in_turn = sorted(found.volumes, key=lambda one: one.header.provenance.frame_of_reference_uid not in known)
    refused: list[WrongVolumeError | VolumeReadError] = []
    for number, one in enumerate(in_turn):
        try:
            return source_of(lesson, one.read(part_of(reading, number, len(in_turn))), volume_id)
        except (WrongVolumeError, VolumeReadError) as error:
            refused.append(error)
    raise next((error for error in refused if isinstance(error, WrongVolumeError)), refused[0])


def source_of(lesson: Lesson, volume: Volume, volume_id: str | None = None) -> DicomSource:
    """Make sure that a volume, as it was read or as it is shown, is one of a lesson.

    Raises
    ------
    WrongVolumeError
        If it is not.
    """
    refused: WrongVolumeError | None = None
    for shown in _as_shown(volume):
        try:
            entry = lesson.volume(volume_id) if volume_id else lesson.volume_of(shown.fingerprint)
            entry.check(shown.fingerprint)
        except WrongVolumeError as error:
            refused = refused or error
            continue
        about = volume.provenance
        return DicomSource(entry.id, about.source_files, about.frame_of_reference_uid, entry.remark(shown.fingerprint))
    raise refused or WrongVolumeError("there is no volume")


def _as_shown(volume: Volume) -> list[Volume]:
    straight = straightened(volume)
    return [volume] if straight is volume else [straight, volume]
