"""The command line, as a user or a script calls it."""

from __future__ import annotations

import gc
import gzip
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

import matplotlib.image
import msgspec
import numpy as np
import pytest
import zarr
from conftest import DOT_IJK, affine_of, make_dot_volume
from dicom_series import PATIENT, write_series

from napari_vascular_loop import __version__, lesson_making, lessons, progress_line, read_volumes
from napari_vascular_loop.cli import main
from napari_vascular_loop.formats.volumes import dicom, dicomweb, find_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.samples.catalogue import Catalogue, load_catalogue

MATRIX = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), (12, -7, 4))


@pytest.fixture
def series_folder(tmp_path: Path) -> Path:
    write_series(tmp_path / "scan", make_dot_volume(MATRIX).voxels, MATRIX)
    (tmp_path / "scan" / "letter.pdf").write_bytes(b"%PDF-1.7")
    return tmp_path / "scan"


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a screen nor a program that makes one."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def no_colin27(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = tuple(
        msgspec.structs.replace(e, variants=tuple(msgspec.structs.replace(v, places=()) for v in e.variants))
        for e in load_catalogue().entries
    )
    monkeypatch.setattr(lessons, "load_catalogue", lambda: Catalogue(entries))


# ------------------------------------------------------------------ inspect


def test_inspect_as_json(run, series_folder):
    said = run("inspect", series_folder, "--json")
    assert (said.code, said.err) == (0, "")
    assert set(said.document) == {"volumes", "not_volumes"}
    (volume,) = said.document["volumes"]
    assert set(volume) == {
        "id",
        "format",
        "modality",
        "description",
        "shape",
        "spacing_mm",
        "voxel_to_ras",
        "orientation",
        "obliquity_deg",
        "frame_of_reference_uid",
        "source_files",
        "warnings",
        "dtype",
        "time_points",
        "receipt",
    }
    assert (volume["format"], volume["modality"], volume["description"]) == ("dicom", "MR", "CISS")
    assert volume["shape"] == [11, 13, 7]
    assert volume["spacing_mm"] == pytest.approx([0.9, 1.1, 2.3])
    assert np.allclose(volume["voxel_to_ras"], MATRIX, atol=1e-6)
    assert volume["orientation"] == "LPS"
    assert volume["obliquity_deg"] == pytest.approx(13.86, abs=0.01)
    assert volume["frame_of_reference_uid"] == "1.2.3.4"
    assert len(volume["source_files"]) == 7
    assert [(one["path"], one["reason"]) for one in said.document["not_volumes"]] == [
        (str(series_folder / "letter.pdf"), "not a known kind of volume")
    ]
    assert PATIENT not in said.out


def test_inspect_as_json_has_the_orientation_receipt(run, series_folder):
    (volume,) = run("inspect", series_folder, "--json").document["volumes"]
    receipt = volume["receipt"]
    assert set(receipt) == {
        "orientation",
        "said",
        "assumed",
        "dropped",
        "gaps",
        "warnings",
        "shape",
        "spacing_mm",
        "extent_mm",
        "handedness",
        "obliquity_deg",
        "resampled",
        "shear_deg",
        "first_voxel_ras_mm",
        "last_voxel_ras_mm",
        "rescale",
        "dtype",
        "time_points",
    }
    assert (receipt["orientation"], receipt["handedness"]) == ("LPS", "right-handed")
    assert receipt["first_voxel_ras_mm"] == pytest.approx(MATRIX[:3, 3].tolist())
    assert receipt["last_voxel_ras_mm"] == pytest.approx((MATRIX[:3] @ [10, 12, 6, 1]).tolist())
    assert receipt["rescale"] == {"slope": 1.0, "intercept": 0.0}
    assert volume["time_points"] == 1


def test_inspect_for_people_has_the_orientation_receipt(run, series_folder):
    lines = [line.strip() for line in run("inspect", series_folder).out.splitlines()]
    receipt = lines[lines.index("orientation receipt:") + 1 :]
    assert receipt[0] == "orientation: LPS: the axes of the array run to the patient's left, back, head"
    assert "handedness: right-handed: the array is stored as the patient is, not mirrored" in receipt
    assert "gaps: none found" in receipt


