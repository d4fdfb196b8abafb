"""Volumes as they are found before they are read: quick, slow, damaged."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from conftest import affine_of

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.formats.volumes import FoundVolume

if TYPE_CHECKING:
    from collections.abc import Callable

LPS = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3))


def volume_of(
    name: str, voxel_to_ras: np.ndarray = LPS, shape: tuple[int, ...] = (11, 13, 7), **about: object
) -> Volume:
    """A volume whose voxels and id tell it from those of other names; with a fourth number, of time points."""
    series = np.random.default_rng(len(name)).integers(0, 500, (*shape[:3], *(shape[3:] or (1,)))).astype(np.int16)
    provenance = Provenance(id=f"test-{name}", format="nifti", description=f"scan {name}", **about)
    return Volume(series[..., 0], voxel_to_ras, provenance, series=series if len(shape) > 3 else None)


def found(volume: Volume, wait: Callable[[Callable[[float], None]], None] | None = None) -> FoundVolume:
    """Found, and read at once, or after `wait`."""

    def read(progress: Callable[[float], None]) -> Volume:
        if wait is not None:
            wait(progress)
        progress(1.0)
        return volume

    middle = volume.voxels.shape[2] // 2
    return FoundVolume(volume.header, read, lambda: volume.voxels[:, :, middle])


def damaged(volume: Volume, reason: str) -> FoundVolume:
    """Found, but neither its voxels nor a slice of them can be read."""

    def fail(*_: object) -> Volume:
        raise VolumeReadError(reason)

    return FoundVolume(replace(volume.header), fail, fail)


class SlowReading:
    """A reading that tells its progress until it is let go, or ended."""

    def __init__(self) -> None:
        self.running, self.let_go, self.over = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, progress: Callable[[float], None]) -> None:
        self.running.set()
        done = 0.0
        try:
            while not self.let_go.is_set():
                done = min(0.9, done + 0.001)
                progress(done)
                time.sleep(0.002)
        finally:
            self.over.set()
