"""Rows too near to a held-out question, closed or answered in writing: copies, and rewordings that ask for the same.

A copy is told by ROUGE-L over morphemes (Lin 2004) or by a run of them. A rewording keeps what a question is about:
names, figures, rare words, and its answer. Each stem of a word weighs the more, the fewer ordinary rows have it; the
score is the share of weight that row and question have in common, lowered where the answer is missing. What the row's
own source says does not count: a glossary's definition is no leak because a question is about its term.
The domain's questions and those on general ability weigh their words apart, each with a threshold of its own, so that
neither changes what the other finds.
Not covered: rewordings without a word in common; clues of a held-out question, which a row may have been made from.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from math import log
from pathlib import Path
from typing import NamedTuple

import numpy as np

from finsmith.core.answer_records import OpenQuestion, RagQuestion
from finsmith.core.io import read_jsonl
from finsmith.core.records import Example, Passage, Question, Term
from finsmith.korean.morphemes import stems
from finsmith.korean.rouge_l import Encoder, nearest, rouge_l

from .finding import Finding, Judged
from .params import DecontaminationParams

_BATCH = 1024  # rows in memory at once
_BACKGROUND = 20_000  # rows are enough to tell rare words
_SHORTEST_RUN = 5  # morphemes; shorter ones say nothing
_LONG_INPUT = 200  # characters; a longer input is a source to answer from, no question
_DOMAIN, _GENERAL = "test question", "general test question"

_FEW_ROWS, _FEW_SHARE = 3, 0.005  # of the background; a word in fewer is none of ordinary rows, which may hold leaks
_ORDINARY = 0.5  # what a score is worth where row and question share ordinary words alone

SourceText = Callable[[str], str]
WrittenQuestion = OpenQuestion | RagQuestion


class HeldOut(NamedTuple):
    """What must not be trained on of a question: what it asks, its answer or "", all its choices."""

    id: str
    stem: str
    answer: str
    choices: tuple[str, ...]
    source: str


def held_out(question: Question | WrittenQuestion) -> HeldOut:
    """What is protected of a question; of its clues nothing, since they stand in documents that rows are made from."""
    if isinstance(question, Question):
        right = question.choices[question.answer]
        return HeldOut(question.id, question.stem, right, question.choices, question.source)
    if isinstance(question, OpenQuestion):
        return HeldOut(question.id, question.question, question.reference, (), "")
    answer = question.reference if question.clue else ""  # that there is none is said of many questions
    return HeldOut(question.id, question.question, answer, (), question.source)


class Background(NamedTuple):
    """How many ordinary rows there are, and in how many of them each stem of a word stands."""

    rows: int
    having: dict[str, int]


def background_of(rows: Iterable[Example]) -> Background:
    """The background that the first of these rows make."""
    having: Counter[str] = Counter()
    count, rest = 0, islice(rows, _BACKGROUND)
    while batch := list(islice(rest, _BATCH)):
        count += len(batch)
        for words in _asked_and_answered(batch):
            having.update(words)
    return Background(count, dict(sorted(having.items())))


class NearTest:
    """The held-out questions, of the domain and on general ability, ready to be compared with rows.

    `source_text` gives the text of a passage or term by its id, `document_of` the document of a passage; or "".
    """

    def __init__(
        self,
        asked: Iterable[Question | WrittenQuestion],
        background: Background,
        params: DecontaminationParams,
        source_text: SourceText,
        document_of: SourceText,
        general: Sequence[Question] = (),
    ) -> None:
        domain, ability = [held_out(question) for question in asked], [held_out(question) for question in general]
        self._params = params
        self._source_text, self._document_of = source_text, document_of
        self._copies = _Copies(domain, ability, params)
        self._rewordings = (
            _Rewordings(domain, background, params.reworded, _DOMAIN),
            _Rewordings(ability, background, params.reworded_general, _GENERAL),
        )
        self._documents = {question.source for question in domain}

    def judge(self, rows: Iterable[Example]) -> Iterator[Judged]:
        """Each row with a finding where it is too near to a question."""
        rest = iter(rows)
        while batch := list(islice(rest, _BATCH)):
            for row, copy, reworded in zip(batch, self._copies.find(batch), self._reworded(batch), strict=True):
                yield row, self._of_a_test_document(row) or copy or reworded

    def _of_a_test_document(self, row: Example) -> Finding | None:
        if self._params.split == "document":
            for source in row.provenance.sources:
                if (document := self._document_of(source)) in self._documents and document:
                    return Finding("comes from a document that the test asks about", None, document)
        return None

    def _reworded(self, rows: Sequence[Example]) -> Iterator[Finding | None]:
        for row, said in zip(rows, _asked_and_answered(rows), strict=True):
            source = " ".join(map(self._source_text, row.provenance.sources)).lower()
            known = {word for word in said if word in source}
            is_background = row.recipe == "general"
            yield next(filter(None, (of.finding(said, known, is_background) for of in self._rewordings)), None)


def _asked_and_answered(rows: Sequence[Example]) -> list[set[str]]:
    """The stems of each row's instruction, output, and of its input where that may be the question."""
    parts = (
        stems(row.instruction for row in rows),
        stems(row.input if len(row.input) <= _LONG_INPUT else "" for row in rows),
        stems(row.output for row in rows),
    )
    return [set(chain(*of_row)) for of_row in zip(*parts, strict=True)]


