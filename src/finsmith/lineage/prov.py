"""A tree of lineage in the W3C's PROV data model, as PROV-JSON that other programs read. The only home of prov.

Records are entities, calls and trainings are activities, people and teachers are agents. Source: W3C Recommendation
PROV-DM, 30 April 2013, section 2.1; PROV-JSON, W3C Member Submission, 24 April 2013. Not covered: other forms of PROV;
the library converts.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from prov.model import ProvDocument

from .trace import Node

_SPACE = "urn:finsmith:"
_ACTIVITIES = ("call", "run")
_AGENTS = ("reviewer",)
_LONG = ("boxes", "filters_passed", "marked_by", "rejected_by")  # facts that are no plain values


def prov_json(tree: Node) -> str:
    """The tree as PROV-JSON: each record once, however often it stands in the tree."""
    document = ProvDocument()
    document.add_namespace("finsmith", _SPACE)
    seen: set[str] = set()
    related: set[tuple[str, str]] = set()
    _add(tree, document, seen, related)
    return str(document.serialize(format="json", indent=2))


def _add(node: Node, document: ProvDocument, seen: set[str], related: set[tuple[str, str]]) -> None:
    name = _name(node)
    if name not in seen:
        seen.add(name)
        told = {"prov:type": node.kind, "prov:label": node.label or node.id} | _facts(node.facts)
        if node.kind in _ACTIVITIES:
            document.activity(name, other_attributes=told)
        elif node.kind in _AGENTS:
            document.agent(name, told)
        else:
            document.entity(name, told)
    if node.kind == "call" and (model := node.facts.get("model")):
        teacher = f"finsmith:{quote(model, safe='')}"
        if teacher not in seen:
            seen.add(teacher)
            document.agent(teacher, {"prov:type": "prov:SoftwareAgent", "prov:label": model})
        if _relate(name, teacher, related):
            document.wasAssociatedWith(name, teacher)
    for parent in node.parents:
        _add(parent, document, seen, related)
        if _relate(name, _name(parent), related):
            _link(document, node, parent)


def _relate(one: str, other: str, related: set[tuple[str, str]]) -> bool:
    """Whether the two were not related yet; they are then."""
    is_new = (one, other) not in related
    related.add((one, other))
    return is_new


def _link(document: ProvDocument, node: Node, parent: Node) -> None:
    """What the parent is to the node, by their kinds; the role stands beside."""
    name, other, role = _name(node), _name(parent), {"prov:role": parent.role}
    if node.kind in _ACTIVITIES:
        document.used(name, other, other_attributes=role)
    elif parent.kind in _ACTIVITIES:
        document.wasGeneratedBy(name, other, other_attributes=role)
    elif parent.kind in _AGENTS:
        document.wasAttributedTo(name, other)
    else:
        document.wasDerivedFrom(name, other, other_attributes={"prov:type": parent.role})


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Plain facts as they are, lists as text."""
    told = {name: value for name, value in facts.items() if name not in _LONG and value is not None}
    return {
        f"finsmith:{name}": value if isinstance(value, str | int | float | bool) else str(value)
        for name, value in told.items()
    }


def _name(node: Node) -> str:
    return f"finsmith:{quote(node.id, safe='')}"
