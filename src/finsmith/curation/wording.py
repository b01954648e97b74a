"""How a row is worded: its language and script, its politeness, its Markdown, and what has no place in it.

Not covered: style within one level of politeness.
"""

import re
from collections import Counter

from finsmith.core.records import Example
from finsmith.text.sentences import sentences

from .finding import Context, Finding

_HANGUL = re.compile("[가-힣]")
_FENCED = re.compile(r"```.*?(?:```|$)|`[^`\n]*`", re.DOTALL)
_CODE = re.compile(rf"{_FENCED.pattern}|https?://\S+|\S+@\S+", re.DOTALL)
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]{2,}'|“[^”\n]*”|‘[^’\n]*’|「[^」\n]*」|\([^)\n]*\)")
_ASKS_FOR_ANOTHER = re.compile(
    r"영어|영문|번역|외국어|(?:스페인|프랑스|독일|러시아|라틴|이탈리아|포르투갈|아랍)어|일본어|중국어|한자|한문|원어|코드|프로그램"
    r"|함수|SQL|HTML|파이썬|자바|알파벳|약자|약어|정식 명칭"
    r"|\b(?:translat\w+|english|korean|hangul|chinese|japanese|russian|arabic|code|function|python|java\w*)\b",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]{2,}")
_OTHER_SCRIPT = re.compile(
    r"[\u3040-\u30ff\u0400-\u04ff\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u10a0-\u10ff]{2,}"
)  # kana, Cyrillic, Hebrew and Arabic, scripts of India, Thai, Georgian
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_MOST_WORDS = 4  # of a name or term in Latin letters
_SMALL_WORD = re.compile(r"\b(?:the|a|an|is|are|was|were|of|to|and|in|that|it|you|for|with|this|be|not)\b")

_LEAK = re.compile(
    r"^\s*#{2,}\s*(?:instruction|input|output|response|명령|지시|입력|출력|응답)\s*(?::|$)|<\|?(?:im_start|im_end|endoftext|noinput)\|?>"
    r"|\[/?INST\]|<no ?input>|<nooutput>|\{\{\s*[a-z_가-힣][\w ]*\}\}"
    r"|^\s*(?:입력|출력|명령|지시|instruction|input|output|response|assistant|user|human|사용자|어시스턴트)\s?\d*\s?:"
    r"|다음(?:으로|에) 올\s?만한 명령|주어진 명령어|입력으로 받은|\bchatgpt 모델|(?:답|내용)을 출력하세요",
    re.IGNORECASE | re.MULTILINE,
)
_SPEAKER = re.compile(r"assistant|user|human|사용자|어시스턴트", re.IGNORECASE)  # also of a dialogue that was asked for
_RUN_ON = re.compile(r"(?:^|\s)(?:-|\d{1,2}\.)\s+[^-\n]{4,}?(?:[.?!]|요|다)(?=\s+(?:-|\d{1,2}\.)\s|\s*$)", re.MULTILINE)
# Among what follows: such a list is one of choices.
_CHOOSES = re.compile(r"고르|골라|선택|옳은|맞는|다음 중|\b(?:which|choose|select)\b", re.IGNORECASE)

# 아니다 is plain, and 필요, 중요, 수요, 개요, 주요, 소요 are nouns.
_LEVELS = {
    "합니다": re.compile(r"(?:(?<!아)니다|니까|십시오|시오)[.?!~]*$"),
    "해요": re.compile(r"(?:(?<![필중수개주소])요|죠)[.?!~]*$"),
    "한다": re.compile(r"(?:(?<!니)|(?<=아니))다[.?!~]*$"),
}

_TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$")
_TABLE_RULE = re.compile(r"^\s*\|(?:\s*:?-+:?\s*\|)+\s*$")
_OPEN_BOLD = re.compile(r"(?:^|\s)\*\*[^\s*][^*\n]*$", re.MULTILINE)
_OPEN_LINK = re.compile(r"\[[^\]\n]+\]\([^)\n]*$", re.MULTILINE)
_EMPTY_HEADING = re.compile(r"^#{1,6}\s*$", re.MULTILINE)


