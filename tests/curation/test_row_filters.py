"""Filters that judge a row by itself."""

import pytest

from finsmith.curation.row_filters import Finding, empty, length, repeats_input

from .rows import PARAMS, row

PASSAGE = "한국은행은 기준금리를 연 3.50퍼센트로 동결하였다. 물가 오름세는 둔화되었다."


@pytest.mark.parametrize(
    ("instruction", "output", "reason"),
    [
        ("", "기준금리", "instruction is empty"),
        (" \n\t", "기준금리", "instruction is empty"),
        ("기준금리란 무엇인가요?", "  ", "output is empty"),
        ("", "", "instruction is empty"),
    ],
)
def test_empty_names_the_field(instruction, output, reason):
    """A row without an instruction or an output is rejected by the field's name; space counts as nothing."""
    assert empty(row(instruction, output), PARAMS) == Finding(reason, None, "")


def test_an_empty_input_is_fine():
    """An empty input is no fault."""
    assert empty(row("기준금리란 무엇인가요?", "정책 금리이다."), PARAMS) is None


@pytest.mark.parametrize(
    ("instruction", "output", "finding"),
    [
        ("금리란?", "정책 금리이다.", Finding("instruction has 4 characters, fewer than 5", 4)),
        ("금리란요?", "정책 금리이다.", None),
        ("가" * 1200, "정책 금리이다.", None),
        ("가" * 1201, "정책 금리이다.", Finding("instruction has 1201 characters, more than 1200", 1201)),
        ("기준금리란?", "금", Finding("output has 1 characters, fewer than 2", 1)),
        ("기준금리란?", "금리", None),
        ("기준금리란?", "가" * 1500, None),
        ("기준금리란?", "가" * 1501, Finding("output has 1501 characters, more than 1500", 1501)),
        ("  금리란?  ", "정책 금리이다.", Finding("instruction has 4 characters, fewer than 5", 4)),
    ],
)
def test_length_bounds_are_inclusive(instruction, output, finding):
    """The shortest and longest sizes still pass, one character beyond does not, and the score is the size."""
    assert length(row(instruction, output), PARAMS) == finding


def test_an_output_copied_in_one_piece_is_rejected_whatever_the_recipe():
    """An output that is a piece of its input repeats it wholly: score 1."""
    assert repeats_input(row("요지를 쓰세요.", "물가 오름세는 둔화되었다.", PASSAGE), PARAMS) == Finding(
        "100% of the output repeats the input", 1.0
    )


def test_an_output_that_wraps_its_whole_input_is_rejected_with_the_share_it_repeats():
    """Input of 4 characters inside an output of 8: half of the output repeats the input."""
    assert repeats_input(row("고쳐 쓰세요.", "답은 기준금리.", "기준금리"), PARAMS) == Finding(
        "50% of the output repeats the input", 0.5
    )


@pytest.mark.parametrize(("recipe", "rejected"), [("summary.short", True), ("multiple_choice.solve", False)])
def test_a_summary_stitched_from_its_passage_is_a_copy(recipe, rejected):
    """Pieces of the passage in order with the middle left out are a copy for a summary only."""
    stitched = PASSAGE.replace("연 3.50퍼센트로 ", "")  # every character stands in the passage, in order
    finding = repeats_input(row("요약하세요.", stitched, PASSAGE, recipe), PARAMS)
    assert finding == (Finding("100% of the output repeats the input", 1.0) if rejected else None)


def test_the_copied_share_must_pass_the_threshold():
    """9 of 10 characters from the passage equal a threshold of 0.9 and pass; under 0.89 they are a copy."""
    passage, summary = "abcdefghi---", "abcdefghiZ"
    example = row("요약하세요.", summary, passage, "summary.short")
    assert repeats_input(example, PARAMS) is None
    strict = PARAMS.model_copy(update={"max_input_share": 0.89})
    assert repeats_input(example, strict) == Finding("90% of the output repeats the input", 0.9)


@pytest.mark.parametrize(("output", "given"), [("정책 금리이다.", ""), ("정책 금리이다.", "  "), ("", "본문")])
def test_nothing_is_repeated_where_one_side_is_empty(output, given):
    """Without an input, or an output, nothing can be repeated."""
    assert repeats_input(row("기준금리란?", output, given), PARAMS) is None
