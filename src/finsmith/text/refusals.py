"""Whether an answer is none: a refusal, not knowing, a request for what was not given.

Not covered: answers that are wrong.
"""

import re

# 해지할 수 없습니다 is no refusal: only what an assistant does counts.
_REFUSAL = re.compile(
    r"죄송|(?:답|도움|작성|요약|번역|분류|생성)[을를변]*\s?(?:해\s?)?(?:할|줄) 수(?:가|는)? 없|드릴 수(?:가|는)? 없"
    r"|(?:정보|자료|내용|지문)(?:만으로|으로|로|에서)?는?\s?알 수 없"
    r"|\bsorry\b|\bas an ai(?:,| (?:language|model|assistant)\b)"
    r"|(?<!\bif )(?<!\bwhen )\bi(?: (?:cannot|can['’]t|can not)|(?: am|['’]m) (?:unable|not able))\b",
    re.IGNORECASE,
)
# By the speaker: 고객은 모르겠다고 하고, 주가는 누구도 알 수 없다. The last is no answer where it is all there is.
_NOT_KNOWING = re.compile(
    r"(?:^|[\s.])(?:잘 )?모르겠(?:습니다|어요|네요|다)(?![고는며면'’\"”])"
    r"|^[^.!?\n]{0,20}(?<!\S)알 수 없(?:습니다|어요|네요)[.!]?$"
    r"|\bi (?:do not|don['’]t) know\b"
    r"|(?:^|[.!?]\s|저는 |제가 )(?:AI )?(?:인공지능|AI|언어) 모델(?:로서|이기 때문|이므로|이라서)",
    re.IGNORECASE,
)
_ASKING_BACK = re.compile(
    r"(?:알려|제공해|입력해|말씀해|보내|제시해)\s?주(?:시면|십시오|세요|시겠|실 수 있)[^.?!]{0,40}"
    r"(?:드리|드릴|도와|작성|답변|도움)"
    r"|(?:더|추가|구체적인|자세한) (?:많은 )?(?:정보|내용|맥락)(?:이|가) 필요(?:합니다|해요)"
    r"|(?:정보|내용|맥락)(?:이|가) (?:부족합니다|충분하지 않)|충분하지 않은 정보입니다"
    r"|어떤 [^.?!]{1,20}(?:원하시|필요하시|말씀하시)[^.?!]*\?"
    r"|\b(?:please|could you) provide (?:me|more|the|a)\b",
    re.IGNORECASE,
)
_REFUSAL_WORDS = 80  # a refusal is shorter


def refusal(text: str) -> str:
    """The words of a text that refuse, or ""."""
    found = _REFUSAL.search(text)
    return found[0] if found and len(text.split()) < _REFUSAL_WORDS else ""


def non_answer(text: str) -> str:
    """The words of a text that refuse, say that nothing is known, or ask for more, or ""."""
    found = _NOT_KNOWING.search(text) or _ASKING_BACK.search(text)
    return refusal(text) or (found[0].strip() if found and len(text.split()) < _REFUSAL_WORDS else "")
