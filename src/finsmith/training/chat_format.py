"""How a row becomes text: the tokenizer's own chat template where it has one, a plain Korean one where not.

The plain template is

    <bos>### 질문
    {instruction}

    {input}          (left out with its blank line where the input is empty)

    ### 답변
    {output}<eos>

Not covered: several turns, system messages.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TokenizedRow:
    """Token ids of a prompt and of the answer that follows it, the end token included."""

    prompt: list[int]
    answer: list[int]


class ChatFormat:
    """Prompts and training rows in the format of one tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def prompt(self, instruction: str, input_text: str = "") -> str:
        """The text up to the place where the answer begins."""
        asked = f"{instruction}\n\n{input_text}" if input_text else instruction
        if self._tokenizer.chat_template:
            turn = [{"role": "user", "content": asked}]
            return str(self._tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True))
        return f"{self._tokenizer.bos_token or ''}### 질문\n{asked}\n\n### 답변\n"

    def token_ids(self, text: str) -> list[int]:
        """The ids of a text as it stands, special tokens written in it included and none added."""
        ids: list[int] = self._tokenizer(text, add_special_tokens=False).input_ids
        return ids

    def row(self, instruction: str, input_text: str, output: str) -> TokenizedRow:
        """A training row; prompt and answer are tokenised apart, so that the border is where generation starts."""
        end = [self._tokenizer.eos_token_id]
        return TokenizedRow(self.token_ids(self.prompt(instruction, input_text)), self.token_ids(output) + end)
