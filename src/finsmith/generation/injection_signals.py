"""What shows that a passage speaks to a language model: words by class, signals with points, and chat marks.

To add one, write a line. The points of a sentence add up, and ENOUGH of them make a hit; they were fitted by logistic
regression to the examples in tests/generation/injections, rounded, and some then set by hand. Not covered: how they are
applied; `injection.py` does that.
"""

import re
from typing import NamedTuple


class Signal(NamedTuple):
    """A class of signal, the points it counts for, and the patterns, joined by ` & `, that a sentence must all have.

    A signal without a name only adds or takes away; one of 0 points only shows that somebody is spoken to.
    """

    name: str
    points: int
    needs: str


ENOUGH = 10  # points of one sentence
AMONG_ORDERS = -4  # points where most of the other sentences are orders too, as in a manual

_OVERRIDE = "override of earlier instructions"
_ADDRESS = "address to a model"
_ROLE = "change of the model's role"
_REVEAL = "request for the model's own instructions"
_OUTPUT = "order about the model's output"
_TASK = "new task in place of the old one"
_CODE = "order in code"
_MARK = "chat mark"
_TONE = "order to the reader"
SPEAKS = (_TONE, _ADDRESS, _TASK)  # a sentence without one of these speaks to nobody, whatever its points

# Words by class, as morphemes in lower case; signals and other classes name a class in capitals. `!` stands after an
# order or a plea, `@` after a pronoun, `~` is a gap of up to 40 characters; a space may be missing; words are whole.
WORDS = {
    # who is spoken to, and how
    "MODEL": "ai|llm|gpt|챗 ?gpt|챗봇|인공 ?지능|언어 ?모델|생성 형 모델|어시스턴트|클로드|claude|제미나이|gemini|"
    "copilot|language models?|assistants?|chat ?bots?|bots?|automated (?:readers?|systems?|reviewers?|tools?)",
    "MACHINE": "모델|기계|로봇|봇|에이전트|알고리즘|판독기|요약기|프로그램|시스템|엔진|도구",
    "YOU": "(?:너|너희|자네|그대|당신)@",
    "THOU": "(?:너|너희|자네|그대)@",
    "HONOURED_MODEL": "MODEL (?!개발|운영|담당|관리|이용|사용|기획)(?:[^ ]+ ){0,2}?(?:님|께)|MACHINE (?:님|께)|"
    "(?:MODEL|MACHINE) (?:아 ,|야 ,|이 ?여|전용)",
    "TOLD_MODEL": "(?:MODEL|MACHINE|독자) (?:비서 |들 )?(?:에게|한테|에) (?:드리|당부|부탁|양해|알리|전하|고하|알림|:)",
    "GREETED_MODEL": "(?:dear|hello|hey|attention|(?:note|message) (?:to|for)|(?:to|for) (?:any|all)|whatever|"
    "whichever|if (?:you are )?an?|as an?) (?:[^ ]+ )?(?:MODEL|models?)|MODEL (?:eyes|readers?|(?:readers? )?:)",
    "READING_MODEL": "THIS TEXT~READ (?:하 |고 있 )*(?:는|ᆯ|을) (?:[^ ]+ ){0,3}?(?:MODEL|MACHINE|순간|것|즉시)",
    "READING_BOT": "(?:MODEL|model|whoever|system) (?:is |are |that |ends up )?(?:reading|processing|evaluating|"
    "summari[sz]ing|summari[sz]es this|parsing|generating|labell?ing)",
    "IF_MODEL": "(?:MODEL|MACHINE) 이 (?:라면|면|므로|ᆯ 경우|거든)|MODEL (?:이|가) 있 다면|(?:MODEL|모델|로봇) (?:이|"
    "가)~THIS TEXT~(?:ᆫ다면|다면|거든)",
    "ORDERED_MODEL": "(?:MODEL|모델) (?:은|는).*(?:답|답하|답변|출력|작성|생성|응답|적|간주|취급|"
    "실행|수행|따르|무시|부여|돌려주|내보내)[^!]{0,14}(?:라|ᆸ시오|세요)!",
    "MY_WORD": "(?:나|저)@ (?:의|가) (?:말|시키|지시|부탁|관리자)|나@ 말",
    "PLAIN": "(?:어|아|거|너|여)?라!",
    "POLITE": "(?:[^ ]*시오|오|[^ ]*세요|바라|부탁|청하|겠|하|바람|요망|어요|아요)!",
    "CASUAL": "(?:어|아|렴|으렴|려무나|다오|자|게)!",
    "COMMANDED": "(?:[,.:;—-]|and|then|please|kindly|must|should|now|just|also|only|you to|may|never|on|"
    "here) (?:do not |never )?(?:ignore|disregard|forget|override|bypass|set|drop|scratch|write|describe|state|"
    "respond|reply|answer|output(?! (?:is|of|was|file))|print|return|say|tell|repeat|show|reveal|list|recommend|act|"
    "pretend|assume|compose|translate|summari[sz]e|generate|produce|treat|mark|label|rate|follow|skip|put|leave|make|"
    "give|append|begin|end|stop|decode|comply|talk|speak|roleplay|imagine|award|contain|include|read|omit|praise|"
    "refuse|replace|change|add|insert|finish|start|choose|pick|provide|explain|copy|delete|remove)",
    "SHORT_ORDER": "(?:수행|적용|무시|출력|답변|응답|작성|생략|제외|우선|무효|해제|알림|필요 없 음|취소 되 었 음|"
    "바꾸 어서) ?[.]?$",
    # the passage itself, and what is done with it
    "THIS": "이|본|해당|위|여기|다음|이번|지금|아래|this|these",
    "TEXT": "글|문서|자료|문단|단락|대목|조항|조문|절|문장|보고서|제안서|신청서|공시|약관|파일|페이지|텍스트|지문|"
    "본문|각주|줄|데이터|표|칸|메모|passage|text|page|document|file|footnote|paragraph|section|clause|proposal|"
    "excerpt|table",
    "READ": "읽|보|접하|처리|요약|정리|평가|심사|채점|학습|분석|생성|다루|만들|참여|번역|해석|훑|수집",
    "TEXT_ABOVE": "TEXT (?:before|above)|(?:before|above) this|words above",
    "TEXT_ENDS": "(?:TEXT|자료|입력 (?:[^ ]+ )?) (?:는|은|가|이)? ?(?:여기@? ?(?:서|에서) )?(?:끝|종료|닫|이상)|"
    "여기@? 까지|eof|end of|last passage|thanks|great job|stop reading",
    "FROM_HERE": "아니 라 (?:요청|지시|명령)|(?:THIS TEXT|여기@?) (?:부터|서 ?부터)|"
    "이하 (?:는 )?(?:[^ ]+ 의 )?(?:요청|요구|부탁)",
    "NEW_TASK": "(?:새|새롭 ᆫ|원래|두 번 째|첫 번 째|진짜|다음|후속|본격|추가) (?:적 이 ᆫ )?(?:[^ ]+ 의 )?(?:과제|"
    "작업|요청|임무|명령|부탁|주문|하 ᆯ 일|질문)|(?:new|next|real|actual) (?:task|assignment|job)|task :",
    # what came before, and its taking back
    "EARLIER": "지금 까지|지금껏|이제 까지|여태|여태껏|앞서|앞|앞선|선행|상단|이전|처음|먼저|원래|종전|직전|주어지|"
    "당초|애초|아까|방금|그동안|최초|받 은|받 던|위|윗 ?줄|윗 ?글|부여 되|입력 되|previous|previously|prior|earlier|"
    "preceding|before|above|so far|initial|original|precedes|until now|at the top|received",
    "ORDERS": "지시|명령|규칙|지침|명령어|지시 사항|가이드라인|제약|요구|요구 사항|방침|과업|과제|임무|요령|당부|"
    "시키|하 라고|주문|룰|프롬프트|원칙|금칙|금기|guidance|instructions?|rules?|directives?|guidelines?|commands?|"
    "told|asked|constraints|restrictions|polic(?:y|ies)|prompts?|everything|task",
    "PROMPT": "프롬프트|지시문|시스템 (?:지침|지시|명령|설정|메시지)|작업 (?:설명|요령|지시)|설정 (?:파일|값)|(?:첫|"
    "초기|맨 처음|개발자) (?:메시지|지시|설정|글|문장)|(?:내부|비공개|비밀|숨 ?기 어 ?지 ᆫ|숨 은) (?:지시|지침|규칙|"
    "설정|명령|방침)|prompts?|system (?:message|prompt)|context window|(?:this|the) conversation",
    "YOUR_ORDERS": "YOU~(?:받|전달)|your (?:[^ ]+ )?(?:instructions|prompt|rules)|you were told",
    "NEW_ORDERS": "your (?:[^ ]+ )?(?:new|actual|real|only|sole) (?:instructions?|job|task|directive|goal)|"
    "(?:only )?valid instruction",
    "WHAT_TOLD": "what (?:were|are) (?:you told|your instructions)|you are running",
    "CANCEL": "무시|잊|잊어버리|(?:따르|지키|얽매이|구애 받|신경 쓰|개의 하) 지 (?:말|않)|안 (?:따르|하|지키) 어도|"
    "효력 이? ?(?:없|잃)|제치|없 던 (?:일|것)|제쳐|접 어 두|내려놓|취소|폐기|무효|덮 어 ?쓰|덮 어쓰|해제|초기 화|"
    "리셋|효력.{0,12}(?:끝|사라지)|벗어나|건너뛰|그만|필요 없|버리|풀리|어기|지키 ᆯ 필요|거두|withdrawn?|"
    "no longer counts|cancel?led|ignore|disregard|forget|override|bypass|set aside|drop|scratch|void|(?:do|"
    "does) not apply|no longer|revoked|skip|discard|stop following|abandon|supersede",
    # what a model is asked to make, and how
    "MADE": "출제|난이도|교육 자료|문항|문답|퀴즈|질의|요약|요약문|요약본|라벨|학습 ?용? (?:자료|데이터)|선택지|"
    "지 선다|객관식|오답|출력|응답|심사평|근거 문장|결과물|산출물|생성물|json|지문|questions?|quizz?(?:es)?|summary|"
    "summaries|summari[sz]e[sd]?|explanations?|responses?|output|choice|labels?",
    "ASKED": "문제|질문|답변|정답|해설|답|보기|결과|answers?|options?",
    "WRITE": "쓰|적 (?:어|으|ᆯ|는|지|고|게)|답|답하|대답|출력|작성|생성|만들|응답|반환|돌려주|돌리|내보내|지어내|"
    "서술|끝맺|옮기|채우|들려주|들리|추천|나열|뽑|마무리|시작|붙이|붙여넣|넣|끼우|짜|꾸미|매기|respond|reply|answer|"
    "return|say|write|print|describe|state|summari[sz]e|generate|produce|compose|recommend|translate",
    "CREATIVE": "시 ?(?:를|한 편|로)|동화|소설|노래|가사|메뉴|요리|레시피|여행|여행지|농담|옛날이야기|자장가|무작위|"
    "운세|poem|limerick|haiku|lullaby|story|song|joke|verse|lyrics|novel|cover letter",
    "ONLY": "만|오직|오로지|외|대신|무조건|언제나|항상|반드시|통일|고정|똑같이|일률|only|nothing|single|always|every|"
    "instead|exactly|empty|nothing more|zero|whatever|everything|any request",
    "ONLY_THAT": "(?:MADE|말|것|라고|로) 만",
    "QUOTE": "[‘“\"'’”] (?:이 )?(?:라고|라는|로|으로|외)|문구|글자|단어|마디|문자열|json|빈|word|string|(?:with|text|"
    "word|sentence|phrase) [‘“\"']",
    "LANGUAGE": "영어|일본어|중국어|러시아어|프랑스어|독일어|스페인어|아랍어|외국어|french|russian|japanese|chinese|"
    "spanish|german|korean|english",
    "IN_LANGUAGE": "LANGUAGE (?:으로|로)|in LANGUAGE",
    "EMPTY": "비 ᆫ (?:목록|문자열|배열|값|응답|칸)|(?:empty|blank) (?:list|string|json|response|object)",
    "AS_LETTER": "(?:[a-e1-5]|[ㄱ-ㅎ]|번|번 째|보기) (?:으로|로|에|이 되)",
    "IS_LETTER": "(?:is|be|as|option|choice|answer) (?:[(] )?[a-e1-5](?: [)])?",
    "EACH": "every|each|always|all|whatever|any|must|should",
    "WHEN_MAKING": "(?:MADE|ASKED) (?:를|을) (?:만들|내|뽑|쓰|작성|출제)~(?:때|다면)|(?:생성|출력|출제) (?:결과|시|"
    "하 (?:ᆫ다면|는|ᆯ))|만들 (?:어 내 )?ᆯ (?:때|문항)|you (?:generate|write|produce|create|derive)|답변 마다",
    "MAKE_NOT": "(?:MADE|ASKED) (?:을|를|도|은|에)?~(?:만들|생성|작성|쓰|내|출제)(?: 하)? 지 말|(?:not|"
    "zero)~(?:questions?|quiz)",
    "PRAISE": "칭찬|찬사|찬양|칭송|호의|긍정|유리|완벽|최상|최고|만점|매수|사 어야|1 ?위|높 은 점수|후하 ᆫ|가점|친절|"
    r"먼저 소개|강점|장밋빛|합격|통과|적합|맨 위|미화|부풀리|좋 게|돋보이|favou?r\w*|generous|flawless|full marks|"
    "praise|wonderful|guaranteed|positive",
    "SHAME": "민원|손실|손해|손상차손|부실|소송|위험|단점|약점|불리|과태료|제재|징계|비판|까다롭 ᆫ|부족|연체|연체율|"
    "적자|위반|논란|부정 적|litigation|losses|risks?",
    "HIDE": "빼|언급|생략|숨기|감추|눈감|넘어가|제외|피하|삼가|못 보|삼 지 말|다루 지 말|얼버무리|leave|"
    "never mention|omit",
    "TWIST": "사실 (?:은|을) (?:말하|밝히|알리|언급)|거짓 으로|숫자~(?:올리|바꾸|고치|부풀리)|(?:으로|로) (?:바꾸|"
    "고치|뒤집)|반대 로",
    # what a model is asked to be, to tell and to decode
    "ROLE": "역할 (?:로|을 맡|을 연기|극|놀이)|인격|(?:너|당신)@ 의 이름|페르소나|캐릭터|연기|흉내|말투|인 척|인 양|"
    "(?:이|가) 되 (?:어|ᆸ니다)|모드|(?:지금|이제|순간|오늘) ?(?:부터|부|이후)|상상|pretend|"
    "role ?-? ?play|persona|in character|act as (?:if|an?|the)|talk like|you are now(?! (?:[^ ]+ing|[^ ]+ed|able|"
    "ready|a member))|you ' re (?:now|an? )|you are no longer|developer mode|from (?:now|this point)|imagine",
    "FREE": "(?:제한|검열|규칙|제약|금지|필터|안전 (?:장치|설정|규칙))~(?:없|않|해제|끄|꺼지|풀)|무 ?검열|"
    "no (?:[^ ]+ )?(?:rules|filters|restrictions|limits|policy)|free from|unfiltered|unrestricted",
    "YOU_ARE_NOW": "YOU (?:은|는|ᆫ) (?:이제|지금|오늘|더 이상)|you are (?:no longer|now) an?|[.] (?:roleplay|pretend)",
    "NO_LONGER": "더 이상.*아니 (?:라|다)|처럼 (?:굴|행동|말하|이야기)|변신",
    "VERBATIM": "통째|원문|그대로|전문|빠뜨리|남김없|한 글자|첫 줄|처음 부터|끝 까지|베끼|verbatim|exact|wording|"
    "full text|in full|word for word",
    "REVEAL": "공개|보이|밝히|알리|전송|보내|복사|낭독|읊|궁금|털어놓|출력|붙여넣|적 (?:어|으|ᆯ|는|지|고|게)|싣|"
    "reveal|print|repeat|show|disclose|paste|tell me|output|write",
    "SECRET": "환경 ?변수|기억 에 남|대화 (?:기록|내역|이력|처음|맨 처음)|다른 (?:[^ ]+ )?(?:고객|고객사|회사|문서|"
    "사용자 의? ?문서)",
    "CODE": "base ?64|base|rot|거꾸로|암호|디코딩|해독|뒤 에서 ?부터|decode|decipher",
    "DO_IT": "수행|실행|따르|행동|말 대로|지시 대로|do what|follow|execute|obey",
    # what shows that people are meant, or that a model is told of
    "PEOPLE": "임?직원|영업점|지점|점장|담당자|부서|고객|고객님|투자자|위원|위원장|수험자|응시자|수강생|실무진|"
    "출제 위원|공문|안내문|신청|영업일|기안자|상급자|customers?|borrower|lender|agent|custodian|letter|notice|"
    "payment|employees?|staff|agreement|shall|press|menu|printer",
    "PEOPLE_DO": "(?:PEOPLE|사용자|이용자|users?) (?:들 )?(?:은|는|께서|must|should)",
    "KEEP": "선택|되돌리|questions below|only one|sheet|tick|circle|비치|보관|교부|제출|게시|신고|등록|입력|고르|"
    "표기|누르|서명",
    "ATTACK": r"공격|수법|사기|사칭|악성|악의|주입|탈옥|탐지|차단|attack\w*|inject\w*",
    "DEFINITION": "이란|(?:을|를) (?:말하|뜻하|이르) ᆫ다|이라 하 ᆫ다",
}

