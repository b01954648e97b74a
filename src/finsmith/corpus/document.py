"""What every reader of a format gives back, and how it becomes a `Document`: headings, spans, masks, lost spaces.

Not covered: reading itself; each format has a module of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from finsmith.core.records import Box, Document, Paragraph, ParagraphKind, SourceReject
from finsmith.korean.spacing import lost_spaces, restore_spaces

from .outline import begins_article, shown_heading
from .privacy import mask

_AROUND = 10  # parts before and after that show whether the text there has lost its spaces
_FEW_SPACES = 0.12  # of the characters; Korean text in order has 0.17 and more (measured on twelve documents)


@dataclass(frozen=True)
class Part:
    """A block as a reader found it; its text is one line, a table's is Markdown.

    `level` is the depth of what stands over other parts, 1 outermost: headings, articles, items of a list.
    Plain text has 0.
    """

    text: str
    kind: ParagraphKind = "text"
    level: int = 0
    boxes: tuple[Box, ...] = ()
    ocr_confidence: float | None = None


@dataclass(frozen=True)
class ReadDocument:
    """One file as read: its parts in reading order, none where nothing could be read, and what was left, and why."""

    name: str
    sha256: str
    pages: int
    parts: tuple[Part, ...]
    rejects: tuple[SourceReject, ...] = ()
    respaced_pages: tuple[int, ...] = ()
    furniture: int = 0
    ocr_pages: tuple[int, ...] = ()


def unread(name: str, reason: str) -> ReadDocument:
    """A file of which nothing could be read."""
    return ReadDocument(name, "", 0, (), (SourceReject(source=name, place="file", reason=reason),))


def build_document(
    read: ReadDocument, mask_personal_data: bool = False, fits: Callable[[str], bool] = lambda _: True
) -> Document:
    """The document of a file that was read; text without spaces gets them back.

    With `mask_personal_data` no text of it holds a number of a person. A table that does not fit is several, each with
    caption and head.
    """
    parts, respaced = _respaced(read.parts)
    parts, masked = _masked(parts) if mask_personal_data else (parts, {})
    return Document(
        name=read.name,
        sha256=read.sha256,
        pages=read.pages,
        paragraphs=tuple(_paragraphs(piece for part in parts for piece in _that_fit(part, fits))),
        respaced_pages=read.respaced_pages,
        respaced_paragraphs=respaced,
        furniture=read.furniture,
        ocr_pages=read.ocr_pages,
        masked=masked,
    )


def _that_fit(part: Part, fits: Callable[[str], bool]) -> Iterator[Part]:
    """The part, or its table cut between rows; a single row that does not fit with its head stays whole."""
    lines = part.text.split("\n")
    rule = next((at for at, line in enumerate(lines) if line.startswith("| ---")), None)
    if part.kind != "table" or rule is None or fits(part.text):
        yield part
        return
    head, held = lines[: rule + 1], list[str]()
    for row in lines[rule + 1 :]:
        if held and not fits("\n".join([*head, *held, row])):
            yield replace(part, text="\n".join([*head, *held]))
            held = []
        held.append(row)
    yield replace(part, text="\n".join([*head, *held]))


def _masked(parts: Iterable[Part]) -> tuple[list[Part], dict[str, int]]:
    """The parts with labels in the place of personal data, and how many of each kind."""
    clean: list[Part] = []
    counts: Counter[str] = Counter()
    for part in parts:
        text, found = mask(part.text)
        clean.append(replace(part, text=text))
        counts.update(found)
    return clean, dict(sorted(counts.items()))


def _respaced(parts: Sequence[Part]) -> tuple[list[Part], int]:
    """The parts with spaces where the text around them has lost its own, and how many got some; tables stay."""
    texts = [(at, part.text) for at, part in enumerate(parts) if part.kind != "table"]
    clean = list(parts)
    for turn, (at, text) in enumerate(texts):
        around = texts[max(0, turn - _AROUND) : turn + _AROUND + 1]
        if text.count(" ") < _FEW_SPACES * len(text) and lost_spaces(" ".join(near for _, near in around)):
            clean[at] = replace(parts[at], text=restore_spaces(text))
    return clean, sum(new != old for new, old in zip(clean, parts, strict=True))


def _paragraphs(parts: Iterable[Part]) -> Iterator[Paragraph]:
    start = 0
    above: list[Part] = []
    for part in parts:
        if part.level:
            above = [heading for heading in above if heading.level < part.level]
        yield Paragraph(
            text=part.text,
            start=start,
            kind=part.kind,
            headings=tuple(shown_heading(heading.text) for heading in above if part.level or _reaches(heading)),
            boxes=part.boxes,
            ocr_confidence=part.ocr_confidence,
        )
        if part.level:
            above.append(part)
        start += len(part.text) + 1


def _reaches(heading: Part) -> bool:
    """Whether plain text below belongs to it; an item of a list ends with its own paragraph."""
    return heading.kind == "heading" or begins_article(heading.text)
