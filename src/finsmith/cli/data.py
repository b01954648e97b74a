"""Commands about the data: documents, glossaries, passages, rejected rows, what `generate` would ask.

Not covered: what comes from what; that is in lineage.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from finsmith.core.errors import SourceError
from finsmith.core.io import read_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import DocumentCounts, Passage, SourceReject, Term

from .places import CORPUS, PICTURES, documents_folder

if TYPE_CHECKING:
    from finsmith.generation.material import Material


def corpus() -> None:
    """Shows what each document gave, what could not be read, and what the corpus can bear."""
    from finsmith.corpus.ingest import corpus_statistics
    from finsmith.generation.generate import capacity
    from finsmith.reporting.corpus import print_corpus

    counts = list(read_jsonl(CORPUS / "counts.jsonl", DocumentCounts))
    material = _material()
    rejects = list(read_jsonl(CORPUS / "rejects.jsonl", SourceReject))
    statistics = corpus_statistics(counts, len(material.terms), len(rejects))
    print_corpus(counts, rejects, statistics["corpora_for"], capacity(material))


def show(kind: str, record_id: str) -> None:
    """Shows a record by its id: `show passage ID` prints the text and draws its place on the pages as PNG."""
    from finsmith.corpus.pdf.highlight import passage_pictures

    if kind != "passage":
        raise SourceError(f"{kind!r} cannot be shown; it must be: passage.")
    path = CORPUS / "passages.jsonl"
    if not path.exists():
        raise SourceError(f"{path}: not found. It is written by the pipeline: run `dvc repro ingest`.")
    passage = next((one for one in read_jsonl(path, Passage) if one.id == record_id), None)
    if not passage:
        raise SourceError(f"{path}: no passage {record_id}. Rows name theirs under `provenance.sources`.")
    print(" > ".join((passage.document, *passage.headings)))
    print(f"\n{passage.text}\n")
    for picture in passage_pictures(passage, documents_folder(), PICTURES):
        print(picture)


def rejects(filter: str = "", example: str = "") -> None:
    """Shows what the filters rejected or marked: all, the rows of one filter, or one row with what it clashed with."""
    from finsmith.reporting.rejects import of_example, of_filter, overview

    folder = Path("data/filtered")
    lines = of_example(folder, example) if example else of_filter(folder, filter) if filter else overview(folder)
    print("\n".join(lines))


def estimate() -> None:
    """Says what `generate` would ask for now, without asking: calls, tokens, USD, minutes and rows by recipe."""
    from finsmith.generation.estimate import estimate as estimate_recipes
    from finsmith.generation.estimate import estimate_table
    from finsmith.teacher.teacher import open_teachers

    material = _material()
    params = material.params
    with open_teachers(params.all_teachers, params.prices, params.budget, "generate") as teachers:
        estimates = estimate_recipes(material, teachers.rates())
    total = sum(one.usd for one in estimates.values())
    print("\n".join(estimate_table(estimates)))
    print(f"{total:.4f} USD in all where nothing is stored; the stage may spend {params.budget.stage_usd:.2f} USD")


def _material() -> "Material":
    """What `generate` would work on now; tokens of clues are not counted before there are clues."""
    from finsmith.generation.material import Material
    from finsmith.generation.params import GenerateParams

    passages, terms = read_jsonl(CORPUS / "passages.jsonl", Passage), read_jsonl(CORPUS / "terms.jsonl", Term)
    return Material(list(passages), list(terms), load_params(GenerateParams), count_tokens=len)