# Over the morphemes of a sentence; each pattern named must be there.
SIGNALS = (
    Signal(_TONE, 6, "CASUAL"),
    Signal(_TONE, 3, "PLAIN"),
    Signal(_TONE, 0, "것!"),
    Signal(_TONE, 0, "POLITE|(?:면|어도) 되"),
    Signal(_TONE, 3, "COMMANDED"),
    Signal(_TONE, 2, "SHORT_ORDER"),
    Signal(_TONE, 2, "you|your|yourself"),
    Signal(_ADDRESS, 13, "HONOURED_MODEL"),
    Signal(_ADDRESS, 12, "TOLD_MODEL"),
    Signal(_ADDRESS, 10, "GREETED_MODEL"),
    Signal(_ADDRESS, 7, "READING_MODEL"),
    Signal(_ADDRESS, 6, "READING_BOT"),
    Signal(_ADDRESS, 8, "IF_MODEL"),
    Signal(_ADDRESS, 12, "THOU"),
    Signal(_ADDRESS, 6, "당신@?"),
    Signal(_ADDRESS, 7, "ORDERED_MODEL"),
    Signal(_ADDRESS, 9, "MY_WORD"),
    Signal("", 2, "MODEL"),
    Signal("", 5, "THIS (?:[^ ]+ )?TEXT"),
    Signal(_OVERRIDE, 6, "ORDERS|PROMPT & CANCEL"),
    Signal(_OVERRIDE, 5, "EARLIER & CANCEL"),
    Signal(_OVERRIDE, 4, "EARLIER & ORDERS|PROMPT"),
    Signal(_OVERRIDE, 3, "PROMPT"),
    Signal(_OVERRIDE, 8, "NEW_ORDERS"),
    Signal(_OVERRIDE, 6, "TEXT_ABOVE"),
    Signal(_ROLE, 6, "ROLE"),
    Signal(_ROLE, 8, "FREE"),
    Signal(_ROLE, 6, "ROLE & YOU|you"),
    Signal(_ROLE, 6, "YOU_ARE_NOW"),
    Signal(_ROLE, 5, "NO_LONGER"),
    Signal(_REVEAL, 8, "PROMPT|SECRET & REVEAL"),
    Signal(_REVEAL, 4, "VERBATIM & REVEAL"),
    Signal(_REVEAL, 7, "SECRET"),
    Signal(_REVEAL, 7, "YOUR_ORDERS"),
    Signal(_REVEAL, 9, "WHAT_TOLD"),
    Signal(_OUTPUT, 4, "MADE"),
    Signal(_OUTPUT, 3, "ASKED"),
    Signal(_OUTPUT, 1, "WRITE"),
    Signal(_OUTPUT, 2, "ONLY"),
    Signal(_OUTPUT, 6, "QUOTE & ONLY|WRITE"),
    Signal(_OUTPUT, 5, "ONLY_THAT & WRITE"),
    Signal(_OUTPUT, 6, "IN_LANGUAGE & ONLY|말 고"),
    Signal(_OUTPUT, 4, "EMPTY"),
    Signal(_OUTPUT, 7, "정답|답 & ONLY|모두|전부 & AS_LETTER"),
    Signal(_OUTPUT, 6, "answer|choice|option & EACH & IS_LETTER"),
    Signal(_OUTPUT, 9, "WHEN_MAKING"),
    Signal(_OUTPUT, 6, "MAKE_NOT"),
    Signal(_OUTPUT, 8, "PRAISE & MADE|ASKED|HIDE|MODEL|YOU|you"),
    Signal(_OUTPUT, 3, "HIDE"),
    Signal(_OUTPUT, 3, "SHAME & HIDE"),
    Signal(_OUTPUT, 8, "TWIST"),
    Signal(_TASK, 8, "CREATIVE & WRITE|짓|tell|help"),
    Signal(_TASK, 8, "NEW_TASK"),
    Signal(_TASK, 8, "FROM_HERE"),
    Signal(_TASK, 6, "TEXT_ENDS"),
    Signal(_CODE, 5, "CODE"),
    Signal(_CODE, 8, "CODE & DO_IT"),
    Signal("", -5, "PEOPLE"),
    Signal("", -5, "PEOPLE_DO"),
    Signal("", -8, "KEEP"),
    Signal("", -6, "확인|대조|검증|verify|check|review"),
    Signal("", -6, "PRAISE.{0,30}지 (?:말|않)"),
    Signal("", -6, "DEFINITION"),
    Signal("", -7, "ATTACK"),
)

