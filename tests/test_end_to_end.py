"""The whole pipeline with live models on a tiny profile, in a clone, as a DVC and MLflow user drives it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from finsmith.core.embedded_models import EMBEDDED_MODELS, embedded_model

ROOT = Path(__file__).parents[1]
PROFILE = {
    "ingest.max_documents": 1,
    "generate.max_passages": 1,
    "generate.glossary_qa.max_terms": 20,
    "generate.glossary_choice.max_items": 4,
    "mix.max_rows": 40,
    "train.epochs": 1,
    "train.log_every_steps": 1,
    "answers.max_tokens.rag": 8,
    "answers.max_tokens.open": 16,
}
SUMMARY = {
    "corpus": {"documents", "pages", "characters", "tokens"},
    "funnel": {"candidates", "kept", "rejected"},
    "mixture": {"rows", "general_share"},
    "evaluation": {"n", "headline", "base", "adapter", "mcnemar_p"},
    "answers": {"rag", "open"},
    "costs": {"openai_usd_new", "openai_usd_total", "gpu_hours", "device_hours", "p4d_equivalent_usd"},
}
pytestmark = pytest.mark.slow


class Clone:
    """A clone of this repository with a state folder of its own, in which only the fetched models are shared."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repo"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(self.root)], check=True)
        (self.root / ".finsmith" / "models").mkdir(parents=True)
        for name in EMBEDDED_MODELS:
            gguf = embedded_model(name)
            for file in (gguf, gguf.with_suffix(".sha256")):
                (self.root / ".finsmith" / "models" / file.name).symlink_to(file)
        settings = PROFILE | {
            "testset.source": self.first_lines("data/raw/testset/questions.jsonl", 12, folder / "questions"),
            "testset.general": self.first_lines("data/raw/general_testset/questions.jsonl", 12, folder / "general"),
            "answers.source": self.first_lines("data/raw/answers/open.jsonl", 2, folder / "answers"),
        }
        self.first_lines("data/raw/answers/rag.jsonl", 4, folder / "answers")
        self.profile = [word for key, value in settings.items() for word in ("-S", f"{key}={value}")]
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW", "FINSMITH", "DVC"))}
        self._environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.run("git", "config", "user.name", "finsmith")
        self.run("git", "config", "user.email", "finsmith@example.org")

    def first_lines(self, path: str, count: int, folder: Path) -> Path:
        """The folder, with the first lines of a file of the clone."""
        lines = (self.root / path).read_text("utf-8").splitlines(keepends=True)
        folder.mkdir(exist_ok=True)
        (folder / Path(path).name).write_text("".join(lines[:count]), "utf-8")
        return folder

    def run(self, *command: str) -> str:
        """The command's output; a failing command fails the test with all it said."""
        done = subprocess.run(
            command, cwd=self.root, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def json(self, path: str) -> dict:
        """A JSON file of the clone."""
        return json.loads((self.root / path).read_text("utf-8"))

    def mlflow_runs(self) -> list:
        """The runs in the clone's own store."""
        from mlflow import MlflowClient

        client = MlflowClient(f"sqlite:///{self.root / 'mlflow.db'}")
        experiment = client.get_experiment_by_name("finsmith")
        return client.search_runs([experiment.experiment_id]) if experiment else []


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("end-to-end")
    yield Clone(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.filterwarnings("default")  # the client's own warnings; ours are errors in the stages' tests
def test_the_pipeline_from_pdf_to_report(clone):
    """One `dvc exp run` makes every output; the summary has its figures, MLflow its run; a second one does nothing."""
    clone.run("dvc", "exp", "run", *clone.profile)
    summary = clone.json("reports/summary.json")
    assert {name: keys <= summary[name].keys() for name, keys in SUMMARY.items()} == dict.fromkeys(SUMMARY, True)
    assert summary["funnel"]["kept"] + summary["funnel"]["rejected"] == summary["funnel"]["candidates"]
    assert summary["mixture"] | {"rows": 40, "general_share": 0.5} == summary["mixture"]
    assert summary["evaluation"]["n"] == 12
    assert summary["costs"]["device_hours"] > 0
    calls = summary["costs"]["teacher_calls_total"]
    assert summary["costs"]["teacher_calls_new"] == calls
    assert calls >= summary["recipes"]["summary"]["asked"] + summary["recipes"]["multiple_choice"]["asked"] == 2
    report = (clone.root / "reports/report.html").read_text("utf-8")
    loaded_from_elsewhere = re.findall(r"""(?:src|href)\s*=\s*["']?\w+:""", report)
    assert report.count("정확도") > 1 and not loaded_from_elsewhere
    [run] = clone.mlflow_runs()
    assert run.info.status == "FINISHED"
    assert run.data.metrics["accuracy_after"] == summary["evaluation"]["adapter"]["accuracy"]
    assert run.data.params["train.epochs"] == "1" and run.data.tags["git_commit"]
    assert run.data.tags["dvc.data/mixed"]
    assert "Data and pipelines are up to date" in clone.run("dvc", "repro")
    assert "accuracy" in clone.run("finsmith", "summary")


@pytest.mark.filterwarnings("default")
def test_experiments_land_in_one_store_and_pay_nothing_twice(clone):
    """`--temp` and `--queue` runs train anew in workspaces of their own, pay nothing, and land in one MLflow store."""
    before = len(clone.mlflow_runs())
    clone.run("dvc", "exp", "run", "--temp", "-S", "train.seed=2", "-S", "generate.glossary_qa.max_terms=19")
    clone.run("dvc", "exp", "run", "--queue", "-S", "train.seed=3")
    clone.run("dvc", "exp", "run", "--run-all")
    assert len(clone.mlflow_runs()) == before + 2
    shown = json.loads(clone.run("dvc", "exp", "show", "--json").partition("\n[")[0] or "[]")
    names = {e["name"] for entry in shown for e in (entry.get("experiments") or [])}
    assert len(names) == 3
