"""The page in a real Chromium, as a student uses it: clicks, keys, fingers, in mm."""

from __future__ import annotations

import numpy as np
import pytest
from browser import Tab, chromium
from page_lessons import OTHER_TIP, PLACE, TIP, html_of, lesson, scan, write_page
from test_page import HOSTILE

pytestmark = pytest.mark.xdist_group("chromium")


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("page") / "lesson.html")


@pytest.fixture
def tab(browser, path):
    one = Tab(browser)
    one.open(path)
    yield one
    assert one.complaints == []
    assert one.requests == [path.as_uri()]
    one.close()


def crosshair(tab, plane="axial"):
    """Where the canvas has the crosshair: the pixels at which the two lines cross."""
    return tab.page.evaluate(
        """(plane) => {
          const canvas = document.querySelector(`[data-plane=${plane}] canvas`);
          const { width, height } = canvas;
          const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          const blue = (x, y) => data[4 * (y * width + x) + 2] - data[4 * (y * width + x)];
          const most = (count, of) => { let best = 0, at = 0;
            for (let n = 0; n < count; n++) { const sum = of(n); if (sum > best) { best = sum; at = n; } } return at; };
          const sumColumn = (x) => { let s = 0; for (let y = 0; y < height; y++) s += blue(x, y); return s; };
          const sumRow = (y) => { let s = 0; for (let x = 0; x < width; x++) s += blue(x, y); return s; };
          return [most(width, sumColumn) + 0.5, most(height, sumRow) + 0.5];
        }""",
        plane,
    )


@pytest.mark.parametrize(("words", "place"), [("left root there", OTHER_TIP), ("point", PLACE), ("right root", TIP)])
def test_a_clicked_sentence_shows_its_place_to_the_hundredth_of_a_mm(tab, words, place):
    tab.page.get_by_text(words, exact=True).first.click()
    assert tab.place() == pytest.approx(place, abs=0.005)
    # The picture agrees: the ball at the mark is under the crosshair, in all three planes of an oblique scan.
    tab.page.click("#hide")
    for plane in ("axial", "coronal", "sagittal"):
        assert_ball_under_crosshair(tab, plane)


def test_a_click_on_a_mark_lights_its_words_and_says_its_note(tab):
    tab.page.get_by_text("right root", exact=True).first.click()
    before = tab.place()
    said = tab.page.locator("#card p").all_inner_texts()
    assert said == ["Root (R)", "facial nerve root, patient's right", "Note on the root."]
    canvas = tab.page.locator("[data-plane=axial] canvas")
    x, y = crosshair(tab)
    box = canvas.bounding_box()
    tab.page.evaluate("document.querySelectorAll('.lit').forEach((one) => one.classList.remove('lit'))")
    # The arrow comes from the patient's right and front: on screen from the upper left of its tip.
    tab.page.mouse.click(box["x"] + x - 12, box["y"] + y - 4)
    lit = tab.page.locator(".passage.lit").all_inner_texts()
    assert "".join(lit) == "right root is here"
    assert tab.place() == pytest.approx(before, abs=1e-3)


def test_the_patients_left_is_on_the_right_of_the_picture(tab):
    box = tab.page.locator("[data-plane=axial] canvas").bounding_box()
    before = tab.place()
    tab.page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.2)
    right_and_up = tab.place()
    assert right_and_up[0] < before[0] - 10
    assert right_and_up[1] > before[1] + 5


def test_wheel_keys_and_slider_go_through_the_slices_one_by_one(tab):
    canvas = tab.page.locator("[data-plane=axial] canvas")
    box = canvas.bounding_box()
    tab.page.get_by_text("point", exact=True).click()
    start = np.array(tab.place())
    tab.page.mouse.move(box["x"] + 50, box["y"] + 50)
    tab.page.mouse.wheel(0, -60)
    one = np.array(tab.place())
    tab.page.mouse.wheel(0, -60)
    two = np.array(tab.place())
    assert np.linalg.norm(two - one) == pytest.approx(1.1, abs=1e-3)  # the spacing along that axis
    assert two[2] > one[2] > start[2]
    canvas.focus()
    tab.page.keyboard.press("ArrowDown")
    assert tab.place() == pytest.approx(one, abs=1e-3)
    tab.page.locator("[data-plane=axial] input").focus()
    tab.page.keyboard.press("ArrowRight")
    assert tab.place() == pytest.approx(two, abs=1e-3)


