"""A small synthetic stand-in for a head: the root of both facial nerves, computed.

It exists so that there is something to open where no public volume can be had. It is not an image of a person
and says so wherever it is named. Sizes of nerves and vessels follow the sources in the article; places follow
the usual position in MNI space.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Side
from napari_vascular_loop.domain.space import FloatArray, Vector3
from napari_vascular_loop.domain.volume import Provenance, Volume

SEED = 7
SPACING_MM = 0.8
_LOW_CORNER_RAS_MM = (-46.4, -48.0, -60.0)
_SHAPE = (117, 56, 46)
_SUPERSAMPLING = 3
_NOISE = 3.0

# Grey values of a T1 picture, 0 to 255.
FLUID, BONE, BRAIN, NERVE, ARTERY = 38.0, 12.0, 170.0, 105.0, 82.0

Tube = tuple[tuple[Vector3, ...], float]

NERVE_DIAMETER_MM = 1.6
FACIAL_NERVE: dict[Side, tuple[Vector3, ...]] = {
    Side.RIGHT: ((15.0, -27.0, -42.0), (20.0, -25.6, -42.0), (26.0, -23.4, -41.6), (33.0, -21.0, -41.0)),
    Side.LEFT: ((-15.0, -27.0, -42.0), (-20.0, -25.6, -42.0), (-26.0, -23.4, -41.6), (-33.0, -21.0, -41.0)),
}
NERVE_ROOT: dict[Side, Vector3] = {Side.RIGHT: (15.2, -26.9, -42.0), Side.LEFT: (-15.2, -26.9, -42.0)}
PORUS: dict[Side, Vector3] = {Side.RIGHT: (33.0, -21.0, -41.0), Side.LEFT: (-33.0, -21.0, -41.0)}
BASILAR: Tube = (((0.0, -9.0, -60.0), (0.5, -6.5, -48.0), (0.0, -5.0, -36.0), (0.0, -5.5, -24.0)), 3.3)
LOOP: Tube = (
    (
        (-1.0, -6.2, -45.0),
        (-8.0, -11.0, -44.0),
        (-14.0, -17.0, -42.6),
        (-18.5, -23.6, -42.0),
        (-19.6, -24.4, -42.0),
        (-20.2, -22.6, -42.0),
        (-19.0, -18.0, -43.0),
        (-21.0, -14.0, -45.0),
    ),
    1.4,
)


def _corners() -> tuple[FloatArray, FloatArray]:
    """Sub-voxel sample positions, shape (n, 3) of offsets, and the matrix voxel_to_ras."""
    fine = (np.arange(_SUPERSAMPLING) - (_SUPERSAMPLING - 1) / 2) * SPACING_MM / _SUPERSAMPLING
    offsets = np.array(np.meshgrid(fine, fine, fine, indexing="ij")).reshape(3, -1).T
    matrix = np.diag([SPACING_MM, SPACING_MM, SPACING_MM, 1.0])
    matrix[:3, 3] = _LOW_CORNER_RAS_MM
    return offsets, matrix


def stand_in_volume() -> Volume:
    """Compute the stand-in: uint8, 0.8 mm, the same at every call."""
    offsets, matrix = _corners()
    axes = [low + SPACING_MM * np.arange(n) for low, n in zip(_LOW_CORNER_RAS_MM, _SHAPE, strict=True)]
    total = np.zeros(_SHAPE)
    for offset in offsets:
        x, y, z = np.meshgrid(*[axis + shift for axis, shift in zip(axes, offset, strict=True)], indexing="ij")
        total += _grey(np.stack([x, y, z], axis=-1))
    grey = total / len(offsets)
    noise = np.random.default_rng(SEED).normal(0.0, _NOISE, size=(2, *_SHAPE))
    rician = np.hypot(grey + noise[0], noise[1])
    voxels = np.clip(np.rint(rician), 0, 255).astype(np.uint8)
    about = Provenance(
        id="synthetic-stand-in",
        format="computed",
        description="SYNTHETIC stand-in, not an image of a person",
        warnings=("SYNTHETIC: this volume was computed; it is not an image of a person",),
    )
    return Volume(voxels, matrix, about)


def _grey(ras_mm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Grey value at places, shape (..., 3)."""
    x, y, z = ras_mm[..., 0], ras_mm[..., 1], ras_mm[..., 2]
    grey = np.full(x.shape, FLUID)
    # Petrous bone on both sides, with a funnel for the nerves: the internal auditory canal.
    funnel = np.hypot((y + 21.0 - 0.3 * (np.abs(x) - 33)) / 1.2, z + 41.0) < 3.2 - 0.06 * (np.abs(x) - 33)
    bone = np.abs(x) > 32.5 + 0.25 * np.abs(y + 21.0) + 0.05 * np.abs(z + 41.0)
    grey[bone & ~funnel] = BONE
    grey[y > 2.0 - 0.002 * x**2 + 0.12 * (z + 42)] = BONE
    # Pons, medulla, and the cerebellum behind.
    pons = (x / 17.5) ** 2 + ((y + 24.0) / 15.5) ** 2 + ((z + 34.0) / 15.0) ** 2 < 1.0
    medulla = ((x / 10.5) ** 2 + ((y + 30.0) / 9.5) ** 2 < 1.0) & (z < -40)
    cerebellum = (y < -30.0 - 0.004 * (np.abs(x) - 22) ** 2) & (np.abs(x) > 9)
    grey[cerebellum] = BRAIN - 30 + 12 * np.sin(1.5 * y + 1.2 * np.sin(0.3 * x) + 0.7 * z)[cerebellum]
    grey[pons | medulla] = BRAIN
    grey[(x / 6.0) ** 2 + ((y + 42.0) / 4.0) ** 2 + ((z + 36.0) / 10.0) ** 2 < 1.0] = FLUID
    for vertices in FACIAL_NERVE.values():
        grey[_near(ras_mm, vertices, NERVE_DIAMETER_MM / 2) & ~pons] = NERVE
    for vertices, diameter_mm in (BASILAR, LOOP):
        grey[_near(ras_mm, vertices, diameter_mm / 2)] = ARTERY
    return grey


