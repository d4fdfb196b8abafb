"""The verbs `study open`, `results` and `gather` of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.cli_output import LESSON, remark, say, say_json
from napari_vascular_loop.domain.errors import LessonError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from napari_vascular_loop.domain.answer import StudyResults


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add `study` and its own verbs to the verbs of a parser."""
    study = verbs.add_parser("study", help="learn with a lesson, and what students answered")
    own = study.add_subparsers(title="verbs", metavar="VERB", required=True)

    opened = own.add_parser("open", help="napari with the Study panel on a lesson, which stays as it is")
    opened.add_argument("lesson", metavar="LESSON", help=LESSON)
    opened.set_defaults(run=_open)

    results = own.add_parser("results", help="what was answered in a lesson on this computer")
    results.add_argument("lesson", metavar="LESSON", help=LESSON)
    results.add_argument("--student", metavar="NAME", help="only this student's")
    results.add_argument("--csv", type=Path, metavar="OUT", help="write a table of the answers")
    results.add_argument("--json", action="store_true", help="print one JSON document")
    results.set_defaults(run=_results)

    gather = own.add_parser("gather", help="make one table of the result files of many students")
    gather.add_argument("files", nargs="+", metavar="FILES", help="result files, or folders of them")
    gather.add_argument(
        "out", type=Path, metavar="OUT", help=".csv: a row for each answer; .json: with where students clicked"
    )
    gather.add_argument("--anonymous", action="store_true", help="numbers in place of names")
    gather.add_argument("--json", action="store_true", help="print one JSON document")
    gather.set_defaults(run=_gather)


def _open(options: argparse.Namespace) -> int:
    from napari_vascular_loop.window import open_study

    return open_study(options.lesson)


def _results(options: argparse.Namespace) -> int:
    from napari_vascular_loop.formats import study_csv
    from napari_vascular_loop.formats.atomic import write_bytes
    from napari_vascular_loop.study.results_folder import ResultsFolder
    from napari_vascular_loop.study_lesson import open_for_study

    lesson = open_for_study(options.lesson).lesson
    folder = ResultsFolder(lesson.id, lesson.title)
    read = list(folder.students())
    remark("note", (note for _, note in read if note))
    wanted = None if options.student is None else " ".join(options.student.split()).casefold()
    found = [one for one, _ in read if one is not None and wanted in (None, one.student.casefold())]
    if options.student is not None and not found:
        names = ", ".join(sorted(one.student or "(no name)" for one, _ in read if one is not None))
        raise LessonError(f"there are no results of {options.student!r}; there are: {names or 'none'}")
    if options.csv is not None:
        write_bytes(options.csv, study_csv.encode(found))
    if options.json:
        say_json({"lesson": lesson.id, "title": lesson.title, "folder": str(folder.path), **_as_json(found)})
        return 0
    say(f"{lesson.title}: {_counted(found)}")
    _say_questions(found)
    say(f"The files are in {folder.path}")
    if options.csv is not None:
        say(str(options.csv))
    return 0


def _gather(options: argparse.Namespace) -> int:
    from napari_vascular_loop.formats import study_csv, study_json
    from napari_vascular_loop.formats.atomic import write_bytes
    from napari_vascular_loop.study.gathering import joined, questions_of, without_names
    from napari_vascular_loop.study_lesson import read_result_files

    ending = options.out.suffix.lower()
    if ending not in (".csv", ".json"):
        raise LessonError(f"the table is written as .csv or .json; got {options.out.name!r}")
    found, notes = read_result_files([Path(one) for one in options.files])
    remark("not read", notes)
    if not found:
        raise LessonError("none of these is a file of study results; students find theirs with 'study results'")
    gathered = joined(found)
    if options.anonymous:
        gathered = without_names(gathered)
    asked = questions_of(gathered)
    data = (
        study_csv.encode(gathered)
        if ending == ".csv"
        else study_json.encode_gathered(gathered, [one.as_json() for one in asked])
    )
    write_bytes(options.out, data)
    if options.json:
        say_json({"out": str(options.out), "not_read": notes, **_as_json(gathered)})
        return 0
    say(_counted(gathered))
    _say_questions(gathered)
    say(str(options.out))
    return 0


def _as_json(results: Sequence[StudyResults]) -> dict[str, Any]:
    from napari_vascular_loop.study.gathering import questions_of

    return {
        "students": [
            {
                "student": one.student,
                "lesson": one.lesson_id,
                "answers": len(one.answers),
                "correct": sum(answer.is_correct for answer in one.answers),
            }
            for one in results
        ],
        "questions": [one.as_json() for one in questions_of(results)],
    }


def _counted(results: Sequence[StudyResults]) -> str:
    answers = sum(len(one.answers) for one in results)
    return f"{len(results)} student{'' if len(results) == 1 else 's'}, {answers} answer{'' if answers == 1 else 's'}"


def _say_questions(results: Sequence[StudyResults]) -> None:
    from napari_vascular_loop.study.gathering import questions_of

    for one in questions_of(results):
        last = one.answers[-1]
        distance = one.median_distance_mm
        about = [f"{one.correct} of {len(one.answers)} correct"]
        if distance is not None:
            about.append(f"median {distance:.1f} mm")
        if one.mistaken_for:
            about.append("mistaken for " + ", ".join(name for name, _ in one.mistaken_for[:3]))
        say(f"  {last.prompt or one.question_id} [{last.wanted}]: {'; '.join(about)}")
