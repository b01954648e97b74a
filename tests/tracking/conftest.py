"""A real MLflow server for the session, and a repository folder for each test."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Server:
    """A server process and where it answers."""

    process: subprocess.Popen[bytes]
    uri: str
    log: Path


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def starting_server(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has been started but need not answer yet."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copy(database, folder / "mlflow.db")
    port, log = free_port(), folder / "server.log"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")]
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, *stores],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,  # so that its workers end with it
        )
    yield Server(process, f"http://127.0.0.1:{port}", log)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()


@pytest.fixture(scope="session")
def server(starting_server: Server) -> Server:
    """A server that answers."""
    for _ in range(600):
        assert starting_server.process.poll() is None, starting_server.log.read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{starting_server.uri}/health", timeout=5):
            return starting_server
        time.sleep(0.2)
    raise AssertionError(starting_server.log.read_text())


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch, starting_server: Server) -> Path:
    """A repository with its own MLflow database; the tests run inside it. The server starts meanwhile."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "dvc.yaml").write_text("stages: {}\n")
    (folder / "params.yaml").write_text("train:\n  epochs: 2\n  lora: {r: 4}\n")
    shutil.copy(database, folder / "mlflow.db")
    monkeypatch.chdir(folder)
    for name in ("MLFLOW_TRACKING_URI", "FINSMITH_STATE", "DVC_EXP_NAME"):
        monkeypatch.delenv(name, raising=False)
    return folder


class Line:
    """A line to a server that can be cut and mended, which to a client is a server that dies and comes back."""

    def __init__(self, target: str) -> None:
        self._target = ("127.0.0.1", int(target.rpartition(":")[2]))
        self._port = free_port()
        self.uri = f"http://127.0.0.1:{self._port}"
        self._open: list[socket.socket] = []
        self.mend()

    def mend(self) -> None:
        """Makes the address answer again."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._open = [self._listener]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Ends every connection and refuses new ones."""
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it is closed when the line is cut
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                self._open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    line = Line(server.uri)
    yield line
    line.cut()
