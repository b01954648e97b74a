"""What an instruction asks for."""

import pytest

from finsmith.korean.verb_object import verb_object


@pytest.mark.parametrize(
    ("instruction", "verb", "noun"),
    [
        ("다음 글을 두 문장으로 요약해 주세요.", "요약하다", "글"),
        ("금리 인상이 가계에 미치는 영향을 설명하십시오.", "설명하다", "영향"),
        ("ETF의 장점 세 가지를 말해 줘. 예도 들어 줘.", "말하다", "장점"),
        ("대출 거절 메일을 쓰세요", "쓰다", "메일"),
        ("기준금리란 무엇인가요?\n한국은행이 정한다.", "무엇", "금리"),
        ("한도를 어떻게 늘릴 수 있습니까?", "늘리다", "한도"),
        ("연체 이자는 몇 퍼센트입니까?", "몇", "이자"),
        ("Summarize the passage.", "summarize", ""),
        ("", "", ""),
        ("...", "", ""),
    ],
)
def test_verb_and_object(instruction, verb, noun):
    """The last verb of the first sentence in its base form, auxiliaries left out, and the noun it acts on."""
    assert verb_object(instruction) == (verb, noun)
