"""Rows that are there twice, answered anew, or in conflict."""

import pytest

from finsmith.curation.duplicates import conflicting_outputs, exact_duplicates, superseded
from finsmith.curation.finding import Finding

from .rows import CONTEXT, row

LCR = row("유동성커버리지비율이란 무엇인가요?", "30일 동안의 순현금유출을 고유동성자산으로 견디는 비율이다.")


def findings(judge, *rows):
    """The findings by id; every row comes out, in order."""
    judged = list(judge(rows, CONTEXT))
    assert [one for one, _ in judged] == list(rows)
    return [finding for _, finding in judged]


def test_a_row_that_differs_in_space_and_case_only_is_a_duplicate_of_the_first():
    """The later row is rejected with score 1 against the earlier one's id; the first stays."""
    first = row("ETF란 무엇인가요?", "거래소에 상장된 펀드이다.", source="t1")
    later = row("etf란  무엇인가요?", "거래소에 상장된\n펀드이다.", source="t2")
    third = row("Etf란 무엇인가요?", "거래소에 상장된 펀드이다.", source="t3")
    duplicate = Finding("the same as an earlier row", 1.0, first.id)
    assert findings(exact_duplicates, first, later, third) == [None, duplicate, duplicate]


def test_one_row_twice_is_kept_once():
    """A row with the same id again is a duplicate of itself."""
    assert findings(exact_duplicates, LCR, LCR) == [None, Finding("the same as an earlier row", 1.0, LCR.id)]


@pytest.mark.parametrize("field", ["instruction", "input", "output"])
def test_rows_that_differ_in_any_field_are_no_duplicates(field):
    """A difference in instruction, input or output alone is enough; text does not slip from one field to the next."""
    changed = LCR.model_dump(exclude={"id"}) | {field: getattr(LCR, field) + " 그리고"}
    assert findings(exact_duplicates, LCR, type(LCR).model_validate(changed)) == [None, None]
    assert findings(exact_duplicates, row("가나다라", "마바"), row("가나다", "라마바")) == [None, None]


def test_all_rows_that_contradict_each_other_are_rejected():
    """One question, three answers: every row goes, the first too, each against a row that says otherwise."""
    rows = [row("기준금리는 얼마인가요?", f"연 {rate}퍼센트이다.", source=f"t{rate}") for rate in (2, 3, 4)]
    *found, other = findings(conflicting_outputs, *rows, row("예금금리는 얼마인가요?", "연 3퍼센트이다."))
    assert other is None
    assert {f.reason for f in found} == {"rows with this instruction and input have different outputs"}
    assert all(
        f.score is None and f.against in {r.id for r in rows} - {one.id} for f, one in zip(found, rows, strict=True)
    )


def test_the_same_answer_twice_is_no_contradiction():
    """Two rows that agree but for their spaces stay; the input is part of the question."""
    same = [row("기준금리는 얼마인가요?", text, source=text) for text in ("연 3퍼센트이다.", "연  3퍼센트이다.")]
    assert findings(conflicting_outputs, *same) == [None, None]
    inputs = [row("합을 구하세요.", output, given) for given, output in (("1, 2", "3입니다."), ("2, 2", "4입니다."))]
    assert findings(conflicting_outputs, *inputs) == [None, None]


def test_a_row_answered_anew_gives_way_to_the_new_one():
    """The old row is rejected against the new one's id; a row evolved from it takes nobody's place."""
    old = row("기준금리란 무엇인가요?", "금리다.", recipe="self_instruct.task")
    better = old.model_copy(update={"output": "중앙은행이 정하는 정책 금리이다."})
    new, evolved = (
        type(old).model_validate(
            better.model_dump(exclude={"id"})
            | {"recipe": recipe, "provenance": {"sources": ["t1"], "parents": [old.id]}}
        )
        for recipe in ("improve.self_instruct", "evolve.deepen")
    )
    assert findings(superseded, old, new, evolved) == [Finding("answered anew", None, new.id), None, None]
    assert findings(superseded, old, evolved) == [None, None]
