"""Marks as a DICOM structured report: Comprehensive 3D SR, after template TID 1500 (PS3.16).

Each mark is a measurement group with a 3-D region (SCOORD3D, LPS mm, in the frame of reference of the images), its
finding, site and side in codes of the standard, and the rest as text. What the standard has no code for (that a line
is an arrow, the label, the passages) has one of our own scheme, which other programs keep and show.
"""

from napari_vascular_loop.formats.annotations.dicom_sr_in import decode_sr, frames_of_reference
from napari_vascular_loop.formats.annotations.dicom_sr_out import encode_sr

__all__ = ["decode_sr", "encode_sr", "frames_of_reference"]
