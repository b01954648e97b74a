"""Instructions that text cannot answer: for a picture, live data, an act, a life of its own, or what is not there.

Not covered: questions that are only hard.
"""

import re
from functools import cache
from itertools import pairwise

from finsmith.core.records import Example
from finsmith.korean.morphemes import tagged
from finsmith.text.quoting import is_long

from .finding import Context, Finding

_HANGUL = re.compile("[가-힣]")
# 다음 글, 현재가치 and 시세 조종 are no times and no prices of now.
_WHEN = r"(?:오늘|내일|어제|요즘|최근|현재(?!\s?가치)|지금|(?:이번|다음|지난)\s?(?:주말?|달|날|해)(?=[\s에의은는,]))"
_LIVE = re.compile(
    rf"{_WHEN}[^.?!]{{0,20}}(?:날씨|기온|미세먼지|개봉|상영|인기 ?있는|유행하는|몇 시)"
    rf"|{_WHEN}[^.?!]{{0,20}}(?:시세|주가|환율)"
    r"(?:[는은]?\s?(?:[^.?!]{0,12}(?:얼마|몇 )|어떻|어때|\?)|[를을]? ?(?:알려|말해|조회|확인))"
    r"|(?:날씨|기온|일기 예보|날씨 예보)[을를]? ?(?:확인|알려|말해|조회)"
    rf"|{_WHEN}[^.?!]{{0,10}}뉴스[를는]? ?(?:알려|찾아|검색|말해|요약)"
    r"|\b(?:today|tomorrow|this week|right now|latest)\b[^.?!]{0,40}\b(?:weather|news|price|score|movies?)\b"
    r"|\bweather\b[^.?!]{0,20}\b(?:today|tomorrow|right now)\b",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"(?:모델|앱|프로그램|시스템|코드|함수|사이트|이야기|소설)[을를이]", re.IGNORECASE
)  # live only when it runs
_LIKING = r"무엇|뭐|누구|어디|어떤|이유"
_ROLE = r"[^.?!]*(?:입니다|이다|라고|라면|다면|로서)"  # 당신은 경험이 많은 심사역입니다
_THEY = r"(?<![이가들]\s)(?<![이가들]\s가장\s)(?<![이가들]\s제일\s)"  # 고객이 좋아하는
_OWN_LIFE = re.compile(
    rf"(?:^|[\s,])(?:당신|너|네)(?:의|은|는|이|가)\s(?!{_ROLE})[^.?!]{{0,30}}(?:취미|경험|가족|나이|이름은|꿈|좋아하|기억)"
    rf"|{_THEY}좋아하(?:는|시는)\s?[^.?!:]{{0,20}}(?:{_LIKING})[^.?!]*\?|좋아하(?:시나요|세요|십니까|니|나요)\s?\?"
    r"|(?:읽은|본|먹은|배운|겪은|들은|읽으신|보신|드신|배우신) [^.?!]{0,20}중(?:에|에서|에서도)?\s[^.?!]{0,30}"
    r"(?:공유|소개|이야기|말씀|무엇|뭐)"
    r"|(?:어떤|무슨) [^.?!]{1,15}[을를] (?:바꾸고|하고|갖고|배우고|가고|먹고|보고) 싶(?:으신가요|나요|으세요)\s?\?"
    r"|\b(?:what is|what['’]s|who is) your (?:favou?rite|name|hobby|age)\b|\bdo you (?:like|love|prefer)\b"
    r"|\bdo you have (?:any |an? )?(?:favou?rite|hobb|pets?\b|children\b|family\b)",
    re.IGNORECASE,
)
_ACT = re.compile(
    r"(?:예약|예매|주문|구매|결제|송금|이체|전화|일정)[을를]?\s?(?:해|조정해|확인해|잡아|취소해|변경해)\s?(?:주세요|주십시오|줘)"
    r"|(?:예약|휴가를 사용)하고(?:자| 싶)[^.?!]*[.]\s*가능한지"
    r"|(?:팀원|친구|동료)들?과\s?(?:함께|같이)[^.?!]{0,30}(?:진행|수행|실시)하"
    r"|(?:표|티켓|책|상품|물건)[을를] (?:예매|구매|주문)해\s?(?:주세요|줘)"
    r"|(?<!how to )(?<!\bi )\b(?:book|order|buy|call|email|schedule) (?:me|a|the|my)\b"
    r"[^.?!]{0,30}\b(?:for me|ticket|meeting|appointment)\b",
    re.IGNORECASE,
)
_MENTIONED = re.compile(r"\"[^\"]*\"|'[^']{2,}'|“[^”]*”|‘[^’]*’|(?::\s|\n).*", re.DOTALL)  # is only spoken of
_LOOKS_OR_MAKES = (
    r"(?:그리|그려|만들|만듭|생성|작성|보여|첨부|올려|설명|묘사|분석|해석|컴파일|편집|출력|변환|표시|나타내)"
)
# 그래프를 해석하는 방법, 사진을 첨부해야 하는 업무: what is asked for can be told
_GAP = r"(?:(?!방법|까닭|이유|요령|목적|야 )[^.?!])"
_TOLD = r"\S*\s(?:방법|까닭|이유|요령|목적|때)|\S*야 "
_ENGLISH_LOOKS_OR_MAKES = (
    r"(?<!how to )\b(?:draw|create|make|design|generate|sketch|plot|produce|show|upload|attach|edit|describe|caption"
    r"|interpret|analy[sz]e|look at|this|these|above|following|attached|given|(?:in|on|from) the)"
    r" (?:(?!(?:how|why|what|that|of)\b)[\w-]+ ){0,3}"
)
_URL = re.compile(r"https?://\S+|www\.\S+")
_READS = re.compile(r"요약|번역|분석|읽|설명|기사|summar|translat|read|article", re.IGNORECASE)

