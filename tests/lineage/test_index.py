"""The index of a small project: what it counts, that it is the same each time, and what it refuses."""

import pytest

from finsmith.core.errors import LineageError, RecordError
from finsmith.lineage.index import build_index, files_in
from finsmith.lineage.project import INDEX
from finsmith.lineage.walk import Index, Place

from .projects import ROWS, make_index, make_project


def test_every_record_is_counted_by_kind(tmp_path):
    """Each once, however many files it stands in."""
    counts = make_index(make_project(tmp_path))
    assert counts == {
        "call": 5,
        "document": 1,
        "example": 8,
        "general file": 1,
        "general row": 3,
        "glossary": 1,
        "judgement": 1,
        "model": 2,
        "passage": 2,
        "prediction": 5,
        "prompt": 1,
        "question": 2,
        "reviewer": 1,
        "run": 1,
        "term": 1,
        "training set": 1,
        "verdict": 1,
    }


def test_the_same_files_give_the_same_bytes(tmp_path):
    """So DVC sees no change where there is none."""
    root = make_project(tmp_path)
    before = (root / INDEX).read_bytes()
    make_index(root)
    assert (root / INDEX).read_bytes() == before


def test_a_line_without_what_it_should_hold_is_named(tmp_path):
    """File, line and field; the index that was there stays."""
    root = make_project(tmp_path)
    before = (root / INDEX).read_bytes()
    with (root / "data/corpus/passages.jsonl").open("a") as lines:
        lines.write('{"id": "x", "pages": []}\n')
    with pytest.raises(RecordError, match=r"passages.jsonl:3: .*document"):
        make_index(root)
    assert (root / INDEX).read_bytes() == before


def test_files_that_are_not_there_are_passed_over(tmp_path):
    """A project without reviewers has no verdicts."""
    (tmp_path / "quality").mkdir()
    assert files_in({"quality": tmp_path / "quality", "predictions.jsonl": tmp_path / "none"}) == []
    assert build_index(tmp_path / "empty.sqlite", []) == {}


def test_a_line_is_read_where_it_stands(index, made):
    """By its first byte, also behind lines in Hangul."""
    place = index.places(index.one(ROWS[1].id))[0]
    assert index.read(place, made)["id"] == ROWS[1].id and place.line == 2 and str(place).endswith("summary.jsonl:2")


def test_a_file_that_has_changed_is_not_read(tmp_path):
    """Another size is another file; a file that is gone is said to be."""
    root = make_project(tmp_path)
    place = Place("data/candidates/summary.jsonl", 1, 0)
    with (root / place.path).open("a") as lines, Index(root / INDEX) as index:
        lines.write("\n")
        lines.flush()
        with pytest.raises(LineageError, match="not the file that was indexed"):
            index.read(place, root)
        (root / place.path).unlink()
        with pytest.raises(LineageError, match="dvc checkout"):
            index.read(place, root)


def test_ids_that_begin_alike_are_told_apart(tmp_path):
    """The message lists them."""
    from finsmith.lineage.kinds import Entry

    build_index(tmp_path / "index.sqlite", [], [Entry("abcdef01", "example", "a.b"), Entry("abcdef02", "term", "나")])
    with Index(tmp_path / "index.sqlite") as index:
        assert index.one("abcdef01").kind == "example"
        with pytest.raises(LineageError, match=r"abcdef01 example a.b\n.*abcdef02 term 나"):
            index.one("abcdef")


def test_names_that_several_have_are_told_apart(tmp_path):
    """Two versions of a document have one name: both descend, but one is asked for."""
    from finsmith.lineage.kinds import Entry

    build_index(tmp_path / "index.sqlite", [], [Entry(sha * 64, "document", "규정.pdf") for sha in "ab"])
    with Index(tmp_path / "index.sqlite") as index:
        assert len(index.meant("규정.pdf")) == 2
        with pytest.raises(LineageError, match="the name of several"):
            index.one("규정.pdf")


@pytest.mark.parametrize("content", [None, b"", b"no database at all, not even nearly one"])
def test_what_is_no_index_is_refused(tmp_path, content):
    """With the command that makes one."""
    path = tmp_path / "lineage.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LineageError, match="dvc repro lineage"):
        Index(path)


def test_what_descends_is_counted_by_file(index):
    """From the document: its passages and the rows on them; the glossary's row is none of them."""
    [document] = index.meant("규정.pdf")
    counts = {(path, label): count for path, _, label, count in index.descend([document])}
    assert counts[("data/mixed/train.jsonl", "summary.short")] == 2
    assert counts[("data/filtered/kept.jsonl", "evolve.deepen")] == 1
    assert not any("glossary" in label for _, label in counts)
    assert counts[("data/predictions.jsonl", "adapter by letter")] == 2
    assert sorted(index.descend([document])) == sorted(index.descend([document, document]))