def test_the_right_button_changes_the_greys_and_they_can_be_set_back(tab):
    assert tab.page.inner_text("#window") == "W 1000 L 500"
    box = tab.page.locator("[data-plane=axial] canvas").bounding_box()
    tab.page.mouse.move(box["x"] + 100, box["y"] + 100)
    tab.page.mouse.down(button="right")
    tab.page.mouse.move(box["x"] + 160, box["y"] + 140, steps=4)
    tab.page.mouse.up(button="right")
    tab.drawn()
    _, width, _, level = tab.page.inner_text("#window").split()
    assert int(width) > 1050
    assert int(level) > 550
    tab.page.click("#grey summary")
    tab.page.click("#grey-reset")
    tab.drawn()
    assert tab.page.inner_text("#window") == "W 1000 L 500"


def test_the_tour_goes_from_sentence_to_sentence(tab):
    tab.page.click("#tour-start")
    places = [tab.place()]
    for _ in range(3):
        tab.page.locator("#tour .main").press("Enter")
        places.append(tab.place())
    assert places[0] == pytest.approx(TIP, abs=0.005)
    assert places[1] == pytest.approx(OTHER_TIP, abs=0.005)
    assert places[3] == pytest.approx(PLACE, abs=0.005)
    assert tab.page.inner_text("#tour p") == "Stop 4 of 4: Place"
    tab.page.locator("#tour .main").click()
    assert tab.page.locator("#tour").is_hidden()


def test_plain_words_lead_to_the_same_place(tab):
    tab.page.get_by_role("button", name="Plain").click()
    tab.page.get_by_text("Here the nerve begins.").click()
    assert tab.place() == pytest.approx(TIP, abs=0.005)
    assert tab.page.get_by_text("The artery loops.").is_hidden()


def assert_ball_under_crosshair(tab, plane):
    """The ball of 4.5 mm stands in the middle of the crosshair, to a third of a mm."""
    box = tab.page.locator(f"[data-plane={plane}] canvas").bounding_box()
    mm = min(box["width"], box["height"]) / field_mm(tab)
    middle = crosshair(tab, plane)
    assert tab.brightest(plane, middle, 7 * mm) == pytest.approx(middle, abs=max(1.0, 0.35 * mm))


def go(tab, place):
    """Move the crosshair to a place in RAS mm as a student does: clicks in two planes."""
    for _ in range(3):
        for plane, axes in (("axial", (0, 1)), ("coronal", (0, 2))):
            now = tab.place()
            box = tab.page.locator(f"[data-plane={plane}] canvas").bounding_box()
            x, y = crosshair(tab, plane)
            mm = min(box["width"], box["height"]) / field_mm(tab)
            dx, dy = -(place[axes[0]] - now[axes[0]]) * mm, -(place[axes[1]] - now[axes[1]]) * mm
            tab.page.mouse.click(box["x"] + x + dx, box["y"] + y + dy)
    return tab.place()


def field_mm(tab):
    words = tab.page.locator("footer li").first.inner_text()
    across, along = words.split("to ")[1].split(" × ")[:2]
    return max(float(across), float(along))


def test_the_quiz_measures_to_the_nearest_place_of_a_path_and_scores(tab):
    tab.page.click("#quiz-start")
    said, right = [], 0
    count = 0
    while True:
        prompt = tab.page.inner_text("#quiz strong")
        if "of" in prompt.split() and "found" in prompt:
            break
        count += 1
        tab.page.wait_for_selector("[data-plane=axial] canvas[aria-label*='No marks here']", timeout=5000)
        if "anterior inferior" in prompt.lower() or "loop" in prompt.lower():
            place = go(tab, (-18.0, -8.0, -36.0))
            tab.page.locator("#quiz .main").click()
            # Along the path's first leg the nearest place is straight above, not a vertex.
            wanted = np.hypot(place[1] + 10, place[2] + 35)
            assert float(tab.page.get_attribute("#quiz", "data-mm")) == pytest.approx(wanted, abs=0.01)
            said.append(tab.page.inner_text("#quiz p"))
        elif "right" in prompt:
            go(tab, OTHER_TIP)
            tab.page.locator("#quiz .main").click()
            assert tab.page.inner_text("#quiz p").startswith("That is the other side.")
        else:
            tab.page.locator("#quiz .main").click()
        right += tab.page.locator("#quiz .good").count()
        tab.page.locator("#quiz .main").click()
    assert said
    assert said[0].startswith("Found.")
    assert "The side is right: the patient's left." in said[0]
    assert tab.page.inner_text("#quiz strong") == f"{right} of {count} found"


