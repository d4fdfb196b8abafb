"""What ITK reads from a file, turned to voxels[i, j, k] and RAS mm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import SimpleITK

if TYPE_CHECKING:
    from pathlib import Path

LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def itk_volume(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Voxels and voxel_to_ras, as ITK finds them.

    ITK reads x.nii when it is asked for x.nii.gz and both are in one folder: keep them apart.

    Returns
    -------
    voxels : array of shape (I, J, K) or (I, J, K, T)
    voxel_to_ras : array of shape (4, 4)
    """
    image = SimpleITK.ReadImage(str(path))
    array = SimpleITK.GetArrayFromImage(image)
    if image.GetNumberOfComponentsPerPixel() > 1:
        voxels = np.moveaxis(array, -1, 0).T
        voxels = np.moveaxis(voxels, -1, 3)
    else:
        voxels = array.T
    dimension = image.GetDimension()
    directions = np.array(image.GetDirection()).reshape(dimension, dimension)[:3, :3]
    matrix = np.eye(4)
    matrix[:3, :3] = directions * np.array(image.GetSpacing())[:3]
    matrix[:3, 3] = image.GetOrigin()[:3]
    return voxels, LPS @ matrix
