"""Likelihoods against full logits of a plain model, one row at a time; for the adapter its weights merged by hand."""

import json
import re

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from finsmith.core.errors import ModelError
from finsmith.training.chat_format import ChatFormat
from finsmith.training.lora import train_adapter
from finsmith.training.predictor import LikelihoodPredictor

from .conftest import KOREAN, ROWS, train_params

PROMPTS = [f"<bos>### 질문\n{KOREAN[n % 4] * (1 + n % 3)}\n\n### 답변\n" for n in range(24)]  # several batches
CONTINUATIONS = [[ROWS[(n + m) % 16].output * (1 + m % 2) for m in range(n % 5)] for n in range(24)]


@pytest.fixture(scope="module")
def adapter(base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    train_adapter(ROWS, base, folder / "adapter", folder / "checkpoints", train_params(epochs=5), lambda *_: None)
    return folder / "adapter"


@pytest.fixture
def predictor(base, adapter):
    return LikelihoodPredictor(base, adapter, "float32")


@pytest.fixture(scope="module")
def plain(base):
    return AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def merged(base, adapter):
    """The base with W + alpha / r * B A in the place of each adapted W."""
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    weights, config = (
        load_file(adapter / "adapter_model.safetensors"),
        json.loads((adapter / "adapter_config.json").read_text()),
    )
    for name, down in weights.items():
        if "lora_A" in name:
            up = weights[name.replace("lora_A", "lora_B")]
            module = model.get_submodule(re.sub(r"^base_model\.model\.|\.lora_A\.weight$", "", name))
            module.weight.data += config["lora_alpha"] / config["r"] * up @ down
    return model


def log_probs(model, base, text: str) -> tuple[torch.Tensor, list[int]]:
    """Log-probabilities (position, vocabulary) of what follows each token of the text, and its tokens."""
    tokens = AutoTokenizer.from_pretrained(base)(text, add_special_tokens=False).input_ids
    with torch.no_grad():
        return torch.log_softmax(model(torch.tensor([tokens])).logits[0].double(), dim=-1), tokens


def expected_likelihoods(model, base) -> list[list[float]]:
    return [
        [expected_likelihood(model, base, prompt, text) for text in several]
        for prompt, several in zip(PROMPTS, CONTINUATIONS, strict=True)
    ]


def expected_likelihood(model, base, prompt: str, continuation: str) -> float:
    tokenizer = AutoTokenizer.from_pretrained(base)
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    after = tokenizer(continuation, add_special_tokens=False).input_ids
    with torch.no_grad():
        scores = torch.log_softmax(model(torch.tensor([before + after])).logits[0].double(), dim=-1)
    return sum(float(scores[len(before) - 1 + n, token]) for n, token in enumerate(after))


def test_log_likelihoods_of_the_base(base, predictor, plain):
    """With the adapter off each sum is the base's own, in the order of the input, though lengths are mixed."""
    predictor.use_adapter(False)
    found = predictor.log_likelihoods(PROMPTS, CONTINUATIONS)
    for sums, expected in zip(found, expected_likelihoods(plain, base), strict=True):
        assert sums == pytest.approx(expected, rel=1e-5)


def test_log_likelihoods_of_the_adapter(base, predictor, merged):
    """With the adapter on each sum is that of the base with the adapter's weights merged by hand."""
    found = predictor.log_likelihoods(PROMPTS, CONTINUATIONS)
    for sums, expected in zip(found, expected_likelihoods(merged, base), strict=True):
        assert sums == pytest.approx(expected, rel=1e-4)


def test_next_token_log_probs(base, predictor, plain, merged):
    """Each candidate's first token has the log-probability that the whole model gives it at the prompt's end."""
    candidates = ["A", "B", "나", "금리"]
    for on, model in ((False, plain), (True, merged)):
        predictor.use_adapter(on)
        found = predictor.next_token_log_probs(PROMPTS, candidates)
        for prompt, scores in zip(PROMPTS, found, strict=True):
            end = log_probs(model, base, prompt)[0][-1]
            firsts = [log_probs(model, base, candidate)[1][0] for candidate in candidates]
            assert scores == pytest.approx([float(end[first]) for first in firsts], rel=1e-4)


def rows_read(predictor, ask) -> int:
    """How many rows the model reads while something is asked."""
    read = []
    hook = predictor._model.register_forward_pre_hook(
        lambda module, args, inputs: read.append(len(inputs["input_ids"])), with_kwargs=True
    )
    ask()
    hook.remove()
    return sum(read)


def test_what_differs_in_its_last_token_is_read_once(base, predictor, plain):
    """Candidates of one token share the pass of their prompt; texts that differ in an earlier token do not."""
    predictor.use_adapter(False)
    assert rows_read(predictor, lambda: predictor.next_token_log_probs(PROMPTS, ["A", "B", "나"])) == len(set(PROMPTS))
    assert rows_read(predictor, lambda: predictor.log_likelihoods(PROMPTS[:1], [["QA", "QB", "AQ"]])) == 2
    (found,) = predictor.log_likelihoods(PROMPTS[:1], [["QA", "QB", "AQ", "Q"]])
    assert found == pytest.approx(
        [expected_likelihood(plain, base, PROMPTS[0], one) for one in ("QA", "QB", "AQ", "Q")]
    )


def test_one_row_for_ends_of_different_lengths(base, predictor, plain):
    """A prompt that goes on as another's continuation begins shares its row; each end is scored by its own tokens."""
    predictor.use_adapter(False)
    prompts, ends = [PROMPTS[0], f"{PROMPTS[0]}QA"], [["QAB"], ["A", "Q"]]
    assert rows_read(predictor, lambda: predictor.log_likelihoods(prompts, ends)) == 1
    for prompt, texts, found in zip(prompts, ends, predictor.log_likelihoods(prompts, ends), strict=True):
        assert found == pytest.approx([expected_likelihood(plain, base, prompt, one) for one in texts])


def test_training_makes_the_answers_likelier(predictor):
    """With the adapter on, the answers it was trained on are likelier than with it off, all 16 of them."""
    prompts = [f"<bos>### 질문\n{row.instruction}\n\n### 답변\n" for row in ROWS]
    answers = [[row.output] for row in ROWS]
    after = predictor.log_likelihoods(prompts, answers)
    predictor.use_adapter(False)
    before = predictor.log_likelihoods(prompts, answers)
    assert all(b < a for b, a in zip(before, after, strict=True))
    predictor.use_adapter(True)
    assert predictor.log_likelihoods(prompts, answers) == after


def test_prompts_longer_than_the_sliding_window(base, predictor, plain):
    """Long and short prompts together, some past the model's sliding window, have the sums of a run one by one."""
    window = plain.config.sliding_window
    predictor.use_adapter(False)
    prompts = [PROMPTS[0], KOREAN[0] * 6, PROMPTS[1] * 3]
    texts = [[row.output for row in ROWS[:3]]] * 3
    assert len(log_probs(plain, base, prompts[1])[1]) > window
    for prompt, sums in zip(prompts, predictor.log_likelihoods(prompts, texts), strict=True):
        assert sums == pytest.approx([expected_likelihood(plain, base, prompt, text) for text in texts[0]], rel=1e-4)


def test_the_prompt_is_the_trainings(predictor):
    """A question is asked in the format of the training rows."""
    assert predictor.prompt("국채란?") == "<bos>### 질문\n국채란?\n\n### 답변\n"


def test_nothing_asked(predictor):
    """No prompts give no scores; a continuation of no tokens is certain."""
    assert predictor.log_likelihoods([], []) == []
    assert predictor.next_token_log_probs([], ["A", "B"]) == []
    assert predictor.log_likelihoods(PROMPTS[:2], [[""], []]) == [[0.0], []]


def test_candidates_that_begin_alike(predictor):
    """Candidates that the tokenizer begins with one token cannot be told apart by it, which is an error."""
    with pytest.raises(ModelError, match=r"begins two of .* with the same token"):
        predictor.next_token_log_probs(PROMPTS[:1], ["금리", "금리가"])


def test_a_prompt_with_input_is_a_training_rows(predictor, base):
    """Instruction and input stand before the answer as in a row of the training set, token for token."""
    chat = ChatFormat(AutoTokenizer.from_pretrained(base))
    asked = ("단서를 읽고 답하세요.\n\n질문: 왜?", "[단서 1] 가\n\n[단서 2] 나")
    assert predictor.prompt(*asked) == chat.prompt(*asked)
    assert chat.token_ids(predictor.prompt(*asked)) == chat.row(*asked, "답").prompt
    assert predictor.prompt("왜?") == predictor.prompt("왜?", "")
