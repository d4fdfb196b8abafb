"""A real Chromium for tests of pages: headless, and kept from the network."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


def _absent() -> str:
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "Playwright is not installed (./run setup)"
    return "" if PROGRAM else "there is no Chromium here (Debian: apt-get install chromium)"


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Chromium; skips, saying why, where there is none, unless it must be there."""
    absent = _absent()
    if absent and os.environ.get("VASCULAR_LOOP_REQUIRE_CHROMIUM"):
        pytest.fail(f"pages must be tested in a browser here, but {absent}")
    if absent:
        pytest.skip(f"NO PAGE IS TESTED IN A BROWSER: {absent}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=PROGRAM, args=list(_FLAGS), chromium_sandbox=False)
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """A page that is open, what it complained of, and what it asked the network for."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self._heard(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))

    def _heard(self, text: str) -> None:
        if "willReadFrequently" not in text:  # of our own reading of canvases
            self.complaints.append(text)

    def open(self, path: Path) -> Any:
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("body[data-ready]", timeout=30_000)
        self.drawn()
        return self.page

    def drawn(self) -> None:
        """Wait for what was asked to be on screen."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def place(self) -> list[float]:
        """Where the crosshair is, RAS mm."""
        self.page.wait_for_timeout(60)
        self.drawn()
        return [float(value) for value in self.page.get_attribute("#place", "data-ras").split()]

    def brightest(self, plane: str, around: tuple[float, float], reach: float) -> tuple[float, float]:
        """Middle of what is white around a place on a plane's canvas, in its pixels from its upper left corner."""
        self.drawn()
        return tuple(self.page.evaluate(_BRIGHTEST, [plane, *around, reach]))

    def close(self) -> None:
        self.context.close()


_BRIGHTEST = """([plane, aroundX, aroundY, reach]) => {
  const canvas = document.querySelector(`[data-plane=${plane}] canvas`);
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  let x = 0, y = 0, n = 0;
  for (let k = 0; k < width * height; k++) {
    if (Math.hypot((k % width) - aroundX, Math.floor(k / width) - aroundY) > reach) continue;
    if (Math.min(pixels[4 * k], pixels[4 * k + 1], pixels[4 * k + 2]) <= 235) continue;
    x += k % width;
    y += Math.floor(k / width);
    n++;
  }
  return [x / n + 0.5, y / n + 0.5];
}"""
