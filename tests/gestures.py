"""Small lessons, places and mouse gestures for the tests of scene, tools and widgets.

Places are found by looking the voxel up in the array that napari draws: nothing of the program's own geometry is
used, so that a mistake in it can't hide itself.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from conftest import ROOT, affine_of
from keepers import Memory
from napari.utils._proxies import ReadOnlyWrapper
from napari.utils.interactions import (
    mouse_double_click_callbacks,
    mouse_move_callbacks,
    mouse_press_callbacks,
    mouse_release_callbacks,
)

from napari_vascular_loop.display.mark_ink import MARKS_INK
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume
from napari_vascular_loop.store import LessonStore

# Name: axes, signs, spacing in mm, tilt in degrees. "RAS" says where i, j, k run.
LAYOUTS = {
    "RAS": affine_of((0, 1, 2), (1, 1, 1), (0.9, 1.1, 2.3)),
    "LPS": affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3)),
    "sagittal PIR": affine_of((1, 2, 0), (-1, -1, 1), (0.7, 0.8, 3.1)),
    "coronal LIP": affine_of((0, 2, 1), (-1, -1, -1), (0.9, 1.3, 2.0)),
    "oblique RAS": affine_of((0, 1, 2), (1, 1, 1), (0.9, 1.1, 2.3), (12, -7, 4)),
    "oblique sagittal AIL": affine_of((1, 2, 0), (1, -1, -1), (0.7, 0.8, 3.1), (12, -7, 4)),
}
SHAPE = (11, 13, 7)


def numbered_volume(voxel_to_ras: np.ndarray, known: bool = True, rescale: Rescale | None = None) -> Volume:
    """A volume in which every voxel has a value of its own."""
    voxels = np.random.default_rng(3).permutation(np.prod(SHAPE)).astype(np.int16).reshape(SHAPE)
    return Volume(voxels, voxel_to_ras, Provenance(orientation_known=known), rescale or Rescale())


def lesson_on(volume: Volume, *annotations: Any, article: str = "", title: str = "The wanted head") -> LessonStore:
    """A lesson in memory, on one volume of id "head"."""
    entry = LessonVolume("head", title, fingerprints=(volume.fingerprint,))
    return LessonStore(Lesson("Lesson", (entry,), article, annotations), Memory())


def shown_index(layer: Any, volume: Volume, ijk: tuple[int, int, int]) -> tuple[int, int, int]:
    """Where napari holds a voxel."""
    found = np.argwhere(np.asarray(layer.data) == volume.voxels[ijk])
    assert len(found) == 1
    s, a, r = found[0]
    return (int(s), int(a), int(r))


def world_of(layer: Any, volume: Volume, ijk: tuple[int, int, int]) -> np.ndarray:
    """Where napari draws the centre of a voxel, in its world coordinates."""
    return np.array(layer.data_to_world(shown_index(layer, volume, ijk)), dtype=float)


def go_to_voxel(viewer: Any, layer: Any, volume: Volume, ijk: tuple[int, int, int]) -> np.ndarray:
    """Scroll to the slice that holds a voxel."""
    world = world_of(layer, volume, ijk)
    axis = viewer.dims.order[0]
    viewer.dims.set_point(axis, world[axis])
    return world


def true_ras_mm(volume: Volume, ijk: Any) -> np.ndarray:
    """Voxel indices times the file's matrix."""
    return np.asarray(volume.voxel_to_ras)[:3, :3] @ np.asarray(ijk, dtype=float) + volume.voxel_to_ras[:3, 3]


def drawn(viewer: Any) -> list[np.ndarray]:
    """Corners, (4, 3) in world mm, of the quads that are drawn over the image: those that can be seen."""
    inked = viewer.scene.overlays[MARKS_INK].inked
    if inked is None:
        return []
    # The scene of a slice has x and y; that of a volume has z too.
    corners = np.tile(np.array(viewer.dims.point, dtype=float), (len(inked.places), 1))
    displayed = list(viewer.dims.displayed)
    corners[:, displayed] = inked.places[:, ::-1][:, -len(displayed) :]
    return list(corners.reshape(-1, 4, 3)[colours_drawn(viewer)[:, 3] > 0])


