"""Writes the closed test as tasks of EleutherAI's lm-evaluation-harness, so that others can check our numbers with it.

The texts are those the evaluators ask: they are put to a predictor that only notes them. The harness moves white space
from a prompt's end to the continuations, where it would be scored with the choice. So a mark, which is no white space,
stands behind it, and the harness gets a tokenizer that passes over the mark.

Not covered: running the harness, which is no part of finsmith; written answers; choices in other orders.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import yaml

from finsmith.core.io import write_jsonl, write_text
from finsmith.core.records import Question, Record

from .evaluators import EVALUATORS, Setting

# the harness's metric that is our accuracy; acc_norm divides by the characters of the choice, acc by nothing
METRICS = {"choice_text": "acc_norm", "letter": "acc"}
_MARK = "\ue000"  # for private use in Unicode, so that it stands in no question

TokenIds = Callable[[str], list[int]]


class Format(Protocol):
    """What must be known of the model's chat format."""

    def prompt(self, instruction: str) -> str:
        """The instruction as the model is asked it."""
        ...

    def without_spaces(self, prompt: str) -> str:
        """The prompt without the spaces that belong to the first token behind it."""
        ...

    def prompt_ids(self, prompt: str) -> list[int]:
        """The ids of a prompt."""
        ...

    def following(self, prompt: str, text: str) -> list[int]:
        """The ids of `text` behind a prompt."""
        ...

    def write_passing_over(self, character: str, folder: Path) -> TokenIds:
        """Writes the tokenizer so that it passes over the character; returns how it reads."""
        ...


@dataclass(frozen=True)
class Models:
    """The folders that the command of the README names, and the dtype of the weights."""

    base: Path
    adapter: Path
    dtype: str


class HarnessDoc(Record):
    """A question as the harness takes it; `answer` is the index of the right continuation."""

    id: str
    context: str
    continuations: tuple[str, ...]
    answer: int


class Asked(NamedTuple):
    """What an evaluator asks of one question; where `first_token` only the first token of a continuation counts.

    `spaces` stand between prompt and continuation, and belong to the continuation's first token.
    """

    prompt: str
    spaces: str
    continuations: tuple[str, ...]
    first_token: bool

    @property
    def context(self) -> str:
        """The prompt, behind white space a mark, and the spaces, which the harness moves."""
        return self.prompt + (_MARK if self.prompt[-1:].isspace() else "") + self.spaces


def write_tasks(
    folder: Path,
    questions: Sequence[Question],
    setting: Setting,
    evaluators: Sequence[str],
    chat: Format,
    models: Models,
) -> int:
    """Writes the task of each evaluator of METRICS, the tokenizer, and a README with the command.

    Returns how often the harness reads other tokens than the evaluator; the README tells it too.
    """
    texts = {name: asked(name, questions, setting, chat) for name in evaluators}
    reads = chat.write_passing_over(_MARK, folder / "tokenizer")
    otherwise = sum(read_otherwise(text, chat, reads) for of_one in texts.values() for text in of_one)
    for name, of_one in texts.items():
        _write_task(folder, name, questions, of_one)
    _write_guide(folder, models, len(questions), evaluators, otherwise)
    return otherwise


def asked(evaluator: str, questions: Sequence[Question], setting: Setting, chat: Format) -> list[Asked]:
    """What an evaluator asks about each question, in their order."""
    notes = _Notes(chat)
    EVALUATORS[evaluator].ask(questions, notes, setting)
    return [
        one._replace(continuations=one.continuations[: len(question.choices)])
        for one, question in zip(notes.asked, questions, strict=True)
    ]


def read_otherwise(text: Asked, chat: Format, reads: TokenIds) -> bool:
    """Whether the harness, with the tokenizer it is given (`reads`), scores other tokens than the evaluator."""
    prompt, end = text.prompt + text.spaces, 1 if text.first_token else None
    begin = reads(text.context.rstrip())
    return begin != chat.prompt_ids(prompt) or any(
        reads(text.context + one) != begin + chat.following(prompt, one)[:end] for one in text.continuations
    )


