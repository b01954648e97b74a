"""Lineage in the W3C's model, read back by the library that knows it."""

import pytest
from prov.model import ProvDocument

from finsmith.lineage.prov import prov_json
from finsmith.lineage.trace import trace

from .projects import GLOSSED, KEYS, PASSAGES, PROMPT, ROWS, SHA


def read(tree):
    return ProvDocument.deserialize(content=prov_json(tree), format="json")


def relations(document):
    """Kind of relation with the two ids."""
    return {
        (record.get_type().localpart, *(str(name.localpart) for _, name in record.formal_attributes[:2] if name))
        for record in document.get_records()
        if record.is_relation()
    }


def test_a_row_in_prov(index, project):
    """Derived from its passage, that from the document; made by a call, which used the prompt and was the teacher's."""
    found = relations(read(trace(ROWS[0].id, index, project)))
    assert {
        ("Derivation", ROWS[0].id, PASSAGES[0].id),
        ("Derivation", PASSAGES[0].id, SHA),
        ("Generation", ROWS[0].id, KEYS[0]),
        ("Usage", KEYS[0], PROMPT),
        ("Association", KEYS[0], "teacher"),
    } <= found


def test_who_judged_a_row_is_an_agent(index, project):
    """A reviewer with a Korean name."""
    document = read(trace(GLOSSED.id, index, project))
    labels = {str(next(iter(one.get_attribute("prov:label")))) for one in document.get_records() if one.is_element()}
    assert "김심사" in labels
    assert "Attribution" in {kind for kind, *_ in relations(document)}


@pytest.mark.parametrize("metric", ["evaluate.letter.adapter.accuracy", "leaks.rows"])
def test_a_metric_in_prov_names_each_record_once(index, project, metric):
    """However often it stands in the tree."""
    document = read(trace(metric, index, project))
    names = [str(one.identifier) for one in document.get_records() if one.is_element()]
    assert len(names) == len(set(names)) > 2
