"""Prints how many planted rewordings of test questions are found, and what honest rows it costs.

Run as `python -m benchmarks.curation.rewordings [inputs folder]` after `dvc repro filter`: it takes that run's test
set, corpus and candidates. Each set of 50 rewordings is planted among the general rows, which tell what is ordinary;
then with a public set beside them. Not covered: tests on a general subject.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from finsmith.core.io import read_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Example, Provenance, Question
from finsmith.curation.contamination import background_of, read_near_test
from finsmith.curation.general import read_general
from finsmith.curation.params import DecontaminationParams, FilterParams

from .__main__ import read

REWORDINGS = Path(__file__).parents[2] / "tests/curation/data/rewordings.jsonl"
THRESHOLDS = (0.07, 0.08, 0.09, 0.1)
DATA = Path("data")


def planted(name: str) -> list[Example]:
    """The rewordings of a set as general rows, those of questions that are in the test."""
    lines = [orjson.loads(line) for line in REWORDINGS.read_bytes().splitlines()]
    candidates = [one.id for one in read_jsonl(Path("data/raw/test_candidates/sample.jsonl"), Question)]
    asked = {one.parent or one.id for one in read_jsonl(DATA / "testset/questions.jsonl", Question)}
    return [
        Example(
            recipe="general",
            instruction=line["instruction"],
            input=line["input"],
            output=line["output"],
            provenance=Provenance(sources=(f"{name}:{at}",)),
        )
        for at, line in enumerate(lines)
        if line["set"] == name and candidates[line["item"] - 1] in asked
    ]


def found(rows: Sequence[Example], background: Sequence[Example], threshold: float) -> int:
    """How many of the rows are too near to the test."""
    params = load_params(DecontaminationParams).model_copy(update={"reworded": threshold})
    near_test = read_near_test(DATA / "testset", DATA / "corpus", background_of(background), params)
    return sum(finding is not None for _, finding in near_test.judge(rows))


def main(inputs: str = "../shared/inputs") -> None:
    """Prints a line for each background, set and threshold."""
    general = list(read_general(Path(load_params(FilterParams).general)))
    public, _ = read(Path(inputs))
    domain = [row for path in sorted((DATA / "candidates").glob("*.jsonl")) for row in read_jsonl(path, Example)]
    honest = {"domain": domain, "general": general, "public": public}
    for beside in ([], public):
        for name in ("first", "second"):
            rows = planted(name)
            background = [*general, *beside, *rows]
            print(f"{name} set among {len(background):,} rows: found, and lost of", end=" ")
            print(", ".join(f"{len(of):,} {kind}" for kind, of in honest.items()))
            for threshold in THRESHOLDS:
                lost = ", ".join(str(found(of, background, threshold)) for of in honest.values())
                print(f"  {threshold}: {found(rows, background, threshold)} of {len(rows)}; {lost}")


if __name__ == "__main__":
    main(*sys.argv[1:])
