"""The command `finsmith`, run as a user runs it."""

import json
import os
import re
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from finsmith.cli import COMMANDS
from finsmith.core.embedded_models import EMBEDDED_MODELS
from finsmith.core.io import write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.corpus.document import build_document
from finsmith.corpus.ingest import ingest
from finsmith.corpus.params import IngestParams
from finsmith.corpus.passages import cut_passages
from finsmith.corpus.pdf.reader import read_pdf
from finsmith.reporting.summary import summarise, summary_lines
from finsmith.training.lora import train_adapter

from .corpus.pdfs import make_pdf
from .corpus.tokenizers import word_tokenizer
from .reporting.metrics import METRICS, PRICES
from .scaling.test_ahead import content as scaling_content
from .training.conftest import ROWS, example, tiny_base, train_params

ROOT = Path(__file__).parents[1]


def finsmith(folder, *arguments, given="", **environment):
    """Runs the command in a folder that is also its state folder, with `given` in its standard input."""
    settings = {"FINSMITH_STATE": str(folder / "state"), "PYTHONPATH": str(ROOT / "src")} | environment
    return subprocess.run(
        [sys.executable, "-c", "from finsmith.cli import main; main()", *arguments],
        cwd=folder,
        env=os.environ | settings,
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def closed_port():
    """A port of this machine on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_help_tells_what_each_command_does(tmp_path):
    """`finsmith --help` lists every command beside its own sentence."""
    shown = finsmith(tmp_path, "--help")
    words = " ".join(shown.stdout.split())
    assert shown.returncode == 0
    assert all(f"{name} {' '.join(command.__doc__.split())}" in words for name, command in COMMANDS.items())


@pytest.mark.parametrize("arguments", [(), ("sumary",)])
def test_no_command_or_a_wrong_one_shows_the_usage(tmp_path, arguments):
    """A command that does not exist ends with status 2 and the usage, not with a traceback."""
    done = finsmith(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: finsmith") and "Traceback" not in done.stderr


def test_summary_prints_the_lines_and_where_to_look(tmp_path):
    """The last run's figures come first, then the report's path and how to open the runs."""
    content = summarise(METRICS, PRICES)
    write_json(tmp_path / "reports/summary.json", content)
    done = finsmith(tmp_path, "summary")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[: len(summary_lines(content))] == summary_lines(content)
    assert lines[-2].split() == ["report", str((tmp_path / "reports/report.html").resolve())]
    assert "make mlflow" in lines[-1]


def test_show_prints_a_passage_and_draws_its_place(tmp_path):
    """A passage is shown with its headings and text, and its page as a picture whose path is told."""
    make_pdf(tmp_path / "raw/pdf/규정.pdf", [["제3조(한도)", "한도는 10억원이다."]])
    document = build_document(read_pdf(tmp_path / "raw/pdf/규정.pdf"))
    (passage,) = cut_passages(document, 100, len)
    write_jsonl(tmp_path / "data/corpus/passages.jsonl", [passage])
    sections = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    sections["ingest"]["source"] = "raw"
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(sections), "utf-8")
    done = finsmith(tmp_path, "show", "passage", passage.id)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        *("규정.pdf", "", "제3조(한도)", "한도는 10억원이다.", ""),
        f"reports/passages/{passage.id}-p1.png",
    ]
    assert (tmp_path / f"reports/passages/{passage.id}-p1.png").read_bytes().startswith(b"\x89PNG")


def test_corpus_shows_documents_rejects_and_what_they_bear(tmp_path):
    """After an ingest of a good and a bad file both have their line, the bad one its reason."""
    make_pdf(tmp_path / "raw/pdf/규정.pdf", [["제3조(한도)", "한도는 10억원이다."]])
    (tmp_path / "raw/pdf/끊김.pdf").write_bytes(b"%PDF-1.7 cut")
    (tmp_path / "raw/glossary").mkdir()
    (tmp_path / "raw/glossary/g.csv").write_text("용어,정의\n금리,돈의 값\n", "utf-8")
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text("utf-8"), "utf-8")
    tokenizer, corpus = word_tokenizer(tmp_path / "tokenizer.json"), tmp_path / "data/corpus"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FINSMITH_STATE", str(tmp_path / "state"))
        ingest(tmp_path / "raw/pdf", tmp_path / "raw/glossary", tokenizer, load_params(IngestParams), corpus)
    done = finsmith(tmp_path, "corpus")
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.replace("│", " ").split()) for line in done.stdout.splitlines()]
    assert "규정.pdf 1 18 3 1 0 0 0 0 0 0 0 ko" in lines  # 7 + 11 characters, 1 + 2 words
    assert any(line.startswith("끊김.pdf file cannot be opened as a PDF") for line in lines)
    assert "glossary_qa 2" in lines


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("corpus",), "data/corpus/counts.jsonl: not found"),
        (("show", "passage", "abc"), "data/corpus/passages.jsonl: not found"),
        (("show", "term", "abc"), "'term' cannot be shown; it must be: passage."),
        (("evaluate",), "--export '': it must be: lm-eval. What scores the models is `dvc repro evaluate`."),
    ],
)
def test_show_of_what_is_not_there_is_a_sentence(tmp_path, arguments, says):
    """Before an ingest, and for a kind that cannot be shown, one sentence says so."""
    done = finsmith(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"finsmith: {says}") and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "says"), [(None, "reports/summary.json: not found"), ("{", "reports/summary.json: not valid JSON")]
)
def test_summary_without_a_finished_run_is_a_sentence(tmp_path, content, says):
    """An absent or broken summary ends with status 1 and one sentence that names the file."""
    if content:
        (tmp_path / "reports").mkdir()
        (tmp_path / "reports/summary.json").write_text(content)
    done = finsmith(tmp_path, "summary")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"finsmith: {says}") and "Traceback" not in done.stderr


def test_models_that_are_sealed_are_not_fetched_again(tmp_path):
    """Where both files stand with their seals, `finsmith models` names them at once and leaves them alone."""
    folder = tmp_path / "state/models"
    folder.mkdir(parents=True)
    for model in EMBEDDED_MODELS.values():
        (folder / model.file_name).write_bytes(b"GGUF")
        (folder / model.file_name).with_suffix(".sha256").write_text(f"{model.sha256} 4")
    done = finsmith(tmp_path, "models")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{name}: {folder / m.file_name}" for name, m in EMBEDDED_MODELS.items()]
    assert all((folder / m.file_name).read_bytes() == b"GGUF" for m in EMBEDDED_MODELS.values())


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("--fractions", "half"), 1, "finsmith: --fractions half: must be numbers above 0 to 1"),
        (("--shares", "0.5,2"), 1, "finsmith: --shares: 2 is out of range"),
        (("--dry",), 1, "finsmith: experiments need a git repository"),
        (("--more-rows", "many"), 2, "argument --more-rows: invalid int value: 'many'"),
    ],
)
def test_scaling_that_cannot_be_is_a_sentence(tmp_path, arguments, status, says):
    """Options of the wrong kind or out of range, and a folder without git, are told before anything is queued."""
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text("utf-8"), "utf-8")
    done = finsmith(tmp_path, "scaling", *arguments)
    assert done.returncode == status
    assert says in done.stderr and "Traceback" not in done.stderr


def test_roi_of_the_published_build(tmp_path):
    """Without a run the worked example gives the published costs, and three files where they were asked for."""
    example = str(ROOT / "docs/examples/reference_build.yaml")
    done = finsmith(tmp_path, "roi", "--params", example, "--out", "reference")
    assert done.returncode == 0, done.stderr
    assert "800.00 USD of API, 1,160.00 of GPUs, 8.0 person-days" in done.stdout
    assert "13B: 160.00 USD, 39.06 device hours" in done.stdout and "70B: 1,000.00 USD, 244.13" in done.stdout
    assert {path.name for path in (tmp_path / "reference").iterdir()} == {"roi.json", "roi.csv", "roi.html"}
    assert str((tmp_path / "reference/roi.html").resolve()) in done.stdout


def test_plan_after_a_study(tmp_path):
    """From a study, a summary and the judge's metrics come the rows of an accuracy, on the screen and as figures."""
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text("utf-8"), "utf-8")
    content = summarise(METRICS, PRICES)
    write_json(tmp_path / "reports/summary.json", content)
    write_json(tmp_path / "reports/metrics/judge.json", METRICS["judge"])
    write_json(tmp_path / "reports/scaling/scaling.json", scaling_content() | {"usd_per_device_hour": 4.0})
    done = finsmith(tmp_path, "plan", "--accuracy", "0.5")
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "reports/plan.json").read_text())
    assert done.stdout.startswith(f"50.0% takes {told['rows']:,} domain rows by the curve")
    assert sum(of["rows"] for of in told["recipes"].values()) == told["rows"]
    assert told["recipes"].keys() == {"glossary_qa", "summary"} and told["accuracy"]["value"] >= 0.5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("roi",), "reports/summary.json: not found, and no value is given for `roi.build.api_usd`"),
        (("roi", "--params", "no.yaml"), "no.yaml: not found"),
        (("plan",), "give one of --accuracy (0.45 is 45 of 100) and --budget-usd."),
        (("plan", "--accuracy", "0.4", "--budget-usd", "5"), "give one of --accuracy"),
        (
            ("plan", "--accuracy", "0.4"),
            "reports/scaling/scaling.json: not found. It is written by `finsmith scaling`.",
        ),
    ],
)
def test_roi_and_plan_without_what_they_need_are_sentences(tmp_path, arguments, says):
    """A missing run, file, study or wish is told with its way out."""
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text("utf-8"), "utf-8")
    done = finsmith(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"finsmith: {says}") and "Traceback" not in done.stderr


