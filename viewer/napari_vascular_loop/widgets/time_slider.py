"""The slider for the time points of the shown volume; it appears below the image by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Qt
from qtpy.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.widgets.main_window import main_window

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene

NAME = "Time points"


class TimeSlider(QWidget):
    """Steps through the time points.

    Parameters
    ----------
    scene : Scene
        Whose shown volume it follows.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self.label = QLabel()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Time point")
        self.slider.setPageStep(1)
        self.back = _step("◀", "The time point before")
        self.on = _step("▶", "The next time point")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        for widget in (self.label, self.back, self.slider, self.on):
            layout.addWidget(widget, 1 if widget is self.slider else 0)
        self.slider.valueChanged.connect(self._on_value)
        self.back.clicked.connect(lambda: self.slider.setValue(self.slider.value() - 1))
        self.on.clicked.connect(lambda: self.slider.setValue(self.slider.value() + 1))
        self.show_scene()

    def show_scene(self) -> None:
        """Show the time point that the scene shows."""
        volume = self._scene.volume
        count = volume.time_points if volume is not None else 1
        number = self._scene.time_point
        self.slider.blockSignals(True)
        self.slider.setRange(0, count - 1)
        self.slider.setValue(number)
        self.slider.blockSignals(False)
        # As wide as its longest text, so that the slider does not jump.
        self.label.setMinimumWidth(self.label.fontMetrics().horizontalAdvance(_text(count - 1, count)) + 8)
        self.label.setText(_text(number, count))
        self.back.setEnabled(number > 0)
        self.on.setEnabled(number < count - 1)
        self.setEnabled(count > 1)

    def _on_value(self, number: int) -> None:
        self._scene.set_time_point(number)


class TimeDock(QObject):
    """Docks the slider below the image while a volume with several time points is shown.

    Parameters
    ----------
    viewer : napari.Viewer
        With a window.
    window : QMainWindow
        Its window, with which this goes.
    """

    def __init__(self, viewer: Any, window: Any) -> None:
        super().__init__(window)
        self._scene = scene_of(viewer)
        self._shown: object = None
        self.slider: TimeSlider | None = None
        self._scene.volume_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        volume, viewer = self._scene.volume, self._scene.viewer
        several = volume is not None and volume.time_points > 1
        other, self._shown = volume is not self._shown, volume
        dock = self._dock()
        if several and dock is None and other and viewer is not None:
            self.slider = TimeSlider(self._scene)
            # A user who closed it gets it back with the next volume that has time points.
            viewer.window.add_dock_widget(self.slider, name=NAME, area="bottom", add_vertical_stretch=False)
        elif dock is not None and self.slider is not None:
            if other:
                dock.setVisible(several)
            self.slider.show_scene()

    def _dock(self) -> QDockWidget | None:
        """The slider's dock, or None where there is none yet, or the user closed it."""
        widget: Any = self.slider
        while widget is not None:
            try:
                widget = widget.parentWidget()
            except RuntimeError:  # Qt has taken it down
                return None
            if isinstance(widget, QDockWidget):
                return widget
        return None


def follow_time(viewer: Any) -> None:
    """See to it that a viewer's window has a slider when it shows a volume with time points."""
    window = main_window(viewer)
    if window is not None and not any(isinstance(child, TimeDock) for child in window.children()):
        TimeDock(viewer, window)


def _text(number: int, count: int) -> str:
    return f"Time point {number + 1} / {count}"


def _step(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setAutoRepeat(True)
    return button
