"""The tables of `finsmith corpus`."""

import pytest

from finsmith.core.records import SourceReject
from finsmith.reporting.corpus import by_reason, print_corpus

from .test_report import document_counts


@pytest.fixture
def printed(capsys):
    """What is printed to a file, line by line, the spaces between cells made one."""

    def lines(*arguments):
        print_corpus(*arguments)
        return [" ".join(line.replace("│", " ").split()) for line in capsys.readouterr().out.splitlines()]

    return lines


def test_every_document_and_their_sum_are_shown(printed):
    """Each file has a line with its counts, one that gave nothing too, and the last line is the sum."""
    counts = [
        document_counts("연차 보고서.pdf", pages=12, characters=19_876, tokens=12_000, tables=3, language="ko"),
        document_counts("scan.pdf", pages=2, unread_pages=2),
    ]
    lines = printed(counts, [], {"phi_1": 583_000.0}, {"summary": 7})
    assert "연차 보고서.pdf 12 19,876 12,000 0 3 0 0 0 0 0 0 ko" in lines
    assert "scan.pdf 2 0 0 0 0 0 2 0 0 0 0 –" in lines
    assert "all 14 19,876 12,000 0 3 0 2 0 0 0 0" in lines
    assert "phi-1's training set (7 billion) 583,000" in lines
    assert "summary 7" in lines
    assert "not used" not in lines


def test_what_was_not_used_is_shown_with_its_reason(printed):
    """A page that was not read stands with file, place and reason."""
    reject = SourceReject(source="가.pdf", place="page 3", reason="no text layer")
    assert "가.pdf page 3 no text layer" in printed([], [reject], {}, {})


def test_equal_reasons_of_one_file_stand_together():
    """Up to three places are listed, more by the first, the last and their number; another file stands alone."""
    rejects = [SourceReject(source="a", place=f"page {n}", reason="blank") for n in (1, 2, 5, 7)]
    rejects += [SourceReject(source="b", place=f"row {n}", reason="cut") for n in (1, 2, 3)]
    rejects += [SourceReject(source="a", place="page 3", reason="a scan")]
    assert by_reason(rejects) == [
        ("a", "page 1 … page 7 (4)", "blank"),
        ("b", "row 1, row 2, row 3", "cut"),
        ("a", "page 3", "a scan"),
    ]
