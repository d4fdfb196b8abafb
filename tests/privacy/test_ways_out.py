"""What goes out of the program tells nobody whose scan it is: the bytes of every file are unpacked and searched."""

from __future__ import annotations

import logging
import zipfile
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from pydicom.dataset import Dataset
from telling_dicom import NAME, WORD, telling_series, told_in

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point
from napari_vascular_loop.domain.errors import PrivacyError
from napari_vascular_loop.formats.lesson_archive import pack_lesson
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes
from napari_vascular_loop.formats.volumes.private_folder import PrivateFolder
from napari_vascular_loop.lesson_making import create_lesson
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.privacy.gate import check_names, named_in
from napari_vascular_loop.privacy.sources import of_dataset, of_files


@pytest.fixture
def source(tmp_path):
    return telling_series(tmp_path / "QUIXLER scans")[0].parent


@pytest.fixture
def lesson(tmp_path, source):
    """The folder of a lesson that was made on such a scan, with marks."""
    volume = read_volumes(source)[0]
    store = create_lesson(tmp_path / "lessons", "A loop", volume)
    middle = tuple((volume.voxel_to_ras @ (9, 7, 2, 1))[:3])
    tail = tuple((volume.voxel_to_ras @ (13, 10, 2, 1))[:3])
    store.add(Annotation(Arrow(tail, middle), "volume", "Loop", note="Beside the root."))
    store.add(Annotation(Point(middle), "volume", "Root"))
    store.save()
    folder = store.folder
    store.close()
    return folder


OUTS = ("loop.png", "loop.svg", "loop.pdf", "loop.tif")


def test_no_file_that_is_made_tells_whose_scan_it_was(tmp_path, source, lesson, run, caplog):
    caplog.set_level(logging.INFO)
    for name in ("napari_vascular_loop", "pydicom", "nibabel", "highdicom"):
        caplog.set_level(logging.DEBUG, logger=name)
    out = tmp_path / "out"
    out.mkdir()
    said = [
        run("convert", source, out / "volumes"),
        run("inspect", source),
        *(run("figure", lesson, "Loop", out / name, "--alt") for name in OUTS),
        run("page", lesson, out / "loop.html"),
        run("page", lesson, out / "loop.zip", "--scorm"),
        run("lesson", "pack", lesson, out / "loop.vlesson.zip"),
        *(
            run("annotations", "export", lesson, out / name)
            for name in ("marks.csv", "marks.jsonld", "marks.mrk.json", "marks.fcsv", "marks.txt")
        ),
        run("annotations", "export", lesson, out / "marks.dcm", "--dicom", source),
        run("annotations", "export", lesson, out / "states", "--format", "gsps", "--dicom", source),
        run("annotations", "list", lesson),
        run("lesson", "pack", lesson, out / "cut.vlesson.zip", "--crop", "20"),
        run("lesson", "info", lesson),
        run("slides", lesson, out / "loop.pptx"),
        run("handout", lesson, out / "handout.pdf"),
        run("anki", lesson, out / "loop.apkg"),
        run("page", lesson.parent, out / "site"),
        run("library", "index", lesson.parent),
        run("deidentify", source, out / "dicom"),
    ]
    assert [one.code for one in said] == [0] * len(said), [one.err for one in said if one.code]
    files = [path for path in (*out.rglob("*"), *lesson.parent.rglob("*")) if path.is_file()]
    assert len(files) > 35
    assert {path.suffix for path in files} >= {".pptx", ".pdf", ".apkg", ".vlibrary", ".html", ".dcm", ".svg", ".tif"}
    told = {path.relative_to(tmp_path).as_posix(): told_in(path) for path in files}
    assert {path: what for path, what in told.items() if what} == {}
    log = caplog.text + "".join(one.err for one in said)
    assert WORD not in log
    assert "JANOSCH" not in log.upper().replace(str(source).upper(), "")


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("Mr. Quixler's loop", "the note of mark 1: a name"),
        ("patient qx-4711 0815", "the note of mark 1: a number"),
        ("born 17 March 1942", "the note of mark 1: a date"),
    ],
)
def test_a_teacher_who_writes_the_patients_name_is_stopped_at_every_way_out(tmp_path, lesson, run, words, where):
    store = open_lesson(lesson)
    first = store.annotations[0]
    store.change(first.id, note=words)
    store.save()
    store.close()
    found = named_in(open_lesson(lesson).lesson, lesson)
    assert f"{found[0].where}: {found[0].kind}" == where
    ways = {
        "loop.png": ("figure", lesson, "Loop", tmp_path / "loop.png"),
        "loop.html": ("page", lesson, tmp_path / "loop.html"),
        "loop.vlesson.zip": ("lesson", "pack", lesson, tmp_path / "loop.vlesson.zip"),
        "marks.csv": ("annotations", "export", lesson, tmp_path / "marks.csv"),
    }
    for name, command in ways.items():
        said = run(*command)
        assert said.code == 2
        assert "the note of mark 1" in said.err
        assert "uixler" not in said.err
        assert "0815" not in said.err
        assert not (tmp_path / name).exists()
        assert run(*command, "--despite-names").code == 0
        assert (tmp_path / name).exists()