class _Copies:
    """Finds stems in the same words, with the right choice, with all choices, or without."""

    def __init__(self, domain: Sequence[HeldOut], general: Sequence[HeldOut], params: DecontaminationParams) -> None:
        questions = self._questions = [*domain, *general]
        self._names = [_DOMAIN] * len(domain) + [_GENERAL] * len(general)
        self._params = params
        self._encoder = Encoder()
        self._stems = self._encoder.encode(q.stem for q in questions)
        self._answered = self._encoder.encode(f"{q.stem} {q.answer}" for q in questions)
        self._with_choices = self._encoder.encode(f"{q.stem} {' '.join(q.choices)}" for q in questions)
        self._runs = {
            run: at
            for texts in (self._with_choices, self._stems)
            for at, text in enumerate(texts)
            for run in _runs(text, min(params.ngram, len(text)))
        }
        self._sizes = sorted({len(run) for run in self._runs})

    def find(self, rows: Sequence[Example]) -> Iterator[Finding | None]:
        instructions = self._encoder.encode(row.instruction for row in rows)
        inputs = self._encoder.encode(row.input for row in rows)
        outputs = self._encoder.encode(row.output for row in rows)
        for instruction, given, output in zip(instructions, inputs, outputs, strict=True):
            yield self._finding(instruction, instruction + output, instruction + given + output)

    def _finding(self, instruction: str, text: str, row: str) -> Finding | None:
        pairs = ((instruction, self._stems), (text, self._answered), (instruction, self._with_choices))
        limit = self._params.rouge_l
        if hits := [hit for one, others in pairs if (hit := nearest(one, others, limit))]:
            at, score = max(hits, key=lambda hit: hit[1])
            reason = f"ROUGE-L {score:.3f} to a {self._names[at]}, not under {limit}"
            return Finding(reason, round(score, 4), self._questions[at].id)
        shared = next((run for size in self._sizes for run in _runs(row, size) if run in self._runs), None)
        if shared is None:
            return None
        at = self._runs[shared]
        reason = f"shares {len(shared)} morphemes in a row with a {self._names[at]}"
        return Finding(reason, round(rouge_l(text, self._answered[at]), 4), self._questions[at].id)


def _runs(code: str, size: int) -> list[str]:
    """Every run of `size` morphemes."""
    return [code[at : at + size] for at in range(len(code) - size + 1)] if size >= _SHORTEST_RUN else []


