"""The loop over the filters, and the funnel."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import ParamsError
from finsmith.curation.filters import ROW_FILTERS, SET_FILTERS, apply_filters, funnel, funnel_steps

from .rows import PARAMS, question, row

QUESTIONS = [question("은행이 국외 지점에서 받은 외화예금의 지급준비율을 정하는 기구는 어디인가?")]
INSTRUCTIONS = [
    "기준금리란 무엇인가요?",
    "기준금리는 무엇인가요?",
    "왜?",
    " ",
    QUESTIONS[0].stem,
    "다음 글을 요약하세요.",
]
OUTPUTS = ["정책 금리이다.", "정책  금리이다.", "", "본문", "환매조건부채권 거래의 기준이 되는 금리를 말한다."]
ROWS = st.builds(
    row,
    st.sampled_from(INSTRUCTIONS),
    st.sampled_from(OUTPUTS),
    st.sampled_from(["", "본문", "한국은행이 정하는 정책 금리이다. 회의는 한 해에 여덟 번 열린다."]),
    st.sampled_from(["glossary_qa.definition", "summary.short"]),
    st.sampled_from(["t1", "t2"]),
)


@given(st.lists(ROWS, max_size=14), st.permutations([*ROW_FILTERS, *SET_FILTERS]), st.integers(0, 7))
@settings(max_examples=50)
def test_kept_and_rejected_are_the_candidates(rows, names, used):
    """Whatever filters run in whatever order: every candidate is kept or rejected, once, in candidate order."""
    params = PARAMS.model_copy(update={"enabled": tuple(names[:used])})
    result = apply_filters(rows, QUESTIONS, params)
    assert sorted(e.id for e in (*result.kept, *(r.example for r in result.rejected))) == sorted(e.id for e in rows)
    left = iter(rows)
    assert all(any(e == candidate for candidate in left) for e in result.kept)
    assert all(r.reason and r.filter in params.enabled for r in result.rejected)
    again = apply_filters(rows, QUESTIONS, params)
    assert again == result


@given(st.lists(ROWS, max_size=14))
@settings(max_examples=50)
def test_the_funnel_counts_every_row(rows):
    """Counts by filter and by recipe add up to the totals, and the last step of the plot is what is kept."""
    result = apply_filters(rows, QUESTIONS, PARAMS)
    counts = funnel(rows, result, PARAMS)
    assert counts["candidates"] == len(rows) == counts["kept"] + counts["rejected"]
    assert sum(counts["rejected_by_filter"].values()) == counts["rejected"] == len(result.rejected)
    assert sum(counts["kept_by_recipe"].values()) == counts["kept"] == len(result.kept)
    steps = funnel_steps(counts, PARAMS)
    assert [s["step"] for s in steps] == ["0 candidates", *(f"{n} {x}" for n, x in enumerate(PARAMS.enabled, 1))]
    assert steps[0]["rows"] == len(rows) and steps[-1]["rows"] == len(result.kept)


def test_each_filter_rejects_its_own_row_with_reason_score_and_opponent():
    """One bad row per filter: each is stopped by that filter, and the reject tells why and against what."""
    good = row("양도성예금증서란 무엇인가요?", "제삼자에게 넘길 수 있는 정기예금 증서이다.")
    bad = {
        "empty": row("양도성예금증서를 설명하세요.", ""),
        "length": row("왜?", "금리가 올라서이다."),
        "repeats_input": row("핵심을 쓰세요.", "금리가 올랐다.", "지난달 금리가 올랐다. 환율은 내렸다."),
        "exact_duplicates": row("양도성예금증서란  무엇인가요?", good.output, source="t2"),
        "conflicting_outputs": row("지난달 물가상승률은 얼마인가요?", "삼 퍼센트이다."),
        "novelty": row("양도성예금증서는 무엇인가요?", good.output, source="t3"),
        "test_overlap": row(QUESTIONS[0].stem, "금융통화위원회"),
    }
    contradiction = row("지난달 물가상승률은 얼마인가요?", "이 퍼센트 남짓으로 전월보다 낮다.")
    result = apply_filters([good, *bad.values(), contradiction], QUESTIONS, PARAMS)
    assert result.kept == [good]
    rejects = {r.example.id: r for r in result.rejected}
    assert {name: rejects[e.id].filter for name, e in bad.items()} == {name: name for name in PARAMS.enabled}
    against = {name: rejects[e.id].against for name, e in bad.items()}
    assert against == {
        "empty": "",
        "length": "",
        "repeats_input": "",
        "exact_duplicates": good.id,
        "conflicting_outputs": contradiction.id,
        "novelty": good.id,
        "test_overlap": QUESTIONS[0].id,
    }
    scores = {name: rejects[e.id].score for name, e in bad.items()}
    assert scores["length"] == 2 and scores["repeats_input"] == 1.0 and scores["exact_duplicates"] == 1.0
    assert scores["empty"] is None and scores["conflicting_outputs"] is None
    assert 0.7 <= scores["novelty"] < 1 and 0.7 <= scores["test_overlap"] <= 1


@pytest.mark.parametrize("name", ["exact_duplicates", "novelty"])
def test_one_row_given_twice_is_kept_once(name):
    """A row with the same id again is a duplicate of itself, also where only one of the two filters runs."""
    example, other = (
        row("기준금리란 무엇인가요?", "정책 금리이다."),
        row("환매조건부채권이란?", "되사기로 하고 파는 채권이다."),
    )
    result = apply_filters([example, other, example, example], [], PARAMS.model_copy(update={"enabled": (name,)}))
    assert result.kept == [example, other]
    assert [(r.example, r.filter, r.reason, r.score, r.against) for r in result.rejected] == [
        (example, name, "the same as an earlier row", 1.0, example.id)
    ] * 2


def test_a_row_stops_at_the_first_filter_that_rejects_it():
    """The order of `enabled` decides which filter a twice-bad row is counted under."""
    twice_bad = row("", "금")
    for order in (("empty", "length"), ("length", "empty")):
        (reject,) = apply_filters([twice_bad], [], PARAMS.model_copy(update={"enabled": order})).rejected
        assert reject.filter == order[0]


def test_a_rejected_row_does_not_make_later_ones_duplicates():
    """A row that an earlier filter dropped is no rival: with both outputs copied from their inputs, none conflicts."""
    copied = row("핵심을 쓰세요.", "금리가 올랐다.", "금리가 올랐다. 환율은 내렸다.")
    sound = row("핵심을 쓰세요.", "통화 긴축이 이어졌다는 소식.", "금리가 올랐다. 환율은 내렸다.")
    result = apply_filters(
        [copied, sound], [], PARAMS.model_copy(update={"enabled": ("repeats_input", "conflicting_outputs")})
    )
    assert result.kept == [sound]


def test_an_unknown_filter_is_named_with_those_there_are():
    """A misspelt filter is an error that names it, the key and all filters; nothing runs."""
    with pytest.raises(ParamsError, match=r"`filter.enabled`: unknown noveltey; there are: empty, .*test_overlap"):
        apply_filters([], [], PARAMS.model_copy(update={"enabled": ("empty", "noveltey")}))
