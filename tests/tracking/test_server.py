"""An MLflow server as teams run it: runs in PostgreSQL, artifacts in S3, reached by HTTP alone."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from finsmith.tracking.runs import send_waiting_runs

from .conftest import Line, free_port
from .test_runs import OUTPUTS, artifacts, begin, client, finish, found, named, train
from .test_runs import outputs as outputs

BUCKET, KEYS = "mlflow-artifacts", {"AWS_ACCESS_KEY_ID": "finsmith", "AWS_SECRET_ACCESS_KEY": "not-for-clients"}


def program_of_postgresql(name: str) -> str:
    """The path of a program of PostgreSQL, which Debian keeps out of PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = shutil.which(name) or (str(places[0]) if places else "")
    if not found:
        pytest.skip(f"{name} is not installed (Debian: apt-get install postgresql)")
    return found


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 server with an empty bucket; its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port())
    server.start()
    host, port = server.get_host_and_port()
    uri = f"http://{host}:{port}"
    bucket(uri).create()
    yield uri
    server.stop()


def bucket(uri: str):
    keys = {name.lower(): value for name, value in KEYS.items()}
    return boto3.resource("s3", endpoint_url=uri, region_name="us-east-1", **keys).Bucket(BUCKET)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server in a folder of its own; it refuses root, so `nobody` runs it then."""
    initdb, server = program_of_postgresql("initdb"), program_of_postgresql("postgres")
    folder, port = Path(tempfile.mkdtemp(prefix="finsmith-pg-")), free_port()
    who = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data, password = folder / "data", folder / "password"
    password.write_text("geheim-4711\n")
    password.chmod(0o644)
    make = [initdb, "-D", str(data), "-U", "mlflow", "--pwfile", str(password), "-A", "scram-sha-256", "-N"]
    subprocess.run([*make, "-E", "UTF8", "--locale=C"], check=True, capture_output=True, cwd=folder, **who)
    run = [server, "-D", str(data), "-k", str(folder), "-h", "127.0.0.1", "-p", str(port), "-c", "fsync=off"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(run, stdout=log, stderr=log, cwd=folder, **who)
    uri = f"postgresql://mlflow:geheim-4711@127.0.0.1:{port}/postgres"
    for _ in range(150):
        assert process.poll() is None, (folder / "log").read_text()
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(uri).close()
            break
        time.sleep(0.1)
    yield uri
    process.send_signal(signal.SIGQUIT)
    process.wait()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def team_server(postgres: str, s3: str, tmp_path_factory) -> Iterator[str]:
    """MLflow's server on both, as docs/tracking.md sets it up; its address."""
    folder, port = tmp_path_factory.mktemp("team"), free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    stores = ["--backend-store-uri", postgres, "--artifacts-destination", f"s3://{BUCKET}"]
    environment = os.environ | KEYS | {"MLFLOW_S3_ENDPOINT_URL": s3, "AWS_DEFAULT_REGION": "us-east-1"}
    environment |= {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *stores], stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True
        )
    uri = f"http://127.0.0.1:{port}"
    for _ in range(600):
        assert process.poll() is None, (folder / "log").read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{uri}/health", timeout=5):
            break
        time.sleep(0.2)
    yield uri
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    """A client has no key of the bucket and no address of the database."""
    for name in (*KEYS, "MLFLOW_S3_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_run_is_in_postgresql_and_its_files_are_in_s3(team_server, postgres, s3, monkeypatch, outputs):
    """A client that knows the server's address alone sends a whole run; rows and files are where they belong."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", team_server)
    run = begin("team")
    train(run)
    assert finish(run, outputs)
    sent = named("team")
    assert {folder: artifacts(sent, folder) for folder in OUTPUTS} == OUTPUTS
    with contextlib.closing(psycopg.connect(postgres)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT value FROM latest_metrics WHERE run_uuid = %s AND key = 'loss'", (sent.info.run_id,))
        assert cursor.fetchall() == [(2.0,)]
    keys = {item.key.partition("/artifacts/")[2] for item in bucket(s3).objects.all()}
    assert keys == {path for files in OUTPUTS.values() for path in files}


def test_a_server_lost_in_the_middle_gets_the_rest_once(team_server, monkeypatch, capsys, outputs):
    """A line that breaks loses nothing; `finsmith track sync` completes the run, a second one adds nothing."""
    line = Line(team_server)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", line.uri)
    run = begin("lost")
    train(run, range(1, 3))
    line.cut()
    train(run, range(3, 6))
    assert finish(run, outputs) is False
    assert "`finsmith track sync` sends it later" in capsys.readouterr().err
    line.mend()
    assert (send_waiting_runs(), send_waiting_runs()) == (1, 0)
    line.cut()
    sent = named("lost", team_server)
    points = client(team_server).get_metric_history(sent.info.run_id, "loss")
    assert [(point.step, point.value) for point in points] == [(1, 10.0), (2, 5.0), (3, 10 / 3), (4, 2.5), (5, 2.0)]
    assert len([one for one in found(team_server) if one.info.run_name == "lost"]) == 1
    assert {folder: artifacts(sent, folder, team_server) for folder in OUTPUTS} == OUTPUTS
