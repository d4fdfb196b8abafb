"""Do the addresses of the catalogue still give what it states? Little is downloaded to find out."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

from napari_vascular_loop.domain.text import megabytes
from napari_vascular_loop.samples.fetch import OFFLINE_VARIABLE
from napari_vascular_loop.samples.http_stream import Stream, StreamBrokenError
from napari_vascular_loop.samples.transfer import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_vascular_loop.samples.catalogue import CatalogueEntry, Variant

_CHEAP_BYTES = 8 << 20
"""A file no larger than this is downloaded for its hash."""

_FIRST_BYTES = 4
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Checked:
    """What became of one address.

    Parameters
    ----------
    entry_id : str
        Of which volume.
    url : str
        What was asked for.
    matches : bool
        Whether it gives what the catalogue states, as far as that was looked at.
    said : str
        What was looked at, or what is wrong.
    """

    entry_id: str
    url: str
    matches: bool
    said: str


@dataclass(frozen=True)
class _Asked:
    url: str
    size: int | None = None
    kind: str = ""
    known: str = ""
    is_zip: bool = False
    whole: bool = True


def check_entries(
    entries: tuple[CatalogueEntry, ...], alive: Callable[[], None], patience: Patience | None = None
) -> Iterator[Checked]:
    """Try the addresses of entries, one after the other.

    Parameters
    ----------
    entries : tuple of CatalogueEntry
        Which; those without an address are passed over.
    alive : callable
        Called while one waits; raises to end it.
    patience : Patience, optional
        How long to wait for a server. Each is asked once.
    """
    offline = bool(os.environ.get(OFFLINE_VARIABLE))
    with requests.Session() as session:
        for entry in entries:
            for variant in entry.variants:
                for asked in _addresses(variant):
                    if offline:
                        yield Checked(entry.id, asked.url, False, f"not tried: {OFFLINE_VARIABLE} is set")
                        continue
                    matches, said = _check(asked, session, alive, patience or Patience())
                    yield Checked(entry.id, asked.url, matches, said)


def _addresses(variant: Variant) -> Iterator[_Asked]:
    if variant.crop is not None:
        from napari_vascular_loop.samples.dicom_crop import base_address, source_files

        files, base = source_files(variant.crop), base_address(variant.crop)
        # The first is downloaded: small, and the address holds a commit, which stands for all of them.
        for file, whole in ((files[0], True), (files[-1], False)):
            yield _Asked(base + file.path, file.bytes, "sha256", file.sha256, whole=whole)
    if variant.url is None:
        return
    if variant.member is not None:
        yield _Asked(variant.url, variant.bytes, "sha256", variant.archive_sha256 or "", is_zip=True)
        return
    kind, known = ("sha256", variant.sha256) if variant.sha256 else ("md5", variant.md5)
    yield _Asked(variant.url, variant.bytes, kind, known or "", is_zip=variant.series is not None)


def _check(asked: _Asked, session: requests.Session, alive: Callable[[], None], patience: Patience) -> tuple[bool, str]:
    cheap = asked.whole and bool(asked.known) and asked.size is not None and asked.size <= _CHEAP_BYTES
    headers = {"Accept-Encoding": "identity"} | ({} if cheap else {"Range": f"bytes=0-{_FIRST_BYTES - 1}"})
    try:
        with Stream(
            session, asked.url, headers, alive, connect_s=patience.connect_s, silence_s=patience.silence_s
        ) as stream:
            answer = stream.answer()
            if answer.status not in (200, 206):
                return False, f"it answered {answer.status}"
            if answer.is_web_page:
                return False, "it answered with a web page instead of the file"
            size = _whole_size(answer.status, answer.headers.get("Content-Range", ""), answer.length)
            if size is not None and asked.size is not None and size != asked.size:
                return False, f"it has {size} bytes now, not {asked.size}"
            data = b""
            for block in stream.blocks():
                data += block
                if not cheap and len(data) >= _FIRST_BYTES:
                    break
                if len(data) > _CHEAP_BYTES:
                    return False, "it sends more than it should"
            tag = answer.headers.get("ETag", "").strip('"')
    except StreamBrokenError as broken:
        return False, f"not reached: {broken}"
    return _judged(asked, data, size, tag, cheap)


def _judged(asked: _Asked, data: bytes, size: int | None, tag: str, cheap: bool) -> tuple[bool, str]:
    if cheap:
        same = hashlib.new(asked.kind, data).hexdigest() == asked.known
        return same, f"{asked.kind} and size match" if same else f"its {asked.kind} is another"
    if asked.is_zip and not data.startswith(_ZIP):
        return False, "it is no ZIP archive"
    said = []
    if asked.size is not None and size is not None:
        said.append(f"size matches ({megabytes(size)})")
    if asked.kind == "md5" and asked.known and tag == asked.known:
        said.append("md5 matches, by the server's word")
    if asked.is_zip:
        said.append("a ZIP archive")
    return True, ", ".join(said) or "it answers; it states no size to compare"


def _whole_size(status: int, content_range: str, length: int | None) -> int | None:
    if status == 206:
        total = content_range.rpartition("/")[2]
        return int(total) if total.isdecimal() else None
    return length
