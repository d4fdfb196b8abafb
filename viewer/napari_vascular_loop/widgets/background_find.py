"""The finder as a task in the background: what it is asked, and how it hears that it is to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import ReadCancelledError

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Side
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.locate.answer import Answer


def located(volume: Volume, said: str, side: Side | None, progress: Progress) -> list[Answer]:
    """Find a structure in a scan; work for `BackgroundRead`.

    Parameters
    ----------
    volume : Volume
        The scan.
    said : str
        The structure, as it was typed.
    side : Side or None
        Else the one that is named, else all.
    progress : Progress
        Told how much is done; raises ReadCancelledError when the work is to end.

    Raises
    ------
    LocateError, SampleUnavailableError, ReadCancelledError
        As `locate.finder.locate` does.
    """
    from napari_vascular_loop.locate.finder import locate

    last = 0.0

    def tell(done: float) -> None:
        nonlocal last
        last = done
        progress(done)

    def is_cancelled() -> bool:
        # Who tells of progress hears that it is to end.
        try:
            progress(last)
        except ReadCancelledError:
            return True
        return False

    return locate(volume, said, side, cancelled=is_cancelled, progress=tell)
