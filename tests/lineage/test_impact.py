"""What descends from documents, prompts and people, in the working tree and in the commits of a real history."""

import shutil
import subprocess
import sys

import pytest

from finsmith.core.errors import LineageError
from finsmith.history.revisions import cache_folder, revisions
from finsmith.lineage.impact import impact
from finsmith.lineage.project import INDEX

from .projects import PROMPT, ROWS, make_index, make_project

_STAGES = """
stages:
  mix: {cmd: "true", outs: [data/mixed]}
  train: {cmd: "true", outs: [models/adapter, models/run.json]}
  lineage: {cmd: "true", outs: [data/lineage.sqlite]}
"""


def call(root, *command):
    subprocess.run(command, cwd=root, check=True, capture_output=True)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A commit with the rows of the document, and a later one without them."""
    root = make_project(tmp_path_factory.mktemp("history"))
    (root / "dvc.yaml").write_text(_STAGES)
    (root / "dvc.lock").unlink()
    call(root, "git", "init", "--quiet")
    call(root, "git", "config", "user.email", "test@example.org")
    call(root, "git", "config", "user.name", "test")
    call(root, sys.executable, "-m", "dvc", "init", "--quiet")
    for change in (False, True):
        if change:
            for path in ("corpus/documents", "corpus/passages", "candidates/summary", "candidates/evolve"):
                (root / f"data/{path}.jsonl").write_text("")
            for path in ("filtered/kept", "mixed/train"):
                file = root / f"data/{path}.jsonl"
                left = [line for line in file.read_text("utf-8").splitlines(keepends=True) if "요약" not in line]
                file.write_text("".join(left), "utf-8")
            for path in ("judgements/judgements", "filtered/flagged"):
                (root / f"data/{path}.jsonl").write_text("")
            make_index(root)
        call(root, sys.executable, "-m", "dvc", "commit", "--quiet", "--force")
        call(root, "git", "add", "dvc.lock", "dvc.yaml", ".dvc")
        call(root, "git", "commit", "--quiet", "--message", "made")
    return root


def test_rows_adapters_and_runs_of_every_version_are_told(history):
    """The commit that still has the document, with adapter and run; the later one and the working tree are clean."""
    found = impact("규정.pdf", revisions(history), cache_folder(history), history)
    [old] = found.descents
    assert old.rev and found.clean == ("working tree", revisions(history)[1].label) and not found.unread
    assert (old.trained_rows, old.training_rows, old.run) == (3, 6, "run1")
    assert old.adapter == revisions(history)[-1].outputs["models/adapter"].md5
    assert old.records["data/mixed/train.jsonl"] == {"example evolve.deepen": 1, "example summary.short": 2}
    assert old.records["data/predictions.jsonl"] == {
        "prediction adapter by letter": 2,  # it was trained on the document
        "prediction base by letter": 1,  # the question is about it
    }
    assert "passage" in old.records["data/corpus/passages.jsonl"]


@pytest.mark.parametrize(
    ("wanted", "rows"), [(PROMPT, 3), ("summary", 3), (ROWS[0].id, 1), ("김심사", 1), ("용어집.csv", 1), ("DSR", 1)]
)
def test_prompts_people_rows_and_terms_are_told(history, wanted, rows):
    """A prompt by hash or by its task, a row with those made of it, a reviewer's rows, a glossary's, a term's."""
    found = impact(wanted, revisions(history), cache_folder(history), history)
    assert found.descents[-1].trained_rows == rows


def test_what_no_version_knows_is_said(history):
    """With the number of versions that were looked at."""
    with pytest.raises(LineageError, match="none of 3 versions knows"):
        impact("없는 문서.pdf", revisions(history), cache_folder(history), history)


def test_versions_that_are_not_on_this_machine_are_named(history, tmp_path):
    """Their cache is elsewhere; what is here is told."""
    copy = tmp_path / "copy"
    shutil.copytree(history, copy)
    shutil.rmtree(copy / ".dvc/cache")
    found = impact("김심사", revisions(copy), cache_folder(copy), copy)
    assert [one.version for one in found.descents] == ["working tree", revisions(copy)[1].label]
    assert found.unread == (revisions(copy)[2].label,)
    (copy / INDEX).unlink()
    with pytest.raises(LineageError, match=r"dvc fetch"):
        impact("김심사", revisions(copy), cache_folder(copy), copy)
