"""Passages, terms, rows, parameters and replies for the tests of generation, and what drives a dialogue."""

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from finsmith.core.dialogue import Dialogue
from finsmith.core.records import Box, Example, Passage, Provenance, Reply, Request, Term
from finsmith.generation.judging import JudgeParams
from finsmith.generation.material import Material
from finsmith.generation.params import GenerateParams

T = TypeVar("T")
TEXT = (
    "여신심사 담당자는 신청서를 접수한 날부터 7영업일 안에 심사 결과를 신청인에게 통지하여야 한다. "
    "다만 담보 평가가 필요한 경우에는 한 차례에 한하여 5영업일을 더할 수 있다."
)
ASKED = {"teacher": "default", "max_tokens": 420}
VALUES: dict[str, Any] = {
    "seed": 11,
    "language": "ko",
    "recipes": ("glossary_qa", "glossary_choice", "multiple_choice", "summary"),
    "max_passages": 0,
    "min_passage_tokens": 0,
    "min_ocr_confidence": 0.8,
    "glossary_qa": {"patterns": ("definition",), "max_terms": 0},
    "glossary_choice": {"max_items": 0, "max_definition_chars": 120},
    "summary": ASKED
    | {"per_passage": 1, "lengths": ("one_sentence", "short", "bullets"), "section_tokens": 0, "section_chars": 200},
    "multiple_choice": ASKED
    | {"per_passage": 1, "kinds": ("fact", "number", "cause", "exception", "term", "calculation")},
    "rag": ASKED | {"clue_tokens": 10_000, "unanswerable": 0.2, "candidates": 12, "embedding_model": ""},
    "textbook": ASKED | {"passages": 4, "terms": 4},
    "self_instruct": ASKED
    | {"target": 40, "max_rounds": 20, "min_yield": 0.1, "novelty_rouge_l": 0.7, "scenarios": 0.5}
    | {"temperature": 0.7, "top_p": 0.5, "presence_penalty": 2.0},
    "evolve": ASKED | {"of": ("self_instruct",), "max_rows": 8, "rounds": 1, "operations": ("constraint",)},
    "improve": ASKED | {"of": ("self_instruct",), "max_rows": 8},
    "teacher": {
        "provider": "openai",
        "model": "teacher-large",
        "base_url": "",
        "api_key_env": "NO_SUCH_KEY",
        "temperature": 0.3,
        "seed": 1,
        "json_schema": True,
        "batch": False,
        "concurrency": 1,
        "requests_per_minute": 0,
        "tokens_per_minute": 0,
        "timeout_seconds": 30,
        "max_attempts": 2,
        "context_tokens": 2048,
    },
    "teachers": {},
    "budget": {"stage_usd": 1, "stage_calls": 100, "run_usd": 1, "run_calls": 100},
    "prices": {
        "usd_per_million_tokens": {"teacher-large": {"input": 2, "output": 10}},
        "batch_share": 0.5,
        "reference_model": "teacher-large",
    },
}


def generate_params(**changes: Any) -> GenerateParams:
    """VALUES with these changes; of a group only what is named changes."""
    changed = {key: VALUES[key] | value if isinstance(value, dict) else value for key, value in changes.items()}
    return GenerateParams.model_validate(VALUES | changed)


def judge_params(**changes: Any) -> JudgeParams:
    """Four orders, and three votes on summaries and answers from clues, with these changes."""
    values = {"teacher": "default", "max_tokens": 160, "solve_orders": 4, "faithfulness_votes": 3, "temperature": 0.7}
    return JudgeParams.model_validate(values | {"faithful_to_input": ("summary", "rag.answer")} | changes)


def passage(text: str = TEXT, page: int = 1, tokens: int = 100, headings: tuple[str, ...] = ()) -> Passage:
    """A passage on one page."""
    return Passage(
        document="여신업무규정.pdf",
        document_sha256="d" * 64,
        pages=(page,),
        span=(0, len(text)),
        boxes=(Box(page=page, x0=50, y0=60, x1=500, y1=90),),
        headings=headings,
        text=text,
        tokens=tokens,
    )


def term(name: str, definition: str, **fields: Any) -> Term:
    """A glossary term."""
    values: dict[str, Any] = {
        "full_name": "",
        "english": "",
        "related": (),
        "category": "",
        "source": "용어집.csv",
        "row": 2,
    }
    return Term(term=name, definition=definition, **values | fields)


def row(instruction: str, output: str, given: str = "", recipe: str = "self_instruct.task") -> Example:
    """A row that a recipe made before."""
    return Example(
        recipe=recipe, instruction=instruction, input=given, output=output, provenance=Provenance(sources=("seed_001",))
    )


def material(
    passages: Iterable[Passage] = (),
    terms: Iterable[Term] = (),
    rows: Iterable[Example] = (),
    count_tokens: Callable[[str], int] = len,
    **changes: Any,
) -> Material:
    """The corpus that recipes work on; a token is a character."""
    return Material(list(passages), list(terms), generate_params(**changes), count_tokens, list(rows))


def reply_to(request: Request, text: str, finish_reason: str = "stop") -> Reply:
    """The teacher's answer `text` to a request."""
    return Reply(
        key=request.key,
        model="teacher-large-2024-07-18",
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=300,
        completion_tokens=80,
        cost_usd=0.0014,
        reference_cost_usd=0.0014,
    )


class Teacher:
    """Drives dialogues one after the other, answers each request by a function and remembers what it was asked.

    The function gives a text, an object for JSON, or a whole reply.
    """

    def __init__(self, answer: Callable[[Request], str | dict[str, Any] | Reply]) -> None:
        self.answer = answer
        self.asked: list[Request] = []

    def reply(self, request: Request) -> Reply:
        self.asked.append(request)
        answer = self.answer(request)
        if isinstance(answer, Reply):
            return answer
        return reply_to(request, answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False))

    def drive(self, dialogue: Dialogue[T]) -> T:
        """What the dialogue returns in the end."""
        try:
            requests = next(dialogue)
            while True:
                requests = dialogue.send([self.reply(request) for request in requests])
        except StopIteration as end:
            return end.value

    def converse(self, dialogues: Iterable[Dialogue[T]]) -> list[T]:
        """What the dialogues return."""
        return [self.drive(dialogue) for dialogue in dialogues]


def in_turn(*answers: Any) -> Callable[[Request], Any]:
    """Answers that come one after the other, or functions of what is asked; there are as many questions as answers."""
    left = list(answers)

    def answer(request: Request) -> Any:
        following = left.pop(0)
        return following(request) if callable(following) else following

    return answer


def user_text(request: Request) -> str:
    """What the user's turn says."""
    (_, (role, text)) = request.messages
    assert role == "user"
    return text
