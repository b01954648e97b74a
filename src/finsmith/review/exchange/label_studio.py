"""Tasks and labelling configurations for Label Studio, and answers from its export as JSON.

Texts to edit stand filled in; of an annotation that left them alone they say what they said. Not covered: the exports
JSON_MIN and CSV, which say less, and drafts and predictions, which nobody submitted.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from finsmith.core.errors import RecordError
from finsmith.core.io import read_json, write_text
from finsmith.core.records import CHOICE_LETTERS, SourceReject

from ..decisions import Kind
from .answers import Answer, unreadable
from .tasks import AUDIT, NEW, TEXTS, Task, write_array
from .words import Words

_OWN = "own_words"


def write(folder: Path, kind: Kind, tasks: Iterable[Task], words: Words) -> None:
    """Writes `tasks.json`, to be imported, and `config.xml`, the labelling configuration that shows it."""
    write_text(folder / "config.xml", _config(kind, words))
    write_array(folder / "tasks.json", ({"data": _data(task)} for task in tasks))


def read(path: Path) -> Iterator[Answer | SourceReject]:
    """The answers of a file, annotation by annotation.

    Raises:
        RecordError: the file is no export as JSON.
    """
    exported = read_json(path)
    if not isinstance(exported, list) or not all(isinstance(task, dict) and "data" in task for task in exported):
        raise RecordError(f"{path}: no export of Label Studio. Export the project as JSON, not as JSON_MIN or CSV.")
    for task in exported:
        for one in task.get("annotations") or ():
            place = f"task {task.get('id', '?')}, annotation {one.get('id', '?')}"
            try:
                yield _answer(place, task["data"], one)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                yield unreadable(path, place, task["data"], error)


def _data(task: Task) -> dict[str, Any]:
    item = task.item
    about = {"row_id": item.id, "kind": item.kind, "recipe": item.recipe, "rank": item.rank, "doubt": item.doubt}
    return about | {"named": task.named, "marks": task.marks, "sources": task.sources} | dict(task.texts)


def _answer(place: str, data: Mapping[str, Any], annotation: Mapping[str, Any]) -> Answer:
    kind, said = data["kind"], _said(annotation["result"])
    at = datetime.fromisoformat(annotation.get("updated_at") or annotation["created_at"]).astimezone(UTC)
    verdict = "skip" if annotation.get("was_cancelled") else (said.get("verdict") or [""])[-1]
    return Answer(
        place=place,
        kind=kind,
        row_id=data["row_id"],
        people=_people(annotation["completed_by"]),
        shown={name: data[name] for name in TEXTS[kind]},
        verdict=verdict,
        reason="; ".join([*said.get("reason", ()), *filter(None, map(str.strip, said.get(_OWN, ())))]),
        texts={name: said[NEW + name][-1] for name in TEXTS[kind] if said.get(NEW + name)},
        audit={name: said[name][-1] == "yes" for name in AUDIT if said.get(name)},
        seconds=max(0.0, float(annotation.get("lead_time") or 0)),
        at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def _said(result: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What was chosen and written, by the name of its control."""
    said: dict[str, list[str]] = {}
    for one in result:
        told = one["value"].get("choices", one["value"].get("text", []))
        said.setdefault(one["from_name"], []).extend([told] if isinstance(told, str) else told)
    return said


def _people(who: Any) -> tuple[str, ...]:
    """What is known of who annotated: an id, or in exports of other versions also an e-mail address."""
    if isinstance(who, Mapping):
        return str(who["id"]), *(who[name] for name in ("email", "username") if who.get(name))
    if who is None:
        raise ValueError("nobody is named who annotated it")
    return (str(who),)


def _config(kind: Kind, words: Words) -> str:
    view = Element("View", style="display: flex; gap: 2em")
    left, right = (SubElement(view, "View", style="flex: 1; min-width: 0") for _ in range(2))
    SubElement(left, "Header", value="$named", size="4")
    for name in TEXTS[kind]:
        _text(left, name, words.title(name))
    about = TEXTS[kind][0]
    if kind == "sample":
        for name, question in zip(AUDIT, words.audit, strict=True):
            _choices(left, name, about, question, {"yes": words.yes, "no": words.no}, required="true")
        _area(left, _OWN, about, words.own_words)
    else:
        choices = {"accept": words.accept, "reject": words.reject}
        _choices(left, "verdict", about, words.verdict, choices, required="true", hotkeys="ar")
        _reasons(left, kind, about, words)
        _edits(left, kind, about, words)
    _text(right, "marks", words.marks)
    _text(right, "sources", words.sources)
    indent(view)
    return tostring(view, encoding="unicode") + "\n"


def _text(parent: Element, name: str, title: str) -> None:
    SubElement(parent, "Header", value=title, size="5")
    SubElement(parent, "Text", name=name, value=f"${name}")


def _choices(
    parent: Element, name: str, about: str, title: str, choices: Mapping[str, str], hotkeys: str = "", **more: str
) -> None:
    """What is chosen comes back as the key of the choice, whatever the language."""
    SubElement(parent, "Header", value=title, size="5")
    found = SubElement(parent, "Choices", name=name, toName=about, choice="single-radio", showInline="true")
    found.attrib.update(more)
    for at, (alias, value) in enumerate(choices.items()):
        SubElement(found, "Choice", {"value": value, "alias": alias} | ({"hotkey": hotkeys[at]} if hotkeys else {}))


def _reasons(parent: Element, kind: Kind, about: str, words: Words) -> None:
    rejected = f"{words.reject},reject"  # some versions look for the alias
    when = {"visibleWhen": "choice-selected", "whenTagName": "verdict", "whenChoiceValue": rejected}
    shown = SubElement(parent, "View", when)
    SubElement(shown, "Header", value=words.reason, size="5")
    listed = SubElement(shown, "Choices", name="reason", toName=about, choice="multiple")
    for reason in words.reasons[kind]:
        SubElement(listed, "Choice", value=reason)
    _area(shown, _OWN, about, words.own_words)


def _edits(parent: Element, kind: Kind, about: str, words: Words) -> None:
    SubElement(parent, "Header", value=words.edit, size="4")
    for name in TEXTS[kind]:
        if name == "answer":
            letters = {letter: letter for letter in CHOICE_LETTERS}
            _choices(parent, NEW + name, about, words.title(name), letters)
        else:
            _area(parent, NEW + name, about, words.title(name), value=f"${name}")


def _area(parent: Element, name: str, about: str, title: str, **more: str) -> None:
    SubElement(parent, "Header", value=title, size="5")
    area = SubElement(parent, "TextArea", name=name, toName=about, rows="4", maxSubmissions="1", editable="true")
    area.attrib.update(more)
