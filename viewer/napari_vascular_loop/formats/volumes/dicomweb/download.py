"""Images of a server in a private folder of this computer, for as long as somebody needs them (WADO-RS)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicomweb.connection import UnknownFormError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dicomweb_client.api import DICOMwebClient
    from pydicom.dataset import Dataset

    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection

_AS_STORED = (("application/dicom", "*"),)
_PLAIN = (("application/dicom", "1.2.840.10008.1.2.1"),)

_TOO_MANY = 2
"""So many times what a server announced is not a study that grows, but one that never ends."""


def download_series(
    connection: Connection,
    study: str,
    series: str,
    announced: Iterable[str],
    folder: Path,
    tell: Callable[[int], None],
) -> dict[Path, str]:
    """Bring all that a series holds, each in a file of its own, byte for byte as it came where possible.

    Parameters
    ----------
    connection : Connection
        To the server.
    study, series : str
        UIDs.
    announced : iterable of str
        SOP Instance UIDs that the series holds.
    folder : Path
        Where the files go; their names say nothing.
    tell : callable
        Told after each how many have come; what it raises ends the download.

    Returns
    -------
    dict of Path to str
        SOP Instance UID of each file.

    Raises
    ------
    VolumeReadError
        If not all came that were announced, or there is no room for them.
    """
    expected = set(announced)
    files: dict[Path, str] = {}
    for dataset in _datasets(connection, study, series):
        if len(files) > _TOO_MANY * len(expected):
            raise VolumeReadError(f"{connection.server.authority!r} sends more images than it announced; try again")
        file = folder / f"{len(files):06}.dcm"
        _write(dataset, file)
        files[file] = str(dataset.get("SOPInstanceUID", ""))
        tell(len(files))
    missing = expected - set(files.values())
    if missing:
        raise VolumeReadError(
            f"{connection.server.authority!r} sent {len(expected) - len(missing)} of the {len(expected)} images of a "
            "series; nothing was kept: try again"
        )
    return files


def _datasets(connection: Connection, study: str, series: str) -> Iterator[Dataset]:
    """Ask for the images as they are stored; where the server can't do that, without compression."""

    def as_stored(client: DICOMwebClient) -> Iterator[Dataset]:
        return client.iter_series(study, series, media_types=_AS_STORED)

    def plain(client: DICOMwebClient) -> Iterator[Dataset]:
        return client.iter_series(study, series, media_types=_PLAIN)

    try:
        yield from connection.each(as_stored)
    except UnknownFormError:
        yield from connection.each(plain)


def _write(dataset: Dataset, file: Path) -> None:
    source = getattr(dataset, "buffer", None)
    try:
        if type(source) is io.BytesIO:
            with file.open("xb") as out:
                out.write(source.getbuffer())
        else:  # pydicom has inflated it
            dataset.save_as(file)
    except OSError as error:
        raise VolumeReadError(
            f"the temporary folder {str(file.parent)!r} takes no more ({error.strerror}); make room, or set TMPDIR"
        ) from error
    except DAMAGE:
        raise VolumeReadError("the server sent a damaged image; ask who runs it") from None
