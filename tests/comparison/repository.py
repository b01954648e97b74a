"""A real git and DVC repository with a small pipeline in place of ours: its model knows a range of the questions."""

import subprocess
import sys
from pathlib import Path

from finsmith.core.io import write_jsonl
from finsmith.core.records import Question

_STAGE = """
import json, pathlib, sys, yaml

params = yaml.safe_load(pathlib.Path("params.yaml").read_text("utf-8"))
test, model, report = params["test"], params["model"], params["report"]
tested, adapter = pathlib.Path("data/testset/questions.jsonl"), pathlib.Path("models/adapter")
for folder in ("data/testset", "models", "reports/metrics"):
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
if sys.argv[1] == "testset":
    lines = pathlib.Path("questions.jsonl").read_text("utf-8").splitlines(keepends=True)
    tested.write_text("".join(lines[test["leave_out"]:]), "utf-8")
if sys.argv[1] == "train":
    adapter.write_text(json.dumps(model))
if sys.argv[1] == "evaluate":
    questions = [json.loads(line) for line in tested.read_text("utf-8").splitlines()]
    known = [at >= model["first"] and at < model["first"] + model["right"] for at in range(len(questions))]
    general = {"question_id": "general", "shift": 0, "choices": 4, "answer": 0, "predicted": 1}
    with open("data/predictions.jsonl", "w") as out:
        for name, right in (("base", [False] * len(known)), ("adapter", known)):
            of_model = {"evaluator": "letter", "model": name}
            for question, knows in zip(questions, right):
                answer = question["answer"]
                one = {"question_id": question["id"], "shift": 0, "choices": 4, "answer": answer}
                out.write(json.dumps(one | of_model | {"predicted": answer if knows else (answer + 1) % 4}) + "\\n")
            out.write(json.dumps(general | of_model) + "\\n")
    share = round(sum(known) / len(known), 4)
    scores = {"base": {"accuracy": 0.0, "low": 0.0, "high": 0.2}, "mcnemar_p": 0.01}
    scores["adapter"] = {"accuracy": share, "low": share - 0.1, "high": share + 0.1}
    metrics = {"headline": "letter", "letter": scores, "n": len(known), "forgetting": {"points": 1.5}}
    pathlib.Path("reports/metrics/evaluate.json").write_text(json.dumps(metrics))
if sys.argv[1] == "report":
    hours, calls = json.loads(adapter.read_text())["hours"], 1.25
    device_usd = hours * report["device_usd_per_hour"]
    costs = {"openai_usd_new": 0, "openai_usd_total": calls, "openai_usd_at_reference_price": calls}
    costs |= {"device_hours": hours, "gpu_hours": hours, "device_usd": device_usd, "total_usd": calls + device_usd}
    pathlib.Path("reports/summary.json").write_text(json.dumps({"costs": costs | {"p4d_equivalent_usd": 4.1 * hours}}))
"""
_PIPELINE = """
stages:
  testset:
    cmd: python stage.py testset
    params: [test]
    outs: [data/testset]
  train:
    cmd: python stage.py train
    params: [model]
    outs: [models/adapter]
  evaluate:
    cmd: python stage.py evaluate
    deps: [data/testset, models/adapter]
    outs: [data/predictions.jsonl]
    metrics: [reports/metrics/evaluate.json: {cache: false}]
  report:
    cmd: python stage.py report
    deps: [models/adapter]
    params: [report]
    metrics: [reports/summary.json: {cache: false}]
"""
_PARAMS = """
test: {leave_out: 0}
model: {first: 0, right: 8, hours: 1}
report: {device_usd_per_hour: 2.0}
"""
_CHOICES = ("가", "나", "다", "라")
QUESTIONS = [
    Question(stem=f"{at}번 물음은?", choices=_CHOICES, answer=at % 4, explanation="", source="", evidence="")
    for at in range(20)
]


def git(root: Path, *arguments: str) -> str:
    """Git's answer."""
    return subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def dvc(root: Path, *arguments: str) -> None:
    """DVC's command."""
    command = (sys.executable, "-m", "dvc", *arguments, "--quiet")
    subprocess.run(command, cwd=root, check=True, capture_output=True)


def make_repository(root: Path) -> Path:
    """The tag `begun` without a result, and a commit whose model knows questions 0 to 7 of 20.

    Experiment `더_많이` knows 4 to 17 and takes three hours, `less-asked` is not asked the first two.
    """
    root.mkdir(parents=True)
    (root / "stage.py").write_text(_STAGE, "utf-8")
    (root / "dvc.yaml").write_text(_PIPELINE, "utf-8")
    (root / "params.yaml").write_text(_PARAMS, "utf-8")
    (root / ".gitignore").write_text("/data\n/models\n/reports/compare\n", "utf-8")
    write_jsonl(root / "questions.jsonl", QUESTIONS)
    git(root, "init", "--quiet")
    git(root, "config", "user.email", "test@example.org")
    git(root, "config", "user.name", "test")
    dvc(root, "init")
    (root / ".dvc/config").write_text("[core]\n    analytics = false\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "begun")
    git(root, "tag", "begun")
    dvc(root, "repro")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "made")
    more = ("-S", "model.first=4", "-S", "model.right=14", "-S", "model.hours=3")
    dvc(root, "exp", "run", "--temp", "--name", "더_많이", *more)
    dvc(root, "exp", "run", "--temp", "--name", "less-asked", "-S", "test.leave_out=2")
    return root
