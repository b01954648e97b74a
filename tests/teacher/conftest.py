"""What every test of the teacher has: a key in the environment and a store of its own."""

import pytest

from finsmith.teacher.store import ResponseStore

from .asking import KEY_VARIABLE
from .endpoint import API_KEY


@pytest.fixture(autouse=True)
def _key_in_the_environment(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, API_KEY)


@pytest.fixture
def store(tmp_path):
    with ResponseStore(tmp_path / "responses.sqlite") as opened:
        yield opened
