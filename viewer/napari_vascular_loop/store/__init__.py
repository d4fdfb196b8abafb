"""The truth while a lesson is open: edits, undo, saving. No Qt, no napari."""

from napari_vascular_loop.store.edit import Change, Edit
from napari_vascular_loop.store.lesson_store import LessonStore, SaveState

__all__ = ["Change", "Edit", "LessonStore", "SaveState"]
