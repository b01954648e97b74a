"""Whether an answer is none: a refusal, not knowing, a request for what was not given, none found in what was.

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
# Of the text that was given to answer from, or of its answer: 이 서류는 창구에서 찾을 수 없습니다 is no refusal.
_GIVEN = r"(?<![가-힣])(?:제시된 |주어진 |위 |아래 )?(?:단서|지문|문서|자료|본문|글|내용|정보)(?:들)?[\d, ]*"
_IN_IT = r"(?:(?:어디|가운데|중)?에(?:서|는|도|서는|서도)?|만으로는?|으?로는|상으?로?는?)(?![가-힣])"
_NOT_THERE = (
    r"(?:찾(?:을|아볼) 수(?:가|는)? 없|찾지 못|없(?:습니다|다|음|어요)|나(?:와|타나) ?있지 않|나오지 않|적혀 있지 않"
    r"|언급되(?:어 있)?지 않|포함되(?:어 있)?지 않|(?:알|확인할|답할|답변할) 수(?:가|는)? 없)"
)
_NONE_FOUND = re.compile(
    rf"{_GIVEN}{_IN_IT}[^.!?\n]{{0,40}}{_NOT_THERE}"
    rf"|(?<![가-힣])(?:질문의?|이에 대한|해당하는) (?:답|답변|정답|내용|정보)[은는이가을를][^.!?\n]{{0,15}}{_NOT_THERE}"
    r"|^(?:답|정답|답변|내용|정보)[은는이가]?\s?없(?:습니다|다|음|어요)[.!]?$"
    r"|\b(?:no|none of the) (?:clues?|documents?|texts?)\b"
    r"|\b(?:clues?|documents?|texts?)(?: given)? (?:do(?:es)? not|don['’]t|doesn['’]t) (?:answer|contain|say|hold)\b"
    r"|\b(?:answer|information)\b[^.!?\n]{0,30} (?:is|was|are|can|could)(?: ?not|n['’]t)"
    r" (?:be )?(?:in|given|found|there)\b",
    re.IGNORECASE | re.MULTILINE,
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


def finds_none(text: str) -> str:
    """The words of a text that say that what was given holds no answer, or a refusal's, or ""."""
    found = _NONE_FOUND.search(text)
    none = found[0].strip() if found and len(text.split()) < _REFUSAL_WORDS else ""
    return none or non_answer(text)
