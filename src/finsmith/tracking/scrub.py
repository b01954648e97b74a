"""Takes secrets out of what goes to MLflow: texts, parameters, files.

A secret is the value of an environment variable or of a parameter whose name ends in KEY, TOKEN, SECRET or PASSWORD,
what stands before the @ of an address, and what has the shape of a well-known provider's key. Not covered: a secret
that is none of these, such as a password within a sentence.
"""

import html
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

HIDDEN = "[hidden]"
_NAME = re.compile(r"(^|[^a-z])(api_?key|key|token|secret|password|passwd)$", re.IGNORECASE)
_MIN_CHARS = 6  # a shorter value, such as "1" or "yes", stands in too many places that mean something else
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@\"'<>\\]+@")
_SHAPES = re.compile(
    r"\bsk-[\w-]{20,}|\bhf_\w{30,}|\bgh[pousr]_\w{36,}|\bgithub_pat_\w{40,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bxox[abprs]-[\w-]{10,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"
)
_YAML_FILES = {".lock", ".yaml", ".yml"}
_TEXT_FILES = {".csv", ".html", ".json", ".jsonl", ".log", ".md", ".svg", ".txt"} | _YAML_FILES
_YAML_ENTRY = re.compile(r"""([\w.-]+)(["']?:[ \t]+)("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,{}\[\]#][^,{}\n]*)""")


def is_secret(name: str) -> bool:
    """Whether what bears this name is a secret: `api_key`, `HF_TOKEN`, not `max_tokens` or `api_key_env`."""
    return bool(_NAME.search(name))


def scrubbed(text: str) -> str:
    """The text with [hidden] in the place of each secret; an address loses its user and password."""
    for secret in _from_environment():
        text = text.replace(secret, HIDDEN)
    return _SHAPES.sub(HIDDEN, _IN_ADDRESS.sub("", text))


def copy_scrubbed(source: Path, target: Path) -> None:
    """Copies a file, a text without its secrets; of other files the bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    content = source.read_bytes()
    if source.suffix in _TEXT_FILES:
        text = scrubbed(content.decode("utf-8", "surrogateescape"))
        if source.suffix in _YAML_FILES:
            text = _YAML_ENTRY.sub(
                lambda entry: f"{entry[1]}{entry[2]}'{HIDDEN}'" if is_secret(entry[1]) else entry[0], text
            )
        content = text.encode("utf-8", "surrogateescape")
    target.write_bytes(content)


def _from_environment() -> Iterator[str]:
    """The environment's secrets, the longest first, each as it is and as JSON, HTML and addresses spell it."""
    secrets = {value for name, value in os.environ.items() if is_secret(name) and len(value) >= _MIN_CHARS}
    spelled = {
        spelling
        for one in secrets
        for spelling in (
            one,
            json.dumps(one)[1:-1],
            json.dumps(one, ensure_ascii=False)[1:-1],
            html.escape(one),
            html.escape(one).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),  # as Jinja spells them
            html.escape(one, quote=False),
            quote(one, safe=""),
        )
    }
    yield from sorted(spelled, key=len, reverse=True)