def test_inspect_of_several_paths_looks_at_them_together(run, series_folder, tmp_path):
    files = sorted(series_folder.glob("IM*"))
    write_nifti(make_dot_volume(MATRIX, (9, 9, 9)), tmp_path / "head.nii")
    volumes = run("inspect", *files, tmp_path / "head.nii", "--json").document["volumes"]
    assert sorted(volume["shape"] for volume in volumes) == [[9, 9, 9], [11, 13, 7]]


def test_inspect_of_a_zip_archive(run, archive):
    document = run("inspect", archive, "--json").document
    (volume,) = document["volumes"]
    assert volume["source_files"] == [str(archive / "scan" / f"IM{k:04d}") for k in range(7)]
    assert [one["path"] for one in document["not_volumes"]] == [str(archive / "scan" / "letter.pdf")]


@pytest.fixture
def archive(series_folder, tmp_path):
    return Path(shutil.make_archive(str(tmp_path / "export"), "zip", tmp_path, "scan"))


def test_inspect_of_an_address_is_given_on_as_it_is(run, series_folder, monkeypatch):
    asked = []

    def find(address, progress):
        asked.append(address)
        return find_volumes(series_folder)

    monkeypatch.setattr(dicomweb, "find", find)
    assert run("inspect", "dicomweb://host:8042/dicom-web?study=1.2").code == 0
    assert asked == ["dicomweb://host:8042/dicom-web?study=1.2"]


@pytest.mark.parametrize("verb", ["inspect", "convert"])
def test_an_address_that_is_not_there_is_one_line(run, tmp_path, verb):
    more = (tmp_path / "out",) if verb == "convert" else ()
    said = run(verb, "http://jane:secret@127.0.0.1:9/h.zarr?token=secret", *more)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "can't be reached" in said.err
    assert "secret" not in said.err


def test_inspect_for_people(run, series_folder):
    said = run("inspect", series_folder)
    assert said.code == 0
    for words in ("CISS", "dicom, 7 files", "11 x 13 x 7 voxels of 0.9 x 1.1 x 2.3 mm", "LPS", "oblique by 13.8"):
        assert words in said.out
    assert "letter.pdf: not a known kind of volume" in said.out


def test_inspect_says_loudly_that_the_orientation_is_unknown(run, tmp_path):
    write_series(
        tmp_path, make_dot_volume(MATRIX).voxels, MATRIX, ImageOrientationPatient=None, ImagePositionPatient=None
    )
    assert "ORIENTATION UNKNOWN" in run("inspect", tmp_path).out
    assert run("inspect", tmp_path, "--json").document["volumes"][0]["orientation"] is None


# ------------------------------------------------------------------ convert


def test_inspect_says_a_reason_that_many_files_share_once(run, series_folder):
    for number in range(40):
        (series_folder / f"note {number:02}.txt").write_text("x" * 200)
    lines = [
        line
        for line in run("inspect", series_folder).out.splitlines()
        if "not a known kind of volume" in line or "more for the same reason" in line
    ]
    assert len(lines) == 2
    assert "and 40 more" in lines[1]


def test_convert(run, series_folder, tmp_path):
    said = run("convert", series_folder, tmp_path / "new" / "out", "--json")
    assert (said.code, said.err) == (0, "")
    (written,) = said.document["volumes"]
    path = tmp_path / "new" / "out" / f"{written['id']}.nii.gz"
    assert written == {
        "id": path.name.removesuffix(".nii.gz"),
        "path": str(path),
        "shape": [11, 13, 7],
        "warnings": [],
    }
    (original,), (converted,) = read_volumes(series_folder), read_volumes(path)
    assert original.fingerprint.differences(converted.fingerprint) == ()
    assert converted.voxels[DOT_IJK] == 1000
    data = path.read_bytes()
    for secret in (PATIENT, "ID-4711", "CISS", "1.2.3.4"):
        assert secret.encode() not in data + gzip.decompress(data)
    assert run("convert", series_folder, tmp_path / "out").out == f"{tmp_path / 'out' / path.name}\n"


