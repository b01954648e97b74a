"""Decisions applied to rows: accepted and edited ones go on, rejected ones are rejects, and what waits goes by params.

A row that was edited by a person is a new row with the old one as its parent. Nothing is lost: each row that comes is
approved, rejected or listed as waiting, and decisions on rows that are gone are counted. Not
covered: reading decisions.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from finsmith.core.errors import ReviewError
from finsmith.core.records import Example, Question, Record, Rejected

from .decisions import Decision, Edit, Key, Kind, first_fault
from .params import ReviewParams, Rule
from .standing import Standing

FILTER = "review"  # under which a rejected row names what rejected it
Why = Literal["undecided", "too few", "skipped", "conflict", "bad edit"]


class Waiting(Record):
    """A row that people must still decide on, why, and whether it goes on all the same."""

    row_id: str
    recipe: str
    why: Why
    rule: Rule
    goes_on: bool


class Settled(Record):
    """What people's decisions came to: the row's verdict, the decisions it rests on, and the row that it became.

    `becomes` is the id of the edited row, "" where nothing was edited.
    """

    kind: Kind
    row_id: str
    verdict: Literal["accept", "reject"]
    becomes: str
    adjudicated: bool
    decisions: tuple[str, ...]


Reject = Callable[[Rejected], object]
Wait = Callable[[Waiting], object]
Settle = Callable[[Settled], object]


@dataclass
class Outcome:
    """Where rows are told of that do not simply go on, and the counts by family of recipes."""

    reject: Reject
    wait: Wait
    settle: Settle
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    met: set[Key] = field(default_factory=set)  # of what was decided on
    required: Counter[str] = field(default_factory=Counter)  # rows that wait and must not, by family

    def metrics(self, standing: Mapping[Key, Standing]) -> dict[str, Any]:
        """The counts for the metrics file; `gone` are rows that were decided on and are none of today's."""
        total = sum(self.counts.values(), Counter[str]())
        gone = sum(key[0] == "row" and key not in self.met for key in standing)
        families = {name: {of: counts[of] for of in _COUNTED} for name, counts in sorted(self.counts.items())}
        return {name: total[name] for name in _COUNTED} | {"gone": gone, "by_family": families}


_COUNTED = ("rows", "approved", "accepted", "edited", "rejected", "waiting", "waiting_left_out", "conflicts")


def approve(
    rows: Iterable[Example], standing: Mapping[Key, Standing], params: ReviewParams, outcome: Outcome
) -> Iterator[Example]:
    """The rows that go on, in their order: accepted ones, edited ones as new rows, and such as may go unreviewed.

    A row that somebody rejected or edited, and that still waits, never goes on: to train on it would ignore them.
    """
    for row in rows:
        family, of = row.recipe.partition(".")[0], standing.get(("row", row.id))
        counts = outcome.counts[family]
        counts["rows"] += 1
        approved, why = _decided(row, of, outcome)
        if why:
            rule = params.rule(row.recipe)
            goes_on = rule == "allow" and why != "bad edit" and not (of and of.doubted)
            outcome.wait(Waiting(row_id=row.id, recipe=row.recipe, why=why, rule=rule, goes_on=goes_on))
            outcome.required[family] += rule == "require"
            counts["waiting"] += 1
            counts["waiting_left_out"] += not goes_on
            counts["conflicts"] += why == "conflict"
            approved = row if goes_on else None
        elif of and approved:
            counts["edited" if approved.id != row.id else "accepted"] += 1
        elif of and of.counts:
            outcome.reject(Rejected(example=row, filter=FILTER, reason=_reasons(of), against=of.counts.id))
            counts["rejected"] += 1
        if approved:
            counts["approved"] += 1
            yield approved


def approve_questions(
    questions: Iterable[Question], standing: Mapping[Key, Standing], outcome: Outcome
) -> Iterator[Question]:
    """The candidates for a test that people accepted, in their order, edited ones as new questions.

    A question that nobody has decided on is in no test.
    """
    for question in questions:
        counts = outcome.counts["question"]
        counts["rows"] += 1
        accepted, why = _decided(question, standing.get(("question", question.id)), outcome)
        if accepted:
            counts["edited" if accepted.id != question.id else "accepted"] += 1
            counts["approved"] += 1
            yield accepted
        else:
            counts["waiting" if why else "rejected"] += 1
            counts["waiting_left_out"] += bool(why)
            counts["conflicts"] += why == "conflict"


