"""The site of a library of 200 lessons: made by one process and by two, cost for each lesson, and nothing to do.

Each lesson has a volume of its own, 128 x 128 x 96 voxels of 0.6 mm, of noise (which packs badly), an article and five
marks. One process makes the pages itself; two are Dask's workers, whose start is counted, as are the files of the
search, which one process makes in any case. Time for the index of the library is not in it: it was made before.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import nibabel
import numpy as np

from benchmarks import scans
from benchmarks.library import lesson_of
from benchmarks.row import Row, at_most, times
from napari_vascular_loop.domain.lesson import LessonVolume
from napari_vascular_loop.formats.lesson_folder import new_lesson_files
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.library.library import Library
from napari_vascular_loop.library.places import LIBRARIES_VARIABLE
from napari_vascular_loop.library_site import make_site

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.fingerprint import Fingerprint

MANY, FEW = 200, 50
ONE, TWO = "one process (ours)", "two workers (ours)"
EACH_FEW, EACH_MANY = f"of {FEW} lessons, for each (ours)", f"of {MANY} lessons, for each (ours)"
NOTHING = "again, nothing has changed"
_SHAPE, _SPACING_MM = (128, 128, 96), 0.6


def run(rounds: int) -> list[Row]:
    os.environ[LIBRARIES_VARIABLE] = str(scans.FOLDER / "libraries")
    many, few = _shelf(MANY), _shelf(FEW)
    rounds = min(rounds, 3)
    measured: list[dict[str, float]] = []
    for _ in range(rounds):
        one = {ONE: _made_s(many, 1), TWO: _made_s(many, 2), EACH_FEW: _made_s(few, 1) / FEW}
        one[NOTHING] = _made_s(many, 1, anew=False)
        measured.append(one)
    s = {key: statistics.median(each[key] for each in measured) for key in measured[0]}
    each = {EACH_FEW: s[EACH_FEW], EACH_MANY: s[ONE] / MANY}
    what, cost = f"the site of {MANY} lessons", "the site's cost for each lesson, by one process"
    return [
        Row(what, ONE, s[ONE] * 1000, s[ONE] * 1000),
        Row(what, TWO, s[TWO] * 1000, s[ONE] * 1000, times(0.75, "one process")),
        Row(what, f"{NOTHING} (ours)", s[NOTHING] * 1000, s[ONE] * 1000, at_most(2000)),
        Row(cost, EACH_FEW, each[EACH_FEW] * 1000, each[EACH_FEW] * 1000),
        Row(cost, EACH_MANY, each[EACH_MANY] * 1000, each[EACH_FEW] * 1000, times(1.15, f"that of {FEW}")),
    ]


def _made_s(root: Path, workers: int, anew: bool = True) -> float:
    library, out = Library(str(root)), scans.FOLDER / f"site-of-{root.name}"
    with library.open_index() as index:
        library.update(index, lambda _done: None)
    if anew:
        shutil.rmtree(out, ignore_errors=True)
    began = time.perf_counter()
    site = make_site(library, out, workers=workers)
    took = time.perf_counter() - began
    assert site.made == (site.lessons if anew else 0), site
    assert not site.problems, site.problems
    return took


def _shelf(count: int) -> Path:
    """A folder of so many lessons, each with a volume; made once."""
    root: Path = scans.FOLDER / f"library-with-volumes-{count}-2"
    if not (root / f"{count - 1:05}" / "lesson.json").is_file():
        for number in range(count):
            folder = root / f"{number:05}"
            (folder / "volumes").mkdir(parents=True, exist_ok=True)
            there = (_put_volume(folder, number),)
            entry = LessonVolume("head", "A head", file="volumes/head.nii.gz", fingerprints=there)
            lesson = replace(lesson_of(number), volumes=(entry,))
            for name, data in reversed(new_lesson_files(lesson).items()):
                (folder / name).write_bytes(data)
    return root


def _put_volume(folder: Path, number: int) -> Fingerprint:
    voxels = np.random.default_rng(number).integers(0, 60, _SHAPE, dtype=np.int16) * np.int16(15)
    image = nibabel.Nifti1Image(voxels, np.diag((-_SPACING_MM, _SPACING_MM, _SPACING_MM, 1.0)))
    image.set_sform(image.affine, 1)
    path = folder / "volumes" / "head.nii.gz"
    nibabel.save(image, path)
    return read_volumes(path)[0].fingerprint
