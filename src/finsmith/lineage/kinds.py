"""What each file of the pipeline holds, line by line: which record, under which id, and what it comes from.

A new kind of file is a function and a line in LINES. Not covered: reading and storing; that is in index.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from finsmith.core.ids import content_id

Line = Mapping[str, Any]
GENERAL = "general"  # the recipe of rows that no recipe of ours made
OUR_MODELS = ("base", "adapter")


class Link(NamedTuple):
    """What a record comes from: the parent's id, and in which role."""

    parent: str
    role: str


class Entry(NamedTuple):
    """A record that a line tells of. `kind` and `label` are empty where another line tells them.

    `about` is the name of a document or term, where a name is all there is. `stands` is whether the line is its own.
    """

    id: str
    kind: str = ""
    label: str = ""
    links: tuple[Link, ...] = ()
    about: str = ""
    stands: bool = True


def _document(line: Line) -> Iterable[Entry]:
    yield Entry(line["sha256"], "document", line["name"])


def _passage(line: Line) -> Iterable[Entry]:
    pages = line["pages"]
    where = f"p. {pages[0]}" + (f"–{pages[-1]}" if len(pages) > 1 else "") if pages else line["document"]
    yield Entry(line["id"], "passage", where, (Link(line["document_sha256"], "from"),))


def _term(line: Line) -> Iterable[Entry]:
    glossary = f"glossary:{line['source']}"
    yield Entry(glossary, "glossary", line["source"], stands=False)
    yield Entry(line["id"], "term", line["term"], (Link(glossary, "from"),))


def _seed_task(line: Line) -> Iterable[Entry]:
    yield Entry(line["id"], "seed task", line["name"])


def _example(line: Line) -> Iterable[Entry]:
    of = line["provenance"]
    links = [Link(source, "from") for source in of["sources"]]
    links += [Link(parent, "made from") for parent in of["parents"]]
    links += [Link(key, "checked by") for key in of["other_keys"]]
    if of["request_key"]:
        links.append(Link(of["request_key"], "written by"))
        yield Entry(of["request_key"], links=(Link(of["prompt_sha256"], "asked with"),), stands=False)
        yield Entry(of["prompt_sha256"], "prompt", line["recipe"].partition(".")[0], stands=False)
    if line["recipe"] == GENERAL:
        for place in of["sources"]:
            name = place.rpartition(":")[0]
            yield Entry(f"general:{name}", "general file", name, stands=False)
            yield Entry(place, "general row", place, (Link(f"general:{name}", "from"),), stands=False)
    yield Entry(line["id"], "example", line["recipe"], tuple(links))


def _filtered(line: Line) -> Iterable[Entry]:
    return _example(line) if line["recipe"] == GENERAL else _mixed(line)  # general rows have no file of candidates


def _rejected(line: Line) -> Iterable[Entry]:
    return _filtered(line["example"])


def _mixed(line: Line) -> Iterable[Entry]:
    yield Entry(line["id"])


def _flagged(line: Line) -> Iterable[Entry]:
    yield Entry(line["example_id"])


def _pair(line: Line) -> Iterable[Entry]:
    yield Entry(line["chosen"]["id"])
    yield Entry(line["rejected"]["id"])


def _call(line: Line) -> Iterable[Entry]:
    yield Entry(line["request_key"], "call", line["recipe"])


def _rejected_reply(line: Line) -> Iterable[Entry]:
    yield Entry(line["request_key"], links=tuple(Link(source, "asked about") for source in line["sources"]))


def _judgement(line: Line) -> Iterable[Entry]:
    links = [Link(line["example_id"], "about"), *(Link(key, "said in") for key in line["request_keys"])]
    yield Entry(content_id([line["example_id"], line["kind"]]), "judgement", line["kind"], tuple(links))


def _question(line: Line) -> Iterable[Entry]:
    label, parent = line.get("kind") or line.get("recipe") or "", line.get("parent")
    if parent:
        yield Entry(parent, "candidate", label, stands=False)
    links = (Link(parent, "made from"),) if parent else ()
    yield Entry(line["id"], "question", label, links, about=line.get("source") or "")


def _prediction(line: Line) -> Iterable[Entry]:
    identity = content_id([line[name] for name in ("question_id", "evaluator", "model", "shift")])
    links = [Link(line["question_id"], "answers"), *_said_by(line["model"])]
    if key := line["request_key"]:
        links.append(Link(key, "said in"))
    yield Entry(identity, "prediction", f"{line['model']} by {line['evaluator']}", tuple(links))


