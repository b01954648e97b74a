"""The words that other tools show, in Korean and English; the reasons are those of the page."""

from collections.abc import Mapping
from typing import NamedTuple

from finsmith.core.errors import ReviewError

from ..decisions import Kind


class Words(NamedTuple):
    """The words of one language."""

    titles: Mapping[str, str]  # of texts
    choice: str
    marks: str
    sources: str
    verdict: str
    accept: str
    reject: str
    reason: str
    reasons: Mapping[Kind, tuple[str, ...]]
    own_words: str
    edit: str
    audit: tuple[str, str, str]
    yes: str
    no: str
    guidelines: str

    def title(self, name: str) -> str:
        """What a text is called."""
        stem, _, number = name.partition("_")
        return f"{self.choice} {'ABCDE'[int(number) - 1]}" if stem == "choice" else self.titles[name]


WORDS: dict[str, Words] = {
    "ko": Words(
        titles={
            "instruction": "지시",
            "input": "입력",
            "output": "출력",
            "stem": "질문",
            "answer": "정답",
            "explanation": "해설",
            "evidence": "근거",
        },
        choice="보기",
        marks="검사 결과",
        sources="원문",
        verdict="판정",
        accept="승인",
        reject="반려",
        reason="반려하는 까닭은?",
        reasons={
            "row": (
                "원문과 다르다",
                "원문에 없다",
                "질문이 모호하다",
                "답이 불완전하다",
                "단서가 틀렸다",
                "표현이 어색하다",
            ),
            "question": (
                "정답이 틀렸다",
                "정답이 둘 이상이다",
                "상식이나 이름만으로 풀린다",
                "질문이 모호하다",
                "원문에 근거가 없다",
                "보기의 꼴만 보아도 풀린다",
            ),
        },
        own_words="직접 쓰기",
        edit="고칠 것",
        audit=("지시가 올바른 과제인가?", "입력이 지시에 맞는가?", "출력이 옳은가?"),
        yes="예",
        no="아니요",
        guidelines="원문과 견주어 승인, 고쳐서 승인, 또는 까닭을 들어 반려하세요. 고치지 않은 칸은 그대로 두세요.",
    ),
    "en": Words(
        titles={
            "instruction": "Instruction",
            "input": "Input",
            "output": "Output",
            "stem": "Question",
            "answer": "Answer",
            "explanation": "Explanation",
            "evidence": "Evidence",
        },
        choice="Choice",
        marks="Checks",
        sources="Sources",
        verdict="Verdict",
        accept="Accept",
        reject="Reject",
        reason="Why reject it?",
        reasons={
            "row": (
                "Says something else than the source",
                "Not in the source",
                "The question is unclear",
                "The answer is incomplete",
                "Wrong clue",
                "Badly worded",
            ),
            "question": (
                "The answer is wrong",
                "More than one answer is right",
                "Common sense or the name alone answers it",
                "The question is unclear",
                "No evidence for it in the source",
                "The form of the choices gives it away",
            ),
        },
        own_words="Own words",
        edit="Edits",
        audit=("Is the instruction a valid task?", "Does the input fit it?", "Is the output right?"),
        yes="Yes",
        no="No",
        guidelines="Hold it against the source: accept it, edit and accept it, or reject it with a reason. Leave what "
        "you do not change as it is.",
    ),
}


def words_of(language: str) -> Words:
    """The words of a language.

    Raises:
        ReviewError: there are none of it.
    """
    if language not in WORDS:
        raise ReviewError(f"--words {language!r}: it must be one of {', '.join(WORDS)}.")
    return WORDS[language]
