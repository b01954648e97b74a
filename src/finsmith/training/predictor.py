"""What evaluation asks of the base model, with the adapter or without: log-likelihoods of continuations, and answers.

Each text is read in the batches in which lm-evaluation-harness reads it, so that the numbers are the same; the output
layer, which costs more than all the rest of a small model, is computed at the scored tokens alone.
Not covered: sampled answers; each is the likeliest token after the other.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import Literal

import torch
from peft import PeftModel
from torch.nn.utils.rnn import pad_sequence
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from finsmith.core.errors import ModelError

from .batches import AnswerLogits
from .chat_format import ChatFormat
from .memory import keep_freed_memory

# The batches are those of lm-evaluation-harness at `--batch_size 16`: in others 16-bit arithmetic rounds otherwise.
_ROWS_SCORED = 16
_TOKENS_SCORED = 2**15  # fewer rows where they are longer than 2,048 tokens
_TOKENS_ANSWERED = 2048  # of a batch of prompts with their answers
_LOGITS_AT_ONCE = 2**20  # floats: 4 MiB stay in the processor's cache

Tokens = list[int]


class LikelihoodPredictor:
    """One loaded model that answers as `base` or as `adapter`."""

    def __init__(self, base: Path, adapter: Path, dtype: str) -> None:
        keep_freed_memory()
        self._tokenizer = AutoTokenizer.from_pretrained(base)
        self._chat = ChatFormat(self._tokenizer)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, dtype))
        self._model = PeftModel.from_pretrained(model, str(adapter)).eval()
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
        places = [(at, nth) for at, several in enumerate(ends) for nth, end in enumerate(several) if end]
        scores = self._scores([(starts[at], ends[at][nth]) for at, nth in places])
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
        scores = self._scores([(start, [first]) for start in starts for first in firsts])
        return [scores[at : at + len(firsts)] for at in range(0, len(scores), len(firsts))]

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
        for batch in self._batches([len(start) + max_tokens for start in starts], len(starts), _TOKENS_ANSWERED):
            ids, mask = self._padded([starts[at] for at in batch], "left")
            with self._inference():
                tokens = self._model.generate(input_ids=ids, attention_mask=mask, generation_config=how)
            for at, row in zip(batch, tokens[:, ids.shape[1] :], strict=True):
                found[at] = self._tokenizer.decode(row, skip_special_tokens=True).lstrip(" ")
        return found

    def _scores(self, texts: Sequence[tuple[Tokens, Tokens]]) -> list[float]:
        """The log-likelihood of each end (at least a token) after its start.

        Texts that differ in their last token alone are read once: that token is scored and not read.
        """
        readers: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for at, (start, end) in enumerate(texts):
            readers[(*start, *end[:-1])].append(at)
        rows, found = sorted(readers), [0.0] * len(texts)
        for batch in self._batches([len(row) for row in rows], _ROWS_SCORED, _TOKENS_SCORED):
            asked = [readers[rows[nth]] for nth in batch]
            with self._inference():
                scores = self._read([rows[nth] for nth in batch], [[texts[at][1] for at in of_row] for of_row in asked])
            for at, score in zip(chain.from_iterable(asked), scores, strict=True):
                found[at] = score
        return found

    def _read(self, rows: Sequence[Sequence[int]], ends: Sequence[Sequence[Tokens]]) -> list[float]:
        """The log-likelihood of all ends, row by row; each ends one token behind its row."""
        ids, _ = self._padded(rows, "right")  # what stands behind a row is not seen from it, so no mask is needed
        chosen = torch.zeros_like(ids, dtype=torch.bool)
        places: list[int] = []  # of each token in the logits
        before = 0
        for number, (row, several) in enumerate(zip(rows, ends, strict=True)):
            longest = max(map(len, several))
            chosen[number, len(row) - longest : len(row)] = True
            before += longest
            places += [place for end in several for place in range(before - len(end), before)]
        logits = self._answer_logits(self._model, chosen, input_ids=ids, use_cache=False).logits
        log_probs = _log_probs(logits, places, [token for several in ends for end in several for token in end])
        sizes = [len(end) for several in ends for end in several]
        return [float(of_end.sum()) for of_end in torch.split(log_probs, sizes)]

    def _padded(
        self, rows: Sequence[Sequence[int]], side: Literal["left", "right"]
    ) -> tuple[torch.Tensor, torch.Tensor]:
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

    def _batches(self, sizes: Sequence[int], rows: int, tokens: int) -> Iterator[list[int]]:
        """Places of texts of like size (tokens), the longest first; at most so many rows and tokens together."""
        name = "adapter" if self._with_adapter else "base"
        with tqdm(total=len(sizes), desc=f"scoring {name}", unit="prompt") as bar:
            batch: list[int] = []
            for at in sorted(range(len(sizes)), key=lambda n: -sizes[n]):
                if batch and (len(batch) == rows or (len(batch) + 1) * sizes[batch[0]] > tokens):
                    yield batch
                    bar.update(len(batch))
                    batch = []
                batch.append(at)
            if batch:
                yield batch
                bar.update(len(batch))


def _log_probs(logits: torch.Tensor, places: Sequence[int], tokens: Sequence[int]) -> torch.Tensor:
    """The log-probability (tokens,), in float32, of each token at its place of `logits` (places, vocabulary)."""
    pieces = torch.split(logits, max(1, _LOGITS_AT_ONCE // logits.shape[1]))
    normalisers = torch.cat([_log_sum_exp(piece.to(torch.float32, copy=True)) for piece in pieces])
    return logits[list(places), list(tokens)].float() - normalisers[list(places)]


def _log_sum_exp(rows: torch.Tensor) -> torch.Tensor:
    """That of each of the rows (n, vocabulary), which are used up: torch's own takes twice the time on a CPU."""
    greatest = rows.amax(dim=-1, keepdim=True)
    return rows.sub_(greatest).exp_().sum(dim=-1).log_() + greatest[:, 0]
