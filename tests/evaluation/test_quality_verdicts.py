"""Tables that people filled in are read back whole: what cannot be read is told with its place, and nothing is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.records import SourceReject
from finsmith.evaluation.quality import Verdict, read_verdicts, sample_csv

from .judged import cells, filled, row, rows, written

SAMPLE = rows(4)
GONE = "the row is not in the sample of today's training set, or stands earlier in the file"
COLUMNS = "id, instruction_valid, input_fits, output_right"
TWO = [("y", "y", "n"), ("y", "n", "y")]
TWO_SAID = [(True, True, False), (True, False, True)]


def read(folder, **files):
    """What is read of files with these names and contents."""
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return read_verdicts(folder, SAMPLE)


def places(rejects):
    return [(reject.source, reject.place, reject.text, reject.reason) for reject in rejects]


# --- what people write ---


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        *(("y", "n"), ("Y", "N"), ("yes", "no"), ("Yes", "NO"), ("o", "x"), ("O", "X"), ("○", "×"), ("TRUE", "FALSE")),
        *(("예", "아니오"), ("네", "아니요"), ("ㅇ", "ㄴ"), ("맞음", "틀림"), (" 예 ", "아니오\n")),
    ],
)
def test_yes_and_no_are_read_as_people_write_them(tmp_path, yes, no):
    """In Korean and English, as circle and cross, in any case and with spaces around."""
    verdicts, rejects = read(tmp_path, kim=filled(SAMPLE, [(yes, no, yes), (no, no, no)]))
    assert verdicts == [
        Verdict(row_id=SAMPLE[0].id, reviewer="kim", answers=(True, False, True)),
        Verdict(row_id=SAMPLE[1].id, reviewer="kim", answers=(False, False, False)),
    ]
    assert rejects == []


def test_rows_without_an_answer_are_passed_over(tmp_path):
    """A row that nobody has judged yet is no fault, with a comment neither; the folder may be empty or not be there."""
    assert read(tmp_path) == read_verdicts(tmp_path / "nowhere", SAMPLE) == ([], [])
    table = cells(filled(SAMPLE, [("", " ", "\t"), ("", "", ""), ("y", "y", "y")]))
    table[1]["comment"] = "나중에, 다시"
    verdicts, rejects = read(tmp_path, kim=written(table))
    assert ([one.row_id for one in verdicts], rejects) == ([SAMPLE[2].id], [])


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (("y", "", "y"), "input_fits: '' is neither yes nor no"),
        (("", "", "n"), "instruction_valid: '' is neither yes nor no"),
        (("y", "n", "글쎄"), "output_right: '글쎄' is neither yes nor no"),
        (("y", "2", "?"), "input_fits: '2' is neither yes nor no"),
        (("y/n", "y", "y"), "instruction_valid: 'y/n' is neither yes nor no"),
    ],
)
def test_answers_that_cannot_be_read_are_rejects(tmp_path, answers, reason):
    """The first question without a clear answer is named with file, line and row; the rows around it count."""
    verdicts, rejects = read(tmp_path, 김심사=filled(SAMPLE, [("y", "y", "y"), answers, ("n", "n", "n")]))
    assert [one.row_id for one in verdicts] == [SAMPLE[0].id, SAMPLE[2].id]
    assert places(rejects) == [("김심사.csv", "line 3", SAMPLE[1].id, reason)]


def test_unknown_and_repeated_rows_are_rejects(tmp_path):
    """A row of another training set, and one that was judged above, are told and do not count."""
    stranger = row("어제의 예금이란 무엇인가요?")
    table = filled([SAMPLE[0], stranger, SAMPLE[0], SAMPLE[1]], [("y", "y", "y"), *[("n", "n", "n")] * 3])
    verdicts, rejects = read(tmp_path, kim=table)
    assert verdicts == [
        Verdict(row_id=SAMPLE[0].id, reviewer="kim", answers=(True, True, True)),
        Verdict(row_id=SAMPLE[1].id, reviewer="kim", answers=(False, False, False)),
    ]
    assert places(rejects) == [("kim.csv", "line 3", stranger.id, GONE), ("kim.csv", "line 4", SAMPLE[0].id, GONE)]


def test_each_file_is_a_reviewer(tmp_path):
    """Two people may judge the same row, each in a file of their own, in the order of the files' names."""
    verdicts, rejects = read(tmp_path, 박심사=filled(SAMPLE, TWO), kim=filled(SAMPLE, TWO[:1]))
    assert [(one.row_id, one.reviewer) for one in verdicts] == [
        (SAMPLE[0].id, "kim"),
        (SAMPLE[0].id, "박심사"),
        (SAMPLE[1].id, "박심사"),
    ]
    assert rejects == []


# --- what spreadsheets write ---


@pytest.mark.parametrize(
    "as_written",
    [
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("cp949"),
        lambda text: text.replace("\r\n", "\n").encode("cp949"),
        lambda text: text.replace("\r\n", "\r").encode("utf-8"),
        lambda text: text.replace("\n#", "\n").encode("utf-8"),
        lambda text: "\r\n".join(f"{line}," for line in text.splitlines()).encode("utf-8"),
    ],
    ids=["utf-8", "bom", "cp949", "lf", "cr", "bare ids", "one more column"],
)
def test_a_table_is_read_however_a_spreadsheet_writes_it(tmp_path, as_written):
    """UTF-8 with and without its mark, CP949 as Excel in Korea writes it, any line ends, a column more."""
    table = filled(SAMPLE, [("예", "예", "아니오"), ("예", "아니오", "예")])
    verdicts, rejects = read(tmp_path, 김심사=as_written(table))
    assert [one.answers for one in verdicts] == TWO_SAID
    assert rejects == []


