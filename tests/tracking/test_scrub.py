"""No secret goes to MLflow: planted in parameters, tags, errors, artifacts and calls, it is in no file of the store."""

from pathlib import Path

import pytest

from finsmith.core.errors import TeacherRefused
from finsmith.tracking.executions import finish_execution, stage_run
from finsmith.tracking.scrub import HIDDEN, is_secret, scrubbed

from .test_executions import SUMMARY
from .test_runs import found

KEY, PASSWORD = 'plänted"key&<1>/42', "geheim-4711"
TOKEN = "hf_" + "Ab1" * 12


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("OPENAI_API_KEY", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("hf_token", True),
        ("password", True),
        ("generate.teacher.apikey", True),
        ("api_key_env", False),
        ("max_tokens", False),
        ("tokens", False),
        ("monkey", False),
        ("request_key", True),
    ],
)
def test_names_of_secrets(name, secret):
    """A name that ends in such a word is a secret's; one that only begins or sounds like it is not."""
    assert is_secret(name) is secret


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("postgresql://kim:pw@db:5432/mlflow?x=1", "postgresql://db:5432/mlflow?x=1"),
        ('{"uri": "https://token@host/path"}', '{"uri": "https://host/path"}'),
        ("https://example.com/@kim and a@b.com", "https://example.com/@kim and a@b.com"),
        ("Bearer sk-proj-0123456789abcdefghij.", f"Bearer {HIDDEN}."),
        (f"export T={TOKEN}", f"export T={HIDDEN}"),
        ("AKIAIOSFODNN7EXAMPLE 자산", f"{HIDDEN} 자산"),
        ("기준금리는 3.50%이다: http://bank.example/a", "기준금리는 3.50%이다: http://bank.example/a"),
    ],
)
def test_secrets_by_their_shape(text, clean):
    """Users and passwords in addresses and keys of well-known providers go; other text stays to the letter."""
    assert scrubbed(text) == clean


def test_short_values_are_no_secrets(monkeypatch):
    """A TOKEN of `true` would blank half of every text."""
    monkeypatch.setenv("SOME_TOKEN", "true")
    assert scrubbed("balance_letters: true") == "balance_letters: true"


def test_a_planted_secret_is_nowhere_in_the_store(repository, tmp_path, monkeypatch):
    """Parameters, a note, an error, the address, JSON, HTML and CSV artifacts: neither database nor files have it."""
    monkeypatch.setenv("OUR_API_KEY", KEY)
    monkeypatch.setenv("DB_PASSWORD", PASSWORD)
    quoted = KEY.replace('"', '\\"')
    Path("params.yaml").write_text(
        f"train:\n  note: '{KEY} of {TOKEN}'\n  hub_token: plain-hub-secret\n"
        f"  hub: {{my_password: 'plain-hub-secret', epochs: 3}}\n"
        f"generate:\n  teacher: {{base_url: 'https://kim:{PASSWORD}@llm.example/v1', api_key_env: OUR_API_KEY}}\n"
    )
    with pytest.raises(TeacherRefused), stage_run("generate", "a", []):
        raise TeacherRefused(f"https://x:{PASSWORD}@llm.example: key {KEY!r} refused, {TOKEN}")
    report = tmp_path / "report"
    report.mkdir()
    (report / "a.html").write_text(f"<p>{KEY.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</p>{KEY}")
    (report / "b.json").write_text(f'{{"key": "{quoted}", "정확도": "{PASSWORD}"}}')
    (report / "c.csv").write_text(f"a,{TOKEN},{PASSWORD}\n")
    Path("dvc.lock").write_text(Path("params.yaml").read_text() + "stages: {}\n")
    finish_execution(SUMMARY, [("reports", report)], "")
    (parent,) = [run for run in found() if run.data.tags["stage"] == "pipeline"]
    assert parent.data.params["train.hub_token"] == HIDDEN
    assert parent.data.params["generate.teacher.base_url"] == "https://llm.example/v1"
    assert parent.data.params["generate.teacher.api_key_env"] == "OUR_API_KEY"
    kept = [
        *repository.glob("mlflow.db*"),
        *(repository / "mlartifacts").rglob("*"),
        *(repository / ".finsmith").rglob("*"),
    ]
    files = [file for file in kept if file.is_file()]
    assert {"mlflow.db", "b.json", "run.json", "params.yaml", "dvc.lock"} <= {file.name for file in files}
    planted = [KEY, quoted, "plänted", "key&amp;", PASSWORD, TOKEN, "plain-hub-secret"]
    found_in = {(file.name, secret) for file in files for secret in planted if secret.encode() in file.read_bytes()}
    assert found_in == set()
    (kept_params,) = (repository / "mlartifacts").rglob("params.yaml")
    assert "epochs: 3" in kept_params.read_text() and "api_key_env: OUR_API_KEY" in kept_params.read_text()
