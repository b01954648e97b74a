"""Log-likelihoods of continuations under the base model, with the adapter or without; what evaluation scores by.

Not covered: generation of text.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import torch
from peft import PeftModel
from torch.nn.functional import log_softmax
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer

from finsmith.core.errors import ModelError

from .batches import AnswerLogits, Batch, pad
from .chat_format import ChatFormat, TokenizedRow

_TOKENS_PER_BATCH = 2048


class LikelihoodPredictor:
    """One loaded model that answers as `base` or as `adapter`."""

    def __init__(self, base: Path, adapter: Path, dtype: str) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(base)
        self._chat = ChatFormat(self._tokenizer)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, dtype))
        self._model = PeftModel.from_pretrained(model, str(adapter), autocast_adapter_dtype=False).eval()
        self._model.to("cuda" if torch.cuda.is_available() else "cpu")
        self._answer_logits = AnswerLogits(self._model)
        self._with_adapter = True

    def use_adapter(self, on: bool) -> None:
        """Switches the adapter on or off for what follows."""
        self._with_adapter = on

    def prompt(self, instruction: str) -> str:
        """The instruction in the model's chat format, up to where the answer begins."""
        return self._chat.prompt(instruction)

    def log_likelihoods(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[float]:
        """The sum of log-probabilities (natural) of each continuation after its prompt."""
        rows = [
            TokenizedRow(self._chat.token_ids(p), self._chat.token_ids(c))
            for p, c in zip(prompts, continuations, strict=True)
        ]
        totals = [0.0] * len(rows)
        for batch in self._batches(rows):
            log_probs, targets, owners = self._forward([rows[at] for at in batch])
            scores = log_probs.gather(1, targets[:, None])[:, 0]
            for place, at in enumerate(batch):
                totals[at] = float(scores[owners == place].sum())
        return totals

    def next_token_log_probs(self, prompts: Sequence[str], candidates: Sequence[str]) -> list[list[float]]:
        """For each prompt the log-probability of each candidate's first token, all from one forward pass.

        Raises:
            ModelError: the tokenizer begins two candidates with the same token, so it cannot tell them apart.
        """
        firsts = [self._chat.token_ids(candidate)[0] for candidate in candidates]
        if len(set(firsts)) < len(firsts):
            raise ModelError(
                f"the base model's tokenizer begins two of {list(candidates)} with the same token. "
                "Take the evaluator that compares them out of `evaluate.evaluators`."
            )
        rows = [TokenizedRow(self._chat.token_ids(p), [firsts[0]]) for p in prompts]
        found: list[list[float]] = [[]] * len(rows)
        for batch in self._batches(rows):
            log_probs, _, _ = self._forward([rows[at] for at in batch])
            for at, scores in zip(batch, log_probs[:, firsts].tolist(), strict=True):
                found[at] = scores
        return found

    def _forward(self, rows: Sequence[TokenizedRow]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Log-probabilities (answer tokens, vocabulary), the tokens, and the row each belongs to."""
        batch = Batch(*(tensor.to(self._model.device) for tensor in pad(rows, self._tokenizer.pad_token_id or 0)))
        with torch.inference_mode(), nullcontext() if self._with_adapter else self._model.disable_adapter():
            logits = self._answer_logits(self._model, batch.input_ids, batch.attention_mask, batch.predicts)
            return log_softmax(logits.float(), dim=-1), batch.targets, batch.owners

    def _batches(self, rows: Sequence[TokenizedRow]) -> Iterator[list[int]]:
        """Places of rows of like length, at most _TOKENS_PER_BATCH padded tokens together."""
        size = [len(row.prompt) + len(row.answer) for row in rows]
        name = "adapter" if self._with_adapter else "base"
        with tqdm(total=len(rows), desc=f"scoring {name}", unit="text") as bar:
            batch: list[int] = []
            for at in sorted(range(len(rows)), key=lambda n: -size[n]):
                if batch and (len(batch) + 1) * size[batch[0]] > _TOKENS_PER_BATCH:
                    yield batch
                    bar.update(len(batch))
                    batch = []
                batch.append(at)
            if batch:
                yield batch
                bar.update(len(batch))
