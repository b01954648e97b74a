"""The sample that people judge, the table of what they said by hand, and the stage from end to end."""

import csv
import io
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from finsmith.core.errors import ParamsError
from finsmith.core.io import read_json, read_jsonl, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import SourceReject
from finsmith.evaluation.quality import (
    QUESTIONS,
    QualityParams,
    Verdict,
    draw_sample,
    quality_table,
    read_verdicts,
    sample_csv,
)
from stages.quality import main

from ..review.made import decision
from .judged import cells, filled, params, row, rows, written

ROOT = Path(__file__).parents[2]
HUNDRED = rows(100)

# --- the sample ---


@pytest.mark.parametrize(("asked", "drawn"), [(1, 1), (7, 7), (99, 99), (100, 100), (200, 100)])
def test_the_sample_has_the_size_asked_for(asked, drawn):
    """So many rows of the training set, none twice; all where there are no more."""
    sample = draw_sample(HUNDRED, params(asked))
    assert len({one.id for one in sample}) == len(sample) == drawn
    assert set(sample) <= set(HUNDRED)


def test_the_seed_draws_the_sample():
    """The same seed draws the same rows in the same order, another draws others; an empty set gives none."""
    assert draw_sample(HUNDRED, params(20)) == draw_sample(iter(HUNDRED), params(20))
    assert set(draw_sample(HUNDRED, params(20))) != set(draw_sample(HUNDRED, params(20, seed=6)))
    assert draw_sample([], params(20)) == []


@settings(max_examples=40)
@given(st.permutations(HUNDRED[:12]), st.integers(0, 12), st.integers(1, 8), st.integers(-(2**31), 2**31))
def test_new_rows_change_the_sample_only_where_they_enter_it(mixed, known, size, seed):
    """For any order of rows, the old ones that stay are the first of the old sample, in its order."""
    old = mixed[:known]
    before, after = draw_sample(old, params(size, seed)), draw_sample(mixed, params(size, seed))
    stayed = [one for one in after if one in old]
    assert stayed == before[: len(stayed)]
    assert len(after) == min(size, 12)
    assert draw_sample(HUNDRED[:12], params(size, seed)) == after


def test_every_row_has_the_same_chance():
    """Over 2,000 seeds each of 10 rows is among 3 drawn 600 times, within five standard deviations of 20.5."""
    ten = HUNDRED[:10]
    drawn = [one.id for seed in range(2000) for one in draw_sample(ten, params(3, seed))]
    assert len(drawn) == 6000
    assert all(abs(drawn.count(one.id) - 600) < 5 * 20.5 for one in ten)
    first = [draw_sample(ten, params(3, seed))[0].id for seed in range(2000)]
    assert all(abs(first.count(one.id) - 200) < 5 * 13.5 for one in ten)  # sqrt(2000 * 0.1 * 0.9)


def test_no_row_cannot_be_asked_for(tmp_path):
    """A sample of none is refused by the key's name."""
    (tmp_path / "params.yaml").write_text("quality: {judged: data/raw/audit, rows: 0, seed: 5}", "utf-8")
    with pytest.raises(ParamsError, match=r"`quality\.rows`"):
        load_params(QualityParams, tmp_path / "params.yaml")


# --- its table ---

TEXTS = {
    "commas": "예금, 적금, 대출",
    "quotes": '그는 "이자"라고 말했다. "',
    "newlines": "첫째 줄\n둘째 줄\r\n셋째 줄\n",
    "return": "첫째\r둘째",
    "tab": "가계\t기업",
    "semicolons": "예금; 적금",
    "table": "| 구분 | 2023년 |\n| --- | --- |\n| 대출 | 3,200 |",
    "english": "It’s a “lien” – 3½ %, €20",
    "empty": "",
}
FORMULAS = ["=SUM(A1:A3)", "+82-2-123-4567", "-3.5%", "@SUM(1)", "\t=1+1", "\r=1", "- 첫째\n- 둘째", '=HYPERLINK("x")']


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_survive_the_table(text):
    """What a spreadsheet reads is the row's text to the letter, in each of its columns."""
    one = row("설명하세요.", text, text, recipe="summary.short")
    (line,) = cells(sample_csv([one]))
    assert list(line) == ["id", *QUESTIONS, "comment", "recipe", "instruction", "input", "output"]
    assert (line["recipe"], line["instruction"]) == ("summary.short", "설명하세요.")
    assert (line["input"], line["output"]) == (text, text)
    assert {line[name] for name in (*QUESTIONS, "comment")} == {""}


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(text):
    """What would be worked out has an apostrophe before it and is else the same."""
    (line,) = cells(sample_csv([row(text, text, text)]))
    assert {line[name] for name in ("instruction", "input", "output")} == {f"'{text}"}


