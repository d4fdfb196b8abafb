"""Keyrings for tests: one of a computer that has none, and one in memory."""

from __future__ import annotations

import contextlib
import tempfile
from typing import TYPE_CHECKING

import keyring
from keyring.backend import KeyringBackend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


class Locked(KeyringBackend):
    """As on a computer that has none."""

    priority = 0

    def get_password(self, service, username):
        raise keyring.errors.NoKeyringError

    def set_password(self, service, username, password):
        raise keyring.errors.NoKeyringError

    def get_credential(self, service, username):
        raise keyring.errors.NoKeyringError


class Drawer(KeyringBackend):
    """A keyring in memory; as macOS's, it gives nothing without the user's name."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password


@contextlib.contextmanager
def private_session(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make temporary folders in this one; no keyring and no credentials but those of a test."""
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    for name in ("USER", "PASSWORD", "TOKEN", "HOST", "TIMEOUT"):
        monkeypatch.delenv(f"VASCULAR_LOOP_DICOMWEB_{name}", raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(Locked())
    try:
        yield folder
    finally:
        keyring.set_keyring(before)
