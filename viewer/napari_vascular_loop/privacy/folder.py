"""De-identify files: DICOM after the profile, NIfTI with a header made anew; under new names, in a new folder."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.errors import InvalidDicomError

from napari_vascular_loop.domain.errors import PrivacyError, VascularLoopError
from napari_vascular_loop.formats.atomic import replacing, write_bytes
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.privacy.dataset import Cleaner
from napari_vascular_loop.privacy.options import Options
from napari_vascular_loop.privacy.pixels import why_not_sure
from napari_vascular_loop.privacy.sidecar import clean_sidecar, is_nifti
from napari_vascular_loop.privacy.sources import of_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pydicom.dataset import Dataset

_NIFTI = (".nii", ".nii.gz")
_MOSAIC = (
    "it is a mosaic, whose slices' places stand in the maker's private attributes alone, and these are taken out; "
    "use `vascular-loop convert` instead"
)


@dataclass(frozen=True)
class Deidentified:
    """What a run did.

    Parameters
    ----------
    written : tuple of Path
        New files.
    left_out : mapping of str to int
        Reasons why files were left out, and how many each; nothing of the files' names.
    removed : mapping of str to int
        How often something was taken out of each attribute.
    to_look_at : mapping of str to int
        Why words may be burned into images, and into how many.
    """

    written: tuple[Path, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    to_look_at: dict[str, int] = field(default_factory=dict)


def deidentify(
    source: Path,
    target: Path,
    options: Options | None = None,
    progress: Callable[[float], None] = lambda _done: None,
) -> Deidentified:
    """De-identify a file, or all files of a folder.

    Parameters
    ----------
    source : Path
        DICOM files or NIfTI files, or a folder of them. Nothing of it is changed.
    target : Path
        A folder that is empty or not there yet.
    options : Options, optional
        What may stay.
    progress : callable
        Told the part that is done, 0 to 1.

    Returns
    -------
    Deidentified
        What was written, what was left out and why.

    Raises
    ------
    PrivacyError
        If there is nothing, the target is in use or within the source, or words may be burned into images and nobody
        has looked.
    """
    options = options or Options()
    files = _files(source)
    refuse_used(source, target)
    with quietly():
        return _run(_Run(target, options), source, files, progress)


def _run(run: _Run, source: Path, files: list[Path], progress: Callable[[float], None]) -> Deidentified:
    for number, file in enumerate(files):
        progress(number / len(files))
        run.take(file)
    if run.unsure and not run.options.confirm_pixels:
        reasons = "; ".join(f"{count} image{'s' if count > 1 else ''}: {why}" for why, count in run.unsure.items())
        raise PrivacyError(
            f"nothing was written, since words may be burned into the pixels ({reasons}). Look at every "
            "one, as --show FOLDER draws them; where no name is in any, say --confirm-pixels"
        )
    written = tuple(run.write(progress))
    if not written:
        reasons = "; ".join(f"{count} files: {why}" for why, count in run.left_out.items())
        raise PrivacyError(f"nothing of {str(source)!r} could be de-identified ({reasons})")
    return Deidentified(written, dict(run.left_out), dict(run.cleaner.removed), dict(run.unsure))


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else []
    if not files:
        raise PrivacyError(f"there is no file at {str(source)!r}; name a DICOM or NIfTI file, or a folder of them")
    return files


def doubtful(source: Path) -> list[Path]:
    """Give the files into whose images words may be burned.

    Raises
    ------
    PrivacyError
        If there is no file.
    """
    found = []
    for file in _files(source):
        try:
            header = pydicom.dcmread(file, stop_before_pixels=True, defer_size=4096)
            if not _why_left_out(header) and why_not_sure(header):
                found.append(file)
        except Exception:
            continue  # told of when the files are de-identified
    return found


def refuse_used(source: Path, target: Path) -> None:
    """Refuse a folder for new files in which something is, or which lies in what is read.

    Raises
    ------
    PrivacyError
        The sentence says which.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PrivacyError(
            f"{str(target)!r} is not empty: what is already there would be mixed up with it; name a new folder"
        )
    inside, outside = target.resolve(), source.resolve()
    if outside.is_dir() and inside.is_relative_to(outside):
        raise PrivacyError(f"{str(target)!r} lies within the folder that is read; name one beside it")


