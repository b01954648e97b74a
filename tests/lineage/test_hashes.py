"""Hashes as DVC itself writes them."""

import subprocess
import sys

import yaml

from finsmith.lineage.hashes import changed, md5_of


def test_files_and_folders_have_the_hash_that_dvc_gives_them(tmp_path):
    """Folders in folders, Korean names, an empty file, and what .dvcignore leaves out."""
    folder = tmp_path / "자료"
    (folder / "안" / "__pycache__").mkdir(parents=True)
    for name, content in {"나.txt": "둘", "가.txt": "하나", "안/다.bin": "셋", "안/빈": "", "a.pyc": "x"}.items():
        (folder / name).write_text(content)
    (folder / "안" / "__pycache__" / "x").write_text("left out")
    (tmp_path / ".dvcignore").write_text("__pycache__\n*.pyc\n*.part\n")
    for command in (("init", "--quiet", "--no-scm"), ("add", "--quiet", "자료", ".dvcignore")):
        subprocess.run([sys.executable, "-m", "dvc", *command], cwd=tmp_path, check=True)
    for name in ("자료", ".dvcignore"):
        [out] = yaml.safe_load((tmp_path / f"{name}.dvc").read_text())["outs"]
        assert md5_of(tmp_path / name) == out["md5"]


def test_what_changed_or_is_gone_is_named(tmp_path):
    """And nothing else."""
    for name in ("same", "other", "gone"):
        (tmp_path / name).write_text(name)
    paths = {name: md5_of(tmp_path / name) for name in ("same", "other", "gone")}
    (tmp_path / "other").write_text("changed")
    (tmp_path / "gone").unlink()
    gone, other = changed(paths, tmp_path)
    assert gone == "gone is gone" and other.startswith("other is ") and paths["other"] in other
