"""What napari's Layers menu offers for the selected layer. Each does it, or says in a sentence why it can't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop._panel import lesson_panel, raised, receipt_panel
from napari_vascular_loop.domain.errors import VascularLoopError

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.widgets.lesson_panel import LessonPanel


def new_lesson_on_layer() -> None:
    """Ask for a title and a folder, and make a lesson on the volume of the selected layer."""
    _tried(_new_lesson)


def use_as_lesson_volume() -> None:
    """Show the selected layer in all planes, with the open lesson's marks if it is the lesson's volume."""
    _tried(_use_in_lesson)


def receipt_of_layer() -> None:
    """Say how the program knows left from right in the selected layer."""
    _tried(_receipt)


def marks_of_layer() -> None:
    """Make marks of the open lesson from the points or shapes of the selected layer."""
    _tried(_make_marks)


def export_marks() -> None:
    """Ask for a file, and write the open lesson's marks for another program."""
    _tried(_export)


def figure_of_mark() -> None:
    """Show the figure of the open lesson's selected mark, to be saved."""
    _tried(_figure)


def _figure(viewer: Any) -> None:
    _with_lesson(viewer).menu.draw_figure()


def _new_lesson(viewer: Any) -> None:
    _show_volume(viewer)
    raised(lesson_panel(viewer)).menu.new()


def _use_in_lesson(viewer: Any) -> None:
    _show_volume(viewer)
    panel = raised(lesson_panel(viewer))
    if panel.store is None:
        raise VascularLoopError(
            "The layer is shown in the planes, but no lesson is open: open one, or choose New lesson on this layer"
        )
    if panel.scene.problem:
        raise VascularLoopError(panel.scene.problem)


def _receipt(viewer: Any) -> None:
    _show_volume(viewer)
    receipt_panel(viewer)


def _make_marks(viewer: Any) -> None:
    _with_lesson(viewer).marks_menu.take_over_layer()


def _export(viewer: Any) -> None:
    _with_lesson(viewer).marks_menu.export()


def _with_lesson(viewer: Any) -> LessonPanel:
    """The lesson panel, in front, with a lesson in it."""
    panel = raised(lesson_panel(viewer))
    if panel.store is None:
        raise VascularLoopError("Marks are kept in a lesson, and none is open: open one, or make one on this volume")
    return panel


def _show_volume(viewer: Any) -> None:
    """Show the volume of the selected layer in the planes.

    Raises
    ------
    VascularLoopError
        If no layer is selected, or it is none that this program opened as a scan.
    """
    from napari_vascular_loop.display.scene import scene_of
    from napari_vascular_loop.display.shown_layer import is_volume

    layer = viewer.layers.selection.active
    if layer is None:
        raise VascularLoopError("Select one layer in napari's list, the one that shows the scan")
    if not is_volume(layer):
        raise VascularLoopError(
            f"{layer.name!r} was not opened as a brain scan, so its place in the patient is unknown; drag the scan's "
            "file onto the window, or use File > Open with Plugin"
        )
    # A scene that is made now shows, and selects, the volume that came last.
    scene_of(viewer)
    viewer.layers.selection.active = layer


def _tried(act: Callable[[Any], None]) -> None:
    from napari import current_viewer
    from napari.utils.notifications import show_error

    viewer = current_viewer()
    try:
        if viewer is None:
            raise VascularLoopError("There is no napari window")
        act(viewer)
    except VascularLoopError as error:
        show_error(str(error))
