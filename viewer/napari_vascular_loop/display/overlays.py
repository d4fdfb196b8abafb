"""Letters at the edges, and the lines of text in the corners of the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.components.overlays import TextOverlay

if TYPE_CHECKING:
    from napari_vascular_loop.domain.frame import DisplayFrame

_LETTER_COLOUR = "#FFD23F"
_WARNING_COLOUR = "#FF5A5A"
_NOTE_COLOUR = "#E8E8E8"
_BOX_COLOUR = "#000000A0"
_EDGES = {"left": "middle_left", "right": "middle_right", "top": "top_center", "bottom": "bottom_center"}
_SCALE_BAR = "scale_bar"
_PREFIX = "vascular_loop_"
_LETTER_POINTS, _PLACE_POINTS, _BAR_POINTS = 16, 9, 10
_SMALL_LETTER_POINTS, _SMALL_PLACE_POINTS, _SMALL_BAR_POINTS = 12, 8, 8
_NO_BREAK_SPACE = "\u00a0"


class CanvasTexts:
    """Owns the text overlays of one viewer.

    Parameters
    ----------
    canvas : napari.components.Canvas
        The viewer's canvas.
    """

    def __init__(self, canvas: Any) -> None:
        self._canvas, self._overlays = canvas, canvas.overlays
        for edge, position in _EDGES.items():
            self._add(f"edge_{edge}", position, _LETTER_POINTS, _LETTER_COLOUR)
        self._add("place", "top_left", _PLACE_POINTS, _NOTE_COLOUR)
        self._add("grey", "bottom_left", _PLACE_POINTS, _NOTE_COLOUR)
        self._add("warning", "top_left", 10, _WARNING_COLOUR)

    def darken(self) -> None:
        """Make the canvas black, whatever napari's theme: a scan is read on black, and letters are made for it."""
        self._canvas.background_color_override = "black"
        bar = self._overlays[_SCALE_BAR]
        bar.color, bar.box_color = "white", _BOX_COLOUR

    def set_small(self, small: bool) -> None:
        """Write smaller on a small canvas, so that no text covers another."""
        for edge in _EDGES:
            self._size(_PREFIX + f"edge_{edge}", _SMALL_LETTER_POINTS if small else _LETTER_POINTS)
        self._size(_PREFIX + "place", _SMALL_PLACE_POINTS if small else _PLACE_POINTS)
        self._size(_SCALE_BAR, _SMALL_BAR_POINTS if small else _BAR_POINTS)

    def set_bar_mm(self, length_mm: float) -> None:
        """Make the scale bar so long."""
        bar = self._overlays[_SCALE_BAR]
        if bar.length != length_mm:
            bar.length = length_mm
            # napari draws another length at another zoom only; it does at each news of the size of its letters.
            bar.events.font_size.emit(bar.font_size)

    def show_letters(self, letters: dict[str, str]) -> None:
        """Show letters at "left", "right", "top", "bottom"; none for an edge that isn't named."""
        for edge in _EDGES:
            self._show(f"edge_{edge}", letters.get(edge, ""))

    def show_place(self, text: str) -> None:
        """Show which slice is seen, and in which convention."""
        self._show("place", f"{text}\n" if "\n" in text else text)

    def show_grey(self, text: str) -> None:
        """Show window and level."""
        self._show("grey", text)

    def show_warning(self, text: str) -> None:
        """Show in red what a viewer must know, or nothing."""
        # napari makes the box of a text of several lines a little too small.
        wide = "\n".join(f"{line}{_NO_BREAK_SPACE * 2}" for line in text.split("\n"))
        self._show("warning", f"{wide}\n" if "\n" in text else text)

    def text(self, name: str) -> str:
        """What an overlay shows: "place", "warning", "edge_left" ...; "" if it is hidden."""
        overlay = self._overlays[_PREFIX + name]
        return str(overlay.text).replace(_NO_BREAK_SPACE, "").rstrip("\n") if overlay.visible else ""

    def hide(self) -> None:
        """Show none of them."""
        self.show_letters({})
        self.show_place("")
        self.show_grey("")
        self.show_warning("")

    def _add(self, name: str, position: str, size: int, colour: str) -> None:
        self._overlays[_PREFIX + name] = TextOverlay(
            visible=False, position=position, font_size=size, color=colour, box_color=_BOX_COLOUR
        )

    def _size(self, key: str, points: float) -> None:
        if self._overlays[key].font_size != points:
            self._overlays[key].font_size = points

    def _show(self, name: str, text: str) -> None:
        overlay = self._overlays[_PREFIX + name]
        if overlay.text != text:
            overlay.text = text
        if overlay.visible != bool(text):
            overlay.visible = bool(text)


def edge_letters(frame: DisplayFrame, vertical: int, horizontal: int, horizontal_to_left: bool) -> dict[str, str]:
    """Letters of the four edges when the vertical display axis grows upwards."""
    bottom, top = frame.letters(vertical)
    low, high = frame.letters(horizontal)
    left, right = (high, low) if horizontal_to_left else (low, high)
    return {"left": left, "right": right, "top": top, "bottom": bottom}
