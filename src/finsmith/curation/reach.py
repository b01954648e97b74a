"""Instructions that text cannot answer: for a picture, live data, an act, a life of its own, or what is not there.

Not covered: questions that are only hard.
"""

import re
from functools import cache

from finsmith.core.records import Example
from finsmith.korean.morphemes import tagged

from .finding import Context, Finding

_HANGUL = re.compile("[가-힣]")
_WHEN = r"(?:오늘|내일|어제|이번|다음|지난|요즘|최근|현재|지금)\s?(?:주말?|달|날|저녁|아침|시각|시간)?"
_LIVE = re.compile(
    rf"{_WHEN}[^.?!]{{0,20}}(?:날씨|기온|미세먼지|개봉|상영|시세|주가는|환율은|인기 ?있는|유행하는|몇 시)"
    r"|(?:날씨|기온|일기 예보|날씨 예보)[을를]? ?(?:확인|알려|말해|조회)"
    rf"|{_WHEN}[^.?!]{{0,10}}뉴스[를는]? ?(?:알려|찾아|검색|말해|요약)"
    r"|\b(?:today|tomorrow|this week|right now|latest)\b[^.?!]{0,40}\b(?:weather|news|price|score|movies?)\b",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"(?:모델|앱|프로그램|시스템|코드|함수|사이트|이야기|소설)[을를이]", re.IGNORECASE
)  # live only when it runs
_LIKING = r"무엇|뭐|누구|어디|어떤|이유"
_OWN_LIFE = re.compile(
    r"(?:^|[\s,])(?:당신|너)(?:의|은|는|이|가)\s[^.?!]{0,30}(?:취미|경험|가족|나이|이름은|꿈|좋아하|기억)"
    rf"|좋아하(?:는|시는)\s?[^.?!:]{{0,20}}(?:{_LIKING})[^.?!]*\?|좋아하(?:시나요|세요|십니까|니|나요)\s?\?"
    r"|(?:읽은|본|먹은|배운|겪은|들은|읽으신|보신|드신|배우신) [^.?!]{0,20}중(?:에|에서|에서도)?\s[^.?!]{0,30}"
    r"(?:공유|소개|이야기|말씀|무엇|뭐)"
    r"|(?:어떤|무슨) [^.?!]{1,15}[을를] (?:바꾸고|하고|갖고|배우고|가고|먹고|보고) 싶(?:으신가요|나요|으세요)\s?\?"
    r"|\b(?:what is|what['’]s|who is) your (?:favou?rite|name|hobby|age)\b|\bdo you (?:like|love|prefer|have)\b",
    re.IGNORECASE,
)
_ACT = re.compile(
    r"(?:예약|예매|주문|구매|결제|송금|이체|전화|일정)[을를]?\s?(?:해|조정해|확인해|잡아|취소해|변경해)\s?(?:주세요|주십시오|줘)"
    r"|(?:예약|휴가를 사용)하고(?:자| 싶)[^.?!]*[.]\s*가능한지"
    r"|(?:팀원|친구|동료)들?과\s?(?:함께|같이)[^.?!]{0,30}(?:진행|수행|실시)하"
    r"|(?:표|티켓|책|상품|물건)[을를] (?:예매|구매|주문)해\s?(?:주세요|줘)"
    r"|\b(?:book|order|buy|call|email|schedule) (?:me|a|the|my)\b[^.?!]{0,30}\b(?:for me|ticket|meeting|appointment)\b",
    re.IGNORECASE,
)
_MENTIONED = re.compile(r"\"[^\"]*\"|'[^']{2,}'|“[^”]*”|‘[^’]*’|(?::\s|\n).*", re.DOTALL)  # is only spoken of
_LOOKS_OR_MAKES = (
    r"(?:그리|그려|만들|만듭|생성|작성|보여|첨부|올려|설명|묘사|분석|해석|컴파일|편집|출력|변환|표시|나타내)"
)
_URL = re.compile(r"https?://\S+|www\.\S+")
_READS = re.compile(r"요약|번역|분석|읽|설명|기사|summar|translat|read|article", re.IGNORECASE)

