"""The audit of a small project: all is well, and each fault that is planted is found by the check for it."""

import json

import pytest

from finsmith.core.errors import LineageError
from finsmith.core.io import read_json, write_json
from finsmith.lineage.checks import CHECKS, Case, audit, refuse_failed
from finsmith.lineage.project import INDEX, Project
from finsmith.lineage.walk import Index

from .projects import ASKED, KEYS, ROWS, example, lock, make_index, make_project

PARTS = {"letter": {"base": {"accuracy": 0.5}, "adapter": {"accuracy": 0.9}, "mcnemar_p": 1.0}}


def verdicts(root, unfinished=frozenset()):
    with Index(root / INDEX) as index:
        return {one.check: one for one in audit(Case(index, Project(root), unfinished))}


def test_a_sound_project_passes_every_check(made):
    """None is left out."""
    found = verdicts(made)
    assert list(found) == list(CHECKS) and all(one.passed for one in found.values())
    refuse_failed(found.values(), made / "audit.json")


def drop_lines(root, path, *starts):
    """Takes the lines out that hold one of the texts."""
    file = root / path
    lines = file.read_text("utf-8").splitlines(keepends=True)
    left = [line for line in lines if not any(start in line for start in starts)]
    assert len(left) < len(lines)
    file.write_text("".join(left), "utf-8")


def add_line(root, path, record):
    with (root / path).open("a", encoding="utf-8") as lines:
        lines.write(record.model_dump_json() + "\n")


def set_metric(root, stage, **values):
    path = root / f"reports/metrics/{stage}.json"
    write_json(path, read_json(path) | values)


def set_run(root, **values):
    write_json(root / "models/run.json", read_json(root / "models/run.json") | values)


def freeze(root, number, digest):
    """Notes a version of the test beside its questions."""
    write_json(root / "versions.json", [{"number": number, "digest": digest}])


LOST = example("summary.short", "출처 없는 요약", ("0123456789abcdef",))
ROOTLESS = example("summary.short", "아무 데서도 오지 않은 요약", ())
UNJUDGED = example("summary.short", "아무도 거르지 않은 요약", ROWS[0].provenance.sources)
FAULTS = {
    "a test of which another digest was told": ("version", lambda root: set_metric(root, "testset", digest="1" * 64)),
    "a test that was frozen since": (
        "version",
        lambda root: freeze(root, 1, read_json(root / "reports/metrics/testset.json")["digest"]),
    ),
    "a version of other questions": ("version", lambda root: freeze(root, 0, "2" * 64)),
    "a row whose passage is nowhere": ("ids", lambda root: add_line(root, "data/candidates/summary.jsonl", LOST)),
    "a mark on a row that is nowhere": (
        "ids",
        lambda root: (root / "data/filtered/flagged.jsonl").write_text('{"example_id": "0123456789abcdef"}\n'),
    ),
    "a passage that was taken out": ("ids", lambda root: drop_lines(root, "data/corpus/passages.jsonl", "3억원")),
    "a training row from nothing": ("origins", lambda root: add_line(root, "data/mixed/train.jsonl", ROOTLESS)),
    "a call that no ledger has": ("calls", lambda root: drop_lines(root, "data/calls/ledger.jsonl", KEYS[1])),
    "a hosted model's call that no ledger has": (
        "calls",
        lambda root: drop_lines(root, "data/evaluation/ledger.jsonl", ASKED),
    ),
    "a hosted model that was not paid so": (
        "calls",
        lambda root: set_metric(root, "evaluate", accounts={"usd_total": 0.5}),
    ),
    "a ledger that was not paid so": ("calls", lambda root: set_metric(root, "judge", usd_total=0.1)),
    "a candidate that vanished": ("counts", lambda root: add_line(root, "data/candidates/summary.jsonl", UNJUDGED)),
    "rows kept that are not counted": ("counts", lambda root: set_metric(root, "filter", kept=6)),
    "a mixture of other shares": ("counts", lambda root: set_metric(root, "mix", domain_rows=3, general_rows=3)),
    "a training row that no filter kept": ("counts", lambda root: add_line(root, "data/mixed/train.jsonl", UNJUDGED)),
    "a leak": ("test", lambda root: set_metric(root, "leaks", leaks=1)),
    "rows added behind the look for leaks": ("test", lambda root: add_line(root, "data/mixed/train.jsonl", UNJUDGED)),
    "a run on fewer rows": ("adapter", lambda root: set_run(root, rows=5)),
    "an accuracy that was not measured": ("accuracy", lambda root: set_metric(root, "evaluate", **PARTS)),
    "predictions that are gone": ("accuracy", lambda root: drop_lines(root, "data/predictions.jsonl", "adapter")),
    "metrics that are gone": ("accuracy", lambda root: (root / "reports/metrics/evaluate.json").unlink()),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_is_found(tmp_path, fault):
    """By its check, even where index and dvc.lock were made anew after it; the audit then fails and says what."""
    check, plant = FAULTS[fault]
    root = make_project(tmp_path)
    plant(root)
    make_index(root)
    lock(root)
    found = verdicts(root)
    assert not found[check].passed and found[check].faults
    with pytest.raises(LineageError, match="checks of the audit failed"):
        refuse_failed(found.values(), root / "audit.json")


def test_a_file_changed_behind_dvc_is_found(tmp_path):
    """By its hash alone; a stage that has not run yet is not asked for."""
    root = make_project(tmp_path)
    (root / "models/adapter/adapter_config.json").write_text('{"r": 16}')
    assert [name for name, one in verdicts(root).items() if not one.passed] == ["files"]
    others = frozenset({"train", "evaluate", "answers"})
    assert all(one.passed for one in verdicts(root, others).values())


@pytest.mark.parametrize(
    ("stage", "path", "said"),
    [
        ("train", "data/mixed", "trained on another data/mixed"),
        ("evaluate", "models/adapter", "`evaluate` looked at another adapter"),
        ("answers", "models/adapter", "`answers` looked at another adapter"),
    ],
)
def test_an_adapter_of_another_set_is_found(tmp_path, stage, path, said):
    """Where dvc.lock says that the training, or the test, had another input than what stands there."""
    root = make_project(tmp_path)
    text = (root / "dvc.lock").read_text()
    import yaml

    content = yaml.safe_load(text)
    [dep] = [one for one in content["stages"][stage]["deps"] if one["path"] == path]
    dep["md5"] = "0" * 32
    (root / "dvc.lock").write_text(json.dumps(content))
    assert said in verdicts(root)["adapter"].faults[0]


def test_many_faults_are_counted_and_the_first_shown(tmp_path):
    """Twenty of them."""
    root = make_project(tmp_path)
    for at in range(29):
        add_line(root, "data/candidates/summary.jsonl", example("summary.short", f"{at}", (f"none-{at}",)))
    make_index(root)
    found = verdicts(root)["ids"]
    assert (found.count, len(found.faults)) == (29, 20)
