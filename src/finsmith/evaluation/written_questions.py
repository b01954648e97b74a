"""Reads the held-out questions that are answered in writing: `rag.jsonl` with clues, `open.jsonl` without.

Not covered: whether a reference is true.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from finsmith.core.answer_records import OpenQuestion, RagQuestion
from finsmith.core.errors import SourceError
from finsmith.core.records import SourceReject
from finsmith.text.quoting import says

Q = TypeVar("Q", OpenQuestion, RagQuestion)


@dataclass(frozen=True)
class WrittenQuestions:
    """The usable questions in the order of their files, and the lines that are none."""

    rag: list[RagQuestion]
    open: list[OpenQuestion]
    rejects: list[SourceReject]


def read_written_questions(folder: Path) -> WrittenQuestions:
    """The questions of a folder's two files, either of which may be absent; a bad or repeated one is a reject.

    Raises:
        SourceError: there is no such folder.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder. Set `answers.source`; an empty folder asks no such question.")
    rejects: list[SourceReject] = []
    return WrittenQuestions(
        _questions(folder / "rag.jsonl", _rag_question, rejects),
        _questions(folder / "open.jsonl", _open_question, rejects),
        rejects,
    )


def _questions(path: Path, read: Callable[[dict[str, Any]], Q], rejects: list[SourceReject]) -> list[Q]:
    found: dict[str, Q] = {}
    lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = read(orjson.loads(line))
            if question.question in found:
                raise ValueError("the same question stands earlier")
            found[question.question] = question
        except (ValueError, KeyError, TypeError) as error:
            text = line.decode("utf-8", errors="replace")[:500]
            rejects.append(SourceReject(source=path.name, place=f"line {number}", reason=_reason(error), text=text))
    return list(found.values())


def _rag_question(row: dict[str, Any]) -> RagQuestion:
    question = RagQuestion.model_validate(
        {
            "question": _clean(row["question"]),
            "clues": [_nfc(clue) for clue in row["clues"]],
            "reference": _clean(row["answer"]),
            "clue": row["clue"],
            "key": _clean(row.get("key", "")),
            "source": _nfc(row.get("source", "")),
        }
    )
    if not all((question.question, question.reference, *question.clues)):
        raise ValueError("the question, a clue or the answer is empty")
    if question.key and not (question.clue and says(question.key, question.clues[question.clue - 1])):
        raise ValueError(f"key: the right clue does not say {question.key!r}")
    return question


def _open_question(row: dict[str, Any]) -> OpenQuestion:
    question = OpenQuestion(
        question=_clean(row["question"]), reference=_nfc(row.get("answer", "")), kind=_clean(row.get("kind", ""))
    )
    if not question.question:
        raise ValueError("the question is empty")
    return question


def _nfc(text: str) -> str:
    """Lines stay: a clue may be a table."""
    return unicodedata.normalize("NFC", text).strip()


def _clean(text: str) -> str:
    return " ".join(_nfc(text).split())


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'question'}: {first['msg']}"
    return f"no field {error}" if isinstance(error, KeyError) else str(error)
