"""Opens HWP 5 files: streams, compression, flags, and the tree of records in a stream. The only home of olefile.

본 제품은 한글과컴퓨터의 한글 문서 파일(.hwp) 공개 문서를 참고하여 개발하였습니다.
Not covered: HWP 3 and older, decryption of any kind, pictures.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import olefile

from .reading import MAX_BYTES, Unreadable

_SIGNATURE = b"HWP Document File"
_NO_HWP = "no HWP 5 inside, whatever its name says; save it as HWPX, DOCX or PDF"
_COMPRESSED = 1 << 0
_TRACKED = 1 << 14  # the document tracks changes; its text with all marks is then in a place of its own
_LARGE = 0xFFF  # a size that does not fit the record's header stands after it
_MAX_DEPTH = 100
# flag in the file header -> why the file is not read
_LOCKED = {
    1 << 1: "encrypted: remove the password in Hancom Office and add it again",
    1 << 2: "locked for distribution (배포용 문서): add the original document, or save it as PDF",
    1 << 4: "protected by DRM: add the original document, or save it as PDF",
    1 << 8: "encrypted with a certificate: add the original document, or save it as PDF",
    1 << 10: "protected by DRM with a certificate: add the original document, or save it as PDF",
}


@dataclass(frozen=True)
class Node:
    """A record with the records under it."""

    tag: int
    data: bytes
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True)
class Streams:
    """What a file holds, unpacked: definitions, and the sections in order."""

    definitions: bytes
    sections: tuple[bytes, ...]


def read_streams(path: Path) -> Streams:
    """The streams of an HWP 5 file.

    Raises:
        Unreadable: no HWP 5, damaged, encrypted or locked.
    """
    if not olefile.isOleFile(str(path)):
        raise Unreadable(_NO_HWP)
    try:
        with olefile.OleFileIO(str(path)) as ole:
            header = ole.openstream("FileHeader").read(40) if ole.exists("FileHeader") else b""
            flags = _flags(header)
            compressed = bool(flags & _COMPRESSED)
            storage = "ViewText" if flags & _TRACKED and ole.exists("ViewText/Section0") else "BodyText"
            names = [f"{storage}/Section{number}" for number in range(len(ole.listdir()))]
            sections = (ole.openstream(name).read() for name in names if ole.exists(name))
            definitions = ole.openstream("DocInfo").read()
            return Streams(_unpacked(definitions, compressed), tuple(_unpacked(data, compressed) for data in sections))
    except (OSError, zlib.error, IndexError, ValueError, TypeError) as error:
        raise Unreadable(f"the file is damaged or cut short ({type(error).__name__}); get it again") from error


def _flags(header: bytes) -> int:
    if not header.startswith(_SIGNATURE) or len(header) < 40:
        raise Unreadable(_NO_HWP)
    flags: int = struct.unpack_from("<I", header, 36)[0]
    for flag, reason in _LOCKED.items():
        if flags & flag:
            raise Unreadable(reason)
    return flags


def _unpacked(data: bytes, compressed: bool) -> bytes:
    if not compressed:
        return data
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    content = unpacking.decompress(data, MAX_BYTES)
    if unpacking.unconsumed_tail:
        raise Unreadable(f"unpacks to more than {MAX_BYTES // 1_000_000} MB; split it")
    return content


def record_tree(data: bytes) -> list[Node]:
    """The records of a stream, nested by their levels.

    Raises:
        Unreadable: a record is longer than what is left, or the records are nested absurdly deep.
    """
    top: list[Node] = []
    above: list[tuple[int, Node]] = []
    for tag, level, content in _records(data):
        while above and above[-1][0] >= level:
            above.pop()
        if len(above) > _MAX_DEPTH:
            raise Unreadable("damaged: its records are nested too deep")
        node = Node(tag, content)
        (above[-1][1].children if above else top).append(node)
        above.append((level, node))
    return top


def _records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        (header,) = struct.unpack_from("<I", data, at)
        tag, level, size = header & 0x3FF, header >> 10 & 0x3FF, header >> 20
        at += 4
        if size == _LARGE and at + 4 <= len(data):
            (size,) = struct.unpack_from("<I", data, at)
            at += 4
        if at + size > len(data):
            raise Unreadable("the file is damaged or cut short (a record ends too early); get it again")
        yield tag, level, data[at : at + size]
        at += size


def integer(data: bytes, at: int, size: int = 2) -> int:
    """The unsigned number at a place of a record; 0 where the record is shorter, as older versions' are."""
    return int.from_bytes(data[at : at + size], "little") if at + size <= len(data) else 0


def text_at(data: bytes, at: int) -> tuple[str, int]:
    """The text with its length before it, and the place after it."""
    end = at + 2 + 2 * integer(data, at)
    return data[at + 2 : end].decode("utf-16-le", errors="ignore"), end
