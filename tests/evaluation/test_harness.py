"""The exported closed test, scored by lm-evaluation-harness with the command of its README, against our scores."""

import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from transformers import GemmaTokenizer

from finsmith.cli.model import evaluate
from finsmith.core.errors import ModelError, ParamsError, SourceError
from finsmith.core.io import read_jsonl, write_jsonl
from finsmith.core.records import Question
from finsmith.evaluation.evaluators import EVALUATORS, Setting, lettered
from finsmith.evaluation.harness import asked, read_otherwise
from finsmith.testset.params import TestsetParams
from finsmith.testset.read import read_testset
from finsmith.training.chat_format import ChatFormat
from finsmith.training.lora import train_adapter
from finsmith.training.predictor import LikelihoodPredictor

from ..training.chat_templates import FAMILIES, by_character, of_pieces
from ..training.conftest import example, korean_tokenizer, tiny_base, train_params
from .tables import COIN, LOAN, RATE

TestsetParams.__test__ = False  # a section, no test

ROOT = Path(__file__).parents[2]
TASKS = {"choice_text": "acc_norm", "letter": "acc"}
RUNS = [("float32", "base"), ("bfloat16", "adapter")]
CLOSE = {"float32": 1e-5, "bfloat16": 1e-2}  # relative; bfloat16 has 8 bits
RUN_HARNESS = """
import json, sys
from functools import partialmethod
from pathlib import Path
from lm_eval.__main__ import cli_evaluate
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

# the harness's own tasks are thousands of files, which it would list each time
TaskManager.__init__ = partialmethod(TaskManager.__init__, include_defaults=False)
call, read = HFLM._model_call, []

def noted(self, ids, **how):
    read.append(ids.tolist())
    return call(self, ids, **how)

HFLM._model_call = noted
for sys.argv in json.loads(sys.stdin.read()):
    read.clear()
    cli_evaluate()
    Path(sys.argv[-1], "read.json").write_text(json.dumps(read))
"""


def with_a_fifth(question: Question) -> Question:
    """The question with its choices in the next cyclic order, and one more."""
    content = question.model_dump(exclude={"id"})
    choices = (*question.choices[1:], question.choices[0], "모두 아니다")
    return Question.model_validate(content | {"choices": choices, "answer": (question.answer - 1) % 4})


@pytest.fixture(scope="module")
def testset():
    """The sample's questions, and 35 of them with five choices; and the sample's worked examples."""
    params = TestsetParams(source="", general="", balance_letters=False, candidates="", size=1, seed=0)
    found = read_testset(ROOT / "data/raw/testset", params)
    return [*found.questions, *map(with_a_fifth, found.questions[:35])], found.examples


@pytest.fixture(scope="module")
def questions(testset):
    return testset[0]


@pytest.fixture(scope="module")
def project(testset, tmp_path_factory):
    """A folder as a run leaves it, the tiny base's tokenizer made of the questions' words, and the exported test."""
    folder, (questions, examples) = tmp_path_factory.mktemp("project"), testset
    texts = [text for q in questions for text in (q.stem, *q.choices)]
    tokenizer = korean_tokenizer([*texts, *["### 질문 ### 답변 물음: 답: 정답: A B C D E"] * 50], size=1500)
    tiny_base(folder / "models/base", tokenizer, max_tokens=1024)
    letters = [example(lettered(q), f"정답: {'ABCDE'[q.answer]}") for q in questions[-48:]]  # else it names one alone
    params = train_params(epochs=8, max_tokens=1024)
    train_adapter(letters, folder / "models/base", folder / "models/adapter", folder / "steps", params, lambda *_: None)
    write_jsonl(folder / "data/testset/questions.jsonl", questions)
    write_jsonl(folder / "data/testset/examples.jsonl", examples)
    write_params(folder, dtype="float32", few_shot=1, evaluators=["choice_text", "letter", "generation"])
    with chdir(folder):
        evaluate(export="lm-eval")
    return folder


def write_params(folder, **changes):
    params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    params["evaluate"] |= changes
    (folder / "params.yaml").write_text(yaml.safe_dump(params), "utf-8")


