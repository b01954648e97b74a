"""A 4-choice item as a row of instruction data words it, to be solved or to be written.

Four lines with A to D, the question before them, a line that names the answer. Not covered: whether it is a good one.
"""

import re
from dataclasses import dataclass

from finsmith.core.records import Example

LETTERS = "ABCD"
_CHOICES = re.compile(r"^A[.)] ?(.+)\nB[.)] ?(.+)\nC[.)] ?(.+)\nD[.)] ?(.+)$", re.MULTILINE)
_ANSWER = re.compile(r"^(?:정답|답|answer)\s?:\s?\(?([A-D])\b[.)]?[ ]?(.*)$", re.MULTILINE | re.IGNORECASE)
_EXPLANATION = re.compile(r"^(?:해설|풀이|explanation)\s?:\s?(.*)$", re.MULTILINE | re.IGNORECASE)
_CALCULATED = re.compile(r"\d\D{0,6}[-+×x*/÷]\D{0,3}\d[^=\n]*=\D{0,3}\d")


@dataclass(frozen=True)
class Item:
    """A 4-choice item as its row tells it; `passage` is "" where it stands on general knowledge."""

    stem: str
    choices: tuple[str, ...]
    answer: int
    answer_text: str
    explanation: str
    passage: str

    @property
    def is_worked_out(self) -> bool:
        """Whether the answer is the result of a calculation from a table, whose figures are its own."""
        return "|" in self.passage and bool(_CALCULATED.search(self.explanation))


def read_item(row: Example) -> Item | None:
    """The item of a row, to be solved or written; None where the row is none."""
    for text in (f"{row.instruction}\n", row.output):
        choices, answer = _CHOICES.search(text), _ANSWER.search(row.output)
        if choices and answer:
            before = text[: choices.start()].strip()
            explanation = _EXPLANATION.search(row.output)
            return Item(
                stem=before.rsplit("\n\n", 1)[-1],
                choices=tuple(choice.strip() for choice in choices.groups()),
                answer=LETTERS.index(answer[1].upper()),
                answer_text=answer[2].strip(),
                explanation=explanation[1] if explanation else "",
                passage=row.input,
            )
    return None
