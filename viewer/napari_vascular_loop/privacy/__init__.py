"""What must not leave: headers made anew after the standard's profile, and a look at what people wrote.

The profile is that of DICOM PS3.15 annex E; its table comes from dicom-anonymizer.
"""

from napari_vascular_loop.privacy.folder import Deidentified, deidentify
from napari_vascular_loop.privacy.options import Dates, Options
from napari_vascular_loop.privacy.pictures import Pictures, draw_doubtful

__all__ = ["Dates", "Deidentified", "Options", "Pictures", "deidentify", "draw_doubtful"]
