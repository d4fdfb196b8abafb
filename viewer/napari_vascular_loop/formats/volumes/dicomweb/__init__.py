"""Volumes from DICOMweb servers: searched for with QIDO-RS, fetched with WADO-RS, read as local DICOM files are.

Nothing of a patient's goes into an address, a message or a log. Images lie in a private temporary folder until the
volumes are gone; where anything fails, that folder goes at once.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom.uid import UID

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import dicom
from napari_vascular_loop.formats.volumes.dicomweb.address import (
    Address,
    Server,
    is_dicomweb,
    parse_address,
    parse_server,
)
from napari_vascular_loop.formats.volumes.dicomweb.credentials import Credentials, CredentialsNeededError
from napari_vascular_loop.formats.volumes.dicomweb.search import (
    MOST_STUDIES,
    Instance,
    Series,
    Study,
    StudyQuery,
    find_instances,
    find_series,
    find_studies,
)
from napari_vascular_loop.formats.volumes.found import Found, Progress, Stray, no_progress
from napari_vascular_loop.formats.volumes.private_folder import PrivateFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection

__all__ = [
    "MOST_STUDIES",
    "NO_IMAGES",
    "Address",
    "Credentials",
    "CredentialsNeededError",
    "Series",
    "Server",
    "Study",
    "StudyQuery",
    "find",
    "is_dicomweb",
    "parse_server",
    "search_series",
    "search_studies",
]

NO_IMAGES = {
    "SR": "a structured report",
    "PR": "a presentation state",
    "KO": "a list of key images",
    "DOC": "a document",
    "REG": "a registration",
    "SEG": "a segmentation",
    "PLAN": "a plan",
    "RTSTRUCT": "contours for radiotherapy",
    "RTPLAN": "a plan for radiotherapy",
    "RTRECORD": "a record of radiotherapy",
    "ECG": "a recording of the heart",
    "AU": "sound",
}
"""Modalities of series that hold no images, in plain words."""

_DOWNLOAD_SHARE = 0.9


def find(address: str | Address, progress: Progress = no_progress, credentials: Credentials | None = None) -> Found:
    """Fetch a study, or some of its series, and see what volumes are in it.

    Parameters
    ----------
    address : str or Address
        ``dicomweb://host[:port]/path?study=UID[&series=UID]``.
    progress : callable, optional
        Told how much is done; may raise ReadCancelledError, which ends the download at once.
    credentials : Credentials, optional
        Those of the environment or the keyring where None.

    Returns
    -------
    Found
        Volumes whose `source_files` are addresses. Series without images are among the strays, and not fetched.

    Raises
    ------
    VolumeReadError
        In one sentence, if the address is none, or server or network fail. Nothing is kept then.
    ReadCancelledError
        If `progress` raises it. Nothing is kept then.
    """
    if isinstance(address, str):
        address = parse_address(address)
    if not address.study:
        raise VolumeReadError(
            f"the address names no study; write {address}?study=UID, or search the server with the DICOMweb dialog"
        )
    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection

    folder = PrivateFolder()
    try:
        fetching = _Fetching(address, progress)
        with Connection(address.server, fetching.tell, credentials) as connection:
            addresses, strays = fetching.fetch(connection, folder.path)
        found = dicom.find(list(addresses), fetching.rest)
    except BaseException:
        folder.remove()
        raise
    progress(1.0)
    volumes = tuple(folder.holding(volume, addresses) for volume in found.volumes)
    others = tuple(Stray(_place(addresses.get(stray.path, str(address))), stray.reason) for stray in found.strays)
    return Found(volumes, (*others, *strays))


def search_studies(
    server: Server,
    query: StudyQuery,
    progress: Progress = no_progress,
    credentials: Credentials | None = None,
) -> list[Study]:
    """Find studies on a server, the newest first; not more than `MOST_STUDIES`.

    Parameters
    ----------
    server : Server
        Whom to ask; `parse_server` makes one of what a user types.
    query : StudyQuery
        What is looked for.
    progress : callable, optional
        Called while the answer is waited for; may raise ReadCancelledError, which ends the wait at once.
    credentials : Credentials, optional
        As for `find`.

    Raises
    ------
    VolumeReadError
        In one sentence, if the query can't be understood, or server or network fail.
    ReadCancelledError
        If `progress` raises it.
    """
    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection

    with Connection(server, partial(progress, 0.0), credentials) as connection:
        return find_studies(connection, query)


def search_series(
    server: Server, study: str, progress: Progress = no_progress, credentials: Credentials | None = None
) -> list[Series]:
    """Find the series of a study, by its UID; otherwise as `search_studies`."""
    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection

    with Connection(server, partial(progress, 0.0), credentials) as connection:
        return find_series(connection, study)


class _Fetching:
    """One study on its way, and how much of it has come."""

    def __init__(self, address: Address, progress: Progress) -> None:
        self._address = address
        self._progress = progress
        self._share = 0.0

    def tell(self) -> None:
        """Say again how much is done: whoever waits may want to end it."""
        self._progress(self._share)

    def rest(self, done: float) -> None:
        """Progress of what comes after the download."""
        self._progress(_DOWNLOAD_SHARE + (1 - _DOWNLOAD_SHARE) * done)

    def fetch(self, connection: Connection, folder: Path) -> tuple[dict[Path, str], list[Stray]]:
        """Fetch all series with images; gives the address of each file, and what was left out."""
        from napari_vascular_loop.formats.volumes.dicomweb.download import download_series

        strays: list[Stray] = []
        wanted: list[tuple[Series, list[Instance]]] = []
        for series in self._series(connection):
            reason = NO_IMAGES.get(series.modality)
            instances = [] if reason else find_instances(connection, self._address.study, series)
            reason = f"{reason} ({series.modality}), not images" if reason else _why_no_images(instances)
            if reason:
                strays.append(Stray(_place(str(self._address.of_series(series.uid))), reason))
            else:
                wanted.append((series, instances))
        count, before = sum(len(instances) for _, instances in wanted), 0
        addresses: dict[Path, str] = {}
        for number, (series, instances) in enumerate(wanted):
            part = folder / f"{number:03}"
            part.mkdir()
            announced = [instance.uid for instance in instances]
            tell = partial(self._tell_come, before, count)
            files = download_series(connection, self._address.study, series.uid, announced, part, tell)
            addresses |= {file: str(self._address.of_series(series.uid, uid)) for file, uid in files.items()}
            before += len(instances)
        return addresses, strays

    def _series(self, connection: Connection) -> list[Series]:
        server = connection.server.authority
        there = find_series(connection, self._address.study)
        if not there:
            raise VolumeReadError(f"{server!r} has no study {self._address.study}; check the address")
        missing = set(self._address.series) - {series.uid for series in there}
        if missing:
            raise VolumeReadError(f"{server!r} has no series {min(missing)} in that study; check the address")
        return [series for series in there if not self._address.series or series.uid in self._address.series]

    def _tell_come(self, before: int, count: int, come: int) -> None:
        self._share = _DOWNLOAD_SHARE * min((before + come) / max(count, 1), 1.0)
        self.tell()


def _why_no_images(instances: Sequence[Instance]) -> str:
    """Say why a series is not worth fetching; "" if it may hold images."""
    if not instances:
        return "an empty series"
    names = {UID(instance.sop_class).name if instance.sop_class else "" for instance in instances}
    # Classes that pydicom does not know keep their number as their name: they are fetched and looked at.
    if all(name.endswith("Storage") and ("Image Storage" not in name or "Video" in name) for name in names):
        return f"not images ({', '.join(sorted(names))})"
    return ""


def _place(address: str) -> Path:
    """Put an address where a path is wanted, to be read by people."""
    return Path(address)
