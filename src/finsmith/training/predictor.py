"""What evaluation asks of the base model, with the adapter or without: log-likelihoods of continuations, and answers.

The continuations of a prompt share one pass of it: a question with four choices is read once, not four times.
Not covered: sampled answers; each is the likeliest token after the other.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

import torch
from peft import PeftModel
from torch.nn.utils.rnn import pad_sequence
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from finsmith.core.errors import ModelError

from .batches import AnswerLogits
from .chat_format import ChatFormat

_TOKENS_PER_BATCH = 2048
_LOGITS_AT_ONCE = 64  # positions whose logits are held in float32 together

Tokens = list[int]


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

    def prompt(self, instruction: str, input_text: str = "") -> str:
        """Instruction and input in the model's chat format, up to where the answer begins."""
        return self._chat.prompt(instruction, input_text)

    def log_likelihoods(self, prompts: Sequence[str], continuations: Sequence[Sequence[str]]) -> list[list[float]]:
        """For each prompt the sum of log-probabilities (natural) of each of its continuations."""
        starts = [self._chat.prompt_ids(prompt) for prompt in prompts]
        ends = [
            [self._chat.following(prompt, text) if text else [] for text in several]
            for prompt, several in zip(prompts, continuations, strict=True)
        ]
        found = [[0.0] * len(several) for several in ends]
        sizes = [len(start) + sum(map(len, several)) for start, several in zip(starts, ends, strict=True)]
        for batch in self._batches(sizes):
            places = [(at, nth) for at in batch for nth, end in enumerate(ends[at]) if end]
            if not places:
                continue
            owners = [batch.index(at) for at, _ in places]
            with self._inference():
                scores = self._scores([starts[at] for at in batch], owners, [ends[at][nth] for at, nth in places])
            for (at, nth), score in zip(places, scores, strict=True):
                found[at][nth] = score
        return found

    def next_token_log_probs(self, prompts: Sequence[str], candidates: Sequence[str]) -> list[list[float]]:
        """For each prompt the log-probability of each candidate's first token, all from one forward pass.

        Raises:
            ModelError: the tokenizer begins two candidates with the same token, so it cannot tell them apart.
        """
        if not prompts:
            return []
        firsts = [self._chat.following(prompts[0], candidate)[0] for candidate in candidates]
        if len(set(firsts)) < len(firsts):
            raise ModelError(
                f"the base model's tokenizer begins two of {list(candidates)} with the same token. "
                "Take the evaluator that compares them out of `evaluate.evaluators`."
            )
        starts = [self._chat.prompt_ids(prompt) for prompt in prompts]
        found: list[list[float]] = [[]] * len(starts)
        for batch in self._batches([len(start) for start in starts]):
            rows = [at for at in range(len(batch)) for _ in firsts]
            with self._inference():
                logits, _, _ = self._read([starts[at] for at in batch])
                scores = _log_probs(logits, rows, firsts * len(batch)).view(len(batch), -1).tolist()
            for at, row in zip(batch, scores, strict=True):
                found[at] = row
        return found

    def generate(self, prompts: Sequence[str], max_tokens: int) -> list[str]:
        """For each prompt the answer as text, without its end token; at most `max_tokens` tokens, then it is cut."""
        how = GenerationConfig(
            do_sample=False,
            max_new_tokens=max_tokens,
            eos_token_id=self._chat.end_tokens,
            pad_token_id=self._tokenizer.pad_token_id or 0,
        )
        starts = [self._chat.prompt_ids(prompt) for prompt in prompts]
        found = [""] * len(starts)
        for batch in self._batches([len(start) + max_tokens for start in starts]):
            ids, mask = self._padded([starts[at] for at in batch], "left")
            with self._inference():
                tokens = self._model.generate(input_ids=ids, attention_mask=mask, generation_config=how)
            for at, row in zip(batch, tokens[:, ids.shape[1] :], strict=True):
                found[at] = self._tokenizer.decode(row, skip_special_tokens=True).lstrip(" ")
        return found

    def _scores(self, starts: Sequence[Tokens], owners: Sequence[int], ends: Sequence[Tokens]) -> list[float]:
        """The log-likelihood of each of `ends` (at least a token each) after the start that owns it."""
        logits, mask, cache = self._read(starts)
        totals = _log_probs(logits, owners, [end[0] for end in ends])
        later = [(row, token) for row, end in enumerate(ends) for token in end[1:]]
        if later:
            rows, targets = zip(*later, strict=True)
            ids, their_mask = self._padded([end[:-1] for end in ends], "right")
            mask = mask[owners]
            cache.batch_select_indices(torch.tensor(owners, device=ids.device))
            output = self._answer_logits(
                self._model,
                their_mask.bool(),
                input_ids=ids,
                attention_mask=torch.cat([mask, their_mask], dim=1),
                position_ids=mask.sum(dim=1, keepdim=True) + torch.arange(ids.shape[1], device=ids.device),
                past_key_values=cache,
            )
            scores = _log_probs(output.logits, range(len(targets)), targets)
            totals = totals.index_add(0, torch.tensor(rows, device=ids.device), scores)
        return [float(total) for total in totals]

    def _read(self, starts: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor, Any]:
        """Logits (starts, vocabulary) of what follows each start; attention mask and cache to go on from."""
        ids, mask = self._padded(starts, "left")  # so that all end, and go on, in one column
        ends = torch.zeros_like(mask, dtype=torch.bool)
        ends[:, -1] = True
        positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
        output = self._answer_logits(
            self._model, ends, input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=True
        )
        return output.logits, mask, output.past_key_values

    def _padded(self, rows: Sequence[Tokens], side: Literal["left", "right"]) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and attention mask, both (rows, longest)."""
        ids = [torch.tensor(row, dtype=torch.long, device=self._model.device) for row in rows]
        mask = [torch.ones_like(row) for row in ids]
        pad_id = self._tokenizer.pad_token_id or 0
        return (
            pad_sequence(ids, batch_first=True, padding_value=pad_id, padding_side=side),
            pad_sequence(mask, batch_first=True, padding_side=side),
        )

    @contextmanager
    def _inference(self) -> Iterator[None]:
        with torch.inference_mode(), nullcontext() if self._with_adapter else self._model.disable_adapter():
            yield

    def _batches(self, sizes: Sequence[int]) -> Iterator[list[int]]:
        """Places of texts of like size (tokens), about _TOKENS_PER_BATCH tokens together."""
        name = "adapter" if self._with_adapter else "base"
        with tqdm(total=len(sizes), desc=f"scoring {name}", unit="prompt") as bar:
            batch: list[int] = []
            for at in sorted(range(len(sizes)), key=lambda n: -sizes[n]):
                if batch and (len(batch) + 1) * sizes[batch[0]] > _TOKENS_PER_BATCH:
                    yield batch
                    bar.update(len(batch))
                    batch = []
                batch.append(at)
            if batch:
                yield batch
                bar.update(len(batch))


def _log_probs(logits: torch.Tensor, rows: Sequence[int], tokens: Sequence[int]) -> torch.Tensor:
    """The log-probability (tokens,), in float32, of each token in its row of `logits` (positions, vocabulary)."""
    normalisers = torch.cat([piece.float().logsumexp(dim=-1) for piece in torch.split(logits, _LOGITS_AT_ONCE)])
    return logits[list(rows), list(tokens)].float() - normalisers[list(rows)]
