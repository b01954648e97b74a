"""From a record or a metric up to the page: a tree of what it comes from, with the facts of each.

Not covered: what descends from it (impact); how the tree is shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from finsmith.core.errors import LineageError

from .index import TRAINING_SET
from .kinds import OUR_MODELS
from .project import Project
from .walk import Found, Index, Place

_FACTS = {  # of each kind, what is told from its line
    "document": ("sha256", "pages"),
    "passage": ("document", "pages", "boxes", "headings", "ocr_confidence", "text"),
    "term": ("term", "full_name", "definition", "source", "sheet", "row"),
    "example": ("recipe", "instruction", "input", "output"),
    "call": ("model", "finish_reason", "prompt_tokens", "completion_tokens", "cost_usd", "reference_cost_usd"),
    "question": ("stem", "question", "choices", "answer", "clues", "source", "evidence", "explanation", "reference"),
    "prediction": ("model", "evaluator", "shift", "predicted", "answer", "scores", "reply"),
    "answer": ("model", "answer"),
    "judgement": ("kind", "right", "votes", "said", "model"),
    "decision": ("verdict", "reviewer", "reason", "edit", "seconds", "at"),
    "comparison": ("base_first", "adapter_first", "model"),
    "seed task": ("name",),
}
PREDICTIONS = "data/predictions.jsonl"
QUESTIONS, GENERAL_QUESTIONS = "data/testset/questions.jsonl", "data/testset/general.jsonl"
_SAID_OF = {  # of each kind, the records that are about it, and in which role they are told
    "example": {"judgement": "judged as"},
    "question": {"prediction": "answered", "answer": "answered", "comparison": "compared"},
}
_LISTED = 20  # parents of one node; the others are counted


@dataclass(frozen=True)
class Node:
    """A record and what it comes from. `role` is what it is to the node below; `left_out` parents are not shown."""

    role: str
    kind: str
    id: str
    label: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    parents: tuple["Node", ...] = ()
    left_out: int = 0


def trace(wanted: str, index: Index, project: Project) -> Node:
    """The tree above a record (its id, a beginning of it, a document's or term's name) or a metric (`stage.name…`).

    Raises:
        LineageError: nothing or several things are meant, or a file is not the one that was indexed.
    """
    stage, _, name = wanted.partition(".")
    if name and stage in project.stages():
        return _metric(stage, name, index, project)
    return _record("", index.one(wanted), index, project)


def passages_in(node: Node) -> Iterator[Node]:
    """The passages of a tree."""
    if node.kind == "passage":
        yield node
    for parent in node.parents:
        yield from passages_in(parent)


def _record(role: str, found: Found, index: Index, project: Project) -> Node:
    """A record with all above it; of a question also what was answered, of an example what judges said."""
    if found.id == TRAINING_SET:
        return _training_set(role, index, project)
    if found.kind in ("model", "run"):
        return {"model": _model, "run": _run}[found.kind](role, found, index, project)
    places = index.places(found)
    facts = _facts(found, places, index, project)
    above = index.parents(found)
    if found.kind == "example":
        facts |= _judged(places, index, project)
    sayings = _SAID_OF.get(found.kind, {})
    beside = [(of, one) for kind, of in sayings.items() for _, one in index.children(found, kind)]
    if found.kind in {kind for kinds in _SAID_OF.values() for kind in kinds} and role:
        above = [(of, one) for of, one in above if one.kind not in _SAID_OF]  # what it is about stands below
    above += beside
    parents = tuple(_record(of, one, index, project) for of, one in above[:_LISTED])
    return Node(role, found.kind, found.id, found.label, facts, tuple(map(str, places)), parents, len(above[_LISTED:]))


def _facts(found: Found, places: Iterable[Place], index: Index, project: Project) -> dict[str, Any]:
    """From the first line of its own."""
    if found.kind not in _FACTS or not (first := next(iter(places), None)):
        return {}
    line = index.read(first, project.root)
    line = line.get("example", line)
    return {name: line[name] for name in _FACTS[found.kind] if line.get(name) not in (None, "", [])}


def _judged(places: Iterable[Place], index: Index, project: Project) -> dict[str, Any]:
    """What the filters said of an example, and whether it was trained on."""
    stands = {place.path: place for place in places}
    reject = stands.get("data/filtered/rejected.jsonl") or stands.get("data/reviewed/rejected.jsonl")
    told = {"filter", "reason", "score", "against"}
    said = index.read(reject, project.root) if reject else {}
    marks = [
        {name: index.read(place, project.root)[name] for name in told}
        for place in places
        if place.path == "data/filtered/flagged.jsonl"
    ]
    passed = list(takewhile(lambda name: name != said.get("filter"), project.filters))
    return {
        "in_training_set": TRAINING_SET in stands,
        "filters_passed": passed,
        "rejected_by": {name: said.get(name) for name in told} if said else None,
        "marked_by": marks,
    }


def _metric(stage: str, name: str, index: Index, project: Project) -> Node:
    """A figure of a stage's metrics, e.g. evaluate.choice_text.adapter.accuracy."""
    value: Any = project.metrics(stage)
    for key in name.split("."):
        if not isinstance(value, dict) or key not in value:
            known = ", ".join(value) if isinstance(value, dict) else f"nothing below: it is {value}"
            raise LineageError(f"{stage}.{name}: the metrics of `{stage}` have no {key!r} there; they have {known}.")
        value = value[key]
    parents: list[Node] = []
    if stage == "evaluate":
        parents += _predictions(name, index, project)
    if stage in ("evaluate", "answers"):
        named = [model for model in OUR_MODELS if model in name.split(".")] or OUR_MODELS
        parents += [_record("of", index.one(model), index, project) for model in named]
    elif stage == "train":
        parents.append(_record("of", index.one(project.run["run_id"]), index, project))
    else:
        read = project.version.inputs(stage).items()
        parents += [Node("from", "file", path, "", {"md5": md5}) for path, md5 in read]
    place = f"reports/metrics/{stage}.json"
    return Node("", "metric", f"{stage}.{name}", name, {"value": value}, (place,), tuple(parents))


