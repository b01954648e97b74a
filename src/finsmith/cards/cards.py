"""The cards as Markdown, with the front matter that the Hub reads; its own classes write and check that.

The only home of huggingface_hub, with hub. Not covered: where the facts come from.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import DatasetCard, DatasetCardData, EvalResult, ModelCard, ModelCardData
from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError

from finsmith.core.errors import SourceError

from .limits import limits
from .params import CardParams

_SOURCES = 50  # in a card; of more the rest is counted
# the Hub's names of sizes, by the first number of rows that is too many. Source: its dataset card specification
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


class _Lacking(StrictUndefined):
    """A fact that is not there: an error in whatever number format it is asked for."""

    def __format__(self, form: str) -> str:
        return str(self)


def dataset_card(facts: Mapping[str, Any], params: CardParams) -> str:
    """The card of the training set.

    Raises:
        SourceError: the run was made by a version that did not count all of it.
    """
    rows = facts["mixture"]["rows"]
    head = DatasetCardData(
        language=list(params.language),
        license=params.data_license,
        pretty_name=params.name,
        task_categories=["text-generation"],
        size_categories=[next((name for bound, name in _SIZES if rows < bound), "n>1M")],
        tags=["finance", "instruction-tuning", *(["synthetic"] if facts["teachers"] else [])],
        configs=[{"config_name": "default", "data_files": "train.jsonl"}],
    )
    text = _render("dataset.md.j2", head, facts, params)
    DatasetCard(text)
    return text


def model_card(facts: Mapping[str, Any], params: CardParams) -> str:
    """The card of the adapter; its accuracies stand in the front matter, too.

    Raises:
        SourceError: the run was made by a version that did not count all of it.
    """
    head = ModelCardData(
        base_model=facts["base"]["on_hub"] or None,
        language=list(params.language),
        library_name="peft",
        license=params.model_license,
        model_name=params.name,
        pipeline_tag="text-generation",
        tags=["finance", "lora"],
        eval_results=list(_results(facts["evaluation"])),
    )
    text = _render("model.md.j2", head, facts, params)
    ModelCard(text)
    return text


def _results(evaluation: Mapping[str, Any]) -> list[EvalResult]:
    """Accuracy on the closed test and on general questions, in percent."""
    tests = (
        ("closed-test", f"closed test, {evaluation['n']} questions with choices", evaluation["adapter"]),
        ("general-test", f"general ability, {evaluation['general']['n']} questions", evaluation["general"]["adapter"]),
    )
    return [
        EvalResult(
            task_type="multiple-choice",
            dataset_type=kind,
            dataset_name=name,
            metric_type="accuracy",
            metric_value=round(100 * score["accuracy"], 2),
        )
        for kind, name, score in tests
    ]


def _render(template: str, head: DatasetCardData | ModelCardData, facts: Mapping[str, Any], params: CardParams) -> str:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=_Lacking,
        autoescape=False,  # Markdown
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters |= {"share": _share, "cell": _cell}
    try:
        return templates.get_template(template).render(
            facts,
            head=head.to_yaml(line_break="\n"),
            card=params,
            limits=limits(facts),
            shown=facts["sources"][:_SOURCES],
            more=len(facts["sources"]) - _SOURCES,
        )
    except (UndefinedError, KeyError) as error:
        raise SourceError(
            f"reports/summary.json: a card wants what it lacks ({error}); another version of the stages made it. Run "
            "`dvc repro report`."
        ) from error


def _share(score: Mapping[str, float]) -> str:
    return f"{score['accuracy']:.1%} [{score['low']:.1%}, {score['high']:.1%}]"


def _cell(text: str) -> str:
    """Text that ends no cell of a table and is no HTML."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
