"""Hides a term's own names in its definition, where they would give away what is asked for.

Not covered: parts of a name; a definition of 금융실명제 may speak of 금융.
"""

import re

from finsmith.core.records import Term

_BLANK = "○○"
_SHORTEST = 2  # characters of a name; one alone stands in too many words


def nameless_definition(term: Term) -> str:
    """The definition with a blank for each of the names: headword, others, full, short and English; spaces apart."""
    text = term.definition
    names = {term.term, *term.aliases, term.full_name, term.abbreviation, term.english}
    for name in sorted((name for name in names if len(name) >= _SHORTEST), key=lambda name: (-len(name), name)):
        text = _pattern(name).sub(_BLANK, text)
    return text


def _pattern(name: str) -> re.Pattern[str]:
    """Finds a name whatever its spaces and capitals; one of Latin letters only as a word, since ERP is no RP."""
    letters = r"\s*".join(re.escape(letter) for letter in name if not letter.isspace())
    return re.compile(rf"(?<![A-Za-z]){letters}(?![A-Za-z])" if name.isascii() else letters, re.IGNORECASE)
