"""How a row becomes text and tokens: by the tokenizer's own chat template, or where it has none by a plain Korean one.

The plain template writes

    <bos>### 질문
    {instruction}

    {input}          (left out with its blank line where the input is empty)

    ### 답변
    {output}<eos>

A template says itself how an answer ends: `<|im_end|>`, `<|eot_id|>`, `<end_of_turn>`. That token is learned, and stops
a generated answer; what the template writes after it (a line end) is not. What it writes before the answer's own words
and does not ask with (Mistral's space) is learned too: after being asked, the model must write it. A template that can
think is asked not to: rows hold no thoughts.

Only the template writes control tokens. Where a row's own text spells one, it is read as the characters it is made of,
so that no document can close a turn. Not covered: several turns, system messages.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from jinja2 import TemplateError
from tokenizers import normalizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast
from transformers.utils.chat_template_utils import encode_marked_chat, mark_control_tokens

from finsmith.core.errors import ModelError

# several turns and system messages are never trained, but a server may send them
PLAIN_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}{{ message['content'] }}{{ eos_token }}"
    "{% else %}"
    "{% if loop.first or messages[loop.index0 - 1]['role'] != 'system' %}### 질문\n{% endif %}"
    "{{ message['content'] }}\n\n{% if message['role'] != 'system' %}### 답변\n{% endif %}"
    "{% endif %}{% endfor %}"
)
_WAY_OUT = "Correct `chat_template` in the model's tokenizer files, or take it out: then a plain format is trained."
_OUTPUT = "@@"  # stands for an answer, to see what a template writes around it
_MARK = mark_control_tokens("x", re.compile("x"))[0]  # what the library puts before a control token that a row spells


@dataclass(frozen=True)
class TokenizedRow:
    """Token ids of a prompt and of the answer that follows it, the end token included."""

    prompt: list[int]
    answer: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


class ChatFormat:
    """Prompts and training rows in the format of one tokenizer.

    Raises:
        ModelError: the tokenizer has no end token, or its chat template cannot ask and answer.
    """

    def __init__(self, tokenizer: Any) -> None:
        if tokenizer.eos_token_id is None:
            raise ModelError("the tokenizer of `base.model` has no end-of-text token: set `eos_token` in its files.")
        self._tokenizer = tokenizer
        self.template: str = tokenizer.get_chat_template() if tokenizer.chat_template else PLAIN_TEMPLATE
        control = _control_tokens(tokenizer, self.template)
        self._control_ids = set(control)
        longest_first = sorted(control.values(), key=len, reverse=True)
        self._control_text = re.compile("|".join(map(re.escape, longest_first)))
        before, answered, after = self._answer("?", _OUTPUT)[1].partition(_OUTPUT)
        if not answered:
            raise ModelError(f"the chat template of `base.model` leaves the answer out. {_WAY_OUT}")
        self._before_words, self._spaces = before, before[len(before.rstrip(" ")) :]
        self._controls_before = self._count_controls(before)
        # a turn's end that is mere text would be shown to people: the end of text is learned in its place
        self._mere_text = "" if self._count_controls(after) else after

    @classmethod
    def of_model(cls, folder: Path) -> Self:
        """The format of the model in a folder.

        Raises:
            ModelError: there is none.
        """
        if not (folder / "config.json").exists():
            raise ModelError(f"{folder}: not found. It is written by the pipeline: run `dvc repro base`.")
        return cls(AutoTokenizer.from_pretrained(folder))

    @property
    def end_tokens(self) -> list[int]:
        """The ids that end an answer, sorted: the end of text, and the end of a turn where the template has one."""
        return sorted({self._tokenizer.eos_token_id, self.row("?", "", "!").answer[-1]})

    def prompt(self, instruction: str, input_text: str = "") -> str:
        """The text up to the place where the answer's own words begin; for `prompt_ids` and `following` only.

        Invisible marks stand around control tokens that `instruction` spells.
        """
        return self._asked(_question(instruction, input_text)) + self._before_words

    def without_spaces(self, prompt: str) -> str:
        """The prompt without the spaces that the template writes before an answer: they belong to its first token."""
        return prompt.removesuffix(self._spaces)

    def prompt_ids(self, prompt: str) -> list[int]:
        """The ids of a prompt, or of a prompt with the answer's first words behind it."""
        return self.token_ids(self.without_spaces(prompt))

    def following(self, prompt: str, text: str) -> list[int]:
        """The ids of `text` as it goes on after `prompt`, as a tokenizer reads both together."""
        start = self.without_spaces(prompt)
        return self._read(start, prompt[len(start) :] + self._marked(text))[1]

    def token_ids(self, text: str) -> list[int]:
        """The ids of a rendered text: control tokens of the template as such, those that a row spells as characters."""
        if _MARK not in text:  # as the library would; with 6,384 added tokens (Gemma) its way takes 20 ms
            ids: list[int] = self._tokenizer(text, add_special_tokens=False).input_ids
            return ids
        try:
            return list(encode_marked_chat(self._tokenizer, text))
        except ValueError as error:
            raise ModelError(f"the tokenizer of `base.model` reads a control token in any text: {error}.") from error

    def write_passing_over(self, character: str, folder: Path) -> Callable[[str], list[int]]:
        """Writes the model's tokenizer with a rule before its own: it passes over the character.

        Returns how what was written reads a text.

        Raises:
            ModelError: the tokenizer is none of the library `tokenizers`, so that it takes no rules.
        """
        if not self._tokenizer.is_fast:
            raise ModelError(
                f"the tokenizer of `base.model` ({type(self._tokenizer).__name__}) takes no further rules."
            )
        backend = deepcopy(self._tokenizer.backend_tokenizer)
        rules = [normalizers.Replace(character, ""), *([backend.normalizer] if backend.normalizer else [])]
        backend.normalizer = normalizers.Sequence(rules)
        # of no model's own class, since those make their rules anew when they are loaded
        PreTrainedTokenizerFast(tokenizer_object=backend, **self._tokenizer.special_tokens_map).save_pretrained(folder)
        written = AutoTokenizer.from_pretrained(folder)
        return lambda text: list(written(text, add_special_tokens=False).input_ids)

    def row(self, instruction: str, input_text: str, output: str) -> TokenizedRow:
        """A training row; its border is where generation starts.

        Raises:
            ModelError: the chat template writes a turn before an answer otherwise than before generation.
        """
        asked, answered = self._answer(_question(instruction, input_text), output)
        prompt, answer = self._read(asked, answered.removesuffix(self._mere_text))
        ends = [at for at, token in enumerate(answer) if token in self._control_ids][self._controls_before :]
        answer = answer[: ends[0] + 1] if ends else [*answer, self._tokenizer.eos_token_id]
        return TokenizedRow(prompt, answer)

    def _read(self, before: str, text: str) -> tuple[list[int], list[int]]:
        """The ids of both as they stand together; apart where the tokenizer would join them at their border."""
        start, both = self.token_ids(before), self.token_ids(before + text)
        if both[: len(start)] == start:
            return start, both[len(start) :]
        # behind a line end, because some tokenizers write a space before whatever begins a text
        line_end, behind = self.token_ids("\n"), self.token_ids(f"\n{text}")
        joined = behind[: len(line_end)] != line_end
        return start, self.token_ids(text) if joined else behind[len(line_end) :]

    def _count_controls(self, text: str) -> int:
        return sum(token in self._control_ids for token in self.token_ids(text))

    def _asked(self, question: str) -> str:
        return self._rendered({"user": question}, add_generation_prompt=True)

    def _answer(self, question: str, output: str) -> tuple[str, str]:
        """How the template asks, and what it writes behind that where the question has been answered."""
        asked, whole = self._asked(question), self._rendered({"user": question, "assistant": output})
        if not whole.startswith(asked):
            raise ModelError(
                f"the chat template of `base.model` asks with {asked!r}, but writes an answered turn as {whole!r}: "
                f"what is trained would not follow what is asked. {_WAY_OUT}"
            )
        return asked, whole[len(asked) :]

    def _rendered(self, turns: dict[str, str], add_generation_prompt: bool = False) -> str:
        messages = [{"role": role, "content": self._marked(content)} for role, content in turns.items()]
        how = {"add_generation_prompt": add_generation_prompt, "enable_thinking": False}
        try:
            text = self._tokenizer.apply_chat_template(messages, chat_template=self.template, tokenize=False, **how)
        except TemplateError as error:
            raise ModelError(f"the chat template of `base.model` fails: {error}. {_WAY_OUT}") from error
        return str(text)

    def _marked(self, text: str) -> str:
        if _MARK not in text and not self._control_text.search(text):
            return text  # as the library would, which hashes the whole pattern each time
        return str(mark_control_tokens(text, self._control_text))


def _control_tokens(tokenizer: Any, template: str) -> dict[int, str]:
    """The special tokens, and those among the other added ones that the template writes, by id.

    Gemma's line ends are added tokens too, and text like any other.
    """
    added = tokenizer.added_tokens_decoder.items()
    found = {
        number: token.content
        for number, token in added
        if token.special or (token.content in template and not token.content.isspace())
    }
    return found | {tokenizer.eos_token_id: tokenizer.eos_token}


def _question(instruction: str, input_text: str) -> str:
    return f"{instruction}\n\n{input_text}" if input_text else instruction
