"""Rows, questions and parameters that the curation tests share."""

from pathlib import Path

import yaml

from finsmith.core.records import Example, Provenance, Question
from finsmith.corpus.privacy import kinds_in
from finsmith.curation.contamination import NearTest, background_of
from finsmith.curation.filters import Funnel, apply_filters
from finsmith.curation.finding import Context
from finsmith.curation.params import DecontaminationParams, FilterParams

ROOT = Path(__file__).parents[2]
_SECTIONS = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
PARAMS = FilterParams.model_validate(_SECTIONS["filter"])  # as delivered
DECONTAMINATION = DecontaminationParams.model_validate(_SECTIONS["leaks"])


def row(instruction: str, output: str, given: str = "", recipe: str = "glossary_qa.definition", source: str = "t1"):
    return Example(
        recipe=recipe, instruction=instruction, input=given, output=output, provenance=Provenance(sources=(source,))
    )


def question(stem: str, *choices: str, answer: int = 0):
    choices = choices or ("가계대출", "기업대출", "예금", "채권")
    return Question(stem=stem, choices=choices, answer=answer, explanation="", source="", evidence="")


def changed(params, **values):
    """The parameters with some of them changed; a dotted key, written with __, changes a nested one."""
    for key, value in values.items():
        outer, _, inner = key.partition("__")
        value = getattr(params, outer).model_copy(update={inner: value}) if inner else value
        params = params.model_copy(update={outer: value})
    return params


def context(
    questions=(),
    background=(),
    texts=None,
    documents=None,
    decontamination=DECONTAMINATION,
    judgements=(),
    general=(),
    **values,
):
    """What filters know: the delivered parameters with some changed, questions, and the texts of sources by id."""
    texts, documents = texts or {}, documents or {}
    near = NearTest(
        questions,
        background_of(background),
        decontamination,
        lambda id: texts.get(id, ""),
        lambda id: documents.get(id, ""),
        general,
    )
    judged = {(one.example_id, one.kind): one for one in judgements}
    return Context(changed(PARAMS, **values), near.judge, lambda text: len(text.split()), kinds_in, judged)


CONTEXT = context()


def apply(rows, known=CONTEXT):
    """Kept rows, rejects, flags and counts of the rows passed through the filters."""
    rejected, flagged, funnel = [], [], Funnel()
    kept = list(apply_filters(rows, known, funnel, rejected.append, flagged.append))
    return kept, rejected, flagged, funnel
