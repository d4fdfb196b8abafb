"""Work that takes long, in a thread of its own: with progress, and an end when the user wants one."""

from __future__ import annotations

import threading
import time
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari.qt.threading import FunctionWorker
from napari.utils import cancelable_progress
from qtpy.QtCore import QObject, QTimer, Signal

from napari_vascular_loop.domain.errors import ReadCancelledError, VascularLoopError

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.formats.volumes import Progress

_TELL_EVERY_S = 0.05
_PARTS = 100
_BAR_AFTER_MS = 150


class BackgroundRead(QObject):
    """One piece of work in a thread.

    Exactly one of the first three signals comes, in the thread of the window, and `ended` after it; none of them
    once the object is gone.

    Parameters
    ----------
    work : callable
        Is given a `Progress` to call, which raises ReadCancelledError when the work is to end. It must not touch
        the window.
    parent : QObject
        With which it goes.

    Signals
    -------
    returned : object
        What the work gave.
    failed : str
        The sentence of the VascularLoopError that it raised.
    cancelled
        The user ended it; nothing is kept.
    ended
        The thread is free again.
    progressed : float
        How much is done, from 0 to 1, at most twenty times a second.
    """

    returned = Signal(object)
    failed = Signal(str)
    cancelled = Signal()
    ended = Signal()
    progressed = Signal(float)

    def __init__(self, work: Callable[[Progress], Any], parent: QObject) -> None:
        super().__init__(parent)
        self._teller = _Teller()
        self._teller.told.connect(self._on_told)
        self._work = _Work(work, self._teller)
        self._outcome: _Outcome | None = None
        bar = self._bar = _Bar(self._work.cancelled.set)
        cancelled = self._work.cancelled
        # The window that it belongs to is going: nobody waits any longer.
        self.destroyed.connect(lambda *_: cancelled.set())
        self.destroyed.connect(lambda *_: bar.close())

    def start(self) -> None:
        """Begin."""
        # Not by way of create_worker: that ties the worker to the window, and neither is then ever let go.
        worker = FunctionWorker(self._work)
        self._work.worker = weakref.ref(worker)
        worker.returned.connect(self._on_returned)
        worker.errored.connect(_raise)
        worker.finished.connect(self._on_finished)
        worker.start()
        # Not for what is read in no time. napari lets Qt handle other events meanwhile: all may be over after it.
        QTimer.singleShot(_BAR_AFTER_MS, self._bar.open)

    def cancel(self) -> None:
        """End the work as soon as it next tells its progress."""
        self._work.cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was told to end."""
        return self._work.cancelled.is_set()

    def _on_told(self, done: float) -> None:
        self.progressed.emit(done)
        self._bar.show(done)

    def _on_returned(self, outcome: _Outcome) -> None:
        self._outcome = outcome

    def _on_finished(self) -> None:
        self._bar.close()
        outcome, self._outcome = self._outcome, None
        if outcome is not None and outcome.problem:
            self.failed.emit(outcome.problem)
        elif outcome is not None and not outcome.cancelled and not self.is_cancelled:
            self.returned.emit(outcome.value)
        else:
            self.cancelled.emit()
        self.ended.emit()


def _raise(error: Exception) -> None:
    """Let napari tell of an error that is none of ours, with all that helps to find it."""
    raise error


class _Teller(QObject):
    """Carries progress from the thread to the window. Owned by the work: never gone while that goes on."""

    told = Signal(float)


class _Bar:
    """napari's bar in the activity dock. It may be asked to close while it is still being opened."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        self._cancel = cancel
        self._shown: _CancelBar | None = None
        self._is_closed = False

    def open(self) -> None:
        if self._is_closed:
            return
        shown = _CancelBar(self._cancel, total=_PARTS, desc="Reading")
        if self._is_closed:
            shown.close()
        else:
            self._shown = shown

    def show(self, done: float) -> None:
        more = round(done * _PARTS) - self._shown.n if self._shown is not None else 0
        if self._shown is not None and more > 0:
            self._shown.update(more)

    def close(self) -> None:
        self._is_closed = True
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.close()


class _CancelBar(cancelable_progress):
    """napari's bar in the activity dock, whose button ends the work."""

    def __init__(self, cancel: Callable[[], None], **keywords: Any) -> None:
        self._cancel_work = cancel
        super().__init__(**keywords)

    def cancel(self) -> None:
        """End the work."""
        super().cancel()
        self._cancel_work()


@dataclass(frozen=True, eq=False)
class _Outcome:
    value: Any = None
    problem: str = ""
    cancelled: bool = False


class _Work:
    """What runs in the thread."""

    def __init__(self, work: Callable[[Progress], Any], teller: _Teller) -> None:
        self._work = work
        self._teller = teller
        self._told = 0.0
        self.cancelled = threading.Event()
        self.worker: Callable[[], Any] = lambda: None

    def __call__(self) -> _Outcome:
        try:
            self._progress(0.0)
            return _Outcome(self._work(self._progress))
        except ReadCancelledError:
            return _Outcome(cancelled=True)
        except VascularLoopError as error:
            return _Outcome(problem=str(error))

    def _progress(self, done: float) -> None:
        worker = self.worker()
        if self.cancelled.is_set() or (worker is not None and worker.abort_requested):
            raise ReadCancelledError("the reading was ended; nothing of it is kept")
        now = time.monotonic()
        if done > 0 and (done >= 1 or now - self._told >= _TELL_EVERY_S):
            self._told = now
            self._teller.told.emit(min(done, 1.0))
