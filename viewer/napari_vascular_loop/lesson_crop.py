"""A lesson whose volumes are cut around its marks: what is not in it, such as a face, nobody can see."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.crop import DEFAULT_CROP_MM, box_around, cropped
from napari_vascular_loop.domain.errors import LessonError, LessonSaveError, PrivacyError
from napari_vascular_loop.domain.face import may_show_face
from napari_vascular_loop.formats.lesson_archive import pack_lesson, packed_files
from napari_vascular_loop.formats.lesson_folder import LESSON_FILE, LessonFolder
from napari_vascular_loop.formats.lesson_json import encode
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.lessons import check_volume
from napari_vascular_loop.privacy.known import hand_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson, LessonVolume


def pack_cropped(
    folder: Path,
    target: Path,
    *,
    crop_mm: float = DEFAULT_CROP_MM,
    overwrite: bool = False,
    progress: Callable[[float], None] = lambda _done: None,
) -> Path:
    """Pack a lesson of whose own volumes only what is around the marks goes along; the lesson itself stays whole.

    Parameters
    ----------
    folder : Path
        The lesson's folder, as it is on disk.
    target : Path
        The file to be made: see :func:`~napari_vascular_loop.formats.lesson_archive.pack_lesson`.
    crop_mm : float
        Side of the cube that is kept of each volume, larger where its marks lie farther apart.
    overwrite : bool
        Whether a file of that name may go.
    progress : callable
        Told the part that is done, 0 to 1.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    LessonError, VolumeReadError, WrongVolumeError
        If lesson or volumes can't be read.
    LessonSaveError
        If it can't be written.
    PrivacyError
        If `crop_mm` is no length.
    """
    if not 5.0 <= crop_mm <= 1000.0:
        raise PrivacyError(f"5 to 1000 mm can be kept around the marks, got {crop_mm:g}")
    try:
        with tempfile.TemporaryDirectory(prefix="vascular-loop-") as aside:
            copy = Path(aside) / "lesson"
            _copy(LessonFolder(folder), copy, crop_mm, progress)
            return pack_lesson(copy, target, overwrite=overwrite)
    except OSError as error:
        raise LessonSaveError(f"the lesson could not be cut ({error.strerror or error})") from error


def shows_face(lesson: Lesson) -> bool:
    """Whether a volume that travels with a lesson is large enough to show somebody's face."""
    return any(
        entry.file is not None and not entry.synthetic and any(may_show_face(one.grid) for one in entry.fingerprints)
        for entry in lesson.volumes
    )


def _copy(source: LessonFolder, target: Path, crop_mm: float, progress: Callable[[float], None]) -> None:
    lesson = source.read()
    places = {entry.id: source.volume_path(entry) for entry in lesson.volumes}
    entries = []
    for number, entry in enumerate(lesson.volumes):
        path = places[entry.id]
        entries.append(entry if path is None else _cut(entry, path, target, lesson.annotations, crop_mm))
        progress((number + 1) / len(lesson.volumes))
    for path in packed_files(source, lesson):
        if path.name != LESSON_FILE and not any(
            place is not None and path.resolve().is_relative_to(place) for place in places.values()
        ):
            copy = target / path.relative_to(source.path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    target.mkdir(parents=True, exist_ok=True)
    (target / LESSON_FILE).write_bytes(encode(replace(lesson, volumes=tuple(entries))))


def _cut(
    entry: LessonVolume, path: Path, target: Path, annotations: tuple[Annotation, ...], crop_mm: float
) -> LessonVolume:
    volume = check_volume(entry, read_volumes(path))
    marks = [mark for mark in annotations if mark.volume_id == entry.id] or annotations
    vertices = [vertex for mark in marks for vertex in mark.geometry.vertices_ras_mm]
    part = cropped(volume, box_around(volume.voxel_to_ras, volume.grid.shape, vertices, crop_mm))
    if part.voxels.size == 0:
        raise LessonError(f"nothing is left of the volume {entry.id!r} around its marks")
    half = target / "volumes" / "cut.nii.gz"
    half.parent.mkdir(parents=True, exist_ok=True)
    write_nifti(part, half)
    written = read_volumes(half)[0]
    # Named by what is in it: never after what it was cut from.
    file = f"volumes/{written.provenance.id}.nii.gz"
    fingerprint = replace(written.fingerprint, frame_of_reference_uid=entry.frame_of_reference_uid)
    fingerprint.voxels_sha256  # noqa: B018 (hashed before the file is called otherwise)
    half.replace(target / file)
    hand_on(entry.fingerprints, fingerprint)
    return replace(entry, file=file, fingerprints=(fingerprint,))
