"""Attaches the particle that fits the last sound of a word, Latin abbreviations and digits included.

Not covered: how every foreign word is read aloud; for English words the rule is by spelling, with a list of exceptions.
"""

import re
import unicodedata

# Each pair: after a final consonant, after a vowel.
PARTICLES = {
    "은/는": ("은", "는"),
    "이/가": ("이", "가"),
    "을/를": ("을", "를"),
    "과/와": ("과", "와"),
    "이란/란": ("이란", "란"),
    "으로/로": ("으로", "로"),
    "이라고/라고": ("이라고", "라고"),
}
_PARENTHESIS = re.compile(r"[(\[][^()\[\]]*[)\]]")  # an innermost one
_SPOKEN = re.compile(r"[가-힣]|[A-Za-z]+|[0-9%+]")
# Letters and digits by their names: 엘 알 일 칠 팔 end in ㄹ, 엠 엔 영 삼 육 in another consonant, the rest in a vowel.
_SIGNS = dict.fromkeys("LR178", "ㄹ") | dict.fromkeys("MN036", "ㄱ")
# Read otherwise than their spelling says.
_EXCEPTIONS = {
    "KOSDAQ": "ㄱ",  # 코스닥
    "NASDAQ": "ㄱ",  # 나스닥
    "LIBOR": "",  # 리보
    "type": "ㄱ",  # 타입
    "check": "",  # 체크
    "hub": "",  # 허브
    "bit": "",  # 비트
}
# Endings of English words as Korean writes them, the first that fits; any other ends in a vowel (본드, 노트, 리스크).
_ENGLISH_ENDINGS = (
    (re.compile(r"(l|le)$"), "ㄹ"),  # call 콜, scale 스케일
    (re.compile(r"(m|n|ng|[aeiou][mn]e)$"), "ㄱ"),  # margin 마진, trading 트레이딩, volume 볼륨
    (re.compile(r"(ck|[aeiou]c|ook)$"), "ㄱ"),  # stock 스톡, traffic 트래픽, outlook 아웃룩
    (re.compile(r"(^|[^aeiou])[aeiou](pp|[pbt])$"), "ㄱ"),  # swap 스왑, club 클럽, app 앱; not float 플로트
    (re.compile(r"(out|oup|e[ea]p)$"), "ㄱ"),  # buyout 바이아웃, group 그룹, cheap 칩
)


def with_particle(word: str, particle: str) -> str:
    """The word with the particle attached, e.g. ("ETF", "은/는") gives "ETF는".

    What stands in parentheses is not read aloud: 공매도(Short Selling) takes 는.

    Raises:
        KeyError: `particle` is no key of PARTICLES.
    """
    after_consonant, after_vowel = PARTICLES[particle]
    final = final_sound(word)
    if particle == "으로/로" and final == "ㄹ":
        return word + after_vowel
    return word + (after_consonant if final else after_vowel)


def final_sound(word: str) -> str:
    """The final consonant of the word as read aloud: "" for a vowel, "ㄹ" where it is one, "ㄱ" for any other."""
    spoken = _SPOKEN.findall(_without_parentheses(unicodedata.normalize("NFKC", word)))
    if not spoken:
        return ""
    last = spoken[-1]
    if last in _EXCEPTIONS:
        return _EXCEPTIONS[last]
    if "가" <= last <= "힣":
        jong = (ord(last) - ord("가")) % 28
        return "" if jong == 0 else "ㄹ" if jong == 8 else "ㄱ"
    if len(last) > 1 and last[-1].islower():
        return _final_of_english_word(last.lower())
    return _SIGNS.get(last[-1].upper(), "")


def _without_parentheses(word: str) -> str:
    """The word without its parentheses, nested ones too; the word itself where nothing else is read aloud."""
    shorter = _PARENTHESIS.sub("", word)
    return word if shorter == word or not _SPOKEN.search(shorter) else _without_parentheses(shorter)


def _final_of_english_word(word: str) -> str:
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    return next((sound for ending, sound in _ENGLISH_ENDINGS if ending.search(word)), "")
