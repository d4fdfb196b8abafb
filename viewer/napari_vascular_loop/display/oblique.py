"""The plane at an angle that a user asked for: through three marks, square to a path, or along the head's own axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_vascular_loop.domain.annotation import Path
from napari_vascular_loop.domain.cut import cut_grid, normal_through
from napari_vascular_loop.domain.drawing import Reach
from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.domain.ride import Ride
from napari_vascular_loop.domain.space import transform_points, vector3
from napari_vascular_loop.head_pose import registration_known
from napari_vascular_loop.reformat import cut, straightened

if TYPE_CHECKING:
    from napari_vascular_loop.display.mark_style import MarkStyle
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.registration import Registration
    from napari_vascular_loop.domain.space import FloatArray, Plane, Vector3
    from napari_vascular_loop.domain.volume import Volume

SHIFT_MM = 20.0
"""How far a plane through three marks can be moved off them."""

HEAD_SHIFT_MM, _HEAD_FIELD_MM = 60.0, 160.0

FIELDS_MM = (15.0, 20.0, 30.0, 40.0, 60.0, 80.0, 120.0, 160.0, 200.0)
HALF_WIDTH_MM = 9.0
_PIXELS, _PIXELS_OF_SLAB = 360, 220
_FINEST_MM = 0.1


@dataclass(frozen=True, eq=False)
class Shown:
    """What is to be painted.

    Parameters
    ----------
    cut : Volume
        Of one slice.
    annotations : tuple of Annotation
        The marks of the volume.
    window : (float, float)
        Darkest and brightest value.
    radiological : bool
        Patient's left on the right.
    centre_ras_mm : (float, float, float)
        Where the plane stands.
    reach : Reach
        How far from the plane marks are seen.
    style : MarkStyle
        What they look like.
    """

    cut: Volume
    annotations: tuple[Annotation, ...]
    window: tuple[float, float]
    radiological: bool
    centre_ras_mm: Vector3
    reach: Reach
    style: MarkStyle


class Oblique:
    """Where the plane stands.

    Parameters
    ----------
    scene : Scene
        Whose volume is cut, and whose lesson's marks are shown.
    """

    changed = Signal()

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.mark_ids: tuple[str, ...] = ()
        self.path_id: str | None = None
        self.head_plane: Plane | None = None
        self._head_centre: FloatArray = np.zeros(3)
        self.at_mm = 0.0
        self.turned_deg = 0.0
        self.thickness_mm = 0.0
        self.projection = SlabProjection.MEAN
        self.field_mm = 40.0
        self._ride: Ride | None = None
        self._straight: tuple[Any, FloatArray] | None = None

    # ---------------------------------------------------------------- what there is

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """The marks of the shown volume."""
        store, volume_id = self._scene.store, self._scene.volume_id
        if store is None or volume_id is None:
            return ()
        return tuple(one for one in store.annotations if one.volume_id == volume_id)

    @property
    def paths(self) -> tuple[Annotation, ...]:
        """The marks that one can ride along."""
        return tuple(one for one in self.annotations if isinstance(one.geometry, Path))

    @property
    def ride(self) -> Ride | None:
        """The chosen path with its vessels, or None."""
        found = next((one for one in self.paths if one.id == self.path_id), None)
        if found is None:
            return None
        ride = Ride(found, self.annotations)
        # The distances of the old one are known already.
        if self._ride is None or self._ride.path is not found or self._ride.vessels != ride.vessels:
            self._ride = ride
        return self._ride

    @property
    def range_mm(self) -> tuple[float, float]:
        """From where to where the plane can be moved."""
        ride = self.ride
        if ride is not None:
            return (0.0, ride.curve.length_mm)
        most = SHIFT_MM if self.head_plane is None else HEAD_SHIFT_MM
        return (-most, most)

    @property
    def registration(self) -> Registration | None:
        """How the head lies, where it is known."""
        volume = self._scene.volume
        return None if volume is None else registration_known(volume)

    # ---------------------------------------------------------------- what is asked for

    def choose_path(self, annotation_id: str | None) -> None:
        """Ride along a path, from its start."""
        self.path_id, self.head_plane, self.at_mm = annotation_id, None, 0.0
        self.changed.emit()

    def choose_marks(self, annotation_ids: tuple[str, ...]) -> None:
        """Lay the plane through three marks."""
        self.path_id, self.head_plane, self.mark_ids, self.at_mm = None, None, annotation_ids, 0.0
        self.changed.emit()

    def choose_head(self, plane: Plane) -> None:
        """Lay the plane along the head's own axes, however it lies in the scanner, through the place one is at."""
        if self.head_plane is None:
            self.field_mm = _HEAD_FIELD_MM
        self.path_id, self.head_plane, self.at_mm = None, plane, 0.0
        volume, place = self._scene.volume, self._scene.place_ras_mm
        if place is not None:
            self._head_centre = np.asarray(place, dtype=np.float64)
        elif volume is not None:
            middle = (np.array(volume.grid.shape) - 1) / 2
            self._head_centre = transform_points(volume.voxel_to_ras, middle)
        self.changed.emit()

    def go(self, at_mm: float) -> None:
        """Move along the path, or off the three marks."""
        low, high = self.range_mm
        self.at_mm = min(high, max(low, at_mm))
        self.changed.emit()

    def turn(self, turned_deg: float) -> None:
        """Turn the straightened picture about the path."""
        self.turned_deg = turned_deg
        self.changed.emit()

    def show_slab(self, projection: SlabProjection, thickness_mm: float) -> None:
        """Show a slab of some thickness; 0 mm for the plane itself."""
        self.projection, self.thickness_mm = projection, thickness_mm
        self.changed.emit()

    def zoom(self, steps: int) -> None:
        """Show less from side to side, or more."""
        at = min(range(len(FIELDS_MM)), key=lambda n: abs(FIELDS_MM[n] - self.field_mm))
        self.field_mm = FIELDS_MM[min(len(FIELDS_MM) - 1, max(0, at - steps))]
        self.changed.emit()

    # ---------------------------------------------------------------- what is shown

    def place(self) -> tuple[Vector3, FloatArray]:
        """Middle and normal of the plane, RAS mm.

        Raises
        ------
        GeometryError
            Saying what is missing.
        """
        if (ride := self.ride) is not None:
            return ride.curve.at(self.at_mm), ride.curve.direction(self.at_mm)
        if self.head_plane is not None:
            known = self.registration
            if known is None:
                raise GeometryError("How the head lies is not known yet: find a structure in this scan first (Ctrl+K)")
            normal = known.axes_ras[self.head_plane.value]
            return vector3(self._head_centre + normal * self.at_mm), normal
        marks = {one.id: one for one in self.annotations}
        chosen = [marks[one].geometry.anchor_ras_mm for one in dict.fromkeys(self.mark_ids) if one in marks]
        if len(chosen) < 3:
            raise GeometryError("Choose three different marks: the plane goes through all of them")
        normal = normal_through(*chosen)
        return vector3(np.mean(chosen, axis=0) + normal * self.at_mm), normal

    def shown(self) -> Shown:
        """Cut the volume.

        Raises
        ------
        GeometryError
            Saying what is missing.
        """
        volume = self._scene.volume
        if volume is None:
            raise GeometryError("Open a volume first")
        centre, normal = self.place()
        # A slab takes many times the samples of a plane.
        spacing = max(_FINEST_MM, self.field_mm / (_PIXELS_OF_SLAB if self.thickness_mm else _PIXELS))
        known = self.registration if self.head_plane is not None else None
        axes = None if known is None else known.axes_ras
        grid = cut_grid(centre, normal, self.field_mm, self.field_mm, spacing, axes)
        made = cut(
            volume,
            grid,
            thickness_mm=self.thickness_mm,
            projection=self.projection,
            time_point=self._scene.time_point,
        )
        marks = self.annotations if self._scene.marks_visible else ()
        reach, style = Reach(self.thickness_mm, self._scene.fade_mm), self._scene.mark_style
        return Shown(made, marks, self.window(), self._scene.radiological, centre, reach, style)

    def straight(self) -> FloatArray | None:
        """The chosen path pulled straight, or None."""
        ride, volume = self.ride, self._scene.volume
        if ride is None or volume is None:
            return None
        key = (ride.path.geometry, id(volume), self._scene.time_point, self.turned_deg)
        if self._straight is None or self._straight[0] != key:
            picture = straightened(
                volume,
                ride.curve,
                half_width_mm=HALF_WIDTH_MM,
                step_mm=max(_FINEST_MM, ride.curve.length_mm / _PIXELS),
                turned_deg=self.turned_deg,
                time_point=self._scene.time_point,
            )
            self._straight = (key, picture)
        return self._straight[1]

    def window(self) -> tuple[float, float]:
        """Darkest and brightest value, as on the canvas."""
        volume, layer = self._scene.volume, self._scene.layer
        if volume is None or layer is None:
            return (0.0, 1.0)
        low, high = (float(v) * volume.rescale.slope + volume.rescale.intercept for v in layer.contrast_limits)
        return (min(low, high), max(low, high))
