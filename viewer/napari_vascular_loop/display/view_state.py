"""What a viewer shows, read from napari: which slice of which plane, how large a pixel is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.frame import DisplayFrame, plane_of
from napari_vascular_loop.domain.space import FloatArray, Plane, format_ras_mm

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume


_SAID_FROM_DEG = 0.5


@dataclass(frozen=True)
class ViewState:
    """The slice on screen.

    Parameters
    ----------
    display_axis : int
        The axis one steps along: 0 S, 1 A, 2 R.
    index : int
        Slice number from 0, in the order of the display axis.
    slice_mm : float
        Place of the slice's centre along that axis.
    mm_per_pixel : float
        Size of a screen pixel.
    inside : bool
        Whether the slider stands on a slice of the volume; beside it, index and place are those of the nearest.
    time_point : int
        Number, from 0, of the time point on screen.
    """

    display_axis: int
    index: int
    slice_mm: float
    mm_per_pixel: float
    inside: bool = True
    time_point: int = 0

    @property
    def plane(self) -> Plane:
        """The anatomical plane it is closest to."""
        return plane_of(self.display_axis)

    @property
    def in_plane(self) -> tuple[int, int]:
        """The vertical and the horizontal display axis."""
        vertical, horizontal = (axis for axis in range(3) if axis != self.display_axis)
        return vertical, horizontal


def view_state(viewer: Any, frame: DisplayFrame, time_point: int = 0) -> ViewState | None:
    """Read the state of a viewer; None where it shows something else than slices of a 3-D volume."""
    dims = viewer.dims
    if dims.ndim != 3:
        return None
    axis = int(dims.order[0])
    point = np.zeros(3)
    point[axis] = dims.point[axis]
    wanted = float(frame.index_from_display(point)[axis])
    index = int(np.clip(np.rint(wanted), 0, frame.shape[axis] - 1))
    slice_mm = frame.translate_mm[axis] + index * frame.scale_mm[axis]
    mm_per_pixel = 1.0 / max(float(viewer.scene.camera.zoom), 1e-6)
    return ViewState(axis, index, slice_mm, mm_per_pixel, inside=abs(wanted - index) <= 1.0, time_point=time_point)


def place_text(volume: Volume, state: ViewState, radiological: bool, short: bool = False) -> str:
    """Say which slice is seen: plane, number, place, time point, tilt, convention.

    The place of an oblique slice is that of its middle. The short text is for a small canvas.
    """
    if not state.inside:
        return "outside the volume"
    count = volume.frame.shape[state.display_axis]
    number = f"{'' if short else 'slice '}{state.index + 1} / {count}"
    time = [f"time point {state.time_point + 1} / {volume.time_points}"] if volume.time_points > 1 else []
    if not volume.provenance.orientation_known:
        return "\n".join([number, *time, "orientation unknown"])
    centre = (
        np.array(volume.frame.translate_mm) + np.array(volume.frame.scale_mm) * (np.array(volume.frame.shape) - 1) / 2
    )
    centre[state.display_axis] = state.slice_mm
    letter_and_mm = format_ras_mm(volume.frame.ras_from_display(centre)).removesuffix(" mm").split()
    ras_axis = state.plane.value
    where = " ".join(letter_and_mm[2 * ras_axis : 2 * ras_axis + 2])
    # Short lines: the letter at the top of a narrow canvas stays free.
    lines = [state.plane.name.capitalize(), number, f"{where} mm", *time]
    if volume.grid.obliquity_deg >= _SAID_FROM_DEG:
        lines.append(f"oblique {volume.grid.obliquity_deg:.1f}°")
    if state.plane is not Plane.SAGITTAL and not short:
        lines.append("Radiological" if radiological else "Neurological")
    return "\n".join(lines)


def place_on_slice(position: Any, state: ViewState) -> FloatArray:
    """Display coordinates of a canvas position, on the slice itself.

    napari's slider may stand between slices when volumes of other spacing are open.
    """
    display_mm = np.array(position, dtype=np.float64)[-3:]
    display_mm[state.display_axis] = state.slice_mm
    return display_mm


def readout(volume: Volume, state: ViewState, position: Any) -> str:
    """Say a place under the cursor: RAS mm, voxel index, value at the time point on screen; "" beside the volume."""
    if not state.inside:
        return ""
    ras_mm = volume.frame.ras_from_display(place_on_slice(position, state))
    ijk = volume.grid.nearest_voxel(ras_mm)
    if ijk is None:
        return ""
    place = format_ras_mm(ras_mm, 2) if volume.provenance.orientation_known else "orientation unknown"
    stored = float(volume.at_time_point(state.time_point)[ijk])
    value = stored * volume.rescale.slope + volume.rescale.intercept
    return f"{place}  |  voxel {ijk[0]}, {ijk[1]}, {ijk[2]}  |  {value:g}"
