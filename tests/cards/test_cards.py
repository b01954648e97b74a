"""The cards of a run made by hand: what they say, that it is in the facts, and when none is written."""

import copy
import json
import re
import subprocess

import pytest
from huggingface_hub import DatasetCard, ModelCard

from finsmith.cards.cards import dataset_card, model_card
from finsmith.cards.facts import facts
from finsmith.cards.limits import limits
from finsmith.cards.params import CardParams
from finsmith.core.errors import LineageError, SourceError

from ..reporting.metrics import METRICS
from .run import PASSAGE, SECTION, make_run

PARAMS = CardParams(**SECTION)
_NUMBER = re.compile(r"(?<![\w.`-])[+-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e-\d+)?(?![\w`])")


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path)


def forms(value):
    """The ways in which a card may write the numbers of a fact, and those in its texts."""
    if isinstance(value, dict):
        return {form for name, one in value.items() for form in forms(one) | forms(name)}
    if isinstance(value, (list, tuple)):
        return {form for one in value for form in forms(one)}
    if isinstance(value, str):
        return set(_NUMBER.findall(value))
    if value is None or isinstance(value, bool):
        return set()
    told = {f"{value}", f"{value:,}", f"{value:.2g}", f"{round(100 * value, 2)}"}
    return told | {f"{factor * value:.{digits}f}" for factor in (1, 100) for digits in range(5)}


@pytest.mark.parametrize("card", [model_card, dataset_card])
def test_every_number_is_in_the_facts(run, card):
    """But for the level of the intervals and the difference of two accuracies that stand in the facts."""
    found = facts(run)
    evaluation = found["evaluation"]
    gain = f"{100 * (evaluation['adapter']['accuracy'] - evaluation['base']['accuracy']):+.1f}"
    text = card(found, PARAMS)
    numbers = set(_NUMBER.findall(text.replace(PASSAGE.document_sha256, "")))
    assert len(numbers) > 10
    assert numbers - forms(found) - {"95", gain} == set()


@pytest.mark.parametrize("card", [model_card, dataset_card])
def test_what_changes_in_the_facts_changes_in_the_card(run, card):
    """Rows, candidates, costs and accuracy are nowhere written into the template."""
    found = facts(run)
    other = copy.deepcopy(found)
    other["mixture"]["domain_rows"] = 8_765
    other["costs"]["openai_usd_total"] = 98.7654
    other["recipes"] = [("summary.short", 4_321)]
    text = card(other, PARAMS)
    assert "8,765" in text and "98.7654" in text and "| summary.short | 4,321 |" in text
    assert "8,765" not in card(found, PARAMS)


def test_the_hub_reads_the_model_card(run):
    """Its own class finds base, licence, language and both accuracies in percent."""
    data = ModelCard(model_card(facts(run), PARAMS)).data
    assert (data.base_model, data.license, data.language) == ("google/gemma-3-270m", "gemma", ["ko"])
    assert (data.library_name, data.pipeline_tag, data.model_name) == ("peft", "text-generation", "우리 모델")
    assert [(one.dataset_type, one.metric_value) for one in data.eval_results] == [
        ("closed-test", 62.5),
        ("general-test", 27.5),
    ]


def test_the_hub_reads_the_dataset_card(run):
    """Licence, size, and which file holds the rows; a teacher makes it synthetic."""
    data = DatasetCard(dataset_card(facts(run), PARAMS)).data
    assert (data.license, data.size_categories, data.pretty_name) == ("other", ["n<1K"], "우리 모델")
    assert data.configs == [{"config_name": "default", "data_files": "train.jsonl"}]
    assert "synthetic" in data.tags


@pytest.mark.parametrize("card", [model_card, dataset_card])
def test_rows_are_told_by_recipe_and_by_source(run, card):
    """Documents with their sha256; a name that would end a table's cell is marked; general rows have no source."""
    text = card(facts(run), PARAMS)
    assert "| glossary_qa.definition | 2 |" in text and "| summary.short | 3 |" in text
    assert f"| 여신\\|규정.pdf | {'ab' * 32} | 3 |" in text
    assert "| 용어.csv | – | 2 |" in text
    assert "ai@example.org" in text


