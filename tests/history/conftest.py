"""A real git and DVC repository with a history."""

import subprocess
import sys

import pytest

PIPELINE = """
stages:
  copy:
    cmd: python -c "import shutil, os; os.makedirs('out', exist_ok=True);
      shutil.copy('params.yaml', 'out/한글.yaml'); shutil.copy('params.yaml', 'single')"
    params: [seed]
    outs: [out, single]
"""


def call(root, *command):
    said = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return said.stdout.strip()


def dvc(root, *arguments):
    return call(root, sys.executable, "-m", "dvc", *arguments)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Two commits that changed dvc.lock, one that did not, and an experiment."""
    root = tmp_path_factory.mktemp("history")
    (root / "dvc.yaml").write_text(PIPELINE)
    (root / "params.yaml").write_text("seed: 1\n")
    call(root, "git", "init", "--quiet")
    call(root, "git", "config", "user.email", "test@example.org")
    call(root, "git", "config", "user.name", "test")
    dvc(root, "init", "--quiet")
    dvc(root, "config", "core.analytics", "false")
    commits = []
    for seed in (1, 2):
        (root / "params.yaml").write_text(f"seed: {seed}\n")
        dvc(root, "repro", "--quiet")
        call(root, "git", "add", "--all")
        call(root, "git", "commit", "--quiet", "--message", "made")
        commits.append(call(root, "git", "rev-parse", "HEAD"))
    (root / "README.md").write_text("no stage reads this\n")
    call(root, "git", "add", "--all")
    call(root, "git", "commit", "--quiet", "--message", "told")
    dvc(root, "exp", "run", "--quiet", "--temp", "--name", "third", "--set-param", "seed=3")
    return root, commits
