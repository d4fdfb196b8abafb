"""How a scan lies over the atlas, as JSON: in lesson.json, in the cache, and between processes."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np

from napari_vascular_loop.domain.errors import GeometryError, LessonError
from napari_vascular_loop.domain.registration import Registration
from napari_vascular_loop.formats.json_text import Matrix


class RegistrationEntry(msgspec.Struct, rename="camel"):
    """The entry as it is written."""

    atlas: Annotated[str, msgspec.Meta(min_length=1)]
    scan_to_atlas: Matrix
    fossa_to_atlas: Matrix
    other_to_atlas: Matrix
    likeness: float
    rival_likeness: float
    random_likeness: float
    covered: float
    has_fossa: bool


def registration_of(entry: RegistrationEntry, where: str) -> Registration:
    """Read an entry.

    Raises
    ------
    LessonError
        Naming the place, if a matrix can't be one.
    """
    try:
        return Registration(
            np.array(entry.scan_to_atlas, dtype=np.float64),
            np.array(entry.fossa_to_atlas, dtype=np.float64),
            np.array(entry.other_to_atlas, dtype=np.float64),
            entry.likeness,
            entry.rival_likeness,
            entry.random_likeness,
            entry.covered,
            entry.has_fossa,
            entry.atlas,
        )
    except GeometryError as error:
        raise LessonError(f"{where}: {error}") from error


def registration_entry(registration: Registration) -> dict[str, Any]:
    """Write a registration; it is read as the very same numbers."""
    return {
        "atlas": registration.atlas_id,
        "scanToAtlas": registration.scan_to_atlas.tolist(),
        "fossaToAtlas": registration.fossa_to_atlas.tolist(),
        "otherToAtlas": registration.other_to_atlas.tolist(),
        "likeness": registration.likeness,
        "rivalLikeness": registration.rival_likeness,
        "randomLikeness": registration.random_likeness,
        "covered": registration.covered,
        "hasFossa": registration.has_fossa,
    }


def decode_registration(data: bytes | str) -> Registration:
    """Read what was written by `encode_registration`.

    Raises
    ------
    LessonError
        If it is something else.
    """
    try:
        return registration_of(msgspec.json.decode(data, type=RegistrationEntry), "registration")
    except msgspec.MsgspecError as error:
        raise LessonError(f"this is no registration: {error}") from error


def encode_registration(registration: Registration) -> bytes:
    """Write a registration as a document of its own, in one line."""
    return msgspec.json.encode(registration_entry(registration))
