"""How one would open DICOM without us; each gives array[column, row, slice] in order of place."""

from __future__ import annotations

import io
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dcm2niix
import highdicom
import nibabel
import numpy as np
import pydicom
import SimpleITK

from benchmarks.checked import of_itk

if TYPE_CHECKING:
    import numpy.typing as npt

ITK, NIIX, PYDICOM, HIGHDICOM = "SimpleITK", "dcm2niix, writes a .nii; nibabel", "pydicom, pixel_array", "highdicom"
RAW = "limit: the files' bytes read into one array"


def with_itk(folder: Path) -> object:
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return of_itk(reader.Execute())


def with_itk_file(file: Path) -> object:
    return of_itk(SimpleITK.ReadImage(file))


def with_dcm2niix(source: Path) -> npt.NDArray[Any]:
    """Convert to an unpacked file, as quick as it goes, and read that; rows come back in the order of the truth."""
    with tempfile.TemporaryDirectory() as out:
        alone = "y" if source.is_file() else "n"
        command = [dcm2niix.bin, "-s", alone, "-z", "n", "-b", "n", "-f", "out", "-o", out, str(source)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (file,) = Path(out).glob("*.nii")
        return np.array(nibabel.load(file).dataobj.get_unscaled(), order="K")[:, ::-1]


def with_pydicom(folder: Path) -> npt.NDArray[Any]:
    slices = [pydicom.dcmread(file) for file in folder.iterdir()]
    slices.sort(key=lambda one: one.ImagePositionPatient[2])
    return np.stack([one.pixel_array for one in slices]).T


def with_pydicom_file(file: Path) -> npt.NDArray[Any]:
    return pydicom.dcmread(file).pixel_array.T


def with_highdicom(folder: Path) -> npt.NDArray[Any]:
    slices = [pydicom.dcmread(file) for file in folder.iterdir()]
    return _from_highdicom(highdicom.get_volume_from_series(slices, dtype=np.uint16))


def with_highdicom_file(file: Path) -> npt.NDArray[Any]:
    return _from_highdicom(highdicom.imread(file).get_volume(dtype=np.uint16))


def _from_highdicom(volume: highdicom.Volume) -> npt.NDArray[Any]:
    """Its slices run against the normal of rows and columns, so that the axes are right-handed."""
    return np.asarray(volume.array[::-1].T)


def raw_bytes(source: Path) -> npt.NDArray[np.uint8]:
    """Read all bytes, and nothing more."""
    files = [source] if source.is_file() else sorted(source.iterdir())
    out = np.empty(sum(file.stat().st_size for file in files), np.uint8)
    done = 0
    for file in files:
        with io.FileIO(file) as opened:
            done += opened.readinto(out.data[done : done + file.stat().st_size])
    return out
