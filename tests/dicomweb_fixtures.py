"""What the tests of DICOMweb share: a keyring of their own, and a folder for what is fetched."""

from __future__ import annotations

import gc

import keyring
import pytest
from keyrings import Drawer, private_session


@pytest.fixture
def private(tmp_path, monkeypatch):
    """The folder in which temporary folders are made; no keyring, no credentials, no proxy but those of a test."""
    with private_session(tmp_path / "private", monkeypatch) as folder:
        yield folder


@pytest.fixture
def drawer():
    backend = Drawer()
    keyring.set_keyring(backend)
    return backend


def is_empty(folder):
    gc.collect()
    return list(folder.iterdir()) == []


def set_environment(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setenv(f"VASCULAR_LOOP_DICOMWEB_{name}", value)
