"""How a row becomes text: the tokenizer's own chat template where it has one, a plain Korean one where not.

The plain template is

    <bos>### 질문
    {instruction}

    {input}          (left out with its blank line where the input is empty)

    ### 답변
    {output}<eos>

A template says itself how an answer ends: `<|im_end|>`, `<|eot_id|>`, `<end_of_turn>`. That token is learned, and stops
a generated answer; what the template writes after it (a line end) is not. Not covered: several turns, system messages.
"""

from dataclasses import dataclass
from typing import Any

from finsmith.core.errors import ModelError


@dataclass(frozen=True)
class TokenizedRow:
    """Token ids of a prompt and of the answer that follows it, the end token included."""

    prompt: list[int]
    answer: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


class ChatFormat:
    """Prompts and training rows in the format of one tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = {tokenizer.eos_token_id, *tokenizer.added_tokens_decoder}

    @property
    def end_tokens(self) -> list[int]:
        """The ids that end an answer, sorted: the end of text, and the end of a turn where the template has one."""
        return sorted({self._tokenizer.eos_token_id, self.row("?", "", "!").answer[-1]})

    def prompt(self, instruction: str, input_text: str = "") -> str:
        """The text up to the place where the answer begins."""
        asked = _asked(instruction, input_text)
        if self._tokenizer.chat_template:
            return self._rendered([{"role": "user", "content": asked}], add_generation_prompt=True)
        return f"{self._tokenizer.bos_token or ''}### 질문\n{asked}\n\n### 답변\n"

    def token_ids(self, text: str) -> list[int]:
        """The ids of a text as it stands, special tokens written in it included and none added."""
        ids: list[int] = self._tokenizer(text, add_special_tokens=False).input_ids
        return ids

    def row(self, instruction: str, input_text: str, output: str) -> TokenizedRow:
        """A training row; prompt and answer are tokenised apart, so that the border is where generation starts.

        Raises:
            ModelError: the chat template writes a turn before an answer otherwise than before generation.
        """
        prompt = self.prompt(instruction, input_text)
        answer = self.token_ids(self._answer(prompt, _asked(instruction, input_text), output))
        ends = [at for at, token in enumerate(answer) if token in self._special]
        answer = answer[: ends[-1] + 1] if ends else [*answer, self._tokenizer.eos_token_id]
        return TokenizedRow(self.token_ids(prompt), answer)

    def _answer(self, prompt: str, asked: str, output: str) -> str:
        """What follows the prompt, as the template writes it; without one the output alone."""
        if not self._tokenizer.chat_template:
            return output
        turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": output}]
        whole = self._rendered(turns, add_generation_prompt=False)
        if not whole.startswith(prompt):
            raise ModelError(
                f"the chat template of `base.model` asks with {prompt!r}, but writes an answered turn as {whole!r}: "
                "what is trained would not follow what is asked. Correct `chat_template` in the model's tokenizer files."
            )
        return whole[len(prompt) :]

    def _rendered(self, turns: list[dict[str, str]], add_generation_prompt: bool) -> str:
        text = self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=add_generation_prompt)
        return str(text)


def _asked(instruction: str, input_text: str) -> str:
    return f"{instruction}\n\n{input_text}" if input_text else instruction
