"""The atlas without its skull: what a scan without skull is compared with."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.formats.volumes import read_volumes

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.locate.head import Head


@lru_cache(maxsize=1)
def without_skull(atlas: Head) -> Head:
    """Cut away what is not brain, by the mask that ships with the program.

    Parameters
    ----------
    atlas : Head
        The whole head, in MNI space.
    """
    mask = read_volumes(content_folder("annotations") / "atlas" / "brain.nii.gz")[0]
    voxel_to_ras = np.diag([*[atlas.spacing_mm] * 3, 1.0])
    voxel_to_ras[:3, 3] = atlas.origin_ras_mm
    brain = mask_on_grid(mask, voxel_to_ras, atlas.values.shape)
    return replace(atlas, values=np.where(brain, atlas.values, 0).astype(np.float32), is_stripped=True)


def mask_on_grid(mask: Volume, voxel_to_ras: FloatArray, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Say which voxels of a grid lie within a mask of the same space.

    Parameters
    ----------
    mask : Volume
        Above 0 within.
    voxel_to_ras : array of shape (4, 4)
        Of the grid.
    shape : (int, int, int)
        Of the grid.
    """
    from scipy.ndimage import affine_transform

    to_mask = np.linalg.inv(mask.voxel_to_ras) @ voxel_to_ras
    within = (mask.voxels > 0).astype(np.float32)
    return np.asarray(affine_transform(within, to_mask[:3, :3], to_mask[:3, 3], output_shape=shape, order=1) > 0.5)
