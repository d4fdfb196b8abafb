"""A window with a lesson on several canvases, for tests of what one does in it."""

from __future__ import annotations

import numpy as np
from conftest import affine_of
from gestures import lesson_on, true_ras_mm, world_of
from qtpy.QtWidgets import QApplication

from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.widgets.lesson_panel import LessonPanel

VOXEL = (12, 30, 9)


def head_volume():
    """No two sides alike, and larger than the other tests' so that there is room for gestures."""
    voxels = np.random.default_rng(3).permutation(40 * 44 * 24).astype(np.int32).reshape(40, 44, 24)
    return Volume(voxels, affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3)))


def settle():
    for _ in range(8):
        QApplication.processEvents()


class Room:
    """A window with the panel, three planes and a lesson."""

    def __init__(self, make_napari_viewer, layout=Layout.ONE_AND_TWO):
        self.viewer = make_napari_viewer(show=True)
        self.viewer.window.resize(1200, 800)
        self.panel = LessonPanel(self.viewer)
        self.dock = self.viewer.window.add_dock_widget(self.panel, name="Lesson panel", area="right")
        self.volume = head_volume()
        self.panel.scene.show_volume(self.volume)
        self.panel.show_lesson(lesson_on(self.volume), None)
        self.panel.control.area.set_layout(layout)
        settle()

    @property
    def scene(self):
        return self.panel.scene

    @property
    def models(self):
        return [view.viewer for view in self.scene.views]

    @property
    def area(self):
        return self.panel.control.area

    def ras(self, ijk):
        return true_ras_mm(self.volume, ijk)

    def world(self, number, ijk):
        return world_of(self.models[number].layers[0], self.volume, ijk)

    def slices(self):
        """The voxel index along the voxel axis of each canvas's slider: LPS, so i, j are flipped."""
        return [view.state().index for view in self.scene.views]
