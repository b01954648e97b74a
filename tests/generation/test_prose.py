"""What a reply in prose must be; the faults themselves are tried in tests/text."""

import pytest

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.generation.prose import check_prose

ROUND = "인출이 발생한 날짜부터 날짜를 더합니다."


def test_a_loop_and_another_language_are_named():
    """The error says which of the two it is; a text without them passes."""
    with pytest.raises(TeacherReplyMalformed, match="over and over"):
        check_prose(f"{ROUND} {ROUND} {ROUND}", "ko")
    with pytest.raises(TeacherReplyMalformed, match="not in the language"):
        check_prose(ROUND, "en")
    check_prose(ROUND, "ko")
