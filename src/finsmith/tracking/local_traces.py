"""The traces on this machine, in MLflow's SQLite file and in runs that wait: their texts, and how they are erased.

Not covered: the traces on a server.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from finsmith.core.errors import TrackingError
from finsmith.core.io import read_jsonl, write_jsonl
from finsmith.core.records import StoredCall
from finsmith.core.state import repository_root, state_dir

from .sending import connected, tracking_uri
from .traces import KEY

_SQLITE = "sqlite:///"
_AT_ONCE = 100  # traces, the most that MLflow deletes by their ids


class LocalTraces:
    """The traces under the request keys of their calls; one that is no call of ours under its own id."""

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every trace as JSON, and every call that waits to become one.

        Raises:
            TrackingError: MLflow cannot read its file.
        """
        for path in _waiting():
            yield from ((call.reply.key, call.model_dump_json()) for call in read_jsonl(path, StoredCall))
        for database in _databases():
            with connected(f"{_SQLITE}{database}", _UNREAD) as client:
                yield from ((_key(trace), trace.to_json()) for trace in _traces(client))

    def erase(self, keys: Collection[str]) -> None:
        """Erases traces for good, also what is left of those erased before.

        Raises:
            TrackingError: MLflow's file cannot be written.
        """
        for path in _waiting() if keys else ():
            calls = list(read_jsonl(path, StoredCall))
            write_jsonl(path, [call for call in calls if call.reply.key not in keys])
        for database in _databases():
            if keys:
                _delete(database, keys)
            _rewrite(database)


_UNREAD = "its traces cannot be looked at"
_IN_USE = "End what uses it, as `make mlflow`, and ask again."


def _delete(database: Path, keys: Collection[str]) -> None:
    with connected(f"{_SQLITE}{database}", f"its traces cannot be erased. {_IN_USE}") as client:
        gone = defaultdict(list)
        for trace in _traces(client):
            if _key(trace) in keys:
                gone[trace.info.experiment_id].append(trace.info.trace_id)
        for experiment, ids in gone.items():
            for at in range(0, len(ids), _AT_ONCE):
                client.delete_traces(experiment, trace_ids=ids[at : at + _AT_ONCE])


def _rewrite(database: Path) -> None:
    """Leaves no page of what was deleted."""
    try:
        with closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as db:
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise TrackingError(f"{database}: erased traces may still be read in it ({error}). {_IN_USE}") from error


def _waiting() -> list[Path]:
    return sorted(state_dir("runs").glob("*/calls.jsonl"))


def _databases() -> list[Path]:
    """The repository's, and the one that the tracking URI names."""
    paths, uri = [repository_root() / "mlflow.db"], tracking_uri()
    if uri.startswith(_SQLITE):
        paths.append(Path(uri.removeprefix(_SQLITE)).absolute())
    return [path for path in dict.fromkeys(paths) if path.exists()]


def _traces(client: Any) -> Iterator[Any]:
    """Every trace of every experiment, also of deleted ones."""
    from mlflow.entities import ViewType

    places = [one.experiment_id for one in client.search_experiments(view_type=ViewType.ALL)]
    token = None
    while True:
        page = client.search_traces(locations=places, max_results=_AT_ONCE, page_token=token)
        yield from page
        if not (token := page.token):
            return


def _key(trace: Any) -> str:
    named = (span.attributes.get(KEY) for span in trace.data.spans)
    return str(next(filter(None, named), trace.info.trace_id))
