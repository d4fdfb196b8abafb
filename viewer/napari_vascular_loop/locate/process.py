"""The worker as seen from the program: started early, asked, stopped at any moment."""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import LocateError, ReadCancelledError
from napari_vascular_loop.formats.registration_json import decode_registration
from napari_vascular_loop.locate.elastix import NEEDS_EXTRA
from napari_vascular_loop.locate.worker import send_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.registration import Registration
    from napari_vascular_loop.locate.head import Head

_LOOK_S = 0.1
_LONGEST_S = 300.0
_LOAD_PART = 0.2


class Worker:
    """A process that registers scans with one atlas.

    Parameters
    ----------
    atlas : Head
        Sent once.
    """

    def __init__(self, atlas: Head) -> None:
        self._atlas = atlas
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._is_ready = False
        self._lock = threading.Lock()
        atexit.register(self.stop)

    def start(self) -> None:
        """Start the process, if it does not run; it loads what it needs meanwhile."""
        if self._process is not None and self._process.poll() is None:
            return
        if importlib.util.find_spec("itk") is None:
            raise LocateError(NEEDS_EXTRA)
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "2"}
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        self._answers, self._is_ready = queue.Queue(), False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "napari_vascular_loop.locate.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            creationflags=flags,
        )
        threading.Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True).start()
        threading.Thread(target=self._send, args=(self._process, self._atlas), daemon=True).start()

    def register(
        self, scan: Head, cancelled: Callable[[], bool] | None, progress: Callable[[float], None]
    ) -> Registration:
        """Lay a scan over the atlas, one after the other.

        Raises
        ------
        ReadCancelledError
            If `cancelled` says so; the process is ended then.
        LocateError
            If elastix is missing, or the process ended by itself.
        """
        while not self._lock.acquire(timeout=_LOOK_S):
            if cancelled is not None and cancelled():
                raise ReadCancelledError("stopped")
        try:
            self.start()
            return self._asked(scan, cancelled, progress)
        except BaseException:
            # A worker that still computes would answer the next question with this one's result.
            self.stop()
            raise
        finally:
            self._lock.release()

    def _asked(
        self, scan: Head, cancelled: Callable[[], bool] | None, progress: Callable[[float], None]
    ) -> Registration:
        before = 0.0 if self._is_ready else _LOAD_PART
        process, is_sent, waited_s = self._process, False, 0.0
        assert process is not None
        if self._is_ready:
            is_sent = self._sent(process, scan)
        while True:
            if cancelled is not None and cancelled():
                raise ReadCancelledError("stopped")
            try:
                answer = self._answers.get(timeout=_LOOK_S)
            except queue.Empty:
                waited_s += _LOOK_S
                if waited_s > _LONGEST_S:
                    raise LocateError(
                        f"the registration did not end within {_LONGEST_S:.0f} s, and was stopped"
                    ) from None
                continue
            if answer is None:
                raise LocateError(
                    "the process that registers ended by itself; try again, there may be too little memory"
                )
            if "error" in answer:
                raise LocateError(str(answer["error"]))
            if "ready" in answer:
                self._is_ready = True
                progress(before)
                is_sent = is_sent or self._sent(process, scan)
            elif "progress" in answer:
                progress(before + (1 - before) * float(answer["progress"]))
            elif "result" in answer:
                progress(1.0)
                return decode_registration(answer["result"])

    def _sent(self, process: subprocess.Popen[bytes], scan: Head) -> bool:
        threading.Thread(target=self._send, args=(process, scan), daemon=True).start()
        return True

    @staticmethod
    def _send(process: subprocess.Popen[bytes], head: Head) -> None:
        assert process.stdin is not None
        try:
            send_head(process.stdin, head)
        except (OSError, ValueError):
            # It has ended: whoever waits for its answer is told so.
            return

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        self._is_ready = False
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    # What was not sent to it is lost with it.
                    continue


def _listen(stream: IO[bytes], answers: queue.Queue[dict[str, Any] | None]) -> None:
    try:
        for line in stream:
            answers.put(json.loads(line))
    except (OSError, ValueError):
        pass
    answers.put(None)
