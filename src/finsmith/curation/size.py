"""Rows with nothing in them, too little or too much. Not covered: the length of what was trained on in all."""

from finsmith.core.records import Example

from .finding import Context, Finding


def empty(row: Example, context: Context) -> Finding | None:
    """Rejects a row without an instruction or without an output."""
    for field in ("instruction", "output"):
        if not getattr(row, field).strip():
            return Finding(f"{field} is empty")
    return None


def length(row: Example, context: Context) -> Finding | None:
    """Rejects an instruction or output of too few or too many characters or words, or a row of too many tokens."""
    limits = context.params.length
    for field in ("instruction", "output"):
        text = getattr(row, field).strip()
        for unit, size in (("chars", len(text)), ("words", len(text.split()))):
            low, high = getattr(limits, f"{field}_{unit}")
            if finding := _outside(field, unit, size, low, high):
                return finding
    low, high = limits.row_tokens
    tokens = context.count_tokens(f"{row.instruction}\n{row.input}\n{row.output}")
    return _outside("row", "tokens", tokens, low, high)


def _outside(what: str, unit: str, size: int, low: int, high: int) -> Finding | None:
    if size < low:
        return Finding(f"{what} has {size} {unit}, fewer than {low}", size)
    if high and size > high:
        return Finding(f"{what} has {size} {unit}, more than {high}", size)
    return None
