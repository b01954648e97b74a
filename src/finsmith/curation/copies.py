"""Outputs that say their input or instruction again, or one phrase over and over. Not covered: rows like others."""

import re

from rapidfuzz.distance import LCSseq

from finsmith.core.records import Example
from finsmith.text.faults import loop
from finsmith.text.quoting import is_long, repeats

from .finding import Context, Finding

# Such tasks change next to nothing.
_CORRECTS = re.compile(
    r"고치|고쳐|바로잡|수정|교정|띄어쓰기|맞춤법|쉼표|구두점|\b(?:correct|fix|edit|punctuat\w+|spell\w*)\b", re.I
)
# Of such tasks a piece of what is given is the right answer.
_PICKS = re.compile(
    r"고르|골라|선택|찾아|찾으|추출|뽑|옮겨|옮기|지우|지워|삭제|제거|어느 것|맞는 것|옳은 것|옳지 않은"
    r"|\b(?:choose|pick|select|extract|find|quote|which|remove|delete)\b",
    re.I,
)
_MOSTLY = 0.6  # of an output, or of an input
_LOOKED_UP = 0.25  # of its input; so short a piece was looked for


def repeats_input(row: Example, context: Context) -> Finding | None:
    """Rejects an output that is its input, a long piece of it, or little more; and a summary that is stitched."""
    if not row.input.strip() or not row.output.strip() or _CORRECTS.search(row.instruction):
        return None
    given, output = "".join(row.input.split()), "".join(row.output.split())
    share = LCSseq.similarity(row.output, row.input) / len(row.output)
    is_picked = bool(_PICKS.search(row.instruction))
    is_piece = not is_picked and is_long(output) and output in given and len(output) > _LOOKED_UP * len(given)
    wraps = is_long(given) and given in output and len(given) > _MOSTLY * len(output)
    stitched = row.recipe.startswith("summary") and (output in given or share > context.params.max_input_share)
    if output == given or is_piece or wraps or stitched:
        return Finding(f"{share:.0%} of the output repeats the input", round(share, 4))
    return None


def repeats_instruction(row: Example, context: Context) -> Finding | None:
    """Rejects an output that is its instruction again, a long piece of it, or holds the whole of it."""
    may_be_piece = _PICKS.search(row.instruction) or _CORRECTS.search(row.instruction)
    is_piece = not may_be_piece and repeats(row.instruction, row.output)
    if is_piece or repeats(row.output, row.instruction):
        return Finding("the output repeats the instruction", None, row.instruction)
    return None


def loops(row: Example, context: Context) -> Finding | None:
    """Rejects an output that says a phrase three times on end."""
    if phrase := loop(row.output):
        return Finding("the output says the same over and over", None, phrase)
    return None