def foreign(row: Example, context: Context) -> Finding | None:
    """Rejects an output in another language or script than its instruction, where that did not ask for it.

    Words that stand in instruction or input may be said again, and an English input may be worked on in English; names
    pass, as do up to four Latin words, a quotation and code.
    """
    asked = f"{row.instruction}\n{row.input}"
    if _ASKS_FOR_ANOTHER.search(asked):
        return None
    text = _CODE.sub(" ", row.output)
    language = "a Korean" if _HANGUL.search(row.instruction) else "an English"
    if not _HANGUL.search(asked) and (hangul := _HANGUL.search(text)):
        return Finding("Hangul in an English answer", None, hangul[0])
    for kind, pattern in (("Chinese characters", _HAN), ("a foreign script", _OTHER_SCRIPT)):
        for words in pattern.finditer(_unbracketed(text)):
            if words[0] not in asked:
                return Finding(f"{kind} in {language} answer", None, words[0])
    is_english_given = _SMALL_WORD.search(row.input) and not _HANGUL.search(row.input)
    if language == "an English" or is_english_given:
        return None
    for line in text.splitlines():
        for sentence in sentences(line):
            if _is_english(sentence) and sentence not in asked:
                return Finding("English in a Korean answer", None, sentence[:80])
    return None


def _is_english(sentence: str) -> bool:
    """Whether it has words of a sentence and no Hangul; Society for Worldwide Interbank Telecommunication is a name."""
    words = _LATIN_WORD.findall(sentence)
    is_name = all(word[0].isupper() or _SMALL_WORD.fullmatch(word) for word in words)
    is_sentence = len(words) > _MOST_WORDS and not is_name and bool(_SMALL_WORD.search(sentence))
    return is_sentence and not _HANGUL.search(sentence)


def _unbracketed(text: str) -> str:
    """The text without what stands in brackets: 기준금리(基準金利) is a gloss."""
    return re.sub(r"\([^)\n]*\)|\[[^\]\n]*\]", " ", text)


def leaks_prompt(row: Example, context: Context) -> Finding | None:
    """Rejects a row with marks and field names of the prompt it was made by, or with several instructions in a line.

    Words that stand in the input, and for the output in the instruction, are what the row is about.
    """
    for field in ("instruction", "output"):
        known = row.input if field == "instruction" else f"{row.instruction}\n{row.input}"
        if found := _LEAK.search(getattr(row, field)):
            words = found[0].strip()
            name = words.rstrip(": ") if _SPEAKER.match(words) else words
            if name.lower() not in known.lower():
                return Finding(f"words of a prompt in the {field}", None, words)
    if row.recipe.startswith("glossary") or _CHOOSES.search(row.instruction):
        return None
    for line in row.instruction.splitlines():
        if len(items := _RUN_ON.findall(line)) > 1:
            return Finding("several instructions in one", None, items[0].strip())
    return None


def mixes_politeness(row: Example, context: Context) -> Finding | None:
    """Finds Korean sentences of different politeness (합니다, 해요, 한다) in one output, quotations apart."""
    counts: Counter[str] = Counter()
    for line in _QUOTED.sub(" ", _CODE.sub(" ", row.output)).splitlines():
        for sentence in sentences(line):
            counts.update(level for level, pattern in _LEVELS.items() if pattern.search(sentence))
    if len(counts) < 2:
        return None
    told = ", ".join(f"{level} {count}" for level, count in counts.most_common())
    return Finding(f"mixed politeness: {told}", round(1 - max(counts.values()) / counts.total(), 4))


def breaks_markdown(row: Example, context: Context) -> Finding | None:
    """Rejects an output whose Markdown does not come out: an open fence or link, a table with rows of other widths."""
    text = row.output
    if text.count("```") % 2:
        return Finding("a code block is not closed")
    text = _FENCED.sub("", text)
    for pattern, what in (
        (_OPEN_BOLD, "bold is not closed"),
        (_OPEN_LINK, "a link is not closed"),
        (_EMPTY_HEADING, "a heading is empty"),
    ):
        if found := pattern.search(text):
            return Finding(what, None, found[0])
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if _TABLE_RULE.match(line) and at:
            cells = [_cells(other) for other in _table(lines, at)]
            if len(set(cells)) > 1:
                return Finding("rows of a table differ in their cells", None, " ".join(map(str, cells)))
    return None


def _table(lines: list[str], rule: int) -> list[str]:
    """The lines of the table whose rule under the header stands there."""
    end = next((at for at in range(rule, len(lines)) if not _TABLE_ROW.match(lines[at])), len(lines))
    return lines[rule - 1 : end]


def _cells(line: str) -> int:
    return len(re.findall(r"(?<!\\)\|", line.strip())) - 1


def holds_personal_data(row: Example, context: Context) -> Finding | None:
    """Rejects a row with personal data that was not masked."""
    if kinds := context.personal_data(f"{row.instruction}\n{row.input}\n{row.output}"):
        return Finding(f"personal data: {', '.join(sorted(kinds))}")
    return None
