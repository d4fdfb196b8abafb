"""Asks before a lesson goes out that names somebody whose scan it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QMessageBox, QWidget

if TYPE_CHECKING:
    from napari_vascular_loop.store import LessonStore


def may_go_out(parent: QWidget | None, store: LessonStore, *, files: bool = False) -> bool:
    """Whether a lesson may be written for others: asked where it says what a scan's header said of the patient.

    Parameters
    ----------
    parent : QWidget, optional
        Above which it is asked.
    store : LessonStore
        The lesson.
    files : bool
        Whether its files go out as they are.
    """
    from napari_vascular_loop.privacy.gate import named_in, named_in_files, told

    found = named_in(store.lesson, store.folder)
    if not found and files and store.folder is not None:
        found = named_in_files(store.lesson, store.folder)
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
