"""Find or open this program's panels in a viewer's window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from napari_vascular_loop.widgets.dicomweb_dialog import DicomwebDialog
    from napari_vascular_loop.widgets.docked import DockedPanel
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel
    from napari_vascular_loop.widgets.library_panel import LibraryPanel
    from napari_vascular_loop.widgets.oblique_panel import ObliquePanel
    from napari_vascular_loop.widgets.receipt_panel import ReceiptPanel
    from napari_vascular_loop.widgets.samples_dialog import SamplesDialog
    from napari_vascular_loop.widgets.study_panel import StudyPanel
    from napari_vascular_loop.widgets.volume_opening import VolumeOpening

AnyPanel = TypeVar("AnyPanel", bound="DockedPanel")

PLUGIN = "napari-vascular-loop"
PANEL = "Lesson panel"
RECEIPT = "Orientation receipt"
OBLIQUE = "Oblique plane and nerve ride"
STUDY = "Study"
LIBRARY = "Library"


def lesson_panel(viewer: Any) -> LessonPanel:
    """Give the panel that is docked in a viewer's window, docking it first if need be."""
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel

    for widget in viewer.window.dock_widgets.values():
        if isinstance(widget, LessonPanel):
            return widget
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, PANEL)
    assert isinstance(widget, LessonPanel)
    return widget


def raised(panel: AnyPanel) -> AnyPanel:
    """Bring a docked panel to the front, if it was behind others or closed."""
    dock = panel.parentWidget()
    if dock is not None:
        dock.show()
        dock.raise_()
    return panel


def receipt_panel(viewer: Any) -> ReceiptPanel:
    """Bring the receipt to the front of a viewer's window, docking it first if need be."""
    from napari_vascular_loop.widgets.receipt_panel import ReceiptPanel

    panel = _brought_to_front(viewer, ReceiptPanel, RECEIPT)
    assert isinstance(panel, ReceiptPanel)
    return panel


def oblique_panel(viewer: Any) -> ObliquePanel:
    """Bring the oblique plane to the front of a viewer's window, docking it first if need be."""
    from napari_vascular_loop.widgets.oblique_panel import ObliquePanel

    panel = _brought_to_front(viewer, ObliquePanel, OBLIQUE)
    assert isinstance(panel, ObliquePanel)
    return panel


def lesson_panel_in_front(viewer: Any) -> LessonPanel:
    """Bring the lesson panel to the front of a viewer's window, docking it first if need be."""
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel

    panel = _brought_to_front(viewer, LessonPanel, PANEL)
    assert isinstance(panel, LessonPanel)
    return panel


def study_panel(viewer: Any) -> StudyPanel:
    """Bring the study panel to the front of a viewer's window, docking it first if need be."""
    from napari_vascular_loop.widgets.study_panel import StudyPanel

    panel = _brought_to_front(viewer, StudyPanel, STUDY)
    assert isinstance(panel, StudyPanel)
    return panel


def library_panel(viewer: Any) -> LibraryPanel:
    """Bring the library to the front of a viewer's window, docking it first if need be."""
    from napari_vascular_loop.widgets.library_panel import LibraryPanel

    panel = _brought_to_front(viewer, LibraryPanel, LIBRARY)
    assert isinstance(panel, LibraryPanel)
    return panel


def _brought_to_front(viewer: Any, kind: type[Any], name: str) -> Any:
    """The panel of a kind, behind or before the others at its place: beside them it would leave them no room."""
    for widget in viewer.window.dock_widgets.values():
        if isinstance(widget, kind):
            return raised(widget)
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, name, tabify=True)
    return widget


def open_from_server() -> DicomwebDialog:
    """Show the dialog for DICOMweb servers over napari's window; what the user loads is opened there.

    Raises
    ------
    VascularLoopError
        If there is no window.
    """
    from napari_vascular_loop.widgets.dicomweb_dialog import DicomwebDialog

    opening = _opening("scans of a server")
    dialog = DicomwebDialog(opening.parent())
    dialog.chosen.connect(opening.show_found)
    dialog.show()
    return dialog


def browse_public_volumes() -> SamplesDialog:
    """Show the catalogue of public volumes over napari's window; what the user opens there is opened in it.

    Raises
    ------
    VascularLoopError
        If there is no window.
    """
    from napari_vascular_loop.samples.catalogue import load_catalogue
    from napari_vascular_loop.widgets.samples_dialog import SamplesDialog

    opening = _opening("public volumes")
    known = next((child for child in opening.parent().children() if isinstance(child, SamplesDialog)), None)
    dialog = known or SamplesDialog(load_catalogue(), opening.parent())
    if known is None:
        dialog.chosen.connect(opening.open)
    dialog.show()
    dialog.raise_()
    return dialog


def open_library() -> LibraryPanel:
    """Show the library of lessons in napari's window.

    Raises
    ------
    VascularLoopError
        If there is no window.
    """
    from napari import current_viewer

    _opening("a library")
    return library_panel(current_viewer())


def _opening(what: str) -> VolumeOpening:
    """What opens volumes in napari's window; without a window it is said what could not be opened."""
    from napari import current_viewer

    from napari_vascular_loop.domain.errors import VascularLoopError
    from napari_vascular_loop.widgets.volume_opening import opening_of

    opening = opening_of(current_viewer())
    if opening is None:
        raise VascularLoopError(f"there is no napari window to open {what} in")
    return opening
