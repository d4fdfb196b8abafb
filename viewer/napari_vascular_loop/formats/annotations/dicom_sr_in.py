"""Reading marks from DICOM structured reports: our own, and what can be made of those of others.

Nothing is taken on trust: only the measurement groups and coordinates that are found are used, whatever the template
says; what has no place in an annotation is told. highdicom is not needed for it.
"""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import AnnotationError, LessonError, WrongVolumeError
from napari_vascular_loop.formats.annotations import dicom_codes as codes
from napari_vascular_loop.formats.annotations.dicom_bytes import read_object
from napari_vascular_loop.formats.annotations.dicom_group import Said, said_in
from napari_vascular_loop.formats.annotations.dicom_region import geometries_of
from napari_vascular_loop.formats.annotations.dicom_tree import Item, items_of, said_uid
from napari_vascular_loop.formats.annotations.loss import Loss
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.formats.volumes.dicom.refusal import kind_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.domain.annotation import Annotation

_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
_KEY_IMAGES = "1.2.840.10008.5.1.4.1.1.88.59"


def decode_sr(
    data: bytes, name: str, volume_id: str, frame_of_reference_uid: str | None = None
) -> tuple[tuple[Annotation, ...], tuple[Loss, ...]]:
    """Read the marks of a structured report.

    Parameters
    ----------
    data : bytes
        The DICOM file.
    name : str
        What the errors call it.
    volume_id : str
        Of the volume that the marks are to lie in.
    frame_of_reference_uid : str, optional
        That of the volume (its provenance has it). Marks of another frame of reference would be shown in a wrong
        place: they are left out, and told. Where it is not given, all must be of one.

    Returns
    -------
    tuple of Annotation
        In the order of the report, in RAS mm.
    tuple of Loss
        What has no place in an annotation.

    Raises
    ------
    LessonError
        If it is no structured report, is damaged, or holds no mark in space.
    WrongVolumeError
        If all of its marks are of another frame of reference, or of several and it is not said which is wanted.
    """
    uid, groups = _groups(data, name)
    reader = _Reader(uid, volume_id)
    frames = {frame for group in groups for frame in group.frames}
    if not groups:
        raise LessonError(f"{name}: the report holds no mark in space (no SCOORD3D); it can't be placed in a volume")
    if frame_of_reference_uid is None and len(frames) > 1:
        raise WrongVolumeError(
            f"{name}: its marks are of {len(frames)} frames of reference, so they belong to different scans; open the "
            "scan that you want them in, and import them there"
        )
    if frame_of_reference_uid is not None and frame_of_reference_uid not in frames:
        raise WrongVolumeError(
            f"{name}: its marks were made in another scan (another frame of reference): in this one they would lie in "
            "a wrong place; open the scan that they were made in"
        )
    with quietly():
        for group in groups:
            reader.read(group, frame_of_reference_uid)
    return tuple(reader.annotations), tuple(reader.losses)


def frames_of_reference(data: bytes, name: str) -> tuple[str, ...]:
    """UIDs of the frames of reference that the marks of a report are in, each once.

    Raises
    ------
    LessonError
        If it is no structured report, or is damaged.
    """
    return tuple(dict.fromkeys(frame for group in _groups(data, name)[1] for frame in group.frames))


@dataclass(frozen=True)
class _Group:
    """Items that are about one finding, and the regions among them.

    Parameters
    ----------
    items : tuple of Item
        Those of its own level first.
    author : str
        Who observed it, where the group itself does not say.
    """

    items: tuple[Item, ...]
    regions: tuple[Item, ...]
    author: str = ""

    @property
    def frames(self) -> list[str]:
        """Frame of reference of each region; "" where it is not said."""
        return [said_uid(region, "ReferencedFrameOfReferenceUID") for region in self.regions]


def _groups(data: bytes, name: str) -> tuple[str, list[_Group]]:
    """UID of a report, and its groups that hold regions in space."""
    dataset = read_object(data, name)
    try:
        with quietly():
            kind = str(dataset.get("SOPClassUID", ""))
            if not kind.startswith(_REPORTS) or kind == _KEY_IMAGES:
                raise LessonError(f"{name}: it is no structured report ({kind_name(kind)}); choose another file")
            root = Item(dataset)
            return str(dataset.get("SOPInstanceUID", "")), list(_found_groups(root))
    except DAMAGE as error:
        raise LessonError(f"{name}: the report is damaged ({type(error).__name__}); export it anew") from error


def _found_groups(root: Item) -> Iterator[_Group]:
    author = said_in(root.children).author
    waiting = deque([root])
    while waiting:
        item = waiting.popleft()
        if item.code == codes.key(codes.MEASUREMENT_GROUP):
            inside = tuple(items_of(item))
            regions = tuple(one for one in inside if one.kind == "SCOORD3D")
            if regions:
                own = set(map(id, item.children))
                yield _Group((*item.children, *(one for one in inside if id(one) not in own)), regions, author)
        elif item.kind == "SCOORD3D":
            yield _Group(item.children, (item,), author)
        else:
            waiting.extendleft(reversed(item.children))


class _Reader:
    """Makes annotations of groups."""

    def __init__(self, document_uid: str, volume_id: str) -> None:
        self.annotations: list[Annotation] = []
        self.losses: list[Loss] = []
        self._document_uid = document_uid
        self._volume_id = volume_id
        self._ids: set[str] = set()

    def read(self, group: _Group, frame_of_reference_uid: str | None) -> None:
        """Add the marks of a group."""
        try:
            said = said_in(group.items)
        except DAMAGE as error:
            self.losses.append(Loss(f"a mark whose description is damaged ({type(error).__name__})"))
            return
        said = replace(said, author=said.author or group.author)
        made: list[Annotation] = []
        losses = list(said.losses)
        for region, frame in zip(group.regions, group.frames, strict=True):
            if frame_of_reference_uid is not None and frame != frame_of_reference_uid:
                losses.append("a mark of another scan (another frame of reference)")
                continue
            try:
                geometries, told = geometries_of(region, said.shape)
                made += [said.annotation(one, self._volume_id, self._id(said)) for one in geometries]
                losses += told
            except (AnnotationError, *DAMAGE) as error:
                reason = str(error) if isinstance(error, AnnotationError) else "its coordinates are damaged"
                losses.append(f"a mark that makes no sense: {reason}")
        self.annotations += made
        for words in losses:
            self.losses.append(Loss.of(made[0], words) if made else Loss(words))

    def _id(self, said: Said) -> str:
        """Id of the next mark: the report's, if it is not taken; else one that is the same each time it is read."""
        wanted = said.id
        number = len(self._ids)
        while not wanted or wanted in self._ids:
            wanted = uuid.uuid5(uuid.NAMESPACE_OID, f"{self._document_uid} {said.id} {number}").urn
            number += 1
        self._ids.add(wanted)
        return wanted
