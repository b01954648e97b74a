"""What people said in another tool, taken as decisions.

An answer that cannot be taken is a reject with its place and why, and stays in its file: where the row is back it can
be taken then. Taking a file again adds nothing. Not covered: the tools' formats.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finsmith.core.errors import FinsmithError, ReviewError
from finsmith.core.records import SourceReject

from ..apply import decision_on
from ..decisions import Decision, Key, Kind, now, reviewer_name
from ..journal import Journal
from ..queue import Queue
from .tasks import AUDIT, edit_of, texts_of

MOST_SECONDS = 600.0  # of one answer: tools count a coffee too


@dataclass(frozen=True)
class Answer:
    """What a person said of a row in another tool.

    `place` is where it stands in the file, `people` what the tool calls the person, its id first. `shown` are the texts
    that it has of the row, `texts` those that the person left. `at` is "" where the tool notes no time.
    """

    place: str
    kind: Kind
    row_id: str
    people: tuple[str, ...]
    shown: Mapping[str, str]
    verdict: str = ""
    reason: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    audit: Mapping[str, bool] = field(default_factory=dict)
    seconds: float = 0.0
    at: str = ""

    @property
    def key(self) -> Key:
        """What is decided on."""
        return self.kind, self.row_id


@dataclass
class Taken:
    """What came of a file: decisions taken, answers known before, those whose time was cut, and what was not taken."""

    new: int = 0
    known: int = 0
    cut: int = 0
    rejects: list[SourceReject] = field(default_factory=list)


def reviewers_of(answers: Iterable[Answer], reviewer: str, people: Mapping[str, str]) -> dict[str, str]:
    """The reviewer's name of each person by the tool's id: as `people` says, else `reviewer`, else their e-mail's name.

    Raises:
        ReviewError: a person has no name that could be a reviewer's, or two would have the same.
    """
    met = {answer.people[0]: answer.people for answer in answers}
    named = {identity: next((people[one] for one in of if one in people), "") for identity, of in met.items()}
    if len(rest := [identity for identity, name in named.items() if not name]) > 1 and reviewer:
        raise ReviewError(f"answers of {len(rest)} people: {_asked(rest)}. `--reviewer` is for one alone.")
    names = {identity: name or reviewer or _made_of(met[identity]) for identity, name in named.items()}
    if nameless := [identity for identity, name in names.items() if not name]:
        raise ReviewError(f"the file knows {', '.join(nameless)} by id alone. {_asked(nameless)}, or --reviewer NAME.")
    try:
        names = {identity: reviewer_name(name) for identity, name in names.items()}
    except ValueError as error:
        raise ReviewError(f"{', '.join(rest)}: {error}. {_asked(rest)}.") from error
    if twice := {name for name in names.values() if list(names.values()).count(name) > 1}:
        those = [identity for identity, name in names.items() if name in twice]
        raise ReviewError(f"{', '.join(those)} would all be {', '.join(sorted(twice))}. {_asked(those)}.")
    return names


def take(
    answers: Sequence[Answer], names: Mapping[str, str], queue: Queue, journal: Journal, decided: Iterable[Decision]
) -> Taken:
    """Takes answers as decisions, each durable before the next; `decided` are all decisions so far.

    An answer older than the person's last decision on the row changes nothing: what was said later counts.
    """
    taken = Taken()
    before: dict[tuple[str, Key], list[Decision]] = defaultdict(list)
    for one in decided:
        before[one.reviewer, one.key].append(one)
    for answer in sorted(answers, key=lambda one: one.at):
        reviewer = names[answer.people[0]]
        said = before[reviewer, answer.key]
        try:
            decision = _decision(answer, reviewer, said, queue)
            if _is_known(decision, said, bool(answer.at)):
                taken.known += 1
                continue
            journal.append(decision)
        except FinsmithError as error:
            taken.rejects.append(
                SourceReject(source=reviewer, place=answer.place, reason=str(error), text=answer.row_id)
            )
            continue
        said.append(decision)
        queue.take(answer.key, journal.said(answer.key))
        taken.new += 1
        taken.cut += answer.seconds > MOST_SECONDS
    return taken


def _decision(answer: Answer, reviewer: str, said: Sequence[Decision], queue: Queue) -> Decision:
    """The answer as a decision that follows those before it.

    Raises:
        ReviewError: the row is gone, was not shown as it is, or the answer is none.
    """
    if not (item := queue.item(answer.key)):
        raise ReviewError(
            f"{answer.kind} {answer.row_id}: it is not in the queue; the row is gone, or nobody is asked."
        )
    line = queue.read(item)
    texts = texts_of(answer.kind, line)
    if other := [name for name, text in texts.items() if answer.shown.get(name, "") != text]:
        raise ReviewError(f"{answer.kind} {answer.row_id}: its {', '.join(other)} was another in the tool.")
    content = _content(answer, texts) | {
        "kind": answer.kind,
        "row_id": answer.row_id,
        "reviewer": reviewer,
        "seconds": min(answer.seconds, MOST_SECONDS),
        "at": answer.at or now(),
        "seen": said[-1].id if said else "",
    }
    return decision_on(line, content)


def _content(answer: Answer, texts: Mapping[str, str]) -> dict[str, Any]:
    """Verdict, reason, edit and audit's answers."""
    if answer.verdict == "skip":
        return {"verdict": "skip"}
    if answer.kind == "sample":
        if missing := [name for name in AUDIT if name not in answer.audit]:
            raise ReviewError(f"no answer to {', '.join(missing)}.")
        said = tuple(answer.audit[name] for name in AUDIT)
        return {"verdict": "accept" if all(said) else "reject", "answers": said, "reason": answer.reason}
    if not answer.verdict:
        raise ReviewError("no verdict: it is neither accepted nor rejected.")
    edit = edit_of(texts, answer.texts)
    if edit and answer.verdict == "reject":
        raise ReviewError(f"rejected, and yet {', '.join(edit.changes)} edited: only one of the two can hold.")
    return {"verdict": answer.verdict, "reason": answer.reason, "edit": edit}


def _is_known(decision: Decision, said: Sequence[Decision], timed: bool) -> bool:
    """Whether the decision says nothing new.

    Raises:
        ReviewError: the person has said something else on the row since.
    """
    same = [one for one in said if _says(one) == _says(decision)]
    if any(one.id == said[-1].id or one.at == decision.at for one in same):
        return True
    if said and timed and decision.at <= said[-1].at:
        raise ReviewError(f"older than what {decision.reviewer} decided at {said[-1].at}, which counts.")
    if same and not timed:
        raise ReviewError(f"{decision.reviewer} said so before and something else since. Decide on the page.")
    return False


def _says(decision: Decision) -> tuple[Any, ...]:
    return decision.verdict, decision.texts, decision.answers


def _made_of(people: Sequence[str]) -> str:
    """A reviewer's name of an e-mail address or a user's name; none of an id."""
    names = [one.partition("@")[0] for one in people[1:] if one.strip()]
    return re.sub(r"[^\w.-]+", "-", names[0].strip()).strip("-.")[:40] if names else ""


def _asked(people: Sequence[str]) -> str:
    return f"Say who they are: --people {','.join(f'{one}=NAME' for one in people)}"


def unreadable(path: Path, place: str, about: object, error: Exception) -> SourceReject:
    """The reject of an answer that is not as the export of our tasks would have it."""
    row_id = str(about.get("row_id", "")) if isinstance(about, Mapping) else ""
    reason = f"not an answer to a task of `finsmith export-review`: {error!r}"
    return SourceReject(source=path.name, place=place, reason=reason, text=row_id)