@pytest.fixture(scope="module")
def harness(project):
    """What it finds and reads by (dtype, model, evaluator), from the README's command, on a CPU, offline."""
    folder, out = project / "reports/lm_eval", project / "out"
    tasks, command = re.search(
        r"for task in (.+); do\n(.+)\ndone", (folder / "README.md").read_text("utf-8"), re.S
    ).groups()
    assert tasks.split() == [f"finsmith_{name}" for name in TASKS]
    commands = {}
    for dtype, model in RUNS:
        text = command.replace("dtype=float32,", f"dtype={dtype},").replace("\\\n", " ")
        text = text if model == "adapter" else re.sub(r"peft=[^,]+,", "", text)
        for name in TASKS:
            where = out / f"{dtype}-{model}-{name}"
            words = shlex.split(text.replace("$task", f"finsmith_{name}"))
            commands[dtype, model, name] = [*words, "--device", "cpu", "--log_samples", "--output_path", str(where)]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(project / "hub")}
    done = subprocess.run(
        [sys.executable, "-c", RUN_HARNESS],
        cwd=folder,
        env=os.environ | offline | {"OMP_NUM_THREADS": "1"},
        input=json.dumps(list(commands.values())),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {key: results(Path(command[-1]), key[-1]) for key, command in commands.items()}


class Found(NamedTuple):
    """Of the harness: accuracy, log-likelihoods of the choices by question id, and the ids of each batch."""

    accuracy: float
    totals: dict[str, list[float]]
    batches: list[list[list[int]]]


def results(folder: Path, name: str) -> Found:
    accuracy = json.loads(next(folder.rglob("results_*.json")).read_text())["results"][f"finsmith_{name}"]
    lines = next(folder.rglob("samples_*.jsonl")).read_text("utf-8").splitlines()
    totals = {one["doc"]["id"]: [float(total) for total, _ in one["filtered_resps"]] for one in map(json.loads, lines)}
    return Found(accuracy[f"{TASKS[name]},none"], totals, json.loads((folder / "read.json").read_text()))


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize(("dtype", "model"), RUNS)
def test_the_harness_gives_our_numbers(project, testset, harness, dtype, model, name):
    """Each question has the harness's choice and its log-likelihoods, in float32 and in bfloat16.

    In bfloat16 that rests on the batches, since numbers are rounded by the shape of a batch: they are the same too.
    """
    questions, examples = testset
    predictor = LikelihoodPredictor(project / "models/base", project / "models/adapter", dtype)
    predictor.use_adapter(model == "adapter")
    batches = []
    predictor._model.register_forward_pre_hook(
        lambda _, args, inputs: batches.append(inputs["input_ids"].tolist()), with_kwargs=True
    )
    ours = EVALUATORS[name].ask(questions, predictor, Setting(examples[:1]))
    accuracy, theirs, their_batches = harness[dtype, model, name]
    assert batches == their_batches
    assert len(theirs) == len(questions) == 211
    for question, answer in zip(questions, ours, strict=True):
        chars = [len(choice) if name == "choice_text" else 1 for choice in question.choices]
        expected = [total / count for total, count in zip(theirs[question.id], chars, strict=True)]
        assert answer.scores == pytest.approx(expected, rel=CLOSE[dtype])
        assert answer.place == expected.index(max(expected))
    right = sum(answer.place == question.answer for question, answer in zip(questions, ours, strict=True))
    assert right / len(questions) == pytest.approx(accuracy, abs=1e-9)
    if (model, name) != ("base", "letter"):  # it names one letter alone
        assert len({answer.place for answer in ours}) > 2


def test_what_is_exported_is_what_is_asked(project, testset):
    """Each question is there under its id and right answer with its four or five texts, behind the worked example."""
    questions, examples = testset
    for name in TASKS:
        lines = (project / f"reports/lm_eval/{name}.jsonl").read_text("utf-8").splitlines()
        docs = [json.loads(line) for line in lines]
        assert [(doc["id"], doc["answer"]) for doc in docs] == [(q.id, q.answer) for q in questions]
        letters = [[f" {letter}" for letter in "ABCDE"[: len(q.choices)]] for q in questions]
        texts = [list(q.choices) for q in questions] if name == "choice_text" else letters
        assert [doc["continuations"] for doc in docs] == texts
        assert all(doc["context"].count(examples[0].stem) == 1 for doc in docs)
    assert {len(doc["continuations"]) for doc in docs} == {4, 5}


@pytest.mark.parametrize("make", [by_character, of_pieces])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_harness_reads_our_tokens(tmp_path, family, make):
    """In the formats of public models, prompts that end in line ends or a space too, both score the same tokens."""
    chat = ChatFormat(make(FAMILIES[family]))
    texts = asked("choice_text", [RATE, COIN, LOAN], Setting([RATE]), chat)
    reads = chat.write_passing_over("\ue000", tmp_path)
    assert not any(read_otherwise(text, chat, reads) for text in texts)
    assert all(text.context.rstrip(" ") == text.context.rstrip() for text in texts)


def test_a_tokenizer_that_makes_its_rules_itself(tmp_path):
    """Gemma's is built anew when it is loaded; what is written for the harness keeps the rule and Gemma's own."""
    letters = ["<pad>", "<eos>", "<bos>", "<unk>", *"\n▁가나다?"]
    tokenizer = GemmaTokenizer(vocab={token: at for at, token in enumerate(letters)}, merges=[])
    reads = ChatFormat(tokenizer).write_passing_over("\ue000", tmp_path)
    assert reads("<bos>가\n\ue000 나") == [letters.index(token) for token in ("<bos>", *"가\n▁나")]


def test_other_tokens_are_noticed(tmp_path):
    """A question that spells a control token is read as that token there, and as its characters by us."""
    chat = ChatFormat(by_character(FAMILIES["plain"]))
    spelt = COIN.model_copy(update={"stem": "물가 <eos>?"})
    texts = asked("choice_text", [RATE, spelt], Setting(), chat)
    reads = chat.write_passing_over("\ue000", tmp_path)
    assert [read_otherwise(text, chat, reads) for text in texts] == [False, True]


def test_letters_of_two_tokens_are_noticed(tmp_path):
    """Where a letter is two tokens, only the first of which we score, the harness scores both."""
    chat = ChatFormat(by_character(FAMILIES["plain"]))
    (text,) = asked("letter", [RATE], Setting(), chat)
    reads = chat.write_passing_over("\ue000", tmp_path)
    assert read_otherwise(text, chat, reads)  # a space and a letter
    assert not read_otherwise(text._replace(continuations=("A", "B")), chat, reads)


@pytest.mark.parametrize(
    ("changes", "missing", "error", "says"),
    [
        ({}, "data/testset/questions.jsonl", SourceError, r"questions.jsonl: not found.*`dvc repro testset`"),
        ({}, "models/base/config.json", ModelError, r"models/base: not found.*`dvc repro base`"),
        ({"evaluators": ["generation"]}, "", ParamsError, r"`evaluate.evaluators`.*one of choice_text, letter"),
        ({"few_shot": 9}, "", ParamsError, r"`evaluate.few_shot`: 9 worked examples, but there are 0"),
    ],
)
def test_what_cannot_be_exported_is_a_sentence(tmp_path, project, changes, missing, error, says):
    """Without a test set, a base, or an evaluator that the harness has, the message names the way out."""
    write_jsonl(
        tmp_path / "data/testset/questions.jsonl", read_jsonl(project / "data/testset/questions.jsonl", Question)
    )
    write_jsonl(tmp_path / "data/testset/examples.jsonl", [])
    tiny_base(tmp_path / "models/base")
    write_params(tmp_path, **changes)
    if missing:
        (tmp_path / missing).unlink()
    with chdir(tmp_path), pytest.raises(error, match=says):
        evaluate(export="lm-eval", out="out")
    assert not (tmp_path / "out").exists()


def test_another_format_is_none():
    """Only lm-eval can be exported to; without an option the message says what scores the models."""
    for export in ("helm", ""):
        with pytest.raises(SourceError, match=rf"--export '{export}': it must be: lm-eval.*dvc repro evaluate"):
            evaluate(export=export)
