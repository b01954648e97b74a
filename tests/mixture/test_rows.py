"""Kept rows on disk."""

import pytest

from finsmith.core.errors import RecordError
from finsmith.core.io import write_jsonl
from finsmith.mixture.rows import lines_of, read_rows
from tests.curation.rows import row

ROWS = [
    row("기준금리란 무엇인가요?", "정책 금리이다.", source="t1"),
    row("속담을 풀이하세요.", "작은 것도 모이면 커진다.", "티끌 모아 태산", recipe="general", source="g:line 3"),
    row("예금자보호란 무엇인가요?", "예금을 대신 갚아 주는 제도이다.", source="t2"),
]


def words(text):
    return len(text.split())


def test_a_row_tells_its_place_recipe_source_and_tokens(tmp_path):
    """Offsets are in bytes, tokens of all three fields; a general row has no source to take turns by."""
    path = tmp_path / "kept.jsonl"
    write_jsonl(path, ROWS)
    first, second, _ = read_rows(path, words)
    assert (first.offset, first.recipe, first.source, first.tokens) == (0, "glossary_qa.definition", "t1", 4)
    line = path.read_bytes().splitlines(keepends=True)[0]
    assert (second.offset, second.source, second.tokens) == (len(line), "", 9)


def test_lines_come_back_in_any_order_to_the_byte(tmp_path):
    """What is written of a chosen order is what stood in the file."""
    path = tmp_path / "kept.jsonl"
    write_jsonl(path, ROWS)
    lines = path.read_bytes().splitlines(keepends=True)
    rows = list(read_rows(path, words))
    assert list(lines_of(path, [rows[2], rows[0]])) == [lines[2], lines[0]]


def test_a_line_edited_by_hand_is_refused(tmp_path):
    """A row that no longer is what its id says stops mixing, with file and line."""
    path = tmp_path / "kept.jsonl"
    write_jsonl(path, ROWS)
    path.write_text(path.read_text("utf-8").replace("커진다", "는다"), "utf-8")
    with pytest.raises(RecordError, match=r"kept\.jsonl:2: .*edited"):
        list(read_rows(path, words))
