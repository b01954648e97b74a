"""Tests of the state folder."""

from pathlib import Path

import pytest

from finsmith.core.state import repository_root, state_dir


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A folder with a dvc.yaml, and no FINSMITH_STATE in the environment."""
    monkeypatch.delenv("FINSMITH_STATE", raising=False)
    root = tmp_path.resolve() / "repo"
    root.mkdir()
    (root / "dvc.yaml").write_text("stages: {}\n")
    return root


@pytest.mark.parametrize("place", [".", "src/finsmith", ".dvc/tmp/exps/standalone/x", ".dvc/tmp/exps/tmpab12/src"])
def test_state_is_the_repositorys(repository, monkeypatch, place):
    """From the root, a folder inside and a temporary experiment workspace, the state is found at the repository."""
    workspace = repository / place
    workspace.mkdir(parents=True, exist_ok=True)
    (workspace / "dvc.yaml").write_text("stages: {}\n") if ".dvc" in place else None
    monkeypatch.chdir(workspace)
    assert repository_root() == repository
    assert state_dir("replies") == repository / ".finsmith" / "replies"
    assert (repository / ".finsmith" / "replies").is_dir()


def test_place_of_state_can_be_set(repository, monkeypatch, tmp_path):
    """FINSMITH_STATE names another place for the state."""
    monkeypatch.setenv("FINSMITH_STATE", str(tmp_path / "shared state"))
    monkeypatch.chdir(repository)
    assert state_dir("models") == tmp_path / "shared state" / "models"
    assert not (repository / ".finsmith").exists()


def test_without_a_repository_it_is_here(tmp_path, monkeypatch):
    """Outside any repository the root is the current folder."""
    monkeypatch.chdir(tmp_path)
    if any((parent / "dvc.yaml").exists() for parent in tmp_path.parents):
        pytest.skip("the folder for temporary files lies inside a repository")
    assert repository_root() == Path.cwd()