def test_texts_in_the_header_of_a_lessons_volume_do_not_travel_with_it(tmp_path, lesson):
    path = next((lesson / "volumes").glob("*.nii.gz"))
    image = nibabel.load(path)
    image = nibabel.Nifti1Image(np.asanyarray(image.dataobj), image.affine, image.header)
    image.header["descrip"] = b"QUIXLER"
    image.header["aux_file"] = b"JANOSCH"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", NAME.encode()))
    nibabel.save(image, path)
    assert told_in(path)
    packed = pack_lesson(lesson, tmp_path / "sent.vlesson.zip")
    assert told_in(packed) == []
    store = open_lesson(packed)
    there = read_volumes(store.folder / "volumes" / path.name)[0]
    assert np.array_equal(there.voxels, np.asanyarray(image.dataobj))
    assert there.voxel_to_ras == pytest.approx(image.affine)


def test_a_lesson_on_dicom_files_that_name_somebody_is_not_sent(tmp_path, source, lesson, run):
    text = (lesson / "lesson.json").read_text()
    name = next((lesson / "volumes").iterdir()).name
    (lesson / "lesson.json").write_text(text.replace(f"volumes/{name}", "volumes/scan"))
    source.rename(lesson / "volumes" / "scan")
    said = run("lesson", "pack", lesson, tmp_path / "sent.vlesson.zip")
    assert said.code == 2
    assert "hold data of a patient (PatientName" in said.err
    assert not (tmp_path / "sent.vlesson.zip").exists()
    # As the message says.
    run("deidentify", lesson / "volumes" / "scan", tmp_path / "clean")
    (lesson / "volumes" / "scan").rename(tmp_path / "aside")
    (tmp_path / "clean").rename(lesson / "volumes" / "scan")
    assert run("lesson", "pack", lesson, tmp_path / "sent.vlesson.zip").code == 0
    assert told_in(tmp_path / "sent.vlesson.zip") == []


def test_what_this_program_does_not_know_in_a_file_is_looked_at_before_it_is_sent(tmp_path, lesson, run):
    text = (lesson / "lesson.json").read_text()
    assert run("lesson", "pack", lesson, tmp_path / "one.vlesson.zip").code == 0
    (lesson / "lesson.json").write_text(text.replace("{", '{"x-source": {"whose": ["Janosch Qu\\u0049xler"]},', 1))
    said = run("lesson", "pack", lesson, tmp_path / "two.vlesson.zip")
    assert said.code == 2
    assert "a name in lesson.json" in said.err
    (lesson / "lesson.json").write_text(text.replace('"authors": []', '"authors": [{"name": "Janosch Quixler"}]'))
    assert run("lesson", "pack", lesson, tmp_path / "two.vlesson.zip").code == 0, "who made it may be named"
    (lesson / "README.md").write_text("Of QX-4711\n0815.")
    said = run("lesson", "pack", lesson, tmp_path / "three.vlesson.zip")
    assert "a number in README.md" in said.err
    said = run("library", "index", lesson.parent)
    assert said.code == 2
    assert not list(lesson.parent.glob("*.vlibrary"))
    assert run("library", "index", lesson.parent, "--despite-names").code == 0


