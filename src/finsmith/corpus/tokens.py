"""Counts tokens with the base model's own tokenizer. The only home of tokenizers.

Not covered: chat templates; a count is of the bare text.
"""

from collections.abc import Callable
from pathlib import Path

from tokenizers import Tokenizer

from finsmith.core.errors import ModelError


def token_counter(tokenizer_json: Path) -> Callable[[str], int]:
    """A function that gives the number of tokens of a text, special tokens not counted.

    Raises:
        ModelError: the file is no tokenizer.
    """
    try:
        tokenizer = Tokenizer.from_file(str(tokenizer_json))
    except Exception as error:  # the library raises nothing narrower than Exception
        raise ModelError(f"{tokenizer_json}: not a tokenizer file ({error})") from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
