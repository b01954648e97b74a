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
from finsmith.korean.content_words import content_words
from finsmith.text.faults import is_whole, is_written_in
from finsmith.text.quoting import foreign_numbers, says, stands_in

from .answers import Answer, Made, answer, answers, read_json
from .excerpt import excerpt, nearest_piece
from .focus import Focus, draw
from .material import Material
from .params import GenerateParams
from .prompting import passage_request, words
from .prose import check_whole
from .questions import polished
from .shapes import LongSentence, Question, Sentence, Shape, Words

_CLUES = 3
_KNOWN = 0.75  # share of a short Korean clue's content words that are the long one's


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


class Shortened(Shape):
    """The sentences of a clue."""

    sentences: Annotated[list[LongSentence], Field(min_length=1, max_length=5)]


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
    answerable = not _draw(passage, params) < params.rag.unanswerable
    foci = draw(passage, ("number", "fact"), 2, f"{params.seed}:rag:{passage.text}")
    focus = next((one for one in foci if _has_negatives(one, passage, _CLUES - answerable, material)), None)
    if not focus:
        return made
    schema = QuestionAnswer.schema_sent()
    asked = passage_request("rag.question", passage, params, params.rag, schema, focus=focus)
    found = yield from answer(asked, _question_of(focus, passage, params.language), made, params)
    if found is None:
        return made
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


def as_asked(question: str, clues: Sequence[str], pick: str, params: GenerateParams) -> tuple[str, str]:
    """Instruction and input of a question with its clues; of several wordings the one that `pick` hashes to."""
    listed = "\n\n".join(f"{words(params, 'rag_clue', '', number=n)} {clue}" for n, clue in enumerate(clues, 1))
    return words(params, "rag_instruction", pick, question=question), listed


def _question_of(focus: Focus, passage: Passage, language: str) -> Callable[[Reply], QuestionAnswer]:
    def read(reply: Reply) -> QuestionAnswer:
        item = read_json(reply, QuestionAnswer)
        short = focus.answer or item.short_answer
        question = polished(item.question, short, focus, passage)
        whole = _whole_answer(item.answer, short, focus, language)
        return QuestionAnswer.model_construct(short_answer=short, asks=item.asks, question=question, answer=whole)

    return read


def _whole_answer(answer: str, short: str, focus: Focus, language: str) -> str:
    """The teacher's sentence where it is whole, in the language, says the answer and no number of its own; else the
    one it is from."""
    whole = is_whole(answer) and is_written_in(answer, language)
    fit = whole and says(short, answer) and not foreign_numbers(answer, focus.evidence)
    return answer if fit else focus.evidence


def _has_negatives(focus: Focus, passage: Passage, wanted: int, material: Material) -> bool:
    """Whether enough other passages are without the answer, as far as it is known before the teacher is asked."""
    near = _unanswering(focus.question or focus.evidence, focus.answer, passage, material)
    return len(list(islice(near, wanted))) == wanted


def _negatives(
    item: QuestionAnswer, passage: Passage, wanted: int, material: Material, made: Made, checks: list[str]
) -> Dialogue[list[Passage]]:
    """The nearest passages that do not answer the question, as many as wanted where there are so many."""
    params = material.params
    near = _unanswering(item.question, item.short_answer, passage, material)
    candidates = islice(near, params.rag.candidates)
    found: list[Passage] = []
    while len(found) < wanted and (tried := list(islice(candidates, wanted - len(found)))):
        schema = Verdict.schema_sent()
        asked = [
            (passage_request("rag.check", one, params, params.rag, schema, question=item.question), _verdict(one))
            for one in tried
        ]
        verdicts = yield from answers(asked, made, params)
        checks += [verdict.reply.key for verdict in verdicts if verdict]
        found += [one for one, verdict in zip(tried, verdicts, strict=True) if verdict and not verdict.value]
    return found


