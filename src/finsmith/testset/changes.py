"""What changed between two sets of questions: what is new, what is gone, what stands in the place of another.

Not covered: keeping it; that is in versions.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from finsmith.core.records import Label, Question, Record

from .questions import stem_key

_STEM, _SHOWN = 60, 3  # characters and questions of a message
_COMPARED = 200  # differences among which one looks for like wording


class Noted(Record):
    """A question of a version; `parent` is the candidate it was made from, where it is not the candidate itself."""

    id: str
    stem: str
    parent: Label = ""


class Replaced(Record):
    """A question that stands in the place of another: of the same candidate, or of the same stem."""

    old: str
    new: Noted


def noted(question: Question) -> Noted:
    """The question as a version notes it."""
    return Noted(id=question.id, stem=question.stem, parent=question.parent)


def short(stem: str) -> str:
    """The stem as a message shows it."""
    return stem if len(stem) <= _STEM else f"{stem[: _STEM - 1]}…"


def changes(old: Iterable[Noted], new: Iterable[Noted]) -> tuple[list[Noted], list[Noted], list[Replaced]]:
    """What is new, what is gone, and what stands in the place of what is gone; sorted by stem."""
    before, after = {one.id: one for one in old}, {one.id: one for one in new}
    gone = {id: one for id, one in before.items() if id not in after}
    fresh = {id: one for id, one in after.items() if id not in before}
    replaced = []
    for keys_of in (_origins, _stems):
        by_key = {key: one for one in gone.values() for key in keys_of(one)}
        for one in list(fresh.values()):
            match = next((by_key[key] for key in keys_of(one) if key in by_key and by_key[key].id in gone), None)
            if match:
                replaced.append(Replaced(old=match.id, new=one))
                del gone[match.id], fresh[one.id]
    ordered = [sorted(some.values(), key=lambda one: (one.stem, one.id)) for some in (fresh, gone)]
    return ordered[0], ordered[1], sorted(replaced, key=lambda pair: (pair.new.stem, pair.new.id))


def told(old: Iterable[Noted], new: Iterable[Noted]) -> list[str]:
    """The changes in words, with the first of each; a new and a gone question of like wording count as one changed."""
    added, removed, replaced = changes(old, new)
    changed, added, removed = _alike([pair.new for pair in replaced], added, removed)
    return [_words(name, of) for name, of in (("changed", changed), ("added", added), ("gone", removed)) if of]


def _origins(one: Noted) -> tuple[str, ...]:
    return (one.parent, one.id) if one.parent else (one.id,)


def _stems(one: Noted) -> tuple[str, ...]:
    return (stem_key(one.stem),)


def _alike(
    changed: list[Noted], added: list[Noted], removed: list[Noted]
) -> tuple[list[Noted], list[Noted], list[Noted]]:
    if len(added) > _COMPARED or len(removed) > _COMPARED:
        return changed, added, removed
    gone = {one.stem: one for one in removed}
    fresh = []
    for one in added:
        if like := get_close_matches(one.stem, gone, n=1):
            del gone[like[0]]
            changed = [*changed, one]
        else:
            fresh.append(one)
    return changed, fresh, list(gone.values())


def _words(what: str, of: Sequence[Noted]) -> str:
    shown = ", ".join(f"'{short(one.stem)}'" for one in of[:_SHOWN])
    return f"{len(of)} {what}: {shown}{', …' if len(of) > _SHOWN else ''}"
