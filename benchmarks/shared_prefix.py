"""What it saves with the embedded teacher to send a passage's requests together, passage first.

The first requests of four recipes on the same passages are sent as they are built (system, passage, task), once to a
server that keeps the prompts it has read, as ours does, and once each by itself. Replies are cut at the same length.
Not covered: endpoints, whose discounts are their own.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import openai
from tqdm import tqdm

from finsmith.core.io import read_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Passage, Request
from finsmith.corpus.tokens import token_counter
from finsmith.generation.generate import GENERATORS
from finsmith.generation.material import Material
from finsmith.generation.params import GenerateParams
from finsmith.teacher.local_server import local_teacher

RECIPES = ("summary", "multiple_choice", "rag", "textbook")
PASSAGES = 3
REPLY_TOKENS = (1, 100)  # the prompt alone, and a reply of about what the recipes get


def main(corpus: Path, tokenizer: Path) -> None:
    """Prints a row per length of the replies: seconds both ways, and their ratio."""
    params = load_params(GenerateParams)
    requests = first_requests(corpus, tokenizer, params)
    teacher, threads = params.teacher, os.cpu_count() or 1
    print(f"{len(requests)} requests of {', '.join(RECIPES)} on {PASSAGES} passages, {threads} threads")
    for tokens in REPLY_TOKENS:
        # a server of its own: it would know the prompts of the round before
        with local_teacher(teacher.model, teacher.context_tokens, 1, threads) as base_url:
            client = openai.OpenAI(base_url=base_url, api_key="none", timeout=600)
            together, read = sent(client, requests, tokens, keep=True)
            apart, read_apart = sent(client, requests, tokens, keep=False)
            print(
                f"replies of {tokens:3} tokens: together {together:6.1f} s ({read:,} prompt tokens read), "
                f"each by itself {apart:6.1f} s ({read_apart:,}), {apart / together:.2f} x"
            )


def first_requests(corpus: Path, tokenizer: Path, params: GenerateParams) -> list[Request]:
    """The first requests on the first passages that all the recipes ask about, passage by passage."""
    settings = params.textbook.model_copy(update={"passages": 10 * PASSAGES})
    chosen = params.model_copy(update={"max_passages": 10 * PASSAGES, "textbook": settings})
    passages = list(read_jsonl(corpus / "passages.jsonl", Passage))
    material = Material(passages, [], chosen, token_counter(tokenizer))
    recipes = [ask for name in RECIPES if (ask := GENERATORS[name].of_passage)]
    talks = [[ask(passage, material) for ask in recipes] for passage in material.chosen]
    asked = [[request for talk in each for request in next(talk, [])] for each in talks]
    return [request for each in [one for one in asked if len(one) == len(RECIPES)][:PASSAGES] for request in each]


def sent(client: openai.OpenAI, requests: Sequence[Request], tokens: int, keep: bool) -> tuple[float, int]:
    """Seconds for all, one after the other, and the prompt tokens that were not in the server's cache."""
    begun, read = time.perf_counter(), 0
    for request in tqdm(requests, unit="call", leave=False):
        reply = client.chat.completions.create(
            model=request.model,
            messages=[{"role": role, "content": text} for role, text in request.messages],  # type: ignore[misc]
            max_tokens=tokens,
            temperature=0,
            extra_body={"ignore_eos": True, "cache_prompt": keep},
        )
        assert reply.usage is not None
        details = reply.usage.prompt_tokens_details
        read += reply.usage.prompt_tokens - (details.cached_tokens or 0 if details else 0)
    return time.perf_counter() - begun, read


if __name__ == "__main__":
    folder, model = sys.argv[1:3] if len(sys.argv) > 2 else ("data/corpus", "models/base/tokenizer.json")
    main(Path(folder), Path(model))