def _unanswering(question: str, answer: str, passage: Passage, material: Material) -> Iterator[Passage]:
    """The passages near to the question that do not say its answer, the nearest first; each text once."""
    seen = {passage.text}
    for candidate in material.nearest(f"{question} {answer}", len(material.usable)):
        if candidate.text not in seen and not says(answer, candidate.text):
            yield candidate
        seen.add(candidate.text)


def _verdict(passage: Passage) -> Callable[[Reply], bool]:
    """Reads whether the passage answers; who says so has to show where."""

    def read(reply: Reply) -> bool:
        verdict = read_json(reply, Verdict)
        if verdict.answers and not stands_in(verdict.quote, passage.text):
            raise TeacherReplyMalformed("quote: it does not stand in the passage; if there is none, it does not answer")
        return verdict.answers

    return read


def _shortened(
    clues: Sequence[Clue], item: QuestionAnswer, material: Material, made: Made, checks: list[str]
) -> Dialogue[list[Clue]]:
    """The clues, those over their share of the token limit shortened; without those that could not be.

    The teacher is told which sentence to keep, not the question, which a small one would answer instead. Where its
    shorter text is no good, the sentences nearest to the question are taken.
    """
    params, count = material.params, material.count_tokens
    share = _share([count(clue.text) for clue in clues], params.rag.clue_tokens)
    long = [clue for clue in clues if count(clue.text) > share]
    schema = Shortened.schema_sent()
    asked = []
    for clue in long:
        keep = clue.evidence or nearest_piece(clue.text, item.question)
        request = passage_request("rag.shorten", clue.passage, params, params.rag, schema, keep=keep, tokens=share)
        asked.append((request, _shorter(clue, item.short_answer, share, material)))
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


def _shorter(clue: Clue, answer: str, share: int, material: Material) -> Callable[[Reply], str]:
    """Reads a shorter clue, which says the answer if it is to, and only then."""
    language, count_tokens = material.params.language, material.count_tokens

    def read(reply: Reply) -> str:
        sentences = read_json(reply, Shortened).sentences
        text = " ".join(sentences)
        if (size := count_tokens(text)) > share:
            raise TeacherReplyMalformed(f"the text has {size} tokens instead of at most {share}")
        if foreign := foreign_numbers(text, clue.text):
            raise TeacherReplyMalformed(f"numbers that are not in the passage: {', '.join(foreign)}")
        if clue.evidence and not says(answer, text):
            raise TeacherReplyMalformed(f"the words {answer!r} are lost; they must stay")
        if not clue.evidence and says(answer, text):
            raise TeacherReplyMalformed("the text answers the question, which the passage does not")
        check_whole(sentences)
        if language == "ko" and (known := _share_known(text, clue.text)) < _KNOWN:
            raise TeacherReplyMalformed(f"only {known:.0%} of the words are the passage's")
        return text

    return read


def _share_known(text: str, source: str) -> float:
    """The share of the text's content words that stand in the source, Korean inflection apart."""
    said = content_words(text)
    return len(said & content_words(source)) / max(1, len(said))


def _example(
    found: Answer[QuestionAnswer],
    clues: Sequence[Clue],
    passage: Passage,
    checks: tuple[str, ...],
    params: GenerateParams,
) -> Example:
    key = found.reply.key
    at = next((n for n, clue in enumerate(clues, 1) if clue.passage.id == passage.id), 0)
    instruction, listed = as_asked(found.value.question, [clue.text for clue in clues], key, params)
    if at:
        cited = words(params, "rag_clue", "", number=at)
        output = words(params, "rag_answer", "", answer=found.value.answer, clue=cited)
    else:
        output = words(params, "rag_no_answer", key)
    return Example(
        recipe="rag.answer" if at else "rag.no_answer",
        instruction=instruction,
        input=listed,
        output=output,
        provenance=found.provenance(
            (passage.id, *(c.passage.id for c in clues if c.passage.id != passage.id)), other_keys=checks
        ),
    )


def _draw(passage: Passage, params: GenerateParams) -> float:
    """A number from 0 to 1 that depends on the passage's text and the seed alone."""
    return int(content_id([params.seed, "rag", passage.text]), 16) / 16**16
