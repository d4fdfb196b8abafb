"""Lessons: what belongs together, and which volume the marks were made on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_vascular_loop.anchoring import found_passages
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.article import Passage, passage_at
from napari_vascular_loop.domain.errors import LessonError, WrongVolumeError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.volume import Volume

if TYPE_CHECKING:
    from napari_vascular_loop.domain.fingerprint import Fingerprint

ARTICLE = "First the pons. Then the nerve. Last the loop."
TOF = LessonVolume("tof", "Time of flight", file="volumes/tof.nii.gz")


def mark(label: str, *passages: Passage, volume_id: str = "tof") -> Annotation:
    return Annotation(Point((1, 2, 3)), volume_id, label, passages=passages)


def words(text: str) -> Passage:
    start = ARTICLE.index(text)
    return passage_at(ARTICLE, start, start + len(text))


def print_of(seed: int, shift_mm: float = 0, shape: tuple[int, int, int] = (4, 5, 6)) -> Fingerprint:
    voxels = np.random.default_rng(seed).integers(0, 100, size=shape).astype(np.int16)
    matrix = np.eye(4)
    matrix[0, 3] = shift_mm
    return Volume(voxels, matrix).fingerprint


def test_two_volumes_or_marks_of_the_same_id_are_refused():
    one = mark("one")
    with pytest.raises(LessonError, match=r"two volumes .*'tof'"):
        Lesson("Loop", (TOF, TOF))
    with pytest.raises(LessonError, match=rf"two annotations .*{one.id}"):
        Lesson("Loop", (TOF,), annotations=(one, mark("two"), replace(one, label="three")))


def test_asking_for_what_is_not_there_names_what_is_wanted():
    lesson = Lesson("Loop", (TOF,), annotations=(mark("one"),))
    assert lesson.volume("tof") is TOF
    assert lesson.annotation(lesson.annotations[0].id).label == "one"
    with pytest.raises(LessonError, match=r"no volume 'ciss'; it has 'tof'"):
        lesson.volume("ciss")
    with pytest.raises(LessonError, match="no annotation 'urn:x'"):
        lesson.annotation("urn:x")


def test_links_come_in_reading_order_and_orphans_last():
    gone = Passage("words that were deleted", start=0, end=5)
    lesson = Lesson(
        "Loop",
        (TOF,),
        ARTICLE,
        (mark("loop", words("loop"), gone), mark("pons", words("pons")), mark("nerve", words("the nerve"))),
    )
    assert [found.passage.exact for found in found_passages(lesson)] == ["pons", "the nerve", "loop", gone.exact]
    assert [found.is_orphan for found in found_passages(lesson)] == [False, False, False, True]
    assert [lesson.annotation(found.annotation_id).label for found in found_passages(lesson)] == [
        "pons",
        "nerve",
        "loop",
        "loop",
    ]


def test_a_passage_is_found_anew_in_a_changed_article():
    lesson = Lesson("Loop", (TOF,), ARTICLE, (mark("loop", words("loop")),))
    (found,) = found_passages(replace(lesson, article=f"A new title.\n\n{ARTICLE}"))
    assert found.span is not None
    assert found.span.start == ARTICLE.index("loop") + 14


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ((), "is known"),
        ((print_of(1),), None),
        ((print_of(2), print_of(1)), None),
        ((replace(print_of(1), voxels_sha256=None),), None),
        ((print_of(2),), "its voxels are not the same"),
        ((print_of(1, 3),), "it lies up to 3.00 mm away"),
        ((print_of(2, 3), print_of(1, 2)), "it lies up to 2.00 mm away"),
        ((print_of(1, shape=(4, 5, 7)),), "it has 4 x 5 x 6 voxels, not 4 x 5 x 7"),
    ],
)
def test_only_the_volume_of_the_marks_is_accepted(wanted, said):
    volume = replace(TOF, fingerprints=wanted)
    if said is None:
        volume.check(print_of(1))
        return
    with pytest.raises(WrongVolumeError, match=rf"Time of flight.*{said}.*[Nn]o mark is shown"):
        volume.check(print_of(1))