class _Posting(NamedTuple):
    """The questions that have a stem, in stem or right choice, and those whose right choice has it."""

    questions: list[int]
    answers: list[int]


class _Rewordings:
    """Scores how much of what a question is about a row says."""

    def __init__(self, questions: Sequence[HeldOut], background: Background, limit: float, name: str) -> None:
        self._questions, self._limit, self._name = questions, limit, name
        asked = [set(words) for words in stems(q.stem for q in questions)]
        answers = [set(words) for words in stems(q.answer for q in questions)]
        self._rows, self._having = background.rows + len(questions), background.having
        self._asking = Counter(word for one, other in zip(asked, answers, strict=True) for word in one | other)
        self._often = max(_FEW_ROWS, _FEW_SHARE * background.rows)
        self._postings: dict[str, _Posting] = defaultdict(lambda: _Posting([], []))
        for at, (one, other) in enumerate(zip(asked, answers, strict=True)):
            for word in sorted(one | other):
                self._postings[word].questions.append(at)
            for word in sorted(other):
                self._postings[word].answers.append(at)
        self._weights = np.array([self._total(one | other) for one, other in zip(asked, answers, strict=True)])
        self._answer_weights = np.array([self._total(other) for other in answers])

    def _weight(self, word: str, is_background: bool = False) -> float:
        others = self._having.get(word, 0) - is_background
        return log((self._rows + 1) / (max(others, 0) + self._asking[word] + 0.5))

    def _total(self, words: Iterable[str], is_background: bool = False) -> float:
        return sum(self._weight(word, is_background) for word in sorted(words))

    def finding(self, said: set[str], known: set[str], is_background: bool) -> Finding | None:
        """The question that a row is nearest to, with its score (0 to 1), where that reaches the limit.

        `known` is what the row's own source says; a row of the background is not to make its own words ordinary.
        """
        shared, answered, unheard = (np.zeros(len(self._weights)) for _ in range(3))
        for word in sorted(said - known):
            if posting := self._postings.get(word):
                weight = self._weight(word, is_background)
                shared[posting.questions] += weight
                answered[posting.answers] += weight
                unheard[posting.questions] += self._having.get(word, 0) - is_background < self._often
        if not shared.any():
            return None
        overlap = 2 * shared / (self._weights + self._total(said, is_background))
        has_answer = answered / np.maximum(self._answer_weights, 1e-9)  # an answer may be all marks
        score = overlap * (1 + 2 * has_answer) / 3 * np.where(unheard > 0, 1, _ORDINARY)
        at, highest = int(score.argmax()), float(score.max())
        if highest < self._limit:
            return None
        return Finding(f"asks what a {self._name} asks: {highest:.3f}", round(highest, 4), self._questions[at].id)


def read_near_test(testset: Path, corpus: Path, background: Background, params: DecontaminationParams) -> NearTest:
    """The held-out questions of a folder, closed and written, with the corpus that rows come from."""
    texts: dict[str, str] = {}
    documents: dict[str, str] = {}
    for passage in read_jsonl(corpus / "passages.jsonl", Passage):
        texts[passage.id] = " ".join((*passage.headings, passage.text))
        documents[passage.id] = passage.document
    for term in read_jsonl(corpus / "terms.jsonl", Term):
        names = (term.term, term.full_name, term.abbreviation, term.english, *term.aliases)
        texts[term.id] = " ".join((*names, term.definition, *term.related))
    domain: list[Question | WrittenQuestion] = [
        *read_jsonl(testset / "questions.jsonl", Question),
        *read_jsonl(testset / "rag.jsonl", RagQuestion),
        *read_jsonl(testset / "open.jsonl", OpenQuestion),
    ]
    general = list(read_jsonl(testset / "general.jsonl", Question))
    return NearTest(domain, background, params, lambda id: texts.get(id, ""), lambda id: documents.get(id, ""), general)