def _near(ras_mm: npt.NDArray[np.float64], vertices: tuple[Vector3, ...], radius_mm: float) -> npt.NDArray[np.bool_]:
    """Whether places lie within a radius of a polyline."""
    inside = np.zeros(ras_mm.shape[:-1], dtype=bool)
    for a, b in zip(np.array(vertices[:-1]), np.array(vertices[1:]), strict=True):
        along = b - a
        t = np.clip((ras_mm - a) @ along / (along @ along), 0.0, 1.0)
        inside |= np.linalg.norm(ras_mm - (a + t[..., None] * along), axis=-1) <= radius_mm
    return inside


def stand_in_annotations(volume_id: str = "stand-in") -> tuple[Annotation, ...]:
    """Marks at the places that the phantom was computed from."""
    marks = [
        Annotation(
            Arrow((root[0] * 0.97, root[1] + 14.0, root[2]), root),
            volume_id,
            f"Facial nerve root ({side.value[0].upper()})",
            "The nerve meets the brainstem here (computed).",
            "facial-nerve-root",
            side,
        )
        for side, root in NERVE_ROOT.items()
    ]
    marks += [
        Annotation(
            Path((NERVE_ROOT[side], *FACIAL_NERVE[side][1:])),
            volume_id,
            f"Facial nerve ({side.value[0].upper()})",
            "From the brainstem to the canal (computed).",
            "facial-nerve",
            side,
        )
        for side in FACIAL_NERVE
    ]
    marks += [
        Annotation(
            Point(place),
            volume_id,
            f"Porus ({side.value[0].upper()})",
            "The mouth of the canal (computed).",
            "internal-acoustic-meatus",
            side,
        )
        for side, place in PORUS.items()
    ]
    marks.append(
        Annotation(
            Point((0.3, -5.8, -42.0)),
            volume_id,
            "Basilar artery",
            "In front of the pons (computed).",
            "basilar-artery",
            Side.MIDLINE,
        )
    )
    marks.append(
        Annotation(
            Arrow((-27.0, -11.0, -42.0), (-20.0, -22.4, -42.0)),
            volume_id,
            "Loop of an artery (L)",
            "A vessel makes a hairpin at the left nerve (computed).",
            "aica",
            Side.LEFT,
        )
    )
    return tuple(marks)