def _write_task(folder: Path, evaluator: str, questions: Sequence[Question], texts: Sequence[Asked]) -> None:
    docs = (
        HarnessDoc(id=question.id, context=text.context, continuations=text.continuations, answer=question.answer)
        for question, text in zip(questions, texts, strict=True)
    )
    write_jsonl(folder / f"{evaluator}.jsonl", docs)
    task = {
        "task": f"finsmith_{evaluator}",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": f"{evaluator}.jsonl"}},
        "test_split": "test",
        "output_type": "multiple_choice",
        "doc_to_text": "context",
        "doc_to_choice": "continuations",
        "doc_to_target": "answer",
        "target_delimiter": "",
        "num_fewshot": 0,  # worked examples stand in the context already
        "metric_list": [{"metric": METRICS[evaluator], "aggregation": "mean", "higher_is_better": True}],
    }
    write_text(folder / f"finsmith_{evaluator}.yaml", yaml.safe_dump(task, sort_keys=False))


def _write_guide(folder: Path, models: Models, questions: int, evaluators: Sequence[str], otherwise: int) -> None:
    base, adapter = (os.path.relpath(one, folder) for one in (models.base, models.adapter))
    metrics = (f"- `finsmith_{name}`: its `{METRICS[name]}` is the accuracy of `{name}`." for name in evaluators)
    text = _GUIDE.format(
        questions=questions,
        model=f"pretrained={base},peft={adapter},tokenizer=tokenizer,dtype={models.dtype}",
        tasks=" ".join(f"finsmith_{name}" for name in evaluators),
        metrics="\n".join(metrics),
        otherwise=f"Here {otherwise} prompts are read as other tokens; their numbers may differ."
        if otherwise
        else "Here all prompts and choices were checked: both read the same tokens.",
    )
    write_text(folder / "README.md", text)


_GUIDE = """# The closed test for lm-evaluation-harness

{questions} questions with finsmith's prompts, the base model's chat format applied. `pip install lm_eval` (0.4.13 was
tried) and run in this folder:

```
for task in {tasks}; do
  lm_eval --model hf --model_args {model},add_bos_token=False,softmax_dtype=float32 \\
    --tasks $task --include_path . --batch_size 16
done
```

{metrics}

The base model alone is scored without `peft=…`. Each question is asked once, in its own order of choices; with
`evaluate.permutations` the accuracy of `letter` is a mean over all orders instead. What the settings are for:

- `add_bos_token=False`: the prompts begin with what the model's format begins with.
- `softmax_dtype=float32`: else log-probabilities are rounded to the dtype of the weights, and choices tie.
- `tokenizer=tokenizer`: the base's own tokenizer with one rule more. The harness moves white space from a prompt's end
  to the continuation and would score it with the choice. So U+E000 stands behind it here, and that rule passes over it.
- `--batch_size 16` and one task after the other: 16-bit numbers round otherwise in batches of other sizes, so that a
  few choices change; so they do between two batch sizes of the harness. finsmith reads the same batches. In float32
  (`evaluate.dtype`) the batches do not matter.

{otherwise}
"""


class _Notes:
    """A predictor that notes what it is asked; all is equally likely to it."""

    def __init__(self, chat: Format) -> None:
        self._chat = chat
        self.asked: list[Asked] = []

    def prompt(self, instruction: str) -> str:
        return self._chat.prompt(instruction)

    def log_likelihoods(self, prompts: Sequence[str], continuations: Sequence[Sequence[str]]) -> list[list[float]]:
        self._note(prompts, continuations, first_token=False)
        return [[0.0] * len(texts) for texts in continuations]

    def next_token_log_probs(self, prompts: Sequence[str], candidates: Sequence[str]) -> list[list[float]]:
        self._note(prompts, [candidates] * len(prompts), first_token=True)
        return [[0.0] * len(candidates) for _ in prompts]

    def generate(self, prompts: Sequence[str], max_tokens: int) -> list[str]:
        return [""] * len(prompts)  # no evaluator of METRICS has answers written

    def _note(self, prompts: Sequence[str], continuations: Sequence[Sequence[str]], first_token: bool) -> None:
        for prompt, texts in zip(prompts, continuations, strict=True):
            bare = self._chat.without_spaces(prompt)
            self.asked.append(Asked(bare, prompt[len(bare) :], tuple(texts), first_token))