def test_convert_says_what_a_person_should_know_of_what_it_wrote(run, series_folder, tmp_path):
    (series_folder / "IM0003").unlink()
    said = run("convert", series_folder, tmp_path / "out")
    assert said.code == 0
    assert [line.endswith(".nii.gz") for line in said.out.splitlines()] == [True]
    assert "note: 1 slice is missing and shown black" in said.err
    (written,) = run("convert", series_folder, tmp_path / "out", "--json").document["volumes"]
    assert "1 slice is missing" in written["warnings"][0]


def test_convert_of_archives_and_lists(run, series_folder, archive, tmp_path):
    write_nifti(make_dot_volume(MATRIX, (9, 9, 9)), tmp_path / "head.nii")
    (one,) = run("convert", archive, tmp_path / "a", "--json").document["volumes"]
    both = run("convert", *series_folder.glob("IM*"), tmp_path / "head.nii", tmp_path / "b", "--json").document
    assert one["shape"] == [11, 13, 7]
    assert {volume["id"] for volume in both["volumes"]} > {one["id"]}
    assert both["not_converted"] == []
    (a,), (b,) = read_volumes(one["path"]), read_volumes(tmp_path / "b" / f"{one['id']}.nii.gz")
    assert a.fingerprint.differences(b.fingerprint) == ()


def test_convert_of_an_ome_zarr_store(run, tmp_path):
    group = zarr.open_group(tmp_path / "h.zarr", mode="w")
    data = np.stack([make_dot_volume(MATRIX).voxels.T] * 2)
    data[1] += 1
    group.create_array("0", data=data, chunks=(1, 4, 4, 4))
    axes = [{"name": "t", "type": "time"}, *({"name": name, "type": "space", "unit": "millimeter"} for name in "zyx")]
    scale = [{"type": "scale", "scale": [1, 2.3, 1.1, 0.9]}]
    datasets = [{"path": "0", "coordinateTransformations": scale}]
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}]}
    (written,) = run("convert", tmp_path / "h.zarr", tmp_path / "out", "--json").document["volumes"]
    (volume,) = read_volumes(written["path"])
    assert volume.orientation is None
    assert volume.spacing_mm == pytest.approx((0.9, 1.1, 2.3))
    assert volume.voxels[DOT_IJK] == 1000
    assert volume.at_time_point(1)[DOT_IJK] == 1001


def test_convert_goes_on_after_a_volume_that_is_damaged(run, tmp_path):
    (tmp_path / "in").mkdir()
    for name, seed in (("a.nii.gz", 0), ("b.nii.gz", 1), ("c.nii.gz", 2), ("d.nii.gz", 3)):
        volume = make_dot_volume(MATRIX)
        volume.voxels[0, 0, 0] = seed
        write_nifti(volume, tmp_path / "in" / name)
    for name in ("b.nii.gz", "d.nii.gz"):
        bad = tmp_path / "in" / name
        data = bytearray(bad.read_bytes())
        data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
        bad.write_bytes(bytes(data))
    said = run("convert", tmp_path / "in", tmp_path / "out", "--json")
    assert said.code == 2
    assert len(said.document["volumes"]) == len(list((tmp_path / "out").iterdir())) == 2
    assert [one["reason"][:9] for one in said.document["not_converted"]] == ["b.nii.gz:", "d.nii.gz:"]
    assert said.err.count("\n") == 1
    for words in ("b.nii.gz: ", "; d.nii.gz: ", "(2 of 4 volumes were not converted)"):
        assert words in said.err


# ------------------------------------------------------------------ long work


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def impatient(monkeypatch):
    for name in ("_PATIENCE_S", "_EVERY_S"):
        monkeypatch.setattr(progress_line, name, 0.0)


