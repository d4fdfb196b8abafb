"""Who makes the pages: this process, processes beside it, or a cluster; the last two by Dask's `distributed`."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import PageError
from napari_vascular_loop.site_page import PageMade, make_site_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_vascular_loop.site_page import PageTask

NEEDS_EXTRA = 'distributed is not installed: pip install "napari-vascular-loop[cluster]"'
_FEWEST = 4
"""Of fewer pages, they are made before a second process has been started."""

_CONNECT_S = 20


def has_engine() -> bool:
    """Whether Dask's `distributed` is installed."""
    return importlib.util.find_spec("distributed") is not None


def workers_for(tasks: int, asked: int | None) -> int:
    """How many processes to take where no cluster is given: as many as there are processors, unless it is said.

    Raises
    ------
    PageError
        If it is no number of workers.
    """
    if asked is not None and asked < 1:
        raise PageError(f"--workers says {asked}; at least 1 has to work")
    if not has_engine() or tasks < _FEWEST:
        return 1
    return asked or max(1, min(os.cpu_count() or 1, tasks))


def make_pages(tasks: Sequence[PageTask], workers: int = 1, scheduler: str = "") -> Iterator[PageMade]:
    """Make pages, and tell of each as it is done, in whatever order.

    Parameters
    ----------
    tasks : sequence of PageTask
        What to make.
    workers : int
        Processes on this computer; with 1, it is this one.
    scheduler : str
        Address of a Dask scheduler, such as "tcp://10.0.0.1:8786"; its workers see library and site under the
        same paths as this computer, and have this program.

    Raises
    ------
    PageError
        If the scheduler can't be reached, or `distributed` is not installed.
    """
    if not tasks:
        return
    if not scheduler and workers == 1:
        yield from map(make_site_page, tasks)
        return
    if not has_engine():
        raise PageError(f"making pages on a cluster needs distributed; {NEEDS_EXTRA}")
    from distributed import as_completed

    with contextlib.closing(_Cluster(workers, scheduler)) as cluster:
        futures = {future.key: task for future, task in zip(cluster.begin(tasks), tasks, strict=True)}
        for future, answer in as_completed(cluster.futures, loop=cluster.loop, with_results=True, raise_errors=False):
            path = futures[future.key].path
            if isinstance(answer, PageMade):
                yield answer
            else:
                # A worker that died, for want of memory mostly, or that does not have this program.
                said = answer[1] if isinstance(answer, tuple) else answer
                yield PageMade(path, problem=f"the worker failed: {type(said).__name__}: {said}")


class _Cluster:
    def __init__(self, workers: int, scheduler: str) -> None:
        from distributed import Client, LocalCluster

        # It tells of each worker that comes and goes; what matters of it comes back as an answer.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self.futures: list[Any] = []
        self._local: Any = None
        try:
            if not scheduler:
                # No page of its own on a port, and nobody but this computer may give it work.
                self._local = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    host="127.0.0.1",
                    silence_logs=logging.CRITICAL,
                )
            self._client = Client(self._local or scheduler, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            self.close()
            raise PageError(f"the scheduler {scheduler!r} can't be reached ({error}); check its address") from error

    @property
    def loop(self) -> Any:
        return self._client.loop

    def begin(self, tasks: Sequence[PageTask]) -> list[Any]:
        self.futures = self._client.map(make_site_page, tasks, pure=False, retries=1)
        return self.futures

    def close(self) -> None:
        client = getattr(self, "_client", None)
        if client is not None:
            client.close()
        if self._local is not None:
            self._local.close()
