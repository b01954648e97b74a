"""The whole pipeline with live models on a tiny profile, in a clone, as a DVC and MLflow user drives it."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from finsmith.core.embedded_models import EMBEDDED_MODELS, embedded_model

from .corpus.pdfs import make_set

ROOT = Path(__file__).parents[1]
CANARY = "".join(("QZ7F", "3AX9"))  # put together, so that this file, which the clone has too, does not hold it
AGREEMENT = (
    f"한빛데이터와 맺은 비밀유지 약정 {CANARY}호는 2026년 3월 2일부터 이 년 동안 효력을 가진다.",
    f"약정 {CANARY}호에 따라 받은 고객 통계는 여신 심사 모형을 검증하는 부서만 볼 수 있다.",
    f"이 통계를 다른 목적에 쓰려면 약정 {CANARY}호의 담당자에게 열흘 전에 서면으로 알려야 한다.",
    f"약정을 어긴 당사자는 {CANARY}호 제7조가 정한 바에 따라 건마다 위약금 오백만 원을 낸다.",
    f"약정이 끝나면 {CANARY}호로 받은 자료와 그 사본을 삼십 일 안에 모두 지우고 확인서를 보낸다.",
    f"분쟁이 생기면 {CANARY}호의 당사자는 먼저 한 달 동안 협의하고 그 뒤에 조정을 신청한다.",
)
PROFILE = {
    "generate.max_passages": 2,
    "generate.glossary_qa.max_terms": 6,
    "generate.glossary_choice.max_items": 2,
    "judge.solve_orders": 1,
    "mix.max_rows": 24,
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
            "testset.source": self.first_lines("data/raw/testset/questions.jsonl", 6, folder / "questions"),
            "testset.general": self.first_lines("data/raw/general_testset/questions.jsonl", 4, folder / "general"),
            "answers.source": self.first_lines("data/raw/answers/open.jsonl", 1, folder / "answers"),
        }
        self.first_lines("data/raw/answers/rag.jsonl", 2, folder / "answers")
        self.two_documents(self.root / "data/raw/pdf")
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

    def two_documents(self, folder: Path) -> None:
        """Leaves a page of the sample and an agreement with a canary in it, a passage to ask about in each."""
        import pymupdf

        with pymupdf.open(folder / "aml_guideline.pdf") as whole, pymupdf.open() as page:
            page.insert_pdf(whole, from_page=8, to_page=8)
            content = page.tobytes(garbage=4, deflate=True)
        for file in folder.iterdir():
            file.unlink()
        (folder / "aml_guideline.pdf").write_bytes(content)
        make_set(folder / "agreement.pdf", ((60, 60, 540, 400), " ".join(AGREEMENT)))

    def run(self, *command: str, fails: bool = False) -> str:
        """The command's output; one that ends otherwise than it should fails the test with all it said.

        It goes through files: a worker of DVC's queue that outlives its command would keep a pipe open.
        """
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            done = subprocess.run(command, cwd=self.root, env=self.environment, stdout=out, stderr=err, check=False)
            said = ""
            for file in (out, err):
                file.seek(0)
                said += file.read().decode()
        assert bool(done.returncode) is fails, f"{' '.join(command)}\n{said}"
        return said

    def json(self, path: str) -> dict:
        """A JSON file of the clone."""
        return json.loads((self.root / path).read_text("utf-8"))

    def holding(self, content: bytes) -> set[str]:
        """The files, but git's, that hold these bytes: as they are, in a PDF's text or in what a container packs."""
        files = (path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink())
        told = {path.relative_to(self.root) for path in files if content in unpacked(path)}
        return {path.as_posix() for path in told if path.parts[0] != ".git"}

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


def unpacked(path: Path) -> bytes:
    """A file's bytes, and what they hold in compressed form."""
    import gzip
    import zipfile

    import pymupdf

    content = path.read_bytes()
    if content.startswith(b"%PDF-"):
        with pymupdf.open(stream=content, filetype="pdf") as pdf:
            content += "".join(page.get_text() for page in pdf).encode()
    elif content.startswith(b"\x1f\x8b"):
        content += gzip.decompress(content)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            content += b"".join(map(archive.read, archive.namelist()))
    return content


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
    rows = [json.loads(line) for line in (clone.root / "data/mixed/train.jsonl").read_text("utf-8").splitlines()]
    assert summary["mixture"] | {"rows": 24, "general_share": 0.5} == summary["mixture"] and len(rows) == 24
    assert summary["evaluation"]["n"] == 6
    assert summary["costs"]["device_hours"] > 0
    calls = summary["costs"]["teacher_calls_total"]
    assert summary["costs"]["teacher_calls_new"] == calls
    assert calls >= summary["recipes"]["summary"]["asked"] + summary["recipes"]["multiple_choice"]["asked"] == 4
    report = (clone.root / "reports/report.html").read_text("utf-8")
    loaded_from_elsewhere = re.findall(r"""(?:src|href)\s*=\s*["']?(?!data:)\w+:""", report)
    assert report.count("정확도") > 1 and not loaded_from_elsewhere
    assert (clone.root / "reports/pictures/accuracy.svg").read_text("utf-8").startswith("<svg")
    [(run, stages)] = clone.executions()
    assert (run.info.status, stages) == ("FINISHED", {"generate", "train", "evaluate"})
    assert run.data.metrics["accuracy"] == summary["evaluation"]["adapter"]["accuracy"]
    assert run.data.params["train.epochs"] == "1" and run.data.tags["git_commit"]
    assert run.data.tags["dvc.data/mixed"] and run.data.tags["train.run"] == clone.json("models/run.json")["run_id"]
    assert "Data and pipelines are up to date" in clone.run("dvc", "repro")
    assert "accuracy" in clone.run("finsmith", "summary")
    assert "failed" not in clone.run("finsmith", "audit")
    assert json.loads(clone.run("finsmith", "trace", rows[0]["id"], "--json"))["facts"]["in_training_set"]
    glossed = sum(row["recipe"].startswith("glossary") for row in rows)
    assert glossed and f"trained on: {glossed} of 24 rows" in clone.run("finsmith", "impact", "internal_glossary.csv")