@pytest.mark.usefixtures("impatient")
def test_on_a_terminal_long_work_says_how_far_it_is_and_cleans_up(run, series_folder, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    plain = run("inspect", series_folder).out
    shown = terminal.getvalue()
    assert re.search(r"\rlooking: \d+ %", shown)
    assert shown.rpartition("%")[2].strip() == ""
    assert shown.endswith("\r")
    assert "looking" not in plain


@pytest.mark.usefixtures("impatient")
def test_elsewhere_nothing_is_said_of_it(run, series_folder):
    assert run("inspect", series_folder).err == ""


def test_short_work_is_not_spoken_of(run, series_folder, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setattr(progress_line, "_PATIENCE_S", 1000.0)
    run("inspect", series_folder)
    assert terminal.getvalue() == ""


@pytest.mark.usefixtures("impatient")
def test_ctrl_c_ends_it_and_leaves_nothing(run, archive, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    def stop(*_):
        assert list((tmp_path / "temporary").iterdir())
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setattr(dicom, "find", stop)
    said = run("convert", archive, tmp_path / "out")
    assert (said.code, said.out) == (130, "")
    assert "Traceback" not in terminal.getvalue()
    gc.collect()
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not (tmp_path / "out").exists()


def test_open_gives_paths_and_addresses_on(run, monkeypatch, tmp_path):
    from napari_vascular_loop import window

    opened = []
    monkeypatch.setattr(window, "open_window", lambda paths: opened.extend(paths) or 0)
    address = "dicomweb://host:8042/dicom-web?study=1.2"
    assert run("open", tmp_path / "a.nii", address).code == 0
    assert opened == [str(tmp_path / "a.nii"), address]


# ------------------------------------------------------------------ lessons and figures


def test_a_lesson_is_made_on_a_volume_of_an_archive(run, archive, tmp_path):
    said = run("lesson", "new", archive, tmp_path / "lessons", "--title", "Zipped")
    assert (said.code, said.err) == (0, "")
    assert run("lesson", "check", tmp_path / "lessons" / "zipped").code == 0


def test_a_lesson_is_made_checked_and_drawn(run, series_folder, tmp_path):
    said = run("lesson", "new", series_folder, tmp_path / "lessons", "--title", "The loop")
    folder = tmp_path / "lessons" / "the-loop"
    assert (said.code, said.out) == (0, f"{folder}\n")
    said = run("lesson", "check", folder)
    assert said.code == 0
    first, *notes, last = said.out.splitlines()
    assert (first, last) == ("The loop: 0 annotations, 0 links", "nothing wrong found")
    assert "  note: The lesson has no marks yet" in notes
    (folder / "article.md").unlink()
    assert run("lesson", "check", folder).code == 2


def test_lesson_check_finds_what_is_wrong(run, tmp_path):
    store = lesson_making.create_lesson(tmp_path, "The loop", make_dot_volume(MATRIX))
    store.add(mark_outside := lessons_mark())
    said = run("lesson", "check", store.folder)
    assert said.code == 1
    assert "'Far' has a place outside the volume" in said.out
    assert said.out.endswith("problems: 1\n")
    document = run("lesson", "check", store.folder, "--json").document
    assert (document["title"], document["annotations"]) == ("The loop", 1)
    assert "outside the volume" in document["problems"][0]
    assert mark_outside.label in document["notes"][0]


def lessons_mark():
    from napari_vascular_loop import Annotation, Point

    return Annotation(Point((900, 0, 0)), "volume", "Far")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
@pytest.mark.parametrize("annotation", ["1", "loop of an artery (L)"])
def test_figure(run, tmp_path, annotation, ending):
    out = tmp_path / "new" / f"loop.{ending}"
    said = run("figure", lessons.STAND_IN_LESSON, annotation, out)
    assert (said.code, said.err, said.out) == (0, "", f"{out}\n")
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending]
    assert out.read_bytes().startswith(start)
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_the_neurological_figure_is_the_other_way_round(run, tmp_path):
    pictures = []
    for option in ((), ("--neurological",)):
        run("figure", lessons.STAND_IN_LESSON, "Basilar artery", tmp_path / "f.png", *option)
        pictures.append(matplotlib.image.imread(tmp_path / "f.png"))
    assert not np.array_equal(*pictures)


# ------------------------------------------------------------------ samples


def test_samples(run):
    document = run("samples", "list", "--json").document
    assert [volume["id"] for volume in document["volumes"]][:2] == ["colin27", "synthetic-stand-in"]
    assert "SYNTHETIC" in run("samples", "list").out
    for verb in ("path", "fetch"):
        said = run("samples", verb, "synthetic-stand-in")
        assert said.code == 0
        assert said.out.strip() == document["volumes"][1]["path"]
    assert "colin27" in run("samples", "path", "ixi").err


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("inspect", "{tmp}/nowhere"), "no file or folder"),
        (("inspect", "{tmp}/empty.nii", "--json"), "the file is empty"),
        (("convert", "{tmp}/notes.txt", "{tmp}/out"), "not a known kind of volume"),
        (("figure", "{tmp}", "1", "{tmp}/f.png"), "no lesson.json"),
        (("figure", "synthetic-stand-in", "vein", "{tmp}/f.png"), "no annotation is called 'vein'"),
        (("figure", "synthetic-stand-in", "1", "{tmp}/f.gif"), "not as '.gif'"),
        (("figure", "synthetic-stand-in", "1", "{tmp}/notes.txt/f.png"), "could not be written"),
        (("lesson", "check", "{tmp}/nowhere"), "no lesson folder"),
        (("lesson", "new", "{tmp}/notes.txt", "{tmp}", "--title", "x"), "can't be read as a volume"),
        (("samples", "path", "ixi"), "no volume 'ixi'"),
        (("convert", "{tmp}/good.nii", "{tmp}/notes.txt"), "notes.txt"),
    ],
)
def test_errors_are_one_line_and_exit_2(run, tmp_path, arguments, words):
    (tmp_path / "empty.nii").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("notes")
    write_nifti(make_dot_volume(MATRIX), tmp_path / "good.nii")
    said = run(*(one.format(tmp=tmp_path) for one in arguments))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("vascular-loop: ")
    assert words in said.err
    assert said.err.count("\n") == 1


