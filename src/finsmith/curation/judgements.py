"""What follows from a teacher's judgements: answers it disputes, questions it needs no passage for, unfaithful answers.

A row that was not judged passes. Not covered: asking; the stage `judge` does, before any threshold is known.
"""

from collections import Counter
from pathlib import Path

from finsmith.core.io import read_jsonl
from finsmith.core.records import Example, Judgement, JudgementKind

from .finding import Context, Finding


def disputed_answer(row: Example, context: Context) -> Finding | None:
    """Finds an item whose answer the teacher, given the passage, chooses too rarely."""
    judged = _judged(row, "solved", context)
    if not judged or judged.share >= context.params.judged.min_solved:
        return None
    said, times = Counter(judged.said).most_common(1)[0]
    reason = f"the teacher chooses its answer {judged.right} of {judged.votes} times, given the passage"
    return Finding(reason, judged.share, f"{said} ({times})")


def solved_without_passage(row: Example, context: Context) -> Finding | None:
    """Finds an item that the teacher solves so often without the passage that it tests nothing of it."""
    judged = _judged(row, "solved_blind", context)
    if not judged or judged.share < context.params.judged.too_easy:
        return None
    return Finding(f"the teacher solves it {judged.right} of {judged.votes} times without the passage", judged.share)


def unfaithful(row: Example, context: Context) -> Finding | None:
    """Rejects a row whose output too few votes of the teacher find in its input."""
    judged = _judged(row, "faithful", context)
    if not judged or judged.share >= context.params.judged.min_faithful:
        return None
    return Finding(f"{judged.right} of {judged.votes} votes find all of its output in its input", judged.share)


def read_judgements(folder: Path) -> dict[tuple[str, JudgementKind], Judgement]:
    """The judgements that the stage `judge` wrote into a folder, by row and kind."""
    return {(one.example_id, one.kind): one for one in read_jsonl(folder / "judgements.jsonl", Judgement)}


def _judged(row: Example, kind: JudgementKind, context: Context) -> Judgement | None:
    return context.judgements.get((row.id, kind))
