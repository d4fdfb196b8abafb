"""Keyrings for tests: one of a computer that has none, and one in memory."""

from __future__ import annotations

import keyring
from keyring.backend import KeyringBackend


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
