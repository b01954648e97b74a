"""A tiny but real base model with its own Korean tokenizer, made once, and rows to train it on."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Gemma3ForCausalLM, Gemma3TextConfig, PreTrainedTokenizerFast

from finsmith.core.records import Example, Provenance
from finsmith.training.params import LoraParams, TrainParams

torch.set_num_threads(1)  # a tiny model is slower on several threads, far more so on a busy machine

KOREAN = [
    "한국은행 금융통화위원회는 기준금리를 연 3.50%로 동결하기로 결정하였다.",
    "소비자물가 상승률은 물가안정목표를 웃도는 수준을 이어갈 것으로 예상된다.",
    "유동성 비율은 유동자산을 유동부채로 나눈 값이다.",
    "환율 변동이 수입 물가에 주는 영향은 품목마다 다르다.",
    "### 질문",
    "### 답변",
]


def korean_tokenizer(texts: Sequence[str] = KOREAN, size: int = 500) -> PreTrainedTokenizerFast:
    """A byte-level BPE of at most `size` tokens, learned from the texts, with bos, eos and pad."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<pad>", "<bos>", "<eos>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=bpe, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>")


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "base"
    tiny_base(folder)
    return folder


def tiny_base(folder: Path, tokenizer: PreTrainedTokenizerFast | None = None, max_tokens: int = 512) -> None:
    """Writes a Gemma 3 with random weights, the same each time, and the tokenizer."""
    tokenizer = tokenizer or korean_tokenizer()
    torch.manual_seed(0)
    config = Gemma3TextConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        max_position_embeddings=max_tokens,
        sliding_window=64,
        layer_types=["sliding_attention", "full_attention"],
        initializer_range=0.2,  # random weights of the usual size could learn nothing through an adapter
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    Gemma3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def example(instruction: str, output: str, input_text: str = "") -> Example:
    """A row of the training set."""
    return Example(
        recipe="glossary_qa.definition",
        instruction=instruction,
        input=input_text,
        output=output,
        provenance=Provenance(sources=("term",)),
    )


ROWS = [
    example(f"{name}의 뜻을 설명하시오.", text, "다음 글을 참고하시오." if number % 3 == 0 else "")
    for number, (name, text) in enumerate(
        [
            ("기준금리", "한국은행이 금융기관과 거래할 때 기준이 되는 금리이다."),
            ("유동성 비율", "유동자산을 유동부채로 나눈 값이다."),
            ("소비자물가", "가계가 사는 상품과 서비스의 가격 수준이다."),
            ("환율", "두 나라 돈의 교환 비율이다."),
            ("국채", "정부가 발행하는 채권이다."),
            ("예금", "은행에 맡긴 돈이다."),
            ("대출", "은행이 빌려준 돈이다."),
            ("신용등급", "빚을 갚을 능력을 매긴 등급이다."),
            ("부도", "어음이나 수표를 갚지 못하는 일이다."),
            ("금통위", "금융통화위원회를 줄여 이르는 말이다."),
            ("스프레드", "두 금리의 차이이다."),
            ("파생상품", "기초자산의 값에 따라 값이 정해지는 계약이다."),
            ("레버리지", "빌린 돈으로 투자하는 일이다."),
            ("배당", "이익을 주주에게 나누어 주는 것이다."),
            ("자본", "자산에서 부채를 뺀 것이다."),
            ("부채", "갚아야 할 돈이다."),
        ]
    )
]


@pytest.fixture
def rows() -> list[Example]:
    return list(ROWS)


def train_params(**changes: object) -> TrainParams:
    """Parameters of a training that takes about a second on the tiny model."""
    values: dict[str, object] = {
        "lora": LoraParams(r=4, alpha=8, dropout=0.0, target_modules="all-linear"),
        "quantization": "none",
        "attention": "sdpa",
        "packing": False,
        "neftune_alpha": 0.0,
        "activation_checkpointing": False,
        "compile": False,
        "validation": {"share": 0.0, "every_steps": 4, "patience": 0},
        "preference": {"epochs": 0, "beta": 0.1, "learning_rate": 1e-3},
        "devices": {"processes": 1, "machines": 1, "rendezvous": "", "strategy": "ddp", "restarts": 1},
        "learning_rate": 1e-2,
        "epochs": 3,
        "batch_size": 4,
        "gradient_accumulation": 1,
        "warmup_steps": 2,
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "max_tokens": 256,
        "dtype": "float32",
        "seed": 1,
        "log_every_steps": 1,
        "save_every_steps": 4,
        "note": "",
    }
    return TrainParams.model_validate(values | changes)