def _said_by(model: str) -> list[Link]:
    """A hosted model is none of ours."""
    return [Link(model, "said by")] if model in OUR_MODELS else []


def _written_answer(line: Line) -> Iterable[Entry]:
    links = (Link(line["question_id"], "answers"), *_said_by(line["model"]))
    yield Entry(content_id([line["question_id"], line["model"]]), "answer", line["model"], links)


def _comparison(line: Line) -> Iterable[Entry]:
    links = [Link(line["question_id"], "about"), *(Link(key, "said in") for key in line["request_keys"])]
    yield Entry(content_id(["comparison", line["question_id"]]), "comparison", line["model"], tuple(links))


def _verdict(line: Line) -> Iterable[Entry]:
    reviewer, identity = f"reviewer:{line['reviewer']}", content_id([line["row_id"], line["reviewer"]])
    yield Entry(reviewer, "reviewer", line["reviewer"], stands=False)
    yield Entry(identity, "verdict", line["reviewer"], (Link(reviewer, "by"),))
    yield Entry(line["row_id"], links=(Link(identity, "judged in"),), stands=False)


def _approved(line: Line) -> Iterable[Entry]:
    """A row that a person edited stands among no candidates."""
    return _example(line) if line["provenance"]["parents"] else _mixed(line)


def _decision(line: Line) -> Iterable[Entry]:
    reviewer = f"reviewer:{line['reviewer']}"
    links = [Link(reviewer, "by"), *([Link(line["undoes"], "undoes")] if line["undoes"] else [])]
    yield Entry(reviewer, "reviewer", line["reviewer"], stands=False)
    yield Entry(line["id"], "decision", line["reviewer"], tuple(links))
    if line["kind"] == "question" and line["verdict"] != "skip":  # a candidate for the test, which stands in no output
        yield Entry(line["row_id"], "candidate", links=(Link(line["id"], "decided in"),), stands=False)


def _settled(line: Line) -> Iterable[Entry]:
    """What people said of a row that is there; decisions on rows that are gone lead nowhere."""
    yield Entry(line["row_id"], links=tuple(Link(one, "decided in") for one in line["decisions"]))
    if line["becomes"]:
        yield Entry(line["becomes"], links=tuple(Link(one, "edited in") for one in line["decisions"]), stands=False)


def _waiting(line: Line) -> Iterable[Entry]:
    yield Entry(line["row_id"])


LINES: dict[str, Callable[[Line], Iterable[Entry]]] = {
    "corpus/documents.jsonl": _document,
    "corpus/passages.jsonl": _passage,
    "corpus/terms.jsonl": _term,
    "seed_tasks.jsonl": _seed_task,
    "candidates/*.jsonl": _example,
    "calls/ledger.jsonl": _call,
    "calls/rejected_replies.jsonl": _rejected_reply,
    "judgements/ledger.jsonl": _call,
    "judgements/rejected_replies.jsonl": _rejected_reply,
    "judgements/judgements.jsonl": _judgement,
    "filtered/kept.jsonl": _filtered,
    "filtered/rejected.jsonl": _rejected,
    "filtered/flagged.jsonl": _flagged,
    "testset/questions.jsonl": _question,  # before decisions: a candidate that is asked as it is is a question
    "testset/general.jsonl": _question,
    "testset/examples.jsonl": _question,
    "testset/rag.jsonl": _question,
    "testset/open.jsonl": _question,
    "reviewed/decisions.jsonl": _decision,
    "reviewed/settled.jsonl": _settled,
    "reviewed/approved.jsonl": _approved,
    "reviewed/rejected.jsonl": lambda line: _mixed(line["example"]),
    "reviewed/waiting.jsonl": _waiting,
    "mixed/train.jsonl": _mixed,
    "mixed/pairs.jsonl": _pair,
    "quality/verdicts.jsonl": _verdict,
    "predictions.jsonl": _prediction,
    "evaluation/ledger.jsonl": _call,
    "answers/ledger.jsonl": _call,
    "answers/rejected_replies.jsonl": _rejected_reply,
    "answers/rag.jsonl": _written_answer,
    "answers/open.jsonl": _written_answer,
    "answers/comparisons.jsonl": _comparison,
}
