"""OME-Zarr on servers: only what is looked at is fetched, and what goes wrong is said."""

from __future__ import annotations

import contextlib
import functools
import http.server
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ome_zarr_stores import LPS, VOXELS, stored, write_store
from s3_server import bucket_of
from s3fs import S3FileSystem

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import read_volumes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Server(http.server.SimpleHTTPRequestHandler):
    asked: list[str]
    status: int | None = None

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        if self.status is not None:
            self.send_error(self.status)
            return
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[str, type[_Server]]]:
    handler = type("Handler", (_Server,), {"asked": []})
    (tmp_path / "www").mkdir()
    made = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(handler, directory=str(tmp_path / "www"))
    )
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}", handler
    made.shutdown()
    made.server_close()
    thread.join(10)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_over_http_only_what_is_looked_at_is_fetched(tmp_path, server, zarr_format):
    address, handler = server
    write_store(tmp_path / "www" / "h.zarr", stored("zyx"), "zyx", zarr_format=zarr_format, levels=2, directions=LPS)
    (volume,) = read_volumes(f"{address}/h.zarr")
    assert volume.provenance.source_files == (f"{address}/h.zarr",)
    assert volume.orientation == "LPS"
    metadata = ("zarr.json", ".zarray", ".zattrs", ".zgroup", ".zmetadata")
    assert not any("/s0/" in path and not path.endswith(metadata) for path in handler.asked)
    handler.asked.clear()
    assert np.array_equal(np.asarray(volume.voxels[:, :, 3]), VOXELS[:, :, 3])
    assert len(handler.asked) == 12
    assert np.array_equal(np.asarray(volume.voxels), VOXELS)
    assert len(handler.asked) == len(set(handler.asked)) == 24


def test_an_address_that_pathlib_has_spoilt_is_understood(tmp_path, server):
    address, _ = server
    write_store(tmp_path / "www" / "h.zarr", stored("zyx"), "zyx")
    assert len(read_volumes(Path(f"{address}/h.zarr"))) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "the server answers 401: it asks for a name and password"),
        (500, "the server answers 500"),
        (None, "there is no OME-Zarr store at"),
    ],
)
def test_what_a_server_answers_is_said(server, status, said):
    address, handler = server
    handler.status = status
    with pytest.raises(VolumeReadError, match=said) as raised:
        read_volumes(address.replace("://", "://jane:secret@") + "/nowhere.zarr?token=secret")
    assert "secret" not in str(raised.value)
    assert "jane" not in str(raised.value)


def test_a_server_that_is_not_there(server):
    with pytest.raises(VolumeReadError, match="the server can't be reached"):
        read_volumes("http://127.0.0.1:9/h.zarr")


def test_a_server_that_goes_midway_is_said_when_the_chunk_is_wanted(tmp_path, server):
    address, handler = server
    write_store(tmp_path / "www" / "h.zarr", stored("zyx"), "zyx", levels=2)
    (volume,) = read_volumes(f"{address}/h.zarr")
    handler.status = 503
    with pytest.raises(VolumeReadError, match=r"h\.zarr: some of its voxels could not .* 503\)"):
        np.asarray(volume.voxels)
    handler.status = None
    assert np.array_equal(np.asarray(volume.voxels), VOXELS)


KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@pytest.fixture
def s3(tmp_path, monkeypatch) -> Iterator[Callable[..., Any]]:
    """Serves a head as s3://bucket/h.zarr; nothing but the test's own credentials is found."""
    for name in (*KEYS, "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    write_store(tmp_path / "www" / "h.zarr", stored("zyx"), "zyx", levels=2, directions=LPS)
    with contextlib.ExitStack() as stack:

        def serve(*, is_public: bool, keys: bool) -> list[bool]:
            endpoint, signed = stack.enter_context(bucket_of(tmp_path / "www", is_public=is_public))
            monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
            for name in KEYS if keys else ():
                monkeypatch.setenv(name, "secret")
            return signed

        S3FileSystem.clear_instance_cache()
        yield serve
        S3FileSystem.clear_instance_cache()


@pytest.mark.parametrize(("is_public", "keys"), [(True, False), (True, True), (False, True)])
def test_s3_is_asked_as_oneself_or_without_credentials_as_anybody(s3, is_public, keys):
    signed = s3(is_public=is_public, keys=keys)
    (volume,) = read_volumes("s3://bucket/h.zarr")
    assert volume.orientation == "LPS"
    assert np.array_equal(np.asarray(volume.voxels), VOXELS)
    assert volume.provenance.source_files == ("s3://bucket/h.zarr",)
    assert set(signed) == {keys}


@pytest.mark.parametrize(
    ("address", "keys", "said"),
    [
        ("s3://bucket/h.zarr", False, "s3://bucket/h.zarr: it may not be read by you"),
        ("s3://bucket/none.zarr", True, "there is no OME-Zarr store at 's3://bucket/none.zarr'"),
        ("s3://nobody/h.zarr", True, "there is no OME-Zarr store at 's3://nobody/h.zarr'"),
    ],
)
def test_what_s3_does_not_give_is_said(s3, address, keys, said):
    s3(is_public=False, keys=keys)
    with pytest.raises(VolumeReadError) as raised:
        read_volumes(address)
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize("module", ["zarr", "aiohttp"])
def test_a_missing_library_is_named_with_the_extra(tmp_path, monkeypatch, module):
    write_store(tmp_path / "h.zarr", stored("zyx"), "zyx")
    monkeypatch.setitem(sys.modules, module, None)
    source = tmp_path / "h.zarr" if module == "zarr" else "http://127.0.0.1:9/h.zarr"
    with pytest.raises(VolumeReadError, match=rf'needs {module}.*pip install "napari-vascular-loop\[zarr\]"'):
        read_volumes(source)