def test_track_sync_with_nothing_to_send_says_so(tmp_path):
    """Without a waiting run no server is asked."""
    done = finsmith(tmp_path, "track", "sync", MLFLOW_TRACKING_URI=f"http://127.0.0.1:{closed_port()}")
    assert (done.returncode, done.stdout) == (0, "no run waits\n")


def test_track_sync_to_a_server_that_is_down_keeps_the_run(tmp_path):
    """A server that does not answer ends with status 1 and a sentence; the run still waits on disk."""
    record = {
        "name": "train-1",
        "params": {},
        "tags": {},
        "metrics": {"loss": 1.5},
        "artifacts": [],
        "mlflow_id": "",
        "started_ms": 1_700_000_000_000,
        "ended": True,
        "sent": False,
    }
    path = tmp_path / "state/runs/abc/run.json"
    write_json(path, record)
    done = finsmith(tmp_path, "track", "sync", MLFLOW_TRACKING_URI=f"http://127.0.0.1:{closed_port()}")
    assert done.returncode == 1
    assert done.stderr.startswith("finsmith: ") and "http://127.0.0.1:" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(path.read_text()) == record


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with params.yaml and a tiny base and adapter where the pipeline writes them."""
    folder = tmp_path_factory.mktemp("trained")
    tiny_base(folder / "models/base")
    rows = [example(row.instruction, "예.") for row in ROWS]
    params = train_params(epochs=5)
    train_adapter(rows, folder / "models/base", folder / "models/adapter", folder / "state", params, lambda *_: None)
    write_json(
        folder / "models/run.json", {"rows": 16, "steps": 20, "final_loss": 0.5, "fingerprint": "abc", "tokens": 1}
    )
    sections = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    sections["base"] = {"model": "tiny", "dtype": "float32"}
    (folder / "params.yaml").write_text(yaml.safe_dump(sections), "utf-8")
    return folder


def test_chat_through_a_pipe(trained):
    """Questions come a line each; both answers stand below theirs, and nothing else is printed."""
    done = finsmith(
        trained, "chat", "--tokens", "12", given=f"{ROWS[0].instruction}\n\n{ROWS[1].instruction}\n/quit\n국채?\n"
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.removesuffix("\n\n").split("\n\n> ")
    for shown, row in ((first.removeprefix("> "), ROWS[0]), (second, ROWS[1])):
        assert shown.splitlines()[0] == row.instruction
        assert shown.splitlines()[1].startswith("base: ") and shown.splitlines()[-1] == "adapter: 예."


def test_chat_in_a_terminal(trained):
    """In a terminal the answers stand in two columns, and /quit ends."""
    master, slave = os.openpty()
    settings = {
        "FINSMITH_STATE": str(trained / "state"),
        "PYTHONPATH": str(ROOT / "src"),
        "TERM": "xterm",
        "COLUMNS": "60",
    }
    command = [sys.executable, "-c", "from finsmith.cli import main; main()", "chat", "--tokens", "12"]
    with subprocess.Popen(
        command, cwd=trained, env=os.environ | settings, stdin=slave, stdout=slave, stderr=subprocess.PIPE
    ) as chat:
        os.close(slave)
        os.write(master, f"{ROWS[0].instruction}\n/quit\n".encode())
        screen = b""
        with suppress(OSError):  # Linux says so when the other side has gone
            while part := os.read(master, 4096):
                screen += part
        errors = chat.stderr.read().decode()
    os.close(master)
    assert chat.returncode == 0, errors
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.decode())
    assert re.search(r"base +adapter", shown)
    assert any(line.rstrip().endswith(" 예.") for line in shown.splitlines())


def test_export(trained, tmp_path):
    """The merged model stands in the named folder, with the training's figures in its README."""
    done = finsmith(trained, "export", str(tmp_path / "out"), "--dtype", "bfloat16")
    assert (done.returncode, done.stdout) == (
        0,
        f"{tmp_path / 'out'}: written; docs/serving.md tells how to serve it\n",
    ), done.stderr
    readme = (tmp_path / "out/README.md").read_text("utf-8").splitlines()
    assert {"| base model | tiny |", "| rows | 16 |", "| final loss | 0.5 |", "| weights | bfloat16 |"} <= set(readme)
    assert "| tokens | 1 |" not in readme
    assert json.loads((tmp_path / "out/config.json").read_text())["dtype"] == "bfloat16"


@pytest.mark.parametrize("command", [("chat",), ("export", "out")])
def test_before_a_training_there_is_nothing_to_ask(tmp_path, command):
    """Without a base and an adapter one sentence names what is missing and how to get it."""
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text("utf-8"), "utf-8")
    done = finsmith(tmp_path, *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "finsmith: models/base: not found. It is written by the pipeline: run `dvc repro`.\n"
    write_json(tmp_path / "models/base/config.json", {})
    assert finsmith(tmp_path, *command).stderr.startswith("finsmith: models/adapter: not found.")


@pytest.mark.parametrize("wrong", [("chat", "--tokens", "many"), ("export", "out", "--dtype", "int4")])
def test_options_that_cannot_be(trained, wrong):
    """A number that is none, and a number format that is none of ours, are sentences."""
    done = finsmith(trained, *wrong)
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr
    assert wrong[-1] in done.stderr