# The sentences worth their morphemes, which take some 10 ms per 1,000 characters; in no other does a signal speak.
SPOKEN = re.compile(
    # ends as an order or a plea may
    r"(?:라|오|요|줘|해|마|렴|하자|게|봐|다오|야|어|것|바람|요망|알림|없음|수행|적용|무시|출력|답변|응답|작성|생략|제외"
    r"|우선|무효|해제)[.!?’”\"\s]*$|(?:라|오|요|줘|것|마)[.,:;)\]’”\"|]|(?:해|하|돼|되)라|바라|바랍|바람|부탁"
    r"|당부[드를:]|좋겠|고맙겠|감사하겠|으면 (?:합|한)|(?:면|도) (?:된|됩|돼)|주시[길기겠]|바꿔서"
    # names a machine or says "you" or "my words"
    r"|모델|로봇|(?:기계|프로그램|도구|시스템)(?:에게|께|은|는|이라면|이 |:)|챗봇|인공 ?지능|어시스턴트|제미나이|클로드"
    r"|(?<![a-z])(?:ai|llm|gpt)(?![a-z])|당신|자네|그대(?!로)|독자"
    r"|(?<![가-힣])(?:너(?!무|머|비|도나)|넌 |널 |네[가게 ]|니가|제 말|내 말)"
    # ends the text, sets a new task
    r"|(?:자료|본문|문서|지문|데이터|여기).{0,12}(?:끝|종료|닫|이상|까지|부터)|데이터가 아니"
    r"|(?:새|다음|진짜|추가|후속|원래) [가-힣]*(?:과제|작업|요청|임무|명령|부탁|주문|할 일|질문)"
    # is English
    r"|[a-z]{3,}\s+[a-z]{2,}\s+[a-z]{2,}",
    re.I,
)
# The same for a sentence read without its spaces, which may have been put amid words.
SPOKEN_SQUEEZED = re.compile("지시.*무시[하해]|명령.*무시[하해]|프롬프트|출력하라|인공지능|언어모델")

