"""The seed tasks of Self-Instruct: instructions people wrote, with instances, in Korean. Not covered: their use."""

from pathlib import Path

from finsmith.core.io import read_jsonl
from finsmith.core.records import Record

SEED_TASKS = Path(__file__).with_name("seed_tasks.jsonl")


class Instance(Record):
    """An input (which may be empty) and its output."""

    input: str
    output: str


class SeedTask(Record):
    """An instruction with its instances; the outputs of a classification task are labels the instruction names."""

    id: str
    name: str
    instruction: str
    instances: tuple[Instance, ...]
    is_classification: bool
    domain: str


def seed_tasks() -> list[SeedTask]:
    """All seed tasks, in the order of the file."""
    return list(read_jsonl(SEED_TASKS, SeedTask))
