"""How varied rows are."""

from finsmith.curation.diversity import Diversity

from .rows import row


def told(*rows):
    diversity = Diversity()
    for one in rows:
        diversity.add(one)
    return diversity.told()


def test_counts_by_hand():
    """Verbs with their objects, lengths by class, recipes, and sources of domain rows."""
    rows = [
        row("글을 요약하세요.", "가" * 10, "나" * 49, recipe="summary.short", source="p1"),
        row("표를 요약하세요.", "가" * 9, recipe="summary.short", source="p1"),
        row("메일을 쓰세요.", "가" * 2500, recipe="general", source="g:line 1"),
    ]
    found = told(*rows)
    assert found["rows"] == 3 and found["recipes"] == {"general": 1, "summary.short": 2}
    assert found["verbs"] == [
        {"verb": "요약하다", "rows": 2, "objects": [("글", 1), ("표", 1)]},
        {"verb": "쓰다", "rows": 1, "objects": [("메일", 1)]},
    ]
    assert (found["different_verbs"], found["different_verb_objects"]) == (2, 3)
    assert found["chars_from"] == (0, 10, 20, 50, 100, 200, 500, 1000, 2000)
    assert found["chars"]["output"] == [1, 1, 0, 0, 0, 0, 0, 0, 1]
    assert found["chars"]["input"] == [2, 0, 1, 0, 0, 0, 0, 0, 0]
    assert (found["domain_sources"], found["most_rows_of_a_source"]) == (1, 2)


def test_overlap_is_to_the_nearest_other_row():
    """Two rows alike and one like none: two in the last class, one in the first; each row is counted once."""
    alike = [row("예금 금리 설명", "답", source=str(at)) for at in range(2)]
    overlap = told(*alike, row("환율 전망 작성", "답"))["overlap"]
    assert overlap[-1] == 2 and overlap[0] == 1 and sum(overlap) == 3


def test_no_rows_and_one_row_are_told_too():
    """Without another row there is no overlap."""
    assert told()["rows"] == 0 and sum(told()["overlap"]) == 0
    assert sum(told(row("예금 금리 설명", "답"))["overlap"]) == 0


def test_the_sample_is_seeded_and_bounded():
    """3,000 rows are all counted, 1,000 of them compared, and the same rows give the same figures."""
    rows = [row(f"{at}번 지점의 {at % 7}층 위치를 알려 주세요.", "답", source=str(at)) for at in range(3000)]
    first = told(*rows)
    assert first["rows"] == 3000 and first["overlap_sample"] == 1000 == sum(first["overlap"])
    assert told(*rows) == first
