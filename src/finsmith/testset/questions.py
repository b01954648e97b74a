"""Questions of a test: as a line of a file says them, in another order of their choices, and when two are one.

Not covered: files of them (read, table).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from pydantic import ValidationError

from finsmith.core.ids import sha256_of
from finsmith.core.records import Question

UNLABELLED = "unlabelled"
_TEXTS = ("explanation", "source", "evidence", *sorted(Question.labels))
# A choice that speaks of others by their place: 위의 모두, ①과 ②, A와 B, none of the above.
_PLACES = re.compile(
    r"[①-⑤]|(?<![가-힣])위의? (?:모두|보기|어느|셋|둘)|모두 (?:정답|맞|옳|해당)|^모두$|(?:정답|해당 ?사항|답) ?없음"
    r"|(?<![A-Za-z])[A-E] ?(?:와|과|및|,|and|&) ?[A-E](?![A-Za-z])"
    r"|\b(?:all|none|both|neither) of (?:the )?(?:above|these|them)\b",
    re.IGNORECASE,
)


def question_of(row: Mapping[str, Any]) -> Question:
    """The question of a line with `question`, `choices` and `answer` (from 0), and the other fields where it has them.

    Texts are brought to NFC and to single spaces; an `id` is not read, but made.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    if not isinstance(row["choices"], list | tuple):
        raise TypeError("choices: not a list")
    choices = [clean(choice) for choice in row["choices"]]
    if not all((clean(row["question"]), *choices)):
        raise ValueError("the question or a choice is empty")
    texts = {name: clean(row.get(name, "")) for name in _TEXTS}
    return Question.model_validate(
        {"stem": clean(row["question"]), "choices": choices, "answer": row["answer"], **texts}
    )


def line_of(question: Question) -> dict[str, Any]:
    """The line that `question_of` reads; texts that are empty are left out."""
    texts = {name: getattr(question, name) for name in _TEXTS if getattr(question, name)}
    return {"question": question.stem, "choices": list(question.choices), "answer": question.answer, **texts}


def cleaned(question: Question) -> Question:
    """The question as `question_of` would read it: what people wrote on the page may have other spaces."""
    return question_of(line_of(question))


def fault_of(error: Exception) -> str:
    """Why a line is no question, from what `question_of` raised."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'question'}: {first['msg']}"
    if isinstance(error, KeyError):
        return f"no field {error}"
    return str(error)


def clean(text: str) -> str:
    """The text in NFC with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def stem_key(stem: str) -> str:
    """What two stems share that are one question: spaces, case and the form of Hangul do not matter."""
    return "".join(unicodedata.normalize("NFC", stem).split()).casefold()


def digest_of(questions: Iterable[Question]) -> str:
    """The sha256 of the sorted ids; an id is the hash of stem, choices, answer, explanation, source and evidence."""
    return sha256_of(sorted(question.id for question in questions))


def wrong_choices(question: Question) -> list[str]:
    """The choices but the right one, in order."""
    return [choice for at, choice in enumerate(question.choices) if at != question.answer]


def keeps_order(question: Question) -> bool:
    """Whether a choice speaks of others by their place, so that in another order it would be wrong."""
    return any(map(_PLACES.search, question.choices))


def with_answer_at(question: Question, place: int, chance: Random) -> Question:
    """The question with the right choice at this place and the others shuffled."""
    choices = wrong_choices(question)
    chance.shuffle(choices)
    choices.insert(place, question.choices[question.answer])
    return in_order(question, choices)


def in_order(question: Question, choices: Sequence[str]) -> Question:
    """The question with its choices in this order."""
    place = list(choices).index(question.choices[question.answer])
    content = question.model_dump(exclude={"id"}) | {"choices": tuple(choices), "answer": place}
    return Question.model_validate(content)
