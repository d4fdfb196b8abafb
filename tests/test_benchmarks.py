"""The benchmarks tell the truth: who does not read is found out, and what is missed is called so."""

from __future__ import annotations

import time
import zlib
from pathlib import Path

import numpy as np
import pytest

if not (Path(__file__).parents[1] / "benchmarks").is_dir():
    pytest.skip("there are no benchmarks beside these tests (an sdist has none)", allow_module_level=True)

from benchmarks import compressed, dicom, dicom_files, nifti, regimes, scans, timing
from benchmarks.checked import checked_medians_ms
from benchmarks.row import Row, ahead, at_most, rows_of, within
from benchmarks.runs import Run, keep, last
from benchmarks.table import as_markdown, as_text
from benchmarks.timing import medians_ms

TRUTH = np.arange(60, dtype=np.int16).reshape(3, 4, 5)


@pytest.fixture
def small(monkeypatch, tmp_path):
    """All files that are measured with, a few slices large; nothing is timed for its time's sake."""
    monkeypatch.setattr(timing.gc, "collect", lambda: 0)
    monkeypatch.setattr(scans, "FOLDER", tmp_path)
    monkeypatch.setattr(dicom_files, "SHAPE", (48, 40, 6))


@pytest.mark.parametrize(
    ("figure", "ours", "bar", "verdict"),
    [
        (250, 100, ahead(2.5), "met"),
        (249, 100, ahead(2.5), "missed"),
        (100, 114, within(1.15), "met"),
        (100, 116, within(1.15), "missed"),
        (300, 10, at_most(300), "met"),
        (301, 10, at_most(300), "missed"),
        (1, 100, None, ""),
    ],
)
def test_a_bar_is_met_or_missed(figure, ours, bar, verdict):
    assert Row("scans", "somebody", figure, ours, bar).verdict == verdict


def test_tables_name_what_is_missed():
    rows = rows_of(
        "scans", {"ours": 100.0, "quick": 50.0, "slow": 900.0}, "ours", {"quick": ahead(2), "slow": ahead(2)}
    )
    assert [row.verdict for row in rows] == ["", "missed", "met"]
    text, page = as_text(rows), as_markdown([Run("scans", 7, 0.5, rows)])
    assert text.count("missed") == 1
    assert "| quick | 50.0 ms | 0.50 | ≥ 2 times ours | missed |" in page
    assert "1 of 2 bars are met" in page
    assert "- scans: quick: 50.0 ms, 0.50 times ours; wanted ≥ 2 times ours" in page


@pytest.mark.usefixtures("small")
def test_the_last_run_of_each_is_kept():
    assert last("nifti") is None
    for figure in (1.0, 2.0):
        run = Run("nifti", 5, None, [Row("w", "c", figure, 2.0, ahead(1.5))])
        keep(run)
        assert last("nifti") == run


def test_a_contender_that_does_not_read_is_found_out():
    checked_medians_ms({"honest": TRUTH.copy, "raw bytes": lambda: np.zeros(200, np.uint8)}, TRUTH, 1)
    for read in (lambda: TRUTH + 1, lambda: TRUTH.T, lambda: TRUTH[:, :, ::-1], lambda: np.zeros(10, np.uint8)):
        with pytest.raises(AssertionError, match="cheat reads other voxels"):
            checked_medians_ms({"honest": TRUTH.copy, "cheat": read}, TRUTH, 1)


def test_each_contender_has_its_turn_in_every_round_and_the_first_does_not_count():
    turns = []

    def turn(name: str, first_ms: float) -> None:
        if name not in turns:
            time.sleep(first_ms / 1000)
        turns.append(name)

    medians = medians_ms({"a": lambda: turn("a", 200), "b": lambda: turn("b", 0)}, rounds=3)
    assert turns == ["a", "b"] * 4
    assert medians["a"] < 100


def test_heads_are_as_hard_to_compress_as_scans():
    for dtype, least, most in (("int16", 1.7, 2.1), ("float32", 1.08, 1.2)):
        voxels = scans.head((160, 150, 12), dtype)
        data = voxels.tobytes(order="F")
        assert least < len(data) / len(zlib.compress(data, 6)) < most
        assert 0 <= voxels.min() < 100
        assert 1000 < voxels.max() <= 4095


@pytest.mark.parametrize("regime", ["fresh", "kept"])
def test_a_regime_is_an_environment_of_a_process_of_its_own(monkeypatch, regime):
    seen = {}

    def run(command, env, **_):
        seen.update(command=command, kept="MALLOC_MMAP_MAX_" in env)
        return type("Done", (), {"stdout": b'chatter\n[{"what": "w", "contender": "c", "figure": 1, "ours": 2}]\n'})

    monkeypatch.setattr(regimes.subprocess, "run", run)
    (row,) = regimes.in_each_regime("nifti", 5, (regimes.FRESH if regime == "fresh" else regimes.KEPT,))
    assert row == Row("w", "c", 1, 2)
    assert seen["command"][-2:] == ["nifti", "5"]
    assert seen["kept"] == (regime == "kept")


@pytest.mark.usefixtures("small")
def test_nifti_contenders_all_read_the_same(monkeypatch):
    monkeypatch.setattr(nifti, "SCANS", {"small": ((30, 28, 6), "int16", {nifti.ITK: ahead(1)})})
    rows = nifti.measure(1)
    assert {row.contender for row in rows} >= {nifti.OURS, nifti.NIBABEL, nifti.FLOAT64, nifti.ITK, nifti.INFLATE}
    plain, packed = nifti.files("small")
    assert plain.parent != packed.parent, "ITK reads x.nii when asked for x.nii.gz beside it"


@pytest.mark.usefixtures("small")
def test_dicom_contenders_all_read_the_same(monkeypatch):
    few = {name: (syntax, 3, *rest) for name, (syntax, _, *rest) in compressed.SYNTAXES.items()}
    monkeypatch.setattr(compressed, "SYNTAXES", few)
    rows = [*dicom.measure(1), *compressed.measure(1)]
    tables = {row.what for row in rows}
    assert len(tables) == 7
    assert all(row.figure > 0 for row in rows)
    names = [file.name for file in sorted(dicom_files.series("series").iterdir())]
    assert len(names) == 6
