"""Passages are found again after the article was edited, by similar words too; never in a wrong place."""

from __future__ import annotations

import random
import re
import time
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from napari_vascular_loop.anchoring import find_passage, find_passages, likely_places, reanchored
from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.article import How, Passage, Span, passage_at
from napari_vascular_loop.domain.errors import AnnotationError

LESSON = (content_folder("annotations") / "facial-nerve-root" / "article.md").read_text(encoding="utf-8")
TEXT = """# The loop

The facial nerve leaves the brainstem below the pons. It clings to the pons for a centimetre, and then it parts from it.

An artery that runs close by can make a loop, and the tip of the loop may touch the nerve. Many healthy people have such
a loop without ever knowing it. "A loop alone proves nothing," say those who have seen many.

- **Mild:** the vessel touches the nerve.
- **Severe:** the vessel pushes the nerve aside.

Always look at both sides before you judge.
"""
OTHER_SCRIPTS = """Die Größe der Gefäße ist verschieden. 顔面神経は溝の外側の端で出る。
הוא נצמד תחילה לפני הגשר ורק אחר כך.
Một động mạch có thể chạm vào. يمكن لشريان صغير أن يلمس العصب.
"""
QUOTE = "An artery that runs close by can make a loop, and the tip of the loop may touch the nerve."

TWINS = """## Right

The right nerve leaves the groove 11 mm from the midline. The vessel in front of it is thin and does not touch it.

## Left

The left nerve leaves the groove 12 mm from the midline. The vessel in front of it is thin and does not touch it.

## Both

Compare them.
"""


def passage_of(text: str, words: str, occurrence: int = 0) -> Passage:
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(words, start + 1)
    return passage_at(text, start, start + len(words))


def found(text: str, passage: Passage) -> tuple[str, How] | None:
    anchor = find_passage(text, passage)
    return None if anchor is None else (text[anchor.start : anchor.end], anchor.how)


@pytest.mark.parametrize(
    ("was", "now", "words", "how"),
    [
        ("# The loop", "# The loop", QUOTE, How.EXACT),
        ("# The loop", "# The vessel and the nerve", QUOTE, How.MOVED),
        ("can make a loop, and", "can make a loop,\n  and", None, How.WHITE_SPACE),
        ("can make a loop", "can\u00a0make a loop", None, How.WHITE_SPACE),
        ("artery that", "ar\u00adtery that", None, How.WHITE_SPACE),
        ("touch the nerve.", "touch the nerve!", None, How.SIMILAR),
        ("An artery", "An old artery", None, How.SIMILAR),
        ("can make a loop", "can at times make a loop", None, How.SIMILAR),
        ("that runs close by ", "", None, How.SIMILAR),
        ("close by can make", "nearby often makes", None, How.SIMILAR),
        ("An artery", "Any artery", None, How.SIMILAR),
        ("a loop, and the tip", "a loop. The tip", None, How.SIMILAR),
        ("the nerve. Many", "the nerve, and many", f"{QUOTE[:-1]}, and", How.SIMILAR),
        ("artery that", "arteyr taht", None, How.SIMILAR),
        ("artery that", "**artery** that", None, How.SIMILAR),
        ("artery that", "artery 🫀👩‍⚕️ that", None, How.SIMILAR),
    ],
)
def test_one_edit(was, now, words, how):
    passage = passage_of(TEXT, QUOTE)
    edited = TEXT.replace(was, now, 1)
    assert (edited != TEXT) == (was != now)
    assert found(edited, passage) == (words or QUOTE.replace(was.split(" Many")[0], now, 1), how)


