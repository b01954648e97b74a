"""Questions with three clues of which one answers (or none does), by the teacher, with mined hard negatives.

A hard negative is a passage near to the question that does not answer it: by its words, by its numbers, and by the
teacher's reading. Clues that are too long together are shortened by the teacher, and where it fails by choosing their
sentences; what carries the answer must survive. Not covered: clues that answer together what none answers alone.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated

from pydantic import Field

from finsmith.core.dialogue import Dialogue
from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.ids import content_id
from finsmith.core.records import Example, Passage, Reply

from .answers import Answer, Made, answer, answers, read_json, read_text
from .excerpt import excerpt
from .focus import Focus, draw
from .material import Material
from .params import GenerateParams
from .prompting import passage_request, words
from .questions import polished
from .quoting import foreign_numbers, says
from .shapes import Question, Sentence, Shape, Words

_CLUES = 3


class QuestionAnswer(Shape):
    """A question; its short answer and interrogative come before it, since a teacher that has them asks for them."""

    short_answer: Words
    asks: Words
    question: Question
    answer: Sentence


class Verdict(Shape):
    """Whether a passage answers a question, with the words that do."""

    quote: Annotated[str, Field(pattern=r"^[^\"\\\n]{0,80}$")]
    answers: bool


@dataclass(frozen=True)
class Clue:
    """A text beside a question; `passage` is where it comes from, `evidence` what answers in it, or nothing."""

    passage: Passage
    text: str
    evidence: str = ""


def most(material: Material) -> int:
    """One row a passage."""
    return len(material.usable)


def talk(passage: Passage, material: Material) -> Dialogue[Made]:
    """A question on the passage with three clues: the passage and two hard negatives, or three hard negatives."""
    params, made = material.params, Made()
    foci = draw(passage, ("number", "fact"), 1, f"{params.seed}:rag:{passage.text}")
    if not foci:
        return made
    (focus,) = foci
    schema = QuestionAnswer.schema_sent()
    asked = passage_request("rag.question", passage, params, params.rag, schema, focus=focus)
    found = yield from answer(asked, _question_of(focus, passage), made, params)
    if found is None:
        return made
    answerable = not _draw(passage, params) < params.rag.unanswerable
    checks: list[str] = []
    negatives = yield from _negatives(found.value, passage, _CLUES - answerable, material, made, checks)
    if len(negatives) < _CLUES - answerable:
        made.rejected.append(found.rejected(f"only {len(negatives)} hard negatives for it"))
        return made
    answering = [Clue(passage, passage.text, focus.evidence)] if answerable else []
    clues = [*answering, *(Clue(negative, negative.text) for negative in negatives)]
    clues = yield from _shortened(clues, found.value, material, made, checks)
    if len(clues) < _CLUES:
        made.rejected.append(found.rejected("a clue could not be shortened"))
        return made
    random.Random(f"{params.seed}:{found.reply.key}").shuffle(clues)
    made.examples.append(_example(found, clues, passage, tuple(checks), params))
    return made


def _question_of(focus: Focus, passage: Passage) -> Callable[[Reply], QuestionAnswer]:
    def read(reply: Reply) -> QuestionAnswer:
        item = read_json(reply, QuestionAnswer)
        short = focus.answer or item.short_answer
        question = polished(item.question, short, focus, passage)
        return QuestionAnswer.model_construct(
            short_answer=short, asks=item.asks, question=question, answer=_whole_answer(item.answer, short, focus)
        )

    return read


def _whole_answer(answer: str, short: str, focus: Focus) -> str:
    """The teacher's sentence where it says the answer and no number of its own; else the sentence it is taken from."""
    return answer if says(short, answer) and not foreign_numbers(answer, focus.evidence) else focus.evidence


def _negatives(
    item: QuestionAnswer, passage: Passage, wanted: int, material: Material, made: Made, checks: list[str]
) -> Dialogue[list[Passage]]:
    """The nearest passages that do not answer the question, as many as wanted where there are so many."""
    params = material.params
    candidates = _unanswering(item, passage, material)
    found: list[Passage] = []
    while len(found) < wanted and (tried := list(islice(candidates, wanted - len(found)))):
        schema = Verdict.schema_sent()
        asked = [passage_request("rag.check", one, params, params.rag, schema, question=item.question) for one in tried]
        verdicts = yield from answers([(one, _verdict) for one in asked], made, params)
        checks += [verdict.reply.key for verdict in verdicts if verdict]
        found += [one for one, verdict in zip(tried, verdicts, strict=True) if verdict and not verdict.value]
    return found