@settings(max_examples=80)
@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_text_survives_and_is_no_formula(text):
    """Whatever a row says comes back, but for the apostrophe, and no cell begins like a formula."""
    (line,) = cells(sample_csv([row("설명하세요.", text)]))
    assert line["output"] in (text, f"'{text}")
    assert line["output"][:1] not in tuple("=+-@\t\r")


def test_no_id_is_a_number():
    """Of ids that are digits, or digits around one e, no cell can be read as a number, which would round it."""
    like_numbers = [one for one in rows(6000) if re.fullmatch(r"\d+(e\d+)?", one.id)]
    assert like_numbers
    for line, one in zip(cells(sample_csv(like_numbers)), like_numbers, strict=True):
        float(one.id)
        assert line["id"] == f"#{one.id}"
        with pytest.raises(ValueError):
            float(line["id"])


def test_spreadsheets_read_the_table_as_utf_8():
    """It begins with the byte order mark that Excel wants, once, and has a line for the header and one a row."""
    text = sample_csv(HUNDRED[:3])
    assert text.encode("utf-8").startswith(b"\xef\xbb\xbfid,instruction_valid,input_fits,output_right,comment,recipe,")
    assert text.count("\ufeff") == 1
    assert len(list(csv.reader(io.StringIO(text)))) == 4
    assert len(list(csv.reader(io.StringIO(sample_csv([]))))) == 1


# --- what was said ---

YES, NO = True, False
FOUR = [
    row("예금이란 무엇인가요?"),
    row("적금이란 무엇인가요?"),
    row("요약하세요.", recipe="summary.short", given="예금은 맡긴 돈이다."),
    row("한 문장으로 줄이세요.", recipe="summary.one_sentence", given="대출은 빌린 돈이다."),
]


def share(right, n):
    """A share with its interval, as statsmodels works it out."""
    low, high = proportion_confint(right, n, alpha=0.05, method="wilson")
    return pytest.approx({"accuracy": right / n, "low": low, "high": high}, abs=5.1e-5)


def said(reviewer, *answers):
    return [Verdict(row_id=one.id, reviewer=reviewer, answers=of) for one, of in zip(FOUR, answers, strict=False)]


def shares(rows, *right):
    return {"rows": rows} | {
        name: share(times, rows) for name, times in zip((*QUESTIONS, "all_right"), right, strict=True)
    }


def test_shares_and_intervals_by_family():
    """Of four rows three are judged: each question's yes by family and in all, and those with three times yes."""
    verdicts = said("김심사", (YES, YES, NO), (YES, YES, YES), (NO, YES, YES))
    assert quality_table(FOUR, verdicts) == {
        "sample": 4,
        "judged": 3,
        "reviewers": {"김심사": 3},
        "agreement": None,
        "verdicts_timed": 0,
        "reviewer_hours": 0,
        "by_family": {
            "glossary_qa": shares(2, 2, 2, 1, 1),
            "summary": shares(1, 0, 1, 1, 0),
            "all": shares(3, 2, 3, 2, 1),
        },
    }
    assert list(quality_table(FOUR, verdicts)["by_family"]) == ["glossary_qa", "summary", "all"]


def test_where_several_judge_a_row_all_must_say_yes():
    """Two agree on 2 of 3 answers to the first row and on all to the second; the third row has one reviewer."""
    verdicts = [
        *said("박심사", (YES, YES, YES), (YES, NO, YES), (YES, YES, YES)),
        *said("kim", (YES, NO, YES), (YES, NO, YES)),
    ]
    table = quality_table(FOUR, verdicts)
    assert (table["judged"], table["reviewers"]) == (3, {"kim": 2, "박심사": 3})
    assert table["agreement"] == round(5 / 6, 4)
    assert table["by_family"]["glossary_qa"] == shares(2, 2, 0, 2, 0)
    assert table["by_family"]["all"] == shares(3, 3, 1, 3, 1)


def test_the_time_of_people_is_summed_where_they_noted_it(tmp_path):
    """A column `seconds` that the sample does not have gives hours; one that is no number costs the time alone."""
    table = "id,instruction_valid,input_fits,output_right,seconds\n"
    lines = [f"#{one.id},y,y,n,{took}\n" for one, took in zip(FOUR, ("90", "12.5", "", "약 1분"), strict=True)]
    (tmp_path / "kim.csv").write_text(table + "".join(lines), "utf-8")
    verdicts, rejects = read_verdicts(tmp_path, FOUR)
    told = quality_table(FOUR, verdicts)
    assert (told["judged"], told["verdicts_timed"], told["reviewer_hours"]) == (4, 2, round(102.5 / 3600, 5))
    assert [reject.reason.partition(";")[0] for reject in rejects] == ["seconds: '약 1분' is no number of seconds"]


