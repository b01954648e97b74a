"""Withdraws a document: notes it, and erases what holds its text or was made of it, but for the outputs standing here.

Those are made anew by the next `dvc repro`, which reads the note. Every step may be repeated: a withdrawal that was cut
off is ended by asking for it again. Not covered: remotes, servers and git's history, which are told of.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finsmith.core.errors import LineageError, SourceError
from finsmith.core.ids import file_sha256
from finsmith.core.io import read_json, read_jsonl
from finsmith.core.records import Document
from finsmith.history.revisions import Revision, cached, content_md5

from .holders import Holder, places_to_erase
from .impact import Impact, impact
from .withdrawals import NOTED, Withdrawal, add_withdrawal, fingerprint, read_withdrawals


def withdrawal_of(wanted: str, documents: Path, noted: Path, reason: str, at: str) -> Withdrawal:
    """The withdrawal of a document by its name or sha256: as it was noted before, else with its text's fingerprint.

    Raises:
        SourceError: the corpus has no such document, and none was withdrawn.
    """
    for before in read_withdrawals(noted):
        if wanted in (before.document, before.sha256):
            return before
    read = {one.sha256: one for one in read_jsonl(documents, Document)}
    found = [one for one in read.values() if wanted in (one.name, one.sha256)]
    if len(found) != 1:
        names = ", ".join(sorted(one.name for one in read.values()))
        raise SourceError(f"{wanted!r} is {'the name of several' if found else 'none'} of the documents read: {names}.")
    [document] = found
    staying = (_text(one) for sha256, one in read.items() if sha256 != document.sha256)
    told = fingerprint([_text(document)], staying)
    return Withdrawal(document=document.name, sha256=document.sha256, reason=reason, at=at, fingerprint=told)


def _text(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


_CACHED = re.compile(r"[0-9a-f]{32}(\.dir)?")


@dataclass(frozen=True)
class Erased:
    """What is gone: by holder places with the document's text or calls about it; files made of it and its own."""

    places: Mapping[str, tuple[str, ...]]
    files: tuple[str, ...]


def everything_of(withdrawal: Withdrawal, versions: Sequence[Revision], cache: Path) -> Impact | None:
    """What was made of the document in the versions, None where nothing was."""
    try:
        return impact(withdrawal.sha256, versions, cache)
    except LineageError:
        return None


def withdraw_everywhere(
    withdrawal: Withdrawal,
    adapters: Collection[str],
    asked: Collection[str],
    holders: Sequence[Holder],
    kept: Sequence[Path],
    documents: Path,
    pictures: Sequence[Path],
    noted: Path = NOTED,
) -> Erased:
    """Notes the withdrawal, then erases.

    `adapters` are hashes of the files that were trained on it, `kept` the folders in which copies of files are kept.
    `asked` are the keys of calls that were asked about its passages: they go, whatever they say. The last of the
    holders is the one that tells of them, so that a withdrawal that was cut off finds them again. `pictures` are files
    that show its pages without their text.
    """
    add_withdrawal(noted, withdrawal)
    places: dict[str, tuple[str, ...]] = {}
    for holder in holders:
        found = places_to_erase(withdrawal, asked, holder)
        holder.erase(found)
        if found:
            places[holder.name] = tuple(sorted(found))
    raw = raw_files([withdrawal], documents)
    files = [*raw, *pictures, *copies({*adapters, *map(content_md5, raw)}, kept)]
    for file in files:
        file.unlink(missing_ok=True)
    return Erased(places, tuple(map(str, files)))


def adapter_hashes(made: Impact | None, versions: Sequence[Revision], cache: Path) -> set[str]:
    """The md5 of the files, and of their listings, of adapters that were trained on it and of no other adapter."""
    tainted = {one.adapter for one in made.descents if one.adapter} if made else set()
    adapters = {output.md5 for one in versions if (output := one.outputs.get("models/adapter"))}
    return _listed(tainted, cache) - _listed(adapters - tainted, cache)


def _listed(folders: Collection[str], cache: Path) -> set[str]:
    found = set(folders)
    for listing in (cached(md5, cache) for md5 in folders):
        found |= {file["md5"] for file in read_json(listing)} if listing.exists() else set()
    return found


def copies(hashes: Collection[str], folders: Sequence[Path]) -> list[Path]:
    """The files in the folders that have one of these md5, whatever they are called."""
    found = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if hashes and _md5_of(path) in hashes]


def _md5_of(path: Path) -> str:
    """In DVC's cache a file's name says it."""
    named = path.parent.name + path.name
    return named if _CACHED.fullmatch(named) else content_md5(path)


def raw_files(withdrawals: Sequence[Withdrawal], folder: Path) -> list[Path]:
    """The withdrawn files themselves where they were read from, whatever they are called."""
    hashes = {one.sha256 for one in withdrawals}
    return [path for path in sorted(folder.iterdir()) if path.is_file() and file_sha256(path) in hashes]
