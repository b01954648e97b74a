"""What every reader does alike: names, empty files, bounded and safe opening, reasons instead of exceptions.

Not covered: what the formats hold; each has a module of its own.
"""

import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree.ElementTree import ParseError

from lxml import etree

from finsmith.core.ids import file_sha256
from finsmith.core.records import SourceReject
from finsmith.corpus.document import Part, ReadDocument, unread

MAX_BYTES = 500_000_000  # of a file and of what it unpacks to; office documents of banks stay far below
MAX_XML_BYTES = 60_000_000  # of one XML file that is held as a tree, which takes some twenty times as much
_MAX_MEMBERS = 20_000
_DTD = b"<!DOCTYPE"
_HEAD_BYTES = 4096  # a DTD stands before the first element
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


# what the libraries that read office files raise, undocumented, where a file is damaged; found by damaging files
DAMAGED = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, ParseError, etree.XMLSyntaxError)


class Unreadable(Exception):
    """The file cannot be read; the message says why and what to do. `read_file` makes a reject of it."""


@dataclass(frozen=True)
class Left:
    """A piece of a file that was left out: where, why, and its text."""

    place: str
    reason: str
    text: str = ""


@dataclass(frozen=True)
class Found:
    """What a format's reader found in a file."""

    parts: tuple[Part, ...]
    furniture: int = 0
    left: tuple[Left, ...] = ()


def read_file(path: Path, find: Callable[[Path], Found]) -> ReadDocument:
    """The document that `find` reads from the file; a file that cannot be read is a reject with its reason."""
    name = unicodedata.normalize("NFC", path.name)
    try:
        size = path.stat().st_size
        if size == 0:
            return unread(name, "the file is empty")
        if size > MAX_BYTES:
            return unread(name, f"larger than {MAX_BYTES // 1_000_000} MB; split it")
        found = find(path)
        digest = file_sha256(path)
    except Unreadable as error:
        return unread(name, str(error))
    except OSError as error:
        return unread(name, f"cannot be opened ({error.strerror or type(error).__name__})")
    rejects = tuple(SourceReject(source=name, place=x.place, reason=x.reason, text=x.text) for x in found.left)
    if not found.parts:
        nothing = unread(name, "no text that can be read; is it only pictures? Save it as PDF")
        return replace(nothing, rejects=(*rejects, *nothing.rejects))
    return ReadDocument(name, digest, 0, found.parts, rejects, furniture=found.furniture)


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, once its sizes are within bounds and none of its XML brings a DTD (no entities, no fetching).

    Raises:
        Unreadable: no archive, damaged, encrypted, too large unpacked, or with a DTD inside.
    """
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            raise Unreadable("encrypted, or in an old binary format: remove the password and save it in today's format")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise Unreadable(f"the file is damaged or cut short ({type(error).__name__}); get it again") from error


def parse_xml(content: bytes, name: str) -> etree._Element:
    """The root of an XML file; entities stay as they are and nothing is fetched.

    Raises:
        Unreadable: no well-formed XML.
    """
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Unreadable(
            f"{name} inside is damaged ({error.msg}); open the file where it was made and save it anew"
        ) from error


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace (the years in OWPML's differ); empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > MAX_BYTES:
        raise Unreadable(f"unpacks to more than {MAX_BYTES // 1_000_000} MB; split it, or save it without its pictures")
    for member in members:
        if member.flag_bits & 1:
            raise Unreadable("encrypted: remove the password and add it again")
        if member.filename.endswith((".xml", ".rels", ".hpf")):
            _check_xml(archive, member)


def _check_xml(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if member.file_size > MAX_XML_BYTES:
        raise Unreadable(f"{member.filename} unpacks to more than {MAX_XML_BYTES // 1_000_000} MB; split the file")
    with archive.open(member) as file:
        if _DTD in file.read(_HEAD_BYTES).replace(b"\0", b""):
            raise Unreadable(f"{member.filename} brings a DTD, as no office program writes it; not read for safety")
