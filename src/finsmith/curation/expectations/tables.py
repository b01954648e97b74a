"""Sets of data as tables of facts, one row for each document, passage, term, instruction row or question.

A table holds lengths, shares and counts, not the texts, so that a million rows fit into memory and the pages about
them show nothing confidential. Not covered: what a fact must be; that stands in the suites.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from finsmith.core.io import read_jsonl
from finsmith.core.records import CHOICE_LETTERS, DocumentCounts, Example, Passage, Question, Record, Term
from finsmith.text.four_choice import read_item
from finsmith.text.quoting import plain

R = TypeVar("R", bound=Record)
Placed = Iterable[tuple[str, R]]  # records with their places

_CRITICAL_G = {4: 16.2662, 5: 18.4668}  # by choices: chi-squared of one degree of freedom less, at p = 0.001


class Table(NamedTuple):
    """Facts by column; `place` is where each row stands. `parameters` are what the suite may name as $PARAMETER."""

    name: str
    columns: dict[str, list[Any]]
    parameters: dict[str, float]


def placed(path: Path, record: type[R]) -> Iterator[tuple[str, R]]:
    """The records of a file with their places, as `train.jsonl:3`."""
    return ((f"{path.name}:{number}", one) for number, one in enumerate(read_jsonl(path, record), 1))


def documents_table(documents: Iterable[DocumentCounts]) -> Table:
    """What each input file gave."""
    columns = _Columns("place", "characters", "passages", "pages", "unread_pages", "language")
    for one in documents:
        columns.add(one.name, one.characters, one.passages, one.pages, one.unread_pages, one.language)
    return Table("documents", columns.lists, {})


def passages_table(passages: Iterable[Passage], personal_data: Callable[[str], Sequence[str]]) -> Table:
    """Passages as a teacher would be shown them."""
    columns = _Columns("place", "id", "characters", "odd_characters", "longest_word", "personal_data")
    for one in passages:
        place = f"{one.document}, page {one.pages[0]}" if one.pages else f"{one.document}, character {one.span[0]}"
        longest = max(map(len, one.text.split()), default=0)
        kinds = ", ".join(personal_data(one.text))
        columns.add(place, one.id, len(one.text), odd_characters(one.text), longest, kinds)
    return Table("passages", columns.lists, {})


def terms_table(terms: Iterable[Term]) -> Table:
    """Glossary entries; `term_key` is what a term is but for marks, spaces and case."""
    columns = _Columns("place", "term_key", "term_characters", "definition_characters", "defines_itself")
    for one in terms:
        place = f"{one.source}{f', sheet {one.sheet}' if one.sheet else ''}, row {one.row}"
        itself = plain(one.definition) in {"", plain(one.term)}
        columns.add(place, plain(one.term), len(one.term), len(one.definition), itself)
    return Table("terms", columns.lists, {})


def rows_table(
    name: str, rows: Placed[Example], personal_data: Callable[[str], Sequence[str]], general_share: float = 0
) -> Table:
    """Instruction rows, each with its place; `letter` is the answer of a 4-choice item, else None.

    The parameter `letters_divergence` is the largest Kullback-Leibler divergence (nats) of the answers' letters from
    equal shares that chance explains: half the critical value of the G-test at p = 0.001, over their number.
    `least_general_share` and `most_general_share` are half a row below and above the asked `general_share`.
    """
    columns = _Columns(
        "place", "id", "family", "is_general", "sources", "instruction_characters", "input_characters",
        "output_characters", "odd_characters", "hangul_share", "letter", "personal_data",
    )  # fmt: skip
    for place, row in rows:
        item = read_item(row)
        texts = (row.instruction, row.input, row.output)
        columns.add(
            place,
            row.id,
            row.recipe.partition(".")[0],
            row.recipe == "general",
            len(row.provenance.sources),
            *map(len, texts),
            sum(map(odd_characters, texts)),
            hangul_share(row.output),
            CHOICE_LETTERS[item.answer] if item else None,
            ", ".join(dict.fromkeys(kind for text in texts for kind in personal_data(text))),
        )
    half_a_row = 0.5 / max(len(columns.lists["place"]), 1)
    bounds = {"least_general_share": general_share - half_a_row, "most_general_share": general_share + half_a_row}
    return Table(name, columns.lists, bounds | {"letters_divergence": _divergence(columns.lists["letter"], 4)})


def questions_table(questions: Placed[Question]) -> Table:
    """Questions of the closed test; `repeated_choices` differ from another by marks, spaces and case at most.

    `letter` is the answer of a question with four choices, `letter_of_five` of one with five, else None.
    """
    columns = _Columns(
        "place", "stem_key", "stem_characters", "letter", "letter_of_five", "repeated_choices", "right_is_longest"
    )  # fmt: skip
    for place, one in questions:
        wrong = [len(choice) for at, choice in enumerate(one.choices) if at != one.answer]
        repeated = len(one.choices) - len({plain(choice) or choice for choice in one.choices})
        letters = [CHOICE_LETTERS[one.answer] if len(one.choices) == size else None for size in (4, 5)]
        longest = len(one.choices[one.answer]) > max(wrong)
        columns.add(place, plain(one.stem), len(one.stem), *letters, repeated, longest)
    divergences = {
        "letters_divergence": _divergence(columns.lists["letter"], 4),
        "letters_of_five_divergence": _divergence(columns.lists["letter_of_five"], 5),
    }
    return Table("testset", columns.lists, divergences)


def odd_characters(text: str) -> int:
    """Characters that a broken text layer or a wrong encoding leaves: U+FFFD, control and private-use ones."""
    return sum(c == "\ufffd" or (unicodedata.category(c) in ("Cc", "Co") and c not in "\n\t\r") for c in text)


def hangul_share(text: str) -> float | None:
    """The share of a text's letters that are Hangul; None where it has no letters."""
    letters = [c for c in text if c.isalpha()]
    return sum("가" <= c <= "힣" for c in letters) / len(letters) if letters else None


def _divergence(letters: Sequence[str | None], choices: int) -> float:
    told = sum(letter is not None for letter in letters)
    return _CRITICAL_G[choices] / (2 * max(told, 1))


class _Columns:
    """Columns that grow row by row."""

    def __init__(self, *names: str) -> None:
        self.lists: dict[str, list[Any]] = {name: [] for name in names}

    def add(self, *values: Any) -> None:
        for column, value in zip(self.lists.values(), values, strict=True):
            column.append(value)
