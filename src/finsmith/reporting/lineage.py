"""Lineage in words: the tree above a record and what descends from one, for the terminal; the tree as a page.

Not covered: finding it; the package `lineage` does, and hands over plain mappings.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.markup import escape
from rich.tree import Tree

from .console import console

Node = Mapping[str, Any]  # as `dataclasses.asdict` gives it
_SHORT = 100  # characters of a text in a line
_HASH = re.compile(r"[0-9a-f]{32,}")
_SHOWN_OF_HASH = 16


def print_tree(node: Node) -> None:
    """Prints the tree above a record, each with what is known of it."""
    console().print(_branch(node))


def _branch(node: Node) -> Tree:
    role = f"[dim]{escape(node['role'])}[/] " if node["role"] else ""
    tree = Tree(f"{role}[bold]{node['kind']}[/] {escape(headline(node))}")
    for line in detail_lines(node):
        tree.add(f"[dim]{escape(line)}[/]")
    for parent in node["parents"]:
        tree.children.append(_branch(parent))
    if node["left_out"]:
        tree.add(f"[dim]and {node['left_out']:,} more[/]")
    return tree


def headline(node: Node) -> str:
    """Which record it is, and the fact that says most of it."""
    facts, tell = node["facts"], _HEADLINES.get(node["kind"])
    told = tell(node, facts) if tell else node["label"]
    if tell is None and "rows" in facts:
        told = f"{told}: {facts['rows']:,} rows"
    return f"{_short_id(node['id'])} {told}".strip()


_HEADLINES: dict[str, Callable[[Node, Mapping[str, Any]], str]] = {
    "metric": lambda node, facts: f"= {facts['value']}",
    "passage": lambda node, facts: f"{facts['document']}, {node['label']}",
    "term": lambda node, facts: f"{facts['term']}, {facts['source']} row {facts['row']}",
    "call": lambda node, facts: (
        f"{node['label']} by {facts['model']}, {facts['prompt_tokens']:,} + {facts['completion_tokens']:,} tokens, "
        f"{facts['cost_usd']:.4f} USD ({facts['reference_cost_usd']:.4f} at the reference price)"
        if facts
        else f"{node['label']} (in no ledger)"
    ),
    "judgement": lambda node, facts: f"{facts['kind']}: {facts['right']} of {facts['votes']} by {facts['model']}",
    "decision": lambda node, facts: (
        f"{facts['verdict']}{' with an edit' if 'edit' in facts else ''} by {facts['reviewer']}"
        + (f": {_short(facts['reason'])}" if "reason" in facts else "")
    ),
    "question": lambda node, facts: _short(facts.get("stem") or facts.get("question", "")),
    "prediction": lambda node, facts: f"{node['label']}: {_choice(facts)}",
    "answer": lambda node, facts: f"{node['label']}: {_short(facts.get('answer', ''))}",
    "predictions": lambda node, facts: f"{facts['predictions']:,} of {node['label']}, md5 {facts['md5']}",
    "test set": lambda node, facts: f"{facts['questions']:,} questions, md5 {facts['md5']}",
    "model": lambda node, facts: f"{node['label'] if node['label'] != node['id'] else ''} md5 {facts['md5']}",
    "run": lambda node, facts: (
        f"{facts['steps']} steps, {facts['tokens']:,} tokens, {facts['device_hours']:.3f} hours of {facts['device']}"
    ),
    "training set": lambda node, facts: (
        f"{facts['domain_rows']:,} domain and {facts['general_rows']:,} general rows, md5 {facts['md5']}"
    ),
    "recipe": lambda node, facts: f"{facts['rows']:,} rows",
    "file": lambda node, facts: f"md5 {facts['md5']}",
}


def detail_lines(node: Node, whole: bool = False) -> Iterator[str]:
    """What else is known of a record, a line each; long texts are cut unless `whole`."""
    facts = node["facts"]
    for name in ("instruction", "input", "output", "definition", "text"):
        if facts.get(name):
            yield f"{name}: {facts[name] if whole else _short(facts[name])}"
    for number, choice in enumerate(facts.get("choices", ())):
        yield f"{'*' if number == facts.get('answer') else ' '} {chr(ord('A') + number)}. {_short(choice)}"
    if "filters_passed" in facts:
        yield _filtered(facts)
        yield from (f"marked by {mark['filter']}: {mark['reason']}" for mark in facts["marked_by"])
        yield "in the training set" if facts["in_training_set"] else "not in the training set"
        yield _reviewed(node)
    if facts.get("mlflow"):
        yield f"in MLflow: {facts['mlflow']}"
    if facts.get("sha256"):
        yield f"sha256 {facts['sha256']}"
    if boxes := facts.get("boxes"):
        first = boxes[0]
        corner = ", ".join(f"{first[name]:.0f}" for name in ("x0", "y0", "x1", "y1"))
        yield f"{len(boxes)} boxes, the first on page {first['page']} at {corner} points"
    if node["places"]:
        yield ", ".join(node["places"])


def _filtered(facts: Mapping[str, Any]) -> str:
    passed, rejected = len(facts["filters_passed"]), facts["rejected_by"]
    if not rejected:
        return f"passed {passed} filters"
    against = f" ({_short(rejected['against'])})" if rejected["against"] else ""
    return f"rejected by {rejected['filter']} after {passed} filters passed: {rejected['reason']}{against}"


def _reviewed(node: Node) -> str:
    people = sorted({parent["label"] for parent in node["parents"] if parent["kind"] in ("verdict", "decision")})
    return f"judged by {', '.join(people)}" if people else "judged by no person"


def _choice(facts: Mapping[str, Any]) -> str:
    said = "nothing readable" if facts.get("predicted") is None else "ABCDE"[facts["predicted"]]
    return f"{said}, right is {'ABCDE'[facts['answer']]}"


def _short_id(identity: str) -> str:
    return identity[:_SHOWN_OF_HASH] if _HASH.fullmatch(identity) else identity


def _short(text: str) -> str:
    flat = " ".join(str(text).split())
    return flat if len(flat) <= _SHORT else f"{flat[: _SHORT - 1]}…"


def lineage_page(node: Node, pictures: Mapping[str, Sequence[tuple[int, str]]]) -> str:
    """The tree as one HTML file; `pictures` are pages by passage id, each with its number and a PNG file in base64."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    return templates.get_template("lineage.html.j2").render(
        node=node, pictures=pictures, headline=headline, details=detail_lines
    )