def test_a_lesson_made_of_a_converted_scan_knows_whom_it_must_not_name(tmp_path, source, run):
    run("convert", source, tmp_path / "Otto Wolkensturm")
    (path,) = (tmp_path / "Otto Wolkensturm").iterdir()
    store = create_lesson(tmp_path / "lessons", "The scan of Janosch Quixler", read_volumes(path)[0])
    assert {one.where for one in named_in(store.lesson)} >= {"the title", "line 1 of the article"}
    assert named_in(replace(store.lesson, title="W", id="w", article="Otto Wolkensturm")), (
        "what was added is known, too"
    )
    checked = run("lesson", "check", store.folder)
    assert checked.code == 1
    assert "There is a name in the title" in checked.out
    store.close()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Quixler_Janosch_T2_CISS/scan.nii.gz", "Dr. Janosch Quixler's own head"),
        ("cases/QX4711081_flair.nii.gz", "case 4711081"),
        ("cases/20240301/scan.nii.gz", "done on 1 March 2024"),
    ],
)
def test_names_of_files_and_folders_are_looked_for_too(tmp_path, name, text):
    assert of_files([tmp_path / name]).search(text)


def test_names_of_files_that_name_nobody_raise_no_alarm(tmp_path):
    said = (
        "The vestibular schwannoma of the left facial nerve, TOF angiography, brain MRI at 3 T, CISS, 2024; in a head "
        "of the vascular loop lesson, on T2 FLAIR and sub 01, session 2; Vestibular Schwannoma"
    )
    for name in (
        "Vestibular_Schwannoma_SEG/sub-01_ses-2_T2w.nii.gz",
        "Vascular Loop Lesson/Facial_Nerve_left.nii",
        "TOF_Angiography/nifti-0123456789.nii.gz",
        "MRI_Brain_3T/Series 5",
    ):
        assert of_files([tmp_path / name]).search(said) == (), name


def test_texts_of_a_nifti_header_and_nested_numbers_are_known(tmp_path):
    image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.int16), np.diag((1, 2, 3, 1)))
    image.header["db_name"] = b"QUIXLER^JANOSCH"
    image.header["descrip"] = b"acc 99887766"
    nibabel.save(image, tmp_path / "scan.nii.gz")
    known = of_files([tmp_path / "scan.nii.gz"])
    assert known.search("janosch quixler")
    assert known.search("accession 99887766")
    nested, item = Dataset(), Dataset()
    item.AccessionNumber = "A-5544332"
    nested.RequestAttributesSequence = [item]
    assert of_dataset(nested).search("a5544332")


def test_a_scan_in_an_archive_that_is_gone_is_known_too(tmp_path, source):
    packed = tmp_path / "sent.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in source.iterdir():
            archive.write(file, f"a/{file.name}")
    volume = read_volumes(packed)[0]
    packed.unlink()
    assert of_files(volume.provenance.source_files, with_names=False).search("Herr Quixler")


def test_a_scan_of_a_server_is_known_by_its_address(source):
    address = "https://pacs.example/dicom-web/studies/1.2/series/1.2.3/instances/1.2.3.4"
    (found,) = find_volumes(source).volumes
    first = found.header.provenance.source_files[0]
    told = PrivateFolder().holding(found, {first: address})
    assert told.header.provenance.source_files[0] == address
    known = of_files(told.header.provenance.source_files)
    assert known.search("Herr Quixler")
    assert known.search("QX-47110815")
    assert len(of_files([f"{address}5"])) == 0


@pytest.mark.gui
def test_in_the_window_one_is_asked(lesson, qtbot, monkeypatch):
    from qtpy.QtWidgets import QMessageBox

    from napari_vascular_loop.widgets.privacy_question import may_go_out

    asked = []

    def answer(_parent, _title, text, *_buttons):
        asked.append(text)
        return QMessageBox.StandardButton.Yes if len(asked) > 1 else QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "warning", answer)
    store = open_lesson(lesson)
    assert may_go_out(None, store)
    assert asked == []
    store.change(store.annotations[0].id, label="Janosch Quixler")
    assert not may_go_out(None, store)
    assert may_go_out(None, store)
    assert "the label of mark 1" in asked[0]
    assert "uixler" not in asked[0]
    store.close()


def test_who_is_named_is_kept_with_the_user_as_digests_only(lesson):
    from napari_vascular_loop.privacy import known

    (kept,) = known.folder().iterdir()
    assert told_in(kept) == []
    with pytest.raises(PrivacyError, match="a name in the title"):
        check_names(replace(open_lesson(lesson).lesson, title="Quixler"))
