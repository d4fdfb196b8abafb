"""Marks on a DICOMweb server: sent with STOW-RS, found with QIDO-RS and fetched with WADO-RS (PS3.18).

This is how a department shares marks between its machines: they lie in the study beside the images.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom import dcmread

from napari_vascular_loop.domain.errors import LessonError, LessonSaveError
from napari_vascular_loop.formats.annotations.dicom_bytes import read_object
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.formats.volumes.dicomweb.address import Address, is_uid, parse_address
from napari_vascular_loop.formats.volumes.dicomweb.search import Series, find_instances, find_series
from napari_vascular_loop.formats.volumes.found import Progress, no_progress
from napari_vascular_loop.formats.volumes.private_folder import PrivateFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicomweb_client.api import DICOMwebClient
    from pydicom.dataset import Dataset

    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection
    from napari_vascular_loop.formats.volumes.dicomweb.credentials import Credentials

MODALITIES = ("SR", "PR")
"""Of structured reports and presentation states."""

_CONFLICT = 409
"""What a server answers that stored none of the objects, with the reasons (PS3.18 section 10.5.3.1)."""

_REASONS = {
    # PS3.18 table I.2-2 and PS3.4 table B.2-1
    0x0110: "it could not process them",
    0x0111: "it has them already",
    0x0117: "it does not accept their UIDs",
    0x0122: "it does not keep objects of this kind",
    0x0124: "you may not store there",
    0xA700: "it has no room",
    0xA900: "they don't fit what it expects",
    0xC000: "it could not understand them",
}


@dataclass(frozen=True)
class RemoteMarks:
    """A structured report or presentation state of a server.

    Parameters
    ----------
    address : str
        Where it is; UIDs only, nothing of a patient's.
    modality : str
        "SR" or "PR".
    instance : str
        SOP Instance UID.
    data : bytes
        The DICOM file: for `decode_sr`, where it is an SR.
    """

    address: str
    modality: str
    instance: str
    data: bytes = field(repr=False)


def send_marks(
    address: str | Address,
    objects: Sequence[bytes],
    progress: Progress = no_progress,
    credentials: Credentials | None = None,
) -> tuple[str, ...]:
    """Store marks on a server.

    Parameters
    ----------
    address : str or Address
        ``dicomweb://host[:port]/path``, with ``?study=UID`` to see that they are of this study.
    objects : sequence of bytes
        What `encode_sr` and `encode_gsps` made.
    progress : callable, optional
        Called while the answer is waited for; may raise ReadCancelledError, which ends the wait at once.
    credentials : Credentials, optional
        Those of the environment or the keyring where None.

    Returns
    -------
    tuple of str
        SOP Instance UIDs of what the server has now.

    Raises
    ------
    LessonError
        If something is not DICOM, or not of the study.
    LessonSaveError
        If the server did not take all of them; the message says how many, and why.
    VolumeReadError
        In one sentence, if server or network fail; CredentialsNeededError if it asks who you are.
    ReadCancelledError
        If `progress` raises it.
    """
    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection

    address = parse_address(address) if isinstance(address, str) else address
    datasets = [_sendable(data, f"object {number}", address.study) for number, data in enumerate(objects, start=1)]
    if not datasets:
        raise LessonError("there are no marks to send")
    wanted = {str(dataset.SOPInstanceUID): dataset for dataset in datasets}
    with Connection(address.server, partial(progress, 0.0), credentials) as connection:
        answer = connection.get(partial(_store, datasets, address.study or None))
        stored, reasons = _told(answer)
        if not stored and not reasons:
            stored = _seen(connection, datasets)
    missing = wanted.keys() - stored
    if missing:
        why = " and ".join(sorted({_reason(reasons.get(uid, 0)) for uid in missing}))
        raise LessonSaveError(
            f"{address.server.authority!r} did not take {len(missing)} of the {len(wanted)} objects: {why}; the marks "
            "are still in the lesson: ask who runs it"
        )
    progress(1.0)
    return tuple(wanted)


def find_marks(
    address: str | Address, progress: Progress = no_progress, credentials: Credentials | None = None
) -> tuple[RemoteMarks, ...]:
    """Fetch the structured reports and presentation states of a study.

    Parameters
    ----------
    address : str or Address
        ``dicomweb://host[:port]/path?study=UID[&series=UID]``; `series` are those of the marks, not of images.
    progress : callable, optional
        Told how much is done; may raise ReadCancelledError, which ends the download at once.
    credentials : Credentials, optional
        Those of the environment or the keyring where None.

    Returns
    -------
    tuple of RemoteMarks
        In the order of their series; empty where the study has none.

    Raises
    ------
    LessonError
        If the address names no study, or the server does not have it.
    VolumeReadError
        In one sentence, if server or network fail; CredentialsNeededError if it asks who you are.
    ReadCancelledError
        If `progress` raises it.
    """
    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection

    address = parse_address(address) if isinstance(address, str) else address
    if not address.study:
        raise LessonError(f"the address names no study; write {address}?study=UID")
    found: list[RemoteMarks] = []
    with Connection(address.server, partial(progress, 0.0), credentials) as connection:
        series = find_series(connection, address.study)
        if not series:
            raise LessonError(f"{address.server.authority!r} has no study {address.study}; check the address")
        wanted = [one for one in series if one.modality in MODALITIES and _is_wanted(one, address)]
        for number, one in enumerate(wanted):
            progress(number / len(wanted))
            found += _fetch(connection, address, one)
    progress(1.0)
    return tuple(found)


@contextlib.contextmanager
def fetched_sources(
    sources: Sequence[Path | str], progress: Progress = no_progress, credentials: Credentials | None = None
) -> Iterator[list[Path]]:
    """Have the images of a volume as files for a while: marks are written from their headers.

    Parameters
    ----------
    sources : sequence of Path or str
        A volume's `source_files`: files stay as they are, addresses are fetched.
    progress, credentials
        As for `find_marks`.

    Raises
    ------
    VolumeReadError
        In one sentence, if server or network fail.
    ReadCancelledError
        If `progress` raises it.
    """
    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection
    from napari_vascular_loop.formats.volumes.dicomweb.download import download_series

    files = [source for source in sources if isinstance(source, Path)]
    remote = series_of(sources)
    folder = PrivateFolder()
    try:
        for number, address in enumerate(remote):
            with Connection(address.server, partial(progress, number / len(remote)), credentials) as connection:
                for uid in address.series:
                    part = folder.path / f"{number:03}"
                    part.mkdir()
                    announced = [one.uid for one in find_instances(connection, address.study, Series(uid))]
                    files += download_series(connection, address.study, uid, announced, part, lambda _come: None)
        yield files
    finally:
        folder.remove()


def series_of(sources: Sequence[Path | str]) -> list[Address]:
    """Addresses of the series of those images that lie on a server, each once."""
    # An image's own address ends in its UID.
    series = dict.fromkeys(source.partition("&instance=")[0] for source in sources if isinstance(source, str))
    return [parse_address(one) for one in series]


def _is_wanted(series: Series, address: Address) -> bool:
    return not address.series or series.uid in address.series


def _sendable(data: bytes, name: str, study: str) -> Dataset:
    dataset = read_object(data, name)
    with contextlib.suppress(*DAMAGE):
        if all(is_uid(str(dataset.get(one))) for one in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")):
            if dataset.get("Modality") not in MODALITIES:
                raise LessonError(f"{name}: it is neither a structured report nor a presentation state")
            if study and dataset.StudyInstanceUID != study:
                raise LessonError(f"{name}: these marks are of another study than {study}; check the address")
            with quietly():
                # With its File Meta Information, which is sent too.
                return dcmread(io.BytesIO(data))
    raise LessonError(f"{name}: it names no study, series or instance; export it anew")


def _store(datasets: Sequence[Dataset], study: str | None, client: DICOMwebClient) -> Dataset | None:
    """Send, and give back what the server says of each object; None where it says nothing that is understood."""
    import pydicom
    import requests

    try:
        answer = client.store_instances(datasets, study)
    except requests.HTTPError as error:
        if error.response is None or error.response.status_code != _CONFLICT:
            raise
        with contextlib.suppress(*DAMAGE, requests.RequestException):
            return pydicom.Dataset.from_json(error.response.json())
        raise
    return answer if len(answer) else None


def _told(answer: Dataset | None) -> tuple[set[str], dict[str, int]]:
    """UIDs of what was stored, and reasons for what was not."""
    stored: set[str] = set()
    reasons: dict[str, int] = {}
    if answer is None:
        return stored, reasons
    with contextlib.suppress(*DAMAGE):
        for item in answer.get("ReferencedSOPSequence") or ():
            stored.add(str(item.get("ReferencedSOPInstanceUID")))
        for item in answer.get("FailedSOPSequence") or ():
            reasons[str(item.get("ReferencedSOPInstanceUID"))] = int(item.get("FailureReason") or 0)
    return stored, reasons


def _reason(code: int) -> str:
    """A Failure Reason in words; the last digits of some say what only the server knows."""
    for digits in (0xFFFF, 0xFF00, 0xF000):
        if code & digits in _REASONS:
            return _REASONS[code & digits]
    return "it does not say why"


def _seen(connection: Connection, datasets: Sequence[Dataset]) -> set[str]:
    """Ask whether they are there: not every server says so when it stores them."""
    seen: set[str] = set()
    for study, series in {(str(one.StudyInstanceUID), str(one.SeriesInstanceUID)) for one in datasets}:
        seen |= {one.uid for one in find_instances(connection, study, Series(series))}
    return seen


def _fetch(connection: Connection, address: Address, series: Series) -> list[RemoteMarks]:
    from napari_vascular_loop.formats.volumes.dicomweb.download import download_series

    announced = [instance.uid for instance in find_instances(connection, address.study, series)]
    folder = PrivateFolder()
    try:
        files = download_series(connection, address.study, series.uid, announced, folder.path, lambda _come: None)
        return [
            RemoteMarks(str(address.of_series(series.uid, uid)), series.modality, uid, file.read_bytes())
            for file, uid in files.items()
        ]
    finally:
        folder.remove()
