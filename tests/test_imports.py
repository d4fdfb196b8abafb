"""Who may import whom: each floor is imported in a process of its own, and what came with it is looked at."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import napari_vascular_loop

ANCHORING = {"anchoring", "evidence", "following", "searched_article"}
RECOVERY = {"lesson_history", "lesson_recovery"}
POSE = {"head_pose", "midline_search"}
LESSONS = {
    "lesson_bases",
    "lesson_hold",
    "lesson_joining",
    "lesson_keeper",
    "lesson_history",
    "lesson_recovery",
    "domain",
    "formats",
    "store",
    *ANCHORING,
}
TAUGHT = {
    *LESSONS,
    *POSE,
    "export",
    "lessons",
    "privacy",
    "reading_levels",
    "reformat",
    "samples",
    "content",
}
PACKAGE = "napari_vascular_loop"
ROOT = Path(napari_vascular_loop.__file__).parent
QT = {"qtpy", "PyQt5", "PyQt6", "PySide2", "PySide6", "superqt"}
WINDOWS = QT | {"napari", "vispy"}

LOOK = """
import importlib, json, sys
before = set(sys.modules)
for name in {names!r}:
    importlib.import_module(name)
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def modules_of(floor: str) -> tuple[str, ...]:
    """All modules of a folder of the package, or the one of that name."""
    if (ROOT / f"{floor}.py").is_file():
        return (f"{PACKAGE}.{floor}",)
    files = sorted((ROOT / floor).rglob("*.py"))
    assert files, floor
    parts = [file.relative_to(ROOT).with_suffix("").parts for file in files]
    return tuple(".".join((PACKAGE, *(part for part in path if part != "__init__"))) for path in parts)


@cache
def loaded_by(*floors: str, leaving_out: str = "") -> frozenset[str]:
    found = tuple(name for floor in floors for name in modules_of(floor)) or (PACKAGE,)
    names = tuple(name for name in found if name.split(".")[-1] != leaving_out)
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(names=names)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def outside(loaded: frozenset[str]) -> set[str]:
    """Names of the packages that are neither ours nor Python's."""
    tops = {name.split(".")[0] for name in loaded}
    return {top for top in tops if top != PACKAGE and top not in sys.stdlib_module_names and not top.startswith("_")}


def floors_of(loaded: frozenset[str]) -> set[str]:
    """The folders and modules of the package that were imported."""
    return {name.split(".")[1] for name in loaded if name.startswith(f"{PACKAGE}.")}


def test_the_package_itself_costs_nothing():
    loaded = loaded_by()
    assert outside(loaded) == set()
    assert floors_of(loaded) == set()


def test_the_domain_needs_numpy_only():
    loaded = loaded_by("domain")
    assert outside(loaded) == {"numpy"}
    assert floors_of(loaded) == {"domain"}