def colours_drawn(viewer: Any) -> np.ndarray:
    """Colour of each quad that is drawn over the image, clear ones among them."""
    inked = viewer.scene.overlays[MARKS_INK].inked
    return np.asarray(inked.colours) if inked is not None else np.empty((0, 4))


@dataclass
class MouseEvent:
    """What napari gives to mouse callbacks."""

    type: str
    position: tuple[float, ...]
    pos: tuple[float, float]
    button: int | None
    modifiers: tuple[str, ...]
    is_dragging: bool
    handled: bool = False


@dataclass
class WheelEvent(MouseEvent):
    delta: tuple[float, float] = (0.0, 0.0)


def turn(viewer, notches, position=(0.0, 0.0, 0.0), modifiers=()):
    """Turn the wheel as napari tells of it."""
    event = WheelEvent("mouse_wheel", tuple(position), (0.0, 0.0), None, modifiers, False, delta=(0.0, notches))
    for callback in list(viewer.mouse_wheel_callbacks):
        callback(viewer, event)
    return event


class Hand:
    """A hand on the mouse; places are napari's world coordinates."""

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer
        self._down = False

    def press(self, place: Any, button: int = 1, modifiers: tuple[str, ...] = ()) -> None:
        self._send(mouse_press_callbacks, "mouse_press", place, button, modifiers)
        self._down = True

    def move(self, place: Any, modifiers: tuple[str, ...] = ()) -> None:
        self._send(mouse_move_callbacks, "mouse_move", place, 1 if self._down else None, modifiers)

    def release(self, place: Any, button: int = 1, modifiers: tuple[str, ...] = ()) -> None:
        self._send(mouse_release_callbacks, "mouse_release", place, button, modifiers)
        self._down = False

    def drag(self, start: Any, end: Any, modifiers: tuple[str, ...] = ()) -> None:
        """Press, move in three steps, release."""
        start, end = np.asarray(start), np.asarray(end)
        self.press(start, modifiers=modifiers)
        for part in (0.3, 0.7, 1.0):
            self.move(start + (end - start) * part, modifiers)
        self.release(end, modifiers=modifiers)

    def click(self, place: Any, button: int = 1, modifiers: tuple[str, ...] = ()) -> None:
        self.press(place, button, modifiers)
        self.release(place, button, modifiers)

    def double_click(self, place: Any) -> None:
        """Qt's order of events: the second press is the double click."""
        self.click(place)
        self._send(mouse_double_click_callbacks, "mouse_double_click", place, 1, ())
        self._send(mouse_release_callbacks, "mouse_release", place, 1, ())

    def _send(self, callbacks: Any, kind: str, place: Any, button: int | None, modifiers: tuple[str, ...]) -> None:
        viewer = self._viewer
        place = np.array(place, dtype=float)
        axis = viewer.dims.order[0]
        place[axis] = viewer.dims.point[axis]
        vertical, horizontal = (a for a in range(3) if a != axis)
        camera = viewer.scene.camera
        towards = {"up": -1, "down": 1, "left": -1, "right": 1}
        down, right = (towards[word] for word in camera.orientation2d)
        centre = np.array(viewer.canvas.size, dtype=float) / 2
        y = centre[0] + down * (place[vertical] - camera.center[-2]) * camera.zoom
        x = centre[1] + right * (place[horizontal] - camera.center[-1]) * camera.zoom
        event = MouseEvent(kind, tuple(place), (x, y), button, modifiers, self._down)
        viewer.cursor.position = event.position
        callbacks(viewer, ReadOnlyWrapper(event, exceptions=("handled",)))


def copy_of_lesson(folder: FilePath, name: str = "synthetic-stand-in") -> FilePath:
    """Copy a shipped lesson to where it can be edited."""
    return FilePath(shutil.copytree(ROOT / "annotations" / name, folder / "lesson"))


def bring_forward(qtbot: Any, window: Any, timeout_ms: int = 20_000) -> None:
    """Give a window the keyboard's focus, asked for again until it has it.

    Where no window manager is, a window that goes away at the same time can take it along.
    """

    def is_in_front() -> bool:
        window.activateWindow()
        return bool(window.isActiveWindow())

    qtbot.waitUntil(is_in_front, timeout=timeout_ms)
