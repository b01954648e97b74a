"""Records that cross a stage boundary: frozen, closed, identified by their content.

Costs and durations are kept out: the same inputs give the same bytes. What a call cost stands in the ledger, under the
`request_key` of a row's provenance.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .ids import content_id, sha256_of


class Record(BaseModel):
    """A frozen record without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Identified(Record):
    """A record whose `id` is the hash of all its other fields but `labels`; a wrong id is refused."""

    labels: ClassVar[frozenset[str]] = frozenset()
    id: str = ""

    @model_validator(mode="after")
    def _identify(self) -> Self:
        expected = content_id(self._content())
        if self.id not in ("", expected):
            raise ValueError(f"id {self.id} does not match the content ({expected}): the row was edited")
        object.__setattr__(self, "id", expected)
        return self

    def _content(self) -> dict[str, Any]:
        """What is hashed."""
        return self.model_dump(mode="json", exclude={"id", *self.labels})


class Box(Record):
    """A rectangle on a page, in points from the top left corner; `page` counts from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


ParagraphKind = Literal["text", "heading", "table", "footnote"]


class Paragraph(Record):
    """A block of a document; `start` counts characters from the document's begin.

    The text is one line, a table's is Markdown. `headings` are what it stands under, outermost first. `boxes` is empty
    where the format has no pages. `ocr_confidence` (0 to 1) is set where the text was read off a picture.
    """

    text: str
    start: int
    kind: ParagraphKind
    headings: tuple[str, ...]
    boxes: tuple[Box, ...]
    ocr_confidence: float | None = None


class Document(Record):
    """A document as read; its text is its paragraphs joined by newlines.

    `pages` is 0 where the format has none. `respaced_pages` lost their spaces in the text layer and got them back from
    the page; `respaced_paragraphs` counts those that even the page shows without and morphology spaced. `ocr_pages` are
    those read off a picture. `furniture` counts the lines that were dropped: running heads, page numbers, watermarks
    and scales of charts; `masked` the personal data that was masked, by kind.
    """

    name: str
    sha256: str
    pages: int
    paragraphs: tuple[Paragraph, ...]
    respaced_pages: tuple[int, ...] = ()
    respaced_paragraphs: int = 0
    furniture: int = 0
    ocr_pages: tuple[int, ...] = ()
    masked: dict[str, int] = {}

    @property
    def characters(self) -> int:
        """Characters of text, the newlines between paragraphs not counted."""
        return sum(len(paragraph.text) for paragraph in self.paragraphs)


class DocumentCounts(Record):
    """What there is of one document, or of a file that gave none; `language` is empty where there are no letters."""

    name: str
    pages: int
    characters: int
    tokens: int
    passages: int
    tables: int
    ocr_pages: int
    unread_pages: int
    respaced_pages: int
    respaced_paragraphs: int
    furniture: int
    masked: int
    language: str


class Passage(Identified):
    """A piece of a document: one or more whole paragraphs, and where they stand.

    `span` counts characters of the document's text, end exclusive; `tokens` are the base model's. `headings` are those
    all its paragraphs share; `ocr_confidence` is the lowest of them.
    """

    document: str
    document_sha256: str
    pages: tuple[int, ...]
    span: tuple[int, int]
    boxes: tuple[Box, ...]
    headings: tuple[str, ...]
    text: str
    tokens: int
    ocr_confidence: float | None = None


class Term(Identified):
    """A glossary entry; `row` counts from 1 in the source file, the header included.

    `full_name` is what the term is short for. `abbreviation` is the short form, which may be the term itself. `aliases`
    are other names of the same thing, in the order of the source. `sheet` is set where the file has several.
    """

    term: str
    full_name: str
    english: str
    definition: str
    related: tuple[str, ...]
    category: str
    source: str
    row: int
    abbreviation: str = ""
    aliases: tuple[str, ...] = ()
    sheet: str = ""


class Provenance(Record):
    """Where an example comes from: passages, terms or seed tasks by id, and the teacher's call if there was one.

    `parents` are the examples it was made from. `request_key` is the call that wrote it, `other_keys` are those that
    checked it or wrote other parts of it.
    """

    sources: tuple[str, ...]
    parents: tuple[str, ...] = ()
    prompt_sha256: str = ""
    model: str = ""
    request_key: str = ""
    other_keys: tuple[str, ...] = ()


class Example(Identified):
    """One instruction row. `recipe` is `family.task`, e.g. `multiple_choice.solve`, or `general`."""

    recipe: str
    instruction: str
    input: str
    output: str
    provenance: Provenance


class Rejected(Record):
    """An example that a filter dropped: why, with which score, and what it clashed with (an id or a text)."""

    example: Example
    filter: str
    reason: str
    score: float | None = None
    against: str = ""


class Pair(Record):
    """Two answers to one instruction and input: a row of the training set, and one that the filter named rejected."""

    chosen: Example
    rejected: Example
    filter: str


class Flagged(Record):
    """What a filter found in an example that is kept all the same: a row to look at."""

    example_id: str
    filter: str
    reason: str
    score: float | None = None
    against: str = ""


JudgementKind = Literal["solved", "solved_blind", "faithful"]


class Judgement(Record):
    """What a teacher said of an example when it was asked `votes` times; `right` of them were as they should be.

    `solved`: it chose the answer, given the passage. `solved_blind`: it chose the answer without the passage.
    `faithful`: it found all of the output in the input. `said` holds its answers in the order of `request_keys`.
    """

    example_id: str
    kind: JudgementKind
    right: int
    votes: Annotated[int, Field(ge=1)]
    said: tuple[str, ...]
    request_keys: tuple[str, ...]
    model: str

    @property
    def share(self) -> float:
        """The share of right answers, 0 to 1."""
        return self.right / self.votes


class SourceReject(Record):
    """A piece of raw input that could not be used: a file, page, row or line, and why."""

    source: str
    place: str
    reason: str
    text: str = ""


CHOICE_LETTERS = "ABCDE"
Label = Annotated[str, Field(exclude_if=lambda label: not label)]


class Question(Identified):
    """A closed question with four or five choices; `answer` is the index of the right one.

    `source` is the term or document it is about, `evidence` the words that prove the answer. `kind` says what is asked
    for (term, number, fact, cause, exception, calculation …), `difficulty` how hard it is held to be (easy, medium,
    hard …), `recipe` what wrote it, `parent` the question that a person made it from. These are labels: a question that
    gets one stays the same question, and its `id` the same; a line without difficulty or parent does not name one.
    """

    labels: ClassVar[frozenset[str]] = frozenset({"kind", "recipe", "difficulty", "parent"})
    stem: str
    choices: Annotated[tuple[str, ...], Field(min_length=4, max_length=len(CHOICE_LETTERS))]
    answer: Annotated[int, Field(ge=0)]
    explanation: str
    source: str
    evidence: str
    kind: str = ""
    recipe: str = ""
    difficulty: Label = ""
    parent: Label = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if len({choice.strip() for choice in self.choices}) < len(self.choices):
            raise ValueError("the choices are not distinct")
        if self.answer >= len(self.choices):
            raise ValueError(f"answer: {self.answer} is none of {len(self.choices)} choices, counted from 0")
        return self


class Request(Record):
    """One call to the teacher of that name, before it is sent. `messages` are (role, text) pairs.

    The part that decides the reply is hashed into `key`; recipe, sources, prompt and the teacher's name are
    book-keeping. A decoding parameter that is None is left to the endpoint.
    """

    recipe: str
    sources: tuple[str, ...]
    prompt_sha256: str
    model: str
    messages: tuple[tuple[str, str], ...]
    temperature: float
    max_tokens: int
    seed: int
    top_p: float | None = None
    presence_penalty: float | None = None
    response_schema: dict[str, Any] | None = None
    teacher: str = "default"

    @property
    def key(self) -> str:
        """The sha256 of model, messages, decoding parameters and response schema."""
        return sha256_of(self.model_dump(mode="json", exclude=_BOOK_KEEPING, exclude_none=True))


_BOOK_KEEPING = {"recipe", "sources", "prompt_sha256", "teacher"}


REFUSED = "refused"  # the finish reason of a reply that stands for a request the endpoint would not take


class Reply(Record):
    """What the teacher answered to one request, its tokens, and what it cost.

    `finish_reason` is the endpoint's ("stop", "length", "content_filter"), or "refused" for a request the endpoint
    would not take; `text` is then why, and nothing was paid.
    """

    key: str
    model: str
    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    reference_cost_usd: float


class StoredCall(Record):
    """A call and its reply as the response store has them, the seconds it took, and when it ended (of the epoch)."""

    request: Request
    reply: Reply
    seconds: float
    at: float


class RejectedReply(Record):
    """A paid reply that gave no example, and why; `mended` where the same question, asked again, gave a good one."""

    request_key: str
    recipe: str
    sources: tuple[str, ...]
    reason: str
    reply: str
    mended: bool = False


class Observed(Record):
    """What earlier replies of a model to a task took on average, in tokens and seconds a call."""

    calls: int
    prompt_tokens: float
    completion_tokens: float
    seconds: float
    bytes_per_prompt_token: float


class LedgerEntry(Record):
    """One teacher call that the generated data rests on: what it used and what it cost."""

    request_key: str
    recipe: str
    model: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    reference_cost_usd: float
