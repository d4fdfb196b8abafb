"""A library of lessons, wherever it lies: its cards at once, and then brought up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.library.index import Index
from napari_vascular_loop.library.indexing import index_folder
from napari_vascular_loop.library.places import index_address, is_address, place_of
from napari_vascular_loop.library.published import INDEX_FILE, publish
from napari_vascular_loop.library.remote import fetch_lesson, update_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.library.entry import Card
    from napari_vascular_loop.library.published import Head
    from napari_vascular_loop.samples.transfer import Patience

    Progress = Callable[[float], None]


class Library:
    """A folder or an address of lessons. It may be used in any thread; an `Index` belongs to the one that opened it.

    Parameters
    ----------
    said : str
        Path of a folder, or address of a published library; "" for the lessons that ship with the program.

    Raises
    ------
    LessonError
        If it is an address that can't be one.
    """

    def __init__(self, said: str = "") -> None:
        self.said = said
        self.is_remote = is_address(said)
        self.root = content_folder("annotations") if not said else Path(said).expanduser()
        self.address = index_address(said) if self.is_remote else ""
        self._place = place_of(said if self.is_remote else str(self.root))

    @property
    def name(self) -> str:
        """What to call it on screen."""
        if not self.said:
            return "Lessons of this program"
        return self.address.removesuffix(INDEX_FILE).rstrip("/") if self.is_remote else self.root.name or str(self.root)

    def open_index(self) -> Index:
        """Open what is known of it, which may be nothing yet.

        Raises
        ------
        LessonSaveError
            If it can't be kept.
        """
        return Index(self._place / "index.sqlite")

    def update(self, index: Index, progress: Progress, *, anew: bool = False, patience: Patience | None = None) -> bool:
        """Bring its index up to date; whether it is another than before.

        Raises
        ------
        LessonError, DownloadError, LessonSaveError
            If it can't be; what was known of it can still be read.
        ReadCancelledError
            If `progress` raises it.
        """
        if self.is_remote:
            return update_from(self.address, index, progress, patience=patience)
        return index_folder(self.root, index, progress, anew=anew).has_changed

    def publish(self, index: Index, progress: Progress) -> Head:
        """Write the index into the folder, for a web server.

        Raises
        ------
        LessonSaveError
            If it can't be written.
        """
        return publish(index, self.root / INDEX_FILE, progress)

    def lesson_path(
        self, index: Index, number: int, card: Card, progress: Progress, *, patience: Patience | None = None
    ) -> Path:
        """Where a lesson lies on this computer; one that lies on a server is brought here.

        Raises
        ------
        LessonError, DownloadError
            If it can't be had.
        ReadCancelledError
            If `progress` raises it.
        """
        if not self.is_remote:
            return self.root / card.path
        folder = self._place / "lessons"
        return fetch_lesson(self.address, card, index.files(number), folder, progress, patience=patience)