@dataclass(frozen=True)
class _Planned:
    series: str
    number: int
    file: Path


class _Run:
    """Two passes: headers first, so that nothing is written before all is known; then one file after the other."""

    def __init__(self, target: Path, options: Options) -> None:
        self.target, self.options = target, options
        self.cleaner = Cleaner(options)
        self.left_out: Counter[str] = Counter()
        self.unsure: Counter[str] = Counter()
        self._images: list[_Planned] = []
        self._others: list[Path] = []

    def take(self, file: Path) -> None:
        """Look at a header."""
        if is_nifti(file):
            self._others.append(file)
            return
        try:
            header = pydicom.dcmread(file, stop_before_pixels=True, defer_size=4096)
            why = _why_left_out(header)
            if why:
                self.left_out[why] += 1
                return
            if reason := why_not_sure(header):
                self.unsure[reason] += 1
            series = str(header.get("SeriesInstanceUID", ""))
            self._images.append(_Planned(series, _instance_number(header), file))
        except InvalidDicomError:
            beside = file.suffix.lower() == ".json" and any(file.with_suffix(end).is_file() for end in _NIFTI)
            if not beside:
                self.left_out["neither DICOM nor NIfTI"] += 1
        except Exception:
            self.left_out["damaged"] += 1

    def write(self, progress: Callable[[float], None]) -> Iterator[Path]:
        """Write all that can be written."""
        series = {uid: number for number, uid in enumerate(dict.fromkeys(one.series for one in self._images), 1)}
        counted: Counter[str] = Counter()
        images = sorted(self._images, key=lambda one: (series[one.series], one.number))
        for done, image in enumerate(images):
            progress(done / max(1, len(images)))
            name = f"series-{series[image.series]:02}/image-{counted[image.series] + 1:04}.dcm"
            if self._tried(self._image, image.file, self.target / name):
                counted[image.series] += 1
                yield self.target / name
        for number, file in enumerate(self._others, 1):
            made = self.target / f"volume-{number:02}.nii.gz"
            if self._tried(self._volume, file, made):
                yield made
                if (sidecar := clean_sidecar(file, self.cleaner.removed)) is not None:
                    write_bytes(made.with_name(f"volume-{number:02}.json"), sidecar)
                    yield made.with_name(f"volume-{number:02}.json")

    def _tried(self, make: Callable[[Path, Path], None], file: Path, made: Path) -> bool:
        try:
            made.parent.mkdir(parents=True, exist_ok=True)
            make(file, made)
        except OSError as error:
            raise PrivacyError(f"{str(made)!r} could not be written ({error.strerror or error})") from error
        except PrivacyError as error:
            self.left_out[str(error)] += 1
            return False
        except (VascularLoopError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError, RuntimeError):
            self.left_out["damaged"] += 1
            return False
        return True

    def _image(self, file: Path, made: Path) -> None:
        source = pydicom.dcmread(file)
        cleaned = self.cleaner.clean(source, of_dataset(source))
        with replacing(made) as temporary:
            cleaned.save_as(temporary, enforce_file_format=True)

    def _volume(self, file: Path, made: Path) -> None:
        from napari_vascular_loop.formats.volumes import read_volumes
        from napari_vascular_loop.formats.volumes.header_names import texts_in_header
        from napari_vascular_loop.formats.volumes.nifti_out import write_nifti

        self.cleaner.removed.update(texts_in_header(file))
        write_nifti(read_volumes(file)[0], made)


def _why_left_out(header: Dataset) -> str:
    if "DirectoryRecordSequence" in header:
        return "a list of files (DICOMDIR), which names patients"
    if "Rows" not in header or "SOPClassUID" not in header:
        return "no image (a report, a state of display, a document): such files hold free text"
    kinds: Sequence[Any] = header.get("ImageType") or ()
    return _MOSAIC if "MOSAIC" in kinds else ""


def _instance_number(header: Dataset) -> int:
    try:
        return int(header.get("InstanceNumber") or 0)
    except (TypeError, ValueError):
        return 0
