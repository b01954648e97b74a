"""Instructions that text cannot answer, and rows that lean on what is not there."""

import pytest

from finsmith.curation.finding import Finding
from finsmith.curation.reach import leans_on_unseen, unanswerable

from .rows import CONTEXT, context, row

ANSWER = "답입니다."


@pytest.mark.parametrize(
    ("instruction", "word"),
    [
        ("다음 그림을 보고 무엇을 하는 곳인지 말하세요.", "그림"),
        ("금고를 지키는 강아지를 그려 주세요.", "그리다"),
        ("은행 창구를 색연필로 그리세요.", "그리다"),
        ("이 사진에서 수표의 금액을 읽어 주세요.", "사진"),
        ("첨부된 이미지의 글자를 옮겨 적으세요. 이미지에 나온 금액도 쓰세요.", "이미지"),
        ("지점을 소개하는 동영상을 만들어 주세요.", "동영상"),
        ("월별 매출을 막대 그래프로 나타내세요.", "그래프"),
        ("주어진 차트를 분석하세요.", "차트"),
        ("대출 심사의 흐름도를 작성하세요.", "흐름도"),
        ("Draw a line chart of the monthly balance.", "chart"),
        ("Describe the picture in one sentence.", "picture"),
        ("Create a flowchart of the loan process.", "flowchart"),
        ("What does this graph tell about inflation?", "graph"),
        ("Make a short video about saving.", "video"),
    ],
)
def test_what_is_to_be_seen_or_made_and_is_no_text_is_rejected(instruction, word):
    """A picture, a film or a chart that is pointed at, looked at or wanted, by its morpheme; the word is told."""
    finding = unanswerable(row(instruction, ANSWER), CONTEXT)
    assert finding == Finding("asks for what is no text", None, word)


@pytest.mark.parametrize(
    "instruction",
    [
        "그림책을 읽는 아이에게 저축이 무엇인지 설명하세요.",
        "그림자 금융이란 무엇인가요?",
        "캔들 차트란 무엇인가요?",
        "차트 분석과 기본적 분석은 무엇이 다른가요?",
        "투자자들이 차트 분석에 기대는 까닭은 무엇인가요?",
        "막대그래프와 꺾은선그래프는 각각 언제 쓰나요?",
        "그래프를 해석하는 방법을 설명하세요.",
        "그래프 신경망으로 이상 거래를 찾는 원리를 설명하세요.",
        "여권 사진을 첨부해야 하는 업무는 무엇인가요?",
        "동영상 광고와 인쇄 광고의 비용을 견주어 보세요.",
        "영상통화로 본인을 확인하는 절차를 설명하세요.",
        "물가가 하락 곡선을 그리는 까닭을 설명하세요.",
        "은행의 첫 지폐는 누가 그렸나요?",
        "'그림의 떡'이라는 말로 저축에 관한 짧은 글을 쓰세요.",
        "다음 낱말을 종류별로 나누세요: 그림, 채권, 사진, 예금",
        "은행의 이미지가 예금에 미치는 영향을 설명하세요.",
        "미술품 담보대출에서 그림의 값은 어떻게 매기나요?",
        "What is a chart of accounts?",
        "How does a bar chart differ from a pie chart?",
        "What is a flowchart used for in an audit?",
        "How do graph databases help to find fraud?",
        "Explain how a bank's public image affects its deposits.",
        "Which word does not belong? Loan, picture, bond, deposit",
    ],
)
def test_what_only_speaks_of_pictures_can_be_answered(instruction):
    """Definitions, comparisons, how-to questions, other words and lists that mention a picture or a chart stay."""
    assert unanswerable(row(instruction, ANSWER), CONTEXT) is None


def test_the_words_are_a_parameter():
    """Without its words the filter leaves pictures alone, with others it finds those."""
    assert unanswerable(row("금고를 그려 주세요.", ANSWER), context(unanswerable_words=())) is None
    song = row("저축의 노래를 만들어 주세요.", ANSWER)
    assert unanswerable(song, CONTEXT) is None
    assert unanswerable(song, context(unanswerable_words=("노래",))) == Finding(
        "asks for what is no text", None, "노래"
    )


