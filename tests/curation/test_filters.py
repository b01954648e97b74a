"""The loop over the filters, and the funnel."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import ParamsError
from finsmith.curation.filters import FILTERS

from .rows import PARAMS, apply, context, question, row

QUESTIONS = [question("은행이 국외 지점에서 받은 외화예금의 지급준비율을 정하는 기구는 어디인가?")]
KNOWN = context(QUESTIONS)
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
    st.sampled_from(["glossary_qa.definition", "summary.short", "general"]),
    st.sampled_from(["t1", "t2"]),
)


@given(st.lists(ROWS, max_size=14), st.permutations([*FILTERS]), st.integers(0, 27))
@settings(max_examples=40, deadline=None)
def test_kept_and_rejected_are_the_candidates(rows, names, used):
    """Whatever filters run in whatever order: every candidate is kept or rejected, once, the kept ones in order."""
    known = context(QUESTIONS, enabled=tuple(names[:used]), flagging=tuple(names[used:]))
    kept, rejected, flagged, funnel = apply(rows, known)
    assert sorted(e.id for e in (*kept, *(r.example for r in rejected))) == sorted(e.id for e in rows)
    left = iter(rows)
    assert all(any(e == candidate for candidate in left) for e in kept)
    assert all(r.reason and r.filter in names[:used] for r in rejected)
    assert all(f.reason and f.filter in names[used:] for f in flagged) and {f.example_id for f in flagged} <= {
        e.id for e in kept
    }
    assert apply(rows, known) == (kept, rejected, flagged, funnel)


@given(st.lists(ROWS, max_size=14))
@settings(max_examples=40, deadline=None)
def test_the_funnel_counts_every_row(rows):
    """Counts by filter and by recipe add up to the totals, and the last step of the plot is what is kept."""
    kept, rejected, _, funnel = apply(rows, KNOWN)
    counts, steps = funnel.metrics(PARAMS), funnel.steps(PARAMS)
    assert counts["candidates"] == len(rows) == counts["kept"] + counts["rejected"]
    assert sum(counts["rejected_by_filter"].values()) == counts["rejected"] == len(rejected)
    assert sum(sum(of.values()) for of in counts["rejected_by_recipe"].values()) == len(rejected)
    assert sum(counts["kept_by_recipe"].values()) == counts["kept"] == len(kept)
    assert [s["step"] for s in steps] == ["0 candidates", *(f"{n} {x}" for n, x in enumerate(PARAMS.enabled, 1))]
    assert steps[0]["rows"] == len(rows) and steps[-1]["rows"] == len(kept)


def test_each_filter_rejects_its_own_row_with_reason_score_and_opponent():
    """One bad row per filter: each is stopped by that filter, and the reject tells why and against what."""
    good = row("양도성예금증서란 무엇인가요?", "제삼자에게 넘길 수 있는 정기예금 증서이다.")
    bad = {
        "empty": row("양도성예금증서를 설명하세요.", ""),
        "length": row("왜?", "금리가 올라서이다."),
        "repeats_input": row(
            "핵심을 쓰세요.", "지난달 금리가 올랐다. 환율은 내렸다.", "지난달 금리가 올랐다. 환율은 내렸다."
        ),
        "refuses": row("지급준비율을 설명하세요.", "죄송하지만 알려 드릴 수 없습니다.", recipe="general"),
        "exact_duplicates": row("양도성예금증서란  무엇인가요?", good.output, source="t2"),
        "conflicting_outputs": row("지난달 물가상승률은 얼마인가요?", "삼 퍼센트이다."),
        "novelty": row("양도성예금증서는 무엇인가요?", good.output, source="t3"),
        "near_test": row(QUESTIONS[0].stem, "금융통화위원회"),
    }
    contradiction = row("지난달 물가상승률은 얼마인가요?", "이 퍼센트 남짓으로 전월보다 낮다.")
    kept, rejected, _, _ = apply([good, *bad.values(), contradiction], KNOWN)
    assert kept == [good]
    rejects = {r.example.id: r for r in rejected}
    assert {name: rejects[e.id].filter for name, e in bad.items()} == {name: name for name in bad}
    assert {name: rejects[e.id].against for name, e in bad.items()} == {
        "empty": "",
        "length": "",
        "repeats_input": "",
        "refuses": "죄송",
        "exact_duplicates": good.id,
        "conflicting_outputs": contradiction.id,
        "novelty": good.id,
        "near_test": QUESTIONS[0].id,
    }
    scores = {name: rejects[e.id].score for name, e in bad.items()}
    assert scores["length"] == 2 and scores["repeats_input"] == 1.0 and scores["exact_duplicates"] == 1.0
    assert scores["empty"] is None and scores["conflicting_outputs"] is None
    assert 0.7 <= scores["novelty"] <= 1 and 0.7 <= scores["near_test"] <= 1


def test_a_flagging_filter_marks_the_row_and_keeps_it():
    """Mixed politeness is a mark with its score beside the kept row, not a reject."""
    mixed = row("기준금리를 설명하세요.", "중앙은행이 정하는 금리입니다. 시장 금리가 이를 따라 움직여요.")
    kept, rejected, flagged, funnel = apply([mixed])
    assert kept == [mixed] and not rejected
    ((flag,)) = flagged
    assert (flag.example_id, flag.filter, flag.score) == (mixed.id, "mixes_politeness", 0.5)
    assert funnel.metrics(PARAMS)["flagged_by_filter"] == {
        "mixes_politeness": 1,
        "disputed_answer": 0,
        "solved_without_passage": 0,
    }


def test_a_glossarys_own_words_are_not_judged_as_a_teachers():
    """A definition with hanja in it is the company's; the same words of a teacher are rejected."""
    texts = ("直接稅·間接稅를 함께 이르는 말이다.", "회사가 답할 수 없다고 적은 경우이다. 죄송합니다.")
    own = [row("직접세란 무엇인가요?", text, source=text, recipe="glossary_qa.definition") for text in texts[:1]]
    taught = [row("간접세란 무엇인가요?", text, source=text, recipe="self_instruct.task") for text in texts]
    kept, rejected, _, _ = apply([*own, *taught])
    assert kept == own and [reject.filter for reject in rejected] == ["foreign", "refuses"]


