"""Window and level of the shown volume, in values of the volume as a reader knows them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_vascular_loop.domain.contrast import GreyPreset, preset_window

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume

_WIDER_PX = 250.0
"""A drag of so many pixels makes the window e times as wide."""

_LEVEL_PX = 400.0
"""A drag of so many pixels moves the level by the width of the window."""


class GreyScale:
    """The grey scale of the layer that shows the volume."""

    changed = Signal()

    def __init__(self) -> None:
        self._layer: Any = None
        self._volume: Volume | None = None

    def follow(self, layer: Any, volume: Volume | None) -> None:
        """Work on another layer, or on none."""
        if layer is self._layer:
            return
        if self._layer is not None:
            self._layer.events.contrast_limits.disconnect(self._on_limits)
        self._layer, self._volume = layer, volume
        if layer is not None:
            layer.events.contrast_limits.connect(self._on_limits)

    @property
    def window(self) -> tuple[float, float] | None:
        """Darkest and brightest value; None without a volume."""
        if self._layer is None or self._volume is None:
            return None
        rescale = self._volume.rescale
        low, high = (float(v) * rescale.slope + rescale.intercept for v in self._layer.contrast_limits)
        return (min(low, high), max(low, high))

    @property
    def text(self) -> str:
        """Say it, such as "W 812 L 406"; "" without a volume."""
        window = self.window
        if window is None:
            return ""
        width, level = window[1] - window[0], (window[0] + window[1]) / 2
        decimals = 0 if width >= 20 else 2 if width >= 0.2 else 4
        return f"W {width:.{decimals}f} L {level:.{decimals}f}"

    def set_window(self, low: float, high: float) -> None:
        """Show values up to `low` black and from `high` on white."""
        if self._layer is None or self._volume is None or not low < high:
            return
        rescale = self._volume.rescale
        ends = sorted((value - rescale.intercept) / rescale.slope for value in (low, high))
        reach = self._layer.contrast_limits_range
        if ends[0] < reach[0] or ends[1] > reach[1]:
            # napari keeps the limits within the reach of its slider.
            self._layer.contrast_limits_range = (min(ends[0], reach[0]), max(ends[1], reach[1]))
        self._layer.contrast_limits = (ends[0], ends[1])

    def set_preset(self, preset: GreyPreset) -> None:
        """Choose a window by what is to be seen, from the volume's own values."""
        if self._volume is not None:
            self.set_window(*preset_window(self._volume, preset))

    def drag(self, start: tuple[float, float], right_px: float, down_px: float) -> None:
        """Change the window that was there when a drag began: wider to the right, a higher level downwards."""
        width, level = start[1] - start[0], (start[0] + start[1]) / 2
        level += width * down_px / _LEVEL_PX
        width *= math.exp(max(-8.0, min(8.0, right_px / _WIDER_PX)))
        self.set_window(level - width / 2, level + width / 2)

    def _on_limits(self, _event: Any = None) -> None:
        self.changed.emit()
