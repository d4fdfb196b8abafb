"""Arrangements of canvases."""

from __future__ import annotations

import enum

from napari_vascular_loop.domain.space import Plane


class Layout(enum.Enum):
    """Which canvases there are; the value is what settings hold."""

    ONE = "1"
    ONE_AND_TWO = "1 + 2"
    THREE = "3"
    THREE_AND_SOLID = "3 + 3-D"

    @property
    def title(self) -> str:
        """What it says to the user."""
        return {
            Layout.ONE: "One plane",
            Layout.ONE_AND_TWO: "One large plane, two small ones",
            Layout.THREE: "Three planes side by side",
            Layout.THREE_AND_SOLID: "Three planes and 3-D",
        }[self]

    @property
    def has_planes(self) -> bool:
        """Whether there are canvases beside the main one."""
        return self is not Layout.ONE

    @property
    def has_solid(self) -> bool:
        """Whether one of them is in 3-D."""
        return self is Layout.THREE_AND_SOLID


def layout_named(value: str) -> Layout:
    """Give the layout that settings name; one plane and two where they name none."""
    return next((layout for layout in Layout if layout.value == value), Layout.ONE_AND_TWO)


def planes_beside(main: Plane) -> tuple[Plane, Plane]:
    """Give the two other planes, in the order in which radiologists name them."""
    first, second = (plane for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL) if plane is not main)
    return first, second
