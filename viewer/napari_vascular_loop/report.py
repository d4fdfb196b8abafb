"""What `inspect` says of volumes, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.receipt import NOTES, lines, receipt
from napari_vascular_loop.domain.space import format_ras_mm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_vascular_loop.domain.volume import VolumeHeader
    from napari_vascular_loop.formats.volumes import Found, Stray

_MOST_ALIKE = 3


def found_as_json(found: Found) -> dict[str, Any]:
    """All that was found, as one document."""
    return {
        "volumes": [_header_as_json(volume.header) for volume in found.volumes],
        "not_volumes": [{"path": str(stray.path), "reason": stray.reason} for stray in found.strays],
    }


def describe_found(found: Found) -> str:
    """All that was found, in lines."""
    said: list[str] = []
    for volume in found.volumes:
        said.extend(_describe(volume.header))
    if found.strays:
        said.append(f"not (part of) a volume: {len(found.strays)}")
        said.extend(_strays(found.strays))
    return "\n".join(said)


def _strays(strays: Sequence[Stray]) -> list[str]:
    """A line for each; of many with the same reason the first, and how many more."""
    alike: dict[str, list[Stray]] = {}
    for stray in strays:
        alike.setdefault(stray.reason, []).append(stray)
    said = []
    for reason, some in alike.items():
        told = some if len(some) <= _MOST_ALIKE else some[:1]
        said += [f"  {stray.path}: {reason}" for stray in told]
        if len(told) < len(some):
            said.append(f"    and {len(some) - len(told)} more for the same reason")
    return said


def _header_as_json(header: VolumeHeader) -> dict[str, Any]:
    about, grid = header.provenance, header.grid
    return {
        "id": about.id,
        "format": about.format,
        "modality": about.modality,
        "description": about.description,
        "shape": list(grid.shape),
        "spacing_mm": list(grid.spacing_mm),
        "voxel_to_ras": grid.voxel_to_ras.tolist(),
        "orientation": header.orientation,
        "obliquity_deg": round(grid.obliquity_deg, 4),
        "frame_of_reference_uid": about.frame_of_reference_uid,
        "source_files": [str(path) for path in about.source_files],
        "warnings": list(about.warnings),
        "dtype": header.dtype,
        "time_points": header.time_points,
        "receipt": asdict(receipt(header)),
    }


def _describe(header: VolumeHeader) -> list[str]:
    about, grid = header.provenance, header.grid
    title = " ".join(part for part in (about.modality, about.description) if part)
    files = _files(about.source_files)
    corner = format_ras_mm(grid.ras_from_voxel((0, 0, 0)), 2)
    said = [
        f"{about.id}  {title}".rstrip(),
        f"  {about.format}, {files}",
        f"  {' x '.join(map(str, grid.shape))} voxels of {' x '.join(f'{mm:.4g}' for mm in grid.spacing_mm)} mm",
    ]
    if header.orientation is None:
        said.append("  ORIENTATION UNKNOWN: left and right can't be told")
    else:
        said.append(
            f"  axes run to {header.orientation}, oblique by {grid.obliquity_deg:.2f} degrees; first voxel at {corner}"
        )
    said.extend(f"  note: {warning}" for warning in about.warnings)
    said.append("  orientation receipt:")
    # The notes stand above already.
    said.extend(f"    {heading}: {text}" for heading, text in lines(receipt(header)) if heading != NOTES)
    return said


def _files(files: Sequence[Path | str]) -> str:
    """A pair by the names of both halves; of many files only the number."""
    if not 1 <= len(files) <= 3:
        return f"{len(files)} files"
    first, *others = files
    return ", ".join([str(first), *(str(getattr(one, "name", one)) for one in others)])