def test_columns_may_be_moved_and_left_out(tmp_path):
    """Only the id and the three questions are needed, in whatever order; names of files may end in capitals."""
    names = ("output_right", "id", "comment", "instruction_valid", "input_fits")
    table = [{name: line[name] for name in names} for line in cells(filled(SAMPLE, TWO))]
    (tmp_path / "KIM.CSV").write_text(written(table), "utf-8")
    verdicts, rejects = read_verdicts(tmp_path, SAMPLE)
    assert [(one.reviewer, one.answers) for one in verdicts] == [("KIM", said) for said in TWO_SAID]
    assert rejects == []


@pytest.mark.parametrize(
    ("content", "missing", "line"),
    [
        (b"", COLUMNS, 0),
        (b"\r\n", COLUMNS, 1),
        (filled(SAMPLE, TWO, delimiter=";").encode("utf-8"), COLUMNS, 1),
        (filled(SAMPLE, TWO, delimiter="\t").encode("utf-16"), COLUMNS, 1),
        (bytes(range(256)), COLUMNS, 1),
        (b"id,instruction_valid,output_right\r\n1,y,y\r\n", "input_fits", 1),
        (f"ID{filled(SAMPLE, TWO)[2:]}".encode(), "id", 1),
        ("번호,답\r\n1,예\r\n".encode("cp949"), COLUMNS, 1),
    ],
    ids=["empty", "blank", "semicolons", "utf-16", "binary", "no input_fits", "ID", "another table"],
)
def test_a_file_without_the_columns_is_one_reject(tmp_path, content, missing, line):
    """It is told by name with what it lacks, and the files beside it are read."""
    verdicts, rejects = read(tmp_path, a=content, b=filled(SAMPLE, TWO))
    assert [(one.reviewer, one.answers) for one in verdicts] == [("b", said) for said in TWO_SAID]
    reason = f"no column {missing}; columns stand between commas, as in sample.csv"
    assert places(rejects) == [("a.csv", f"line {line}", "", reason)]


def test_a_row_that_ends_early_lacks_answers(tmp_path):
    """Cells that are not there are empty ones: the row is a reject where it says anything, and else passed over."""
    header = "id,instruction_valid,input_fits,output_right"
    short = f"{header}\r\n#{SAMPLE[0].id},y\r\n#{SAMPLE[1].id}\r\n\r\n#{SAMPLE[2].id},y,y,y\r\n"
    verdicts, rejects = read(tmp_path, kim=short)
    assert [one.row_id for one in verdicts] == [SAMPLE[2].id]
    assert places(rejects) == [("kim.csv", "line 2", SAMPLE[0].id, "input_fits: '' is neither yes nor no")]


@pytest.mark.parametrize(
    ("comment", "reason"),
    [('"다시 보자', "unexpected end of data"), (f'"{"가" * 140_000}"', "field larger than field limit")],
    ids=["quote", "long"],
)
def test_a_table_that_breaks_off_is_told(tmp_path, comment, reason):
    """A quotation mark that does not close, or a cell without end, loses no row in silence."""
    lines = [f"#{one.id},y,y,y,{said}" for one, said in zip(SAMPLE[:3], ("", comment, ""), strict=True)]
    table = "\r\n".join(["id,instruction_valid,input_fits,output_right,comment", *lines])
    verdicts, (reject,) = read(tmp_path, kim=table)
    assert [one.row_id for one in verdicts] == [SAMPLE[0].id]
    assert reject.source == "kim.csv"
    assert reject.reason.startswith(f"no CSV from this row on: {reason}")


def test_a_place_is_the_line_a_row_ends_on(tmp_path):
    """The first row takes lines 2 to 4, for its comment has three lines; the reject is on line 5."""
    table = cells(filled(SAMPLE, [("y", "y", "y"), ("y", "y", "?")]))
    table[0]["comment"] = "첫째\n둘째\n셋째"
    _, rejects = read(tmp_path, kim=written(table))
    assert [reject.place for reject in rejects] == ["line 5"]


ANSWERS = st.tuples(*[st.sampled_from(["", "y", "아니오", "O", "?", "0"])] * 3)


@settings(max_examples=60)
@given(st.lists(ANSWERS, min_size=4, max_size=4), st.sampled_from(["utf-8", "utf-8-sig", "cp949"]))
def test_every_row_is_a_verdict_a_reject_or_empty(tmp_path_factory, answers, encoding):
    """For any answers the three add up to the sample, and a verdict says what was written."""
    meant = {"y": True, "O": True, "아니오": False}  # 0 may stand for O, so it is neither
    verdicts, rejects = read(tmp_path_factory.mktemp("audit"), kim=filled(SAMPLE, answers).encode(encoding))
    by_hand = {one.id: of for one, of in zip(SAMPLE, answers, strict=True)}
    clear = {id: tuple(map(meant.get, of)) for id, of in by_hand.items() if all(answer in meant for answer in of)}
    assert {one.row_id: one.answers for one in verdicts} == clear
    assert {reject.text for reject in rejects} == {id for id, of in by_hand.items() if any(of) and id not in clear}


def test_a_workbook_is_told(tmp_path):
    """A file saved as a workbook is a reject that says how to save it; notes of open ones and other files are none."""
    for name in ("kim.xlsx", "~$kim.xlsx", "README.md"):
        (tmp_path / name).write_bytes(b"PK")
    assert read_verdicts(tmp_path, SAMPLE) == (
        [],
        [SourceReject(source="kim.xlsx", place="file", reason="a workbook; save it as CSV")],
    )


def test_the_sample_itself_says_nothing(tmp_path):
    """The table as it was handed out, put into the folder by mistake, is no verdict and no fault."""
    assert read(tmp_path, sample=sample_csv(SAMPLE)) == ([], [])
