"""Picking and balancing: how many, how even, which letters, what stays, what is never lost."""

import time
from collections import Counter
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import SourceError
from finsmith.testset.balance import equal_shares
from finsmith.testset.build import Accepted, build, refuse_beside, refuse_lost
from finsmith.testset.pick import pick, targets
from finsmith.testset.read import Testset, as_written
from finsmith.testset.versions import next_version, write_questions

from .made import CHOICES, accepted, question

Testset.__test__ = False  # a record, no test
FIVES = (*CHOICES, "우체국")
EMPTY = Testset([], [])
POOLS = st.lists(
    st.tuples(st.sampled_from("가나다라"), st.sampled_from(("fact", "term", "")), st.sampled_from(("easy", "hard"))),
    min_size=1,
    max_size=60,
)


def made(pool):
    """A question of each document, kind and difficulty; of four choices or five, its right one anywhere."""
    return [
        question(
            number,
            source=f"{document}.pdf",
            kind=kind,
            difficulty=difficulty,
            choices=FIVES if number % 5 == 4 else CHOICES,
            answer=number * 7 % 3,
        )
        for number, (document, kind, difficulty) in enumerate(pool)
    ]


def built(questions, size, standing=(), documents=None, seed=7):
    return build(accepted(questions), standing, EMPTY, documents or {}, size, seed)


def too_much_or_little(values, picked, size):
    return sum(abs(one.picked - one.wanted) for one in targets(values, picked, size, []))


@pytest.mark.parametrize(
    ("available", "size", "shares"),
    [
        ({"a": 10, "b": 10}, 6, {"a": 3, "b": 3}),
        ({"a": 2, "b": 10, "c": 10}, 12, {"a": 2, "b": 5, "c": 5}),
        ({"a": 2, "b": 3, "c": 100}, 50, {"a": 2, "b": 3, "c": 45}),
        ({"a": 5, "b": 5, "c": 5}, 7, {"a": 2, "b": 2, "c": 3}),
        ({"a": 1, "b": 1}, 9, {"a": 1, "b": 1}),
    ],
)
def test_equal_shares_by_hand(available, size, shares):
    """As equal as what is available allows; what is scarce is taken whole."""
    assert equal_shares(available, size) == shares


