"""What recipes work on: the corpus, the passages drawn from it, and views of it that are made once.

Not covered: reading it; the stage does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from finsmith.core.ids import content_id
from finsmith.core.records import Example, Passage, SourceReject, Term
from finsmith.text.quoting import plain

from .focus import has_calculation, says_enough
from .injection import instructions_to_model
from .nearby import MeaningIndex, TextIndex, fused
from .params import GenerateParams


@dataclass
class Material:
    """Passages and terms of the corpus; `count_tokens` counts the base model's. `rows` are examples made before."""

    passages: Sequence[Passage]
    terms: Sequence[Term]
    params: GenerateParams
    count_tokens: Callable[[str], int]
    rows: list[Example] = field(default_factory=list)

    @cached_property
    def set_aside(self) -> list[SourceReject]:
        """The passages that speak to the model that reads them; no teacher is asked about them."""
        return [reject for _, reject in self._judged if reject]

    @cached_property
    def usable(self) -> list[Passage]:
        """The passages to ask about: long enough, surely read where OCR read them, and free of instructions."""
        return [passage for passage, reject in self._judged if not reject]

    @cached_property
    def _judged(self) -> list[tuple[Passage, SourceReject | None]]:
        params = self.params
        readable = (
            p
            for p in self.passages
            if p.tokens >= params.min_passage_tokens
            and (p.ocr_confidence is None or p.ocr_confidence >= params.min_ocr_confidence)
        )
        return [(p, _reject(p)) for p in readable]

    @cached_property
    def telling(self) -> list[Passage]:
        """The usable passages that say enough to be written about."""
        return [p for p in self.usable if says_enough(p.text)]

    @cached_property
    def askable(self) -> list[Passage]:
        """The telling passages, and where calculations are asked for those with a table to calculate from."""
        params = self.params
        tables = "multiple_choice" in params.recipes and "calculation" in params.multiple_choice.kinds
        told = {p.id for p in self.telling}
        return [p for p in self.usable if p.id in told or (tables and has_calculation(p.text))]

    @cached_property
    def chosen(self) -> list[Passage]:
        """A seeded sample of the askable passages; `max_passages` 0 takes all, in order.

        A passage's place in the draw depends on its own text alone, so that a new document changes the sample only
        where it enters it, and what was paid for the others stays of use.
        """
        most = self.params.max_passages or len(self.askable)
        return [p for p in self.askable if self.places[p.id] < most]

    @cached_property
    def places(self) -> dict[str, int]:
        """Each askable passage's place in the draw, by its id; recipes that want fewer passages take the first."""
        drawn = sorted(self.askable, key=lambda p: content_id([self.params.seed, p.text]))
        return {passage.id: place for place, passage in enumerate(drawn)}

    @cached_property
    def sections(self) -> dict[str, list[Passage]]:
        """The usable passages of each section of two and more, by the id of the first: those under one heading."""
        groups = (list(g) for key, g in groupby(self.usable, key=lambda p: (p.document, p.headings[:1])) if key[1])
        return {group[0].id: group for group in groups if len(group) > 1}

    @cached_property
    def plain_text(self) -> str:
        """All passages, as `quoting.plain` writes them, for a search of words."""
        return "\n".join(plain(passage.text) for passage in self.passages)

    @cached_property
    def _indexes(self) -> list[TextIndex | MeaningIndex]:
        texts = [f"{' '.join(p.headings)}\n{p.text}" for p in self.usable]
        model = self.params.rag.embedding_model
        return [TextIndex(texts), *([MeaningIndex(texts, model)] if model else [])]

    def nearest(self, question: str, count: int) -> list[Passage]:
        """Up to `count` usable passages nearest to the question, headings counted: those that share words with it,
        and where an embedding model is named, those near in meaning as well."""
        rankings = [index.nearest(question, len(self.usable)) for index in self._indexes]
        return [self.usable[at] for at in fused(rankings, count)]


def _reject(passage: Passage) -> SourceReject | None:
    found = instructions_to_model(f"{' '.join(passage.headings)}\n{passage.text}")
    if not found:
        return None
    place = f"page {passage.pages[0]}" if passage.pages else f"character {passage.span[0]}"
    return SourceReject(
        source=passage.document, place=place, reason=f"speaks to the model: {found}", text=passage.text[:500]
    )
