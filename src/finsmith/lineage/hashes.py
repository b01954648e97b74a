"""Whether files are those that dvc.lock names: md5 of a file's bytes, or of a folder's listing as DVC writes it.

Source of the listing's form: DVC's documentation of the structure of its cache. Not covered: changing anything.
"""

import hashlib
import json
from pathlib import Path

from tqdm import tqdm


def md5_of(path: Path) -> str:
    """The hash as dvc.lock has it; a folder's ends in ".dir"."""
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()
    listed = sorted((file.relative_to(path).as_posix(), file) for file in path.rglob("*") if file.is_file())
    listing = [{"md5": md5_of(file), "relpath": name} for name, file in listed if not _ignored(Path(name))]
    return f"{hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest()}.dir"


def changed(paths: dict[str, str], root: Path) -> list[str]:
    """Of the paths with their md5 those that are gone or differ, each as a sentence."""
    faults = []
    for path, md5 in tqdm(sorted(paths.items()), desc="hashing", unit="file", leave=False):
        file = root / path
        if not file.exists():
            faults.append(f"{path} is gone")
        elif (found := md5_of(file)) != md5:
            faults.append(f"{path} is {found}, dvc.lock says {md5}")
    return faults


def _ignored(name: Path) -> bool:
    """What .dvcignore names."""
    return "__pycache__" in name.parts or name.suffix in (".pyc", ".part")
