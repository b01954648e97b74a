"""Questions, and a predictor whose likelihoods stand in a table written by hand."""

from collections.abc import Mapping, Sequence

from finsmith.core.records import Question

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
    ):
        self._texts, self._letters = texts or {}, letters or {}

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
