"""The command `finsmith`: what is no pipeline stage. Not covered: the pipeline; that is `dvc repro`.

Commands import what they need when they run: readers of documents and morphology take seconds to load, and `finsmith
summary` needs neither.
"""

import argparse
import sys
from collections.abc import Callable
from inspect import signature

from finsmith.core.errors import FinsmithError

from .accounts import plan, roi, summary, track
from .data import corpus, estimate, rejects, show
from .experiments import compare, scaling
from .lineage import audit, impact, trace, withdraw
from .model import card, chat, evaluate, export, models
from .review import export_review, import_review, review
from .testset import build_testset, freeze_testset, import_questions, testset

_MANY = "any number"  # where the parser keeps what a command takes as *names

COMMANDS: dict[str, Callable[..., None]] = {
    "models": models,
    "summary": summary,
    "track": track,
    "show": show,
    "corpus": corpus,
    "estimate": estimate,
    "evaluate": evaluate,
    "trace": trace,
    "impact": impact,
    "withdraw": withdraw,
    "audit": audit,
    "rejects": rejects,
    "review": review,
    "export-review": export_review,
    "import-review": import_review,
    "import-questions": import_questions,
    "build-testset": build_testset,
    "freeze-testset": freeze_testset,
    "testset": testset,
    "scaling": scaling,
    "compare": compare,
    "card": card,
    "roi": roi,
    "plan": plan,
    "chat": chat,
    "export": export,
}


def main() -> None:
    """Runs one command; an expected error is a sentence and exit status 1."""
    parser = argparse.ArgumentParser(prog="finsmith", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.__doc__)
        for argument in signature(command).parameters.values():
            option = f"--{argument.name.replace('_', '-')}"
            if argument.kind is argument.VAR_POSITIONAL:
                added.add_argument(_MANY, nargs="*", metavar=argument.name.upper())
            elif argument.default is argument.empty:
                added.add_argument(argument.name)
            elif argument.default is False:
                added.add_argument(option, action="store_true")
            else:
                kind = type(argument.default)
                added.add_argument(option, default=argument.default, type=kind, metavar=argument.name.upper())
    arguments = vars(parser.parse_args())
    try:
        COMMANDS[arguments.pop("command")](*arguments.pop(_MANY, ()), **arguments)
    except FinsmithError as error:
        print(f"finsmith: {error}", file=sys.stderr)
        raise SystemExit(1) from error
