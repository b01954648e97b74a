"""Written answers of base and adapter, and what came of comparing them.

Not covered: whether an open answer is good; people read the page, and a judge compares where one is named.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import AfterValidator, Field

from finsmith.core.answer_records import Asked, Comparison, Model, OpenAnswer, OpenQuestion, QuestionSet, Texts
from finsmith.core.params import Section
from finsmith.text.faults import loop

from .rag_answers import share
from .statistics import sign_test_p

_MODELS: dict[Model, bool] = {"base": False, "adapter": True}  # and whether the adapter is on
AtLeastOne = Annotated[int, Field(ge=1)]


def _of_each_set(limits: dict[QuestionSet, int]) -> dict[QuestionSet, int]:
    if missing := sorted({"rag", "open"} - limits.keys()):
        raise ValueError(f"no length for {', '.join(missing)}")
    return limits


class AnswersParams(Section):
    """The section `answers`; of `teacher` and `judge` an empty name is nobody."""

    section: ClassVar[str] = "answers"
    source: str
    ask: tuple[QuestionSet, ...]
    dtype: str
    max_tokens: Annotated[dict[QuestionSet, AtLeastOne], AfterValidator(_of_each_set)]
    teacher: str
    teacher_answers: tuple[QuestionSet, ...]
    judge: str


class Writer(Protocol):
    """What a model must be able to do."""

    def use_adapter(self, on: bool) -> None:
        """Switches the adapter on or off for what follows."""
        ...

    def prompt(self, instruction: str, input_text: str = "") -> str:
        """Instruction and input as the model is asked them."""
        ...

    def generate(self, prompts: Sequence[str], max_tokens: int) -> list[str]:
        """The answer to each prompt."""
        ...


def written(
    asked: Mapping[QuestionSet, Sequence[Asked]], writer: Writer, max_tokens: Mapping[QuestionSet, int]
) -> Texts:
    """The answers of base and adapter to each set of questions."""
    found: Texts = {}
    for model, on in _MODELS.items():
        writer.use_adapter(on)
        found[model] = {
            name: [text.strip() for text in writer.generate([writer.prompt(*one) for one in of], max_tokens[name])]
            for name, of in asked.items()
        }
    return found


def open_answers(questions: Sequence[OpenQuestion], texts: Texts) -> list[OpenAnswer]:
    """The answers of every model that answered, model by model, each with the phrase that it says over and over."""
    return [
        OpenAnswer(question_id=question.id, model=model, answer=text, loops=loop(text))
        for model, of in texts.items()
        if "open" in of
        for question, text in zip(questions, of["open"], strict=True)
    ]


def open_metrics(answers: Sequence[OpenAnswer]) -> dict[str, Any]:
    """By model: the mean length in characters, and the shares of answers that say nothing and that go in circles."""
    by_model: dict[str, list[OpenAnswer]] = {}
    for answer in answers:
        by_model.setdefault(answer.model, []).append(answer)
    return {
        model: {
            "mean_chars": round(sum(len(one.answer) for one in of) / len(of), 1),
            "empty": share([not one.answer for one in of]),
            "loops": share([bool(one.loops) for one in of]),
        }
        for model, of in by_model.items()
    }


def comparison_metrics(comparisons: Sequence[Comparison], asked: int) -> dict[str, Any] | None:
    """Wins, ties and losses of the adapter with the sign test's p, and how far the order of the answers decided.

    `order_decided` is over the pairs that were shown, `first_named` over the verdicts that prefer one. `unjudged` are
    the questions without a usable verdict. None where nobody was asked.
    """
    if not comparisons:
        return None
    outcomes = [one.outcome for one in comparisons]
    wins, ties, losses = (outcomes.count(name) for name in ("win", "tie", "loss"))
    shown = [one for one in comparisons if one.request_keys]
    named = [
        verdict == first
        for one in shown
        for verdict, first in ((one.base_first, "base"), (one.adapter_first, "adapter"))
        if verdict != "same"
    ]
    return {
        "n": len(comparisons),
        "unjudged": asked - len(comparisons),
        "wins": wins,
        "ties": ties,
        "losses": losses,
        "sign_p": round(sign_test_p(wins, losses), 6),
        "order_decided": share([one.order_decided for one in shown]),
        "first_named": share(named),
    }
