"""The truth while a lesson is open: edits, undo, saving. No Qt, no napari."""

from napari_vascular_loop.domain.edit import Change, Edit
from napari_vascular_loop.store.keeping import Keeper, Kept, SaveState
from napari_vascular_loop.store.lesson_store import LessonStore

__all__ = ["Change", "Edit", "Keeper", "Kept", "LessonStore", "SaveState"]
