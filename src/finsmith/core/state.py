"""Where finsmith keeps what must outlive a stage: paid replies, fetched models, checkpoints, runs to send.

One folder per repository, `.finsmith/`, found from inside the temporary workspaces of `dvc exp run --temp` and
`--queue` too, so that a second experiment pays for nothing twice. Not covered: DVC outputs.
"""

import os
from pathlib import Path


def repository_root() -> Path:
    """The root of the repository one works in, never the temporary workspace of a DVC experiment."""
    here = Path.cwd().resolve()
    for parent in (here, *here.parents):
        if parent.name == "exps" and parent.parent.name == "tmp" and parent.parent.parent.name == ".dvc":
            return parent.parents[2]
    for parent in (here, *here.parents):
        if (parent / "dvc.yaml").exists():
            return parent
    return here


def state_dir(name: str) -> Path:
    """The folder `.finsmith/<name>` of the repository (or of `FINSMITH_STATE` where set), made if absent."""
    folder = Path(os.environ.get("FINSMITH_STATE") or repository_root() / ".finsmith") / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
