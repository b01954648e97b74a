"""Chat templates of the formats that public models use, and tokenizers with their special tokens.

The templates are written for these tests; what they write is what the models' own write for a question and its answer.
"""

from typing import NamedTuple

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from .conftest import KOREAN

LLAMA_3 = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
QWEN_2 = (
    "{% if messages[0].role != 'system' %}<|im_start|>system\nBe kind.<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>{{ '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
QWEN_3 = (  # the last answer is given a block of thoughts, and where thinking is switched off the question is too
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.role == 'assistant' and loop.last %}<think>\n\n</think>\n\n{{ m.content.lstrip('\\n') }}"
    "{% else %}{{ m.content }}{% endif %}<|im_end|>{{ '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
QWEN_3_THINKING = QWEN_3[: QWEN_3.index("{% if enable_thinking")] + "<think>\n{% endif %}"  # cannot be switched off
GEMMA = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n"
    "{{ m.content | trim }}<end_of_turn>{{ '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
)
PHI_3 = (
    "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>{{ '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% else %}{{ eos_token }}{% endif %}"
)
ALPACA = (  # no token ends a turn
    "{% for m in messages %}### {{ 'Instruction' if m.role == 'user' else 'Response' }}:\n"
    "{{ m.content }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}### Response:\n{% endif %}"
)


class Family(NamedTuple):
    """A format: its template, its special tokens, the other added ones, the names of two special ones."""

    template: str | None
    special: tuple[str, ...]
    added: tuple[str, ...] = ()
    bos: str | None = None
    eos: str = ""
    spaces_as_letters: bool = False  # a word carries the space before it, and a text begins as if behind one


FAMILIES = {
    "llama 3": Family(
        LLAMA_3,
        ("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"),
        bos="<|begin_of_text|>",
        eos="<|eot_id|>",
    ),
    "llama 3, base": Family(None, ("<|begin_of_text|>", "<|end_of_text|>"), (), "<|begin_of_text|>", "<|end_of_text|>"),
    "qwen 2": Family(QWEN_2, ("<|endoftext|>", "<|im_start|>", "<|im_end|>"), ("<tool_call>",), eos="<|im_end|>"),
    "qwen 3": Family(
        QWEN_3, ("<|endoftext|>", "<|im_start|>", "<|im_end|>"), ("<think>", "</think>"), eos="<|im_end|>"
    ),
    "qwen 3, thinking": Family(
        QWEN_3_THINKING, ("<|endoftext|>", "<|im_start|>", "<|im_end|>"), ("<think>", "</think>"), eos="<|im_end|>"
    ),
    "gemma": Family(
        GEMMA,
        ("<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"),
        ("\n", "\n\n", "<b>"),
        bos="<bos>",
        eos="<eos>",
    ),
    "mistral": Family(MISTRAL, ("<s>", "</s>", "[INST]", "[/INST]"), bos="<s>", eos="</s>", spaces_as_letters=True),
    "mistral, base": Family(None, ("<s>", "</s>"), bos="<s>", eos="</s>", spaces_as_letters=True),
    "phi 3": Family(PHI_3, ("<|endoftext|>", "<|user|>", "<|assistant|>", "<|end|>"), eos="<|endoftext|>"),
    "alpaca": Family(ALPACA, ("<s>", "</s>"), bos="<s>", eos="</s>"),
    "plain": Family(None, ("<pad>", "<bos>", "<eos>"), bos="<bos>", eos="<eos>"),
}


def by_character(family: Family) -> PreTrainedTokenizerFast:
    """A tokenizer whose tokens are the family's added ones and single characters, so that tokens are seen at once."""
    letters = sorted({chr(code) for code in range(32, 127)} | set("물가?오른다금리 국채란정부의빚질문답변뜻\n▁"))
    names = ["<unk>", *family.special, *letters]
    tokenizer = Tokenizer(models.WordLevel({name: at for at, name in enumerate(names)}, unk_token="<unk>"))
    each = pre_tokenizers.Split(Regex("[\\s\\S]"), "isolated")
    if family.spaces_as_letters:
        each = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(prepend_scheme="first", split=False), each])
    tokenizer.pre_tokenizer = each
    return _with_tokens(tokenizer, family)


def of_pieces(family: Family) -> PreTrainedTokenizerFast:
    """A byte-level BPE that joins letters to words, punctuation with line ends, and line ends with each other."""
    tokenizer = Tokenizer(models.BPE())
    words = Regex(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    steps = [pre_tokenizers.Split(words, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    if family.spaces_as_letters:
        steps.insert(0, pre_tokenizers.Metaspace(prepend_scheme="first", split=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=list(family.special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*KOREAN, "user\n\n", "assistant\n\n", "?\n", ".\n\n", ":\n"] * 2, trainer)
    return _with_tokens(tokenizer, family)


def _with_tokens(tokenizer: Tokenizer, family: Family) -> PreTrainedTokenizerFast:
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in family.special])
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in family.added])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=family.bos, eos_token=family.eos, chat_template=family.template
    )
