"""Attaches the particle that fits the last sound of a word, Latin abbreviations and digits included.

Not covered: how a foreign word in lower case is read aloud beyond its last letters; the rule there is by spelling.
"""

import re

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
_CONSONANT_DIGITS = set("013678")  # 영 일 삼 육 칠 팔
_CONSONANT_LETTERS = set("LMNR")  # 엘 엠 엔 알
_L_SOUNDS = set("178LR")  # 일 칠 팔 엘 알: end in ㄹ, which takes 로
_TRAILING_PARENTHESIS = re.compile(r"\s*[(\[（][^()\[\]（）]*[)\]）]\s*$")
_SPOKEN = re.compile(r"[가-힣A-Za-z0-9]")
_WORD_CONSONANT = re.compile(r"(?:[nmlbpkt]|ng|ck|c|g|d)$")  # swap 스왑, margin 마진, bank 뱅크 is caught below
_WORD_VOWEL = re.compile(r"(?:nk|nt|nd|st|rt|rd|ct|pt|lt|ld|lk|sk|mp|d|sh|ch|[aeiou]t[es]|te|de|ke|ge|se|ce|ve|ze)$")


def with_particle(word: str, particle: str) -> str:
    """The word with the particle attached, e.g. ("ETF", "은/는") gives "ETF는".

    A trailing parenthesis is not read aloud: 공매도(Short Selling) takes 는.

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
    spoken = word
    while (shorter := _TRAILING_PARENTHESIS.sub("", spoken)) and shorter != spoken:
        spoken = shorter
    letters = _SPOKEN.findall(spoken)
    if not letters:
        return ""
    last = letters[-1]
    if "가" <= last <= "힣":
        jong = (ord(last) - ord("가")) % 28
        return "" if jong == 0 else "ㄹ" if jong == 8 else "ㄱ"
    if last.isdigit():
        return "ㄹ" if last in _L_SOUNDS else "ㄱ" if last in _CONSONANT_DIGITS else ""
    tail = re.search(r"[A-Za-z]+$", "".join(re.findall(r"[가-힣A-Za-z0-9 ]", spoken)).rstrip())
    run = tail.group() if tail else last
    if len(run) > 1 and run[-1].islower():
        return _final_of_english_word(run.lower())
    return "ㄹ" if last.upper() in _L_SOUNDS else "ㄱ" if last.upper() in _CONSONANT_LETTERS else ""


def _final_of_english_word(word: str) -> str:
    """By Korean loan-word habit: a lone stop closes the syllable, a cluster or a silent e opens one."""
    if re.search(r"(?:l|le)$", word):
        return "ㄹ"
    if _WORD_VOWEL.search(word):
        return "ㄱ" if re.search(r"[aeiou](?:ne|me)$", word) else ""
    if re.search(r"[aeiou](?:ne|me)$", word):
        return "ㄱ"
    return "ㄱ" if _WORD_CONSONANT.search(word) else ""
