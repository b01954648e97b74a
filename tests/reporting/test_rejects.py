"""What `finsmith rejects` shows."""

import pytest

from finsmith.core.errors import SourceError
from finsmith.core.io import write_jsonl
from finsmith.core.records import Flagged, Rejected
from finsmith.reporting.rejects import of_example, of_filter, overview
from tests.curation.rows import row

KEPT = row("기준금리란 무엇인가요?", "중앙은행이 정하는 금리입니다. 시장 금리가 따라 움직여요.")
COPY = row("기준금리는 무엇인가요?", "중앙은행이 정하는 금리이다.", source="t2")
SHORT = row("왜?", "올라서이다.")


@pytest.fixture
def filtered(tmp_path):
    """A folder as the stage `filter` writes it: one row kept and marked, two rejected."""
    write_jsonl(tmp_path / "kept.jsonl", [KEPT])
    write_jsonl(
        tmp_path / "rejected.jsonl",
        [
            Rejected(example=SHORT, filter="length", reason="instruction has 2 chars, fewer than 5", score=2),
            Rejected(example=COPY, filter="novelty", reason="ROUGE-L 0.800", score=0.8, against=KEPT.id),
        ],
    )
    mark = Flagged(example_id=KEPT.id, filter="mixes_politeness", reason="mixed politeness: 해요 1", score=0.5)
    write_jsonl(tmp_path / "flagged.jsonl", [mark])
    return tmp_path


def test_the_overview_has_a_line_for_each_filter(filtered):
    """Count, whether it rejected or marked, the filter, and its commonest reason."""
    assert [line.split()[:3] for line in overview(filtered)] == [
        ["1", "rejected", "length"],
        ["1", "rejected", "novelty"],
        ["1", "marked", "mixes_politeness"],
    ]
    assert "fewer than 5 (1)" in next(overview(filtered))


def test_the_rows_of_a_filter_are_listed(filtered):
    """Id, recipe, reason, opponent and the first words; marked rows too."""
    first, second, _ = of_filter(filtered, "novelty")
    assert first == f"{COPY.id} glossary_qa.definition: ROUGE-L 0.800 [{KEPT.id}]"
    assert second.strip() == "기준금리는 무엇인가요? -> 중앙은행이 정하는 금리이다."
    assert next(of_filter(filtered, "mixes_politeness")).startswith(KEPT.id)


def test_a_row_is_shown_whole_with_what_it_clashed_with(filtered):
    """The rejected row, the finding, and the kept row it is like, each with its fields."""
    shown = "\n".join(of_example(filtered, COPY.id))
    assert shown.index(COPY.output) < shown.index("rejected by novelty: ROUGE-L 0.800") < shown.index(KEPT.output)
    assert "from t2" in shown


def test_a_kept_row_tells_its_marks(filtered):
    """A row that was kept is shown too, with what was found in it."""
    assert "marked by mixes_politeness: mixed politeness" in "\n".join(of_example(filtered, KEPT.id))


@pytest.mark.parametrize(
    ("show", "name", "sentence"),
    [
        (of_filter, "novelti", "'novelti' rejected and marked no row"),
        (of_example, "0123", "no row 0123 came to the filters"),
    ],
)
def test_what_is_not_there_is_told_with_the_way_to_look(filtered, show, name, sentence):
    """An unknown filter or id is an error that names the command which lists them."""
    with pytest.raises(SourceError, match=f"{sentence}.*`finsmith rejects"):
        list(show(filtered, name))
