"""Files of many frames: enhanced MR, CT and PET, and whatever else says where each of its frames lies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, FrameHeader, frame_of
from napari_vascular_loop.formats.volumes.dicom.functional_groups import functional_groups
from napari_vascular_loop.formats.volumes.dicom.refusal import kind_name

if TYPE_CHECKING:
    from napari_vascular_loop.formats.volumes.dicom.file import DicomFile

_ENHANCED = frozenset(
    "1.2.840.10008.5.1.4.1.1." + end for end in ("2.1", "2.2", "4.1", "4.4", "128.1", "130", "13.1.1", "13.1.3")
)
_PROJECTIONS = ("MAX_IP", "MIN_IP", "VOLUME_RENDER", "SURFACE_RENDER", "AVERAGE_IP", "MEAN_IP")


def has_frames(file: DicomFile) -> bool:
    """Whether what is said of an image lies in functional groups, not in the header itself."""
    return int(file.get("NumberOfFrames", 1)) != 1 or file.get("SOPClassUID") in _ENHANCED


def frames_of(file: DicomFile) -> list[DicomFrame]:
    """Make slices of the frames of a file.

    Raises
    ------
    VolumeReadError
        If the frames don't say where they lie, or are projections; the message is the reason, without the
        file's name.
    """
    kind = kind_name(file.get("SOPClassUID", ""))
    groups = functional_groups(file)
    count = int(file.get("NumberOfFrames", 1))
    if groups is None and count == 1:
        return [frame_of(file)]
    if groups is None:
        raise VolumeReadError(
            f"a multi-frame image, which is not read yet ({kind}): it does not say where each of its frames lies"
        )
    if len(groups.frames) != count:
        raise VolumeReadError(
            f"a damaged multi-frame image: it should hold {count} frames, but speaks of {len(groups.frames)} ({kind})"
        )
    frames = []
    for number, own in enumerate(groups.frames):
        if "PROJECTION IMAGE" in own.get("ImageType", ()) or own.get("VolumeBasedCalculationTechnique") in _PROJECTIONS:
            continue
        own["Dimensions"] = groups.dimensions
        frames.append(frame_of(file, FrameHeader(own, file), number))
    if not frames:
        raise VolumeReadError(f"projections: the depth of what they show is not known ({kind})")
    if all(one.position_lps_mm is None for one in frames):
        raise VolumeReadError(f"a multi-frame image that does not say where each of its frames lies ({kind})")
    return _by_stack(frames)


def _by_stack(frames: list[DicomFrame]) -> list[DicomFrame]:
    """Keep stacks apart. A stack of a single frame is none: some call each frame so."""
    names = [str(one.header.get("StackID", "")) for one in frames]
    sizes = Counter(names)
    return [
        replace(one, key=(*one.key, f"stack {name}")) if sizes[name] > 1 and len(sizes) > 1 else one
        for one, name in zip(frames, names, strict=True)
    ]