def test_the_score_says_how_alike_the_words_are():
    passage = passage_of(TEXT, QUOTE)
    a_typo = find_passage(TEXT.replace("close by", "close bye"), passage)
    reworded = find_passage(TEXT.replace("that runs close by can make", "nearby often makes"), passage)
    assert a_typo is not None
    assert reworded is not None
    assert a_typo.description == "found again by similar words (98 %)"
    assert 0.6 < reworded.score < 0.85
    assert find_passage(TEXT, passage).score == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(lambda text: text.replace("\n", " "), id="one line"),
        pytest.param(lambda text: re.sub(r"(?<=\w{3})(?=\w{3})", "\u00ad", text), id="soft hyphens"),
        pytest.param(lambda text: text.replace(" ", "\u00a0"), id="no-break spaces"),
        pytest.param(lambda text: text.replace('"', "\u201c").replace("-", "\u2013"), id="curly"),
        pytest.param(lambda text: unicodedata.normalize("NFD", text), id="NFD"),
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        QUOTE,
        '"A loop alone proves nothing,"',
        "Größe der Gefäße",
        "לפני הגשר",
        "có thể chạm",
        "顔面神経は溝",
        "شريان صغير",
    ],
)
def test_the_same_words_set_otherwise(change, words):
    text = f"{TEXT}\n{OTHER_SCRIPTS}\n"
    passage = passage_of(text, words)
    anchor = find_passage(change(text), passage)
    assert anchor is not None
    there = change(text)[anchor.start : anchor.end]
    assert there.replace("\u00ad", "") == change(words).replace("\u00ad", "")
    assert anchor.how in (How.EXACT, How.MOVED, How.WHITE_SPACE)


@pytest.mark.parametrize(
    ("words", "was", "now"),
    [
        ("הוא נצמד תחילה לפני הגשר ורק אחר כך נפרד", "לפני הגשר", "אל הגשר עצמו"),
        ("接触だけでは何も証明できないと先生は言う。", "何も証明できない", "何ひとつ証明できない"),
        ("एक छोटी धमनी उसे बिना नुकसान पहुँचाए छू सकती है।", "छोटी धमनी", "बहुत छोटी धमनी"),
        ("Ask the teacher 👩🏽‍🏫 or the doctor 👨‍⚕️ when lost", "doctor 👨‍⚕️ when", "surgeon 👩‍⚕️🫀 when"),
    ],
)
def test_similar_words_in_other_scripts(words, was, now):
    text = f"🫀 Das ist der Anfang, schön. {words} Und jetzt das Ende, 終わり。"
    edited = "Übrigens. " + text.replace(was, now)
    assert found(edited, passage_of(text, words)) == (words.replace(was, now), How.SIMILAR)


# -------------------------------------------------------------------- orphans


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ("", "deleted"),
        ("Blood is bright in this sequence, and so is fat.", "another sentence in its place"),
        ("An artery.", "hardly anything left"),
    ],
)
def test_words_that_are_gone_are_an_orphan(now, why):
    assert find_passage(TEXT.replace(QUOTE, now), passage_of(TEXT, QUOTE)) is None, why


@pytest.mark.parametrize("at", [0, 10, TEXT.index(QUOTE), TEXT.index(QUOTE) + len(QUOTE), len(TEXT)])
def test_a_similar_sentence_that_stays_is_not_taken_for_a_deleted_one(at):
    similar = "A vein that runs close by can make a bend, and the tip of the bend may touch the nerve."
    text = f"{TEXT[:at]} {similar} {TEXT[at:]}"
    passage = passage_of(text, QUOTE)
    assert find_passage(text.replace(QUOTE, ""), passage) is None
    assert found(text, passage) == (QUOTE, How.EXACT)


@pytest.mark.parametrize(
    ("words", "now", "is_found"),
    [
        ("AICA", "PICA", False),
        ("a loop", "a loot", False),
        ("the vein", "the vine", False),
        ("8 mm", "9 mm", False),
        ("the vesel", "the vessel", True),
    ],
)
def test_a_few_letters_are_hardly_found_by_similar_ones(words, now, is_found):
    text = f"In front of the pons runs {words} and turns back there. Look at it twice."
    assert (find_passage(text.replace(words, now), passage_of(text, words)) is not None) == is_found


def test_a_short_word_elsewhere_is_not_the_one_that_was_deleted():
    passage = passage_of(TEXT, "the nerve", 1)
    assert passage.suffix.startswith(".")
    edited = TEXT.replace("the vessel touches the nerve.", "it touches.")
    assert edited.count("the nerve") == 2
    assert find_passage(edited, passage) is None


def test_part_of_a_word_is_not_the_word():
    text = "Here the art is old and dry. Elsewhere nothing."
    assert find_passage("Here the artery is old and dry. Elsewhere nothing.", passage_of(text, "art")) is None