@pytest.mark.parametrize(
    ("instruction", "what"),
    [
        ("오늘 서울 날씨를 알려 주세요.", "live data"),
        ("내일 부산은 기온이 몇 도인가요?", "live data"),
        ("현재 원/달러 환율은 얼마인가요?", "live data"),
        ("지금 금 시세를 알려 줘.", "live data"),
        ("오늘의 경제 뉴스를 요약해 주세요.", "live data"),
        ("이번 주말에 개봉하는 영화가 있나요?", "live data"),
        ("지금 몇 시인가요?", "live data"),
        ("What is today's price of gold?", "live data"),
        ("Tell me the latest news on rates.", "live data"),
        ("What is the weather like today?", "live data"),
        ("당신의 취미는 무엇인가요?", "a life of its own"),
        ("가장 좋아하는 은행은 어디인가요?", "a life of its own"),
        ("최근에 읽은 책 중에서 하나를 소개해 주세요.", "a life of its own"),
        ("투자를 좋아하시나요?", "a life of its own"),
        ("What is your favourite bank?", "a life of its own"),
        ("Do you like your job?", "a life of its own"),
        ("두 시에 회의실을 예약해 주세요.", "an act"),
        ("어머니 계좌로 10만 원을 이체해 주세요.", "an act"),
        ("다음 주 면접 일정을 잡아 주세요.", "an act"),
        ("Book me a ticket to Busan.", "an act"),
        ("Schedule a meeting with the auditors.", "an act"),
    ],
)
def test_live_data_acts_and_a_life_of_its_own_are_out_of_reach(instruction, what):
    """Weather and rates of now, liking and hobbies of the speaker, tickets and transfers."""
    finding = unanswerable(row(instruction, ANSWER), CONTEXT)
    assert finding and finding.reason == f"asks for {what}" and finding.against in instruction


@pytest.mark.parametrize(
    ("instruction", "given"),
    [
        ("날씨 파생상품이란 무엇인가요?", ""),
        ("환율은 왜 변하나요?", ""),
        ("현재가치와 미래가치를 구별하세요.", ""),
        ("최근 시세 조종에 자주 쓰이는 수법을 설명하세요.", ""),
        ("다음 중 환율은 무엇에 따라 움직이는지 고르세요: 금리, 날짜", ""),
        ("다음 뉴스를 요약해 주세요.", "한국은행은 기준금리를 연 3.50퍼센트로 동결하였다. 물가는 아직 목표를 웃돈다."),
        ("현재 환율은 얼마인가요?", "고시 환율: 1달러 1,320원, 1유로 1,432원, 100엔 881원"),
        ("날씨를 알려 주는 앱을 은행이 만드는 까닭은 무엇인가요?", ""),
        ("현재 주가는 앞날의 이익을 미리 반영한다는 말은 무슨 뜻인가요?", ""),
        ("담보를 현재 시세로 평가하는 까닭은 무엇인가요?", ""),
        ("Why does gold rise when real rates fall?", ""),
        ("How do banks use weather data?", ""),
        ("당신은 경험이 많은 대출 심사역입니다. 심사 기준을 세 가지 쓰세요.", ""),
        ("당신은 은행의 가족 고객 담당자라고 합시다. 인사말을 쓰세요.", ""),
        ("고객이 좋아하는 카드 혜택은 무엇인가요?", ""),
        ("젊은 투자자들이 좋아하는 상품은 무엇인가요?", ""),
        ("What documents do you have to submit for a loan?", ""),
        ("Why do banks like stable deposits?", ""),
        ("'지금 송금해 주세요'라는 문자를 받으면 어떻게 해야 하나요?", ""),
        ("예약 이체와 자동 이체는 무엇이 다른가요?", ""),
        ("주문을 취소하는 방법을 설명하세요.", ""),
        ("환불을 부탁하는 메일을 써 주세요.", ""),
        ("How do I schedule a meeting with a loan officer?", ""),
        ("Explain how to order a new card at a branch.", ""),
    ],
)
def test_questions_about_markets_customers_and_procedures_are_in_reach(instruction, given):
    """Concepts, given figures and news, roles to play, third persons, quotations and how-to questions stay."""
    assert unanswerable(row(instruction, ANSWER, given), CONTEXT) is None


@pytest.mark.parametrize(
    ("instruction", "output", "given", "field", "words"),
    [
        ("이 그래프의 뜻을 말하세요.", ANSWER, "", "instruction", "이 그래프"),
        ("아래 사진을 설명하세요.", ANSWER, "", "instruction", "아래 사진"),
        ("첨부된 파일을 읽고 답하세요.", ANSWER, "", "instruction", "첨부된 파일"),
        ("아래 표를 보고 금리를 견주세요.", ANSWER, "", "instruction", "아래 표"),
        ("다음 글을 요약하세요.", ANSWER, "", "instruction", "다음 글"),
        ("다음 글을 3문장으로 요약하세요.", ANSWER, "", "instruction", "다음 글"),
        ("위 지문을 읽고 물음에 답하세요.", ANSWER, "", "instruction", "위 지문"),
        ("주어진 데이터를 분석하세요.", ANSWER, "", "instruction", "주어진 데이터"),
        ("본문에 따르면 한도는 얼마인가요?", ANSWER, "", "instruction", "본문에 따르"),
        (
            "기사를 요약하세요.",
            ANSWER,
            "https://news.example/2024/03/15",
            "instruction",
            "https://news.example/2024/03/15",
        ),
        ("Read https://news.example/rates and summarise it.", ANSWER, "", "instruction", "https://news.example/rates"),
        ("Summarise the following passage.", ANSWER, "", "instruction", "the following passage"),
        ("Which bank in the table below pays most?", ANSWER, "", "instruction", "table below"),
        ("What does this chart show?", ANSWER, "", "instruction", "this chart"),
        ("금리는 어떻게 움직였나요?", "아래 그림에서 보듯 올랐습니다.", "", "output", "아래 그림"),
        ("한도를 알려 주세요.", "다음 표를 참고하세요.", "", "output", "다음 표"),
        ("How did rates move?", "As the following chart shows, they rose.", "", "output", "the following chart"),
        ("How did rates move?", "The table below shows it.", "", "output", "table below"),
    ],
)
def test_a_row_that_points_at_what_its_reader_does_not_see_is_rejected(instruction, output, given, field, words):
    """A picture, a file, a table or a text that is not given, in the instruction or in the answer."""
    finding = leans_on_unseen(row(instruction, output, given), CONTEXT)
    assert finding == Finding(f"the {field} leans on something unseen", None, words)


