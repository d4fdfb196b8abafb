"""The public heads of which heads with known truth are made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

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
    places = {side: np.array(place, dtype=np.float64) for side, place in told["places"].items()}
    return Base(volume, brain, places, tuple(told["values"]))
