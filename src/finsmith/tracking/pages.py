"""Where a run is seen in MLflow. Not covered: whether a server answers there."""

from finsmith.core.errors import TrackingError

from .runs import Run

_LOCAL = "http://127.0.0.1:5000"  # where `make mlflow` serves


def run_page(identity: str) -> str:
    """The run's address, for a local store after the command that opens it; "" where this machine did not send it."""
    try:
        record = Run.open(identity).record
    except TrackingError:
        return ""
    if not (uri := record["sent_to"].rstrip("/")):
        return ""
    opened, server = ("", uri) if uri.startswith(("http://", "https://")) else ("make mlflow, then ", _LOCAL)
    return f"{opened}{server}/#/experiments/{record['experiment_id']}/runs/{record['mlflow_id']}"
