"""Content hashes: the same content has the same id on every machine. Not covered: hashes of files by DVC."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson


def content_id(content: Any) -> str:
    """The first 16 hex digits of the sha256 of the content's canonical JSON (sorted keys, UTF-8)."""
    return sha256_of(content)[:16]


def sha256_of(content: Any) -> str:
    """The sha256 of the content's canonical JSON, as 64 hex digits."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def fingerprint(settings: Any, files: Iterable[Path]) -> str:
    """The first 16 hex digits of a sha256 of settings and the contents of files: what decides a result."""
    return content_id([settings, *map(file_sha256, files)])


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes, as 64 hex digits; read in blocks, so any size will do."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