@pytest.mark.parametrize(
    ("floor", "may_import"),
    [
        ("formats", {"domain"}),
        ("following", {"domain", "searched_article"}),
        ("anchoring", {"domain", "evidence", "searched_article"}),
        ("store", {"domain", *ANCHORING}),
        ("study", {"domain", "formats"}),
        ("reformat", {"domain"}),
        ("privacy", {"domain", "formats"}),
        ("cli_privacy", {"cli_output"}),
        ("web", {"domain", "formats", "study"}),
        (
            "lesson_page",
            {*TAUGHT, "study", "web"},
        ),
        ("lesson_crop", {*LESSONS, *POSE, "lessons", "privacy", "samples", "content"}),
        ("site_record", {"domain", "formats"}),
        ("library_lesson", {*LESSONS, *POSE, "lessons", "samples", "content", "study", "study_lesson"}),
        ("midline_search", {"domain"}),
        ("head_pose", {"domain", "midline_search"}),
        ("export", {"domain", "formats", "midline_search", "reformat"}),
        ("samples", {"domain", "content", "formats"}),
        ("locate", {"content", "domain", "formats", "head_pose", "midline_search", "samples"}),
        ("cli_locate", {"cli_output", "domain"}),
        ("library", {"content", "domain", "formats", "samples", "study"}),
        ("cli_library", {"cli_output", "cli_privacy", "domain"}),
        ("lesson_history", {"domain", "formats"}),
        ("lesson_recovery", {*RECOVERY, "domain", "formats", "store", *ANCHORING}),
        ("lesson_joining", {"domain", "formats", "store", *ANCHORING}),
        ("lesson_hold", {"domain", "formats"}),
        ("lesson_bases", {"domain", "formats"}),
        (
            "lesson_keeper",
            {
                "lesson_bases",
                "lesson_history",
                "lesson_hold",
                "lesson_joining",
                "lesson_recovery",
                "domain",
                "formats",
                "store",
                *ANCHORING,
            },
        ),
        ("lessons", {*LESSONS, *POSE, "samples", "content"}),
        ("figure_lesson", {*LESSONS, *POSE, "lessons", "samples", "content"}),
        ("study_lesson", {*LESSONS, *POSE, "lessons", "samples", "content", "study"}),
        ("exchange_formats", {"domain", "formats"}),
        ("exchange", {"domain", "formats", "exchange_formats"}),
        ("dicom_source", {"domain", "formats"}),
        ("exchange_dicom", {"domain", "formats", "exchange_formats", "exchange"}),
        ("report", {"domain", "formats"}),
        ("reading_levels", {"domain", "formats", *ANCHORING}),
        ("imaging_part", {"domain", "formats"}),
        ("lesson_check", {*LESSONS, *POSE, "lessons", "reading_levels", "imaging_part", "samples", "content"}),
        ("cli_output", set()),
        ("cli_editing", {"cli_output", "domain"}),
        ("sample_pictures", {"content", "display", "domain", "formats", "samples"}),
        ("cli_samples", {"cli_output", "domain"}),
        ("cli_lecture", {"cli_output", "cli_privacy"}),
        ("taught_lesson", TAUGHT),
        ("lesson_slides", {*TAUGHT, "study", "taught_lesson"}),
        ("lesson_handout", {*TAUGHT, "study", "taught_lesson", "typeset"}),
        ("lesson_cards", {*TAUGHT, "study", "taught_lesson"}),
        ("typeset", set()),
        ("cli_figure", {"cli_output", "cli_privacy", "domain"}),
        ("cli_page", {"cli_output", "cli_privacy", "domain"}),
        (
            "cli",
            {
                "cli_annotations",
                "cli_editing",
                "cli_figure",
                "cli_lessons",
                "cli_lecture",
                "cli_library",
                "cli_locate",
                "cli_output",
                "cli_page",
                "cli_privacy",
                "cli_samples",
                "cli_study",
                "domain",
            },
        ),
        ("screen", set()),
    ],
)
def test_floors_without_windows(floor, may_import):
    loaded = loaded_by(floor)
    assert outside(loaded) & WINDOWS == set()
    assert floors_of(loaded) - {floor} <= may_import


def test_only_the_vispy_side_of_ink_needs_a_window_to_be_loaded():
    loaded = loaded_by("display", leaving_out="ink_visual")
    assert not any(name.startswith("napari._vispy") for name in loaded)


def test_the_display_knows_napari_but_neither_widgets_nor_a_qt_binding():
    loaded = loaded_by("display", leaving_out="ink_visual")
    assert "napari" in outside(loaded)
    assert outside(loaded) & {"PyQt5", "PyQt6", "PySide2", "PySide6"} == set()
    assert floors_of(loaded) - {"display"} <= {"domain", "head_pose", "midline_search", "reformat", "store", *ANCHORING}


def test_every_module_belongs_to_a_floor_that_is_held_here():
    held = {
        "domain",
        "privacy",
        "formats",
        "store",
        "study",
        "export",
        "samples",
        "library",
        "locate",
        "display",
        "web",
        "widgets",
    }
    folders = {path.parent.name for path in ROOT.glob("*/*.py")}
    assert folders == held


def test_what_the_package_offers_is_there():
    for name in napari_vascular_loop.__all__:
        assert getattr(napari_vascular_loop, name).__module__.startswith(PACKAGE), name
    assert set(napari_vascular_loop.__all__) <= set(dir(napari_vascular_loop))
    with pytest.raises(AttributeError, match="no attribute 'read_volume'"):
        _ = napari_vascular_loop.read_volume


def test_the_lesson_panel_opens_without_what_reads_lessons_and_volumes():
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(names=(f"{PACKAGE}.widgets.lesson_panel",))],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    late = {"lessons", "lesson_check", "lesson_making", "exchange", "store", "study", "samples", "export", *ANCHORING}
    assert floors_of(loaded) & late == set()
    heavy = {"markdown_it", "msgspec", "rapidfuzz", "sqlite3", "nibabel", "pydicom", "matplotlib", "scipy.ndimage"}
    assert loaded & heavy == set()
    pages = {f"{PACKAGE}.widgets.{page}" for page in ("mark_form", "questions_page", "check_list", "volume_chooser")}
    assert loaded & {*pages, f"{PACKAGE}.formats.volumes", f"{PACKAGE}.formats.markdown"} == set()
