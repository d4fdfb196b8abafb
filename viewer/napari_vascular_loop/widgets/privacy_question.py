"""Asks before a lesson goes out that names somebody whose scan it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QMessageBox, QWidget

if TYPE_CHECKING:
    from napari_vascular_loop.store import LessonStore


def may_go_out(parent: QWidget | None, store: LessonStore, *, files: bool = False, volumes: bool = True) -> bool:
    """Whether a lesson may be written for others: asked where it says what a scan's header said of the patient.

    Parameters
    ----------
    parent : QWidget, optional
        Above which it is asked.
    store : LessonStore
        The lesson.
    files : bool
        Whether its files go out as they are.
    volumes : bool
        Whether those of volumes do, too.
    """
    from napari_vascular_loop.privacy.gate import named_in, named_in_files, told

    found = named_in(store.lesson, store.folder)
    if not found and files and store.folder is not None:
        found = named_in_files(store.lesson, store.folder, volumes=volumes)
    if not found:
        return True
    answer = QMessageBox.warning(
        parent,
        "Does this name a patient?",
        f"{told(found)}.\n\nGo on all the same?",
        QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel,
        QMessageBox.StandardButton.Cancel,
    )
    return bool(answer == QMessageBox.StandardButton.Yes)


def how_much_goes_out(parent: QWidget | None, store: LessonStore) -> float | None:
    """How many mm around the marks are packed of a lesson's volumes, 0 for all; None where the user thinks better.

    Asked only where a face may be seen.
    """
    from napari_vascular_loop.domain.crop import DEFAULT_CROP_MM
    from napari_vascular_loop.lesson_crop import shows_face

    if not shows_face(store.lesson):
        return 0.0
    box = QMessageBox(
        QMessageBox.Icon.Question,
        "A face can be recognised",
        "The lesson's volume is large enough for a whole head: whoever gets it can see the face.\n\n"
        f"Pack only {DEFAULT_CROP_MM:g} mm around the marks? Your own lesson stays whole.",
        QMessageBox.StandardButton.Cancel,
        parent,
    )
    cut = box.addButton("Around the marks", QMessageBox.ButtonRole.AcceptRole)
    whole = box.addButton("The whole head", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(cut)
    box.exec()
    if box.clickedButton() is cut:
        return DEFAULT_CROP_MM
    return 0.0 if box.clickedButton() is whole else None
