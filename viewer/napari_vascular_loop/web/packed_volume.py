"""A volume as the page holds it: cut around the marks, 8 bits in the teaching window, predicted and deflated."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.crop import DEFAULT_CROP_MM, box_around
from napari_vascular_loop.domain.errors import PageError
from napari_vascular_loop.domain.frame import shear_warning
from napari_vascular_loop.domain.straighten import straightened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import LessonVolume
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume

LARGEST_CODE = 255


@dataclass(frozen=True, eq=False)
class PackedVolume:
    """A volume of the page.

    Parameters
    ----------
    entry : LessonVolume
        How the lesson names it, and whom it is owed to.
    shape : (int, int, int)
        Voxels along S, A, R.
    index_to_ras : array of shape (4, 4)
        From indices along S, A, R (centres at integers) to RAS mm: exact, for an oblique grid too.
    whole_mm, kept_mm : (float, float, float)
        Size along R, A, S of the volume, and of what was kept.
    values : (float, float)
        What the codes 0 and 255 stand for.
    window : (float, float)
        Grey scale that the page begins with.
    orientation_known : bool
        Whether directions have names.
    deflated : bytes
        zlib stream of the predicted codes.
    """

    entry: LessonVolume
    shape: tuple[int, int, int]
    index_to_ras: FloatArray
    whole_mm: tuple[float, float, float]
    kept_mm: tuple[float, float, float]
    values: tuple[float, float]
    window: tuple[float, float]
    orientation_known: bool
    deflated: bytes

    @property
    def is_whole(self) -> bool:
        """Whether nothing was cut away."""
        return self.kept_mm == self.whole_mm

    @property
    def words(self) -> str:
        """What was cut and how it is stored, in a sentence for the reader of the page."""
        low, high = self.values
        size = f"{len(self.deflated) / 1e6:.2f} MB"
        kept = "whole" if self.is_whole else f"cut around the marks to {_mm(self.kept_mm)} of {_mm(self.whole_mm)}"
        return (
            f"{self.entry.title or self.entry.id}: {kept}; stored with 256 greys from {low:g} to {high:g} "
            f"(brighter and darker values are lost), {size}."
        )


def pack_volume(
    volume: Volume,
    entry: LessonVolume,
    marks: Sequence[Annotation],
    *,
    crop_mm: float | None = DEFAULT_CROP_MM,
    fallback_marks: Sequence[Annotation] = (),
) -> PackedVolume:
    """Cut a volume around its marks and store it small.

    Parameters
    ----------
    volume : Volume
        The lesson's own: it is checked.
    entry : LessonVolume
        Its entry in the lesson.
    marks : sequence of Annotation
        Those in it.
    crop_mm : float or None
        Side of the cube that is kept, larger where the marks lie farther apart; None for the whole volume.
    fallback_marks : sequence of Annotation
        Around which is cut where the volume has no marks: those of the lesson's other volumes.

    Raises
    ------
    WrongVolumeError
        If the volume is another than the marks were made on.
    PageError
        If `crop_mm` is no length.
    """
    if crop_mm is not None and not 5.0 <= crop_mm <= 1000.0:
        raise PageError(f"a page keeps 5 to 1000 mm around the marks, got {crop_mm:g}")
    entry.check(volume.fingerprint)
    straight = straightened(volume) if shear_warning(volume.grid) else volume
    frame = straight.frame
    voxels = frame.reorder(straight.voxels)
    index_to_ras = np.asarray(frame.display_to_ras @ _placed(frame.scale_mm, frame.translate_mm), dtype=np.float64)
    box = box_around(index_to_ras, voxels.shape, _places(marks) or _places(fallback_marks), crop_mm)
    kept = voxels[tuple(slice(start, stop) for start, stop in box)]
    offset = np.eye(4)
    offset[:3, 3] = [start for start, _ in box]
    window = entry.window or _window_of(kept, straight)
    windows = [window, *(mark.view.window for mark in marks if mark.view is not None and mark.view.window is not None)]
    values = (min(low for low, _ in windows), max(high for _, high in windows))
    codes = _codes(kept, straight, values)
    return PackedVolume(
        entry,
        (kept.shape[0], kept.shape[1], kept.shape[2]),
        index_to_ras @ offset,
        _extent(voxels.shape, frame.scale_mm),
        _extent(kept.shape, frame.scale_mm),
        values,
        window,
        straight.provenance.orientation_known,
        zlib.compress(predicted(codes).tobytes(), 9),
    )


def predicted(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Differences of codes from what their neighbours in the slice let expect, modulo 256.

    The predictor is LOCO-I's (Weinberger, Seroussi & Sapiro, IEEE Trans Image Process 2000;9:1309): of a, before it in
    the row, b, in the row before, and c, before that: the smaller or the larger of a and b at an edge, else a + b - c.
    Outside the slice lies 0.

    Parameters
    ----------
    codes : array of shape (S, A, R)
        8-bit.
    """
    padded = np.pad(codes.astype(np.int16), ((0, 0), (1, 0), (1, 0)))
    a, b, c = padded[:, 1:, :-1], padded[:, :-1, 1:], padded[:, :-1, :-1]
    low, high = np.minimum(a, b), np.maximum(a, b)
    expected = np.where(c >= high, low, np.where(c <= low, high, a + b - c))
    return ((padded[:, 1:, 1:] - expected) & LARGEST_CODE).astype(np.uint8)


def _placed(scale: Sequence[float], translate: Sequence[float]) -> FloatArray:
    matrix = np.diag([*scale, 1.0])
    matrix[:3, 3] = translate
    return matrix


def _places(marks: Iterable[Annotation]) -> list[tuple[float, float, float]]:
    return [vertex for mark in marks for vertex in mark.geometry.vertices_ras_mm]


def _extent(shape: Sequence[int], scale: Sequence[float]) -> tuple[float, float, float]:
    s, a, r = (round(size * mm, 1) for size, mm in zip(shape, scale, strict=True))
    return (r, a, s)


def _mm(size: Sequence[float]) -> str:
    return " × ".join(f"{side:.0f}" for side in size) + " mm"


def _window_of(voxels: npt.NDArray[Any], volume: Volume) -> tuple[float, float]:
    low, high = (float(v) for v in np.percentile(np.nan_to_num(voxels[::2, ::2, ::2].astype(np.float64)), (1, 99.5)))
    ends = sorted(value * volume.rescale.slope + volume.rescale.intercept for value in (low, high))
    return (ends[0], ends[1] if ends[1] > ends[0] else ends[0] + 1.0)


def _codes(voxels: npt.NDArray[Any], volume: Volume, values: tuple[float, float]) -> npt.NDArray[np.uint8]:
    low, high = values
    codes = np.empty(voxels.shape, dtype=np.uint8)
    for number, plane in enumerate(voxels):
        # Slice by slice, so that no copy of all voxels in floats is made.
        real = np.nan_to_num(np.asarray(plane, dtype=np.float64)) * volume.rescale.slope + volume.rescale.intercept
        codes[number] = np.clip(np.rint((real - low) / (high - low) * LARGEST_CODE), 0, LARGEST_CODE)
    return codes
