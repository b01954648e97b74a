"""Answers of base and adapter as they are written, for people to read. Not covered: the terminal; see `reporting`."""

from collections.abc import Callable
from typing import Any

from transformers import GenerationConfig, TextStreamer

from .predictor import LikelihoodPredictor


class ChatModels(LikelihoodPredictor):
    """Base and adapter in one loaded model, asked one question at a time."""

    def answer(self, question: str, with_adapter: bool, max_tokens: int, on_text: Callable[[str], None]) -> None:
        """Has `on_text` hear the likeliest answer piece by piece, whole words each; after `max_tokens` it is cut."""
        self.use_adapter(with_adapter)
        ids, mask = self._padded([self._chat.prompt_ids(self.prompt(question))], "left")
        how = GenerationConfig(
            do_sample=False,
            max_new_tokens=max_tokens,
            eos_token_id=self._chat.end_tokens,
            pad_token_id=self._tokenizer.pad_token_id or 0,
        )
        with self._inference():
            heard = _Words(self._tokenizer, on_text)
            self._model.generate(input_ids=ids, attention_mask=mask, generation_config=how, streamer=heard)


class _Words(TextStreamer):
    """Passes on words when they are whole: a token may be half a Hangul syllable."""

    def __init__(self, tokenizer: Any, on_text: Callable[[str], None]) -> None:
        super().__init__(tokenizer, skip_prompt=True, skip_special_tokens=True)
        self._on_text = on_text

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Hears what the library takes for whole words, sometimes nothing."""
        whole = text.rstrip("\N{REPLACEMENT CHARACTER}") if stream_end else text  # a cut may fall into a syllable
        if whole:
            self._on_text(whole)
