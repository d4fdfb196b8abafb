"""What the DICOMweb dialogs have done in a thread; a server that asks who the user is gives an answer like another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import dicomweb
from napari_vascular_loop.formats.volumes.dicomweb import CredentialsNeededError
from napari_vascular_loop.formats.volumes.dicomweb.credentials import keep_in_keyring

if TYPE_CHECKING:
    from napari_vascular_loop.dicom_source import DicomSource
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.annotations.loss import Loss
    from napari_vascular_loop.formats.volumes import Found, Progress
    from napari_vascular_loop.formats.volumes.dicomweb import Address, Credentials, Series, Server, Study, StudyQuery


@dataclass(frozen=True)
class Studies:
    """What a search brought, and what went wrong beside it."""

    studies: tuple[Study, ...]
    problem: str = ""


@dataclass(frozen=True)
class Reports:
    """Structured reports by their names for errors, and what of the server's is none."""

    reports: list[tuple[str, bytes]]
    losses: tuple[Loss, ...]


@dataclass(frozen=True)
class Sent:
    """How many objects the server has now, what did not fit into them, and what went wrong beside it."""

    count: int
    losses: tuple[Loss, ...]
    problem: str = ""


def search(
    server: Server, query: StudyQuery, credentials: Credentials | None, keep: bool, progress: Progress
) -> Studies | CredentialsNeededError:
    """Search a server; credentials that it took are kept in the keyring if that is wanted."""
    try:
        studies = tuple(dicomweb.search_studies(server, query, progress, credentials))
    except CredentialsNeededError as error:
        return error
    return Studies(studies, _kept(server, credentials) if keep else "")


def list_series(
    server: Server, study: str, credentials: Credentials | None, progress: Progress
) -> tuple[Series, ...] | CredentialsNeededError:
    """List the series of a study."""
    try:
        return tuple(dicomweb.search_series(server, study, progress, credentials))
    except CredentialsNeededError as error:
        return error


def fetch_marks(
    address: Address, credentials: Credentials | None, progress: Progress
) -> Reports | CredentialsNeededError:
    """Fetch structured reports."""
    from napari_vascular_loop.exchange_dicom import fetch_reports

    try:
        return Reports(*fetch_reports(address, progress, credentials))
    except CredentialsNeededError as error:
        return error


def send_marks(
    lesson: Lesson,
    source: DicomSource,
    kind: str,
    address: Address,
    credentials: Credentials | None,
    keep: bool,
    progress: Progress,
) -> Sent | CredentialsNeededError:
    """Send the marks of a volume; credentials that the server took are kept in the keyring if that is wanted."""
    from napari_vascular_loop.exchange_dicom import send

    try:
        uids, losses = send(lesson, address, source, kind, progress, credentials)
    except CredentialsNeededError as error:
        return error
    return Sent(len(uids), losses, _kept(address.server, credentials) if keep else "")


def _kept(server: Server, credentials: Credentials | None) -> str:
    """Have the keyring keep credentials; why it could not, or ""."""
    if credentials is not None:
        try:
            keep_in_keyring(server, credentials)
        except VolumeReadError as error:
            return str(error)
    return ""


def load(address: Address, credentials: Credentials | None, progress: Progress) -> Found | CredentialsNeededError:
    """Fetch series."""
    try:
        return dicomweb.find(address, progress, credentials)
    except CredentialsNeededError as error:
        return error