@given(POOLS, st.integers(1, 70), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_what_is_built(pool, size, seed):
    """Accepted ones only, each once, as many as wanted or all; the same in any order; letters within one."""
    questions = made(pool)
    first = built(questions, size, seed=seed).questions
    assert len(first) == min(size, len(questions))
    by_id = {one.id: one for one in questions}
    origins = [by_id[one.id if one.id in by_id else one.parent] for one in first]
    assert len({one.id for one in origins}) == len(first)
    for one, origin in zip(first, origins, strict=True):
        assert (one.stem, one.choices[one.answer]) == (origin.stem, origin.choices[origin.answer])
        assert sorted(one.choices) == sorted(origin.choices)
        assert (one.kind, one.difficulty) == (origin.kind, origin.difficulty)
        assert bool(one.parent) == (one.id != origin.id)
    for size_of in (4, 5):
        letters = Counter(one.answer for one in first if len(one.choices) == size_of)
        assert not letters or max(letters.values()) - min(letters[at] for at in range(size_of)) <= 1
    assert built(questions[::-1], size, seed=seed).questions == first


@given(POOLS, st.integers(1, 59), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_a_pick_is_never_less_even_than_a_draw(pool, size, seed):
    """Of ten draws by chance none is nearer to equal shares; the pick is exact where shares can be met."""
    size = min(size, len(pool))
    mine = pick(pool, (), size, Random(seed))
    draws = [Random(n).sample(range(len(pool)), size) for n in range(10)]
    best = min(too_much_or_little(pool, draw, size) for draw in draws)
    assert len(mine) == size and too_much_or_little(pool, mine, size) <= best


def test_the_best_of_all_picks_is_found():
    """Of every pick of 6 from 12 none is more even: tried one by one."""
    pool = (
        [("가", "fact", "easy")] * 5
        + [("가", "term", "hard")] * 3
        + [("나", "fact", "hard"), ("나", "term", "easy")] * 2
    )
    best = min(too_much_or_little(pool, some, 6) for some in combinations(range(12), 6))
    assert too_much_or_little(pool, pick(pool, (), 6, Random(1)), 6) == best


def test_a_document_s_questions_are_not_all_of_one_kind():
    """Where shares can be met in several ways, the cells are filled evenly: 5 of each document and kind."""
    pool = [(document, kind, "") for document in "가나" for kind in ("fact", "term") for _ in range(30)]
    picked = pick(pool, (), 20, Random(1))
    assert Counter(pool[at] for at in picked) == dict.fromkeys(dict.fromkeys(pool), 5)


def test_five_thousand_candidates():
    """500 of 5,000 over 300 documents are picked in seconds, with every share met."""
    chance, started = Random(1), time.monotonic()
    pool = [
        (f"{min(int(chance.expovariate(3) * 300), 299)}.pdf", chance.choice("abcdef"), chance.choice("xyz"))
        for _ in range(5000)
    ]
    picked = pick(pool, (), 500, Random(1))
    assert (len(picked), too_much_or_little(pool, picked, 500)) == (500, 0)
    assert time.monotonic() - started < 20


@given(POOLS, st.integers(1, 40), st.integers(1, 40), st.data())
@settings(max_examples=40, deadline=None)
def test_what_stood_stays(pool, before, after, data):
    """Of the standing test each question that is still accepted stays, to the letter, if the test is no smaller."""
    questions = made(pool)
    stood = built(questions, before).questions
    left = data.draw(st.lists(st.sampled_from(questions), unique_by=lambda one: one.id, min_size=1))
    again = built(left, after, stood)
    ids = {one.id for one in left}
    still = [one for one in stood if (one.parent or one.id) in ids]
    staying = [one for one in still if one in again.questions]
    assert len(staying) == min(len(still), after) == again.stayed
    assert len(again.questions) == min(after, len(left))


def test_an_edit_takes_the_question_s_place():
    """A question that people edited after it was frozen stays in the test with its new text, under its candidate."""
    questions = made([("가", "", "easy")] * 8)
    stood = built(questions, 6).questions
    origin = next(one for one in questions if one.id in {one.parent or one.id for one in stood})
    edited = origin.model_validate(origin.model_dump(exclude={"id"}) | {"stem": "고친 물음은?", "parent": origin.id})
    after = [Accepted(one.id, edited if one is origin else one) for one in questions]
    again = build(after, stood, EMPTY, {}, 6, 7)
    (new,) = [one for one in again.questions if one.stem == "고친 물음은?"]
    assert new.parent == origin.id and again.stayed == 5


def test_letters_make_up_for_what_stays():
    """Four standing questions whose answers are all A: of twelve each letter is right three times but for the first."""
    questions = [question(number) for number in range(12)]
    stood = [one for one in questions if one.stem[0] in "0123" and len(one.stem) == len("0번 물음은?")]
    letters = Counter(one.answer for one in built(questions, 12, stood).questions)
    assert sorted(letters.items()) == [(0, 4), (1, 3), (2, 3), (3, 2)]


@pytest.mark.parametrize(
    "last", ["위의 모두", "모두 맞다", "①과 ②", "A와 B", "정답 없음", "None of the above", "both of these"]
)
def test_choices_that_speak_of_places_keep_theirs(last):
    """위의 모두 as the first choice would be nonsense."""
    questions = [question(number, choices=(*CHOICES[:3], last), answer=3) for number in range(8)]
    assert {one.choices for one in built(questions, 8).questions} == {(*CHOICES[:3], last)}


@pytest.mark.parametrize("last", ["금융위의 승인", "3% 이상의 이자", "A등급", "위의장", "법원과 국세청"])
def test_ordinary_choices_are_reordered(last):
    """Words that only look as if they spoke of places do not hold a question."""
    questions = [question(number, choices=(*CHOICES[:3], last), answer=3) for number in range(8)]
    assert {one.answer for one in built(questions, 8).questions} == {0, 1, 2, 3}


def test_a_term_counts_for_its_glossary():
    """Where sources are terms, they are balanced by the files that the terms are from."""
    questions = [question(number, source=f"용어{number}") for number in range(10)]
    questions += [question(number, source="규정.pdf") for number in range(10, 20)]
    found = built(questions, 10, documents={f"용어{number}": "용어집.csv" for number in range(10)})
    assert {one.value: one.picked for one in found.targets if one.attribute == "document"} == {
        "규정.pdf": 5,
        "용어집.csv": 5,
    }


def test_what_cannot_be_asked_is_told():
    """Two with one stem, a worked example, an edit that leaves a choice blank; texts with stray spaces are mended."""
    same, blank = question(1, choices=FIVES), question(2).model_copy(update={"choices": ("가", "나", "다", " ")})
    spaced = question(3, stem="3번  물음은? ")
    found = build(
        accepted([question(1), same, blank, spaced, question(4)]), [], Testset([], [], [question(4)]), {}, 9, 7
    )
    assert sorted(why for _, why in found.left_out) == [
        "asks what another candidate asks",
        "is a worked example",
        "the question or a choice is empty",
    ]
    assert {one.stem for one in found.questions} == {"1번 물음은?", "3번 물음은?"}
    assert {one.parent for one in found.questions if one.stem[0] == "3"} == {spaced.id}
    with pytest.raises(SourceError, match="no accepted candidate"):
        built([], 5)


def test_nothing_is_built_over_what_would_be_lost(tmp_path):
    """Questions of a person's own, a line that is none, a second file; candidates and built ones are no loss."""
    own, candidate = question(1, stem="손으로 쓴 물음?"), question(2)
    write_questions(tmp_path, [own, candidate])
    with pytest.raises(
        SourceError, match=r"would be lost: '손으로 쓴 물음\?' \(1 in all\).*import-questions.*--afresh"
    ):
        refuse_lost(tmp_path, as_written(tmp_path), (), [candidate])
    version = next_version((), [own, candidate], "첫 판", "2026-03-02", [])
    refuse_lost(tmp_path, as_written(tmp_path), (version,), [])
    frozen = next_version((), [own, candidate], "첫 판", "2026-03-02", None)
    with pytest.raises(SourceError, match="would be lost"):
        refuse_lost(tmp_path, as_written(tmp_path), (frozen,), [])
    refuse_beside(tmp_path)
    (tmp_path / "web.jsonl").write_text("kaputt\n")
    with pytest.raises(SourceError, match=r"web\.jsonl, line 1"):
        refuse_lost(tmp_path, as_written(tmp_path), (version,), [])
    with pytest.raises(SourceError, match=r"web\.jsonl would be part of the test"):
        refuse_beside(tmp_path)
