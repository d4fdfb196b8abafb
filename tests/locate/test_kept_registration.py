"""How a scan lies over the atlas stays with the lesson, as the very numbers; one undo takes it back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conftest import rotation
from gestures import Memory
from rooms import head_volume

from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.errors import GeometryError, LessonError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.registration import Registration
from napari_vascular_loop.formats import lesson_json
from napari_vascular_loop.formats.registration_json import decode_registration, encode_registration
from napari_vascular_loop.store import LessonStore

TURNED = np.eye(4)
TURNED[:3, :3] = 0.93 * rotation(7, -12, 4)
TURNED[:3, 3] = (3.25, -41.125, 17.0)


def registration(**values):
    other = TURNED.copy()
    other[0, 3] += 0.1
    return Registration(
        **{
            "scan_to_atlas": TURNED,
            "fossa_to_atlas": TURNED @ np.diag((1.0, 1.0, 1.0, 1.0)),
            "other_to_atlas": other,
            "likeness": 0.8123456789012345,
            "rival_likeness": 0.31,
            "random_likeness": 0.2,
            "covered": 0.9,
            "has_fossa": True,
            **values,
        }
    )


def kept_lesson():
    entry = LessonVolume("head", file="head.nii.gz", fingerprints=(head_volume().fingerprint,))
    return LessonStore(Lesson("Lesson", (entry,), "", (Annotation(Point((1.0, 2.0, 3.0)), "head", "here"),)), Memory())


def test_its_axes_are_those_of_the_head_and_its_midline_halves_it():
    made = registration()
    in_scan = np.linalg.inv(TURNED)
    for axis in range(3):
        direction = in_scan[:3, axis] / np.linalg.norm(in_scan[:3, axis])
        assert made.axes_ras[axis] == pytest.approx(direction, abs=1e-9)
    right, left = (in_scan[:3, :3] @ (20 * sign, -34, -42) + in_scan[:3, 3] for sign in (1, -1))
    assert made.midline.mirrored(right) == pytest.approx(left, abs=1e-9)
    assert registration(fossa_to_atlas=np.diag((0.8, 0.8, 0.8, 1))).turned_deg == pytest.approx(0, abs=1e-6)
    assert made.turned_deg == pytest.approx(14.2, abs=0.5)


@pytest.mark.parametrize("matrix", [np.diag((-1.0, 1, 1, 1)), np.zeros((4, 4)), np.eye(3), np.full((4, 4), np.nan)])
def test_a_matrix_that_mirrors_or_flattens_a_head_is_refused(matrix):
    with pytest.raises(GeometryError, match="three matrices of 4x4"):
        registration(scan_to_atlas=matrix)


def test_it_is_read_as_the_very_numbers_that_were_written():
    made = registration()
    assert decode_registration(encode_registration(made)) == made
    assert decode_registration(encode_registration(made)) != registration(covered=0.91)
    for damaged in (b"", b"[]", b'{"atlas": "colin27"}'):
        with pytest.raises(LessonError, match="no registration"):
            decode_registration(damaged)


def test_a_lesson_keeps_it_and_one_undo_takes_it_back():
    store = kept_lesson()
    plain = lesson_json.encode(store.lesson)
    store.keep_registration("head", registration())
    store.keep_registration("head", registration())
    assert store.undo_title == "lay over the atlas"
    written = lesson_json.encode(store.lesson)
    assert lesson_json.decode(written).volume("head").registration == registration()
    assert store.undo()
    assert store.undo_title is None, "the same once more is no edit"
    assert lesson_json.encode(store.lesson) == plain
    with pytest.raises(LessonError, match="no volume 'other'"):
        store.keep_registration("other", registration())


def test_a_lesson_whose_registration_is_damaged_says_where():
    store = kept_lesson()
    store.keep_registration("head", registration())
    document = json.loads(lesson_json.encode(store.lesson))
    entry = document["volumes"][0]["registration"]
    for damage, said in (
        ({"scanToAtlas": [[-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]}, "registration: .*don't mirror"),
        ({"covered": "much"}, r"volumes\[0\].registration.covered"),
    ):
        document["volumes"][0]["registration"] = {**entry, **damage}
        with pytest.raises(LessonError, match=said):
            lesson_json.decode(json.dumps(document).encode())
    document["volumes"][0]["registration"] = None
    assert lesson_json.decode(json.dumps(document).encode()).volume("head").registration is None
