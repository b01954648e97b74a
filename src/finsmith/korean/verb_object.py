"""What an instruction asks for, as a verb and its object: 다음 글을 요약해 주세요 is 글, 요약하다.

Source: Self-Instruct, arXiv 2212.10560, figure 3, which shows root verbs and direct objects of English instructions.
Not covered: instructions of several tasks; the objects of English ones.
"""

import re
from typing import NamedTuple

from finsmith.korean.morphemes import tagged

_HANGUL = re.compile("[가-힣]")
_NOUN = ("NNG", "NNP", "SL", "XR", "NR")
_SENTENCE_END = re.compile(r"(?<=[.?!:])\s")
_ASKED = re.compile(r"무엇|뭐|누구|언제|어디|얼마|몇|왜|어느|어떤|어떻")


class VerbObject(NamedTuple):
    """The verb in its base form and its object; either is "" where there is none."""

    verb: str
    object: str


def verb_object(instruction: str) -> VerbObject:
    """The last verb of the first sentence with the object that stands nearest before it.

    A question without a verb of its own (무엇인가요?) has its interrogative as the verb; an English one its first word.
    """
    line = next((line for line in instruction.splitlines() if line.strip()), "")
    first = _SENTENCE_END.split(line, maxsplit=1)[0]
    if not _HANGUL.search(first):
        return VerbObject(first.partition(" ")[0].lower().strip(".,:;!?"), "")
    tokens = [(form, tag) for form, tag in tagged(first) if not tag.startswith("S") or tag == "SL"]
    for at in range(len(tokens) - 1, -1, -1):
        form, tag = tokens[at]
        if tag in ("XSV", "XSA") and at and tokens[at - 1][1] in _NOUN:
            return VerbObject(f"{tokens[at - 1][0]}{form}다", _object(tokens[: at - 1]))
        can = form in ("있", "없") and at and tokens[at - 1][0] == "수"
        if tag.startswith(("VV", "VA")) and not can and not _ASKED.match(form):
            return VerbObject(f"{form}다", _object(tokens[:at]))
        if _ASKED.match(form):
            return VerbObject(form, _object(tokens[:at]))
    return VerbObject("", "")


def _object(before: list[tuple[str, str]]) -> str:
    """The noun before the last object particle, else before the last topic or subject particle, else the last noun."""
    for particles in (("JKO",), ("JX", "JKS")):
        for at in range(len(before) - 1, 0, -1):
            if before[at][1] in particles and before[at - 1][1] in _NOUN:
                return before[at - 1][0]
    return next((form for form, tag in reversed(before) if tag in _NOUN), "")
