"""`finsmith card` as a user runs it, and its push to a server that speaks the Hub's protocol."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .hub_server import hub
from .run import make_run

ROOT = Path(__file__).parents[2]


def card(folder, *arguments, **environment):
    """Runs the command; no token but the one given."""
    settings = {"PYTHONPATH": str(ROOT / "src"), "HF_HOME": str(folder / "hf"), "HF_TOKEN": ""} | environment
    return subprocess.run(
        [sys.executable, "-c", "from finsmith.cli import main; main()", "card", *arguments],
        cwd=folder,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path)


def test_adapter_and_data_are_pushed_with_their_cards(run):
    """One private repository of each kind, one commit each, byte for byte what lies here."""
    with hub() as server:
        done = card(run, "--push", "은행/x", "--data", HF_TOKEN="hf_right", HF_ENDPOINT=server.address)
        assert done.returncode == 1 and "did not take the model 은행/x" in done.stderr  # the Hub's names are ASCII
        done = card(run, "--push", "org/x", "--data", HF_TOKEN="hf_right", HF_ENDPOINT=server.address)
        assert done.returncode == 0, done.stderr
    kinds = [(one["name"], one["organization"], one.get("type", "model"), one["visibility"]) for one in server.created]
    assert kinds == [("x", "org", "model", "private"), ("x", "org", "dataset", "private")]
    model, data = (server.commits[f"/api/{kind}/org/x/commit/main"] for kind in ("models", "datasets"))
    assert set(model) == {"README.md", "adapter_config.json", "adapter_model.safetensors"}
    assert set(data) == {"README.md", "train.jsonl"}
    assert model["adapter_model.safetensors"] == b"weights"
    assert data["train.jsonl"] == (run / "data/mixed/train.jsonl").read_bytes()
    for kind, sent in (("model", model), ("dataset", data)):
        assert sent["README.md"] == (run / f"reports/cards/{kind}/README.md").read_bytes()
    assert done.stdout.splitlines()[-2:] == [
        f"{server.address}/{place}/commit/{'0' * 40}" for place in ("org/x", "datasets/org/x")
    ]


def test_the_training_set_stays_unless_asked_for(run):
    """Without --data one repository is made, the model's."""
    with hub() as server:
        done = card(run, "--push", "org/x", HF_TOKEN="hf_right", HF_ENDPOINT=server.address)
    assert done.returncode == 0, done.stderr
    assert list(server.commits) == ["/api/models/org/x/commit/main"] and len(server.created) == 1


def test_data_without_a_place_is_a_sentence(run):
    """It would not be sent anywhere."""
    done = card(run, "--data")
    assert (done.returncode, done.stdout) == (1, "") and "--push ORG/NAME" in done.stderr


def test_a_push_that_cannot_be_is_a_sentence(run):
    """No token, a wrong one, and nobody who listens; the cards are written all the same."""
    with hub() as server:
        wrong = card(run, "--push", "org/x", HF_TOKEN="hf_wrong", HF_ENDPOINT=server.address)
    absent = card(run, "--push", "org/x", HF_TOKEN="hf_right", HF_ENDPOINT=server.address)
    none = card(run, "--push", "org/x")
    for done, says in (
        (wrong, "401"),
        (absent, "refused"),
        (none, "without a token: `hf auth login`"),
    ):
        assert done.returncode == 1 and done.stderr.startswith("finsmith: ") and "Traceback" not in done.stderr
        assert says in done.stderr
    assert (run / "reports/cards/model/README.md").exists()
    assert server.commits == {}
