"""Prove that the wheel is whole: that it works in an environment of its own, away from the checkout.

``wheel_check.py``
    checks the installation that belongs to the Python running it.
``wheel_check.py --build [--borrow]``
    builds the wheel, makes a clean virtual environment with it outside the checkout, and runs the check
    there. The environment gets its other packages anew, as a user's would; with ``--borrow`` it sees those
    of the Python running this, which takes seconds in place of a minute (the tests do so).

Only the standard library is used: the second role runs where nothing else may be installed.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

DISTRIBUTION = "napari-vascular-loop"
PACKAGE = "napari_vascular_loop"
LESSON = "facial-nerve-root"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SMALLEST_PICTURE_BYTES = 5_000
COMMAND_TIMEOUT_S = 300


class WheelCheckError(Exception):
    """What the wheel, or the environment it is in, does wrong."""


# --- the check, in the environment under test --------------------------------------------------------------


def require(condition: bool, message: str) -> None:
    if not condition:
        raise WheelCheckError(message)


def run(command: list[str], cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command, show what it is, and return its standard output; an exit code but 0 is an error."""
    shown = [word.replace(sys.prefix, "$PREFIX") for word in command]
    print("+", *shown, flush=True)
    result = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
        check=False,
    )
    if result.returncode != 0:
        said = (result.stdout[-4000:] + result.stderr[-4000:]).rstrip()
        raise WheelCheckError(f"exit code {result.returncode}\n{said}")
    return result.stdout


def check_origin(site_packages: Path) -> None:
    """The package and its metadata come from this environment, as a wheel, and not from a checkout."""
    spec = importlib.util.find_spec(PACKAGE)
    require(spec is not None and spec.origin is not None, f"{PACKAGE} is not installed in {sys.prefix}")
    origin = Path(spec.origin).resolve()
    require(origin.is_relative_to(site_packages), f"{PACKAGE} comes from {origin}, outside {site_packages}")

    # The first one found is the one that napari, npe2 and the command line see.
    distribution = importlib.metadata.distribution(DISTRIBUTION)
    home = Path(str(distribution.locate_file(""))).resolve()
    require(home == site_packages, f"the metadata comes from {home}, not from {site_packages}")
    direct_url = distribution.read_text("direct_url.json") or ""
    require('"editable"' not in direct_url, f"{DISTRIBUTION} is an editable installation")

    manifests = importlib.metadata.entry_points(group="napari.manifest", name=DISTRIBUTION)
    require(len(manifests) == 1, f"{len(manifests)} napari manifests of {DISTRIBUTION}, 1 is right")


def check_commands(site_packages: Path, work: Path) -> None:
    """The command line, the packaged lesson, the plugin's manifest and the demo work from an empty folder."""
    command = shutil.which("vascular-loop", path=sysconfig.get_path("scripts"))
    require(command is not None, "the wheel installed no vascular-loop command")
    require("demo" in run([command, "--help"], work), "vascular-loop --help does not list the demo")

    from napari_vascular_loop.content import content_folder

    lesson = Path(content_folder("annotations")) / LESSON
    require(lesson.is_dir(), f"the wheel carries no lesson {LESSON}: {lesson} is not a folder")
    require(lesson.resolve().is_relative_to(site_packages), f"the lesson {lesson} is not the wheel's")
    run([command, "lesson", "check", str(lesson)], work)

    run([sys.executable, "-m", "npe2", "validate", DISTRIBUTION], work)

    out = work / "demo"
    run([command, "demo", "--out", str(out)], work, env=without_screen())
    pictures = sorted(out.rglob("*.png"))
    require(bool(pictures), f"the demo drew no PNG file in {out}")
    for picture in pictures:
        drawn = picture.read_bytes()
        require(drawn.startswith(PNG_SIGNATURE), f"{picture.name} is not a PNG file")
        require(len(drawn) >= SMALLEST_PICTURE_BYTES, f"{picture.name} has {len(drawn)} bytes: nothing drawn")
    print("  drawn:", ", ".join(picture.name for picture in pictures))


def without_screen() -> dict[str, str]:
    """Return the environment without its screen: the demo must then draw, and not wait for a user."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY") if sys.platform.startswith("linux") else ()
    return {name: value for name, value in os.environ.items() if name not in hidden}


def check_installation() -> None:
    site_packages = Path(sysconfig.get_path("purelib")).resolve()
    check_origin(site_packages)
    with tempfile.TemporaryDirectory(prefix="wheel-check-") as folder:
        check_commands(site_packages, Path(folder).resolve())
    print("wheel check passed")


# --- building the wheel and the environment around it ------------------------------------------------------


def build_wheel(checkout: Path, out: Path) -> Path:
    """Build the wheel of a checkout into `out`, with the build backend of the Python running this."""
    out.mkdir(parents=True, exist_ok=True)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    run([*build, "--outdir", str(out), str(checkout)], out)
    (wheel,) = out.glob("*.whl")
    return wheel


def make_environment(folder: Path, wheel: Path, constraints: Path, borrow: bool) -> Path:
    """Make a virtual environment that holds the wheel, and return its Python.

    Parameters
    ----------
    folder : Path
        Where the environment goes; it must not exist yet.
    wheel : Path
        The wheel to install.
    constraints : Path
        The pinned versions of everything else.
    borrow : bool
        See the other packages of the Python running this, rather than installing them anew. They come in by
        a line of a ``.pth`` file. Python does not follow the ``.pth`` files of a folder that was added so,
        hence an editable installation of this project stays out of sight; `check_origin` makes sure of it.
    """
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    if borrow:
        lent = sysconfig.get_path("purelib")
        ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
        own = Path(run([str(python), "-I", "-c", ask], folder).strip())
        run([*pip, "--no-deps", "--no-index", str(wheel)], folder)
        (own / "borrowed.pth").write_text(f"{lent}\n", encoding="utf-8")
    else:
        run([*pip, "-c", str(constraints), f"{wheel}[qt]"], folder)
    return python


def build_and_check(checkout: Path, borrow: bool) -> None:
    """Build the wheel of `checkout`; check it in an environment of its own, from an empty folder."""
    with tempfile.TemporaryDirectory(prefix="wheel-check-") as name:
        folder = Path(name).resolve()
        wheel = build_wheel(checkout, folder / "dist")
        python = make_environment(folder / "env", wheel, checkout / "requirements" / "lock.txt", borrow)
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        settings = {"NAPARI_CONFIG": str(folder / "napari" / "settings.yaml")}
        env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")} | settings
        # -I: neither this file's folder, nor the user's site, nor the environment may add to the search path.
        script = str(Path(__file__).resolve())
        print("+ python wheel_check.py", flush=True)
        result = subprocess.run([str(python), "-I", script], cwd=elsewhere, env=env, check=False)
        require(result.returncode == 0, "the wheel does not work by itself: see above")


def main() -> int:
    parser = argparse.ArgumentParser(description="Check that the wheel works by itself.")
    parser.add_argument("--build", action="store_true", help="build it, and check it in a clean environment")
    parser.add_argument("--borrow", action="store_true", help="with --build: see this Python's packages")
    arguments = parser.parse_args()
    try:
        if arguments.build:
            build_and_check(Path(__file__).resolve().parent.parent, arguments.borrow)
        else:
            check_installation()
    except WheelCheckError as error:
        print(f"wheel check failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
