"""Pictures of volumes that have not been read yet, made one by one in a thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_vascular_loop.display.thumbnail import thumbnail
from napari_vascular_loop.domain.errors import VascularLoopError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes import FoundVolume

MAX_READ_BYTES = 64 << 20
"""A volume of which one slice can't be read alone is read whole for its picture only if it is no larger."""


class ThumbnailMaker(QObject):
    """Makes the pictures in the background.

    Parameters
    ----------
    volumes : sequence of FoundVolume
        In the order of their numbers.

    Signals
    -------
    made : int, Thumbnail
        Number of the volume, and its picture.
    failed : int, str
        Number of the volume, and why it has no picture.
    """

    made = Signal(int, object)
    failed = Signal(int, str)

    def __init__(self, volumes: Sequence[FoundVolume]) -> None:
        super().__init__()
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._make, args=(tuple(volumes),), name="vascular-loop thumbnails", daemon=True
        )

    def start(self) -> None:
        """Begin with the first."""
        self._thread.start()

    def stop(self) -> None:
        """Make no more of them; the one that is being made is not shown."""
        self._stopped.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the thread; whether it has ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _make(self, volumes: Sequence[FoundVolume]) -> None:
        for number, volume in enumerate(volumes):
            if self._stopped.is_set():
                return
            try:
                if volume.middle_reader is None and volume.header.nbytes > MAX_READ_BYTES:
                    self._tell(self.failed, number, "no picture before it is opened")
                    continue
                self._tell(self.made, number, thumbnail(volume.header, volume.middle_slice()))
            except VascularLoopError as error:
                self._tell(self.failed, number, str(error))

    def _tell(self, signal: Signal, *values: object) -> None:
        if not self._stopped.is_set():
            signal.emit(*values)
