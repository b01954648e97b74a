"""Parts a text into sentences, Korean and English. Not covered: sentences that end without a mark."""

import re

# Not within 2024. 3. 1., after English abbreviations (No. 3, Mr. Kim, e.g. gold, U.S. banks), or before a small letter.
_END = re.compile(
    r"(?<=[.!?])(?<!\d\.)(?<!\b[A-Z]\.)(?<!\b(?:No|Mr|Ms|Dr|vs)\.)(?<!\b(?:Art|Sec|Mrs)\.)(?<!\b(?:e\.g|i\.e)\.)"
    r"\s+(?![a-z])"
)


def sentences(line: str) -> list[str]:
    """The sentences of one line, in order, without the spaces between them; an empty line has none."""
    return [part.strip() for part in _END.split(line) if part.strip()]
