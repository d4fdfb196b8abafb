"""What a file's header says beside the image: named, and never repeated."""

from __future__ import annotations

import nibabel
import numpy as np
from dicom_series import write_series

from napari_vascular_loop.formats.volumes.header_names import patient_tags, texts_in_header


def test_texts_of_a_nifti_header_are_named(tmp_path):
    image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.int16), np.eye(4))
    nibabel.save(image, tmp_path / "plain.nii.gz")
    assert texts_in_header(tmp_path / "plain.nii.gz") == []
    image.header["descrip"] = b"Anna Muster"
    image.header["aux_file"] = b"muster.txt"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"born 1950"))
    nibabel.save(image, tmp_path / "told.nii")
    assert texts_in_header(tmp_path / "told.nii") == ["descrip", "aux_file", "an extension"]


def test_what_is_no_header_has_none(tmp_path):
    (tmp_path / "broken.nii").write_bytes(b"\0" * 500)
    (tmp_path / "cut.nii.gz").write_bytes(b"\x1f\x8b\x08")
    (tmp_path / "other.txt").write_text("PatientName", "utf-8")
    for name in ("broken.nii", "cut.nii.gz", "other.txt", "missing.nii"):
        assert texts_in_header(tmp_path / name) == []
        assert patient_tags(tmp_path / name) == []


def test_tags_about_a_patient_are_named(tmp_path):
    write_series(tmp_path / "series", np.zeros((4, 5, 3), np.int16), np.eye(4))
    tags = patient_tags(tmp_path / "series")
    assert "PatientName" in tags
    assert not any(" " in tag or "^" in tag for tag in tags), "names of tags, not what they say"
