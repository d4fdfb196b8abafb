"""What is told of a volume besides its voxels: the orientation receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.volume import Provenance
from napari_vascular_loop.formats.volumes.dicom.grid_image import is_grid
from napari_vascular_loop.formats.volumes.dicom.naming import modality_of
from napari_vascular_loop.formats.volumes.dicom.refusal import SECONDARY_CAPTURES, projection_of
from napari_vascular_loop.formats.volumes.found import grid_warnings

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import Grid
    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame
    from napari_vascular_loop.formats.volumes.dicom.run import Run
    from napari_vascular_loop.formats.volumes.dicom.stack import Stack


def provenance_of(run: Run, stack: Stack, grid: Grid, own_rescaling: bool) -> Provenance:
    """Gather what is known of a stack; id and description are left to who knows the other volumes."""
    first = stack.slices[0]
    frames_of_reference = {str(one.file.get("FrameOfReferenceUID", "")) for one in _one_of_each_file(stack)}
    warnings = [*stack.warnings, *grid_warnings(grid)]
    said = [*stack.said, *_kind_of_files(stack)]
    tilt_deg = first.header.get("GantryDetectorTilt")
    if isinstance(tilt_deg, int | float) and tilt_deg:
        said.append(f"Gantry/Detector Tilt {tilt_deg:g} degrees")
    if own_rescaling:
        warnings.append("each slice has its own rescaling; it has been applied")
    if any(one.file.get("PhotometricInterpretation") == "MONOCHROME1" for one in _one_of_each_file(stack)):
        warnings.append("its grey scale is inverted (MONOCHROME1): dark and bright are shown the other way round")
    if first.file.get("SOPClassUID") in SECONDARY_CAPTURES:
        warnings.append("a secondary capture: another program made these images and says where they lie")
    kind = projection_of(first.header)
    if kind:
        warnings.append(f"{kind} intensity projections of slabs: the depth of what they show is not known")
    return Provenance(
        format="dicom",
        modality=modality_of(first.header),
        orientation_known=first.plane.orientation_known,
        frame_of_reference_uid=(frames_of_reference.pop() or None) if len(frames_of_reference) == 1 else None,
        source_files=tuple(dict.fromkeys(one.path for one in stack.slices)),
        warnings=tuple(warnings),
        said=tuple(said),
        gaps=stack.gaps,
        assumed=stack.assumed,
        dropped=run.dropped,
    )


def _one_of_each_file(stack: Stack) -> list[DicomFrame]:
    return list({one.path: one for one in stack.slices}.values())


def _kind_of_files(stack: Stack) -> list[str]:
    first = stack.slices[0]
    files = len(_one_of_each_file(stack))
    of_files = "one file" if files == 1 else f"{files} files"
    if first.tile is not None:
        maker = "United Imaging grid" if is_grid(first.file) else "Siemens mosaic"
        return [f"{maker}: tiles of {first.columns} x {first.rows} pixels in {of_files}"]
    if first.header is not first.file and first.header.get("Dimensions") is not None:
        return [f"multi-frame: {len(stack.slices)} frames of {of_files}"]
    return []
