"""What the DICOMweb dialog has done in a thread; a server that asks who the user is gives an answer like another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import dicomweb
from napari_vascular_loop.formats.volumes.dicomweb import CredentialsNeededError
from napari_vascular_loop.formats.volumes.dicomweb.credentials import keep_in_keyring

if TYPE_CHECKING:
    from napari_vascular_loop.formats.volumes import Found, Progress
    from napari_vascular_loop.formats.volumes.dicomweb import Address, Credentials, Series, Server, Study, StudyQuery


@dataclass(frozen=True)
class Studies:
    """What a search brought, and what went wrong beside it."""

    studies: tuple[Study, ...]
    problem: str = ""


def search(
    server: Server, query: StudyQuery, credentials: Credentials | None, keep: bool, progress: Progress
) -> Studies | CredentialsNeededError:
    """Search a server; credentials that it took are kept in the keyring if that is wanted."""
    try:
        studies = tuple(dicomweb.search_studies(server, query, progress, credentials))
    except CredentialsNeededError as error:
        return error
    if keep and credentials is not None:
        try:
            keep_in_keyring(server, credentials)
        except VolumeReadError as error:
            return Studies(studies, str(error))
    return Studies(studies)


def list_series(
    server: Server, study: str, credentials: Credentials | None, progress: Progress
) -> tuple[Series, ...] | CredentialsNeededError:
    """List the series of a study."""
    try:
        return tuple(dicomweb.search_series(server, study, progress, credentials))
    except CredentialsNeededError as error:
        return error


def load(address: Address, credentials: Credentials | None, progress: Progress) -> Found | CredentialsNeededError:
    """Fetch series."""
    try:
        return dicomweb.find(address, progress, credentials)
    except CredentialsNeededError as error:
        return error
