"""What a person said of a row: accepted, rejected and why, edited and how.

A decision follows its row through new runs, since ids are hashes of contents. Not covered: the order of decisions and
what they come to (course), writing them down (journal).
"""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from finsmith.core.ids import content_id
from finsmith.core.records import Identified, Record

Kind = Literal["row", "question", "sample"]
Verdict = Literal["accept", "reject", "skip", "undo"]
Key = tuple[Kind, str]  # what is decided on: a row may wait for approval and be in the audit's sample
FIELDS: dict[Kind, frozenset[str]] = {
    "row": frozenset({"instruction", "input", "output"}),
    "question": frozenset({"stem", "choices", "answer", "explanation", "evidence"}),
    "sample": frozenset(),
}
_NEVER_BLANK = {"instruction", "output", "stem"}
_NAME = re.compile(r"\w[\w.-]{0,39}")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # no file names on Windows
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def reviewer_name(name: str) -> str:
    """The name in NFC.

    Raises:
        ValueError: no file could be called so on every system.
    """
    name = unicodedata.normalize("NFC", name)
    if not _NAME.fullmatch(name) or name.endswith(".") or _DEVICES.fullmatch(name):
        raise ValueError(
            "a reviewer's name is 1 to 40 letters, digits, dots, hyphens or underscores, and begins with no dot"
        )
    return name


def _time(at: str) -> str:
    if not _TIME.fullmatch(at):
        raise ValueError("not a UTC time like 2026-01-31T09:30:00.000Z")
    datetime.fromisoformat(at)
    return at


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


ReviewerName = Annotated[str, AfterValidator(reviewer_name)]
Text = Annotated[str, AfterValidator(_nfc)]


class Edit(Record):
    """The fields that a person changed, with what they say now; None was not changed. Texts are brought to NFC.

    `choices` are all of a question's in their new order, and name the `answer` with them.
    """

    instruction: Text | None = None
    input: Text | None = None
    output: Text | None = None
    stem: Text | None = None
    choices: tuple[Text, ...] | None = None
    answer: Annotated[int, Field(ge=0)] | None = None
    explanation: Text | None = None
    evidence: Text | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """What was changed, by field."""
        return self.model_dump(exclude_none=True)


class Decision(Identified):
    """What a reviewer said of a row or question. An undo is a decision too: nothing is ever deleted.

    `answers` are those of a sampled row to the questions of the audit (evaluation/quality.py), yes to all of which
    accepts it; its `reason` is a comment, or empty. `seconds` is the time it took, idle time cut. `at` is when, in UTC.
    `undoes` is the decision that an undo takes back, `seen` the reviewer's last one on the same row before this.
    `texts` is the hash of reason and edit, of which the id is made: where these were erased for a withdrawn document
    the id still holds.
    """

    labels: ClassVar[frozenset[str]] = frozenset({"reason", "edit"})
    kind: Kind
    row_id: Annotated[str, Field(min_length=1)]
    verdict: Verdict
    reviewer: ReviewerName
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    at: Annotated[str, AfterValidator(_time)]
    reason: Text = ""
    edit: Edit | None = None
    answers: tuple[bool, bool, bool] | None = None
    texts: str = ""
    undoes: str = ""
    seen: str = ""

    @property
    def key(self) -> Key:
        """What is decided on."""
        return self.kind, self.row_id

    @property
    def erased(self) -> bool:
        """Whether its reason or edit is gone, so that it decides nothing any more."""
        return bool(self.texts) and not (self.reason or self.edit)

    @property
    def decides(self) -> bool:
        """Whether it accepts or rejects; of a sampled row its answers say so, and outlive a comment that was erased."""
        return self.verdict in ("accept", "reject") and (self.kind == "sample" or not self.erased)

    @property
    def says(self) -> str:
        """The verdict as agreement counts it: an edit says that the row was not right as it stood."""
        return "edit" if self.edit else self.verdict

    def line(self) -> bytes:
        """The line of its file."""
        return self.model_dump_json(exclude_defaults=True).encode() + b"\n"

    def without_texts(self) -> Self:
        """The decision with reason and edit erased, under the same id."""
        return self.model_validate(self.model_dump(exclude=set(self.labels)))

    def _content(self) -> dict[str, Any]:
        """Without fields left empty, so that a field added later changes no id of before; reason and edit as a hash."""
        told = self.model_dump(mode="json", exclude={"id", "texts", *self.labels}, exclude_defaults=True)
        return told | ({"texts": texts} if (texts := self._hashed_texts()) else {})

    def _hashed_texts(self) -> str:
        if self.reason or self.edit:
            return content_id([self.reason, self.edit.changes if self.edit else {}])
        return self.texts

    @model_validator(mode="after")
    def _sound(self) -> Self:
        object.__setattr__(self, "texts", self._hashed_texts())
        if bool(self.undoes) != (self.verdict == "undo"):
            raise ValueError("an undo names the decision that it undoes, and nothing else does")
        if self.edit:
            self._check_edit(self.edit)
        if (self.answers is not None) != (self.kind == "sample" and self.verdict in ("accept", "reject")):
            raise ValueError("the audit's questions are answered of a sampled row, unless it is skipped")
        if self.answers is not None and all(self.answers) != (self.verdict == "accept"):
            raise ValueError("a sampled row is accepted where all answers are yes, and only there")
        if self.verdict == "reject" and self.kind != "sample" and not (self.reason.strip() or self.erased):
            raise ValueError("reason: a rejected row needs one")
        return self

    def _check_edit(self, edit: Edit) -> None:
        changed = edit.changes.keys()
        if blank := [name for name in _NEVER_BLANK & changed if not str(edit.changes[name]).strip()]:
            raise ValueError(f"edit: {', '.join(sorted(blank))} would be empty; reject the row instead")
        if not changed or self.verdict != "accept":
            raise ValueError("edit: only an accepted row is edited, and an edit changes something")
        if foreign := sorted(changed - FIELDS[self.kind]):
            raise ValueError(f"edit: a {self.kind} has no {', '.join(foreign)} that may be edited")
        if "choices" in changed and "answer" not in changed:
            raise ValueError("edit: choices in a new order name the answer too")


def first_fault(error: ValidationError, whole: str) -> str:
    """The first thing that is wrong with what was read, behind its field, or `whole` where it is of no field alone."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or whole}: {first['msg']}"


def now() -> str:
    """The time as a decision notes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
