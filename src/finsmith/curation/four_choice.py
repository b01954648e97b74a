"""Gates for 4-choice items: what a test-wise reader could exploit, and answers that the passage does not give.

Not covered: whether a teacher can solve it; `judgements` asks that.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from finsmith.core.records import Example
from finsmith.text.four_choice import read_item
from finsmith.text.quantities import foreign_quantities, quantities
from finsmith.text.quoting import numbers, plain, stands_in

from .finding import Context, Finding, Judged
from .novelty import judge_novelty

_ALL_OR_NONE = re.compile(
    r"(?<![가-힣])(?:모두|전부|다) (?:정답|맞[다는음습]|옳|해당(?:[하한함]|된|됨|되|$))|^(?:위의 )?(?:모두|전부)$"
    r"|(?<![가-힣])위의?(?: 보기)? 모두|(?<![가-힣])(?:정답|답|해당)(?:이|은|하는 것|\s?사항|하는 보기)?[이은]? 없"
    r"|\b(?:all|none|both|neither) (?:of )?the above\b|^(?:all|none|both|neither) of (?:these|them)\W*$",
    re.IGNORECASE,
)
_LATIN = re.compile(r"[a-z]+")
_COUNTED = 10  # a bare number under it may stand anywhere
_SHORT = 12  # characters; among others a longer answer of so few is no cue


def is_four_choice(row: Example) -> bool:
    """Whether the row comes from a recipe of 4-choice items."""
    return row.recipe.startswith(("multiple_choice", "glossary_choice"))


def bad_choices(row: Example, context: Context) -> Finding | None:
    """Rejects an item whose choices are not four, not distinct, or give the answer away, or whose answer is not one."""
    item = read_item(row)
    if not item:
        return Finding("no four choices with one answer") if is_four_choice(row) else None
    right = item.choices[item.answer]
    if item.answer_text and plain(item.answer_text) != plain(right):
        return Finding("the answer's letter and text are of two choices", None, f"{right} / {item.answer_text}")
    normal = [_normal(choice) for choice in item.choices]
    for at, choice in enumerate(normal):
        if choice in normal[:at]:
            return Finding("two choices are the same", None, item.choices[at])
    if found := next((choice for choice in item.choices if _ALL_OR_NONE.search(choice)), ""):
        return Finding("a choice is all or none of the others", None, found)
    longest = max(len(choice) for at, choice in enumerate(item.choices) if at != item.answer)
    ratio = len(right) / longest
    if ratio > context.params.four_choice.max_length_ratio and len(right) > _SHORT:
        return Finding("the right choice is by far the longest", round(ratio, 2), right)
    if _tells(item.stem, right) and not any(_tells(item.stem, choice) for choice in item.choices if choice != right):
        return Finding("the question holds its answer", None, right)
    return None


def _tells(stem: str, choice: str) -> bool:
    """Whether a question holds a choice; 13% does not hold 3%, nor does current hold rent."""
    latin = (set(_LATIN.findall(text.lower())) for text in (choice, stem))
    return stands_in(choice, stem) and numbers(choice) <= numbers(stem) and next(latin) <= next(latin)


def _normal(choice: str) -> str:
    """A choice without what makes no difference: spaces, marks, how a number is written."""
    rest, told = unicodedata.normalize("NFKC", choice), []
    for one in quantities(rest):
        rest = rest.replace(one.written, " ")
        told.append(f"{one.value:f}{one.unit}")
    return plain(rest) + "|".join(told)


def answer_not_in_passage(row: Example, context: Context) -> Finding | None:
    """Rejects an item whose answer its passage does not say; one that is worked out from a table may."""
    item = read_item(row)
    if not item or not item.passage.strip() or item.is_worked_out:
        return None
    right = item.choices[item.answer]
    has_figures = any(one.unit or one.value >= _COUNTED for one in quantities(right))
    if foreign_quantities(right, item.passage) if has_figures else not stands_in(right, item.passage):
        return Finding("the answer does not stand in the passage", None, right)
    return None


def similar_stems(rows: Iterable[Example], context: Context) -> Iterator[Judged]:
    """Rejects an item whose question is like an earlier kept one of its task, by ROUGE-L.

    Those without a passage are left alone: questions on terms differ in the term alone.
    """
    rule = context.params.four_choice.stem_novelty
    return judge_novelty(rows, rule, _stem_on_passage, "question")


def _stem_on_passage(row: Example) -> tuple[str]:
    item = read_item(row)
    return (item.stem if item and item.passage.strip() else "",)