@pytest.mark.parametrize("gone", ["right", "left"])
def test_the_twin_on_the_other_side_is_not_the_passage(gone):
    """Its words, and what stands around them, differ in little but the side."""
    whole = f"The {gone} nerve leaves the groove {'11' if gone == 'right' else '12'} mm from the midline."
    for words in (whole, f"{gone} nerve leaves the groove"):
        passage = passage_of(TWINS, words)
        start = TWINS.index(f"## {gone.capitalize()}")
        paragraph = TWINS[start : TWINS.index("## ", start + 4)]
        assert find_passage(TWINS.replace(paragraph, ""), passage) is None, words


def test_the_twins_are_told_apart_when_both_are_edited():
    edited = "New.\n\n" + TWINS.replace("nerve leaves", "nerve, in most heads, leaves")
    for side in ("right", "left"):
        words = f"The {side} nerve leaves the groove"
        assert found(edited, passage_of(TWINS, words)) == (words.replace("nerve", "nerve, in most heads,"), How.SIMILAR)


def test_same_words_in_two_places_with_nothing_to_tell_them_apart_are_an_orphan():
    line = "Follow it from slice to slice.\n\n"
    passage = passage_of(line * 5, "from slice", 2)
    assert found(line * 5, passage) == ("from slice", How.EXACT)
    assert find_passage("x\n\n" + line * 5, passage) is None


@pytest.mark.parametrize("text", ["", "Something else altogether.", TWINS, "\n", "An"])
def test_another_text(text):
    assert find_passage(text, passage_of(TEXT, QUOTE)) is None


# -------------------------------------------------------------------- moved


def test_paragraphs_in_another_order():
    parts = LESSON.strip().split("\n\n")
    passages = [passage_of(LESSON, part.split(". ")[0]) for part in parts if len(part) > 60]
    random.Random(4).shuffle(parts)
    edited = "\n\n".join(parts)
    anchors = find_passages(edited, passages)
    assert sum(anchor is None for anchor in anchors) < len(passages) / 5
    for passage, anchor in zip(passages, anchors, strict=True):
        assert anchor is None or edited[anchor.start : anchor.end] == passage.exact


def test_a_sentence_that_moved_alone_is_offered_and_not_assumed():
    """It may as well be a copy that was there before."""
    passage = passage_of(TEXT, "It clings to the pons for a centimetre, and then it parts from it.")
    edited = TEXT.replace(passage.exact, "") + passage.exact
    assert find_passage(edited, passage) is None
    first, *_ = likely_places(edited, passage)
    assert edited[first.start : first.end] == passage.exact


def test_likely_places_begin_with_the_one_that_is_found_and_do_not_overlap():
    passage = passage_of(TWINS, "The left nerve leaves the groove 12 mm from the midline.")
    edited = TWINS.replace("The left nerve leaves", "The nerve on the left leaves")
    places = likely_places(edited, passage)
    assert places[0] == find_passage(edited, passage)
    assert edited[places[1].start : places[1].end].startswith("The right nerve")
    assert all(not a.overlaps(b) for n, a in enumerate(places) for b in places[:n])
    assert likely_places("Nothing.", passage) == ()
    assert likely_places(TWINS, passage) == (Span(passage.start, passage.end),)


# -------------------------------------------------------------------- many


def test_many_are_found_as_each_alone():
    passages = [passage_of(LESSON, sentence) for sentence in re.findall(r"[A-Z][^.\n]{30,}\.", LESSON)]
    edited = "New first paragraph.\n\n" + LESSON.replace("nerve", "facial nerve", 12)
    together = find_passages(edited, passages)
    assert together == tuple(find_passage(edited, passage) for passage in passages)
    assert sum(anchor is None for anchor in together) == 0
    assert find_passages(edited, []) == ()
    assert find_passages(edited, [passages[3]] * 2) == (together[3],) * 2


