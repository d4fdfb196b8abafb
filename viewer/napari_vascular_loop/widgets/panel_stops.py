"""Where the walk round the window stops, and what is told there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_vascular_loop.widgets.lesson_panel import LessonPanel


def stops_of(panel: LessonPanel) -> list[tuple[QWidget, str, str]]:
    """What the lesson panel has to show."""
    return [
        (
            panel.planes,
            "Planes",
            "Axial, coronal or sagittal; one canvas or several. <b>Radiological</b> puts the patient's left on the "
            "right. A double-click on a canvas makes it large, and small again.",
        ),
        (
            panel.pane,
            "Article",
            "Coloured words are tied to marks: click them, and all planes go there. The other way round, a mark that "
            "you click lights its words. <b>Edit</b> opens the text beside it.",
        ),
        (
            panel.tabs,
            "Marks, details, questions, check",
            "All marks of the lesson. <b>Details</b> holds what is said of the selected one, <b>Questions</b> what you "
            "ask your students, <b>Check</b> what the lesson still lacks.",
        ),
        (
            panel.bar,
            "Tools",
            "Press at an arrow's tail, drag, and release with the tip on the structure. To tie words to a mark, select "
            "both and press <b>Link</b>.",
        ),
        (
            panel.saved,
            "Saved",
            "Each change is on disk before this line says so, and can be undone, back to the first. There is no button "
            "to save: none is needed.",
        ),
        (
            panel.menu,
            "Lesson",
            "Open, begin or copy a lesson, bring marks in from other programs, write figures. This walk is there, too.",
        ),
    ]
