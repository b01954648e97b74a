"""What a person said of a row: accepted, rejected and why, edited and how; and what one person's decisions come to.

A decision follows its row through new runs, since ids are hashes of contents. Each names the one before it on the same
row, so that a line taken out, put in or moved by hand shows. Not covered: writing them down (journal), what they come
to when several people decide (standing).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from finsmith.core.ids import content_id
from finsmith.core.records import Identified, Record, SourceReject

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
    accepts it. `seconds` is the time it took, idle time cut. `at` is when, in UTC. `undoes` is the decision that an
    undo takes back, `seen` the reviewer's last one on the same row before this. `texts` is the hash of reason and edit,
    of which the id is made: where these were erased for a withdrawn document the id still holds.
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
        """Whether it accepts or rejects."""
        return self.verdict in ("accept", "reject") and not self.erased

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
        """Without fields left empty, so that a field added later changes no id of before."""
        return self.model_dump(mode="json", exclude={"id", *self.labels}, exclude_defaults=True)

    @model_validator(mode="after")
    def _identify(self) -> Self:
        if self.reason or self.edit:
            texts = content_id([self.reason, self.edit.changes if self.edit else {}])
            if self.texts not in ("", texts):
                raise ValueError(f"texts {self.texts} do not match reason and edit ({texts}): the row was edited")
            object.__setattr__(self, "texts", texts)
        return super()._identify()

    @model_validator(mode="after")
    def _sound(self) -> Self:
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


def now() -> str:
    """The time as a decision notes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Course:
    """One reviewer's decisions, taken in order: the last entry on each row, and those that were not undone.

    It keeps ids only.
    """

    last: dict[Key, str] = field(default_factory=dict)
    standing: dict[Key, list[str]] = field(default_factory=dict)

    def refusal(self, decision: Decision) -> str:
        """Why a decision does not follow those before it, or ""."""
        last = self.last.get(decision.key, "")
        if decision.seen != last:
            return f"it follows {decision.seen or 'none'}; the last decision on the row is {last or 'none'}"
        if decision.undoes and decision.undoes != self.stands(decision.key):
            return f"it undoes {decision.undoes}; what stands is {self.stands(decision.key) or 'nothing'}"
        return ""

    def take(self, decision: Decision) -> None:
        """Goes on with a decision that was not refused."""
        self.last[decision.key] = decision.id
        stack = self.standing.setdefault(decision.key, [])
        if decision.undoes:
            stack.pop()
        else:
            stack.append(decision.id)

    def stands(self, key: Key) -> str:
        """The id of the decision that stands, "" where none does."""
        return (self.standing.get(key) or [""])[-1]


def by_person(decisions: Iterable[Decision]) -> dict[Key, dict[str, Decision]]:
    """Each person's decision that stands on each row, undone ones left out; rows on which none stands are absent."""
    known: dict[str, Decision] = {}
    courses: dict[str, Course] = defaultdict(Course)
    for one in decisions:
        known[one.id] = one
        courses[one.reviewer].take(one)
    found: dict[Key, dict[str, Decision]] = defaultdict(dict)
    for reviewer, course in sorted(courses.items()):
        for key, stack in course.standing.items():
            if stack:
                found[key][reviewer] = known[stack[-1]]
    return dict(found)


def sampled(decisions: Iterable[Decision]) -> list[Decision]:
    """Each person's judgement that stands on each row of the audit's sample, skips left out."""
    said = by_person(decisions)
    return [one for key, of in said.items() if key[0] == "sample" for one in of.values() if one.answers is not None]


def parse_line(line: bytes, reviewer: str) -> Decision | str:
    """The decision on a line of a reviewer's file, or why there is none."""
    try:
        decision = Decision.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"
    if decision.reviewer != reviewer:
        return f"it is of {decision.reviewer}, the file of {reviewer}"
    return decision


@dataclass(frozen=True)
class Decided:
    """All decisions of a folder, by reviewer's name and in the order in which each was taken; lines that are none."""

    decisions: list[Decision]
    rejects: list[SourceReject]

    def metrics(self) -> dict[str, Any]:
        """How many there are, and people's hours; the time of what was undone or skipped was spent too."""
        seconds: dict[str, list[float]] = defaultdict(list)
        for one in self.decisions:
            seconds[one.reviewer].append(one.seconds)
        by_name = {name: {"decisions": len(of), "hours": _hours(sum(of))} for name, of in sorted(seconds.items())}
        return {
            "decisions": len(self.decisions),
            "undone": sum(one.verdict == "undo" for one in self.decisions),
            "unread": len(self.rejects),
            "reviewers": by_name,
            "reviewer_hours": _hours(sum(one.seconds for one in self.decisions)),
            "verdicts_timed": sum(one.seconds > 0 for one in self.decisions),
        }


def _hours(seconds: float) -> float:
    return round(seconds / 3600, 5)


def read_decisions(folder: Path) -> Decided:
    """What the files of a folder say, one for each reviewer; none where there is no such folder.

    A line that is no decision, or does not follow the one before it on its row, is a reject with its place.
    """
    decisions: list[Decision] = []
    rejects: list[SourceReject] = []
    for path in sorted(folder.glob("*.jsonl")):
        for one in _of_file(path):
            (decisions if isinstance(one, Decision) else rejects).append(one)  # type: ignore[arg-type]
    return Decided(decisions, rejects)


def reviewer_of(path: Path) -> str:
    """Whose file it is; some systems give its name back in another form of Hangul."""
    return unicodedata.normalize("NFC", path.stem)


def _of_file(path: Path) -> Iterator[Decision | SourceReject]:
    course, reviewer = Course(), reviewer_of(path)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            found = parse_line(line, reviewer)
            why = found if isinstance(found, str) else course.refusal(found)
            if isinstance(found, Decision) and not why:
                course.take(found)
                yield found
            else:
                yield unread(path, number, why, line)


def unread(path: Path, number: int, why: str, line: bytes) -> SourceReject:
    """The reject of a line."""
    text = line.decode("utf-8", errors="replace").rstrip("\n")
    reason = why if line.endswith(b"\n") else f"half a line, left by a process that was killed: {why}"
    return SourceReject(source=path.name, place=f"line {number}", reason=reason, text=text[:500])
