"""Says what counts as personal data: for each kind a pattern, and whether what it found is one, given its surroundings.

Precision comes from check digits, numbering plans and words nearby, not from the patterns alone. Public numbers stay:
of businesses and corporations, company hotlines (1588-…), toll-free and paid ones.
Not covered: names, addresses and birth dates; replacing, which is in `privacy`.
"""

from .contact import EMAIL, PHONE
from .found import Found, Rule
from .identity import LICENCE, PASSPORT, RESIDENT
from .payment import ACCOUNT, CARD

# the order decides where two could claim the same digits
RULES = (EMAIL, RESIDENT, CARD, LICENCE, PASSPORT, PHONE, ACCOUNT)

__all__ = ["RULES", "Found", "Rule"]
