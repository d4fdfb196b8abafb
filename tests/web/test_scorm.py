"""A SCORM 1.2 package: what a learning platform reads, and what it is told."""

from __future__ import annotations

import json
import zipfile
from xml.etree import ElementTree

import pytest
from browser import Tab, chromium
from page_lessons import html_of, lesson, scan

from napari_vascular_loop.web.scorm import manifest_xml

pytestmark = pytest.mark.xdist_group("chromium")

CP = "{http://www.imsproject.org/xsd/imscp_rootv1p1p2}"
ADL = "{http://www.adlnet.org/xsd/adlcp_rootv1p2}"
PLATFORM = """<script>
window.said = [];
const values = {"cmi.core.lesson_status": "not attempted", "cmi.core.score.raw": "EARLIER"};
window.API = {
  LMSInitialize: (one) => { said.push(["LMSInitialize", one]); return "true"; },
  LMSGetValue: (name) => values[name] ?? "",
  LMSSetValue: (name, value) => { said.push([name, value]); values[name] = value; return "true"; },
  LMSCommit: (one) => { said.push(["LMSCommit", one]); return "true"; },
  LMSFinish: (one) => { said.push(["LMSFinish", one]); return "true"; },
  LMSGetLastError: () => "0", LMSGetErrorString: () => "", LMSGetDiagnostic: () => "",
};
</script><iframe width="1200" height="750" src="index.html"></iframe>"""


def test_the_manifest_names_one_sco_that_is_there():
    root = ElementTree.fromstring(manifest_xml('A "lesson" <of> & more', "loop"))
    assert root.tag == f"{CP}manifest"
    assert [child.tag for child in root] == [f"{CP}{name}" for name in ("metadata", "organizations", "resources")]
    assert root.findtext(f"{CP}metadata/{CP}schemaversion") == "1.2"
    course = root.find(f"{CP}organizations/{CP}organization")
    assert root.find(f"{CP}organizations").get("default") == course.get("identifier")
    assert course.findtext(f"{CP}title") == 'A "lesson" <of> & more'
    (resource,) = root.findall(f"{CP}resources/{CP}resource")
    assert course.find(f"{CP}item").get("identifierref") == resource.get("identifier")
    assert resource.get(f"{ADL}scormtype") == "sco"
    assert resource.get("href") == resource.find(f"{CP}file").get("href") == "index.html"


@pytest.mark.parametrize("lesson_id", ["", "1st lesson/ü", "../../x", "a" * 500])
def test_identifiers_are_those_that_xml_allows_and_no_two_are_the_same(lesson_id):
    root = ElementTree.fromstring(manifest_xml("x", lesson_id))
    ids = [one.get("identifier") for one in root.iter() if one.get("identifier")]
    assert len(set(ids)) == len(ids) == 4
    assert all(one[0].isalpha() and one.replace("-", "").isalnum() and one.isascii() for one in ids)


def test_the_command_writes_a_package_that_is_the_same_each_time(run, tmp_path):
    for name in ("one.zip", "two.zip"):
        said = run("page", "synthetic-stand-in", tmp_path / name, "--scorm", "--json")
        assert said.code == 0
        assert json.loads(said.out)["file"].endswith(name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as package:
        assert package.namelist() == ["imsmanifest.xml", "index.html"]
        assert b"connectPlatform" in package.read("index.html")
    assert run("page", "synthetic-stand-in", tmp_path / "x.html", "--scorm").code == 2
    assert run("page", "synthetic-stand-in", tmp_path / "x.zip").code == 2


@pytest.mark.parametrize(("earlier", "kept"), [("", None), ("90", 90.0)])
def test_the_platform_is_told_the_score_and_that_it_is_done(tmp_path, earlier, kept):
    volume = scan()
    (tmp_path / "index.html").write_text(html_of(lesson(volume), volume, for_platform=True), encoding="utf-8")
    (tmp_path / "platform.html").write_text(PLATFORM.replace("EARLIER", earlier), encoding="utf-8")
    with chromium() as browser:
        # Files are apart from each other in Chromium, which a platform's pages are not: so they come by way of a route.
        tab = Tab(browser)
        tab.page.route(
            "http://platform.test/**", lambda way: way.fulfill(path=tmp_path / way.request.url.rsplit("/", 1)[-1])
        )
        tab.page.goto("http://platform.test/platform.html")
        frame = tab.page.frame_locator("iframe")
        frame.locator("body[data-ready]").wait_for()
        frame.locator("#quiz-start").click()
        count, right = 0, 0
        while frame.locator("#quiz .hint").count():
            frame.locator("#quiz .main").click()  # This is the place
            right += frame.locator("#quiz .good").count()
            count += 1
            before = frame.locator("#quiz").inner_text()
            frame.locator("#quiz .main").click()  # next, or the result
            tab.page.wait_for_timeout(80)
            assert frame.locator("#quiz").inner_text() != before
        said = [tuple(one) for one in tab.page.evaluate("said")]
        score = kept if kept is not None else round(100 * right / count, 2)
        assert said[0] == ("LMSInitialize", "")
        assert said[1] == ("cmi.core.lesson_status", "incomplete")
        assert dict(said)["cmi.core.lesson_status"] == "completed"
        assert float(dict(said)["cmi.core.score.raw"]) == pytest.approx(score)
        assert (dict(said)["cmi.core.score.min"], dict(said)["cmi.core.score.max"]) == ("0", "100")
        assert "Recorded by the learning platform" in frame.locator("#platform").inner_text()
        tab.page.evaluate("document.querySelector('iframe').src = 'about:blank'")
        tab.page.wait_for_timeout(300)
        said = [tuple(one) for one in tab.page.evaluate("said")]
        assert said[-1] == ("LMSFinish", "")
        assert dict(said)["cmi.core.session_time"].count(":") == 2
        assert tab.complaints == []
        tab.close()