_WHERE = r"(?<![가-힣])(?:위|위의|윗|아래|아래의|다음|이|본|해당|주어진|제시된|첨부된|첨부)\s?"
_GIVEN = re.compile(
    rf"{_WHERE}(?:글|지문|문단|단락|문장들?|본문|텍스트|기사|자료|내용|보기|구절|대화|목록|데이터|코드|이메일|문서|표)"
    r"(?=[을를은는이가에의로와과도만들,\s]|$)|지문|본문"
    r"|\b(?:the|this) (?:above|following|given) (?:text|passage|document|sentences?|paragraph|list|data|article)\b"
    r"|\b(?:text|passage|table|document) (?:above|below)\b",
    re.IGNORECASE,
)
_TABLE = re.compile(
    rf"{_WHERE}(?:표|도표)(?=[을를은는이가에의로와과\s])|\b(?:the|this) (?:above |following |given )?table\b",
    re.IGNORECASE,
)
_PICTURE = re.compile(
    rf"{_WHERE}(?:그림|사진|이미지|그래프|차트|도식|지도|영상|동영상|파일)(?=[을를은는이가에의로와과\s,]|$)"
    r"|\b(?:the|this) (?:above |following |given |attached )?(?:picture|image|photo|figure|graph|chart|video|file)\b",
    re.IGNORECASE,
)
# What the instruction itself gives: a list, a quotation, a sentence after the question, figures.
_MATERIAL = re.compile(r"[:\n]\s*\S|[\"'“‘「『][^\"'”’」』]{2,}[\"'”’」』]|[.?!]\s+\S{2,}|\d")


def unanswerable(row: Example, context: Context) -> Finding | None:
    """Rejects an instruction that text cannot answer: by words for pictures and the like, or by what it asks for."""
    text = _MENTIONED.sub(" ", row.instruction)
    if word := _keyword(text, context.params.unanswerable_words):
        return Finding("asks for what is no text", None, word)
    for pattern, what in ((_LIVE, "live data"), (_OWN_LIFE, "a life of its own"), (_ACT, "an act")):
        if (found := pattern.search(text)) and not (what == "live data" and _MADE.search(text)):
            return Finding(f"asks for {what}", None, found[0].strip())
    return None


def _keyword(text: str, words: tuple[str, ...]) -> str:
    """The first of the words that the text wants seen or made; a part of a word, or a mere mention, is none."""
    if not any(word.removesuffix("다") in text.lower() for word in words):
        return ""
    korean = {word for word in words if _HANGUL.search(word)}
    # Kiwi joins a compound noun that it knows: 그림책 is no 그림
    forms = {f"{form}다" if tag.startswith("V") else form for form, tag in tagged(text)} if korean else set()
    for word in words:
        if word in korean and word in forms and (word.endswith("다") or _wanted(word).search(text)):
            return word
    english = "|".join(re.escape(word) for word in words if word not in korean)
    match = re.search(rf"\b(?:{english})s?\b", text, re.IGNORECASE) if english else None
    return match[0] if match else ""


@cache
def _wanted(word: str) -> re.Pattern[str]:
    """Finds a word for a picture where it is pointed at, to be made, or to be looked at."""
    return re.compile(
        rf"(?:이|그|다음|위|아래|해당|주어진|제시된|첨부된?)\s?{word}|{word}[을를이가]? ?(?:기반|바탕|보고|보며)"
        rf"|{word}(?:에서|에 있는|에 나온| 속|의 제목|에 대한)|{word}(?:로|[을를]) [^.?!]{{0,12}}{_LOOKS_OR_MAKES}"
        rf"|{word} ?(?:캡션|생성|첨부|업로드)"
    )


def leans_on_unseen(row: Example, context: Context) -> Finding | None:
    """Rejects a row that points at what its reader does not see: a picture, a table, a text that is not given."""
    for field in ("instruction", "output"):
        text = getattr(row, field)
        given = f"{row.input}\n{row.instruction if field == 'output' else ''}"
        if (found := _PICTURE.search(text)) and found[0] not in given and not _is_translated(row, found[0]):
            return Finding(f"the {field} leans on something unseen", None, found[0])
        if (found := _TABLE.search(text)) and "|" not in f"{given}{text}" and not row.input.strip():
            return Finding(f"the {field} leans on something unseen", None, found[0])
    found = _GIVEN.search(row.instruction)
    if found and not row.input.strip() and not _MATERIAL.search(row.instruction):
        return Finding("the instruction leans on something unseen", None, found[0])
    url = _URL.search(row.input or row.instruction)
    if url and _READS.search(row.instruction) and len(row.input) < 2 * len(url[0]):
        return Finding("the instruction leans on something unseen", None, url[0])
    return None


def _is_translated(row: Example, words: str) -> bool:
    """Whether the words are English in an answer to a Korean instruction: they point for somebody else."""
    return words.isascii() and bool(_HANGUL.search(row.instruction))
