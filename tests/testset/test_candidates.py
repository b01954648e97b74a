"""Importing questions from tables: encodings, sheets, headers, what is refused and where it is told."""

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
from openpyxl import load_workbook

from finsmith.core.errors import SourceError
from finsmith.core.io import read_jsonl, write_jsonl
from finsmith.core.records import Question, SourceReject
from finsmith.testset.candidates import import_questions, read_candidates, read_questions
from finsmith.testset.questions import cleaned, stem_key

from ..workbooks import write_book
from .made import CHOICES, question

KOREAN = ["문제", "보기1", "보기2", "보기3", "보기4", "보기5", "정답", "해설", "출처", "근거", "유형", "난이도"]
ROW = ["기준금리를 정하는 곳은?", *CHOICES, "", "①", "한국은행이 정한다.", "한국은행법", "금통위는", "fact", "쉬움"]
MADE = Question(
    stem=ROW[0], choices=CHOICES, answer=0, explanation=ROW[7], source=ROW[8], evidence=ROW[9],
)  # fmt: skip


def write_csv(path, *rows, encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def reasons(found):
    return [(one.place, one.reason) for one in found.rejects]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_table_in_each_encoding_gives_the_same_question(tmp_path, encoding):
    """With all its fields, labels among them; a fifth choice that is left blank is none."""
    ((place, one),) = read_questions(write_csv(tmp_path / "q.csv", KOREAN, ROW, encoding=encoding)).questions
    assert (place, one, one.kind, one.difficulty) == ("row 2", MADE.model_copy(update=_labels(one)), "fact", "쉬움")


def _labels(one):
    return {"kind": one.kind, "difficulty": one.difficulty}


@pytest.mark.parametrize(
    "header",
    [
        KOREAN,
        ["질문", *(f"선택지 {n}" for n in range(1, 6)), "답", "풀이", "문서", "근거", "종류", "난도"],
        ["문항", "①", "②", "③", "④", "⑤", "정답 번호", "해설", "출처", "근거", "유형", "난이도"],
        ["Question", "A", "B", "C", "D", "E", "Answer", "Explanation", "Source", "Evidence", "Kind", "Difficulty"],
        ["stem", *(f"choice_{n}" for n in range(1, 6)), "correct_answer", "rationale", "document", "evidence", "type",
         "level"],
    ],
)  # fmt: skip
def test_headers_in_two_languages(tmp_path, header):
    """Columns are found by their names, whatever stands above the header row."""
    path = write_csv(tmp_path / "q.csv", ["2026년 문제은행", *[""] * 11], header, ROW)
    ((place, one),) = read_questions(path).questions
    assert (place, one.id) == ("row 3", MADE.id)


def test_a_lone_column_that_is_called_like_a_choice(tmp_path):
    """It is no choice where the choices stand in one cell; it is told as not read."""
    path = write_csv(tmp_path / "q.csv", ["문제", "보기", "A", "정답"], ["어디인가?", "; ".join(CHOICES), "x", "B"])
    read = read_questions(path)
    assert (read.questions[0][1].choices, list(read.unused)) == (CHOICES, ["A"])


@pytest.mark.parametrize(
    ("cell", "choices"),
    [
        ("① 한국은행 ② 국세청 ③ 예금보험공사 ④ 법원", CHOICES),
        ("한국은행\n국세청\n예금보험공사\n법원", CHOICES),
        ("A. 한국은행\nB. 국세청\nC. 예금보험공사\nD. 법원", CHOICES),
        ("1) 한국은행 | 2) 국세청 | 3) 예금보험공사 | 4) 법원", CHOICES),
        ("한국은행; 국세청; 예금보험공사; 법원", CHOICES),
        ('["한국은행", "국세청", "예금보험공사", "법원"]', CHOICES),
        ("1.5%\n2.5%\n3.5%\n4.5%", ("1.5%", "2.5%", "3.5%", "4.5%")),
    ],
)
def test_choices_in_one_cell(tmp_path, cell, choices):
    """They are parted by marks, lines, bars or semicolons; marks are dropped, figures that look like marks stay."""
    path = write_csv(tmp_path / "q.csv", ["문제", "보기", "정답"], ["어디인가?", cell, "B"])
    ((_, one),) = read_questions(path).questions
    assert (one.choices, one.answer) == (choices, 1)


RATES = ("2", "3", "4", "5")
GRADES = ("B", "A", "C", "D")


@pytest.mark.parametrize(
    ("said", "choices", "found"),
    [
        ("C", CHOICES, 2), ("c", CHOICES, 2), ("(C)", CHOICES, 2), ("3", CHOICES, 2), ("3번", CHOICES, 2),
        ("③", CHOICES, 2), ("③ 예금보험공사", CHOICES, 2), ("C. 예금보험공사", CHOICES, 2),
        ("예금 보험공사", CHOICES, 2),
        ("④", RATES, 3), ("D", RATES, 3), ("5", RATES, 3), ("2", ("10", "20", "30", "40"), 1), ("①", GRADES, 0),
        ("3", RATES, "answer: '3' is choice 3 by its place and choice 2 by its text; write the place as a letter or a"),
        ("A", GRADES, "answer: 'A' is choice 1 by its place and choice 2 by its text; write the place as a circled"),
        ("5", CHOICES, "answer: '5', but there are 4 choices"),
        ("", CHOICES, "no answer"),
        ("③ 국세청", CHOICES, "answer: '③ 국세청' names choice 3, whose text is another"),
        ("①, ③", CHOICES, "answer: '①, ③' names choice 1, whose text is another"),
        ("금감원", CHOICES, "answer: '금감원' is the text of no choice, no letter A–E, and no number from 1"),
    ],
)  # fmt: skip
def test_what_an_answer_may_be(tmp_path, said, choices, found):
    """A letter, a number from 1, a circled number, the text, a place with the text; nothing that means two choices."""
    header = ["문제", "A", "B", "C", "D", "정답"]
    path = write_csv(tmp_path / "q.csv", header, ["어느 것인가?", *choices, said], ["또 어느 것인가?", *CHOICES, "A"])
    read = read_questions(path)
    if isinstance(found, int):
        assert read.questions[0][1].answer == found and not read.rejects
    else:
        ((place, reason),) = reasons(read)
        assert place == "row 2" and reason.startswith(found)


def test_a_table_that_counts_from_0_is_not_read_as_if_from_1(tmp_path):
    """One 0 among the answers makes all numbers of the table doubtful; letters stay what they are."""
    rows = [[f"{n}번?", *CHOICES, said] for n, said in enumerate(("0", "1", "2", "B"))]
    read = read_questions(write_csv(tmp_path / "q.csv", ["문제", "A", "B", "C", "D", "정답"], *rows))
    assert [one.stem for _, one in read.questions] == ["3번?"]
    assert [place for place, _ in reasons(read)] == ["row 2", "row 3", "row 4"]
    assert "may count from 0" in read.rejects[1].reason


def test_every_sheet_of_a_workbook_as_it_is_shown(tmp_path):
    """A cover is told as none; a percentage stands as a person sees it, and an answer is found by such a text."""
    header = ["문제", "보기1", "보기2", "보기3", "보기4", "정답"]
    path = write_book(
        tmp_path / "은행.xlsx",
        표지=[["문제은행", "2026"]],
        여신=[header, ["한도는?", 0.1, 0.2, 0.3, 0.4, 0.3]],
        수신=[["수신 문제"], header, [], ["만기는?", "1월", "2월", "3월", None, 2], ["이율은?", *RATES, "D"]],
    )
    book = load_workbook(path)
    for cell in book["여신"][2][1:]:
        cell.number_format = "0%"
    book.save(path)
    read = read_questions(path)
    assert [(place, one.choices, one.answer) for place, one in read.questions] == [
        ("여신, row 2", ("10%", "20%", "30%", "40%"), 2),
        ("수신, row 5", RATES, 3),
    ]
    assert read.rejects[0].place == "표지" and read.rejects[0].reason.startswith("no column for question and choices")
    assert read.rejects[1].place == "수신, row 4" and "at least 4 items" in read.rejects[1].reason


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"choices": CHOICES, "answer": 0}, 0),
        ({"choices": CHOICES, "answer": "D"}, 3),
        ({"choices": CHOICES, "answer": "국세청"}, 1),
        ({**dict(zip("ABCD", CHOICES, strict=True)), "answer": "B"}, 1),
        ({"choices": CHOICES, "answer": "1"}, "answer: '1' in quotes may count from 0 or from 1"),
        (
            {**dict(zip("ABCD", CHOICES, strict=True)), "answer": 1},
            "answer: 1 with a key for each choice may count",
        ),
        ({"choices": CHOICES, "answer": True}, "answer: True is no number, letter or text"),
        ({"choices": CHOICES, "answer": 4}, "answer: 4 is none of 4 choices, counted from 0"),
        ({"choices": CHOICES}, "no column for answer among ['question', 'choices']; name it one of answer: 정답"),
    ],
)
def test_json_lines(tmp_path, fields, found):
    """A list of choices counts from 0 as our own files do; where a number could mean two things it is refused."""
    lines = [
        {"question": "어디인가?", **fields},
        {"stem": "끝?", "choices": CHOICES, "answer": 3, "id": "x", "번호": 1},
    ]
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    read = read_questions(path)
    assert read.questions[-1][1].stem == "끝?" and list(read.unused) == ["번호"]
    if isinstance(found, int):
        assert read.questions[0][1].answer == found
    else:
        ((place, reason),) = reasons(read)
        assert place == "line 1" and found in reason


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["문제", "보기1", "보기2", "정답"], ["?", "가", "나", "1"]],
         r"q\.csv: no column for choices among \['문제', '보기1', '보기2', '정답'\]; name it.*: 보기.*choice_1"),
        ([["번호", "내용"], ["1", "가"]], "no column for question and choices and answer among"),
        ([["문제", "보기", "정답"], ["?", "가", "A"]], "no usable question; the first fault: row 2: choices: '가'"),
        ([], "the file is empty"),
    ],
)  # fmt: skip
def test_a_file_without_questions_is_an_error_that_says_why(tmp_path, rows, says):
    """Which columns are missing, which were found, what they may be called, or the first row's fault."""
    with pytest.raises(SourceError, match=says):
        import_questions([write_csv(tmp_path / "q.csv", *rows)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_import_can_be_repeated(tmp_path):
    """The same file gives the same bytes; a changed one takes its place and says what is new and gone."""
    header, out = ["문제", "A", "B", "C", "D", "정답", "배점"], tmp_path / "out"
    rows = [[f"{n}번?", *CHOICES, "A", "3"] for n in range(3)]
    path = write_csv(tmp_path / "q.csv", header, *rows, ["3번?", *CHOICES, "", "3"])
    (first,) = import_questions([path], out)
    before = {file: file.read_bytes() for file in out.rglob("*.jsonl")}
    assert (first.questions, first.new, first.gone, len(first.rejects), first.unused) == (3, 3, 0, 1, ("배점",))
    (again,) = import_questions([path], out)
    assert (again.new, again.gone) == (0, 0)
    assert {file: file.read_bytes() for file in out.rglob("*.jsonl")} == before
    ((kept,)) = read_jsonl(out / "rejects/q.jsonl", SourceReject)
    assert (kept.source, kept.place, kept.reason) == ("q.csv", "row 5", "no answer")
    assert [one.id for one in read_candidates(out)] == [one.id for one in read_jsonl(out / "q.jsonl", Question)]
    write_csv(path, header, *rows[1:], ["4번?", *CHOICES, "D", "3"])
    (changed,) = import_questions([path], out)
    assert (changed.questions, changed.new, changed.gone) == (3, 1, 1)
    assert not (out / "rejects/q.jsonl").exists()


def test_a_stem_that_stands_elsewhere_is_told(tmp_path):
    """In the same file, another one, or one imported before; spaces, case and forms of Hangul do not matter."""
    out, header = tmp_path / "out", ["문제", "A", "B", "C", "D", "정답"]
    write_jsonl(out / "old.jsonl", [question(7), question(8)])
    one = write_csv(tmp_path / "one.csv", header, ["ETF란?", *CHOICES, "A"], ["etf 란?", *CHOICES, "B"])
    stems = ["Etf란?", unicodedata.normalize("NFD", "8번물음은?"), "새 물음?"]
    two = write_csv(tmp_path / "two.csv", header, *([stem, *CHOICES, "A"] for stem in stems))
    first, second = import_questions([one, two], out)
    assert [(r.place, r.reason) for r in first.rejects] == [("row 3", "the same question stands in row 2")]
    assert [(r.place, r.reason) for r in second.rejects] == [
        ("row 2", "the same question stands in one.csv, row 2"),
        ("row 3", "the same question stands in old.jsonl, line 2"),
    ]
    assert [one.stem for one in read_candidates(out)] == ["7번 물음은?", "8번 물음은?", "ETF란?", "새 물음?"]


def test_two_files_of_one_name_are_refused(tmp_path):
    """Neither is written over the other."""
    header = ["문제", "A", "B", "C", "D", "정답"]
    (tmp_path / "b").mkdir()
    paths = [write_csv(tmp_path / f"{name}.csv", header, ["?", *CHOICES, "A"]) for name in ("q", "b/q")]
    with pytest.raises(SourceError, match=r"both would be written to .*q\.jsonl\. Rename one"):
        import_questions(paths, tmp_path / "out")


def test_the_sample_s_candidates_are_whole():
    """Every line of the sample is a question with its id, in the form in which an import writes it, no two alike."""
    folder = Path(__file__).parents[2] / "data/raw/test_candidates"
    found = read_candidates(folder)
    assert len(found) == len((folder / "sample.jsonl").read_bytes().splitlines())
    assert len({stem_key(one.stem) for one in found}) == len(found) and [cleaned(one) for one in found] == found
