"""Questions, a section `evaluate`, and a predictor whose likelihoods and answers stand in tables written by hand."""

from collections.abc import Mapping, Sequence

from finsmith.core.records import Question
from finsmith.evaluation.evaluate import EvaluateParams
from finsmith.evaluation.predictions import Prediction

RATE = Question(
    stem="기준금리를 정하는 곳은?",
    choices=("금융통화위원회", "국세청", "예금보험공사", "법원"),
    answer=0,
    explanation="",
    source="",
    evidence="",
)
COIN = Question(
    stem="동전을 만드는 곳은?",
    choices=("우체국", "한국조폐공사", "관세청", "한국거래소"),
    answer=1,
    explanation="",
    source="",
    evidence="",
)

LOAN = Question(
    stem="대출은?",
    choices=("빌린 돈", "맡긴 돈", "번 돈", "쓴 돈", "준 돈"),
    answer=4,
    explanation="",
    source="",
    evidence="",
)


class TablePredictor:
    """A predictor that looks every likelihood up; a prompt or continuation that is not expected is a KeyError."""

    def __init__(
        self,
        texts: Mapping[tuple[str, str], float] | None = None,
        letters: Mapping[str, tuple[float, ...]] | None = None,
        answers: Mapping[str, str] | None = None,
    ):
        self._texts, self._letters, self._answers = texts or {}, letters or {}, answers or {}

    def prompt(self, instruction: str) -> str:
        """The instruction between two marks."""
        return f"<질문>{instruction}<답>"

    def log_likelihoods(self, prompts: Sequence[str], continuations: Sequence[Sequence[str]]) -> list[list[float]]:
        """The table's value of each pair."""
        pairs = zip(prompts, continuations, strict=True)
        return [[self._texts[prompt, text] for text in texts] for prompt, texts in pairs]

    def next_token_log_probs(self, prompts: Sequence[str], candidates: Sequence[str]) -> list[list[float]]:
        """The table's values of each prompt; only the letters can be asked for, as many as a prompt has values."""
        assert list(candidates) == [f" {name}" for name in "ABCDE"[: len(candidates)]]
        assert {len(self._letters[prompt]) for prompt in prompts} == {len(candidates)}
        return [list(self._letters[prompt]) for prompt in prompts]

    def generate(self, prompts: Sequence[str], max_tokens: int) -> list[str]:
        """The table's answer to each prompt, of so many characters at most."""
        return [self._answers[prompt][:max_tokens] for prompt in prompts]


def section(**changes) -> EvaluateParams:
    """The section `evaluate`: by choice text and by letter, each question once."""
    values = {
        "evaluators": ("choice_text", "letter"),
        "headline": "choice_text",
        "dtype": "float32",
        "permutations": False,
        "few_shot": 0,
        "max_answer_tokens": 40,
        "hosted": {},
    }
    return EvaluateParams.model_validate(values | changes)


def prediction(question_id, predicted, answer, **changes) -> Prediction:
    """An answer by letter to a question with four choices."""
    values = {"evaluator": "letter", "model": "base", "shift": 0, "choices": 4, "scores": (0, 0, 0, 0)}
    return Prediction(question_id=question_id, predicted=predicted, answer=answer, **(values | changes))
