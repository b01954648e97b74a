"""A teacher judges rows: what is counted of its replies, and what comes of bad ones."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.records import REFUSED, Judgement
from finsmith.generation.judging import Judged, judging_statistics

from .judged import DAYS, RULE, SUMMARY, item, judged_by, knowing, saying
from .made import in_turn, reply_to, row

NEITHER = "E (none, or more than one)"
UNFAITHFUL = {"unsupported": "7영업일", "faithful": False}


# --- what is counted ---


def test_right_is_the_text_of_a_choice_and_not_its_letter():
    """Who knows is right four times, who always says C once; what was said is kept as text with its call."""
    kinds = [("solved", "judge.solve"), ("solved_blind", "judge.solve_blind")]
    for answer, right, said in (
        (knowing("7영업일"), 4, ("7영업일",) * 4),
        (saying("C"), 1, ("7영업일", "10영업일", "3영업일", "5영업일")),
    ):
        judged, asked = judged_by(answer, item())
        assert judged == Judged(
            [
                Judgement(
                    example_id=item().id,
                    kind=kind,
                    right=right,
                    votes=4,
                    said=said,
                    request_keys=tuple(one.key for one in asked if one.recipe == task),
                    model="teacher-large-2024-07-18",
                )
                for kind, task in kinds
            ],
            [],
        )


@pytest.mark.parametrize("choices", [DAYS, ("S", "G", "E", "R")], ids=["days", "esg"])
def test_none_or_several_is_never_right(choices):
    """E counts as a vote against every choice, also against one that reads "E"; without the passage it is no answer."""
    judged, _ = judged_by(saying("E"), item(choices))
    (solved,) = judged.judgements
    assert (solved.kind, solved.right, solved.votes, solved.said) == ("solved", 0, 4, (NEITHER,) * 4)
    assert {reject.recipe for reject in judged.rejected} == {"judge.solve_blind"}


CHOICES = st.text("가나다 ABCDE7%.", min_size=1, max_size=6).map(str.strip).filter(bool)


@settings(max_examples=60)
@given(st.lists(CHOICES, min_size=4, max_size=4, unique=True), st.text("ABCDE", min_size=1, max_size=4))
def test_every_vote_is_a_choice_or_neither(choices, letters):
    """For any choices and orders, what was said of them adds up to the votes without E, each where it stood."""
    shown = iter(letters)
    teacher = lambda request: {"answer": next(shown) if request.recipe == "judge.solve" else "A"}  # noqa: E731
    judged, _ = judged_by(teacher, item(tuple(choices)), solve_orders=len(letters))
    solved = next(one for one in judged.judgements if one.kind == "solved")
    times = Counter(solved.said)
    assert sum(times[choice] for choice in choices) == solved.votes - letters.count("E")
    by_hand = ["ABCD".index(mark) + turn for turn, mark in enumerate(letters) if mark != "E"]
    assert times == Counter(choices[at % 4] for at in by_hand) + Counter({NEITHER: letters.count("E")})
    assert solved.right == sum(at % 4 == 2 for at in by_hand)


# --- replies that are no good ---


@pytest.mark.parametrize(
    "bad", ["C", "", '{"answer": "F"}', '{"answer": "C", "why": "7"}', '{"answer": ["C"]}', '{"answer": "7영업일"}']
)
def test_a_malformed_reply_is_asked_once_more(bad):
    """A good second reply counts; of two bad ones the vote is lost; all bad ones are listed."""
    good = {"answer": "C"}
    for second, votes, mended in ((good, 2, [True]), (bad, 1, [False, False])):
        judged, asked = judged_by(in_turn(good, bad, second, good, good), item(), solve_orders=2)
        assert [request.recipe for request in asked] == ["judge.solve"] * 3 + ["judge.solve_blind"] * 2
        solved = next(one for one in judged.judgements if one.kind == "solved")
        assert (solved.votes, len(solved.said)) == (votes, votes)
        assert solved.request_keys == tuple(one.key for one in (asked[0], asked[2]))[:votes]
        assert [(reject.reply, reject.mended) for reject in judged.rejected] == [(bad, one) for one in mended]


def test_a_request_that_the_endpoint_refuses_is_not_repeated():
    """It is listed without a reply, and the other votes stand."""
    refuse = lambda request: reply_to(request, "content filter", REFUSED)  # noqa: E731
    judged, asked = judged_by(in_turn({"unsupported": "", "faithful": True}, refuse, refuse), SUMMARY)
    assert len(asked) == 3
    assert [(one.right, one.votes) for one in judged.judgements] == [(1, 1)]
    assert [(reject.reply, reject.mended) for reject in judged.rejected] == [("", False)] * 2


def test_no_usable_reply_gives_no_judgement():
    """An item of which nothing usable is said is not judged, and the rows beside it are."""
    judged, asked = judged_by(lambda request: "모르겠다" if "solve" in request.recipe else "{}", item(), SUMMARY)
    assert judged.judgements == []
    assert len(judged.rejected) == len(asked) == 2 * (4 + 4 + 3)
    half, _ = judged_by(lambda request: "{}" if "solve" in request.recipe else UNFAITHFUL, item(), SUMMARY)
    assert [(one.example_id, one.right, one.votes) for one in half.judgements] == [(SUMMARY.id, 0, 3)]


MIXED = [item(), item(letter="A"), item(stem="며칠인가?"), SUMMARY, item(given=f"{RULE} 끝."), row("설명하세요.", "답")]


def by_its_key(request):
    """Replies of all kinds, some of them bad, that depend on the request alone."""
    at = int(request.key, 16) % 6
    voted = {"unsupported": "", "faithful": at % 2 == 0}
    return "모름" if at == 5 else voted if request.recipe == "judge.faithful" else {"answer": "ABCDE"[at]}


@settings(max_examples=30)
@given(st.permutations(MIXED))
def test_the_order_of_rows_changes_nothing(rows):
    """Tasks, judgements and rejects are the same, in the same order, however the rows come."""
    assert judged_by(by_its_key, *rows) == judged_by(by_its_key, *MIXED)


# --- figures ---


def told(kind, right, votes):
    keys, said = tuple(map(str, range(votes))), ("7영업일",) * votes
    return Judgement(
        example_id="r", kind=kind, right=right, votes=votes, said=said, request_keys=keys, model="teacher-large"
    )


def test_statistics_by_hand():
    """(1 + 1/4 + 0) / 3 is 0.4167 and 2/3 is 0.6667; a kind without a judgement is not told."""
    found = [told("solved", 4, 4), told("solved", 1, 4), told("faithful", 2, 3), told("solved", 0, 3)]
    judged, _ = judged_by(in_turn("?", "?", "?", "?", "?", "?"), SUMMARY)
    assert judging_statistics(Judged(found, judged.rejected)) == {
        "judged": {"solved": {"rows": 3, "right": 0.4167}, "faithful": {"rows": 1, "right": 0.6667}},
        "replies_rejected": 6,
    }
    assert judging_statistics(Judged([], [])) == {"judged": {}, "replies_rejected": 0}
