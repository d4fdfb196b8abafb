"""What is said of a lesson before it begins."""

from __future__ import annotations

import pytest

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.lesson_about import credits_of, time_and_audience


@pytest.mark.parametrize(
    ("minutes", "audience", "said"),
    [
        (40, "for first-year students.", "About 40 minutes, for first-year students"),
        (1, "", "About 1 minute"),
        (90, "", "About 1 hour 30 minutes"),
        (120, "for all", "About 2 hours, for all"),
        (None, "for all", "for all"),
        (None, " ", ""),
    ],
)
def test_time_and_audience(minutes, audience, said):
    assert time_and_audience(Lesson("The loop", (), minutes=minutes, audience=audience)) == said


def test_a_lesson_takes_some_time():
    with pytest.raises(LessonError, match="at least one minute; got 0"):
        Lesson("The loop", (), minutes=0)


def test_credits_name_text_and_each_image_once_with_the_licence():
    volumes = (
        LessonVolume("a", credit="Someone", licence="CC BY 4.0"),
        LessonVolume("b", credit="Someone", licence="CC BY 4.0"),
        LessonVolume("c", credit="Another, CC0", licence="CC0"),
    )
    lesson = Lesson("The loop", volumes, credit="Text: A. Teacher.", licence="CC-BY-SA-4.0")
    assert credits_of(lesson) == ("Text: A. Teacher (CC-BY-SA-4.0)", "Someone (CC BY 4.0)", "Another, CC0")
    assert credits_of(Lesson("The loop", (), authors=("A", "B"))) == ("A, B",)
    assert credits_of(Lesson("The loop", ())) == ()
