"""The project, made once to look at, or anew to change."""

import pytest

from finsmith.lineage.project import INDEX, Project
from finsmith.lineage.walk import Index

from .projects import make_project


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The project's folder; tests leave it as it is."""
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(made):
    return Project(made)


@pytest.fixture
def index(made):
    with Index(made / INDEX) as opened:
        yield opened
