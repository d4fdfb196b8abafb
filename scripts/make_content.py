"""Compute the synthetic stand-in and its lesson anew: python scripts/make_content.py."""

# ruff: noqa: E501 - paragraphs of an article are one line each

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.formats.lesson_folder import new_lesson_files
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.samples.phantom import stand_in_annotations, stand_in_volume

if TYPE_CHECKING:
    from pathlib import Path

WHEN = datetime(2026, 11, 23, tzinfo=UTC)
NOTICE = "SYNTHETIC: this volume was computed. It is not an image of a person."
ARTICLE = """\
# A synthetic stand-in

**This picture was computed. It is not an image of a person.** It is shown because no public head could be had here: there was no network, and none was installed. **For teaching, not for diagnosis.**

## What it shows

The facial nerve meets the brainstem at the outer end of the groove between pons and medulla. From there it crosses the dark fluid to the porus, the mouth of the internal auditory canal.

The basilar artery climbs in front of the pons. On the left a loop of an artery comes down to the nerve and turns back, as in a hairpin. On the right there is none.

## What it does not show

Real nerves are not as plain. A loop beside the nerve is common in people without any symptoms, so a loop alone proves nothing.
"""
QUOTES = {
    "facial-nerve-root": "The facial nerve meets the brainstem at the outer end of the groove between pons and medulla.",
    "facial-nerve": "From there it crosses the dark fluid",
    "internal-acoustic-meatus": "the porus, the mouth of the internal auditory canal",
    "basilar-artery": "The basilar artery climbs in front of the pons.",
    "aica": "a loop of an artery comes down to the nerve and turns back, as in a hairpin",
}


def main() -> None:
    """Write the volume, then the lesson that is bound to it."""
    volume_file = content_folder("sample_data") / "synthetic" / "stand_in.nii.gz"
    write_nifti(stand_in_volume(), volume_file)
    fingerprint = read_volumes(volume_file)[0].fingerprint
    annotations = []
    for number, mark in enumerate(stand_in_annotations()):
        quote = QUOTES[mark.structure or ""]
        start = ARTICLE.index(quote)
        annotations.append(
            replace(
                mark,
                id=uuid5(NAMESPACE_URL, f"napari-vascular-loop/synthetic-stand-in/{number}").urn,
                author="The napari-vascular-loop developers",
                created=WHEN,
                modified=WHEN,
                passages=(passage_at(ARTICLE, start, start + len(quote)),),
            )
        )
    lesson = Lesson(
        id="synthetic-stand-in",
        title="SYNTHETIC stand-in: the root of the facial nerve, computed",
        authors=("The napari-vascular-loop developers",),
        licence="CC-BY-4.0",
        credit="napari-vascular-loop, computed",
        notice=NOTICE,
        article=ARTICLE,
        annotations=tuple(annotations),
        volumes=(
            LessonVolume(
                id="stand-in",
                title="SYNTHETIC stand-in",
                catalogue_id="synthetic-stand-in",
                fingerprints=(fingerprint,),
                window=(0.0, 190.0),
                licence="BSD-3-Clause",
                credit="napari-vascular-loop, computed",
                synthetic=True,
            ),
        ),
    )
    write(content_folder("annotations") / "synthetic-stand-in", lesson)


def write(folder: Path, lesson: Lesson) -> None:
    """Write the files of a lesson."""
    folder.mkdir(exist_ok=True)
    for name, data in new_lesson_files(lesson).items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