R = TypeVar("R", Example, Question)


def edited(row: R, edit: Edit) -> R:
    """The row as edited, with the old one as its parent; the row itself where the edit changes nothing.

    Raises:
        ReviewError: the edited row would not be sound (an answer without a choice, two choices alike).
    """
    content = row.model_dump(exclude={"id"})
    if all(content[name] == value for name, value in edit.changes.items()):
        return row
    parent: dict[str, Any] = {"parent": row.id}
    if isinstance(row, Example):
        parent = {"provenance": row.provenance.model_copy(update={"parents": (row.id,)})}
    try:
        return type(row).model_validate(content | edit.changes | parent)
    except ValidationError as error:
        raise ReviewError(f"{row.id} cannot be edited so: {first_fault(error, 'the row')}") from error


def decision_on(line: Mapping[str, Any], content: Mapping[str, Any]) -> Decision:
    """The decision of this content on the row or question of a line; an edit is left without what it leaves as it is.

    Raises:
        ReviewError: it is not sound, or the edited row would not be.
    """
    try:
        row = (Question if content["kind"] == "question" else Example).model_validate(line)
        decision = Decision(**{**content, "edit": without_what_stays(row, content.get("edit"))})
    except ValidationError as error:
        raise ReviewError(first_fault(error, "decision")) from error
    if decision.edit:
        edited(row, decision.edit)  # type: ignore[type-var]
    return decision


def without_what_stays(row: Example | Question, edit: Edit | None) -> Edit | None:
    """The edit without what it leaves as it is, None where nothing changes; choices go on naming the answer."""
    changes = {
        name: value for name, value in (edit.changes if edit else {}).items() if value != getattr(row, name, None)
    }
    if edit and "choices" in changes:
        changes["answer"] = edit.answer
    return Edit(**changes) if changes else None


def refuse_waiting(outcome: Outcome, params: ReviewParams) -> None:
    """Makes sure that no row waits that must be reviewed.

    Raises:
        ReviewError: some do; names how many of each family.
    """
    if waiting := {family: count for family, count in sorted(outcome.required.items()) if count}:
        told = ", ".join(f"{count} of {family}" for family, count in waiting.items())
        raise ReviewError(
            f"rows wait for people to decide on them: {told} (data/reviewed/waiting.jsonl). Review them, or set "
            f"`review.unreviewed.{next(iter(waiting))}` to allow or drop."
        )


def _decided(row: R, of: Standing | None, outcome: Outcome) -> tuple[R | None, Why | None]:
    """The row as it goes on by people's decisions, None where they rejected it; or why it waits."""
    kind: Kind = "row" if isinstance(row, Example) else "question"
    if of is None:
        return None, "undecided"
    outcome.met.add((kind, row.id))
    if not of.counts:
        return None, _why(of)
    try:
        after = edited(row, of.counts.edit) if of.counts.edit else row
    except ReviewError:
        return None, "bad edit"
    accepted = of.state == "accepted"
    outcome.settle(
        Settled(
            kind=kind,
            row_id=row.id,
            verdict="accept" if accepted else "reject",
            becomes=after.id if after.id != row.id else "",
            adjudicated=of.adjudicated,
            decisions=tuple(sorted(one.id for one in of.said.values())),
        )
    )
    return (after if accepted else None), None


def _reasons(of: Standing) -> str:
    """The reasons of all who rejected a row, each once; the adjudicator's alone where it settled a conflict."""
    told = [of.counts] if of.adjudicated and of.counts else of.said.values()
    return "; ".join(dict.fromkeys(one.reason for one in told if one.verdict == "reject" and one.reason))


def _why(of: Standing) -> Why:
    if of.state == "conflict":
        return "conflict"
    return "too few" if any(one.decides for one in of.said.values()) else "skipped"
