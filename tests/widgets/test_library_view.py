"""The library panel, with mouse and keys: choose, search, walk, open; and what it says where something is wrong."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from gestures import bring_forward
from library_shelf import a_shelf, lesson, put, updated
from publisher import BadPublisher, go_online, publishing
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import QApplication, QInputDialog, QToolTip

from napari_vascular_loop._panel import LIBRARY, PLUGIN
from napari_vascular_loop.domain.answer import Answer, StudyResults, Verdict
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.library.entry import Card, Entry
from napari_vascular_loop.library.library import Library
from napari_vascular_loop.library.places import remember
from napari_vascular_loop.samples import transfer as transfer_module
from napari_vascular_loop.samples.transfer import Patience
from napari_vascular_loop.study.results_folder import ResultsFolder
from napari_vascular_loop.widgets import library_place
from napari_vascular_loop.widgets.library_view import LibraryView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.gui

LEFT = Qt.MouseButton.LeftButton
AICA = "Anterior inferior cerebellar artery"


@pytest.fixture
def shelf(tmp_path) -> Path:
    root = tmp_path / "shelf"
    root.mkdir()
    return a_shelf(root, tmp_path)


@pytest.fixture
def make_view(qtbot) -> Callable[[str], LibraryView]:
    def make(said: object) -> LibraryView:
        view = LibraryView()
        qtbot.addWidget(view)
        view.resize(460, 760)
        view.place.choose(str(said))
        with qtbot.waitExposed(view):
            view.show()
        bring_forward(qtbot, view)
        qtbot.waitUntil(lambda: not view.waiting.isVisible(), timeout=20_000)
        return view

    return make


def rows(view: LibraryView) -> list[str]:
    return [view.cards.index(row).data() for row in range(view.cards.rowCount())]


def typed(qtbot, view: LibraryView, words: str) -> list[str]:
    view.search.clear()
    qtbot.keyClicks(view.search, words)
    qtbot.waitUntil(lambda: view.cards.typed == words, timeout=3000)
    return rows(view)


def heard(view: LibraryView, row: int) -> str:
    return str(view.cards.index(row).data(Qt.ItemDataRole.AccessibleTextRole))


def test_a_folder_is_indexed_beside_the_window_and_the_broken_lesson_comes_last(make_view, shelf):
    view = make_view(shelf)
    assert rows(view) == [AICA, "Nerve VII", "Packed root", "The loop", "broken"]
    assert view.count.text() == "5 lessons; 1 can't be read"
    assert "About 40 minutes" in heard(view, 3)
    assert AICA.lower() in heard(view, 3)
    assert "A. Teacher (CC-BY-4.0)" in heard(view, 3)
    assert "Can't be read:" in heard(view, 4)


def test_words_structures_and_codes_are_found_as_one_types(make_view, shelf, qtbot):
    view = make_view(shelf)
    assert typed(qtbot, view, "CN VII") == ["Nerve VII", "Packed root"]
    assert typed(qtbot, view, "UBERON:0004674") == ["Packed root"]
    assert typed(qtbot, view, "epend") == ["Nerve VII"]
    assert view.count.text() == "1 of 5 lessons; 1 can't be read"
    assert typed(qtbot, view, "purple") == []
    assert view.empty.isVisible()
    assert not view.list.isVisible()
    assert view.empty.text() == "No lesson holds 'purple'. Try fewer words, or the beginning of one."
    assert not view.open_button.isEnabled()
    view.search.clear()
    qtbot.waitUntil(lambda: len(rows(view)) == 5)
    assert view.list.isVisible()


def test_only_the_lessons_on_a_structure(make_view, shelf, qtbot):
    view = make_view(shelf)
    offered = [view.structure.itemText(n) for n in range(view.structure.count())]
    assert offered[0] == "All structures"
    assert f"{AICA.lower()} (1)" in offered
    view.structure.setCurrentIndex(offered.index(f"{AICA.lower()} (1)"))
    view.structure.activated.emit(view.structure.currentIndex())
    assert rows(view) == ["The loop"]
    assert typed(qtbot, view, "nerve zip") == []
    assert f"No lesson on {AICA.lower()} holds 'nerve zip'" in view.empty.text()


def test_keys_alone_find_and_open_a_lesson(make_view, shelf, qtbot):
    view = make_view(shelf)
    view.search.setFocus()
    qtbot.keyClicks(view.search, "nerve")
    qtbot.keyClick(view.search, Qt.Key.Key_Return)
    assert view.list.hasFocus()
    assert view.list.picked_number == view.shelf.find("nerve")[0]
    qtbot.keyClick(view.list, Qt.Key.Key_Down)
    second = view.shelf.cards[view.list.picked_number]
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.keyClick(view.list, Qt.Key.Key_Return)
    assert chosen.args[1:] == [shelf / second.path, False]


def test_a_double_click_opens_and_the_button_is_for_study(make_view, shelf, qtbot):
    view = make_view(shelf)
    middle = view.list.visualRect(view.cards.index(1)).center()
    qtbot.mouseClick(view.list.viewport(), LEFT, pos=middle)
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.mouseDClick(view.list.viewport(), LEFT, pos=middle)
    assert chosen.args[1:] == [shelf / "year 1/nerve", False]
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.mouseClick(view.study_button, LEFT)
    assert chosen.args[1:] == [shelf / "year 1/nerve", True]


def test_of_a_broken_lesson_it_is_said_why_it_cannot_be_opened(make_view, shelf, qtbot):
    view = make_view(shelf)
    view.list.setCurrentIndex(view.cards.index(4))
    assert not view.open_button.isEnabled()
    assert not view.study_button.isEnabled()
    with qtbot.assertNotEmitted(view.chosen):
        qtbot.keyClick(view.list, Qt.Key.Key_Return)
    assert "annotations.json" in view.message.text()


def test_a_card_is_read_whole_where_it_is_too_long_to_be_painted(make_view, tmp_path, qtbot):
    root = tmp_path / "long"
    put(root, "one", lesson("A title that goes on " * 12, "", "aica", "facial-nerve", "pons"))
    view = make_view(root)
    place = view.list.visualRect(view.cards.index(0)).center()
    event = QHelpEvent(QEvent.Type.ToolTip, place, view.list.viewport().mapToGlobal(place))
    QApplication.sendEvent(view.list.viewport(), event)
    assert QToolTip.text() == heard(view, 0)
    QToolTip.hideText()


def test_progress_is_that_of_the_student_who_is_chosen(make_view, tmp_path):
    root = tmp_path / "shelf"
    put(root, "loop", lesson("The loop", "", "aica", "pons"))
    card = next(iter(updated(root)[1].cards().values()))
    assert card.questions, "nothing can be known of it"
    for student, verdicts in (("Ada", (Verdict.CORRECT, Verdict.WRONG)), ("Zoe", (Verdict.CORRECT, Verdict.CORRECT))):
        answers = tuple(answer(f"q{n}", verdict) for n, verdict in enumerate(verdicts))
        ResultsFolder(card.lesson_id).write(StudyResults(card.lesson_id, "The loop", student, answers))
    view = make_view(root)
    view.show_standing()
    assert_soon(view, lambda: f"1 of {card.questions} questions known" in heard(view, 0))
    assert [view.student.itemText(n) for n in range(view.student.count())] == ["Progress of Ada", "Progress of Zoe"]
    view.student.setCurrentIndex(1)
    view.student.activated.emit(1)
    assert f"2 of {card.questions} questions known" in heard(view, 0)


def answer(question_id: str, verdict: Verdict) -> Answer:
    from datetime import UTC, datetime

    return Answer(question_id, "m0", QuestionKind.FIND, verdict, datetime(2026, 3, 4, tzinfo=UTC))


def assert_soon(view: LibraryView, condition: Callable[[], bool]) -> None:
    for _ in range(200):
        QApplication.processEvents()
        if condition():
            return
        view.thread().msleep(20)
    assert condition()


def test_an_empty_folder_and_one_that_is_gone_are_told_apart(make_view, tmp_path):
    (tmp_path / "bare").mkdir()
    view = make_view(tmp_path / "bare")
    assert view.empty.text().startswith("There is no lesson in bare. A lesson is a folder with a lesson.json")
    view = make_view(tmp_path / "gone")
    assert "there is no folder" in view.message.text().lower()
    assert "gone" in view.message.text()


def test_what_was_read_is_there_at_once_though_the_folder_is_gone(make_view, shelf):
    make_view(shelf)
    shutil.rmtree(shelf)
    view = make_view(shelf)
    assert len(rows(view)) == 5
    assert "as they were when last seen" in view.message.text()


def test_new_lessons_are_found_when_one_looks_again(make_view, shelf, qtbot):
    view = make_view(shelf)
    put(shelf, "new", lesson("A new one"))
    qtbot.mouseClick(view.place.again, LEFT)
    qtbot.waitUntil(lambda: "A new one" in rows(view), timeout=10_000)


def test_cancel_keeps_what_was_found(make_view, tmp_path, qtbot):
    root = tmp_path / "many"
    for n in range(400):
        put(root, f"l{n:03}", lesson(f"Lesson {n:03}"))
    view = LibraryView()
    qtbot.addWidget(view)
    view.show()
    view.place.choose(str(root))
    assert view.waiting.isVisible()
    assert "The next time they are here at once" in view.empty.text()
    qtbot.waitUntil(lambda: view.waiting.bar.value() > 20, timeout=20_000)
    qtbot.mouseClick(view.waiting.button, LEFT)
    assert "Not looked through to the end" in view.message.text()
    assert not view.waiting.isVisible()
    qtbot.wait(300)
    qtbot.mouseClick(view.place.again, LEFT)
    qtbot.waitUntil(lambda: len(rows(view)) == 400, timeout=20_000)


def test_ten_thousand_cards_scroll_and_only_those_in_view_are_painted(make_view, tmp_path, qtbot):
    (tmp_path / "bare").mkdir()
    with Library(str(tmp_path / "bare")).open_index() as index:
        index.put(
            (Entry(Card(f"l{n}", title=f"Lesson {n:05}", structures=(AICA,)), text="words"), "") for n in range(10_000)
        )
    view = LibraryView()
    qtbot.addWidget(view)
    view.resize(460, 760)
    view.library = Library(str(tmp_path / "bare"))
    from napari_vascular_loop.library.shelf import Shelf

    view.shelf = Shelf(view.library.open_index())
    view._show_shelf()
    painted = []
    paint = view.list.painter.paint

    def noted(painter, option, index) -> None:
        painted.append(index.row())
        paint(painter, option, index)

    view.list.painter.paint = noted
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: bool(painted))
    assert set(painted) <= set(range(12))
    painted.clear()
    view.list.setFocus()
    qtbot.keyClick(view.list, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: 9_999 in painted)
    assert set(painted) <= {*range(12), *range(9_980, 10_000)}
    view.stop()


def test_who_listens_hears_the_list_and_its_rows(make_view, shelf):
    view = make_view(shelf)
    assert view.list.accessibleName() == "Lessons"
    names = {
        w.accessibleName() for w in (view.search, view.structure, view.place.box, view.place.again, view.open_button)
    }
    assert names == {"Search in the library", "Structure", "Library", "Look again", "Open"}
    assert all(heard(view, row).startswith(name) for row, name in enumerate(rows(view)))


@pytest.fixture
def publisher(monkeypatch) -> Iterator[BadPublisher]:
    go_online(monkeypatch)
    hurry = Patience(connect_s=2, silence_s=0.5, tries=2, pause_s=0.02)
    monkeypatch.setattr(transfer_module, "Patience", lambda: hurry)
    monkeypatch.setattr("napari_vascular_loop.samples.download.Patience", lambda: hurry)
    monkeypatch.setattr("napari_vascular_loop.library.remote.Patience", lambda: hurry)
    with publishing() as one:
        yield one


def put_on(publisher: BadPublisher, root: Path) -> str:
    library, index = updated(root)
    library.publish(index, lambda _done: None)
    index.close()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            publisher.put(f"lib/{path.relative_to(root).as_posix()}".replace(" ", "%20"), path.read_bytes())
    return publisher.url("lib")


def test_a_lesson_of_a_server_is_fetched_and_then_opened(make_view, shelf, publisher, qtbot):
    view = make_view(put_on(publisher, shelf))
    assert rows(view)[:4] == [AICA, "Nerve VII", "Packed root", "The loop"]
    view.list.setCurrentIndex(view.cards.index(3))
    with qtbot.waitSignal(view.chosen, timeout=10_000) as chosen:
        qtbot.keyClick(view.list, Qt.Key.Key_Return)
    library, path, _ = chosen.args
    assert library.is_remote
    assert (path / "article.md").read_bytes() == (shelf / "loop/article.md").read_bytes()


def test_offline_the_cards_are_as_they_were_and_it_is_said(make_view, shelf, publisher, monkeypatch):
    address = put_on(publisher, shelf)
    make_view(address)
    monkeypatch.setenv("VASCULAR_LOOP_OFFLINE", "1")
    view = make_view(address)
    assert len(rows(view)) == 5
    assert "VASCULAR_LOOP_OFFLINE" in view.message.text()
    assert "as they were when last seen" in view.message.text()


def test_what_is_no_address_is_refused_and_the_last_ones_are_offered(make_view, shelf, monkeypatch, qtbot):
    view = make_view(shelf)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("lessons", True))
    qtbot.mouseClick(view.place.address, LEFT)
    assert view.message.text() == "'lessons' is no address of a library; it begins with https://"
    monkeypatch.setattr(library_place.QFileDialog, "getExistingDirectory", lambda *_: str(ROOT / "annotations"))
    qtbot.mouseClick(view.place.folder, LEFT)
    assert [view.place.box.itemText(n) for n in range(view.place.box.count())] == [
        "Lessons of this program",
        "annotations",
        "shelf",
    ]
    qtbot.waitUntil(lambda: "The vascular loop" in " ".join(rows(view)), timeout=20_000)


def test_in_the_window_a_lesson_opens_in_its_panel(make_napari_viewer, shelf, qtbot):
    remember(str(shelf))
    viewer = make_napari_viewer()
    _, panel = viewer.window.add_plugin_dock_widget(PLUGIN, LIBRARY)
    qtbot.waitUntil(lambda: len(rows(panel.view)) == 5 and not panel.view.waiting.isVisible(), timeout=20_000)
    panel.view.list.setCurrentIndex(panel.view.cards.index(3))
    panel.view.open_picked()
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel
    from napari_vascular_loop.widgets.study_panel import StudyPanel

    (opened,) = (one for one in viewer.window.dock_widgets.values() if isinstance(one, LessonPanel))
    assert opened.store.lesson.title == "The loop"
    panel.view.list.setCurrentIndex(panel.view.cards.index(2))
    panel.view.open_picked(for_study=True)
    (studied,) = (one for one in viewer.window.dock_widgets.values() if isinstance(one, StudyPanel))
    assert studied.store.lesson.title == "Packed root"


def test_the_picture_of_a_card_is_painted(make_view, tmp_path, qtbot):
    from PIL import Image

    root = tmp_path / "shelf"
    folder = put(root, "loop", lesson("The loop", "![a figure](figure.png)"))
    Image.new("RGB", (300, 200), (200, 30, 20)).save(folder / "figure.png")
    view = make_view(root)
    shown = view.list.grab().toImage()
    rect = view.list.visualRect(view.cards.index(0))
    colour = shown.pixelColor(rect.topLeft() + QPoint(50, 50))
    assert (colour.red() > 150, colour.green() < 80, colour.blue() < 80) == (True, True, True)