# Over the whole text and without regard to points.
MARKS = (
    (_MARK, r"<\|\w+\|>|\[\|\w+\|\]|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</ ?지문>"),
    (_MARK, r"^#{2,} *(?:system|assistant|instruction) *:?$.*^#{2,} *(?:user|response|assistant) *:?$"),
    (_MARK, r"</(?:user|document|context|system|assistant|data|passage)>\s*</?\w"),
    (_MARK, r"<(system|assistant|instructions?|prompt)>\s*[^<\s]+\s+[^<\s]+\s[^<]*</\1>"),
    (_MARK, r"</(passage|document|data|user)>.+<\1>"),
    (_MARK, r'"role"\s*:\s*"(?:system|assistant)"'),
    (_MARK, r"^(?:시스템|system|human|사용자)\s*:.*^(?:어시스턴트|assistant|모델|AI)\s*:"),
    (_MARK, r"^\[(?:시스템|system)\].*^\[(?:사용자|user)\]"),
    (
        _MARK,
        r"\[[^\]]{0,20}(?:system|시스템|관리자|admin)[^\]]{0,20}(?:override|prompt|instruction|명령|지시|권한)[^\]]{0,20}\]",
    ),
    (_REVEAL, r"!\[[^\]]*\]\(https?://[^)\s]*\?[^)\s]*=[^)\s]*[가-힣{\[<]"),  # an image whose address is to be filled
    (_OVERRIDE, r"(?:ignore|disregard|forget)(?:all|any|the|your|previous|prior|above)\w*(?:instruction|prompt|rule)"),
    (
        _TASK,
        r"(?:(?:문서|본문|자료|지문|데이터|입력|발췌)[^.\n]{0,8}(?:끝|종료|닫|더 이상 필요)"
        r"|\bend of (?:\w+ )?(?:document|data|text|input|excerpt|passage))"
        r".{0,60}(?:이제|다음으로|수고|잘했|새 |진짜|후속|요청|부탁|질문|과제|할 일|\bnow\b|\bnew\b|\bnext\b)",
    ),
)
