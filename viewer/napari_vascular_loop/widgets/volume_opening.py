"""Opening volumes in a window: look at the headers, let the user choose, read, show. Nothing of it holds up the window.

One thing is done at a time, in the order in which it was asked for.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from napari.utils import progress
from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QEventLoop, QObject, QTimer, Signal

from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.volume_layer import LayerData, layer_data
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.warm_up import take_units, warm_up
from napari_vascular_loop.widgets.background_read import BackgroundRead
from napari_vascular_loop.widgets.main_window import main_window
from napari_vascular_loop.widgets.reading_strip import ReadingStrip
from napari_vascular_loop.widgets.time_slider import follow_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.formats.volumes import Found, FoundVolume, Progress, Source, Stray
    from napari_vascular_loop.widgets.volume_chooser import VolumeChooser

    LeftOut = tuple[tuple[str, str], ...]

_LOOK_EVERY_MS = 50
_PUT_OFF_MS = 1000
_ASK_AGAIN_MS = 5
_MOST_BY_NAME = 8
"""So many files that the user named are opened without asking; of more, he may want a few."""


@dataclass(frozen=True, eq=False)
class _Job:
    """Work for the thread, what is then done with its result, and the source that it belongs to."""

    title: str
    work: Callable[[Progress], Any]
    then: Callable[[Any], None]
    source: object


class VolumeOpening(QObject):
    """Opens volumes in one window; :func:`opening_of` gives it.

    Parameters
    ----------
    viewer : napari.Viewer
        Its scene shows them.
    window : QMainWindow
        Its window, with which this goes.

    Signals
    -------
    idle
        All that was asked for has been done.
    """

    idle = Signal()

    def __init__(self, viewer: Any, window: Any) -> None:
        super().__init__(window)
        self._scene = scene_of(viewer)
        self._asked: list[str | os.PathLike[str]] = []
        self._title = ""
        self._jobs: deque[_Job] = deque()
        self._job: _Job | None = None
        self._since = 0.0
        self._read: BackgroundRead | None = None
        self.chooser: VolumeChooser | None = None
        self.strip = ReadingStrip(window.centralWidget())
        self.strip.cancel_asked.connect(self.cancel)
        follow_time(viewer)
        self._warming = QTimer(self)
        self._warming.setInterval(_LOOK_EVERY_MS)
        self._warming.timeout.connect(self._take_units)
        self._warming.start()

    @property
    def is_busy(self) -> bool:
        """Whether something is looked at or read, or will be."""
        return bool(self._asked or self._jobs or self._job is not None)

    @property
    def busy_s(self) -> float:
        """For how long the present look or read has gone on."""
        return time.monotonic() - self._since if self._job is not None else 0.0

    def put_off_warming(self) -> None:
        """Load ahead a little later: a thread that loads would hold up what is being drawn now."""
        if self._warming.isActive():
            self._warming.start(_PUT_OFF_MS)

    # ---------------------------------------------------------------- what can be asked for

    def open(self, path: str | os.PathLike[str], title: str = "") -> None:
        """Open what a path or an address holds.

        Paths that are asked for at once, such as the files of a series that were dropped together, are looked at
        together.

        Parameters
        ----------
        path : path or address
            What is opened.
        title : str
            Name of the layer, where all that is asked for is one volume.
        """
        if not self._asked:
            QTimer.singleShot(0, self._begin)
        self._asked.append(path)
        self._title = title

    def show_found(self, found: Found, named: Sequence[str | os.PathLike[str]] = (), title: str = "") -> None:
        """Read the one volume that was found, or let the user choose.

        Parameters
        ----------
        found : Found
            What a source holds.
        named : sequence of path
            The files by whose names the user asked for it.
        title : str
            Name of the layer of a volume that is the only one.
        """
        if not found.volumes:
            self._tell_problem(_nothing(found))
        elif len(found.volumes) == 1 or _are_as_named(found, named):
            self._read_all(found.volumes, found.strays, title if len(found.volumes) == 1 else "")
        else:
            self._choose(found)

    def run(self, title: str, work: Callable[[Progress], Any], then: Callable[[Any], None]) -> None:
        """Do other work that takes long in its turn, and then something with its result, unless it was cancelled.

        Parameters
        ----------
        title : str
            What is shown meanwhile.
        work : callable
            Runs in the thread; see `BackgroundRead`.
        then : callable
            Is given what the work returned, in the thread of the window.
        """
        self._ask(_Job(title, work, then, object()))

    def wait_for(self, title: str, work: Callable[[Progress], Any]) -> Any:
        """Do other work in its turn, and give its result; the window lives on meanwhile.

        Returns
        -------
        object
            None if it was cancelled, or failed: why is told in the window.
        """
        waiting = QEventLoop()
        found: list[Any] = []
        self.idle.connect(waiting.quit)
        self.run(title, work, found.append)
        waiting.exec()
        self.idle.disconnect(waiting.quit)
        return found[0] if found else None

    def cancel(self) -> None:
        """End what is being read, and all else of the same source."""
        if self._read is not None and self._job is not None:
            source = self._job.source
            self._jobs = deque(job for job in self._jobs if job.source is not source)
            self.strip.show_ending()
            self._read.cancel()

    # ---------------------------------------------------------------- one step after the other

    def _begin(self) -> None:
        if _napari_is_opening():
            QTimer.singleShot(_ASK_AGAIN_MS, self._begin)
            return
        from napari_vascular_loop.formats.volumes import find_volumes

        asked, self._asked = self._asked, []
        source: Source = asked[0] if len(asked) == 1 else asked
        look = partial(find_volumes, source)
        then = partial(self.show_found, named=asked, title=self._title if len(asked) == 1 else "")
        self._ask(_Job("Looking for volumes…", look, then, object()))

    def _choose(self, found: Found) -> None:
        from napari_vascular_loop.widgets.volume_chooser import VolumeChooser

        chooser = VolumeChooser(found, self.parent())
        chooser.chosen.connect(partial(self._read_all, strays=found.strays))
        chooser.destroyed.connect(partial(_forget_chooser, self, id(chooser)))
        self.chooser = chooser
        chooser.open()

    def _read_all(self, volumes: Sequence[FoundVolume], strays: Sequence[Stray], title: str = "") -> None:
        if strays:
            count = "1 file is not a volume" if len(strays) == 1 else f"{len(strays)} files are not volumes"
            show_info(f"{count}: see the receipt")
        left_out = tuple((stray.path.name, stray.reason) for stray in strays)
        source = object()
        for number, volume in enumerate(volumes, start=1):
            of = f" {number} of {len(volumes)}" if len(volumes) > 1 else ""
            shape = " × ".join(str(count) for count in volume.header.grid.shape)
            lesson = self._scene.store.lesson if self._scene.store is not None else None
            work = partial(_read_layer, volume, title, left_out, lesson)
            self._ask(_Job(f"Reading volume{of}: {shape} voxels…", work, self._show_layer, source))

    def _show_layer(self, layer: LayerData) -> None:
        viewer, before = self._scene.viewer, self._scene.volume
        if viewer is None:
            return
        data, keywords, _ = layer
        viewer.add_image(data, **keywords)
        now = self._scene.volume
        if before is not None and now is not None and not _of_one_session(before, now):
            # Of another head, the place that was looked at means nothing.
            self._scene.show_whole()

    def _take_units(self) -> None:
        # Begun once the window lives: a thread that loads would hold up what is being opened now.
        self._warming.setInterval(_LOOK_EVERY_MS)
        warm_up()
        if take_units():
            self._warming.stop()

    def _tell_problem(self, text: str) -> None:
        if self.strip.window().isVisible():
            # napari's own note of an error goes after a few seconds: too soon to read what to do.
            self.strip.show_problem(text)
        else:
            show_error(text)

    # ---------------------------------------------------------------- the thread

    def _ask(self, job: _Job) -> None:
        self._jobs.append(job)
        self._go_on()

    def _go_on(self) -> None:
        if self._job is not None:
            return
        if not self._jobs:
            self.strip.rest()
            self.idle.emit()
            return
        job = self._job = self._jobs.popleft()
        self._since = time.monotonic()
        waiting = f"  ({len(self._jobs)} more to come)" if self._jobs else ""
        self.strip.show_reading(job.title + waiting)
        read = self._read = BackgroundRead(job.work, self)
        read.progressed.connect(self.strip.show_progress)
        read.returned.connect(job.then)
        read.failed.connect(self._tell_problem)
        read.ended.connect(self._on_ended)
        read.start()

    def _on_ended(self) -> None:
        if self._read is not None:
            self._read.deleteLater()
        self._read = self._job = None
        self._go_on()


def opening_of(viewer: Any) -> VolumeOpening | None:
    """Give what opens volumes in a viewer's window, made at the first call; None of a viewer without a window."""
    window = main_window(viewer)
    if window is None:
        return None
    known = next((child for child in window.children() if isinstance(child, VolumeOpening)), None)
    return known or VolumeOpening(viewer, window)


