"""The commit and the data hashes that a run is tagged with."""

import subprocess

import pytest

from finsmith.tracking.versions import dvc_hashes, git_commit, is_dirty

LOCK = """\
schema: '2.0'
stages:
  mix:
    cmd: python -m stages.mix
    deps:
    - path: data/filtered/kept.jsonl
      hash: md5
      md5: f031d9b321548299a6a08c4ad91d159e
      size: 10
    - path: src/finsmith/mixture
      hash: md5
      md5: f7520a391b2bd39d743c4efca9e4f92b.dir
      size: 20
      nfiles: 3
    - path: stages/mix.py
      hash: md5
      md5: 8e7eb4884ccc7faa919d124694437ce9
      size: 30
    outs:
    - path: data/mixed
      hash: md5
      md5: 76c47596a7ca4232d57afe2c3afd85e6.dir
      size: 40
      nfiles: 2
  train:
    cmd: python -m stages.train
    deps:
    - path: data/mixed
      hash: md5
      md5: 76c47596a7ca4232d57afe2c3afd85e6.dir
      size: 40
      nfiles: 2
    outs:
    - path: models/adapter
      hash: md5
      md5: d47f12f09bd50c9282b66eb613324dab.dir
      size: 50
      nfiles: 2
  bare:
    cmd: 'true'
"""


def git(*command: str) -> str:
    who = ["-c", "user.name=Kim", "-c", "user.email=kim@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *command], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def commit(repository):
    """The hash of the repository's only commit."""
    git("init", "--quiet")
    git("add", "params.yaml", "dvc.yaml")
    git("commit", "--quiet", "-m", "first")
    return git("rev-parse", "HEAD")


def test_a_clean_commit(commit, repository):
    """With nothing changed it is the hash that git tells; a file git does not track changes nothing."""
    (repository / "untracked.txt").write_text("x")
    assert (git_commit(), is_dirty()) == (commit, False)


@pytest.mark.parametrize("staged", [False, True])
def test_a_changed_file_is_told(commit, repository, staged):
    """A changed tracked file makes it dirty, staged or not; the commit is the same."""
    (repository / "params.yaml").write_text("train: {epochs: 3}\n")
    if staged:
        git("add", "params.yaml")
    assert (git_commit(), is_dirty()) == (commit, True)


def test_what_a_run_writes_makes_nothing_dirty(repository):
    """dvc.lock and tracked outputs change with every run; that is no change of what the run was made of."""
    git("init", "--quiet")
    (repository / "models/adapter").mkdir(parents=True)
    for name in ("dvc.lock", "models/adapter/weights", "models/notes"):
        (repository / name).write_text(LOCK)
    git("add", "--all")
    git("commit", "--quiet", "-m", "first")
    for name in ("dvc.lock", "models/adapter/weights"):
        (repository / name).write_text(f"{LOCK}# changed")
    assert not is_dirty()
    (repository / "models/notes").write_text("changed")
    assert is_dirty()


def test_outside_git(monkeypatch, tmp_path):
    """Where there is no repository, or no git, the commit is empty."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert (git_commit(), is_dirty()) == ("", False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit() == ""


def test_before_the_first_commit(repository):
    """A repository without a commit has none to tell."""
    git("init", "--quiet")
    assert git_commit() == ""


def test_the_hashes_of_data_in_dvc_lock(repository):
    """Inputs and outputs are there by path, once; code is left out, since the commit tells it."""
    (repository / "dvc.lock").write_text(LOCK)
    assert dvc_hashes() == {
        "data/filtered/kept.jsonl": "f031d9b321548299a6a08c4ad91d159e",
        "data/mixed": "76c47596a7ca4232d57afe2c3afd85e6.dir",
        "models/adapter": "d47f12f09bd50c9282b66eb613324dab.dir",
    }


def test_without_a_lock():
    """Before the first stage ended there are no hashes."""
    assert dvc_hashes() == {}
