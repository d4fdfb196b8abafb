"""A library on a web server, and servers that cut, change, lie and lead out."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from library_shelf import a_shelf, lesson, put, titles
from publisher import go_online, publishing

from napari_vascular_loop.domain.errors import DownloadError, LessonError, ReadCancelledError
from napari_vascular_loop.lessons import open_fetched_lesson
from napari_vascular_loop.library.entry import Card, Entry, File
from napari_vascular_loop.library.library import Library
from napari_vascular_loop.library.published import INDEX_FILE, TYPE
from napari_vascular_loop.samples.transfer import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher import BadPublisher

HURRY = Patience(connect_s=2, silence_s=0.5, tries=2, pause_s=0.02)


@pytest.fixture
def publisher(monkeypatch) -> Iterator[BadPublisher]:
    go_online(monkeypatch)
    with publishing() as one:
        yield one


@pytest.fixture
def shelf(tmp_path) -> Path:
    root = tmp_path / "shelf"
    root.mkdir()
    a_shelf(root, tmp_path)
    make(root)
    return root


def make(root: Path) -> bytes:
    library = Library(str(root))
    with library.open_index() as index:
        library.update(index, lambda _done: None)
        library.publish(index, lambda _done: None)
    return (root / INDEX_FILE).read_bytes()


def put_on(publisher: BadPublisher, root: Path, **how) -> str:
    for path in sorted(root.rglob("*")):
        if path.is_file():
            name = path.relative_to(root).as_posix().replace(" ", "%20")
            publisher.put(f"lib/{name}", path.read_bytes(), **how)
    return publisher.url("lib/")


def update(library: Library, index, progress=lambda _done: None) -> bool:
    return library.update(index, progress, patience=HURRY)


def published(*entries: Entry, **head) -> bytes:
    data = gzip.compress(b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
    first = {
        "type": TYPE, "version": 1, "lessons": len(entries), "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(), **head,
    }  # fmt: skip
    return msgspec.json.encode(first) + b"\n" + data


def test_a_published_library_is_read_searched_and_asked_only_for_its_first_line_the_next_time(publisher, shelf):
    address = put_on(publisher, shelf)
    library = Library(address)
    with library.open_index() as index:
        assert update(library, index) is True
        assert titles(index, "aica") == ["Anterior inferior cerebellar artery", "The loop"]
        assert [card.path for card in index.cards().values() if card.problem] == ["broken"]
        asked = len(publisher.asked)
        assert update(library, index) is False
        assert len(publisher.asked) == asked + 1
    assert not list(index.path.parent.glob("*.vlibrary"))


def test_the_published_index_says_nothing_of_the_computer_and_is_the_same_each_time(shelf):
    first = make(shelf)
    words = gzip.decompress(first.partition(b"\n")[2])
    for private in (str(shelf), str(Path.home()), os.environ.get("USER") or "/home/"):
        assert private.encode() not in words or len(private) < 5
    assert make(shelf) == first
    assert not [path for path in shelf.iterdir() if path.name.startswith(".")]


def test_a_lesson_of_a_server_is_brought_whole_and_opened(publisher, shelf):
    library = Library(put_on(publisher, shelf))
    with library.open_index() as index:
        update(library, index)
        for title in ("Nerve VII", "Packed root"):
            number, card = next((n, c) for n, c in index.cards().items() if c.title == title)
            path = library.lesson_path(index, number, card, lambda _done: None, patience=HURRY)
            store = open_fetched_lesson(path)
            assert store.lesson.title == title
            # What a student or teacher does with it is kept among his own lessons, not in the cache.
            store.change(store.annotations[0].id, label="mine")
            assert "libraries" not in str(store.folder)
            store.close()
            assert open_fetched_lesson(path).annotations[0].label == "mine"
            asked = len(publisher.asked)
            assert library.lesson_path(index, number, card, lambda _done: None, patience=HURRY) == path
            assert len(publisher.asked) == asked


def test_a_download_that_is_cut_or_stalls_goes_on_where_it_was(publisher, shelf):
    address = put_on(publisher, shelf)
    shelved = publisher.shelves[f"lib/{INDEX_FILE}"]
    half = len(shelved.data) // 2
    shelved.cuts = [len(shelved.data), half]  # the first is the look at the first line
    library = Library(address)
    with library.open_index() as index:
        assert update(library, index)
        assert f"bytes={half}-" in publisher.ranges
        assert len(index.cards()) == 5


@pytest.mark.parametrize("tag", ['"one"', ""])
def test_a_server_that_changes_the_index_midway_gives_the_new_one(publisher, shelf, tag):
    address = put_on(publisher, shelf, tag=tag)
    name = f"lib/{INDEX_FILE}"
    old = publisher.shelves[name].data
    put(shelf, "late", lesson("Came late", "Something that makes the index another one."))
    new = make(shelf)
    assert old != new
    library = Library(address)
    looks = []
    give = publisher.give

    def change_after_the_first_look(handler) -> None:
        looks.append(handler.path)
        if len(looks) == 2:
            publisher.put(name, new, tag='"two"' if tag else "")
        give(handler)

    publisher.give = change_after_the_first_look
    with library.open_index() as index:
        assert update(library, index)
        assert titles(index, "came late") == ["Came late"]


def test_what_was_known_stays_when_the_server_is_gone_or_gives_something_else(publisher, shelf):
    library = Library(put_on(publisher, shelf))
    name = f"lib/{INDEX_FILE}"
    with library.open_index() as index:
        update(library, index)
        for data, kind, said in (
            (b"<html>log in</html>", "text/html", "web page"),
            (b"PK\3\4\n", "x", "no index of a library"),
            (b'{"type": "Other"}\n', "x", "no index"),
            (published(version=2), "x", "version 2.*update"),
            (published(size=-1), "x", "can't be"),
            (published(sha256="0" * 64), "x", "damaged"),
            (published(size=10**9), "x", "bytes"),
            (b"x" * 10_000, "x", "no index"),
        ):
            publisher.put(name, data, kind=kind)
            with pytest.raises((DownloadError, LessonError), match=said):
                update(library, index)
            assert len(index.cards()) == 5
        del publisher.shelves[name]
        with pytest.raises(DownloadError, match=r"there is no library at .*404.*check the address"):
            update(library, index)
        assert titles(index, "zipped") == ["Packed root"]


def test_an_index_that_leads_out_or_lies_is_made_harmless(publisher):
    evil = File("../../evil", 1, "0" * 64)
    entries = [
        Entry(Card("../../etc/passwd", title="Out")),
        Entry(Card("C:\\x", title="Drive")),
        Entry(Card("/abs", title="Absolute")),
        Entry(Card("files", title="Files"), files=(evil,)),
        Entry(Card("big", title="Big"), files=(File("a", 10**12, "0" * 64),)),
        Entry(Card("none", title="None")),
        Entry(Card("long", title="\x1b[2J\n" + "x" * 100_000, minutes=-5), picture=b"x" * 10**6),
    ]
    publisher.put(f"lib/{INDEX_FILE}", published(*entries))
    library = Library(publisher.url("lib"))
    with library.open_index() as index:
        update(library, index)
        cards = {card.path: (number, card) for number, card in index.cards().items()}
        assert set(cards) == {"?", "files", "big", "none", "long"}
        assert len(cards["long"][1].title) <= 2000
        assert cards["long"][1].title.isprintable()
        assert cards["long"][1].minutes is None
        assert index.picture(cards["long"][0]) == b""
        for path, said in (
            ("?", "leads out"),
            ("files", "leads out"),
            ("big", "too much"),
            ("none", "not list its files"),
        ):
            with pytest.raises(LessonError, match=said):
                library.lesson_path(index, *cards[path], lambda _done: None)
    assert [path for path, _ in publisher.asked] == [f"/lib/{INDEX_FILE}"] * 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (gzip.compress(b'{"card": {"path": "a"}}\n', mtime=0)[:-9], "cut short|damaged"),
        (gzip.compress(b'{"card": {"path": "a"}}', mtime=0), "cut short"),
        (gzip.compress(b"not json\n", mtime=0), "damaged: line 2"),
        (gzip.compress(b'{"card": {"path": "' + b"a" * 5_000_000, mtime=0), "more than it may hold"),
        (b"no gzip", "damaged"),
    ],
)
def test_a_damaged_index_is_refused_in_a_sentence(publisher, data, said):
    head = {"type": TYPE, "version": 1, "lessons": 1, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    publisher.put(f"lib/{INDEX_FILE}", msgspec.json.encode(head) + b"\n" + data)
    library = Library(publisher.url("lib"))
    with library.open_index() as index, pytest.raises(LessonError, match=said):
        update(library, index)


def test_a_lesson_with_other_bytes_than_the_index_states_is_refused(publisher, shelf):
    library = Library(put_on(publisher, shelf))
    shelved = publisher.shelves["lib/packed.vlesson.zip"]
    shelved.data = shelved.data[:-1] + b"?"
    with library.open_index() as index:
        update(library, index)
        number, card = next((n, c) for n, c in index.cards().items() if c.title == "Packed root")
        with pytest.raises(DownloadError, match="its hash differs"):
            library.lesson_path(index, number, card, lambda _done: None, patience=HURRY)


def test_it_can_be_ended_and_forbidden(publisher, shelf, monkeypatch):
    library = Library(put_on(publisher, shelf, trickle_s=0.05))

    def enough(_done: float) -> None:
        raise ReadCancelledError("enough")

    with library.open_index() as index:
        with pytest.raises(ReadCancelledError):
            update(library, index, enough)
        monkeypatch.setenv("VASCULAR_LOOP_OFFLINE", "1")
        with pytest.raises(DownloadError, match="forbids downloads"):
            update(library, index)


@pytest.mark.parametrize("said", ["https://", "http:///x"])
def test_an_address_that_is_none_is_refused(said):
    with pytest.raises(LessonError, match="no address of a library"):
        Library(said)
