"""The journal, the owner's file and the earlier generations: what stands beside a lesson's files."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Point, Region, Side
from napari_vascular_loop.domain.annotation import Path as Polyline
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.edit import ArticleChange, Change, DetailsChange, Edit, OrderChange
from napari_vascular_loop.domain.errors import LessonError, LessonSaveError, LessonTakenError
from napari_vascular_loop.domain.lesson import LessonVolume
from napari_vascular_loop.formats.journal import place
from napari_vascular_loop.formats.journal.edit_text import decode_edit, encode_edit
from napari_vascular_loop.formats.journal.generations import Generation, Generations, contents, superseded
from napari_vascular_loop.formats.journal.journal import Journal
from napari_vascular_loop.formats.journal.owner import GONE_AFTER_S, Owner, OwnerFile, this_owner

# ------------------------------------------------------------------ edits as text

LOOP = Annotation(
    Arrow((-1 / 3, 0.1 + 0.2, -39.2), (1e-9, 2 / 7, 5)),
    "tof",
    "Loop: Où? 😀",
    "A note\nof two lines",
    "facial_nerve",
    Side.LEFT,
    Grade.SEVERE,
    "A. Teacher",
    passages=(Passage("The loop", "before ", " after", 7, 15),),
)
EDITS = [
    Edit("add", (Change(None, LOOP, 3),)),
    Edit("delete", (Change(LOOP, None, 0),)),
    Edit("move", (Change(LOOP, LOOP.changed(geometry=Point((1, 2, 3)), side=None), 1), OrderChange(LOOP.id, 1, 5))),
    Edit("twice", (Change(None, LOOP, 0), Change(LOOP, LOOP.changed(label="x"), 0), ArticleChange("a\r\n", "ä\n"))),
    Edit("article", (ArticleChange("", "# Title\n"),)),
    Edit("details", (DetailsChange({"title": "A", "authors": ()}, {"title": "B", "authors": ("Ö", "P")}),)),
    Edit(
        "for students",
        (
            DetailsChange(
                {"objectives": (), "minutes": None, "audience": "", "imaging": ()},
                {"objectives": ("see it", "Ö"), "minutes": 40, "audience": "all", "imaging": ("The loop",)},
            ),
        ),
    ),
    Edit("volumes", (DetailsChange({"volumes": ()}, {"volumes": (LessonVolume("tof", "TOF", "v/tof.nii.gz"),)}),)),
    Edit("none", ()),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.title)
def test_an_edit_comes_back_as_it_was(edit):
    assert decode_edit(encode_edit(edit)) == edit
    assert decode_edit(encode_edit(edit.inverse)) == edit.inverse


def test_what_this_program_does_not_know_of_a_mark_is_in_the_journal_too():
    strange = LOOP.changed(foreign={"rating": {"stars": 5}})
    (change,) = decode_edit(encode_edit(Edit("add", (Change(None, strange, 0),)))).changes
    assert isinstance(change, Change)
    assert change.after is not None
    assert change.after.foreign["rating"] == {"stars": 5}


places = st.tuples(*[st.floats(-1e4, 1e4, allow_nan=False)] * 3)


@given(st.text(max_size=20), st.lists(places, min_size=3, max_size=5), st.booleans())
@settings(deadline=None, max_examples=50)
def test_any_mark_comes_back(label, vertices, is_region):
    geometry = Region(tuple(vertices)) if is_region else Polyline(tuple(vertices))
    edit = Edit(label, (Change(None, Annotation(geometry, "v", label), 0),))
    assert decode_edit(encode_edit(edit)).changes == edit.changes


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"title": "x", "changes": [{"kind": "other"}]}', b'{"title": "x", "changes": [3]}', b"\xff"]
)
def test_what_is_no_edit_is_refused(data):
    with pytest.raises(LessonError, match="the journal"):
        decode_edit(data)


# ------------------------------------------------------------------ the journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    opened = Journal(tmp_path / "journal.sqlite")
    opened.claim("me")
    return opened


def titles(journal: Journal) -> list[tuple[int, str, str]]:
    return [(step.seq, step.kind, step.title) for step in journal.steps()]


def test_steps_are_numbered_and_stay(journal, tmp_path):
    assert journal.last_seq == 0
    assert journal.append([("do", "add", b"1"), ("undo", "add", b"2")]) == 2
    assert journal.append([("redo", "add", b"3")]) == 3
    journal.close()
    again = Journal(tmp_path / "journal.sqlite")
    assert titles(again) == [(1, "do", "add"), (2, "undo", "add"), (3, "redo", "add")]
    assert [step.edit for step in again.steps()] == [b"1", b"2", b"3"]
    assert again.last_seq == 3


def test_numbers_never_come_again(journal):
    journal.append([("do", "a", b""), ("do", "b", b"")])
    journal.forget(2)
    assert titles(journal) == []
    assert journal.last_seq == 2
    assert journal.append([("do", "c", b"")]) == 3


def test_steps_are_written_all_or_none(journal):
    with pytest.raises(LessonSaveError, match="could not be written"):
        journal.append([("do", "good", b""), ("do", None, b"")])  # type: ignore[list-item]
    assert titles(journal) == []
    journal.append([("do", "good", b"")])
    assert len(titles(journal)) == 1


def test_whoever_claims_it_last_writes(journal, tmp_path):
    other = Journal(tmp_path / "journal.sqlite")
    with pytest.raises(LessonTakenError):
        other.append([("do", "x", b"")])
    other.claim("other")
    other.append([("do", "theirs", b"")])
    for write in (
        lambda: journal.append([("do", "mine", b"")]),
        lambda: journal.note_filing(1, {"a": "x"}),
        lambda: journal.filed(1),
        lambda: journal.forget(1),
    ):
        with pytest.raises(LessonTakenError, match="taken over by another window"):
            write()
    assert titles(other) == [(1, "do", "theirs")]
    assert not journal.is_ours
    assert other.is_ours


def test_a_journal_that_is_gone_takes_nothing(journal, tmp_path):
    if os.name == "nt":
        pytest.skip("Windows does not let go of an open file")
    (tmp_path / "journal.sqlite").rename(tmp_path / "elsewhere")
    with pytest.raises(LessonSaveError, match="is gone: its folder was moved or deleted"):
        journal.append([("do", "lost", b"")])
    shutil.copyfile(tmp_path / "elsewhere", tmp_path / "journal.sqlite")
    with pytest.raises(LessonSaveError, match="is gone"):
        journal.append([("do", "lost", b"")])


@pytest.mark.parametrize("data", [b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_journal_is_said(tmp_path, data):
    (tmp_path / "journal.sqlite").write_bytes(data)
    with pytest.raises(LessonSaveError, match=r"journal\.sqlite' could not be opened"):
        Journal(tmp_path / "journal.sqlite")


def test_a_journal_of_a_later_version_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "journal.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LessonSaveError, match="later version of this program"):
        Journal(tmp_path / "journal.sqlite")


def test_every_step_is_flushed_to_the_disk(journal):
    """FULL: with less, a step that was acknowledged may be lost with the power."""
    assert journal._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._connection.execute("PRAGMA fullfsync").fetchone() == (1,)


def test_a_full_disk_is_said_and_what_was_there_stays(journal):
    journal.append([("do", "first", b"")])
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LessonSaveError, match="full"):
        journal.append([("do", "second", os.urandom(100_000))])
    journal._connection.execute("PRAGMA max_page_count = 1000000")
    assert titles(journal) == [(1, "do", "first")]
    assert journal.append([("do", "second", b"")]) > 1


# ------------------------------------------------------------------ which bytes hold which steps


def test_a_file_is_known_by_its_bytes(journal):
    first = journal.note_filing(0, {"a": "A0", "b": "B0"})
    journal.filed(first)
    assert journal.filed_seq("a", "A0") == 0
    assert journal.filed_seq("a", "B0") is None
    journal.note_filing(5, {"a": "A5", "b": "B0"})
    # Stopped before a was written, or after it: both are known.
    assert journal.filed_seq("a", "A0") == 0
    assert journal.filed_seq("a", "A5") == 5
    assert journal.filed_seq("b", "B0") == 5
    assert journal.last_filing("a") == ("A0", 0)


def test_older_bytes_that_somebody_put_back_are_strange(journal):
    for seq, sha in ((1, "A1"), (2, "A2"), (3, "A3")):
        journal.filed(journal.note_filing(seq, {"a": sha}))
    assert journal.filed_seq("a", "A3") == 3
    assert journal.filed_seq("a", "A2") is None
    assert journal.last_filing("a") == ("A3", 3)


def test_the_list_of_filings_stays_short(journal):
    for seq in range(300):
        journal.filed(journal.note_filing(seq, {"a": f"{seq}"}))
    assert journal._connection.execute("SELECT count(*) FROM filing").fetchone()[0] <= 200
    assert journal.filed_seq("a", "299") == 299


# ------------------------------------------------------------------ whose it is


def test_the_owner_is_named_until_it_goes(tmp_path):
    file = OwnerFile(tmp_path / "x" / "owner.json")
    assert file.living() is None
    owner = this_owner()
    file.write(owner)
    living = file.living()
    assert living is not None
    assert living.token == owner.token
    assert owner.user in owner.words
    file.remove(this_owner())
    assert file.living() == living, "somebody else removed it"
    file.remove(owner)
    assert file.read() is None


def test_an_owner_whose_process_ended_is_gone(tmp_path):
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    file = OwnerFile(tmp_path / "owner.json")
    mine = this_owner()
    file.write(Owner(mine.user, mine.host, int(done.stdout), mine.process_started, mine.since, "t"))
    assert file.read() is not None
    assert file.living() is None


def test_a_process_with_the_number_of_one_that_ended_is_not_taken_for_it(tmp_path):
    file = OwnerFile(tmp_path / "owner.json")
    mine = this_owner()
    file.write(Owner(mine.user, mine.host, mine.pid, mine.process_started - 1000, mine.since, "t"))
    assert file.living() is None


def test_an_owner_on_another_machine_lives_while_it_is_seen(tmp_path):
    file = OwnerFile(tmp_path / "owner.json")
    file.write(Owner("anna", "reading-room", 1, 0.0, "2024-02-29T12:00:00+00:00", "t"))
    living = file.living()
    assert living is not None
    assert living.words.startswith("anna on reading-room, since ")
    past = time.time() - GONE_AFTER_S - 1
    os.utime(file.path, (past, past))
    assert file.living() is None
    file._seen_at = -1e9
    file.touch()
    assert file.living() is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"user": "x"}', '{"user": 1, "pid": "x"}'])
def test_an_owner_that_can_not_be_made_out_is_none(tmp_path, text):
    (tmp_path / "owner.json").write_text(text)
    assert OwnerFile(tmp_path / "owner.json").living() is None


@pytest.mark.parametrize("step_s", [-3600.0, 3600.0])
def test_an_owner_still_runs_when_the_clock_is_set(tmp_path, monkeypatch, step_s):
    file = OwnerFile(tmp_path / "owner.json")
    file.write(this_owner())
    assert file.living() is not None
    # The system tells when a process began by its clock, as it is now.
    created, booted = psutil.Process.create_time, psutil.boot_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: created(self) + step_s)
    monkeypatch.setattr(psutil, "boot_time", lambda: booted() + step_s)
    assert file.living() is not None
    # A number that came again is another process.
    monkeypatch.setattr(psutil, "boot_time", lambda: booted() - step_s)
    assert file.living() is None


# ------------------------------------------------------------------ earlier generations


def test_generations_come_back(tmp_path):
    kept = Generations(tmp_path / "generations")
    assert kept.of("a.json") == []
    for n in range(3):
        kept.keep("a.json", f"data {n}".encode(), f"{n}" * 64)
    kept.keep("b.json", b"other", "b" * 64)
    assert [contents(one) for one in kept.of("a.json")] == [b"data 2", b"data 1", b"data 0"]
    assert kept.read("a.json", "1" * 64) == b"data 1"
    assert kept.read("a.json", "b" * 64) is None
    (kept.of("a.json")[0].path).write_bytes(b"damaged")
    assert kept.read("a.json", "2" * 64) is None


def test_old_generations_are_dropped(tmp_path, monkeypatch):
    monkeypatch.setenv("VASCULAR_LOOP_GENERATIONS", "3")
    kept = Generations(tmp_path)
    for n in range(20):
        kept.keep("a.json", f"data {n}".encode(), f"{n:02}" * 32)
    said = [contents(one) for one in kept.of("a.json")]
    assert said[:3] == [b"data 19", b"data 18", b"data 17"]
    assert len(said) <= 4


def test_a_clock_that_went_back_drops_neither_what_is_written_nor_what_it_replaces(tmp_path, monkeypatch):
    kept = Generations(tmp_path)
    monkeypatch.setenv("VASCULAR_LOOP_GENERATIONS", "2")
    ahead = datetime.now(UTC).replace(minute=59, second=59)
    for n in range(2):
        path = tmp_path / f"{ahead:%Y-%m-%dT%H.%M.%S}.{n:06}Z {n:012} a.json.gz"
        path.write_bytes(gzip.compress(b"written when the clock was ahead"))
    kept.keep("a.json", b"old", "d" * 64)
    kept.keep("a.json", b"new", "e" * 64, ["d" * 64])
    assert kept.read("a.json", "d" * 64) == b"old"
    assert kept.read("a.json", "e" * 64) == b"new"


def test_of_each_hour_of_a_day_and_each_day_of_a_month_one_stays():
    newest = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    every_10_minutes = [newest - timedelta(minutes=10 * n) for n in range(6 * 24 * 60)]
    generations = [Generation(Path(), "a", at, "") for at in every_10_minutes]
    dropped = set(superseded(generations, 10))
    kept = [one.at for one in generations if one not in dropped]
    assert kept[:10] == every_10_minutes[:10]
    day_old = [at for at in kept if timedelta(hours=3) < newest - at < timedelta(days=1)]
    assert len({(at.day, at.hour) for at in day_old}) == len(day_old) == 21
    older = [at for at in kept if newest - at > timedelta(days=2)]
    assert 26 <= len(older) <= 29
    assert newest - kept[-1] < timedelta(days=31)


# ------------------------------------------------------------------ where the journal lies


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("home", "Dropbox", "lessons", "a"), True),
        (("home", "OneDrive - University", "a"), True),
        (("home", "Library", "Mobile Documents", "a"), True),
        (("home", "boxes", "a"), False),
        (("home", "lessons", "dropbox.md"), False),
    ],
)
def test_folders_that_other_programs_copy_are_known_by_name(parts, expected):
    assert place.is_synchronised(Path(*parts)) == expected


def test_a_journal_lies_beside_the_lesson_or_with_the_user(tmp_path, monkeypatch):
    for name in ("lesson", "Dropbox"):
        (tmp_path / name).mkdir()
    assert place.journal_folder(tmp_path / "lesson") == tmp_path / "lesson" / ".vascular-loop"
    with_user = place.journal_folder(tmp_path / "Dropbox")
    assert with_user.parent == Path(os.environ["VASCULAR_LOOP_STATE"])
    assert with_user != place.state_folder(tmp_path / "lesson")
    assert "Dropbox" not in with_user.name

    class Mount:
        def __init__(self, mountpoint: Path, fstype: str) -> None:
            self.mountpoint, self.fstype = str(mountpoint), fstype

    mounts: list[Any] = [Mount(Path(tmp_path.anchor), "ext4"), Mount(tmp_path / "lesson", "nfs4")]
    monkeypatch.setattr(place.psutil, "disk_partitions", lambda **_all: mounts)
    if os.name != "nt":
        assert place.is_on_network(tmp_path / "lesson" / "deep")
        assert not place.is_on_network(tmp_path)
        assert place.journal_folder(tmp_path / "lesson") == place.state_folder(tmp_path / "lesson")
