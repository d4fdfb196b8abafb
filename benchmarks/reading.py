"""Reading volumes: ours against nibabel and SimpleITK, on files made for the purpose."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import SimpleITK
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from benchmarks.timing import medians_ms, print_table
from napari_vascular_loop import read_volumes

SHAPE = (256, 256, 160)
SLICES = 120


def head() -> np.ndarray:
    """Smooth and a little noisy, so that it compresses about as a head does."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    inside = x**2 + y**2 + z**2 < 0.8
    grey = np.where(inside, 400 + 200 * np.sin(6 * x) * np.cos(5 * y + z), 5)
    return (grey + np.random.default_rng(1).normal(0, 6, SHAPE)).clip(0).astype(np.int16)


def write_series(folder: Path, voxels: np.ndarray) -> None:
    series, study = generate_uid(), generate_uid()
    for k in range(SLICES):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = MRImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        one = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        one.SOPClassUID, one.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
        one.SeriesInstanceUID, one.StudyInstanceUID, one.Modality = series, study, "MR"
        one.Rows, one.Columns, one.SamplesPerPixel = SHAPE[1], SHAPE[0], 1
        one.PhotometricInterpretation = "MONOCHROME2"
        one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 16, 15, 1
        one.PixelSpacing, one.SliceThickness = [0.9, 0.9], 1.2
        one.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        one.ImagePositionPatient = [-100, -110, 1.2 * k]
        one.InstanceNumber = k + 1
        one.PixelData = np.ascontiguousarray(voxels[:, :, k].T).tobytes()
        pydicom.dcmwrite(folder / f"{k:04}.dcm", one)


def read_sitk_series(folder: Path) -> np.ndarray:
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return SimpleITK.GetArrayViewFromImage(reader.Execute())


def main() -> None:
    voxels = head()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        # Apart from each other: ITK reads x.nii when asked for x.nii.gz beside it.
        for sub in ("gz", "dicom"):
            (root / sub).mkdir()
        gz = root / "gz" / "head.nii.gz"
        nibabel.save(nibabel.Nifti1Image(voxels, np.diag([0.9, 0.9, 1.2, 1])), gz)
        write_series(root / "dicom", voxels)
        ms = medians_ms(
            {
                "nibabel (array as on disk)": lambda: np.asanyarray(nibabel.load(gz).dataobj),
                "nibabel get_fdata": lambda: nibabel.load(gz).get_fdata(),
                "SimpleITK": lambda: SimpleITK.GetArrayViewFromImage(SimpleITK.ReadImage(str(gz))),
                "read_volumes": lambda: read_volumes(gz),
            }
        )
        print_table(f".nii.gz, {SHAPE} int16", ms, "nibabel (array as on disk)")
        ms = medians_ms(
            {
                "SimpleITK series reader": lambda: read_sitk_series(root / "dicom"),
                "read_volumes": lambda: read_volumes(root / "dicom"),
            },
            rounds=5,
        )
        print_table(f"DICOM, {SLICES} slices of {SHAPE[:2]}", ms, "SimpleITK series reader")


if __name__ == "__main__":
    main()
