"""A real git and DVC repository whose one stage takes the place of the pipeline: it writes metrics and predictions.

A quarter of the data fails; all of it waits as long as a file lies beside the repository, so that it can be killed.
"""

import subprocess
import sys
from pathlib import Path

_STAGE = """
import json, pathlib, sys, time, yaml

params = yaml.safe_load(pathlib.Path("params.yaml").read_text())
fraction, beside = params["mix"]["domain_fraction"], pathlib.Path(BESIDE)
with (beside / "begun.txt").open("a") as begun:
    begun.write(f"{fraction}\\n")
while fraction == 1 and (beside / "hold").exists():
    time.sleep(0.1)
if fraction == 0.25:
    sys.exit("\\nfinsmith: a quarter is not enough")
right = round(40 + 40 * fraction)  # of 100 questions
metrics = {
    "mix": {"domain_rows": round(240 * fraction), "general_rows": round(240 * fraction), "tokens": 100},
    "train": {"device": "cpu", "device_hours": 0.1 * fraction},
    "evaluate": {"headline": "letter", "letter": {
        "base": {"accuracy": 0.3, "low": 0.2, "high": 0.4},
        "adapter": {"accuracy": right / 100, "low": right / 100 - 0.1, "high": right / 100 + 0.1}}},
    "filter": {"kept": 300, "kept_by_recipe": {"general": 60, "summary": 240}},
    "generate": {"usd_total": 2.0, "usd_at_reference_price": 2.0},
    "judge": {"usd_total": 0.4, "usd_at_reference_price": 0.4},
}
for name, content in metrics.items():
    pathlib.Path("reports/metrics").mkdir(parents=True, exist_ok=True)
    pathlib.Path(f"reports/metrics/{name}.json").write_text(json.dumps(content))
pathlib.Path("data/testset").mkdir(parents=True, exist_ok=True)
with open("data/testset/questions.jsonl", "w") as lines:
    lines.writelines(json.dumps({"id": f"{at:03}"}) + "\\n" for at in range(100))
with open("data/predictions.jsonl", "w") as lines:
    for model, count in (("base", 30), ("adapter", right)):
        for at in range(100):
            one = {"question_id": f"{at:03}", "evaluator": "letter", "model": model, "answer": 1}
            lines.write(json.dumps(one | {"predicted": int(at < count)}) + "\\n")
            general = {"question_id": f"general-{at}", "predicted": 0}
            lines.write(json.dumps(one | general) + "\\n")
"""
_PIPELINE = """
stages:
  report:
    cmd: python stage.py
    deps: [stage.py]
    params: [mix, train, evaluate]
    outs: [data/predictions.jsonl, data/testset]
    metrics:
"""
_METRICS = ("mix", "train", "evaluate", "filter", "generate", "judge")
_PARAMS = """
mix: {domain_fraction: 1.0, general_share: 0.5, max_rows: 0, max_tokens: 0, pairs_from: [], seed: 3}
train: {seed: 1}
evaluate: {permutations: true}
answers: {ask: [rag, open]}
report: {p4d_usd_per_hour: 32.0, p4d_gpus: 8, device_usd_per_hour: {cpu: 0.0}, reviewer_usd_per_hour: 0,
  trace_calls: 0}
"""


def git(folder: Path, *arguments: str) -> str:
    """Git's answer in a folder."""
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def make_repository(folder: Path) -> Path:
    """The repository, committed, in `folder / "repository"`; `hold` and `begun.txt` lie beside it."""
    root = folder / "repository"
    root.mkdir(parents=True)
    (root / "stage.py").write_text(_STAGE.replace("BESIDE", repr(str(folder))))
    metrics = "".join(f"    - reports/metrics/{name}.json: {{cache: false}}\n" for name in _METRICS)
    (root / "dvc.yaml").write_text(_PIPELINE + metrics)
    (root / "params.yaml").write_text(_PARAMS)
    (root / ".gitignore").write_text("/data\n/reports/scaling\n")
    git(root, "init", "--quiet")
    git(root, "config", "user.email", "test@example.org")
    git(root, "config", "user.name", "test")
    for arguments in (("init", "--quiet"), ("config", "core.analytics", "false")):
        subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=root, check=True)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "begun")
    return root
