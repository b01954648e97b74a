"""Where commands find what the pipeline made. Not covered: what one command alone looks at."""

from pathlib import Path

from finsmith.core.params import load_params

CORPUS = Path("data/corpus")
PICTURES = Path("reports/passages")  # of pages, by passage


def documents_folder() -> Path:
    """The folder that documents are read from."""
    from finsmith.corpus.params import IngestParams

    return Path(load_params(IngestParams).source) / "pdf"