def test_three_reviewers_are_three_pairs():
    """Of one row's nine pairs of answers, two of three differ on the last question: 7 of 9 are the same."""
    verdicts = [
        *said("a", (YES, YES, YES)),
        *said("b", (YES, YES, NO)),
        *said("c", (YES, YES, YES)),
    ]
    assert quality_table(FOUR, verdicts)["agreement"] == round(7 / 9, 4)
    assert quality_table(FOUR, verdicts)["by_family"]["all"] == shares(1, 1, 1, 0, 0)


def test_a_table_without_verdicts_says_so():
    """Nothing is judged, there are no shares and there is no agreement."""
    nothing = {"judged": 0, "reviewers": {}, "agreement": None, "by_family": {}}
    nothing |= {"verdicts_timed": 0, "reviewer_hours": 0}
    assert quality_table(FOUR, []) == {"sample": 4} | nothing
    assert quality_table([], []) == {"sample": 0} | nothing


# --- the stage ---


def test_the_stage_writes_a_sample_and_reads_it_back(tmp_path, monkeypatch):
    """With the delivered parameters: 200 of 230 rows to fill in; once filled in and put back, they are tabulated."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    train, judged, quality, metrics = (tmp_path / name for name in ("train.jsonl", "audit", "quality", "metrics.json"))
    decisions = tmp_path / "decisions.jsonl"
    decisions.touch()
    judged.mkdir()
    (judged / "README.md").write_text("# Judged rows", "utf-8")
    write_jsonl(train, rows(230))
    main(train, judged, decisions, quality, metrics)
    assert read_json(metrics) == quality_table(rows(200), []) | {"rejects": 0}
    empty = (quality / "sample.csv").read_bytes()
    table = cells(empty.decode("utf-8"))
    assert len({line["id"] for line in table} & {f"#{one.id}" for one in rows(230)}) == 200

    sample = draw_sample(rows(230), load_params(QualityParams))
    assert [line["instruction"] for line in table] == [one.instruction for one in sample]
    answers = [("예", "예", "아니오" if n % 5 == 0 else "예") for n in range(50)] + [("예", "", "예")]
    (judged / "김심사.csv").write_bytes(filled(sample, answers).encode("cp949"))
    main(train, judged, decisions, quality, metrics)
    assert (quality / "sample.csv").read_bytes() == empty
    assert read_json(metrics) == {
        "sample": 200,
        "judged": 50,
        "reviewers": {"김심사": 50},
        "agreement": None,
        "verdicts_timed": 0,
        "reviewer_hours": 0,
        "by_family": {"glossary_qa": shares(50, 50, 50, 40, 40), "all": shares(50, 50, 50, 40, 40)},
        "rejects": 1,
    }
    (reject,) = (quality / "rejects.jsonl").read_text("utf-8").splitlines()
    assert '"source":"김심사.csv","place":"line 52"' in reject
    assert sample[50].id in reject


def test_decisions_on_sampled_rows_stand_beside_the_files(tmp_path, monkeypatch):
    """They count, without their time; on a row that is gone, or where the file says it too, they do not."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    train, judged, quality, metrics = (tmp_path / name for name in ("train.jsonl", "audit", "quality", "metrics.json"))
    judged.mkdir()
    write_jsonl(train, FOUR)
    table = cells(filled(FOUR, [("예", "예", "예")]))
    table[0]["comment"] = " 날짜가 없다"
    (judged / "kim.csv").write_text(written(table), "utf-8")
    yes, no = (True, True, True), (True, True, False)
    said = [
        decision(FOUR[0], kind="sample", answers=yes),
        decision(FOUR[1], "reject", kind="sample", answers=no, reason="단위가 다르다"),
        decision(FOUR[2], "skip", kind="sample"),
        decision(FOUR[1], reviewer="lee", kind="sample", answers=yes),
        decision(FOUR[3]),
        decision("0123456789abcdef", kind="sample", answers=yes),
    ]
    write_jsonl(tmp_path / "decisions.jsonl", said)
    main(train, judged, tmp_path / "decisions.jsonl", quality, metrics)
    verdicts = list(read_jsonl(quality / "verdicts.jsonl", Verdict))
    assert [(one.row_id, one.reviewer, one.answers, one.seconds, one.comment) for one in verdicts] == [
        (FOUR[0].id, "kim", yes, None, "날짜가 없다"),
        (FOUR[1].id, "kim", no, None, "단위가 다르다"),
        (FOUR[1].id, "lee", yes, None, ""),
    ]
    rejects = list(read_jsonl(quality / "rejects.jsonl", SourceReject))
    assert [(one.source, one.reason.split()[-1]) for one in rejects] == [("kim", "too"), ("kim", "set")]
    table = read_json(metrics)
    assert (table["judged"], table["reviewers"], table["rejects"]) == (2, {"kim": 2, "lee": 1}, 2)
