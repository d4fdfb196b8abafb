"""DICOMweb: what is typed as an address, a server, a date."""

from __future__ import annotations

import traceback

import pytest

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicomweb import (
    find,
    is_dicomweb,
    parse_server,
)
from napari_vascular_loop.formats.volumes.dicomweb.address import parse_address
from napari_vascular_loop.formats.volumes.dicomweb.search import dicom_dates


@pytest.mark.parametrize(
    ("text", "url", "again"),
    [
        ("dicomweb://pacs.example.org/dicom-web?study=1.2", "https://pacs.example.org/dicom-web", None),
        ("dicomweb://PACS.example.org:8443/a/b/?study=1.2", "https://pacs.example.org:8443/a/b", None),
        ("dicomweb://localhost:8042/dicom-web?study=1.2", "http://localhost:8042/dicom-web", None),
        ("dicomweb://127.8.9.1?study=1.2", "http://127.8.9.1", None),
        ("dicomweb://[::1]:8042/dicom-web?study=1.2", "http://[::1]:8042/dicom-web", None),
        ("dicomweb+https://localhost/d?study=1.2", "https://localhost/d", "dicomweb+https://localhost/d?study=1.2"),
        ("DICOMweb+HTTP://pacs/d?study=1.2", "http://pacs/d", "dicomweb+http://pacs/d?study=1.2"),
        ("dicomweb+https://pacs/d?study=1.2", "https://pacs/d", "dicomweb://pacs/d?study=1.2"),
    ],
)
def test_an_address_says_where_and_how(text, url, again):
    assert is_dicomweb(text)
    address = parse_address(text)
    assert address.server.url == url
    assert address.study == "1.2"
    assert parse_address(str(address)) == address
    if again:
        assert str(address) == again


def test_several_series_each_once():
    address = parse_address("dicomweb://pacs/d?study=1.2&series=1.3&series=1.4&series=1.3")
    assert address.series == ("1.3", "1.4")
    assert str(address) == "dicomweb://pacs/d?study=1.2&series=1.3&series=1.4"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dicomweb://pacs/d?study=1.2.x", "not a DICOM UID"),
        ("dicomweb://pacs/d?study=1..2", "not a DICOM UID"),
        ("dicomweb://pacs/d?study=" + "1." * 32 + "1", "not a DICOM UID"),
        ("dicomweb://pacs/d?study=../etc", "not a DICOM UID"),
        ("dicomweb://pacs/d?study=1.2&series=", "not a DICOM UID"),
        ("dicomweb://pacs/d?series=1.2", "not its study"),
        ("dicomweb://pacs/d?study=1.2&study=1.3", "one by one"),
        ("dicomweb://pacs/d?study=1.2&patient=DOE", "'patient'"),
        ("dicomweb:///d?study=1.2", "does not name"),
        ("dicomweb://pacs:eighty/d?study=1.2", "not an address"),
        ("dicomweb://pacs:99999/d?study=1.2", "not an address"),
        ("dicomweb://[::1/d?study=1.2", "not an address"),
        ("dicomweb://pacs/d e?study=1.2", "not an address"),
        ("ftp://pacs/d?study=1.2", "does not name"),
        ("dicomweb://pacs/d", "study=UID"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text, says):
    with pytest.raises(VolumeReadError, match=says):
        find(text)


@pytest.mark.parametrize(
    "text",
    [
        "dicomweb://jane:hunter2@pacs/d?study=1.2",
        "dicomweb://jane:hun/ter2@pacs/d?study=1.2",
        "dicomweb://hunter2@pacs:x/d",
        "dicomweb+http://jane:hunter2@localhost/d?study=1.2",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(text):
    with pytest.raises(VolumeReadError, match=r"not written in addresses.*keyring") as caught:
        find(text)
    assert "ter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("source", ["/home/dicomweb", "http://pacs/d", "dicomweb", "", None, 3])
def test_other_sources_are_no_addresses(source):
    assert not is_dicomweb(source)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://pacs.example.org/dicom-web/", "https://pacs.example.org/dicom-web"),
        ("http://10.0.0.3:8042/dicom-web", "http://10.0.0.3:8042/dicom-web"),
        (" pacs.example.org/dicom-web ", "https://pacs.example.org/dicom-web"),
        ("localhost:8042/dicom-web", "http://localhost:8042/dicom-web"),
        ("dicomweb://pacs/d?study=1.2", "https://pacs/d"),
    ],
)
def test_what_is_typed_as_a_server(typed, url):
    assert parse_server(typed).server.url == url


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("", ""),
        ("2024", "20240101-20241231"),
        ("2024-02", "20240201-20240229"),
        ("2024-02-29", "20240229"),
        ("20240229", "20240229"),
        ("2023-11 to 2024-02", "20231101-20240229"),
        (" 2023 to 2023-06-30 ", "20230101-20230630"),
    ],
)
def test_dates_as_people_write_them(typed, sent):
    assert dicom_dates(typed) == sent


@pytest.mark.parametrize("typed", ["yesterday", "2023-13", "2023-02-29", "29.02.2024", "2024 to 2023", "to", "0000"])
def test_dates_that_are_none(typed):
    with pytest.raises(VolumeReadError, match="date is not understood"):
        dicom_dates(typed)
