"""Tables hold the right facts of each record, and say where it stands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, power_divergence

from finsmith.core.errors import RecordError
from finsmith.core.io import write_jsonl
from finsmith.core.records import Example
from finsmith.corpus.privacy import kinds_in
from finsmith.curation.expectations.tables import (
    documents_table,
    hangul_share,
    odd_characters,
    passages_table,
    placed,
    questions_table,
    rows_table,
    terms_table,
)

from ..items import item
from ..rows import question
from .sets import GOOD, asked, closed, document, general, made, passage, term

CHOICES = ("3개월", "6개월", "9개월", "1년")


def numbered(records):
    return [(f"train.jsonl:{at}", one) for at, one in enumerate(records, 1)]


def column(table, name):
    return table.columns[name]


def test_every_table_has_a_value_of_each_fact_for_each_record():
    """All columns of a table are as long as the set."""
    tables = {
        "documents": documents_table(GOOD["documents"]),
        "passages": passages_table(GOOD["passages"], kinds_in),
        "terms": terms_table(GOOD["terms"]),
        "testset": questions_table(numbered(GOOD["testset"])),
        "candidates": rows_table("candidates", numbered(GOOD["candidates"]), kinds_in),
        "mixture": rows_table("mixture", numbered(GOOD["mixture"]), kinds_in, 0.5),
    }
    for name, table in tables.items():
        assert table.name == name
        assert {len(values) for values in table.columns.values()} == {len(GOOD[name])}


def test_tables_of_nothing_have_their_columns():
    """Of no record there are the same facts, none of them with a value."""
    for nothing, something in (
        (documents_table([]), documents_table(GOOD["documents"])),
        (passages_table([], kinds_in), passages_table(GOOD["passages"], kinds_in)),
        (terms_table([]), terms_table(GOOD["terms"])),
        (rows_table("mixture", [], kinds_in), rows_table("mixture", numbered(GOOD["mixture"]), kinds_in)),
        (questions_table([]), questions_table(numbered(GOOD["testset"]))),
    ):
        assert nothing.columns == {name: [] for name in something.columns}
        assert nothing.parameters.keys() == something.parameters.keys()


def test_a_document_stands_under_its_name():
    """Its counts are those that it was read with."""
    table = documents_table([document("금리전망.pdf", 1200, 4, 2, "en")])
    assert table.columns == {
        "place": ["금리전망.pdf"],
        "characters": [1200],
        "passages": [4],
        "pages": [5],
        "unread_pages": [2],
        "language": ["en"],
    }


def test_a_passage_is_told_by_its_facts():
    """Place, lengths, odd characters and kinds of personal data are counted by hand."""
    on_page = passage("담보 인정비율\x07\n상향", (7, 8))
    without_pages = passage("문의 010-2345-6789, desk@bank.example 또는 010-9876-5432", (), 120)
    table = passages_table([on_page, without_pages, passage("")], kinds_in)
    assert table.columns == {
        "place": ["여신업무편람.pdf, page 7", "여신업무편람.pdf, character 120", "여신업무편람.pdf, page 3"],
        "id": [on_page.id, without_pages.id, passage("").id],
        "characters": [11, 52, 0],
        "odd_characters": [1, 0, 0],
        "longest_word": [5, 17, 0],
        "personal_data": ["", "phone_number, email", ""],
    }


def test_a_term_is_told_by_its_row_and_its_key():
    """The sheet is named where there is one; marks, spaces and case are no part of the key."""
    table = terms_table(
        [term("총자산 순이익률 (ROA)", "자산으로 번 이익", 7, "수익성"), term("예대율", "대출 나누기 예금", 3)]
    )
    assert table.columns == {
        "place": ["용어집.xlsx, sheet 수익성, row 7", "용어집.xlsx, row 3"],
        "term_key": ["총자산순이익률(roa)", "예대율"],
        "term_characters": [14, 3],
        "definition_characters": [9, 9],
        "defines_itself": [False, False],
    }


@pytest.mark.parametrize(
    ("name", "definition", "itself"),
    [
        ("예대율", "", True),
        ("예대율", " . ", True),
        ("기준 금리", "기준금리.", True),
        ("Call Rate", "call rate", True),
        ("예대율", "예대율(LDR)", False),
        ("3.5%", "35%", False),
    ],
)
def test_a_definition_of_nothing_but_its_term_is_found(name, definition, itself):
    """An empty one counts; one more word, or another number, does not."""
    assert column(terms_table([term(name, definition)]), "defines_itself") == [itself]


def test_a_row_is_told_by_its_facts():
    """Recipe, lengths, sources, odd characters and personal data of all three texts are counted by hand."""
    first = made("요약해 주세요.", "BIS 비율\ufffd", "summary.short", ("p1", "p2"), "연락처: 02-345-6789\ue001")
    second = made("desk@bank.example 에게 쓰세요.", "02-345-6789", "general", (), "답장: desk@bank.example")
    table = rows_table("mixture", [("train.jsonl:1", first), ("train.jsonl:9", second)], kinds_in)
    assert table.columns == {
        "place": ["train.jsonl:1", "train.jsonl:9"],
        "id": [first.id, second.id],
        "family": ["summary", "general"],
        "is_general": [False, True],
        "sources": [2, 0],
        "instruction_characters": [8, 25],
        "input_characters": [17, 21],
        "output_characters": [7, 11],
        "odd_characters": [2, 0],
        "hangul_share": [0.4, None],
        "letter": [None, None],
        "personal_data": ["phone_number", "email, phone_number"],
    }


@pytest.mark.parametrize("task", ["solve", "write"])
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("letter", "ABCD")
def test_the_letter_of_an_item_is_its_answer(language, task, letter):
    """It is read off both kinds of items and in both languages."""
    row = item(language, "만기는?", CHOICES, letter, task=task)
    assert column(rows_table("candidates", [("a:1", row)], kinds_in), "letter") == [letter]


def test_only_items_have_letters():
    """A row that has choices without an answer, or an answer without choices, has none."""
    listed = "만기는?\n\nA. 3개월\nB. 6개월\nC. 9개월\nD. 1년"
    rows = [made(listed, "6개월입니다."), made("만기는?", "정답: B. 6개월"), made(listed, "정답: B. 6개월")]
    assert column(rows_table("candidates", numbered(rows), kinds_in), "letter") == [None, None, "B"]


def test_a_row_stands_at_its_file_and_line(tmp_path):
    """Lines count from 1, and a broken line is told by them."""
    write_jsonl(tmp_path / "train.jsonl", [general(1), general(2)])
    assert [place for place, _ in placed(tmp_path / "train.jsonl", Example)] == ["train.jsonl:1", "train.jsonl:2"]
    with (tmp_path / "train.jsonl").open("a") as lines:
        lines.write("{}\n")
    with pytest.raises(RecordError, match=r"train\.jsonl:3: recipe"):
        list(placed(tmp_path / "train.jsonl", Example))


@pytest.mark.parametrize(
    ("choices", "repeated", "longest"),
    [
        (("예금", "적금", "펀드", "채권"), 0, False),
        (("정기예금", "적금", "펀드", "채권"), 0, True),
        (("정기예금", "자유적금", "펀드", "채권"), 0, False),
        (("여신 위원회", "여신위원회", "이사회", "감사"), 1, True),
        (("Loan fee", "loan fee.", "Interest", "Fee"), 1, False),
        (("연 3.5%", "연 35%", "연 3.5%p", "연 35bp"), 0, False),
        (("가.", "가,", "나", "'나'"), 2, False),
        ((".", ",", "나", "다"), 0, False),
        (("가", "나", "다", "라", "마바"), 0, False),
        (("여신 위원회", "여신위원회", "이사회", "감사", "감사."), 2, True),
    ],
)
def test_choices_are_counted_and_measured(choices, repeated, longest):
    """Choices that differ by spaces, marks or case are repeated; the right one is longest where no other is as long."""
    table = questions_table([("questions.jsonl:1", question("맞는 것은?", *choices))])
    assert (column(table, "repeated_choices"), column(table, "right_is_longest")) == ([repeated], [longest])


def test_a_question_is_told_by_its_facts():
    """Its place, its stem but for marks and spaces, its length and the letter of its answer."""
    one = question("다음 중 '예대율'은?", "가", "나", "다", "라마", answer=2)
    columns = questions_table([("questions.jsonl:1", one)]).columns
    told = [columns[name] for name in ("place", "stem_key", "stem_characters", "letter")]
    assert told == [["questions.jsonl:1"], ["다음중예대율은?"], [12], ["C"]]


def test_letters_of_four_and_of_five_choices_stand_apart():
    """Each question's letter is in the column of its number of choices; both have a bound of their own."""
    mixed = [question("금리란?", *"가나다라", answer=3), question("환율이란?", *"가나다라마", answer=4)]
    table = questions_table(numbered([*mixed, question("물가란?", *"가나다라마", answer=0)]))
    assert (column(table, "letter"), column(table, "letter_of_five")) == (["D", None, None], [None, "E", "A"])
    assert table.parameters["letters_divergence"] * 2 * 1 == pytest.approx(chi2.isf(0.001, 3), abs=1e-4)
    assert table.parameters["letters_of_five_divergence"] * 2 * 2 == pytest.approx(chi2.isf(0.001, 4), abs=1e-4)


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("", 0),
        ("연체율\n상승\t1.2\r\n", 0),
        ("①㈜ 25㎡ ™ 利率 \u1100\u1161\u200b\u3000", 0),
        ("연체\ufffd율\ufffd", 2),
        ("대출\ue000 \uf8ff\U000f0000\U0010fffd", 4),
        ("이자\x00\x07\x0c\x7f\x85", 5),
    ],
)
def test_odd_characters_are_counted(text, odd):
    """U+FFFD, private use and control characters are odd; line ends, tabs and all that is written are not."""
    assert odd_characters(text) == odd


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", None),
        ("3.5% (2024. 1.)", None),
        ("가힣", 1),
        ("연체율은 1.2%", 1),
        ("ROE는", 0.25),
        ("利率 금리", 0.5),
        ("Basel III", 0),
    ],
)
def test_the_share_of_hangul_is_by_letters(text, share):
    """Digits and marks do not count, and a text without letters has no share."""
    assert hangul_share(text) == share


