"""Which new instructions of Self-Instruct are kept: those that a model of text can follow and that are like no earlier.

Source: Wang et al. 2022, arXiv 2212.10560, section 2.2 and appendix A; its filters stand here in their Korean form. Not
covered: whether an instruction makes sense.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import Reply
from finsmith.korean.morphemes import tagged
from finsmith.korean.rouge_l import Encoder, nearest, reaches

from .seeds.seed_tasks import SeedTask
from .shapes import TASK_PATTERN

_NUMBERED = re.compile(r"^\s*(?:\d+[.)](?!\d)|[-•*])\s*")
_STRING = r'"(?:[^"\\]|\\.)*"'
_PAIR = re.compile(rf"({_STRING})\s*:\s*({_STRING})")
# What a model of text cannot see, make or visit; as morphemes, since Korean words are inflected. Not 지도, a map: it is
# guidance too, and an ending (하는지도).
_CANNOT = frozenset(
    [
        *("이미지", "사진", "그림", "그래프", "차트", "도표", "파일", "그리", "동영상", "비디오", "영상", "오디오"),
        *("음성", "음악", "노래", "순서도", "흐름도", "스크린샷", "첨부", "방문", "촬영", "녹음"),
        *("image", "picture", "graph", "chart", "file", "map", "draw", "plot", "video", "audio", "music", "flowchart"),
    ]
)
_STEMS = ("N", "VV", "SL", "XR")
_PROGRAM = re.compile(r"(?:프로그램|코드|스크립트)[을를]?\s*(?:작성|짜|만들|구현|개발)|^write a program", re.IGNORECASE)
_LEAKED = re.compile(r"이미 있는 (?:\S+ ){0,3}과제|과제를 따르|새(?:로운)? 과제")
_FEWEST_WORDS, _MOST_WORDS = 3, 100


@dataclass
class Pool:
    """The instructions so far: those of the seeds, the prompt's examples, and the kept new ones, in one numbering."""

    seeds: Sequence[SeedTask]
    shown: Sequence[str] = ()
    kept: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._encoder = Encoder()
        self._codes = self._encoder.encode([*(seed.instruction for seed in self.seeds), *self.shown])

    def nearest_to(self, instruction: str) -> tuple[str, float]:
        """The instruction most like this one, and their ROUGE-L."""
        (code,) = self._encoder.encode([instruction])
        at, score = nearest(code, self._codes, 0.0) or (0, 0.0)
        earlier = [*(seed.instruction for seed in self.seeds), *self.shown, *self.kept]
        return earlier[at], score

    def keep(self, instruction: str, score: float) -> None:
        """Adds a new instruction."""
        self._codes += self._encoder.encode([instruction])
        self.kept.append(instruction)
        self.scores.append(score)


def schema_for(slots: Sequence[str]) -> dict[str, Any]:
    """The schema of a reply with an instruction for each slot, a subject or kind of work, by which it is called.

    A small teacher that has to name them itself writes the same instruction again and again.
    """
    properties = {slot: {"type": "string", "pattern": TASK_PATTERN} for slot in slots}
    return {"type": "object", "properties": properties, "required": list(slots), "additionalProperties": False}


def listed_instructions(reply: Reply, slots: Sequence[str]) -> list[str]:
    """The instructions of a reply, in the order of their slots, without numbers before them; whole ones only.

    Raises:
        TeacherReplyMalformed: there is none.
    """
    try:
        written = {json.loads(key): json.loads(value) for key, value in _PAIR.findall(reply.text)}
    except ValueError as error:
        raise TeacherReplyMalformed(f"the reply is no JSON: {error}") from error
    found = [_NUMBERED.sub("", written[slot]).strip() for slot in slots if slot in written]
    if not any(found):
        raise TeacherReplyMalformed("there is no instruction by the names that were given")
    return [instruction for instruction in found if instruction]


def fault(instruction: str, pool: Pool, novelty: float) -> tuple[str, float]:
    """Why an instruction is not kept, or "", and its ROUGE-L to the nearest earlier one."""
    if why := unfit(instruction):
        return why, 0.0
    earlier, score = pool.nearest_to(instruction)
    if reaches(score, novelty):
        return f"ROUGE-L {score:.3f} to {earlier!r}, not under {novelty}", score
    return "", score


def unfit(instruction: str) -> str:
    """Why an instruction by itself is unfit for a model of text, or ""."""
    size = len(instruction.split())
    if not _FEWEST_WORDS <= size <= _MOST_WORDS:
        return f"the instruction has {size} words, not {_FEWEST_WORDS} to {_MOST_WORDS}"
    if _PROGRAM.search(instruction):
        return "the instruction asks for a program"
    if leaked := _LEAKED.search(instruction):
        return f"words of the prompt leaked into the instruction: {leaked[0]!r}"
    if not instruction[0].isalnum():
        return f"the instruction begins with {instruction[0]!r}"
    if not re.search("[가-힣]", instruction):
        return "the instruction is not Korean"
    stems = {form.lower() for form, tag in tagged(instruction) if tag.startswith(_STEMS)}
    if asked := sorted(stems & _CANNOT):
        return f"the instruction is about what text cannot be: {', '.join(asked)}"
    return ""
