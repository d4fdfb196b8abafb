"""DICOM files to measure with: series of single images, and files of many frames, as scanners write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage, RLELossless, generate_uid

from benchmarks.scans import SPACING_MM, head, made

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

SHAPE = (512, 512, 320)
"""Columns, rows, slices."""

BITS_STORED = 12
_PRIVATE_BYTES = (12_000, 64_000)
"""Of Siemens' two CSA headers, about."""

_CORNER_MM = (-115.0, -115.0, -96.0)
_ORIENTATION = [1, 0, 0, 0, 1, 0]


def voxels(slices: int | None = None) -> npt.NDArray[np.uint16]:
    """What all of these files hold: array[column, row, slice] of 12 bits; fewer slices are the middle ones."""
    slices = SHAPE[2] if slices is None else slices
    start = (SHAPE[2] - slices) // 2
    whole = np.load(made("truth.npy", lambda path: np.save(path, head(SHAPE, "int16").T)), mmap_mode="r")
    return whole[start : start + slices].view(np.uint16).T


def series(name: str, syntax: str = ExplicitVRLittleEndian, slices: int | None = None) -> Path:
    """A folder with a file a slice; the names tell nothing of the order."""
    slices = SHAPE[2] if slices is None else slices

    def write(folder: Path) -> None:
        folder.mkdir()
        random = np.random.default_rng(4)
        truth, order = voxels(slices), random.permutation(slices)
        private = [random.integers(0, 100, count, np.uint8).tobytes() for count in _PRIVATE_BYTES]
        common = {"SeriesInstanceUID": generate_uid(), "StudyInstanceUID": generate_uid()}
        for k in range(slices):
            dataset = _image(truth[:, :, k], MRImageStorage, **common)
            dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
            dataset.InstanceNumber = k + 1
            dataset.ImagePositionPatient = [*_CORNER_MM[:2], round(_CORNER_MM[2] + SPACING_MM[2] * k, 4)]
            dataset.ImageOrientationPatient = _ORIENTATION
            dataset.PixelSpacing, dataset.SliceThickness = [SPACING_MM[1], SPACING_MM[0]], SPACING_MM[2]
            block = dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
            block.add_new(0x10, "OB", private[0])
            block.add_new(0x20, "OB", private[1])
            _save(dataset, folder / f"{order[k]:04}.dcm", syntax)

    return made(name, write)


def enhanced(name: str, bits_stored: int = BITS_STORED) -> Path:
    """One file of all slices as frames, with functional groups."""

    def write(path: Path) -> None:
        truth = voxels()
        dataset = _image(
            truth, EnhancedMRImageStorage, SeriesInstanceUID=generate_uid(), StudyInstanceUID=generate_uid()
        )
        dataset.Rows, dataset.Columns, dataset.NumberOfFrames = SHAPE[1], SHAPE[0], SHAPE[2]
        dataset.BitsStored, dataset.HighBit = bits_stored, bits_stored - 1
        dataset.ImageType = frame_type = ["ORIGINAL", "PRIMARY", "T1", "NONE"]
        dataset.InstanceNumber, dataset.ContentDate, dataset.ContentTime = 1, "20261101", "101112"
        organization = generate_uid()
        dataset.DimensionOrganizationSequence = [_item(DimensionOrganizationUID=organization)]
        dataset.DimensionIndexSequence = [
            _item(
                DimensionOrganizationUID=organization,
                DimensionIndexPointer=element,
                FunctionalGroupPointer=0x00209111,
            )
            for element in (0x00209056, 0x00209057)
        ]
        measures = {"PixelSpacing": [SPACING_MM[1], SPACING_MM[0]], "SliceThickness": SPACING_MM[2]}
        dataset.SharedFunctionalGroupsSequence = [
            _item(
                PixelMeasuresSequence=[_item(**measures, SpacingBetweenSlices=SPACING_MM[2])],
                PlaneOrientationSequence=[_item(ImageOrientationPatient=_ORIENTATION)],
                PixelValueTransformationSequence=[_item(RescaleIntercept=0, RescaleSlope=1, RescaleType="US")],
            )
        ]
        dataset.PerFrameFunctionalGroupsSequence = [_frame(k, frame_type) for k in range(SHAPE[2])]
        _save(dataset, path, ExplicitVRLittleEndian)

    return made(name, write)


def _frame(k: int, frame_type: list[str]) -> Dataset:
    place = [*_CORNER_MM[:2], round(_CORNER_MM[2] + SPACING_MM[2] * k, 4)]
    content = _item(StackID="1", InStackPositionNumber=k + 1, DimensionIndexValues=[1, k + 1])
    return _item(
        FrameContentSequence=[content],
        PlanePositionSequence=[_item(ImagePositionPatient=place)],
        MRImageFrameTypeSequence=[_item(FrameType=frame_type)],
    )


def _item(**elements: Any) -> Dataset:
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


def _image(pixels: npt.NDArray[np.uint16], sop_class: str, **elements: Any) -> Dataset:
    """Pixels[column, row] or [column, row, frame]."""
    return _item(
        SOPClassUID=sop_class,
        SOPInstanceUID=generate_uid(),
        PatientName="PHANTOM^HEAD",
        PatientID="1",
        Modality="MR",
        Manufacturer="SIEMENS",
        SeriesDescription="head",
        FrameOfReferenceUID="1.2.826.0.1.3680043.8.498.2",
        Rows=pixels.shape[1],
        Columns=pixels.shape[0],
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=16,
        BitsStored=BITS_STORED,
        HighBit=BITS_STORED - 1,
        PixelRepresentation=0,
        PixelData=np.ascontiguousarray(pixels.T).tobytes(),
        **elements,
    )


def _save(dataset: Dataset, path: Path, syntax: str) -> None:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    dataset.file_meta = meta
    if syntax != ExplicitVRLittleEndian:
        # pydicom's own encoder of RLE takes seconds a slice.
        plugin = "pylibjpeg" if syntax == RLELossless else ""
        dataset.compress(syntax, encoding_plugin=plugin, generate_instance_uid=False)
    dataset.save_as(path, enforce_file_format=True)