def test_neighbours_tell_the_same_words_apart():
    same = "Here you see it once more. Follow it from slice to slice until you are sure that it is really the one."
    text = "".join(f"Number {n}.\n\n{same}\n\n" for n in range(5))
    ours = passage_of(text, "slice until you are sure", 2)
    others = [passage_of(text, f"Number {n}") for n in (2, 3)]
    edited = "Another beginning.\n\n" + text
    assert find_passage(edited, ours) is None
    anchor, *_ = find_passages(edited, [ours, *others])
    assert anchor == Span(ours.start + 20, ours.end + 20)


def test_two_passages_of_the_same_words_do_not_end_in_one_place():
    copy = "Follow the nerve from slice to slice until it enters the bone."
    text = f"On the first day we open it. {copy}\n\nLater on we compare. {copy}\n\nThat is all.\n"
    first, second = passage_of(text, copy), passage_of(text, copy, 1)
    edited = text.replace(f" {copy}", "", 1)
    assert find_passages(edited, [first, second]) == (None, Span(second.start - 63, second.end - 63))


# -------------------------------------------------------------------- anchored anew


def test_a_passage_is_given_the_words_that_it_has_now():
    passage = passage_of(TEXT, QUOTE)
    edited = "🫀 " + TEXT.replace("close by", "nearby").replace("Many healthy", "Some healthy")
    anchor = find_passage(edited, passage)
    fresh = reanchored(edited, passage, anchor)
    assert fresh.exact == QUOTE.replace("close by", "nearby")
    assert fresh.suffix.startswith(" Some healthy")
    assert (fresh.start, fresh.end) == (passage.start + 2, passage.end)
    assert found(edited, fresh) == (fresh.exact, How.EXACT)
    assert reanchored(edited, fresh, anchor) is fresh


def test_a_stretch_without_words_makes_no_passage():
    with pytest.raises(AnnotationError, match="select part of the article"):
        reanchored(TEXT, passage_of(TEXT, QUOTE), Span(10, 12))


# -------------------------------------------------------------------- passages of other programs


@pytest.mark.parametrize("start", [-1, -7, 3, 10_000, 10**30])
def test_a_wrong_or_missing_position_does_not_mislead(start):
    passage = Passage("may touch the nerve", start=start, end=start)
    assert found(TEXT, passage) == ("may touch the nerve", How.EXACT if start < 0 else How.MOVED)


@pytest.mark.parametrize(
    ("passage", "words"),
    [
        (Passage(" may touch the nerve\n"), "may touch the nerve"),
        (Passage("MAY TOUCH THE NERVE"), "may touch the nerve"),
        (Passage("the nerve"), None),
        (Passage("\u00ad\u200b"), None),
        (Passage("\ud800"), None),
        (Passage("."), None),
        (Passage("# The loop", prefix="\u0301\ud800", suffix="\U000e0041"), None),
    ],
)
def test_odd_passages(passage, words):
    result = found(TEXT, passage)
    assert (None if result is None else result[0]) == words


# -------------------------------------------------------------------- any text, any edit

LETTERS = st.text(st.sampled_from("ab \n.é\u0301\u00ad🧠\u200dשא神\u00a0\r“"), max_size=60)
SENTENCES = re.findall(r"[A-Z][^.\n]{20,}\.", LESSON)


@given(text=LETTERS, changed=LETTERS, start=st.integers(0, 60), length=st.integers(1, 30))
def test_it_never_raises_and_stays_inside_and_settles(text, changed, start, length):
    try:
        passage = passage_at(text, start, start + length)
    except AnnotationError:
        return
    assert find_passage(text, passage) == Span(passage.start, passage.end)
    anchor = find_passage(changed, passage)
    if anchor is None:
        return
    assert 0 <= anchor.start < anchor.end <= len(changed)
    words = changed[anchor.start : anchor.end]
    assert words == words.strip()
    assert find_passage(changed, reanchored(changed, passage, anchor)) == anchor


@st.composite
def edited_lessons(draw):
    """Part of the lesson, a sentence or some words of it, and the text after edits away from it, and where it went."""
    first = draw(st.integers(0, len(SENTENCES) - 12))
    sentences = SENTENCES[first : first + 12]
    ours = draw(st.integers(0, len(sentences) - 1))
    text = " ".join(sentences)
    start = sum(len(sentence) + 1 for sentence in sentences[:ours])
    passage = passage_at(text, start, start + len(sentences[ours]))
    before, after = text[: max(0, start - 32)], text[passage.end + 32 :]
    new_before = draw(edits_of(before)) if before else ""
    new_after = draw(edits_of(after)) if after else ""
    edited = new_before + text[len(before) : len(text) - len(after)] + new_after
    shift = len(new_before) - len(before)
    return passage, edited, Span(passage.start + shift, passage.end + shift)


