"""A folder that appears with all of its files or not at all. Not covered: single files, see `core/io.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors import SafetensorError

from finsmith.core.errors import OutputError


@contextmanager
def whole_folder(folder: Path, what: str) -> Iterator[Path]:
    """A folder to write aside; it takes the place of `folder` when the block ends, and is removed when it fails.

    Raises:
        OutputError: it cannot be written; what stood there still stands. `what` names its content.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists() and not folder.is_dir():
            raise FileExistsError("a file stands there")
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as aside:
            whole = Path(aside) / "whole"
            whole.mkdir()
            yield whole
            for file in whole.iterdir():
                file.chmod(0o644)  # weights are written for their owner alone, but a server runs as somebody else
            if folder.exists():
                folder.rename(Path(aside) / "earlier")
            whole.rename(folder)
    except (OSError, SafetensorError) as error:
        raise OutputError(f"{folder}: {what} cannot be written ({error})") from error
