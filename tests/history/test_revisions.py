"""Commits and experiments of a real git and DVC repository, and their outputs in a real cache."""

import pytest
import yaml

from finsmith.core.errors import ExperimentError
from finsmith.history.revisions import cache_folder, cached_file, content_md5, revisions

from .conftest import dvc


def test_every_version_is_told_once(history):
    """The working tree, the experiment by its name, and the commits that changed dvc.lock, the newest first."""
    root, commits = history
    found = revisions(root)
    assert [one.label for one in found] == ["working tree", "third", commits[1][:10], commits[0][:10]]
    assert found[0].outputs["single"] == found[2].outputs["single"]
    assert {one.outputs["single"].stage for one in found} == {"copy"}


def test_outputs_of_any_version_are_found_in_the_cache(history):
    """A file by itself, and one inside a folder, under a Korean name."""
    root, _ = history
    cache = cache_folder(root)
    seeds = [
        cached_file(one, path, cache).read_text() for one in revisions(root) for path in ("single", "out/한글.yaml")
    ]
    assert seeds == [f"seed: {seed}\n" for seed in (2, 2, 3, 3, 2, 2, 1, 1)]


def test_the_hash_of_what_stands_there_is_that_of_dvc(history):
    """Of a file, and of a folder with a Korean name in it; after a change it is another."""
    root, _ = history
    outputs = revisions(root)[0].outputs
    assert {path: content_md5(root / path) for path in ("out", "single")} == {
        path: outputs[path].md5 for path in ("out", "single")
    }
    (root / "out/more").write_text("x")
    assert content_md5(root / "out") != outputs["out"].md5
    (root / "out/more").unlink()


def test_a_folder_is_hashed_as_dvc_hashes_it(tmp_path):
    """Folders in folders, names that sort otherwise with their folder than alone, and what .dvcignore leaves out."""
    folder = tmp_path / "자료"
    (folder / "a" / "__pycache__").mkdir(parents=True)
    for name in ("나.txt", "가.txt", "a/b", "a-b", "a/빈", "x.pyc", "a/__pycache__/y"):
        (folder / name).write_text("" if "빈" in name else name)
    (tmp_path / ".dvcignore").write_text("__pycache__\n*.pyc\n*.part\n")
    dvc(tmp_path, "init", "--quiet", "--no-scm")
    dvc(tmp_path, "add", "--quiet", "자료")
    [out] = yaml.safe_load((tmp_path / "자료.dvc").read_text())["outs"]
    assert content_md5(folder) == out["md5"]


def test_what_is_not_in_the_cache_is_none(history):
    """A path that no stage made, one that its folder lacks, and one whose content was removed."""
    root, _ = history
    cache, oldest = cache_folder(root), revisions(root)[-1]
    assert cached_file(oldest, "other", cache) is None
    assert cached_file(oldest, "out/other", cache) is None
    assert cached_file(oldest, "single", root / "elsewhere") is None


def test_the_cache_is_where_the_configuration_says(history, tmp_path):
    """`dvc cache dir` moves it."""
    root, _ = history
    dvc(root, "cache", "dir", "--local", str(tmp_path / "cache"))
    assert cache_folder(root) == tmp_path / "cache"
    (root / ".dvc" / "config.local").unlink()


def test_outside_of_git_it_is_said(tmp_path):
    """The reason is git's own."""
    with pytest.raises(ExperimentError, match="not a git repository"):
        revisions(tmp_path)
