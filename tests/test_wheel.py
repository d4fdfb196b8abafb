"""The wheel works by itself: built, installed in an environment of its own, run away from the checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.mark.long
@pytest.mark.timeout(600)
def test_wheel_works_outside_the_checkout(tmp_path: Path) -> None:
    # `./run wheel-check` does the same with every package installed anew, and is a step of continuous integration.
    script = CHECKOUT / "scripts" / "wheel_check.py"
    result = subprocess.run(
        [sys.executable, str(script), "--build", "--borrow"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.endswith("wheel check passed\n")
