"""Rows that are there twice, answered anew, or in conflict. Not covered: rows that are only alike; see novelty."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from finsmith.core.records import Example

from .finding import Context, Finding, Judged


def exact_duplicates(rows: Iterable[Example], context: Context) -> Iterator[Judged]:
    """Rejects a row whose instruction, input and output an earlier row has, spaces and case apart."""
    first: dict[int, str] = {}
    for row in rows:
        content = _hash(row.instruction, row.input, row.output)
        if earlier := first.get(content):
            yield row, Finding("the same as an earlier row", 1.0, earlier)
        else:
            first[content] = row.id
            yield row, None


def superseded(rows: Iterable[Example], context: Context) -> Iterator[Judged]:
    """Rejects a row that was answered anew by a stronger teacher; the new row stays, and names the old one."""
    newer = {parent: row.id for row in rows if row.recipe.startswith("improve.") for parent in row.provenance.parents}
    for row in rows:
        yield row, Finding("answered anew", None, newer[row.id]) if row.id in newer else None


def conflicting_outputs(rows: Iterable[Example], context: Context) -> Iterator[Judged]:
    """Rejects all rows that share instruction and input but differ in output (Self-Instruct's rule)."""
    first: dict[int, tuple[int, str]] = {}
    others: dict[int, str] = {}
    for row in rows:
        question, output = _hash(row.instruction, row.input), _hash(row.output)
        if first.setdefault(question, (output, row.id))[0] != output:
            others.setdefault(question, row.id)
    for row in rows:
        question = _hash(row.instruction, row.input)
        if question not in others:
            yield row, None
            continue
        output, one = first[question]
        against = others[question] if output == _hash(row.output) else one
        yield row, Finding("rows with this instruction and input have different outputs", None, against)


def _hash(*texts: str) -> int:
    """64 bits of the texts without spaces and case; among a million rows two differ so with a chance of 3 in 10^8."""
    plain = "\0".join("".join(text.split()).lower() for text in texts)
    return int.from_bytes(blake2b(plain.encode(), digest_size=8).digest())
