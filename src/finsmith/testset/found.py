"""What is found in a file with questions, collected row by row. Not covered: reading rows (table, json_lines)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from finsmith.core.records import Question, SourceReject

from .columns import Field
from .questions import fault_of

TEXTS: tuple[Field, ...] = ("explanation", "source", "evidence", "kind", "difficulty", "recipe")  # it may lack them
_FAULTS = (ValueError, KeyError, TypeError)


@dataclass
class Found:
    """What a file holds: questions with their places, what is none with its reason, columns that mean nothing here."""

    name: str
    questions: list[tuple[str, Question]] = field(default_factory=list)
    rejects: list[SourceReject] = field(default_factory=list)
    unused: dict[str, None] = field(default_factory=dict)

    def take(self, place: str, text: str, make: Callable[[], Question]) -> None:
        """Adds the question of a row, or why it is none."""
        try:
            self.questions.append((place, make()))
        except _FAULTS as error:
            self.reject(place, fault_of(error), text)

    def reject(self, place: str, reason: str, text: str = "") -> None:
        """Adds a row that is none."""
        self.rejects.append(SourceReject(source=self.name, place=place, reason=reason, text=text[:500]))
