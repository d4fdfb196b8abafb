"""The marks of the lesson on the synthetic head: each is made from what its voxels were computed from."""

# ruff: noqa: E501 - notes are one line each

from __future__ import annotations

import numpy as np

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Side
from napari_vascular_loop.domain.mark_view import MarkView
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.samples.cpa_anatomy import DEVIATED_MM, Anatomy, Compression, Tube
from napari_vascular_loop.samples.cpa_truth import GRADES, contact_ras_mm, rounded, scanned, thinned

LEFT, RIGHT, MIDDLE = Side.LEFT, Side.RIGHT, Side.MIDLINE
LETTERS = {LEFT: "L", RIGHT: "R"}
NEAR = MarkView(plane=Plane.AXIAL, field_of_view_mm=34.0)
WIDE = MarkView(plane=Plane.AXIAL, field_of_view_mm=70.0)
PATH_STEP_MM = 0.7

NOTES = {
    Compression.CONTACT: "The loop touches the nerve; neither gives way. Wall to wall 0.00 mm, middle to middle 1.15 mm: half the 1.2 mm of the nerve and half the 1.1 mm of the artery.",
    Compression.INDENTATION: "The loop lies 0.40 mm deep in the nerve. Middle to middle 0.75 mm instead of 1.15 mm. The nerve gives way by 0.3 mm.",
    Compression.DEVIATION: "The loop touches the nerve where it is free already and pushes it 2.2 mm off its straight course. Wall to wall 0.00 mm.",
}


def marks_of_the_lesson() -> dict[str, Annotation]:
    """Give all marks by the names that the article's passages are tied to, in the order in which they are taught."""
    marks: dict[str, Annotation] = {}
    for compression in Compression:
        anatomy = Anatomy(compression)
        marks |= _ciss(compression, anatomy)
        marks |= _tof(compression, anatomy)
    return marks


def _ciss(compression: Compression, anatomy: Anatomy) -> dict[str, Annotation]:
    grade, volume = compression.value, f"{compression.value}-ciss"
    found = anatomy.contact(LEFT)
    tip = contact_ras_mm(found, anatomy.facial[LEFT].radius_mm)
    name = {"contact": "Contact (L)", "indentation": "Indentation (L)", "deviation": "Deviation (L)"}[grade]
    marks = {
        f"{grade} arrow": Annotation(
            _arrow(tip), volume, name, NOTES[compression], "aica", LEFT, GRADES[compression], view=NEAR
        ),
        f"{grade} nerve L": _path(anatomy.facial[LEFT], volume, "Facial nerve (L)", NOTES_OF_NERVES[grade]),
        f"{grade} aica L": _path(
            anatomy.aica[LEFT],
            volume,
            "AICA (L)",
            "From the basilar artery to the nerve, round in a hairpin, and on to the cerebellum.",
        ),
        f"{grade} ruler R": _ruler_right(anatomy, volume),
    }
    if compression is Compression.CONTACT:
        marks |= _landmarks(anatomy, volume)
    if compression is Compression.DEVIATION:
        marks["deviation nerve R"] = _path(
            anatomy.facial[RIGHT], volume, "Facial nerve (R)", "The control: nothing meets it, and it runs straight."
        )
        marks["deviation ruler L"] = _ruler_off_course(anatomy, volume)
    return marks


NOTES_OF_NERVES = {
    "contact": "It clings to the pons, then crosses the fluid to the canal. The loop touches it 5 mm from the sulcus, on the attached part.",
    "indentation": "The same course; 5 mm from the sulcus the loop makes a dent in it.",
    "deviation": "14 mm from the sulcus, where it is free, it bows backwards and up round the loop.",
}


