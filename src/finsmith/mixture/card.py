"""A short dataset card of the training set. Not covered: licences of the user's own inputs, which only they know."""

from collections import Counter
from collections.abc import Mapping, Sequence

from .rows import Row


def dataset_card(rows: Sequence[Row], statistics: Mapping[str, float]) -> str:
    """The card as Markdown with the front matter that dataset hubs read."""
    recipes = "\n".join(f"| {name} | {count} |" for name, count in sorted(Counter(r.recipe for r in rows).items()))
    fraction = statistics["domain_fraction"]
    part = "" if fraction == 1 else f" Its domain rows are a sample of {fraction:.4g} of those of the full mixture."
    return f"""---
language: [ko]
task_categories: [text-generation]
tags: [finance, instruction-tuning]
---
# Training set

{statistics["rows"]:.0f} instruction rows ({statistics["tokens"]:,.0f} tokens of the base model): \
{statistics["domain_rows"]:.0f} domain and {statistics["general_rows"]:.0f} general, a general share of \
{statistics["general_share"]:.2%} by rows and {statistics["general_share_by_tokens"]:.2%} by tokens.{part}

| recipe | rows |
|---|---|
{recipes}

Each row is `recipe`, `instruction`, `input`, `output` and `provenance`: the ids of the passages or terms it comes from
and, where a teacher wrote it, the model, the prompt's sha256 and the key of the paid call. No row resembles a question
of the closed test set by the measures of the stage `leaks`.
"""
