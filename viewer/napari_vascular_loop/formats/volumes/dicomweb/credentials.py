"""User names, passwords and tokens for DICOMweb servers: from the environment or the user's keyring, never a file."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError

if TYPE_CHECKING:
    from napari_vascular_loop.formats.volumes.dicomweb.address import Server

USER, PASSWORD, TOKEN = (f"VASCULAR_LOOP_DICOMWEB_{name}" for name in ("USER", "PASSWORD", "TOKEN"))
HOST = "VASCULAR_LOOP_DICOMWEB_HOST"
"""Names the one host that the credentials of the environment are for; without it they are for any."""

_REAL_KEYRING = 1
"""keyring's own bound: below it are the backends that refuse, or keep passwords in plain files."""


class CredentialsNeededError(VolumeReadError):
    """The server lets nobody in without credentials, or not with these."""


@dataclass(frozen=True)
class Credentials:
    """What a server lets a user in with: user name and password, or a token. Hidden when printed."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def from_environment(server: Server) -> Credentials | None:
    """Credentials of the environment, if there are any for this server.

    Raises
    ------
    VolumeReadError
        If there is a user name without a password in environment and keyring, or the other way round.
    """
    host = os.environ.get(HOST, "").strip().lower()
    if host and host not in (server.host, server.authority):
        return None
    if token := os.environ.get(TOKEN, "").strip():
        return Credentials(token=token)
    user, password = os.environ.get(USER, ""), os.environ.get(PASSWORD, "")
    if user and password:
        return Credentials(user, password)
    if password:
        raise VolumeReadError(f"{PASSWORD} is set but {USER} is not; set both")
    # A user name alone says which of the keyring's passwords to take, if the server asks for one.
    return None


def from_keyring(server: Server) -> Credentials | None:
    """Credentials that the user's keyring holds for the server's host; None without a keyring."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    service = keyring_service(server)
    try:
        user = os.environ.get(USER, "") or keyring.get_password(_user_entry(server), "user") or ""
        password = keyring.get_password(service, user) if user else None
        if password:
            return Credentials(user, password)
        kept = keyring.get_credential(service, None)
    except (KeyringError, RuntimeError, OSError):
        return None
    return Credentials(kept.username, kept.password) if kept is not None and kept.username else None


def has_keyring() -> bool:
    """Whether there is a keyring that keeps passwords safe; may take a moment, as it asks the system."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return False
    try:
        return float(getattr(keyring.get_keyring(), "priority", 0)) >= _REAL_KEYRING
    except (KeyringError, RuntimeError, OSError, TypeError, ValueError):
        return False


def keep_in_keyring(server: Server, credentials: Credentials) -> None:
    """Keep user name and password in the user's keyring.

    Raises
    ------
    VolumeReadError
        If there is no keyring that is safe, or it refuses.
    """
    if not has_keyring():
        raise VolumeReadError("this computer has no keyring to keep a password in; it holds for this session only")
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(keyring_service(server), credentials.user, credentials.password)
        # Not every keyring can be asked for a password without the user's name.
        keyring.set_password(_user_entry(server), "user", credentials.user)
    except (KeyringError, RuntimeError, OSError):
        raise VolumeReadError("the keyring did not take the password; it holds for this session only") from None


def keyring_service(server: Server) -> str:
    """Name under which the keyring holds the credentials for a server's host."""
    return f"napari-vascular-loop dicomweb {server.host}"


def how_to_give(server: Server) -> str:
    """Say in a few words how to give credentials for a server."""
    return f'set {USER} and {PASSWORD} (or {TOKEN}), or run: keyring set "{keyring_service(server)}" USER'


def check_may_be_sent(server: Server) -> None:
    """See that credentials can't be read on their way.

    Raises
    ------
    VolumeReadError
        If the way is plain http to another machine.
    """
    if not server.is_private:
        raise VolumeReadError(
            f"no user name, password or token is sent to {server.authority!r} over plain http, where others on the "
            f"network could read it: use https, or name another server in {HOST} if they are meant for that"
        )


def _user_entry(server: Server) -> str:
    return f"{keyring_service(server)} (user)"