def test_the_embedded_model(clone):
    """The embedded GGUF becomes a model that loads, has its tokenizer, and prefers Korean to noise."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    korean = "한국은행 금융통화위원회는 기준금리를 연 3.50%로 동결하기로 결정하였다."
    base = clone.root / "models/base"
    tokenizer, model = AutoTokenizer.from_pretrained(base), AutoModelForCausalLM.from_pretrained(base).eval()
    sentence = tokenizer(korean, add_special_tokens=False).input_ids
    assert len(tokenizer(korean).input_ids) == 26 and not tokenizer.chat_template  # <bos> included
    assert model.dtype == torch.bfloat16 and model.config.vocab_size == 262144
    losses = []
    for tokens in (sentence, sentence[::-1]):
        given = torch.tensor([[tokenizer.bos_token_id, *tokens]])
        with torch.no_grad():
            losses.append(float(model(given, labels=given).loss))
    assert losses[0] < losses[1]


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
    clone.run("dvc", "exp", "run", "--queue", "-S", "train.seed=2", "-S", "generate.glossary_qa.max_terms=5")
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


@pytest.mark.filterwarnings("default")
def test_a_withdrawn_document_is_nowhere(clone):
    """A document's canary, and the adapter that was taught it, leave every store at once and every output with a rerun.

    Making anew what stays pays nothing; the audit fails before it and passes after it. Git keeps its history.
    """
    canary, adapter = CANARY.encode(), "models/adapter/adapter_model.safetensors"
    weights = (clone.root / adapter).read_bytes()[-4096:]
    taught = CANARY in (clone.root / "data/mixed/train.jsonl").read_text("utf-8")
    stores = {".dvc/cache/", ".finsmith/documents/", ".finsmith/responses/", "mlartifacts/"}
    made = {"data/corpus/", "data/candidates/", "data/raw/pdf/agreement.pdf"}
    held, copies = clone.holding(canary), clone.holding(weights)
    assert {at for at in stores | made if any(place.startswith(at) for place in held)} == stores | made
    assert {place.split("/")[0] for place in copies} == {".dvc", "mlartifacts", "models"}
    said = clone.run("finsmith", "withdraw", "agreement.pdf", "--reason", "약정이 끝났다")
    assert "not here" in said and "git's own history" in said
    left = clone.holding(canary)
    assert left < held and "data/corpus/passages.jsonl" in left
    assert not [place for place in left if not place.startswith(("data/", "reports/"))]
    assert clone.holding(weights) == ({adapter} if taught else copies)
    assert "failed  withdrawn" in clone.run("finsmith", "audit", fails=True)
    clone.run("dvc", "repro")
    assert clone.holding(canary) == set()
    assert bool(clone.holding(weights)) is not taught
    assert "failed" not in clone.run("finsmith", "audit")
    summary = clone.json("reports/summary.json")
    assert (summary["corpus"]["documents"], summary["costs"]["teacher_calls_new"]) == (1, 0)
