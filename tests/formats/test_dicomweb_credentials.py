"""DICOMweb: who is let in, and what is kept secret."""

from __future__ import annotations

import itertools
import socket
import traceback

import pytest
from bad_dicomweb import (
    STUDY,
    Behaviour,
    bad_server,
)
from dicomweb_fixtures import is_empty, set_environment
from head_study import HEAD_STUDY, datasets_of_head
from orthanc import running_orthanc

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicomweb import (
    Credentials,
    CredentialsNeededError,
    find,
    parse_server,
)
from napari_vascular_loop.formats.volumes.dicomweb import credentials as credentials_module
from napari_vascular_loop.formats.volumes.dicomweb.credentials import has_keyring, keep_in_keyring, keyring_service

pytestmark = pytest.mark.usefixtures("private")


@pytest.fixture(scope="module")
def locked_orthanc(tmp_path_factory):
    with running_orthanc(tmp_path_factory.mktemp("locked"), "jane", "hünter2") as server:
        server.put(itertools.islice(datasets_of_head(), 7))
        yield server


@pytest.mark.orthanc
def test_a_locked_server_asks_and_says_how_to_answer(locked_orthanc, private):
    with pytest.raises(CredentialsNeededError, match=r"asks who you are.*VASCULAR_LOOP_DICOMWEB_USER.*keyring set"):
        find(f"{locked_orthanc.address}?study={HEAD_STUDY}")
    assert is_empty(private)


@pytest.mark.orthanc
def test_wrong_credentials_are_said_but_not_repeated(locked_orthanc, monkeypatch, private):
    set_environment(monkeypatch, USER="janedoe", PASSWORD="sesame")
    with pytest.raises(CredentialsNeededError, match="does not accept") as caught:
        find(f"{locked_orthanc.address}?study={HEAD_STUDY}")
    assert not any(word in "".join(traceback.format_exception(caught.value)) for word in ("janedoe", "sesame"))
    assert is_empty(private)


@pytest.mark.orthanc
def test_credentials_of_environment_keyring_and_caller(locked_orthanc, monkeypatch, drawer):
    address = f"{locked_orthanc.address}?study={HEAD_STUDY}"
    assert len(find(address, credentials=Credentials("jane", "hünter2")).volumes) == 1
    with monkeypatch.context() as patch:
        set_environment(patch, USER="jane", PASSWORD="hünter2")
        assert len(find(address).volumes) == 1
    server = parse_server(locked_orthanc.address).server
    keep_in_keyring(server, Credentials("jane", "hünter2"))
    assert drawer.kept[keyring_service(server), "jane"] == "hünter2"
    assert keyring_service(server) == "napari-vascular-loop dicomweb 127.0.0.1"
    (volume,) = find(address).volumes
    assert "hünter2" not in repr(volume.read().provenance)


@pytest.mark.orthanc
def test_a_password_that_the_user_put_into_the_keyring_himself(locked_orthanc, monkeypatch, drawer):
    server = parse_server(locked_orthanc.address).server
    drawer.set_password(keyring_service(server), "jane", "hünter2")
    set_environment(monkeypatch, USER="jane")
    assert len(find(f"{locked_orthanc.address}?study={HEAD_STUDY}").volumes) == 1


def test_what_is_sent_to_whom(monkeypatch):
    with bad_server(Behaviour(all=lambda request: request.give_json([]))) as server:
        address = f"{server.address}?study={STUDY}"
        for values in (
            {},
            {"USER": "jane", "PASSWORD": "é"},
            {"TOKEN": "abc.def"},
            {"TOKEN": "abc.def", "HOST": "elsewhere.example.org"},
            {"TOKEN": "abc.def", "HOST": "127.0.0.1"},
        ):
            with monkeypatch.context() as patch:
                set_environment(patch, **values)
                with pytest.raises(VolumeReadError, match="no study"):
                    find(address)
        sent = [headers.get("Authorization") for _, headers in server.seen]
    assert sent == [None, "Basic amFuZTrDqQ==", "Bearer abc.def", None, "Bearer abc.def"]


@pytest.mark.parametrize("values", [{"TOKEN": "abc"}, {"USER": "jane", "PASSWORD": "hunter2"}])
def test_no_credentials_go_over_plain_http_to_another_machine(monkeypatch, values):
    set_environment(monkeypatch, **values)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was tried"))
    with pytest.raises(VolumeReadError, match=r"'pacs\.example\.org' over plain http.*use https") as caught:
        find("dicomweb+http://pacs.example.org/d?study=1.2")
    assert "hunter2" not in str(caught.value)


def test_a_password_without_a_user_name_is_said(monkeypatch):
    set_environment(monkeypatch, PASSWORD="hunter2")
    with pytest.raises(VolumeReadError, match="VASCULAR_LOOP_DICOMWEB_USER is not"):
        find("dicomweb://127.0.0.1:9/d?study=1.2")


def test_netrc_is_not_asked(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login jane password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with bad_server(Behaviour(all=lambda request: request.give_json([]))) as server:
        with pytest.raises(VolumeReadError, match="no study"):
            find(f"{server.address}?study={STUDY}")
        assert "Authorization" not in server.seen[0][1]


def test_a_computer_without_a_keyring():
    assert not has_keyring()
    server = parse_server("https://pacs").server
    assert credentials_module.from_keyring(server) is None
    with pytest.raises(VolumeReadError, match="no keyring"):
        keep_in_keyring(server, Credentials("jane", "hunter2"))
    assert "hunter2" not in repr(Credentials("jane", "hunter2", "abc"))


def test_this_machine_is_not_reached_through_a_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with (
        bad_server(Behaviour(all=lambda request: request.give_json([]))) as server,
        pytest.raises(VolumeReadError, match="no study"),
    ):
        find(f"{server.address}?study={STUDY}")
    with pytest.raises(VolumeReadError, match="the proxy on the way"):
        find("dicomweb+http://pacs.example.org/d?study=1.2")
