"""Headers that claim more than there is, read by a process that may take little memory more than it has."""

from __future__ import annotations

import gzip
import subprocess
import sys

import nibabel
import numpy as np
import pytest
from dicom_files import element, replaced, usual_dataset
from dicom_series import save
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, RLELossless
from test_fuzz_dicom import WRITERS

MAY_TAKE_MIB = 300
ROWS, COLUMNS, NUMBER_OF_FRAMES = 0x00280010, 0x00280011, 0x00280008

READER = """
import gc, resource, sys
from pathlib import Path
import imagecodecs, nibabel, nrrd
from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes
imagecodecs.jpeg2k_decode, imagecodecs.packbits_decode
first, *paths = map(Path, sys.argv[2:])
[one.read() for one in find_volumes(first).volumes]
pages = int(Path("/proc/self/statm").read_text().split()[0])
most = pages * resource.getpagesize() + (int(sys.argv[1]) << 20)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
for path in paths:
    try:
        for one in find_volumes(path).volumes:
            one.read()
        print(path.name, "read", sep="|")
    except VolumeReadError as error:
        print(path.name, error, sep="|")
"""


def nifti(folder, ending, kind=nibabel.Nifti2Image):
    image = kind(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4))
    data = bytearray(image.to_bytes())
    dim = image.header.template_dtype.fields["dim"]
    sides = np.array([3, 30_000, 30_000, 30_000, 1, 1, 1, 1], dim[0].base)
    data[dim[1] : dim[1] + sides.nbytes] = sides.tobytes()
    path = folder / f"{kind.__name__}{ending}"
    path.write_bytes(gzip.compress(bytes(data)) if ending.endswith("gz") else bytes(data))
    return path


def dicom(folder, name, **claims):
    WRITERS[name](folder / "whole.dcm")
    data = (folder / "whole.dcm").read_bytes()
    for tag, new in (
        (ROWS, element(0x28, 0x10, b"US", b"\x60\xea")),
        (COLUMNS, element(0x28, 0x11, b"US", b"\x60\xea")),
        (NUMBER_OF_FRAMES, element(0x28, 8, b"IS", b"2147483647")),
    ):
        if tag in claims.values() or (tag == NUMBER_OF_FRAMES and name.startswith("enhanced")):
            data = replaced(data, tag, new)
    path = folder / f"{name} {' '.join(claims)}.dcm"
    path.write_bytes(data)
    return path


def bomb(folder, syntax, stream):
    """A few bytes that claim to be an image of 60,000 x 60,000."""
    dataset = usual_dataset(Rows=60_000, Columns=60_000, PixelRepresentation=0)
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax
    path = folder / f"bomb {syntax.name}.dcm"
    save(dataset, path)
    return path


def jpeg_2000():
    import imagecodecs

    stream = bytearray(imagecodecs.jpeg2k_encode(np.zeros((64, 64), np.uint16), codecformat="j2k"))
    size = stream.index(b"\xff\x51")
    side = (60_000).to_bytes(4, "big")
    stream[size + 6 : size + 14] = stream[size + 22 : size + 30] = side * 2
    return bytes(stream) + bytes(len(stream) % 2)


@pytest.mark.skipif(sys.platform != "linux", reason="no limit of a process's memory that holds here")
def test_no_memory_is_taken_on_the_word_of_a_header(tmp_path):
    whole = tmp_path / "whole.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.zeros((3, 4, 5), np.int16), np.eye(4)), whole)
    files = [
        *(
            nifti(tmp_path, ending, kind)
            for ending in (".nii", ".nii.gz")
            for kind in (nibabel.Nifti1Image, nibabel.Nifti2Image)
        ),
        *(
            dicom(tmp_path, name, rows=ROWS, columns=COLUMNS)
            for name in ("explicit", "RLE", "JPEG-LS", "JPEG 2000", "mosaic", "enhanced MR")
        ),
        dicom(tmp_path, "enhanced CT"),
        bomb(tmp_path, RLELossless, b"\2\0\0\0\x40\0\0\0\x60\0\0\0" + bytes(52) + b"\x81\0" * 400),
        bomb(tmp_path, JPEG2000Lossless, jpeg_2000()),
    ]
    command = [sys.executable, "-c", READER, str(MAY_TAKE_MIB), str(whole), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said = dict(line.split("|", 1) for line in done.stdout.splitlines())
    assert said.keys() == {file.name for file in files}
    for name, sentence in said.items():
        assert sentence != "read", name
        assert "more memory than there is" not in sentence, name
