"""Filters that compare rows with each other or with the closed test: (examples, questions, params) -> Findings by id.

Not covered: semantic near-duplicates.
"""

from collections import defaultdict
from collections.abc import Sequence

from finsmith.core.records import Example, Question
from finsmith.korean.rouge_l import Encoder, nearest, reaches, rouge_l

from .params import FilterParams
from .row_filters import Finding

Findings = dict[str, Finding]
_SHORTEST_RUN = 5


def exact_duplicates(examples: Sequence[Example], questions: Sequence[Question], params: FilterParams) -> Findings:
    """Rejects a row whose instruction, input and output an earlier row has, spaces and case apart."""
    first: dict[str, str] = {}
    found: Findings = {}
    for example in examples:
        key = _plain(example.instruction) + "\0" + _plain(example.input) + "\0" + _plain(example.output)
        if (earlier := first.setdefault(key, example.id)) != example.id:
            found[example.id] = Finding("the same as an earlier row", 1.0, earlier)
    return found


def superseded(examples: Sequence[Example], questions: Sequence[Question], params: FilterParams) -> Findings:
    """Rejects a row that was answered anew by a stronger teacher; the new row stays, and names the old one."""
    newer = {
        parent: example.id
        for example in examples
        if example.recipe.startswith("improve.")
        for parent in example.provenance.parents
    }
    return {e.id: Finding("answered anew", None, newer[e.id]) for e in examples if e.id in newer}


def conflicting_outputs(examples: Sequence[Example], questions: Sequence[Question], params: FilterParams) -> Findings:
    """Rejects all rows that share instruction and input but differ in output (Self-Instruct's rule)."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[_plain(example.instruction) + "\0" + _plain(example.input)].append(example)
    found: Findings = {}
    for group in groups.values():
        for example in group:
            other = next((e for e in group if _plain(e.output) != _plain(example.output)), None)
            if other:
                reason = f"{len(group)} rows share this instruction and input with different outputs"
                found[example.id] = Finding(reason, None, other.id)
    return found


def novelty(examples: Sequence[Example], questions: Sequence[Question], params: FilterParams) -> Findings:
    """Rejects a row too like an earlier kept one of its recipe, by ROUGE-L of instruction and output.

    The input is left out, since rows of different recipes share passages on purpose.
    """
    encoder = Encoder()
    encoded = encoder.encode(f"{example.instruction}\n{example.output}" for example in examples)
    kept: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    found: Findings = {}
    for example, code in zip(examples, encoded, strict=True):
        codes, ids = kept[example.recipe]
        if hit := nearest(code, codes, params.novelty_rouge_l):
            at, score = hit
            found[example.id] = Finding(
                f"ROUGE-L {score:.3f} to an earlier row, not under {params.novelty_rouge_l}", round(score, 4), ids[at]
            )
        else:
            codes.append(code)
            ids.append(example.id)
    return found


def test_overlap(examples: Sequence[Example], questions: Sequence[Question], params: FilterParams) -> Findings:
    """Rejects a row too like a test question: by ROUGE-L to its stem (with the right choice or without), or by a run of
    `test_ngram` morphemes of the stem, or a whole shorter stem, anywhere in the row."""
    encoder = Encoder()
    stems = encoder.encode(q.stem for q in questions)
    answered = encoder.encode(f"{q.stem} {q.choices[q.answer]}" for q in questions)
    runs = {run: at for at, stem in enumerate(stems) for run in _runs(stem, min(params.test_ngram, len(stem)))}
    sizes = sorted({len(run) for run in runs})
    instructions = encoder.encode(e.instruction for e in examples)
    texts = encoder.encode(f"{e.instruction}\n{e.output}" for e in examples)
    whole = encoder.encode(f"{e.instruction}\n{e.input}\n{e.output}" for e in examples)
    found: Findings = {}
    for example, instruction, text, row in zip(examples, instructions, texts, whole, strict=True):
        hits = [h for h in (nearest(instruction, stems, 0.0), nearest(text, answered, 0.0)) if h]
        at, score = max(hits, key=lambda hit: hit[1], default=(0, 0.0))
        if reaches(score, params.test_rouge_l):
            reason = f"ROUGE-L {score:.3f} to a test question, not under {params.test_rouge_l}"
            found[example.id] = Finding(reason, round(score, 4), questions[at].id)
        elif shared := next((run for size in sizes for run in _runs(row, size) if run in runs), None):
            at = runs[shared]
            reason = f"shares {len(shared)} morphemes in a row with a test question"
            found[example.id] = Finding(reason, round(rouge_l(text, answered[at]), 4), questions[at].id)
    return found


def _runs(code: str, size: int) -> list[str]:
    """Every run of `size` morphemes; runs under _SHORTEST_RUN say nothing and are left out."""
    return [code[at : at + size] for at in range(len(code) - size + 1)] if size >= _SHORTEST_RUN else []


def _plain(text: str) -> str:
    return "".join(text.split()).lower()