def test_a_folder_without_volumes_is_an_error_that_still_says_what_is_there(run, tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    said = run("inspect", tmp_path, "--json")
    assert said.code == 2
    assert said.document["not_volumes"][0]["path"] == str(tmp_path / "notes.txt")
    assert "no volume in" in said.err


def test_a_new_lesson_needs_one_volume(run, tmp_path):
    for name, seed in (("a.nii", 0), ("b.nii", 1)):
        volume = make_dot_volume(MATRIX)
        volume.voxels[0, 0, 0] = seed
        write_nifti(volume, tmp_path / name)
    said = run("lesson", "new", tmp_path, tmp_path / "out", "--title", "x")
    assert said.code == 2
    assert "holds 2 volumes" in said.err


@pytest.mark.parametrize("arguments", [["--nonsense"], ["fly"], ["inspect"], ["samples"], ["lesson", "new", "a", "b"]])
def test_wrong_use_is_exit_2_with_one_line_that_leads_on(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("vascular-loop")
    assert "--help" in said


def test_help_and_version(run, capsys):
    said = run()
    assert said.code == 0
    assert "not for diagnosis" in " ".join(said.out.split())
    for verb in ("demo", "open", "inspect", "convert", "figure", "lesson", "samples"):
        assert verb in said.out
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"napari-vascular-loop {__version__}\n"


# ------------------------------------------------------------------ demo


@pytest.mark.usefixtures("no_screen", "no_colin27")
def test_demo_with_no_screen_draws_the_figure_and_says_what_the_window_needs(run, tmp_path):
    said = run("demo", "--out", tmp_path / "demo")
    assert (said.code, said.err) == (0, "")
    figure = tmp_path / "demo" / "figure.png"
    assert f"figure:     {figure}" in said.out
    assert "xvfb" in said.out
    assert "SYNTHETIC head is shown instead" in said.out
    assert matplotlib.image.imread(figure).std() > 0.05
    assert [path.name for path in figure.parent.iterdir()] == ["figure.png"]