def test_a_rejected_row_hides_nothing_from_later_filters():
    """A row that was dropped for its length is no earlier copy: the same question in full stays."""
    short, whole = row("금리란 무엇인가요?", ""), row("금리란 무엇인가요?", "돈을 빌린 값이다.")
    assert apply([short, whole])[0] == [whole]


@pytest.mark.parametrize(
    ("enabled", "flagging", "sentence"),
    [
        (("empty", "lenght"), (), "unknown lenght; there are: empty, length"),
        (("empty",), ("nothing",), "unknown nothing"),
        (("empty", "novelty"), ("novelty",), "novelty stands there twice"),
    ],
)
def test_a_wrong_name_is_told_before_a_row_is_read(enabled, flagging, sentence):
    """An unknown filter is named with those there are, and so is one that stands twice."""

    def rows():
        raise AssertionError("a row was read")
        yield

    with pytest.raises(ParamsError, match=sentence):
        apply(rows(), context(enabled=enabled, flagging=flagging))


def test_rows_stream_through():
    """With filters that need one pass, a row comes out before the next batch is read: nothing waits for the end."""
    read = []

    def rows():
        for at in range(5):
            read.append(at)
            yield row(f"{at}번 지점의 위치를 알려 주세요.", f"{at}번 출구 앞이다.")

    from finsmith.curation.filters import Funnel, apply_filters

    stream = apply_filters(rows(), context(enabled=("empty", "length")), Funnel(), print, print)
    next(stream)
    assert read == [0]
