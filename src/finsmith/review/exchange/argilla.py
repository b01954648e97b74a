"""Data sets for Argilla, in the folder that `Dataset.from_disk` reads, and answers from its records as JSON.

Records as `Dataset.to_disk` writes them do not say which response was submitted; those of
`records.to_list(flatten=True)` do, and are asked for where several people answered. Not covered: times, which
neither holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from finsmith.core.errors import RecordError
from finsmith.core.io import read_json, write_json
from finsmith.core.records import CHOICE_LETTERS, SourceReject

from ..decisions import Kind
from .answers import Answer, unreadable
from .tasks import AUDIT, FOLDERS, NEW, TEXTS, Task, write_array
from .words import Words

_OWN = "own_words"
_DISTRIBUTION = {"strategy": "overlap", "min_submitted": 1}


def write(folder: Path, kind: Kind, tasks: Iterable[Task], words: Words) -> None:
    """Writes the data set's folder: `records.json`, and its description and settings in `.argilla`."""
    about = {"guidelines": words.guidelines, "allow_extra_metadata": True, "distribution": _DISTRIBUTION}
    write_json(folder / ".argilla/dataset.json", about | {"name": f"finsmith-{FOLDERS[kind]}", "status": "draft"})
    write_json(folder / ".argilla/settings.json", about | _settings(kind, words))
    write_array(folder / "records.json", map(_record, tasks))


def read(path: Path) -> Iterator[Answer | SourceReject]:
    """The answers of a file, record by record and person by person; a folder is that of `Dataset.to_disk`.

    Raises:
        RecordError: the file holds no records.
    """
    path = path / "records.json" if path.is_dir() else path
    exported = read_json(path)
    if not isinstance(exported, list) or not all(isinstance(one, dict) and "id" in one for one in exported):
        raise RecordError(
            f"{path}: no records of Argilla. Write them with `dataset.to_disk`, or as docs/review.md says."
        )
    for record in exported:
        place = f"record {record['id']}"
        try:
            data = {**(record.get("fields") or {}), **(record.get("metadata") or {}), **record}
            responses = _responses(record)
            if len(responses) > 1 and not all("" in said for said in responses.values()):
                raise ValueError("several people, of whom the file does not say who submitted; write it flattened")
            for person, said in responses.items():
                yield _answer(f"{place}, user {person}", data, person, said)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield unreadable(path, place, {"row_id": record["id"]}, error)


def _responses(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each person answered by question; under "" the status of the response where it is known."""
    said: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, responses in (record.get("responses") or {}).items():
        for one in responses:
            said[one["user_id"]][name] = one["value"]
    for key, values in record.items():
        name, _, rest = key.partition(".")
        if rest == "responses" and values:
            for person, value, state in zip(record[f"{key}.users"], values, record[f"{key}.status"], strict=True):
                said[person] |= {name: value, "": state}
    return said


def _answer(place: str, data: Mapping[str, Any], person: str, said: Mapping[str, Any]) -> Answer | SourceReject:
    kind, state = data["kind"], said.get("") or ("submitted" if data["status"] == "completed" else "draft")
    if state == "draft":
        return SourceReject(source=person, place=place, reason="a draft, not submitted", text=data["id"])
    return Answer(
        place=place,
        kind=kind,
        row_id=data["id"],
        people=(person,),
        shown={name: data.get(name) or "" for name in TEXTS[kind]},
        verdict="skip" if state == "discarded" else said.get("verdict") or "",
        reason="; ".join(filter(None, [*(said.get("reason") or ()), (said.get(_OWN) or "").strip()])),
        texts={name: said[NEW + name] for name in TEXTS[kind] if said.get(NEW + name)},
        audit={name: said[name] == "yes" for name in AUDIT if said.get(name)},
    )


def _record(task: Task) -> dict[str, Any]:
    item = task.item
    texts = {name: text for name, text in task.texts.items() if text}
    shown = {"named": task.named} | texts | {"marks": task.marks, "sources": task.sources}
    edits = texts if item.kind != "sample" else {}
    return {
        "id": item.id,
        "fields": {name: text for name, text in shown.items() if text},
        "metadata": {"kind": item.kind, "recipe": item.recipe, "doubt": item.doubt, "rank": item.rank},
        "suggestions": {NEW + name: {"value": text, "agent": "finsmith"} for name, text in edits.items()},
        "responses": {},
        "vectors": {},
        "status": "pending",
        "_server_id": None,
    }


def _settings(kind: Kind, words: Words) -> dict[str, Any]:
    titles = {name: words.title(name) for name in TEXTS[kind]} | {"marks": words.marks, "sources": words.sources}
    return {
        "fields": [
            {"name": "named", "title": "finsmith", "required": True, "settings": {"type": "text"}},
            *(
                {"name": name, "title": title, "required": False, "settings": {"type": "text"}}
                for name, title in titles.items()
            ),
        ],
        "questions": list(_questions(kind, words)),
        "metadata": [
            {"name": name, "title": name, "settings": {"type": form}, "visible_for_annotators": True}
            for name, form in (("kind", "terms"), ("recipe", "terms"), ("doubt", "float"), ("rank", "integer"))
        ],
        "vectors": [],
        "mapping": None,
    }


def _questions(kind: Kind, words: Words) -> Iterator[dict[str, Any]]:
    if kind == "sample":
        for name, question in zip(AUDIT, words.audit, strict=True):
            yield _labels(name, question, {"yes": words.yes, "no": words.no}, required=True)
    else:
        yield _labels("verdict", words.verdict, {"accept": words.accept, "reject": words.reject}, required=True)
        reasons = {reason: reason for reason in words.reasons[kind]}
        yield _labels("reason", words.reason, reasons, form="multi_label_selection")
    yield _words(_OWN, words.own_words)
    for name in TEXTS[kind] if kind != "sample" else ():
        title = f"{words.edit}: {words.title(name)}"
        letters = {letter: letter for letter in CHOICE_LETTERS}
        yield _labels(NEW + name, title, letters) if name == "answer" else _words(NEW + name, title)


def _labels(
    name: str, title: str, options: Mapping[str, str], required: bool = False, form: str = "label_selection"
) -> dict[str, Any]:
    listed = [{"value": value, "text": text} for value, text in options.items()]
    return {"name": name, "title": title, "required": required, "settings": {"type": form, "options": listed}}


def _words(name: str, title: str) -> dict[str, Any]:
    return {"name": name, "title": title, "required": False, "settings": {"type": "text", "use_markdown": False}}