_WHERE = r"(?<![가-힣])(?:위|위의|윗|아래|아래의|다음|이|본|해당|주어진|제시된|첨부된|첨부)\s?"
_GIVEN = re.compile(
    rf"{_WHERE}(글|지문|문단|단락|문장들?|본문|텍스트|기사|자료|내용|보기|구절|대화|목록|데이터|코드|이메일|문서|표)"
    r"(?=[을를은는이가에의로와과도만들,\s]|$)"
    r"|(?:지문|본문)(?:을 (?:읽|보고|참고|바탕|요약)|에 (?:따르|나오|나온|근거)|의 내용)"
    r"|첨부 ?파일을 (?:요약|번역|분석|읽|참고)"
    r"|\b(?:the|this) (?:above|following|given) (?:text|passage|document|sentences?|paragraph|list|data|article)\b"
    r"|\b(?:text|passage|table|document) (?:above|below)\b",
    re.IGNORECASE,
)
_TABLE = re.compile(
    rf"{_WHERE}(?:표|도표)(?=[을를은는이가에의로와과\s])"
    r"|\b(?:this|the (?:above|following|given)) table\b|\btable (?:above|below)\b",
    re.IGNORECASE,
)
_PROGRAM = re.compile(
    r"(?:함수|프로그램|알고리즘|쿼리|스크립트|코드)[을를] (?:\S+ )?(?:작성|구현|개발|만들|짜)"
)  # for any data
_TABLE_LINE = re.compile(r"\n[^\n]*\d")
# 첨부 파일 are those of e-mails, the figure is a number, and the file one that was spoken of.
_PICTURE = re.compile(
    rf"{_WHERE}(그림|사진|이미지|그래프|차트|도식|지도|영상|동영상|(?<!첨부)(?<!첨부 )파일)"
    r"(?=[을를은는이가에의로와과\s,]|$)"
    r"|\bthis (picture|image|photo|graph|chart|video)\b"
    r"|\b(?:the (?:above|following|given|attached)|(?:shown|seen) in the)"
    r" (picture|image|photo|figure|graph|chart|video|file)\b"
    r"|\b(picture|image|photo|figure|graph|chart|video) (?:above|below)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"다음|아래|주어진|following|below", re.IGNORECASE)
_TRANSLATES = re.compile(r"번역|옮기|옮겨|translat", re.IGNORECASE)
# What the instruction itself gives: a list, a quotation, a sentence after the question, figures; 3문장 is a length.
_MATERIAL = re.compile(
    r"[:\n]\s*\S|[\"'“‘「『][^\"'”’」』]{2,}[\"'”’」』]|[.?!]\s+\S{2,}"
    r"|\d(?![\d,]*\s?(?:문장|문단|줄|단어|자)(?:으로|로| 이내| 안))"
)


def unanswerable(row: Example, context: Context) -> Finding | None:
    """Rejects an instruction that text cannot answer: by words for pictures and the like, or by what it asks for."""
    text = _MENTIONED.sub(" ", row.instruction)
    if word := _keyword(text, context.params.unanswerable_words):
        return Finding("asks for what is no text", None, word)
    for pattern, what in ((_LIVE, "live data"), (_OWN_LIFE, "a life of its own"), (_ACT, "an act")):
        is_given = what == "live data" and (_MADE.search(text) or is_long(row.input))
        if (found := pattern.search(text)) and not is_given:
            return Finding(f"asks for {what}", None, found[0].strip())
    return None


def _keyword(text: str, words: tuple[str, ...]) -> str:
    """The first of the words that the text wants seen or made; a part of a word, or a mere mention, is none."""
    if not any((word[:-2] if word.endswith("다") else word) in text.lower() for word in words):  # 그려 is of 그리다
        return ""
    korean = {word for word in words if _HANGUL.search(word)}
    # Kiwi joins a compound noun that it knows: 그림책 is no 그림
    tokens = [*tagged(text), ("", "")] if korean else []
    # 곡선을 그리는 물가, 누가 그렸나: before a noun, or of the past, a verb asks for nothing
    asking = (
        (form, tag) for (form, tag), (_, after) in pairwise(tokens) if not (tag[:1] == "V" and after in ("ETM", "EP"))
    )
    forms = {f"{form}다" if tag.startswith("V") else form for form, tag in asking}
    for word in words:
        if word in korean and word in forms and (word.endswith("다") or _wanted(word).search(text)):
            return word
    english = "|".join(re.escape(word) for word in words if word not in korean)
    wanted = rf"{_ENGLISH_LOOKS_OR_MAKES}({english})s?\b(?! of accounts)"
    match = re.search(wanted, text, re.IGNORECASE) if english else None
    return match[1] if match else ""


@cache
def _wanted(word: str) -> re.Pattern[str]:
    """Finds a word for a picture where it is pointed at, to be made, or to be looked at."""
    return re.compile(
        rf"(?<![가-힣])(?:이|그|다음|위|아래|해당|주어진|제시된|첨부된?)\s?{word}"
        rf"|{word}[을를이가]? ?(?:기반|바탕|보고|보며)|{word}(?:에서|에 있는|에 나온| 속|의 제목|에 대한)"
        rf"|{word}(?:로|[을를]) {_GAP}{{0,12}}{_LOOKS_OR_MAKES}(?!{_TOLD})"
        rf"|{word} ?(?:캡션|생성|첨부|업로드)"
    )


def leans_on_unseen(row: Example, context: Context) -> Finding | None:
    """Rejects a row that points at what its reader does not see: a picture, a table, a text that is not given."""
    for field in ("instruction", "output"):
        text = getattr(row, field)
        before = row.instruction if field == "output" else ""
        given = f"{row.input}\n{before}"
        found = _PICTURE.search(text)
        if found and not (found[0] in given or _points_back(found, before) or _is_translated(row, field, found[0])):
            return Finding(f"the {field} leans on something unseen", None, found[0])
        is_there = "|" in f"{given}{text}" or row.input.strip() or _TABLE_LINE.search(row.instruction)
        if (found := _TABLE.search(text)) and not is_there:
            return Finding(f"the {field} leans on something unseen", None, found[0])
    found = _GIVEN.search(row.instruction)
    is_there = row.input.strip() or _MATERIAL.search(row.instruction) or _PROGRAM.search(row.instruction)
    if found and not (is_there or _points_back(found)):
        return Finding("the instruction leans on something unseen", None, found[0])
    url = _URL.search(row.input or row.instruction)
    if url and _READS.search(row.instruction) and len(row.input) < 2 * len(url[0]):
        return Finding("the instruction leans on something unseen", None, url[0])
    return None


def _points_back(found: re.Match[str], before: str = "") -> bool:
    """Whether the thing was named already, in the text or before it: 거래 데이터를 모을 때 이 데이터를."""
    before += found.string[: found.start()]
    return bool(found.lastindex) and found[found.lastindex or 0] in before and not _AHEAD.search(before)


def _is_translated(row: Example, field: str, words: str) -> bool:
    """Whether the words are a translation, or English in an answer to a Korean instruction: they point for another."""
    is_asked = field == "output" and bool(_TRANSLATES.search(row.instruction))
    return is_asked or (words.isascii() and bool(_HANGUL.search(row.instruction)))