@st.composite
def edits_of(draw, text):
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        until = min(len(text), at + draw(st.integers(0, 60)))
        text = text[:at] + draw(st.text(st.sampled_from("the nerve ab.\n🧠é"), max_size=30)) + text[until:]
    return text


@given(edited_lessons())
def test_edits_elsewhere_never_move_it_to_other_words(case):
    passage, edited, span = case
    assert find_passage(edited, passage) == span


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), ours=st.integers(0, len(SENTENCES) - 1))
def test_edits_in_it_leave_it_where_it_is_or_an_orphan(seed, ours):
    rng = random.Random(seed)
    passage = passage_of(LESSON, SENTENCES[ours])
    words = passage.exact.split(" ")
    for _ in range(rng.randint(1, 4)):
        n = rng.randrange(len(words))
        words[n : n + rng.randint(0, 1)] = rng.choices(["often", "the", "vessel,", "small", ""], k=rng.randint(0, 2))
    now = " ".join(words)
    edited = "Before.\n\n" + LESSON.replace(passage.exact, now)
    anchor = find_passage(edited, passage)
    if anchor is not None:
        there = Span(passage.start + 9, passage.start + 9 + len(now))
        assert anchor.overlaps(there)
        assert abs(anchor.start - there.start) + abs(anchor.end - there.end) < 40


@given(ours=st.integers(0, len(SENTENCES) - 1))
def test_a_deleted_sentence_is_an_orphan(ours):
    passage = passage_of(LESSON, SENTENCES[ours])
    assume(LESSON.count(passage.exact) == 1)
    assert find_passage(LESSON.replace(passage.exact, ""), passage) is None


# -------------------------------------------------------------------- time

LONG = 100_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a" * LONG, "a" * 10_000),
        ("a " * (LONG // 2), "a " * 5000),
        ("ab. " * (LONG // 4), "ab. ba " * 1400),
        ("神" * LONG, "神" * 9999 + "経"),
        (" " * LONG + "x", "x y" + " " * 9000 + "z"),
        ("a\u0301\u0323" * (LONG // 3), "a\u0323" * 5000),
        ((LESSON * 20)[:LONG], LESSON[:5000] + "x" + LESSON[:5000]),
        ("!?" * (LONG // 2), "!?!" * 3000),
    ],
    ids=["one letter", "one word", "one sentence", "no spaces", "blanks", "marks", "the same lesson again", "signs"],
)
def test_hostile_texts_take_no_time(text, words):
    passages = [
        Passage(words, text[:32], text[5:37], 7, 7 + len(words)),
        passage_at(text + "end", LONG - 10_000, LONG + 3),
        Passage(words),
        Passage(f"{words[: len(words) // 2]} other {words[len(words) // 2 :]}", start=3),
    ]
    for new in (text, "b" + text, text[: LONG // 2] + "x" + text[LONG // 2 :], text[::-1]):
        start = time.perf_counter()
        for anchor in find_passages(new, passages):
            assert anchor is None or 0 <= anchor.start < anchor.end <= len(new)
        assert time.perf_counter() - start < 10


def test_five_hundred_passages_in_a_long_article():
    rng = random.Random(3)
    words = re.findall(r"\w+", LESSON)
    sentences = [" ".join(rng.choices(words, k=12)).capitalize() + "." for _ in range(1400)]
    text = " ".join(sentences)
    assert len(text) > 90_000
    passages = [passage_of(text, sentence) for sentence in rng.sample(sentences, 500)]
    edited = "A new beginning. " + text.replace("nerve", "the nerve", 300)
    start = time.perf_counter()
    anchors = find_passages(edited, passages)
    took = time.perf_counter() - start
    assert sum(anchor is not None for anchor in anchors) > 490
    assert took < 5
