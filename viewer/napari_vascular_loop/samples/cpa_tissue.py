"""The solid parts of the computed head: brain, bone and the fluid in it, as distances to their surfaces.

Each is less than 0 inside; places are (|x|, y, z) in RAS mm, since both sides are built alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.samples.cpa_anatomy import ellipsoid_mm, smooth_min

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray


def waves(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Smooth unevenness, about 1 in size, of whole space: different on the two sides, the same at every call."""
    luck = np.random.PCG64(11).random_raw(40).reshape(8, 5) / 2.0**64
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape, z.shape))
    for a, b, c, d, e in luck:
        direction = np.array([a - 0.5, b - 0.5, c - 0.5])
        u, v, w = direction / np.linalg.norm(direction) * (2.0 * np.pi / (7.0 + 9.0 * d))
        # A product of waves along the axes: three short sines, and one product of the size of space.
        total += np.sin(u * x + 6.3 * e) * np.sin(v * y + 5.1 * a + 1.0) * np.sin(w * z + 4.2 * b + 0.5)
    return total


def cerebellum_mm(x: FloatArray, y: FloatArray, z: FloatArray, uneven: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both hemispheres and the flocculus in the angle.

    Returns
    -------
    surface : array
        Distance to the surface, mm.
    fissures : array
        From 0 to 1: how much of the place is the fluid between two leaves.
    """
    half = np.sqrt(((x - 20.0) / 25.0) ** 2 + ((y + 58.0) / 21.0) ** 2 + ((z + 44.0) / 25.0) ** 2 + 1e-9)
    surface = (half - 1.0) * 22.0 + 0.5 * uneven
    # The leaves lie like the pages of a book whose back is the fourth ventricle.
    bent = np.hypot(y + 33.0 + 0.42 * x + 0.012 * (x - 20.0) ** 2, 0.85 * (z + 36.0)) + 0.75 * uneven
    deep = np.clip(-surface, 0.0, 30.0)
    fine = np.clip(np.sin(2.9 * bent) - 0.55 + 0.25 * uneven, 0.0, 1.0) * np.exp(-deep / 2.6)
    coarse = np.clip(np.sin(0.87 * bent + 0.8) - 0.86, 0.0, 1.0) * 7.0 * np.exp(-deep / 7.0)
    flocculus = ellipsoid_mm(x, y, z, (21.5, -36.5, -45.0), (4.4, 3.2, 3.2)) + 0.35 * np.sin(3.4 * x + 2.0 * z)
    return smooth_min(surface, flocculus, 0.8), np.clip(1.6 * fine + coarse, 0.0, 0.9)


def ventricle_mm(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """The fourth ventricle, with its way out at the side."""
    body = ellipsoid_mm(x, y, z, (0.0, -42.5, -38.0), (6.6, 3.6, 10.5))
    recess = ellipsoid_mm(x, y, z, (8.0, -38.5, -46.0), (7.5, 1.6, 2.0))
    return smooth_min(body, recess, 1.0)


def bone_mm(x: FloatArray, y: FloatArray, z: FloatArray, uneven: FloatArray) -> FloatArray:
    """Clivus in front and, slanting back from it, the petrous bones."""
    clivus = -2.6 + 0.10 * (z + 38.0) - 1.375 * np.log1p(np.exp(-(z + 46.0) / 2.5))
    face = -3.6 - 0.80 * (x - 8.0) + 0.10 * np.abs(z + 40.0)
    front = (smooth_min(clivus, face, 4.0) - y) * 0.8
    wall = 46.0 - 0.02 * (y + 47.0) ** 2 - x
    return np.asarray(smooth_min(front, wall, 3.0) + 0.35 * uneven)


def canal_mm(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """The internal auditory canal: a funnel from the porus to its blind end."""
    across = np.hypot((y + 23.0 - 0.30 * (x - 34.0)) / 1.1, z + 42.4)
    round_end = np.sqrt(np.clip(x - 39.0, 0.0, 10.0) ** 2 + across**2)
    wide = 3.3 - 0.14 * (x - 31.0)
    return np.asarray(np.maximum(np.where(x > 39.0, round_end, across) - np.clip(wide, 1.4, 4.2), 24.0 - x))


def labyrinth_mm(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Cochlea, vestibule and two semicircular canals: fluid in the bone."""
    turn = np.hypot(np.hypot(x - 44.4, y + 17.2) - 1.7, z + 42.6) - 0.85
    tip = np.hypot(np.hypot(x - 45.0, y + 16.6) - 0.8, z + 41.2) - 0.65
    vestibule = ellipsoid_mm(x, y, z, (46.2, -23.0, -41.6), (1.9, 2.6, 2.3))
    lateral = np.hypot(np.hypot(x - 48.6, y + 25.6) - 3.0, z + 41.4) - 0.6
    behind = np.hypot(np.hypot(x - y - 73.6, z + 41.0) / 1.414 - 3.2, (x + y - 18.0) / 1.414) - 0.6
    return np.minimum(np.minimum(np.minimum(turn, tip), np.minimum(vestibule, lateral)), behind)


def cave_mm(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Meckel's cave: the pocket of fluid at the tip of the petrous bone, into which the trigeminal nerve runs."""
    return ellipsoid_mm(x, y, z, (20.8, -8.4, -30.4), (2.8, 6.4, 3.4))
