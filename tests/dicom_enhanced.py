"""Synthetic enhanced multi-frame files: shared and per-frame functional groups, frames in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from dicom_series import save, series, slice_dataset
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    EnhancedCTImageStorage,
    EnhancedMRImageStorage,
    EnhancedPETImageStorage,
    ExplicitVRLittleEndian,
    generate_uid,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

KINDS = {
    "MR": (EnhancedMRImageStorage, "MRImageFrameTypeSequence"),
    "CT": (EnhancedCTImageStorage, "CTImageFrameTypeSequence"),
    "PT": (EnhancedPETImageStorage, "PETFrameTypeSequence"),
}


@dataclass
class Frame:
    """Pixels[row, column], and what each functional group says of them: {"MREchoSequence": {...}}."""

    pixels: np.ndarray
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)


def frames(
    voxels: np.ndarray,
    voxel_to_ras: np.ndarray,
    stack: str = "1",
    content: dict[str, Any] | None = None,
    **groups: Any,
) -> list[Frame]:
    """Frames of voxels[column, row, slice]; a value of a group may be a function of k."""
    made = []
    for k, plain in enumerate(series(voxels, voxel_to_ras)):
        own = {
            "PixelMeasuresSequence": {
                "PixelSpacing": plain.PixelSpacing,
                "SliceThickness": plain.SliceThickness,
                "SpacingBetweenSlices": plain.SliceThickness,
            },
            "PlaneOrientationSequence": {"ImageOrientationPatient": plain.ImageOrientationPatient},
            "PlanePositionSequence": {"ImagePositionPatient": plain.ImagePositionPatient},
            "PixelValueTransformationSequence": {"RescaleIntercept": "0", "RescaleSlope": "1", "RescaleType": "US"},
            "FrameContentSequence": {"StackID": stack, "InStackPositionNumber": k + 1, **(content or {})},
        }
        for name, values in groups.items():
            if values is None:
                own.pop(name, None)
                continue
            own[name] = {key: value(k) if callable(value) else value for key, value in values.items()}
        made.append(Frame(voxels[:, :, k].T, own))
    return made


def enhanced_dataset(
    images: list[Frame],
    kind: str = "MR",
    shared: Iterable[str] = ("PixelMeasuresSequence", "PixelValueTransformationSequence"),
    frame_type: tuple[str, ...] = ("ORIGINAL", "PRIMARY", "T1", "NONE"),
    undefined_length: bool = False,
    dimensions: tuple[str, ...] = (),
    **values: Any,
) -> Dataset:
    """One file of these frames, in this order; the groups named in `shared` are those of the first frame."""
    sop_class, type_sequence = KINDS[kind]
    pixels = np.concatenate([one.pixels for one in images])
    dataset = slice_dataset(
        pixels,
        **{
            "SOPClassUID": sop_class,
            "Modality": kind,
            "Rows": images[0].pixels.shape[0],
            "NumberOfFrames": len(images),
            "ImageType": list(frame_type),
            "InstanceNumber": 1,
            "ContentDate": "20200102",
            "ContentTime": "030405",
            **values,
        },
    )
    shared = set(shared)
    groups = Dataset()
    for name in shared & set(images[0].groups):
        setattr(groups, name, _sequence(images[0].groups[name]))
    dataset.SharedFunctionalGroupsSequence = Sequence([groups])
    per_frame = []
    for image in images:
        own = {type_sequence: {"FrameType": list(frame_type)}, **image.groups}
        group = Dataset()
        for name, elements in own.items():
            if name not in shared:
                setattr(group, name, _sequence(elements))
        per_frame.append(group)
    dataset.PerFrameFunctionalGroupsSequence = Sequence(per_frame)
    if dimensions:
        pointers = [_item({"DimensionIndexPointer": name}) for name in dimensions]
        dataset.DimensionIndexSequence = Sequence(pointers)
    if undefined_length:
        _undefine(dataset)
    return dataset


def write_enhanced(
    path: Path,
    images: list[Frame],
    transfer_syntax: str = ExplicitVRLittleEndian,
    change: Callable[[Dataset], None] | None = None,
    **options: Any,
) -> Path:
    """Write one file of these frames."""
    dataset = enhanced_dataset(images, **options)
    dataset.file_meta.TransferSyntaxUID = transfer_syntax
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    if change is not None:
        change(dataset)
    return save(dataset, path)


def _item(elements: dict[str, Any]) -> Dataset:
    item = Dataset()
    for name, value in elements.items():
        setattr(item, name, _sequence(value) if isinstance(value, dict) else value)
    return item


def _sequence(elements: dict[str, Any]) -> Sequence:
    return Sequence([_item(elements)])


def _undefine(dataset: Dataset) -> None:
    """Write sequences and items with delimiters instead of lengths."""
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                _undefine(item)