def _predictions(name: str, index: Index, project: Project) -> list[Node]:
    """Those that a figure of `evaluate` counts, as one node for each model and evaluator, with the questions."""
    words = set(name.split("."))
    asked = GENERAL_QUESTIONS if words & {"general", "forgetting"} else QUESTIONS
    evaluators = words - {"general"} if asked == QUESTIONS else {project.metrics("evaluate")["headline"]}
    found = []
    for label, count in index.labels_of_answers(asked):
        model, _, evaluator = label.partition(" by ")
        if (model in words or not words & set(OUR_MODELS)) and evaluator in evaluators:
            facts = {"predictions": count, "md5": project.md5(PREDICTIONS)}
            found.append(Node("counted from", "predictions", PREDICTIONS, label, facts))
    questions = {"questions": index.rows(asked), "md5": project.md5("data/testset")}
    return [*found, Node("asked", "test set", asked, "", questions)]


def _model(role: str, found: Found, index: Index, project: Project) -> Node:
    """Base or adapter, with the hash of its files."""
    facts = {"md5": project.md5(f"models/{found.id}")}
    parents = tuple(_record(of, one, index, project) for of, one in index.parents(found))
    return Node(role, "model", found.id, found.label, facts, (f"models/{found.id}",), parents)


def _run(role: str, found: Found, index: Index, project: Project) -> Node:
    told = ("device", "device_hours", "gpu_hours", "steps", "tokens", "final_loss", "fingerprint")
    facts = {name: project.run[name] for name in told if name in project.run}
    if page := project.run_page(found.id):
        facts["mlflow"] = page
    parents = tuple(_record(of, one, index, project) for of, one in index.parents(found))
    return Node(role, "run", found.id, found.label, facts, ("models/run.json",), parents)


def _training_set(role: str, index: Index, project: Project) -> Node:
    """Its rows by recipe, and the documents, glossaries, files and prompts that they descend from."""
    mixed = project.metrics("mix")
    told = ("domain_rows", "general_rows", "general_share", "tokens")
    facts = {"rows": index.rows(), "md5": project.md5("data/mixed")} | {
        name: mixed[name] for name in told if name in mixed
    }
    recipes = []
    for recipe, rows in index.recipes().items():
        origins = [Node("from", of.kind, of.id, of.label, {"rows": count}) for of, count in index.origins(recipe)]
        shown, left = tuple(origins[:_LISTED]), len(origins[_LISTED:])
        recipes.append(Node("rows of", "recipe", recipe, recipe, {"rows": rows}, (), shown, left))
    return Node(role, "training set", TRAINING_SET, TRAINING_SET, facts, (TRAINING_SET,), tuple(recipes))
