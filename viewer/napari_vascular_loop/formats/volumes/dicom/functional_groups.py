"""What an enhanced multi-frame file says of each of its frames: its functional groups (PS3.3 section C.7.6.16).

They are sequences in sequences, three deep and thousands of elements long, and pydicom takes a millisecond for each
frame. So the bytes are walked here, where the file is written as usual; for all else pydicom is asked, and both
give the same answer.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydicom.multival import MultiValue
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydicom.valuerep import DSfloat

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicom.functional_walk import Values, Walk
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.formats.volumes.dicom.scan import ENCAPSULATED

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from napari_vascular_loop.formats.volumes.dicom.file import DicomFile

_WALKED = {*ENCAPSULATED, str(ImplicitVRLittleEndian), str(ExplicitVRLittleEndian)}
"""Transfer syntaxes of which the bytes are walked."""

_SEQUENCES = (
    "PerFrameFunctionalGroupsSequence",
    "SharedFunctionalGroupsSequence",
    "DimensionIndexSequence",
)

# Bounds on the work that a header may make, a few seconds each: real ones stay far below.
_LONGEST_HEADER = 1 << 26
_LONGEST_ASKED = 6 << 20
_MOST_ITEMS = 1_000_000
_MOST_FRAMES = 100_000
_ITEM = b"\xfe\xff\x00\xe0"

_UNASSIGNED = ("EchoTime", "EchoNumbers", "InversionTime", "TriggerTime", "TemporalPositionIdentifier")
_FRAME_TYPE = ("FrameType", "ComplexImageComponent", "VolumeBasedCalculationTechnique")
_MACROS: dict[str, tuple[str, ...]] = {
    "PixelMeasuresSequence": ("PixelSpacing", "SliceThickness", "SpacingBetweenSlices"),
    "PlaneOrientationSequence": ("ImageOrientationPatient",),
    "PlanePositionSequence": ("ImagePositionPatient",),
    "PixelValueTransformationSequence": ("RescaleIntercept", "RescaleSlope"),
    "FrameContentSequence": (
        "StackID",
        "InStackPositionNumber",
        "DimensionIndexValues",
        "TemporalPositionIndex",
        "FrameAcquisitionNumber",
        "FrameAcquisitionDateTime",
    ),
    "TemporalPositionSequence": ("TemporalPositionTimeOffset",),
    "CardiacSynchronizationSequence": ("NominalCardiacTriggerDelayTime",),
    "MREchoSequence": ("EffectiveEchoTime",),
    "MRModifierSequence": ("InversionTimes",),
    "MRDiffusionSequence": ("DiffusionBValue", "DiffusionDirectionality"),
    "DiffusionGradientDirectionSequence": ("DiffusionGradientOrientation",),
    "MRArterialSpinLabelingSequence": ("ASLContext",),
    "MRImageFrameTypeSequence": _FRAME_TYPE,
    "CTImageFrameTypeSequence": _FRAME_TYPE,
    "PETFrameTypeSequence": _FRAME_TYPE,
    "XRay3DFrameTypeSequence": _FRAME_TYPE,
    "UnassignedSharedConvertedAttributesSequence": _UNASSIGNED,
    "UnassignedPerFrameConvertedAttributesSequence": _UNASSIGNED,
}
"""Sequences of a functional group, and what is looked at in the first item of each."""

_CLASSIC = {
    # how a single-frame file calls the same
    "FrameType": "ImageType",
    "EffectiveEchoTime": "EchoTime",
    "InversionTimes": "InversionTime",
    "TemporalPositionIndex": "TemporalPositionIdentifier",
    "NominalCardiacTriggerDelayTime": "TriggerTime",
    "FrameAcquisitionNumber": "AcquisitionNumber",
    "FrameAcquisitionDateTime": "AcquisitionTime",
}


@dataclass(frozen=True, eq=False)
class FunctionalGroups:
    """What is said of the frames of a file.

    Parameters
    ----------
    frames : list of dict
        For each frame, values by the keywords of single-frame files where these have one.
    dimensions : tuple of int
        The tag of each dimension, in the order of a frame's "DimensionIndexValues".
    """

    frames: list[Values]
    dimensions: tuple[int, ...] = ()


def functional_groups(file: DicomFile) -> FunctionalGroups | None:
    """Read what is said of each frame; None if the file has no functional groups.

    Raises
    ------
    VolumeReadError
        If the file is damaged.
    """
    if int(file.get("NumberOfFrames", 1)) > _MOST_FRAMES:
        raise VolumeReadError(f"it claims to hold more than the {_MOST_FRAMES} images that are read of one file")
    found = walked(file)
    return asked(file) if found is None else found


def walked(file: DicomFile) -> FunctionalGroups | None:
    """Read the functional groups from the bytes; None if that is better left to pydicom."""
    syntax = file.transfer_syntax
    if syntax not in _WALKED:
        return None
    try:
        count = int(file.get("NumberOfFrames", 1))
        with file.path.open("rb") as stream:
            data = stream.read(min(file.pixels_offset or _LONGEST_HEADER, _LONGEST_HEADER))
        if data.count(_ITEM) > _MOST_ITEMS:
            raise VolumeReadError(f"its functional groups have more than {_MOST_ITEMS} parts, as no scan's have")
        walk = Walk(data, syntax != ImplicitVRLittleEndian, _MACROS)
        frames, dimensions = walk.functional_groups(count)
    except (OSError, struct.error, ValueError, IndexError, RecursionError):
        return None
    return FunctionalGroups([_classic(one) for one in frames], dimensions)


@quietly()
def asked(file: DicomFile) -> FunctionalGroups | None:
    """Read the functional groups with pydicom."""
    dataset = file.dataset()
    try:
        if sum(_raw_length(dataset, sequence) for sequence in _SEQUENCES) > _LONGEST_ASKED:
            raise VolumeReadError(
                f"its functional groups are longer than {_LONGEST_ASKED} bytes, and written unusually"
            )
        per_frame = dataset.get("PerFrameFunctionalGroupsSequence")
        if not per_frame:
            return None
        shared = dataset.get("SharedFunctionalGroupsSequence")
        common = _values_of(shared[0]) if shared else {}
        pointers = [int(one.DimensionIndexPointer) for one in dataset.get("DimensionIndexSequence") or ()]
        return FunctionalGroups([_classic({**common, **_values_of(one)}) for one in per_frame], tuple(pointers))
    except DAMAGE as error:
        raise VolumeReadError(f"its functional groups are damaged ({type(error).__name__})") from error


def _raw_length(dataset: Dataset, keyword: str) -> int:
    """Length of an element whose value pydicom has not looked into yet; 0 where there is none."""
    element: Any = dataset.get_item(keyword) if keyword in dataset else None
    value = getattr(element, "value", None)
    return len(value) if isinstance(value, bytes) else 0


def _classic(values: Values) -> Values:
    renamed = {keyword: value for keyword, value in values.items() if keyword not in _CLASSIC}
    renamed.update((classic, values[keyword]) for keyword, classic in _CLASSIC.items() if keyword in values)
    times = renamed.get("InversionTime")
    if isinstance(times, list):
        renamed["InversionTime"] = times[0] if times else None
    return renamed


def _values_of(dataset: Dataset) -> Values:
    values: Values = {}
    for sequence, keywords in _MACROS.items():
        item = dataset.get(sequence)
        if item and sequence == "MRDiffusionSequence":
            values.update(_values_of(item[0]))  # the gradient's direction is a sequence in this one
        if not item:
            continue
        for keyword in keywords:
            value = _plain(item[0].get(keyword))
            if value is not None and value != "" and value != []:
                values[keyword] = value
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, MultiValue | list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, DSfloat):
        return float(value)
    if isinstance(value, str):
        return str(value)
    return int(value) if type(value) is not float and isinstance(value, int) else value
