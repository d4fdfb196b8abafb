"""A library's site: what is made, made anew and left alone; its search in a real Chromium, served and from disk."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from browser import Tab, chromium
from library_shelf import put, put_packed

from napari_vascular_loop import site_engine
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.errors import PageError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.library.library import Library
from napari_vascular_loop.library_site import make_site
from napari_vascular_loop.site_engine import make_pages, workers_for
from napari_vascular_loop.site_page import PageTask
from napari_vascular_loop.web.site_words import SiteWords, folded, shard_of

pytestmark = pytest.mark.xdist_group("chromium")

AICA = "anterior inferior cerebellar artery"


def put_lesson(
    root: Path, path: str, title: str, article: str, *structures: str, packed_in: Path | None = None
) -> None:
    """A lesson with a small volume of its own."""
    home = (packed_in or root) / (path.removesuffix(".vlesson.zip"))
    (home / "volumes").mkdir(parents=True)
    voxels = np.random.default_rng(len(path)).integers(0, 900, (20, 18, 16), dtype=np.int16)
    image = nibabel.Nifti1Image(voxels, np.diag((-2.0, 2.0, 2.2, 1.0)))
    image.set_sform(image.affine, 1)
    nibabel.save(image, home / "volumes/head.nii.gz")
    volume = read_volumes(home / "volumes/head.nii.gz")[0]
    marks = tuple(
        Annotation(Point((-10.0, 12.0 + n, 14.0)), "head", f"Mark {n}", structure=one, id=f"m{n}")
        for n, one in enumerate(structures)
    )
    entry = LessonVolume("head", "A head", file="volumes/head.nii.gz", fingerprints=(volume.fingerprint,))
    about = {"licence": "CC-BY-4.0", "credit": "A. Teacher", "minutes": 20, "audience": "for students"}
    one = Lesson(title, (entry,), article, marks, **about)
    if packed_in is None:
        put(root, path, one)
    else:
        put_packed(root, path, one, packed_in)


@pytest.fixture
def shelf(tmp_path) -> Path:
    root = tmp_path / "shelf"
    root.mkdir()
    put_lesson(root, "loop", "The loop", "An artery <b>touches</b> the nerve.", "aica")
    put_lesson(root, "year 1/nerve", "Nerve VII & co", "Où est le nerf? An Épendymome.", "facial-nerve")
    put_lesson(
        root, "packed.vlesson.zip", "Packed root", "Zipped words.", "facial-nerve-root", packed_in=tmp_path / "p"
    )
    put(root, "broken", replace(Lesson("Broken", ()), id="b")).joinpath("annotations.json").write_bytes(b'{"first": 3}')
    return root


def made(shelf: Path, out: Path, **how):
    return make_site(Library(str(shelf)), out, **{"workers": 1, **how})


def dates(out: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in sorted(out.rglob("*.*")) if path.name != "site.json"}


def page_of(out: Path, name: str) -> Path:
    (found,) = (out / "lessons").glob(f"{name}-*.html")
    return found


def test_each_lesson_has_a_page_and_the_broken_one_is_told_of(shelf, tmp_path):
    site = made(shelf, tmp_path / "site")
    assert (site.lessons, site.made, list(site.problems)) == (3, 3, ["broken"])
    assert sorted(path.name[:-14] for path in (tmp_path / "site/lessons").iterdir()) == ["loop", "nerve", "packed"]
    plain = (tmp_path / "site/all.html").read_text("utf-8")
    links = re.findall('href="(lessons/[^"]+)"', plain)
    assert [(tmp_path / "site" / one).is_file() for one in links] == [True] * 3
    assert "Nerve VII &amp; co" in plain
    assert "A. Teacher (CC-BY-4.0)" in plain


def test_nothing_of_this_computer_is_in_it(shelf, tmp_path):
    made(shelf, tmp_path / "site")
    said = b"".join(path.read_bytes() for path in (tmp_path / "site").rglob("*.*"))
    for part in (str(tmp_path), "shelf/loop", Path.home().name + "/"):
        assert part.encode() not in said


def test_what_has_not_changed_is_not_made_again(shelf, tmp_path):
    out = tmp_path / "site"
    made(shelf, out)
    before = dates(out)
    again = made(shelf, out)
    assert (again.made, again.unchanged) == (0, 3)
    assert dates(out) == before
    article = shelf / "loop/article.md"
    article.write_text("Another text, on hairpins.\n", encoding="utf-8")
    shutil.rmtree(shelf / "year 1")
    page_of(out, "packed").unlink()
    third = made(shelf, out)
    assert (third.lessons, third.made, third.unchanged, third.gone) == (2, 2, 0, 1)
    assert "hairpins" in page_of(out, "loop").read_text("utf-8")
    assert not list((out / "lessons").glob("nerve-*"))
    assert not (out / "search" / f"{shard_of('ependymome')}.json").exists()
    assert (made(shelf, out, crop_mm=30.0).made, made(shelf, out, crop_mm=30.0).made) == (2, 0)


def test_when_the_user_ends_it_what_was_made_is_kept(shelf, tmp_path):
    def tired(done: float) -> None:
        if done > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(shelf, tmp_path / "site", progress=tired)
    site = made(shelf, tmp_path / "site")
    assert (site.made, site.unchanged) == (2, 1)


def test_a_folder_with_other_files_is_left_alone(shelf, tmp_path, run):
    out = tmp_path / "site"
    out.mkdir()
    (out / "index.html").write_text("mine", encoding="utf-8")
    said = run("page", shelf, out)
    assert said.code == 2
    assert "holds other files, which are left alone" in said.err
    assert (out / "index.html").read_text("utf-8") == "mine"
    assert [path.name for path in out.iterdir()] == ["index.html"]


@pytest.mark.parametrize("record", [b"{", b'{"type": "Other"}', b"[" * 90_000])
def test_a_record_that_is_damaged_is_told_of(shelf, tmp_path, record):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/site.json").write_bytes(record)
    with pytest.raises(PageError, match=r"site\.json"):
        made(shelf, tmp_path / "site")


def test_a_record_from_elsewhere_leads_to_no_other_file(shelf, tmp_path):
    out, mine = tmp_path / "site", tmp_path / "mine.html"
    out.mkdir()
    mine.write_text("mine", encoding="utf-8")
    pages = {"gone": {"file": "../mine.html", "fingerprint": "", "size": 4}}
    (out / "site.json").write_text(json.dumps({"type": "VascularLoopSite", "version": 1, "pages": pages}))
    made(shelf, out)
    assert mine.read_text("utf-8") == "mine"


def test_the_command_line_tells_what_was_made(shelf, tmp_path, run):
    said = run("page", shelf, tmp_path / "site", "--workers", 1, "--json")
    assert said.code == 0
    document = json.loads(said.out)
    assert (document["lessons"], document["made"], document["workers"]) == (3, 3, 1)
    assert [one["path"] for one in document["problems"]] == ["broken"]
    said = run("page", shelf, tmp_path / "site", "--workers", 1)
    assert "unchanged: 3" in said.out
    assert "broken: " in said.err
    for wrong in ("x.html", "x.zip"):
        assert "is a folder of lessons" in run("page", shelf, tmp_path / wrong).err


def test_two_workers_make_the_same_pages_as_one(shelf, tmp_path):
    pytest.importorskip("distributed")
    put_lesson(shelf, "fourth", "Fourth", "More.", "pons")
    one, two = made(shelf, tmp_path / "one"), made(shelf, tmp_path / "two", workers=2)
    assert (one.workers, two.workers, two.made, list(two.problems)) == (1, 2, 4, ["broken"])
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert files == sorted(path.relative_to(tmp_path / "two") for path in (tmp_path / "two").rglob("*.*"))
    for file in files:
        if file.name != "site.json":
            assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_without_the_extra_one_process_makes_them_and_a_cluster_is_refused(shelf, tmp_path, monkeypatch, run):
    monkeypatch.setattr(site_engine, "has_engine", lambda: False)
    assert workers_for(100, 8) == 1
    said = run("page", shelf, tmp_path / "site", "--workers", 2)
    assert said.code == 0
    assert "napari-vascular-loop[cluster]" in said.err
    task = PageTask("loop", str(shelf / "loop"), str(tmp_path / "x.html"), 80.0)
    with pytest.raises(PageError, match=r"napari-vascular-loop\[cluster\]"):
        list(make_pages([task], scheduler="tcp://127.0.0.1:1"))


def test_a_scheduler_that_is_not_there_is_told_of(shelf, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(site_engine, "_CONNECT_S", 1)
    with pytest.raises(PageError, match="can't be reached"):
        made(shelf, tmp_path / "site", scheduler="tcp://127.0.0.1:9")


def test_words_are_taken_apart_as_the_page_does_it():
    words = SiteWords()
    words.add(0, "The Loop", "UBERON:0004674. CN VII", "An Épendymome, 3.5 mm")
    words.add(1, "Other", "", "loop")
    shards = dict(words.shards())
    assert shards[shard_of("loop")]["loop"] == [1, 12]
    assert shards[shard_of("uberon")]["uberon"] == [2]
    assert shards[shard_of("facial")]["facial"] == [2], "all names of a structure that is named"
    assert shards[shard_of("ependymome")]["ependymome"] == [4]
    assert folded("Straße É") == "straße e"


# ------------------------------------------------------------------ in Chromium


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture
def served(shelf, tmp_path):
    out = tmp_path / "site"
    from PIL import Image

    (shelf / "loop/article.md").write_text("An artery <b>touches</b> the nerve.\n\n![A view](figure.png)\n", "utf-8")
    Image.new("RGB", (200, 200), (10, 90, 200)).save(shelf / "loop/figure.png")
    made(shelf, out, title='Lessons </script><script>alert("x")</script>')

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(out)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", out
    server.shutdown()
    server.server_close()
    thread.join()


def opened(browser, address: str, **options) -> Tab:
    tab = Tab(browser, **options)
    tab.page.goto(address)
    tab.page.wait_for_selector("body[data-ready]", timeout=10_000)
    return tab


def titles(tab: Tab) -> list[str]:
    return tab.page.locator("#lessons h2").all_inner_texts()


def type_words(tab: Tab, words: str) -> list[str]:
    tab.page.fill("#words", words)
    tab.page.wait_for_selector("#lessons:not([aria-busy=true])", state="attached")
    return titles(tab)


def test_a_student_searches_chooses_and_opens_a_lesson(browser, served):
    address, _ = served
    tab = opened(browser, address)
    assert titles(tab) == ["Nerve VII & co", "Packed root", "The loop"]
    asked = len(tab.requests)
    assert type_words(tab, "AICA") == ["The loop"]
    assert tab.requests[asked:] == [f"{address}search/{shard_of('aica')}.json"], "only the words that were typed"
    assert tab.page.inner_text("#said") == "1 of 3 lessons."
    assert type_words(tab, "cn vii") == ["Nerve VII & co", "Packed root"]
    assert type_words(tab, "nerve vi") == ["Nerve VII & co", "Packed root", "The loop"], "a view is in the text"
    assert type_words(tab, "epend") == ["Nerve VII & co"]
    assert type_words(tab, "uberon:0004674") == ["Packed root"]
    assert type_words(tab, "n") == ["Nerve VII & co", "Packed root"]
    assert type_words(tab, "nerve") == ["Nerve VII & co", "Packed root", "The loop"]
    assert type_words(tab, "purple") == []
    assert tab.page.inner_text("#said").startswith("No lesson holds all of this.")
    assert type_words(tab, "") == ["Nerve VII & co", "Packed root", "The loop"]
    tab.page.select_option("#structure", label=AICA)
    assert titles(tab) == ["The loop"]
    assert "structure=anterior" in tab.page.url
    tab.page.reload()
    tab.page.wait_for_selector("body[data-ready]")
    assert titles(tab) == ["The loop"], "the address says what was looked for"
    tab.page.focus("#structure")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector("#planes", timeout=10_000)
    assert tab.page.title() == "The loop"
    assert [one for one in tab.requests if not one.startswith(address)] == []
    assert tab.complaints == []
    tab.close()


def test_a_title_can_be_no_script_and_the_picture_is_shown(browser, served):
    tab = opened(browser, served[0])
    assert tab.page.inner_text("h1") == 'Lessons </script><script>alert("x")</script>'
    tab.page.wait_for_function("document.querySelector('img.picture')?.naturalWidth > 0")
    assert tab.page.evaluate("document.querySelectorAll('[onclick],[onload],[style]').length") == 0
    assert tab.complaints == []
    tab.close()


def test_from_disk_titles_and_structures_are_searched_and_it_is_said(browser, served):
    tab = opened(browser, (served[1] / "index.html").as_uri())
    assert type_words(tab, "cerebellar") == ["The loop"]
    assert "titles and structures are searched" in tab.page.inner_text("#said")
    tab.page.click("#lessons h2 a")
    tab.page.wait_for_selector("#planes", timeout=10_000)
    tab.close()


def test_on_a_phone_nothing_is_cut_off_and_fingers_hit(browser, served):
    tab = opened(browser, served[0], viewport={"width": 360, "height": 700}, has_touch=True, is_mobile=True)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360
    for chosen in ("#words", "#structure", "#lessons li"):
        assert tab.page.locator(chosen).first.bounding_box()["height"] >= 44
    tab.page.locator("#lessons li").nth(2).tap()
    tab.page.wait_for_selector("#planes", timeout=10_000)
    assert tab.page.title() == "The loop"
    tab.close()


def test_everything_has_a_name_for_who_listens_and_works_without_scripts(browser, served):
    tab = opened(browser, served[0])
    assert tab.page.get_by_role("searchbox", name="Search").count() == 1
    assert tab.page.get_by_role("combobox", name="Structure").count() == 1
    assert tab.page.get_by_role("link", name="The loop").count() == 1
    assert tab.page.get_by_role("status").count() == 1
    tab.close()
    tab = Tab(browser, java_script_enabled=False)
    tab.page.goto(served[0])
    tab.page.click("noscript a")
    assert tab.page.locator("main a").all_inner_texts() == ["Nerve VII & co", "Packed root", "The loop"]
    tab.close()
