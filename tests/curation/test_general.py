"""Reading general instruction data."""

import json

import pytest

from finsmith.core.errors import SourceError
from finsmith.curation.general import read_general

GOOD = {
    "instruction": "속담의 뜻을 알려 주십시오.",
    "input": "티끌 모아 태산",
    "output": "작은 것도 모이면 크게 된다는 뜻입니다.",
}


def read(folder):
    """The rows, and what was none."""
    rejects = []
    return list(read_general(folder, rejects.append)), rejects


def write_lines(path, *lines):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def dumped(**changes):
    return json.dumps(GOOD | changes, ensure_ascii=False)


def test_a_good_row_keeps_its_words_and_its_place(tmp_path):
    """Instruction, input and output come through, with recipe `general` and file:line as provenance."""
    write_lines(tmp_path / "a.jsonl", "", dumped())
    ((example,), _) = read(tmp_path)
    assert {field: getattr(example, field) for field in GOOD} == GOOD
    assert example.recipe == "general"
    assert example.provenance.sources == ("a.jsonl:line 2",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"instruction": "끝나지 않', "not valid JSON"),
        ('["지시", "출력"]', "not a JSON object"),
        ("42", "not a JSON object"),
        ('{"instruction": "출력이 없는 행"}', "no instruction/output"),
        ('{"output": "지시가 아예 없는 행의 출력입니다."}', "no instruction/output"),
        (dumped(output=["작은 것도", "모이면 크게 된다는 뜻"]), "no instruction/output"),
    ],
)
def test_a_bad_line_is_a_reject_with_its_number_and_reason(tmp_path, line, reason):
    """A bad line costs itself only: it is told by file, line number and reason, and its neighbours are read."""
    write_lines(tmp_path / "general.jsonl", dumped(), line, dumped(input="가랑비에 옷 젖는다"))
    examples, rejects = read(tmp_path)
    assert [e.input for e in examples] == ["티끌 모아 태산", "가랑비에 옷 젖는다"]
    ((reject,)) = rejects
    assert (reject.source, reject.place) == ("general.jsonl", "line 2")
    assert reject.reason.startswith(reason) if reason == "not valid JSON" else reject.reason == reason


def test_rows_are_counted_whole(tmp_path):
    """Every non-blank line of every file is an example or a reject."""
    write_lines(tmp_path / "a.jsonl", dumped(), "", "kaputt", dumped())
    write_lines(tmp_path / "b.jsonl", dumped(), dumped(input="낮말은 새가 듣는다"))
    examples, rejects = read(tmp_path)
    assert len(examples) == 4
    assert [(r.source, r.place) for r in rejects] == [("a.jsonl", "line 3")]


def test_a_json_list_is_read_by_item(tmp_path):
    """A .json file is a list of rows; a bad item is told by its place in the list."""
    (tmp_path / "alpaca.json").write_text(f'[{dumped()}, "지시", {dumped(output="짧다")}]', encoding="utf-8")
    examples, rejects = read(tmp_path)
    assert [e.provenance.sources for e in examples] == [("alpaca.json:item 1",), ("alpaca.json:item 3",)]
    assert [(r.place, r.reason) for r in rejects] == [("item 2", "not a JSON object")]


def test_a_broken_json_file_is_one_reject(tmp_path):
    """A .json file that is no JSON is told as a whole; other files are read."""
    (tmp_path / "alpaca.json").write_text("[{", encoding="utf-8")
    write_lines(tmp_path / "b.jsonl", dumped())
    examples, rejects = read(tmp_path)
    assert len(examples) == 1
    assert [(r.source, r.place) for r in rejects] == [("alpaca.json", "file")]


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path):
    """A file saved by Windows is read from its first row on."""
    (tmp_path / "a.jsonl").write_bytes(f"{dumped()}\r\n{dumped(input='고래 싸움')}\r\n".encode("utf-8-sig"))
    examples, rejects = read(tmp_path)
    assert [e.input for e in examples] == ["티끌 모아 태산", "고래 싸움"] and not rejects


def test_unicode_line_separators_inside_a_row_do_not_break_it(tmp_path):
    """U+2028 and U+0085 are legal inside JSON strings and end no line."""
    output = "작은 것도 모이면\u2028크게 된다는\x85뜻입니다."
    write_lines(tmp_path / "a.jsonl", dumped(output=output))
    examples, rejects = read(tmp_path)
    assert [e.output for e in examples] == [output] and not rejects


def test_a_row_in_another_encoding_is_rejected_not_garbled(tmp_path):
    """A cp949 line is no valid JSON: it is left out with its number, no replacement characters come through."""
    (tmp_path / "a.jsonl").write_bytes(f"{dumped()}\n".encode() + f"{dumped(input='고래 싸움')}\n".encode("cp949"))
    examples, rejects = read(tmp_path)
    assert [e.input for e in examples] == ["티끌 모아 태산"]
    assert [r.place for r in rejects] == ["line 2"]


def test_decomposed_hangul_is_composed(tmp_path):
    """Jamo as macOS writes them become syllables, so that the same words are the same row."""
    decomposed = "\u1110\u1175\u1101\u1173\u11af"  # 티끌
    write_lines(tmp_path / "a.jsonl", dumped(input="티끌"), dumped(input=decomposed))
    examples, rejects = read(tmp_path)
    assert [e.input for e in examples] == ["티끌", "티끌"] and not rejects


@pytest.mark.parametrize("prepare", ["absent", "empty"])
def test_a_folder_without_rows_is_an_error_that_names_it(tmp_path, prepare):
    """No folder, or none of the two formats in it, cannot be meant."""
    folder = tmp_path / "general"
    if prepare == "empty":
        folder.mkdir()
        (folder / "notes.txt").write_text("없음", encoding="utf-8")
    with pytest.raises(SourceError, match=r"general: no \.jsonl or \.json file"):
        read(folder)
