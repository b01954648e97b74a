"""Rows, questions and decisions that the tests of the review share."""

from finsmith.core.records import Example, Provenance, Question
from finsmith.review.decisions import Decision, Edit

AT = "2026-03-02T09:30:00.000Z"


def row(number=0, recipe="rag.answer", **fields):
    """A row that a person may look at."""
    texts = {
        "instruction": f"{number}호 예금의 만기는 언제인가요?",
        "input": "",
        "output": f"{number}월입니다.",
        "provenance": Provenance(sources=("p1",), request_key="k1"),
    } | fields
    return Example(recipe=recipe, **texts)


def question(stem="예금의 만기는?", **fields):
    """A closed question that a person may look at."""
    known = {"choices": ("1월", "2월", "3월", "4월"), "answer": 1, "explanation": "", "source": "", "evidence": ""}
    return Question(stem=stem, **(known | fields))


def decision(about, verdict="accept", reviewer="kim", **fields):
    """What a reviewer says of a row, a question, or a row's id."""
    kind = fields.pop("kind", "question" if isinstance(about, Question) else "row")
    if verdict == "reject" and kind != "sample":
        fields.setdefault("reason", "만기가 다르다")
    fields = {"seconds": 12.5, "at": AT} | fields
    row_id = about if isinstance(about, str) else about.id
    return Decision(kind=kind, row_id=row_id, verdict=verdict, reviewer=reviewer, **fields)


def edited(about, reviewer="kim", **fields):
    """An acceptance with these fields changed."""
    more = {name: fields.pop(name) for name in ("seen", "kind", "at", "seconds") if name in fields}
    return decision(about, "accept", reviewer, edit=Edit(**fields), **more)


def undo(of, **fields):
    """Takes a decision back; nothing was decided on the row since."""
    said = {"verdict": "undo", "undoes": of.id, "seen": of.id, "kind": of.kind}
    return decision(of.row_id, reviewer=of.reviewer, **(said | fields))


def chained(*decisions):
    """The decisions with `seen` set as one page that shows them one after the other would."""
    last, told = {}, []
    for one in decisions:
        content = one.model_dump(exclude={"id"}) | {"seen": last.get((one.reviewer, one.key), "")}
        one = Decision.model_validate(content)
        last[one.reviewer, one.key] = one.id
        told.append(one)
    return told
