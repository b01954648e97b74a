"""Passages, terms, parameters and replies for the tests of generation."""

import json
from typing import Any

from finsmith.core.records import Box, Passage, Reply, Request, Term
from finsmith.core.teacher_params import Price, TeacherParams
from finsmith.generation.params import GenerateParams

TEXT = (
    "여신심사 담당자는 신청서를 접수한 날부터 7영업일 안에 심사 결과를 신청인에게 통지하여야 한다. "
    "다만 담보 평가가 필요한 경우에는 한 차례에 한하여 5영업일을 더할 수 있다."
)
ITEM = {
    "evidence": "담보 평가가 필요한 경우에는 한 차례에 한하여 5영업일을 더할 수 있다.",
    "question": "담보 평가가 필요할 때 심사 기한은 며칠 더할 수 있는가?",
    "answer": "5영업일",
    "distractors": ["3영업일", "7영업일", "10영업일"],
    "explanation": "담보 평가가 필요하면 한 차례 5영업일을 더한다.",
}


def generate_params(**changes: Any) -> GenerateParams:
    """Parameters; a change to a group is given whole."""
    values: dict[str, Any] = {
        "seed": 11,
        "recipes": ("glossary_qa", "glossary_choice", "multiple_choice", "summary"),
        "max_passages": 0,
        "min_passage_tokens": 0,
        "min_ocr_confidence": 0.8,
        "glossary_qa": {"patterns": ("definition",), "max_terms": 0},
        "glossary_choice": {"max_items": 0, "max_definition_chars": 120},
        "multiple_choice": {"max_tokens": 420},
        "summary": {"max_tokens": 160},
        "teacher": TeacherParams(
            provider="openai",
            model="teacher-large",
            base_url="",
            api_key_env="NO_SUCH_KEY",
            temperature=0.3,
            seed=1,
            concurrency=1,
            timeout_seconds=30,
            max_attempts=2,
            budget_usd=1,
            context_tokens=2048,
            reference_model="teacher-large",
            prices_usd_per_million_tokens={"teacher-large": Price(input=2, output=10)},
        ),
    }
    return GenerateParams(**values | changes)


def passage(text: str = TEXT, page: int = 1, tokens: int = 100) -> Passage:
    """A passage on one page."""
    return Passage(
        document="여신업무규정.pdf",
        document_sha256="d" * 64,
        pages=(page,),
        span=(0, len(text)),
        boxes=(Box(page=page, x0=50, y0=60, x1=500, y1=90),),
        headings=(),
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


def item_text(**changes: Any) -> str:
    """A good multiple-choice reply, with changes; a change to None leaves the field out."""
    return json.dumps({k: v for k, v in (ITEM | changes).items() if v is not None}, ensure_ascii=False)