def test_hashes_and_commit_are_those_of_git_and_dvc(run):
    """A dvc.lock that differs from the commit's is said to."""
    found = facts(run)
    head = subprocess.run(("git", "rev-parse", "HEAD"), cwd=run, capture_output=True, text=True, check=True).stdout
    assert found["commit"] == head.strip() and found["committed"]
    assert set(found["hashes"]) == {"data/mixed", "models/adapter"}
    text = model_card(found, PARAMS)
    assert all(f"| {path} | `{md5}` |" in text for path, md5 in found["hashes"].items())
    (run / "dvc.lock").write_text((run / "dvc.lock").read_text("utf-8") + "\n", "utf-8")
    assert "with changes that are not in it" in model_card(facts(run), PARAMS)


def test_a_base_in_a_folder_is_told_by_name_alone(tmp_path):
    """No path of the machine, and no link to the Hub."""
    found = facts(make_run(tmp_path, base="/models/my-base"))
    text = model_card(found, PARAMS)
    assert "/models" not in text and "my-base" in text and ModelCard(text).data.base_model is None


def test_a_base_of_the_hub_is_linked(tmp_path):
    """By its id."""
    text = model_card(facts(make_run(tmp_path, base="Qwen/Qwen3-0.6B")), PARAMS)
    assert ModelCard(text).data.base_model == "Qwen/Qwen3-0.6B"


@pytest.mark.parametrize("path", ["data/mixed/train.jsonl", "models/adapter/adapter_model.safetensors"])
def test_what_is_not_of_the_run_gets_no_card(run, path):
    """A row or a weight that changed since is not what the figures are about."""
    with (run / path).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(LineageError, match=r"not the folder that dvc.lock names.*dvc repro"):
        facts(run)


def test_a_summary_that_was_edited_gets_no_card(run):
    """A better accuracy by hand."""
    path = run / "reports/summary.json"
    content = json.loads(path.read_text())
    content["evaluation"]["adapter"]["accuracy"] = 0.99
    path.write_text(json.dumps(content))
    with pytest.raises(LineageError, match=r"summary.json: not the file that its dvc.lock names"):
        facts(run)


def test_without_a_run_it_is_said(tmp_path):
    """The missing file and the way to it."""
    with pytest.raises(SourceError, match=r"summary.json: not found.*dvc repro"):
        facts(tmp_path)


@pytest.mark.parametrize("card", [model_card, dataset_card])
def test_a_run_of_another_version_is_a_sentence(run, card):
    """What the summary did not count is named."""
    found = facts(run) | {"mixture": {"rows": 1, "tokens": 1}}
    with pytest.raises(SourceError, match=r"a card wants what it lacks.*domain_rows.*dvc repro report"):
        card(found, PARAMS)


def said(run, **changed):
    """The limits of the run with another evaluation."""
    found = copy.deepcopy(facts(run))
    for path, value in changed.items():
        *above, last = path.split("__")
        place = found
        for name in above:
            place = place[name]
        place[last] = value
    return " ".join(limits(found))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"evaluation__mcnemar_p": 0.2}, "The change of +37.5 points on the closed test may be chance (p = 0.2)."),
        ({"evaluation__mcnemar_p": 0.004}, "is more than chance (p = 0.004), for this one training."),
        ({"evaluation__adapter__low": 0.2}, "The accuracy's interval holds that of guessing, 25%."),
        ({"evaluation__detectable_difference": None}, "8 questions are too few to show any difference"),
        ({"evaluation__forgetting__mcnemar_p": 0.01}, "It has lost 22.5 points of general ability, more than chance"),
        ({"evaluation__forgetting__mcnemar_p": 0.3}, "general ability, which may be chance (p = 0.3)."),
        (
            {"quality__judged": 0, "review__accepted": 0, "review__edited": 0},
            "No row of the training set was judged by a person.",
        ),
    ],
)
def test_limits_follow_from_the_figures(run, changed, says):
    """Each is said where the figures are so."""
    assert says in said(run, **changed)


def test_what_people_decided_is_no_row_without_a_person(run):
    """Accepted rows were looked at, also where nobody judged the sample; the data set's card counts them."""
    assert "judged by a person" not in said(run, quality__judged=0)
    assert "people accepted 2, edited 1 and rejected 1; 3 wait for a decision" in dataset_card(facts(run), PARAMS)


def test_limits_that_do_not_hold_are_not_said(run):
    """An interval above guessing, nothing lost, rows that people have judged."""
    text = said(run, evaluation__adapter__low=0.4, evaluation__forgetting__points=-1.0, quality__judged=20)
    assert not any(words in text for words in ("guessing", "has lost", "judged by a person"))
    assert METRICS["evaluate"]["baseline"] == 0.25
