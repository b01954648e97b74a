"""A few rows of each recipe with all they come from.

Not covered: the pictures of their pages.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from finsmith.core.io import read_jsonl
from finsmith.core.params import Section
from finsmith.core.records import Example

from .project import Project
from .trace import Node, trace
from .walk import Index


class SamplesParams(Section):
    """The section `samples`."""

    section: ClassVar[str] = "samples"
    rows: Annotated[int, Field(ge=0)]
    pages: Annotated[int, Field(ge=0)]
    wrong_answers: Annotated[int, Field(ge=0)]


def sample_trees(kept: Path, index: Path, project: Project, rows: int) -> list[Node]:
    """The trees above the first so many rows of each recipe in the file of rows that were kept."""
    seen: Counter[str] = Counter()
    wanted = []
    for example in read_jsonl(kept, Example):
        seen[example.recipe] += 1
        if seen[example.recipe] <= rows:
            wanted.append(example.id)
    with Index(index) as opened:
        return [trace(one, opened, project) for one in wanted]
