"""What rules say of answers from clues: grounded, right refusals, the right clue named, near to the reference.

Not covered: sense. An answer whose figures and names all stand in the clues may still be wrong, and one that copies the
clues says every key.
"""

from collections.abc import Sequence
from typing import Any

from finsmith.core.answer_records import Model, RagAnswer, RagQuestion, Texts
from finsmith.korean.rouge_l import Encoder, rouge_l
from finsmith.text.clues import named, without_marks
from finsmith.text.grounding import against_direction, foreign_names
from finsmith.text.quantities import foreign_quantities, quantities
from finsmith.text.quoting import stands_in
from finsmith.text.refusals import finds_none

from .statistics import mean_interval, wilson

Share = dict[str, Any] | None


def rag_answer(question: RagQuestion, model: Model, answer: str, min_support: float) -> RagAnswer:
    """The answer with what the gates find; one that refuses claims nothing, so they find nothing there.

    `min_support` is the share of a sentence's topic that a sentence of the clues must have to be what it rests on.
    """
    claims, clues = without_marks(answer).strip(), "\n".join(question.clues)
    refuses = bool(finds_none(claims))
    told = "" if refuses else claims
    direction = against_direction(told, clues, min_support)
    return RagAnswer(
        question_id=question.id,
        model=model,
        answer=answer,
        cited=tuple(sorted(named(answer))),
        refuses=refuses,
        says_nothing=not claims,
        foreign_figures=tuple(foreign_quantities(told, clues, question.question)),
        against_direction=" / ".join(direction) if direction else "",
        foreign_names=tuple(foreign_names(told, clues, question.question)),
        rouge_l=round(_likeness(claims, question.reference), 4) if question.clue else None,
        right=_says(question.key, claims) if question.clue and question.key else None,
    )


def rag_answers(questions: Sequence[RagQuestion], texts: Texts, min_support: float) -> list[RagAnswer]:
    """The answers of every model that answered, model by model, in question order."""
    return [
        rag_answer(question, model, text, min_support)
        for model, of in texts.items()
        if "rag" in of
        for question, text in zip(questions, of["rag"], strict=True)
    ]


def rag_metrics(questions: Sequence[RagQuestion], answers: Sequence[RagAnswer]) -> dict[str, Any]:
    """By model: shares with n and Wilson interval, None where n is 0; the mean ROUGE-L with its t interval."""
    models = dict.fromkeys(answer.model for answer in answers)
    answerable = sum(question.clue > 0 for question in questions)
    counts = {"n": len(questions), "answerable": answerable}
    return counts | {model: _of_model(questions, [one for one in answers if one.model == model]) for model in models}


def share(of: Sequence[bool]) -> Share:
    """The share of true ones with n and its Wilson interval, or None of none."""
    if not of:
        return None
    part, low, high = wilson(sum(of), len(of))
    return {"n": len(of), "share": round(part, 4), "low": round(low, 4), "high": round(high, 4)}


def _of_model(questions: Sequence[RagQuestion], answers: Sequence[RagAnswer]) -> dict[str, Any]:
    by_question = {answer.question_id: answer for answer in answers}
    pairs = [(question, by_question[question.id]) for question in questions]
    with_answer = [(question, answer) for question, answer in pairs if question.clue]
    claims = [answer for answer in answers if answer.is_claim]
    likeness = [answer.rouge_l for _, answer in with_answer if answer.rouge_l is not None]
    return {
        "grounded": share([one.is_grounded for one in claims]),
        "figures": share([not one.foreign_figures for one in claims]),
        "directions": share([not one.against_direction for one in claims]),
        "names": share([not one.foreign_names for one in claims]),
        "right_clue": share([answer.cited == (question.clue,) for question, answer in with_answer]),
        "says_answer": share([answer.right for _, answer in with_answer if answer.right is not None]),
        "right_refusals": share([answer.refuses for question, answer in pairs if not question.clue]),
        "wrong_refusals": share([answer.refuses for _, answer in with_answer]),
        "rouge_l": _mean(likeness),
    }


def _mean(values: Sequence[float]) -> Share:
    if len(values) < 2:
        return None
    mean, low, high = mean_interval(values)
    return {"n": len(values), "mean": round(mean, 4), "low": round(max(0.0, low), 4), "high": round(min(1.0, high), 4)}


def _says(key: str, answer: str) -> bool:
    """Whether an answer says the key: its words, or its figures with their units, 3년 in neither 13년 nor 4분의 3."""
    wanted, said = ({(one.value, one.unit) for one in quantities(text)} for text in (key, answer))
    in_other_words = bool(wanted) and all(unit for _, unit in wanted)
    return wanted <= said and (in_other_words or stands_in(key, answer))


def _likeness(answer: str, reference: str) -> float:
    first, second = Encoder().encode((answer, reference))
    return rouge_l(first, second)
