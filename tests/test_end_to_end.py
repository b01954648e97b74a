"""The whole pipeline with live models on a tiny profile, in a clone, as a DVC and MLflow user drives it."""

import copy
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
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW", "FINSMITH", "DVC"))}
        self.environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.run("git", "config", "user.name", "finsmith")
        self.run("git", "config", "user.email", "finsmith@example.org")

    def another(self, root: Path) -> "Clone":
        """A clone of this clone as it is committed, driven in the same way."""
        subprocess.run(["git", "clone", "--quiet", str(self.root), str(root)], check=True)
        other = copy.copy(self)
        other.root = root
        return other

    def first_lines(self, path: str, count: int, folder: Path) -> Path:
        """The folder, with the first lines of a file of the clone."""
        lines = (self.root / path).read_text("utf-8").splitlines(keepends=True)
        folder.mkdir(exist_ok=True)
        (folder / Path(path).name).write_text("".join(lines[:count]), "utf-8")
        return folder

    def run(self, *command: str) -> str:
        """The command's output; a failing command fails the test with all it said."""
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def json(self, path: str) -> dict:
        """A JSON file of the clone."""
        return json.loads((self.root / path).read_text("utf-8"))

    def executions(self) -> list:
        """The runs of executions in the clone's own store, and by the id of each the stages of its children."""
        from mlflow import MlflowClient

        client = MlflowClient(f"sqlite:///{self.root / 'mlflow.db'}")
        runs = client.search_runs([client.get_experiment_by_name("finsmith").experiment_id])
        parents = [run for run in runs if run.data.tags["stage"] == "pipeline"]
        of = {run.info.run_id: set() for run in parents}
        for run in runs:
            if run.data.tags["stage"] != "pipeline":
                of[run.data.tags["mlflow.parentRunId"]].add(run.data.tags["stage"])
        assert sum(map(len, of.values())) == len(runs) - len(parents)  # none twice
        return [(run, of[run.info.run_id]) for run in parents]


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
    [(run, stages)] = clone.executions()
    assert (run.info.status, stages) == ("FINISHED", {"generate", "train", "evaluate"})
    assert run.data.metrics["accuracy"] == summary["evaluation"]["adapter"]["accuracy"]
    assert run.data.params["train.epochs"] == "1" and run.data.tags["git_commit"]
    assert run.data.tags["dvc.data/mixed"] and run.data.tags["train.run"] == clone.json("models/run.json")["run_id"]
    assert "Data and pipelines are up to date" in clone.run("dvc", "repro")
    assert "accuracy" in clone.run("finsmith", "summary")
    assert "failed" not in clone.run("finsmith", "audit")
    row = json.loads((clone.root / "data/mixed/train.jsonl").read_text("utf-8").splitlines()[0])
    assert json.loads(clone.run("finsmith", "trace", row["id"], "--json"))["facts"]["in_training_set"]
    assert "trained on: 20 of 40 rows" in clone.run("finsmith", "impact", "internal_glossary.csv")


@pytest.mark.filterwarnings("default")
def test_the_project_goes_through_a_remote(clone, tmp_path):
    """Pushed to an S3 server and pulled into a fresh clone all outputs are there; `dvc repro` there does nothing."""
    import boto3
    from moto.server import ThreadedMotoServer

    keys = {"AWS_ACCESS_KEY_ID": "finsmith", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        address = "http://{}:{}".format(*server.get_host_and_port())
        named = {"aws_access_key_id": keys["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": keys["AWS_SECRET_ACCESS_KEY"]}
        boto3.client("s3", endpoint_url=address, region_name="us-east-1", **named).create_bucket(Bucket="project")
        clone.environment |= keys
        clone.run("dvc", "remote", "add", "--default", "team", "s3://project/dvc")
        clone.run("dvc", "remote", "modify", "team", "endpointurl", address)
        clone.run("git", "add", "--all")
        clone.run("git", "commit", "--quiet", "-m", "first run")
        clone.run("dvc", "push", "--quiet")
        other = clone.another(tmp_path / "other")
        other.run("dvc", "pull", "--quiet")
        for path in ("data/mixed/train.jsonl", "models/adapter/adapter_model.safetensors", "reports/report.html"):
            assert (other.root / path).read_bytes() == (clone.root / path).read_bytes()
        assert "Data and pipelines are up to date" in other.run("dvc", "repro")
    finally:
        server.stop()


@pytest.mark.filterwarnings("default")
def test_experiments_land_in_one_store_and_pay_nothing_twice(clone):
    """A queued and a temporary experiment train in workspaces of their own, pay nothing, and land in one MLflow store.

    The temporary one changes the report alone: it has no child, and its tags name the runs it rests on.
    """
    before = len(clone.executions())
    clone.run("dvc", "exp", "run", "--queue", "-S", "train.seed=2", "-S", "generate.glossary_qa.max_terms=19")
    clone.run("dvc", "exp", "run", "--run-all")
    clone.run("dvc", "exp", "run", "--temp", "-S", "report.p4d_gpus=4")
    (report, none), (queued, stages), *others = clone.executions()  # the latest first
    assert len(others) == before
    assert (none, stages) == (set(), {"generate", "train", "evaluate"})
    assert queued.data.metrics["teacher_calls_new"] == 0
    assert report.data.tags["train.run"] == clone.json("models/run.json")["run_id"]
    assert {"generate.run", "evaluate.run"} <= report.data.tags.keys()
    shown = json.loads(clone.run("dvc", "exp", "show", "--json").partition("\n[")[0] or "[]")
    names = {e["name"] for entry in shown for e in (entry.get("experiments") or [])}
    assert len(names) == 2
