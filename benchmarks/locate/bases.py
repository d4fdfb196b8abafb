"""The public heads of which heads with known truth are made."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import binary_closing, binary_fill_holes, gaussian_filter, label

from napari_vascular_loop.domain.registration import ATLAS_ID
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.locate.atlas_brain import mask_on_grid
from napari_vascular_loop.locate.fossa import ROOTS_ATLAS_MM
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.fetch import fetch_sample

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume

COLIN_VALUES = (0.0, 40.0, 86.0, 111.0, 190.0)
"""Of air, fluid, grey matter, white matter and fat in Colin27, to which those of another head are brought."""

_FAINT = 0.01
"""Where less of the brain is near than this, the head is left as it is."""


@dataclass(frozen=True, eq=False)
class Base:
    """A public head in MNI space.

    Parameters
    ----------
    volume : Volume
        The whole head, T1.
    brain : array of bool, shape of the volume, or None
        Where its brain is, for heads without skull; such a one is whole where it is not given.
    places_mni_mm : dict of str to array of shape (3,)
        Root of the facial nerve, right and left.
    values : tuple of float
        Of air, fluid, grey matter, white matter and fat.
    """

    volume: Volume
    brain: np.ndarray | None
    places_mni_mm: dict[str, FloatArray]
    values: tuple[float, ...] = COLIN_VALUES

    def as_colin(self) -> np.ndarray:
        """Its voxels, their values brought to those that Colin27 has for the same tissue."""
        voxels = self.volume.voxels.astype(np.float32)
        if self.values == COLIN_VALUES:
            return voxels
        values = np.array([*self.values, self.values[-1] * 2 - self.values[-2]])
        theirs = np.array([*COLIN_VALUES, COLIN_VALUES[-1] * 2 - COLIN_VALUES[-2]])
        return np.interp(voxels, values, theirs).astype(np.float32)


def colin27() -> Base:
    """The head that is the atlas, too: the pose differs, the person does not."""
    path = fetch_sample(load_catalogue().entry(ATLAS_ID))
    stripped = path.with_name("ch2bet.nii.gz")
    brain = read_volumes(stripped)[0].voxels > 0 if stripped.is_file() else None
    # As they lie in this head; the atlas' table goes half-way to where they lie in most.
    places = dict(zip(("right", "left"), ROOTS_ATLAS_MM, strict=True))
    return Base(read_volumes(path)[0], brain, places)


def other(name: str, folder: Path) -> Base:
    """Another head: `name`.json beside this module says which files of a folder it is, and where its roots are."""
    told: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    volume = read_volumes(folder / told["file"])[0]
    brain = None
    if (folder / told["brain"]).exists():
        brain = mask_on_grid(read_volumes(folder / told["brain"])[0], volume.voxel_to_ras, volume.grid.shape)
    if "even_within_mm" in told and brain is not None:
        volume = replace(volume, voxels=_evened(volume, brain, told["even_within_mm"]))
    if "air_below" in told:
        volume = replace(volume, voxels=_quiet_around(volume.voxels, told["air_below"]))
    if "to_mni" in told:
        # A head as it came from the scanner is laid straight; it keeps its size.
        volume = replace(volume, voxel_to_ras=np.array(told["to_mni"]) @ volume.voxel_to_ras)
    places = {side: np.array(place, dtype=np.float64) for side, place in told["places"].items()}
    return Base(volume, brain, places, tuple(told["values"]))


def _evened(volume: Volume, brain: np.ndarray, within_mm: float) -> np.ndarray:
    """Take out what the coil made brighter on one side: tissue could not be told by its value otherwise."""
    values = volume.voxels.astype(np.float32)
    sigma = within_mm / np.array(volume.spacing_mm)
    usual = float(np.median(values[brain]))
    tissue = brain & (values > usual / 2)
    weight = gaussian_filter(tissue.astype(np.float32), sigma) + _FAINT
    field = (gaussian_filter(np.where(tissue, values, 0), sigma) + _FAINT * usual) / weight
    return np.asarray(values * (float(np.median(field[brain])) / field))


def _quiet_around(values: np.ndarray, air_below: float) -> np.ndarray:
    """Take out noise and ghosts around a head: in another contrast they would be as bright as tissue."""
    lumps, _ = label(binary_closing(gaussian_filter(values.astype(np.float32), 1) > air_below, iterations=3))
    sizes = np.bincount(lumps.ravel())
    sizes[0] = 0
    head = np.stack([binary_fill_holes(part) for part in lumps == sizes.argmax()])
    return np.asarray(np.where(head, values, 0), dtype=np.float32)
