"""What tells versions apart: the git commit and the hashes of the data sets as dvc.lock has them.

Not covered: writing; DVC does that.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml


def git_commit() -> str:
    """The current commit with "-dirty" where tracked files differ, or "" outside git or without it."""
    if not shutil.which("git"):
        return ""
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    if head.returncode:
        return ""
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD"], capture_output=True, check=False)
    return head.stdout.strip() + ("-dirty" if changed.returncode else "")


def dvc_hashes(lock: Path = Path("dvc.lock")) -> Mapping[str, str]:
    """The md5 of every output and input in dvc.lock, by path; empty before the first stage ended."""
    if not lock.exists():
        return {}
    stages = yaml.safe_load(lock.read_text("utf-8")).get("stages", {})
    found: dict[str, str] = {}
    for stage in stages.values():
        for entry in (*stage.get("deps", []), *stage.get("outs", [])):
            if "md5" in entry and not entry["path"].startswith(("src/", "stages/")):
                found[entry["path"]] = entry["md5"]
    return found
