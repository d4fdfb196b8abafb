"""Draw the letters of the canvas once unseen, so that the first volume does not wait for them.

napari makes the picture of a letter, and compiles what draws it, when the letter is first needed: more than a second
for the texts of a first volume. Until then its canvas lies behind the welcome screen, and can be drawn on in small
steps while the user looks for a file, or while the file is read.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.widgets.main_window import main_window
from napari_vascular_loop.widgets.volume_opening import opening_of

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.widgets.volume_opening import VolumeOpening

_STEPS = ("R", "LAPSI0123", "456789/.°", "xialCorn", "Sgslcemd", "uhypNbqt")
_PAUSE_MS = 30
_LONG_READ_S = 3.0


class CanvasWarmUp(QObject):
    """Goes step by step, and stops at the first volume. What is read in no time is not held up by a step.

    Parameters
    ----------
    scene : Scene
        Of a viewer whose window is on screen.
    opening : VolumeOpening
        What opens volumes there.
    window : QMainWindow
        Its window, with which this goes.
    """

    def __init__(self, scene: Scene, opening: VolumeOpening, window: Any) -> None:
        super().__init__(window)
        self._scene, self._opening = scene, opening
        self._steps = list(_STEPS)
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._step)
        self._timer.start()

    @property
    def is_done(self) -> bool:
        """Whether all is drawn, or need not be any more."""
        return not self._timer.isActive()

    def _step(self) -> None:
        viewer = self._scene.viewer
        if viewer is None or len(viewer.layers):
            self._timer.stop()
        elif self._opening.is_busy and self._opening.busy_s < _LONG_READ_S:
            return
        elif self._steps:
            self._scene.draw_unseen(self._steps.pop(0))
        else:
            self._timer.stop()
            # What napari is made of stays for good: Python need not look through it for garbage again, which it
            # would else do for an eighth of a second while the first volume is added.
            gc.collect()
            gc.freeze()


def warm_up_canvas(viewer: Any) -> CanvasWarmUp | None:
    """Begin, in a window of our own; elsewhere the time is not ours to take."""
    window, opening = main_window(viewer), opening_of(viewer)
    return CanvasWarmUp(scene_of(viewer), opening, window) if window is not None and opening is not None else None
