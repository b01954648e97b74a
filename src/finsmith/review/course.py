"""What one person's decisions come to, taken in order, and what a folder of them is read as.

Each decision names the one before it on the same row, so that a line taken out, put in or moved by hand shows. Not
covered: what stands when several people decide (standing), adding to the files (journal).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from finsmith.core.records import SourceReject

from .decisions import Decision, Key, first_fault


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
        return first_fault(error, "the line")
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
