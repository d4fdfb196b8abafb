"""Annotations as 3D Slicer's markups (.mrk.json).

Slicer's reader and writer are vtkMRMLMarkupsJsonStorageNode; the schema is markups-schema-v1.0.3.json in Slicer's
repository. An arrow is a Line from tail to tip, a path a Curve, a region a ClosedCurve; points are a point list.
Positions are LPS mm in the file, and RAS mm everywhere else.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.annotations.carried import description, record_of
from napari_vascular_loop.formats.annotations.control_points import (
    ControlPoint,
    Found,
    annotation_of,
    annotations_of_list,
    in_order,
    lps_mm,
    ras_mm,
)
from napari_vascular_loop.formats.annotations.loss import Loss
from napari_vascular_loop.formats.json_text import render, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_vascular_loop.domain.annotation import Annotation

# The oldest version has all that is written here, and every Slicer since 4.11 takes it.
SCHEMA = "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.0.json#"
MAX_BYTES = 256 * 1024 * 1024

_TYPES = {"arrow": "Line", "path": "Curve", "region": "ClosedCurve"}
_KINDS = {slicer: kind for kind, slicer in _TYPES.items()}
_MM_PER_UNIT = {"mm": 1.0, "um": 0.001, "cm": 10.0, "m": 1000.0}

_NO_HEAD = "the heads of arrows: in Slicer an arrow is a line, from its tail to its tip"
_DOTTED = "that texts have no point: Slicer draws one beside the words"
_SMOOTH = "straight edges: Slicer draws a smooth curve through the vertices, until its Curve Type is set to Linear"


class _ControlPoint(msgspec.Struct):
    label: str | float | None = ""
    description: str | float | None = ""
    position: list[float | None] | str | None = None
    positionStatus: str = "defined"  # noqa: N815 - the file's own spelling
    visibility: bool = True
    locked: bool = False


class _Measurement(msgspec.Struct):
    name: str = ""
    enabled: bool = True


class _Markup(msgspec.Struct):
    type: str
    name: str = ""
    coordinateSystem: str = "LPS"  # noqa: N815
    coordinateUnits: str | list[str] = "mm"  # noqa: N815
    labelFormat: str = ""  # noqa: N815
    controlPoints: list[_ControlPoint] = msgspec.field(default_factory=list)  # noqa: N815
    measurements: list[_Measurement] = msgspec.field(default_factory=list)
    display: Any = None


def encode(annotations: Sequence[Annotation]) -> tuple[bytes, tuple[Loss, ...]]:
    """Write markups; lost is what Slicer shows differently, and what it has no field for is carried in descriptions."""
    markups: list[dict[str, Any]] = []
    # Slicer makes a node of every markup, with a row in its tree and a file of its own when it saves. Points are many,
    # and Slicer's users keep them as the rows of one list; a line or curve can't be but a markup of its own.
    listed: list[dict[str, Any]] = []
    for order, annotation in enumerate(annotations):
        points = _control_points(annotation, order)
        kind = annotation.geometry.kind
        if kind in ("point", "text"):
            if not listed:
                markups.append(_markup("Fiducial", "Points", listed))
            listed.extend(points)
        else:
            markups.append(_markup(_TYPES[kind], _as_shown(annotation.title), points))
    for number, point in enumerate(listed, start=1):
        point["id"] = str(number)
    kinds = {annotation.geometry.kind for annotation in annotations}
    losses = [Loss(_NO_HEAD)] if "arrow" in kinds else []
    losses += [Loss(_DOTTED)] if "text" in kinds else []
    losses += [Loss(_SMOOTH)] if kinds & {"path", "region"} else []
    return render({"@schema": SCHEMA, "markups": markups}), tuple(losses)


def decode(data: bytes, name: str, volume_id: str) -> tuple[tuple[Annotation, ...], tuple[Loss, ...]]:
    """Read markups.

    Raises
    ------
    LessonError
        Naming the markup, the member and the value that is wrong.
    """
    markups = _document(data, name)
    found: list[Found] = []
    losses: list[Loss] = []
    for number, raw in enumerate(markups):
        where = f"{name}: markups[{number}]"
        markup = typed(raw, _Markup, where)
        if markup.type != "Fiducial" and markup.type not in _KINDS:
            losses.append(Loss(f"a markup of the type {shown(markup.type)}: there is no such mark", "", markup.name))
            continue
        points = _defined(markup, where, losses)
        losses.extend(_of_markup(markup))
        if markup.type == "Fiducial":
            some, said = annotations_of_list(points, volume_id, _as_shown)
            found.extend(some)
        elif points:
            one, said = annotation_of(_KINDS[markup.type], points, volume_id, _name(markup), _as_shown)
            found.append(one)
        else:
            said = [Loss(f"a markup of the type {markup.type} that has no defined point", "", markup.name)]
        losses.extend(said)
    return in_order(found), tuple(losses)


def is_markups(data: bytes) -> bool:
    """Whether a JSON file holds Slicer's markups, whatever it is called."""
    try:
        _document(data, "")
    except LessonError:
        return False
    return True


