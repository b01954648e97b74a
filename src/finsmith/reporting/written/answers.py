"""The page of written answers: base beside adapter beside teacher, question by question; one file that opens offline.

Not covered: figures of the closed test; they are in the report.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from finsmith.core.answer_records import Comparison, OpenAnswer, OpenQuestion, RagAnswer, RagQuestion

# The shares of `rag` in the metrics, as they are told in Korean and English; up is where more is better.
RAG_SHARES = {
    "grounded": ("수치·방향·이름이 모두 단서에 있음", "grounded", "up"),
    "figures": ("수치가 단서에 있음", "figures grounded", "up"),
    "directions": ("방향이 단서와 같음", "directions grounded", "up"),
    "names": ("이름이 단서에 있음", "names grounded", "up"),
    "right_clue": ("맞는 단서 번호를 밝힘", "right clue named", "up"),
    "says_answer": ("답의 핵심어가 있음", "says the key", "up"),
    "right_refusals": ("답이 없을 때 없다고 함", "right refusals", "up"),
    "wrong_refusals": ("답이 있는데 없다고 함", "wrong refusals", "down"),
}
MODELS = {"base": "베이스 base", "adapter": "어댑터 adapter", "teacher": "교사 teacher"}
_KINDS = {
    "explain": "설명 explain",
    "compare": "비교 compare",
    "advise": "조언 advise",
    "own": "우리 은행 the bank's own",
}
_OUTCOMES = {
    "win": "심판: 어댑터 judge: adapter",
    "loss": "심판: 베이스 judge: base",
    "tie": "심판: 무승부 judge: tie",
}


def render_answers(
    rag_questions: Sequence[RagQuestion],
    rag_answers: Sequence[RagAnswer],
    open_questions: Sequence[OpenQuestion],
    open_answers: Sequence[OpenAnswer],
    comparisons: Sequence[Comparison],
    metrics: Mapping[str, Any],
) -> str:
    """The page as HTML: tables first, then a card for each question."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    return templates.get_template("answers.html.j2").render(
        rag=[(one, [answer for answer in rag_answers if answer.question_id == one.id]) for one in rag_questions],
        open=[(one, [answer for answer in open_answers if answer.question_id == one.id]) for one in open_questions],
        outcomes={one.question_id: (_OUTCOMES[one.outcome], one.order_decided) for one in comparisons},
        metrics=metrics,
        models=[name for name in MODELS if name in metrics["rag"]],
        shares=RAG_SHARES,
        kinds=_KINDS,
        names=MODELS,
    )
