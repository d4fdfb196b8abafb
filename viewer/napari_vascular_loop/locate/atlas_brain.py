"""The atlas without its skull: what a scan without skull is compared with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.space import transform_points
from napari_vascular_loop.formats.volumes import read_volumes

if TYPE_CHECKING:
    from napari_vascular_loop.locate.head import Head


def without_skull(atlas: Head) -> Head:
    """Cut away what is not brain, by the mask that ships with the program.

    Parameters
    ----------
    atlas : Head
        The whole head, in MNI space.
    """
    from scipy.ndimage import map_coordinates

    mask = read_volumes(content_folder("annotations") / "atlas" / "brain.nii.gz")[0]
    index = np.stack(np.meshgrid(*[np.arange(n) for n in atlas.values.shape], indexing="ij"), -1)
    places = index * atlas.spacing_mm + atlas.origin_ras_mm
    there = transform_points(np.linalg.inv(mask.voxel_to_ras), places)
    brain = map_coordinates(np.asarray(mask.voxels, dtype=np.float32), np.moveaxis(there, -1, 0), order=1) > 0.5
    return replace(atlas, values=np.where(brain, atlas.values, 0).astype(np.float32), is_stripped=True)