def _napari_is_opening() -> bool:
    """Whether napari is still going through the files that it was given.

    Its progress bar lets timers run between one file and the next, where that takes more than a tenth of a second.
    """
    return any(bar.desc.startswith("Opening Files") for bar in progress._all_instances)


def _read_layer(
    volume: FoundVolume, title: str, left_out: LeftOut, lesson: Lesson | None, progress: Progress
) -> LayerData:
    """Read a volume and lay it out; runs in the thread."""
    read = volume.read(progress)
    layer = layer_data(read, title, left_out=left_out)
    if lesson is not None:
        # The scene will ask whether it is the lesson's own, for which all voxels may be hashed; the answer is kept.
        with contextlib.suppress(VascularLoopError):
            lesson.volume_of(read.fingerprint)
    return layer


def _are_as_named(found: Found, named: Sequence[str | os.PathLike[str]]) -> bool:
    """Whether the user named each file of which one volume was found."""
    if not 1 < len(found.volumes) <= min(len(named), _MOST_BY_NAME):
        return False
    files = [volume.header.provenance.source_files for volume in found.volumes]
    wanted = {os.fspath(path) for path in named}
    names = [os.fspath(each[0]) for each in files if len(each) == 1]
    return len(set(names)) == len(files) and set(names) <= wanted


def _of_one_session(one: Volume, other: Volume) -> bool:
    """Whether two volumes are known to lie in one frame, so that a place in one is the same in the other."""
    uid = one.provenance.frame_of_reference_uid
    return uid is not None and uid == other.provenance.frame_of_reference_uid


def _nothing(found: Found) -> str:
    reasons = "; ".join(found.reasons[:3])
    return f"There is no volume there: {reasons}" if reasons else "There is no volume there"


def _forget_chooser(opening: VolumeOpening, chooser_id: int, *_: object) -> None:
    if opening.chooser is not None and id(opening.chooser) == chooser_id:
        opening.chooser = None
