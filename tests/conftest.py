"""What every test shares: how long a generated example takes decides no test; an embedding model, MLflow's tables."""

import os
from pathlib import Path

import pytest
from all_minilm_l6_v2 import extract_model
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # before its import


@pytest.fixture(scope="session")
def minilm(tmp_path_factory) -> str:
    """The folder of a small English embedding model."""
    return str(extract_model(str(tmp_path_factory.mktemp("minilm"))))


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database, made once since its tables take seconds; copy it."""
    import mlflow

    path = tmp_path_factory.mktemp("database") / "mlflow.db"
    mlflow.MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path