def _landmarks(anatomy: Anatomy, volume: str) -> dict[str, Annotation]:
    marks = {
        "nerve R": _path(
            anatomy.facial[RIGHT],
            volume,
            "Facial nerve (R)",
            "The control side: the same course as on the left, with no vessel against it.",
        ),
        "aica R": _path(
            anatomy.aica[RIGHT],
            volume,
            "AICA (R)",
            "It passes below the nerve, more than 4 mm from it, and makes no loop there.",
        ),
        "basilar": _path(
            _tube(anatomy, "basilar-artery", MIDDLE), volume, "Basilar artery", "3.3 mm thick, in front of the pons."
        ),
    }
    for side in (LEFT, RIGHT):
        letter = LETTERS[side]
        line = anatomy.facial[side].line_ras_mm
        porus = line[int(np.argmin(np.abs(np.abs(line[:, 0]) - 33.0)))]
        marks[f"eighth {letter}"] = _path(
            _tube(anatomy, "vestibulocochlear-nerve", side),
            volume,
            f"Vestibulocochlear nerve ({letter})",
            "Nearly twice as thick as the facial nerve, and behind it.",
        )
        marks[f"sulcus {letter}"] = Annotation(
            Point(rounded(line[0])),
            volume,
            f"Sulcus ({letter})",
            "The outer end of the groove between pons and medulla: here the nerve comes out.",
            "pontomedullary-sulcus",
            side,
            view=NEAR,
        )
        marks[f"porus {letter}"] = Annotation(
            Point(rounded(porus)),
            volume,
            f"Porus ({letter})",
            "The mouth of the canal, in bone that is black.",
            "internal-acoustic-meatus",
            side,
            view=WIDE,
        )
    return marks


def _tof(compression: Compression, anatomy: Anatomy) -> dict[str, Annotation]:
    grade, volume = compression.value, f"{compression.value}-tof"
    loop = np.array(anatomy.contact(LEFT).on_second_ras_mm)
    marks = {
        f"{grade} tof": Annotation(
            _arrow(loop),
            volume,
            "Loop of AICA (L)",
            "Bright, since blood flows in it. It lies at the same place as the dark loop of the CISS image; the nerve beside it can hardly be seen.",
            "aica",
            LEFT,
            view=NEAR,
        )
    }
    if compression is Compression.CONTACT:
        for side in (LEFT, RIGHT):
            marks[f"vertebral {LETTERS[side]}"] = _path(
                _tube(anatomy, "vertebral-artery", side),
                volume,
                f"Vertebral artery ({LETTERS[side]})",
                "3.0 mm thick. The two join to make the basilar artery.",
            )
        marks["basilar tof"] = _path(
            _tube(anatomy, "basilar-artery", MIDDLE), volume, "Basilar artery", "The brightest vessel of the image."
        )
    return marks


def _ruler_right(anatomy: Anatomy, volume: str) -> Annotation:
    found = anatomy.contact(RIGHT)
    first, second = np.array(found.on_first_ras_mm), np.array(found.on_second_ras_mm)
    ahead = (second - first) / found.between_lines_mm
    ends = (first + 0.6 * ahead, second - 0.55 * ahead)
    note = (
        f"Wall to wall {found.between_walls_mm:.2f} mm, middle to middle {found.between_lines_mm:.2f} mm, "
        "where nerve and artery come closest."
    )
    view = MarkView(plane=Plane.CORONAL, field_of_view_mm=34.0)
    ruler = Path((rounded(ends[0]), rounded(ends[1])))
    return Annotation(ruler, volume, "Nerve to AICA (R)", note, "facial-nerve", RIGHT, view=view)


def _ruler_off_course(anatomy: Anatomy, volume: str) -> Annotation:
    straight, bent = anatomy.straight_facial(LEFT), anatomy.facial[LEFT].line_ras_mm
    off = np.array([np.linalg.norm(straight - place, axis=1).min() for place in bent])
    furthest = bent[int(np.argmax(off))]
    before = straight[int(np.argmin(np.linalg.norm(straight - furthest, axis=1)))]
    note = f"From the straight course, as on the right, to where the nerve lies: {off.max():.1f} mm of the {DEVIATED_MM} mm that it was pushed."
    ruler = Path((rounded(before), rounded(furthest)))
    return Annotation(ruler, volume, "Off course (L)", note, "facial-nerve", LEFT, view=NEAR)


def _arrow(tip: np.ndarray | tuple[float, float, float]) -> Arrow:
    """An arrow in the axial plane, from the fluid in front and at the side of the tip."""
    x, y, z = rounded(tip)
    return Arrow((round(x - 7.0, 3), round(y + 8.0, 3), z), (x, y, z))


def _path(tube: Tube, volume: str, label: str, note: str) -> Annotation:
    line = Path(tuple(map(rounded, thinned(scanned(tube.line_ras_mm), PATH_STEP_MM))))
    return Annotation(line, volume, label, note, tube.name, tube.side, view=WIDE)


def _tube(anatomy: Anatomy, name: str, side: Side) -> Tube:
    return next(tube for tube in anatomy.tubes if tube.name == name and tube.side is side)