def _as_shown(text: str) -> str:
    # Slicer's strings end at a zero byte.
    return text.replace("\0", "?")


def _markup(slicer_type: str, name: str, points: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": slicer_type,
        "name": name,
        "coordinateSystem": "LPS",
        "coordinateUnits": "mm",
        "locked": False,
        "labelFormat": "%N-%d",
        "controlPoints": points,
    }


def _control_points(annotation: Annotation, order: int) -> list[dict[str, Any]]:
    record = record_of(annotation, order, _as_shown)
    return [
        {
            "id": str(number),
            "label": _as_shown(annotation.label) if number == 1 else "",
            "description": description(_as_shown(annotation.note), record) if number == 1 else "",
            "associatedNodeID": "",
            "position": position,
            "selected": True,
            "locked": False,
            "visibility": True,
            # Without it, older versions of Slicer hide lines in slice views.
            "positionStatus": "defined",
        }
        for number, position in enumerate(lps_mm(annotation.geometry.vertices_ras_mm), start=1)
    ]


def _document(data: bytes, name: str) -> list[Any]:
    """Parse the file; Slicer writes measurements that are no number as NaN, which stands for "none" here."""
    if len(data) > MAX_BYTES:
        raise LessonError(f"{name}: {len(data)} bytes is more than a file of marks may hold ({MAX_BYTES})")
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=lambda _: None)
    except UnicodeDecodeError as error:
        raise LessonError(f"{name}: it is not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise LessonError(
            f"{name}: not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise LessonError(f"{name}: it is nested too deeply") from error
    except ValueError as error:
        raise LessonError(f"{name}: it holds a number of thousands of digits") from error
    markups = document.get("markups") if isinstance(document, dict) else None
    if not isinstance(markups, list):
        raise LessonError(f"{name}: it holds no list of markups, so it is not a file of Slicer's markups")
    version = re.search(r"markups-schema-v(\d+)", str(document.get("@schema", "")))
    if version and version[1] != "1":
        raise LessonError(f"{name}: its schema is version {version[1][:9]}, known is 1; save it with Slicer 5")
    return markups


def _defined(markup: _Markup, where: str, losses: list[Loss]) -> list[ControlPoint]:
    """Give the control points that have been placed."""
    system = markup.coordinateSystem
    if system not in ("LPS", "RAS"):
        raise LessonError(f"{where}.coordinateSystem should be 'LPS' or 'RAS', got {shown(system)!r}")
    unit = markup.coordinateUnits if isinstance(markup.coordinateUnits, str) else "".join(markup.coordinateUnits[:1])
    if unit not in _MM_PER_UNIT:
        raise LessonError(f"{where}.coordinateUnits should be 'mm' or 'um', got {shown(unit)!r}")
    points = []
    for number, point in enumerate(markup.controlPoints):
        place = f"{where}.controlPoints[{number}].position"
        if point.positionStatus != "defined" or not point.position:
            losses.append(Loss("a control point that was not placed", "", _text(point.label)))
            continue
        if isinstance(point.position, str) or None in point.position:
            raise LessonError(f"{place} should be three numbers, got {shown(point.position)!r}")
        values = [value for value in point.position if value is not None]
        position_ras_mm = ras_mm(values, system, _MM_PER_UNIT[unit], place)
        points.append(ControlPoint(position_ras_mm, _text(point.label), _text(point.description)))
    return points


def _of_markup(markup: _Markup) -> Iterator[Loss]:
    """Say what of a markup no annotation can hold."""
    measured = [shown(m.name) for m in markup.measurements if m.enabled and m.name]
    if measured:
        yield Loss(f"measurements: {', '.join(sorted(set(measured)))}")
    if markup.display is not None:
        yield Loss("colours, sizes and other ways of drawing")
    if any(point.locked or not point.visibility for point in markup.controlPoints):
        yield Loss("which control points were hidden or locked")


def _name(markup: _Markup) -> str:
    """Give the name of a line or curve, which Slicer itself writes only as part of the points' labels."""
    if markup.name or not markup.controlPoints:
        return markup.name
    label = _text(markup.controlPoints[0].label)
    return re.sub(r"-\d+$", "", label) if markup.labelFormat in ("", "%N-%d") else label


def _text(value: str | float | None) -> str:
    return "" if value is None else str(value)