@pytest.mark.parametrize(
    ("instruction", "output", "given"),
    [
        # the material is given
        ("아래 표를 보고 금리를 견주세요.", "나은행이 높습니다.", "은행 금리\n가 3.1\n나 3.4"),
        (
            "아래 표를 보고 금리를 견주세요.",
            "나은행이 높습니다.",
            "| 은행 | 금리 |\n|---|---|\n| 가 | 3.1% |\n| 나 | 3.4% |",
        ),
        ("아래 표를 보고 금리를 견주세요.\n은행 금리\n가 3.1\n나 3.4", "나은행이 높습니다.", ""),
        ("다음 글을 요약하세요.", "금리를 동결했다.", "한국은행은 기준금리를 연 3.50퍼센트로 동결하였다."),
        ("다음 글을 요약하세요: 한국은행은 기준금리를 동결하였다.", "금리 동결", ""),
        ("다음 문장을 영어로 옮기세요. 금리가 올랐다.", "Rates rose.", ""),
        ("다음 문장 '금리가 올랐다'를 영어로 옮기세요.", "Rates rose.", ""),
        ("아래 데이터로 평균을 구하세요. 3, 4, 5", "4", ""),
        ("Summarise the following passage: Rates rose, and so did deposits.", "Rates and deposits rose.", ""),
        ("Which bank in the table below pays most?", "B", "| bank | rate |\n|---|---|\n| A | 3 |\n| B | 4 |"),
        (
            "기사를 요약하세요.",
            "금리 동결",
            "https://news.example/1 한국은행은 기준금리를 동결하였다. 물가는 아직 목표를 웃돈다.",
        ),
        # the answer brings it
        ("금리를 표로 정리하세요.", "다음 표와 같습니다.\n\n| 은행 | 금리 |\n|---|---|\n| 가 | 3.1% |", ""),
        ("List the rates.", "See the table below.\n\n| bank | rate |\n|---|---|\n| A | 3 |", ""),
        ("주어진 거래 데이터에서 가장 큰 금액을 찾는 함수를 작성하세요.", "max(amounts)", ""),
        ("이 목록에 예금, 적금과 같은 예를 2개 더하세요.", "펀드, 채권", ""),
        # pointing back at words of the text itself
        ("은행이 거래 데이터를 모을 때 이 데이터를 어떻게 지켜야 하나요?", "암호로 바꾸어 둡니다.", ""),
        ("악성 앱을 막으려면?", "낯선 설치 파일을 받았다면 해당 파일을 지우고 은행에 알리세요.", ""),
        ("공급 곡선이란?", "가격과 양을 잇는 그래프입니다. 이 그래프는 오른쪽으로 올라갑니다.", ""),
        # other meanings
        ("첨부 파일을 열기 전에 확인할 점은 무엇인가요?", "보낸 사람을 확인합니다.", ""),
        ("문자 사기를 막으려면?", "출처를 모르는 첨부 파일을 열지 마세요.", ""),
        ("지문 인증의 장점을 설명하세요.", "빠르고 잊을 일이 없습니다.", ""),
        ("계약서의 본문과 별지는 무엇이 다른가요?", "본문이 앞섭니다.", ""),
        ("이 상품의 위험을 설명하는 원칙은 무엇인가요?", "설명의무입니다.", ""),
        ("대표 지표를 하나 드세요.", "위험가중자산이 대표 지표입니다.", ""),
        ("What did the fund earn?", "The figure for 2023 was 3.5 %.", ""),
        ("What does this query do: SELECT * FROM loans?", "It reads all rows of the table.", ""),
        ("How do I open the statement?", "Download the file and enter your birth date.", ""),
        ("What is a chart of accounts?", "It lists all accounts; the chart of a bank is long.", ""),
        ("What do advisers bring to a client?", "They bring experience to the table.", ""),
        ("영어 표현 'the picture'를 설명하세요.", "상황을 뜻합니다.", ""),
        ("'See the attached file.'을 옮기세요.", "첨부된 파일을 보십시오.", "See the attached file."),
        ("사이트 주소의 예를 드세요.", "https://bank.example", ""),
    ],
)
def test_what_is_given_or_only_named_is_not_leaned_on(instruction, output, given):
    """Tables and texts that are there, words that point back, and attachments, fingerprints or figures in general."""
    assert leans_on_unseen(row(instruction, output, given), CONTEXT) is None
