"""Pushing cards with what they describe to the Hugging Face Hub, or to a server of one's own (HF_ENDPOINT).

A repository that is not there is made private; each push is one commit. Not covered: who may read it.
"""

from collections.abc import Mapping
from pathlib import Path

from huggingface_hub import CommitOperationAdd, HfApi, get_token
from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # of the client it speaks through

from finsmith.core.errors import OutputError


def push(name: str, kind: str, files: Mapping[str, Path]) -> str:
    """The address of the commit that holds `files`, by their paths there; `kind` is model or dataset.

    Raises:
        OutputError: no token, a name that is none, or the server did not take it.
    """
    if not get_token():
        raise OutputError("the Hub takes nothing without a token: `hf auth login`, or set HF_TOKEN.")
    api = HfApi()
    operations = [CommitOperationAdd(path, file) for path, file in files.items()]
    try:
        api.create_repo(name, repo_type=kind, private=True, exist_ok=True)
        return str(api.create_commit(name, operations, commit_message="Card and files", repo_type=kind).commit_url)
    except (HTTPError, OSError, ValueError) as error:
        raise OutputError(
            f"{api.endpoint}: did not take the {kind} {name} ({error}). Check the name, the token's rights and the "
            "network, and push again; a push is one commit, so nothing stands there by half."
        ) from error
