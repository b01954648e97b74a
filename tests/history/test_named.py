"""Revisions by their names in a real git and DVC repository, the files git keeps of them, when these are doubted."""

from hashlib import md5

import pytest

from finsmith.core.errors import ExperimentError
from finsmith.history.named import current_revisions, doubt, named_revisions, tracked_files
from finsmith.history.revisions import Revision

from .conftest import call, dvc


def test_without_names_there_are_the_tree_and_the_experiments(history):
    """The experiment of the current commit, not the commits before."""
    root, _ = history
    assert [one.label for one in current_revisions(root)] == ["workspace", "third"]


def test_a_tree_that_holds_an_experiment_is_not_told_twice(history):
    """With the experiment's dvc.lock in the tree, the experiment alone is left."""
    root, _ = history
    before = (root / "dvc.lock").read_text()
    (root / "dvc.lock").write_text(named_revisions(["third"], root)[0].lock)
    assert [one.label for one in current_revisions(root)] == ["third"]
    (root / "dvc.lock").write_text(before)


def test_names_are_experiments_tags_branches_and_commits(history):
    """In the order asked, each once; a commit is told by its first digits, others as they were named."""
    root, commits = history
    call(root, "git", "tag", "표식", commits[0])
    names = ["third", "표식", commits[1], "HEAD~1", "workspace", "third"]
    found = named_revisions(names, root)
    assert [one.label for one in found] == ["third", "표식", commits[1][:10], "HEAD~1", "workspace"]
    assert [one.rev for one in found][1:] == [commits[0], commits[1], commits[1], ""]
    assert found[2].lock == found[3].lock == found[4].lock != found[1].lock


def test_an_unknown_name_is_a_sentence(history):
    """It says what a name may be, and how to see the experiments."""
    root, _ = history
    with pytest.raises(ExperimentError, match=r"absent: no finished experiment, tag, branch or commit.*dvc exp list"):
        named_revisions(["third", "absent"], root)


def test_the_experiment_of_the_current_commit_is_meant(history):
    """One name under two commits stands for that of the current one; where it has none, both are named."""
    root, commits = history
    parents = [call(root, "git", "rev-parse", "HEAD"), *commits]
    revs = dict(zip(parents, ["third", *commits], strict=True))
    for parent in parents[1:]:
        call(root, "git", "update-ref", f"refs/exps/{parent[:2]}/{parent[2:]}/third", revs[parent])
    assert named_revisions(["third"], root)[0].rev not in commits
    here = f"refs/exps/{parents[0][:2]}/{parents[0][2:]}/third"
    kept = call(root, "git", "rev-parse", here)
    call(root, "git", "update-ref", "-d", here)
    with pytest.raises(ExperimentError, match=f"third: 2 experiments have this name.*{commits[0]}"):
        named_revisions(["third"], root)
    call(root, "git", "update-ref", here, kept)
    for parent in parents[1:]:
        call(root, "git", "update-ref", "-d", f"refs/exps/{parent[:2]}/{parent[2:]}/third")


def test_tracked_files_are_read_of_every_revision(history):
    """Of the tree from disk, of the others from git; what is not there is left out."""
    root, commits = history
    found = tracked_files(named_revisions(["workspace", "third", commits[0]], root), ["params.yaml", "absent"], root)
    assert [set(one) for one in found] == [{"params.yaml"}] * 3
    assert [one["params.yaml"].strip() for one in found] == ["seed: 2", "seed: 3", "seed: 1"]


def test_a_file_that_dvc_made_is_not_doubted(history):
    """Its content has the hash of dvc.lock; with another content, or without a stage, it is doubted."""
    root, _ = history
    tree = named_revisions(["workspace"], root)[0]
    assert doubt(tree, "single", "seed: 2\n") == ""
    assert doubt(tree, "single", "seed: 3\n").startswith("single: not the file that its dvc.lock names")
    assert doubt(tree, "other", "") == "other: no stage of its dvc.lock makes it"


def lock(used: str) -> str:
    return f"""
stages:
  train:
    outs: [{{path: adapter, md5: new}}]
  evaluate:
    deps: [{{path: code.py, md5: x}}, {{path: adapter, md5: {used}}}]
    outs: [{{path: scores, md5: s}}]
  report:
    deps: [{{path: scores, md5: s}}]
    outs: [{{path: page, md5: {md5(b"text").hexdigest()}}}]
"""


def test_a_file_made_from_what_has_changed_since_is_doubted():
    """A training after the evaluation: the report below it is not of the adapter that stands there."""
    assert doubt(Revision("r", "n", lock("new")), "page", "text") == ""
    said = doubt(Revision("r", "n", lock("old")), "page", "text")
    assert said == "page: `evaluate` ran on another adapter than the one that is there; `dvc repro report`"


def test_outside_of_git_it_is_said(tmp_path):
    """The reason is git's own."""
    with pytest.raises(ExperimentError, match="not a git repository"):
        current_revisions(tmp_path)


def test_dvc_itself_lists_the_same_experiments(history):
    """`dvc exp list` names what is found for the current commit."""
    root, _ = history
    assert dvc(root, "exp", "list", "--name-only").split() == [one.name for one in current_revisions(root) if one.rev]
