"""Labels of numbered headings and list items: `1.`, `가.`, `제2조`, `①`, as the levels of a list define them.

Not covered: spelled-out English numbers, and what a word processor draws as a picture.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase

BULLET = "•"

_SYLLABLES = "가나다라마바사아자차카타파하"
_CIRCLED_SYLLABLES = "㉮㉯㉰㉱㉲㉳㉴㉵㉶㉷㉸㉹㉺㉻"
_JAMO = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_CIRCLED_JAMO = "㉠㉡㉢㉣㉤㉥㉦㉧㉨㉩㉪㉫㉬㉭"
_CIRCLED_HANJA = "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"
_CIRCLED_CAPITALS = "ⒶⒷⒸⒹⒺⒻⒼⒽⒾⒿⓀⓁⓂⓃⓄⓅⓆⓇⓈⓉⓊⓋⓌⓍⓎⓏ"
_CIRCLED_LETTERS = "ⓐⓑⓒⓓⓔⓕⓖⓗⓘⓙⓚⓛⓜⓝⓞⓟⓠⓡⓢⓣⓤⓥⓦⓧⓨⓩ"
_CIRCLED_NUMBERS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟㊱㊲㊳㊴㊵㊶㊷㊸㊹㊺㊻㊼㊽㊾㊿"
_PARENTHESISED_NUMBERS = "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"))
_ROMAN_TAIL = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_MAX_ROMAN = 3999


def _one_of(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if 0 < number <= len(signs) else str(number)


def _roman(number: int) -> str:
    if not 0 < number <= _MAX_ROMAN:
        return str(number)
    text = ""
    for value, sign in (*_ROMAN, *_ROMAN_TAIL):
        text += sign * (number // value)
        number %= value
    return text


def _places(digits: str, ten: str) -> Callable[[int], str]:
    def spelled(number: int) -> str:
        tens, ones = divmod(number, 10)
        if not 0 < number < 100:
            return str(number)
        return (digits[tens - 1] if tens > 1 else "") + (ten if tens else "") + (digits[ones - 1] if ones else "")

    return spelled


# the style of a number -> how it is written; a number beyond a row of signs is written in digits
STYLES: Mapping[str, Callable[[int], str]] = {
    "decimal": str,
    "decimal_zero": lambda number: f"{number:02d}",
    "circled": _one_of(_CIRCLED_NUMBERS),
    "parenthesised": _one_of(_PARENTHESISED_NUMBERS),
    "roman_upper": _roman,
    "roman_lower": lambda number: _roman(number).lower(),
    "latin_upper": _one_of(ascii_uppercase),
    "latin_lower": _one_of(ascii_lowercase),
    "circled_latin_upper": _one_of(_CIRCLED_CAPITALS),
    "circled_latin_lower": _one_of(_CIRCLED_LETTERS),
    "syllable": _one_of(_SYLLABLES),
    "circled_syllable": _one_of(_CIRCLED_SYLLABLES),
    "jamo": _one_of(_JAMO),
    "circled_jamo": _one_of(_CIRCLED_JAMO),
    "hangul": _places("일이삼사오육칠팔구", "십"),
    "hanja": _places("一二三四五六七八九", "十"),
    "circled_hanja": _one_of(_CIRCLED_HANJA),
    "none": lambda number: "",
}


@dataclass(frozen=True)
class Level:
    """How one level of a list is labelled; `template` holds `{1}` to `{10}` for the numbers of the levels."""

    template: str
    style: str = "decimal"
    start: int = 1


@dataclass
class Counters:
    """The numbers of all lists of a document as far as it is read."""

    numbers: dict[str, list[int]] = field(default_factory=dict)

    def label(self, key: str, depth: int, levels: Sequence[Level]) -> str:
        """The label of the next item of list `key` at `depth` (0 outermost); deeper levels begin anew."""
        numbers = self.numbers.setdefault(key, [])
        del numbers[depth + 1 :]
        if len(numbers) > depth:
            numbers[depth] += 1
        else:
            numbers += [_level(levels, at).start for at in range(len(numbers), depth + 1)]
        return _fill(_level(levels, depth).template, numbers, levels)

    def restart(self, key: str, depth: int, start: int) -> None:
        """Lets the next item of list `key` at `depth` have the number `start`."""
        numbers = self.numbers.setdefault(key, [])
        del numbers[depth:]
        numbers += [1] * (depth - len(numbers)) + [start - 1]


def _level(levels: Sequence[Level], depth: int) -> Level:
    return levels[depth] if depth < len(levels) else Level(f"{{{depth + 1}}}.")


def _fill(template: str, numbers: Sequence[int], levels: Sequence[Level]) -> str:
    def written(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        level = _level(levels, at)
        return STYLES.get(level.style, str)(numbers[at] if at < len(numbers) else level.start)

    return re.sub(r"\{(\d{1,2})\}", written, template).strip()