def test_on_a_phone_it_fits_and_fingers_work(browser, path):
    tab = Tab(browser, viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True, device_scale_factor=2)
    page = tab.open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_text("left root there").first.tap()
    assert tab.place() == pytest.approx(OTHER_TIP, abs=0.005)
    box = page.locator("[data-plane=axial] canvas").bounding_box()
    assert box["height"] > 200
    touch = page.context.new_cdp_session(page)
    x, y = box["x"] + 60, box["y"] + 60
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 8):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 5 * step}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert tab.place()[2] > OTHER_TIP[2] + 2
    assert tab.complaints == []
    tab.close()


def test_in_a_sandboxed_frame_it_works(browser, path, tmp_path):
    outer = tmp_path / "outer.html"
    outer.write_text(f'<iframe sandbox="allow-scripts" width="1000" height="700" src="{path.as_uri()}"></iframe>')
    tab = Tab(browser)
    tab.page.goto(outer.as_uri())
    frame = tab.page.frame_locator("iframe")
    frame.locator("body[data-ready]").wait_for()
    frame.get_by_text("left root there").first.click()
    tab.page.wait_for_timeout(200)
    said = frame.locator("#place").get_attribute("data-ras")
    assert [float(value) for value in said.split()] == pytest.approx(OTHER_TIP, abs=0.005)
    assert tab.complaints == []
    tab.close()


def test_without_the_browsers_own_unpacking_it_works(browser, path):
    tab = Tab(browser)
    tab.page.add_init_script("delete window.DecompressionStream")
    tab.open(path)
    tab.page.get_by_text("left root there").first.click()
    tab.page.click("#hide")
    assert_ball_under_crosshair(tab, "axial")
    assert tab.complaints == []
    tab.close()


def test_what_a_teacher_typed_does_nothing(browser, tmp_path):
    from dataclasses import replace

    volume = scan()
    good = lesson(volume)
    marks = tuple(replace(mark, label=HOSTILE, note=HOSTILE, structure=HOSTILE) for mark in good.annotations)
    path = tmp_path / "bad.html"
    path.write_text(html_of(replace(good, title=HOSTILE, annotations=marks, notice=HOSTILE), volume), encoding="utf-8")
    tab = Tab(browser)
    tab.open(path)
    tab.page.get_by_text("left root there").first.click()
    assert HOSTILE.split("\n")[0] in tab.page.inner_text("#card")
    assert tab.page.locator("#card img, #card script").count() == 0
    tab.page.wait_for_timeout(100)
    assert tab.complaints == []
    tab.close()


def test_names_for_screen_readers_and_contrast_in_both_colours(browser, path):
    for scheme in ("light", "dark"):
        tab = Tab(browser, color_scheme=scheme, reduced_motion="reduce")
        page = tab.open(path)
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("button, select, input, canvas[tabindex], [role=button]")]
              .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim() || one.closest("label")))
              .map((one) => one.outerHTML)"""
        )
        assert nameless == []
        contrasts = page.evaluate(_CONTRAST)
        assert min(contrasts) >= 4.5, (scheme, contrasts)
        tab.close()


_CONTRAST = """() => {
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const bright = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).map((value) => linear(Number(value) / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/, 0\\)/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const seen = ["h1", "article p", ".facts, footer", "#tour-start", "#layout button", "#layout [aria-pressed=true]",
    "#convention", ".passage"];
  return seen.map((selector) => document.querySelector(selector)).filter(Boolean).map((one) => {
    const pair = [bright(getComputedStyle(one).color), bright(behind(one))].sort((p, q) => q - p);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  });
}"""