def impact_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """What descends from the roots: rows, sets, adapter and run; versions in a row that are alike are told as one."""
    for of, alike in groupby(found["descents"], key=_of_any_version):
        names = ", ".join(f"{root['kind']} {root['label']} ({_short_id(root['id'])})" for root in of["roots"])
        yield f"{_few([one['version'] for one in alike])}: from {names}"
        if not of["records"]:
            yield "    nothing"
        for path, kinds in of["records"].items():
            yield f"    {path:36} {', '.join(f'{count:,} {kind}' for kind, count in kinds.items())}"
        if of["trained_rows"]:
            share = of["trained_rows"] / of["training_rows"]
            yield f"    trained on: {of['trained_rows']:,} of {of['training_rows']:,} rows ({share:.1%})"
            yield f"    adapter {of['adapter'] or '(not in dvc.lock)'}, run {of['run'] or '(not in the cache)'}"
    if found["clean"]:
        yield f"nothing of it in {len(found['clean'])} versions: {_few(found['clean'])}"
    if found["unread"]:
        told = "`dvc fetch --all-commits`, for experiments `dvc exp pull`"
        yield f"not on this machine, so not looked at: {_few(found['unread'])}; {told}"


def _of_any_version(descent: Mapping[str, Any]) -> dict[str, Any]:
    return {**descent, "version": "", "rev": ""}


def erased_lines(document: str, erased: Mapping[str, Any]) -> Iterator[str]:
    """What was erased, and what is left to do."""
    yield f"withdrawn {document}"
    yield "erased    what is about it or has its text"
    for holder, places in erased["places"].items():
        yield f"          {holder}: {len(places):,} ({_few([_short_id(one) for one in places])})"
    yield from (f"          {file}" for file in erased["files"])
    yield "next      `dvc repro` makes every output anew without it; `finsmith audit` then proves that nothing is left"
    yield "          `git add data/withdrawn.json` and commit; versions from before can no longer be checked out whole"
    yield "not here  DVC remotes, MLflow servers, model hubs, clones, backups and git's own history: erase there, too"


def verdict_lines(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The audit's verdicts, and the first faults of each."""
    for one in verdicts:
        yield f"{'failed' if one['count'] else 'passed'}  {one['check']:10} {one['claim']}"
        yield from (f"          {fault}" for fault in one["faults"])
        if one["count"] > len(one["faults"]):
            yield f"          and {one['count'] - len(one['faults']):,} more"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