def test_the_asked_share_of_general_rows_has_half_a_row_to_each_side():
    """Of four rows that is an eighth; of none, all there is."""
    for rows, asked_for, bounds in ((GOOD["mixture"][:4], 0.5, (0.375, 0.625)), ([], 0.5, (0, 1))):
        parameters = rows_table("mixture", numbered(rows), kinds_in, asked_for).parameters
        assert (parameters["least_general_share"], parameters["most_general_share"]) == bounds


@pytest.mark.parametrize("items", [1, 4, 40, 1000])
def test_the_letters_may_diverge_as_far_as_the_g_test_allows(items):
    """Times twice the number of items, the bound is the critical value at p = 0.001; other rows do not count."""
    rows = [*[asked(at, "B") for at in range(items)], *GOOD["mixture"]]
    of_rows = rows_table("mixture", numbered(rows), kinds_in).parameters
    of_questions = questions_table(numbered(closed(at, 1) for at in range(items))).parameters
    for parameters in (of_rows, of_questions):
        assert parameters["letters_divergence"] * 2 * items == pytest.approx(chi2.isf(0.001, 3), abs=1e-4)


def test_the_bound_parts_all_sets_of_forty_letters_as_the_g_test_does():
    """Each of the 12,341 ways to give 40 answers four letters is beyond it exactly where p is under 0.001."""
    ways = [(a, b, c, 40 - a - b - c) for a in range(41) for b in range(41 - a) for c in range(41 - a - b)]
    bound = questions_table(numbered(closed(at, 0) for at in range(40))).parameters["letters_divergence"]
    test = power_divergence(np.array(ways), axis=1, lambda_="log-likelihood")
    assert len(ways) == 12341
    assert ((test.statistic / (2 * 40) > bound) == (test.pvalue < 0.001)).all()


@given(st.lists(st.tuples(st.text(), st.text(), st.text())))
def test_any_texts_make_a_table(texts):
    """Whatever rows hold, there is a row for each, with a share of Hangul between 0 and 1 or none."""
    rows = [made(instruction, output, given=between) for instruction, between, output in texts]
    table = rows_table("candidates", numbered(rows), kinds_in)
    assert {len(values) for values in table.columns.values()} == {len(texts)}
    odd = [sum(map(odd_characters, one)) for one in texts]
    assert column(table, "odd_characters") == odd
    assert all(share is None or 0 <= share <= 1 for share in column(table, "hangul_share"))