def _unanswering(item: QuestionAnswer, passage: Passage, material: Material) -> Iterator[Passage]:
    """The passages near to the question that do not say its answer, the nearest first; each text once."""
    near = material.nearest(f"{item.question} {item.short_answer}", material.params.rag.candidates + 1)
    seen = {passage.text}
    for candidate in near:
        if candidate.text not in seen and not says(item.short_answer, candidate.text):
            yield candidate
        seen.add(candidate.text)


def _verdict(reply: Reply) -> bool:
    return read_json(reply, Verdict).answers


def _shortened(
    clues: Sequence[Clue], item: QuestionAnswer, material: Material, made: Made, checks: list[str]
) -> Dialogue[list[Clue]]:
    """The clues, those over their share of the token limit shortened; without those that could not be.

    Where the teacher's shorter text is no good, the sentences nearest to the question are taken.
    """
    params, count = material.params, material.count_tokens
    share = _share([count(clue.text) for clue in clues], params.rag.clue_tokens)
    long = [clue for clue in clues if count(clue.text) > share]
    asked = [
        (
            passage_request("rag.shorten", clue.passage, params, params.rag, question=item.question, tokens=share),
            _shorter(clue, item.short_answer, share, count),
        )
        for clue in long
    ]
    found = yield from answers(asked, made, params)
    checks += [one.reply.key for one in found if one]
    texts = {
        clue.passage.id: one.value if one else excerpt(clue.text, item.question, clue.evidence, share, count)
        for clue, one in zip(long, found, strict=True)
    }
    shorter = [replace(clue, text=texts.get(clue.passage.id, clue.text)) for clue in clues]
    return [clue for clue in shorter if clue.text]


def _share(sizes: Sequence[int], limit: int) -> int:
    """The most tokens of a clue so that all have at most `limit`: what short ones leave goes to the long ones."""
    for at, size in enumerate(ordered := sorted(sizes)):
        share = (limit - sum(ordered[:at])) // (len(ordered) - at)
        if size > share:
            return share
    return limit


def _shorter(clue: Clue, answer: str, share: int, count_tokens: Callable[[str], int]) -> Callable[[Reply], str]:
    """Reads a shorter clue, which says the answer if it is to, and only then."""

    def read(reply: Reply) -> str:
        text = read_text(reply)
        if (size := count_tokens(text)) > share:
            raise TeacherReplyMalformed(f"the text has {size} tokens instead of at most {share}")
        if foreign := foreign_numbers(text, clue.text):
            raise TeacherReplyMalformed(f"numbers that are not in the passage: {', '.join(foreign)}")
        if clue.evidence and not says(answer, text):
            raise TeacherReplyMalformed(f"the words {answer!r} are lost; they must stay")
        if not clue.evidence and says(answer, text):
            raise TeacherReplyMalformed("the text answers the question, which the passage does not")
        return text

    return read


def _example(
    found: Answer[QuestionAnswer],
    clues: Sequence[Clue],
    passage: Passage,
    checks: tuple[str, ...],
    params: GenerateParams,
) -> Example:
    key = found.reply.key
    at = next((n for n, clue in enumerate(clues, 1) if clue.passage.id == passage.id), 0)
    listed = "\n\n".join(f"{words(params, 'rag_clue', '', number=n)} {clue.text}" for n, clue in enumerate(clues, 1))
    if at:
        cited = words(params, "rag_clue", "", number=at)
        output = words(params, "rag_answer", "", answer=found.value.answer, clue=cited)
    else:
        output = words(params, "rag_no_answer", key)
    return Example(
        recipe="rag.answer" if at else "rag.no_answer",
        instruction=words(params, "rag_instruction", key, question=found.value.question),
        input=listed,
        output=output,
        provenance=found.provenance(
            (passage.id, *(c.passage.id for c in clues if c.passage.id != passage.id)), other_keys=checks
        ),
    )


def _draw(passage: Passage, params: GenerateParams) -> float:
    """A number from 0 to 1 that depends on the passage's text and the seed alone."""
    return int(content_id([params.seed, "rag", passage.text]), 16) / 16**16
