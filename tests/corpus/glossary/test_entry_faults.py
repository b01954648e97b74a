"""Tests of finding what is wrong with glossary entries."""

import pytest

from finsmith.corpus.glossary.entry_faults import Entry, entry_faults

GOOD = Entry("환율", "두 나라 돈을 서로 바꾸는 비율을 말한다. 시장에서 날마다 정해진다.")


def _faults(headword, definition, *others):
    return entry_faults([Entry(headword, definition), *others])[0]


def _ordered(definition="", at=12):
    """A glossary of 30 entries in dictionary order (가항목, 개항목, 갸항목 …), a definition put in at one place."""
    entries = [Entry(f"{chr(ord('가') + 28 * n)}항목", "갖춘 뜻을 적은 글이다.") for n in range(30)]
    entries[at] = Entry(entries[at].headword, definition or entries[at].definition)
    return entries


def test_good_entries_have_no_faults():
    """A definition in sentences, one that ends in a noun, and one of a single noun are good; so is no entry at all."""
    entries = [
        GOOD,
        Entry("금리", "빌린 돈에 붙는 값"),
        Entry("만기", "돈을 갚기로 한 날을 말함"),
        Entry("CPM", "천 번 보이는 데 드는 광고비. CPM = 광고비/횟수×1,000"),
        Entry("401(k)", "미국의 퇴직연금 제도."),
        Entry("2차 시장", "이미 나온 증권을 사고파는 곳이다. 반대말은 1차 시장"),
    ]
    assert entry_faults(entries) == [()] * len(entries)
    assert entry_faults([]) == []


@pytest.mark.parametrize(
    ("headword", "reason"),
    [
        ("가동률 ∙", "page furniture in the term: '∙'"),
        ("Beyond GDP ∙ ABC", "page furniture in the term: 'GDP ∙ ABC'"),
        ("가동률 ........ 12", "page furniture in the term: '........'"),
        ("- 12 -", "page furniture in the term: '- 12 -'"),
        ("12", "the term has no letter"),
        ("환\ufffd", "lost characters in the term"),
        ("가" * 101, "the term has 101 characters"),
        ("다만 이들 가구가 위험하다는 것은 아니며", "the term is a sentence, or a part of one"),
        ("시장에서 정해진다.", "the term is a sentence, or a part of one"),
    ],
)
def test_headwords_that_are_no_terms(headword, reason):
    """Running heads, dot leaders, page numbers, over-long headwords and sentences are no terms."""
    assert _faults(headword, GOOD.definition) == (reason,)


@pytest.mark.parametrize(
    "headword", ["경제협력개발기구(OECD)", "닥터 코퍼(Dr. Copper) 지수", "무임승차자의 문제", "있는 그대로"]
)
def test_unusual_headwords_are_terms(headword):
    """Names with marks, particles and adverbs inside are terms."""
    assert _faults(headword, GOOD.definition) == ()


def test_related_terms_that_ran_over():
    """A headword behind a related list that ends in a comma is the rest of that list."""
    before = Entry("핀테크", GOOD.definition, ("블록체인",), related_goes_on=True)
    assert entry_faults([before, Entry("빅데이터, 챗봇", GOOD.definition)]) == [
        (),
        ("the term goes on with the related terms of the row before",),
    ]


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        ("기준금리 기준금리는 중앙은행이 정한다.", "기준금리"),
        ("기준금리(정책금리) 기준금리란 중앙은행이 정한 금리이다.", "기준금리"),
        ("금리스왑 금리스왑(IRS; Interest Rate Swap)은 금리를 바꾼다.", "금리스왑"),
        ("어음/수표 어음(bill)이란 돈을 주겠다는 증서이다.", None),  # two signs: too short to be sure
        ("진성어음/융통어음 진성어음(bill)이란 돈을 주겠다는 증서이다.", "진성어음"),
    ],
)
def test_doubled_name_is_a_new_entry(tail, name):
    """A name, and once more as the subject of a sentence, is the headword and begin of another entry."""
    expected = (f"the definition runs on into the entry {name!r}",) if name else ()
    assert _faults("환율", f"{GOOD.definition} {tail}") == expected


def test_own_name_doubled_is_none():
    """A definition that begins with its own headword, or one side of it, is no other's."""
    assert _faults("기준금리", "기준금리 기준금리는 중앙은행이 정한다.") == ()
    assert _faults("진성어음/융통어음", "진성어음 진성어음은 거래에서 나온 어음이다.") == ()


def test_definition_of_another_entry():
    """A definition that begins with another headword and its subject is that entry's."""
    assert _faults("환율", "기준금리 기준금리는 중앙은행이 정한다.") == ("the definition is that of '기준금리'",)


def test_begin_of_the_next_row():
    """A definition that holds the next row's headword and the begin of its definition has run on into it."""
    following = Entry("금리", "빌린 돈에 붙는 값으로 해마다 따져 셈한다.")
    merged = f"{GOOD.definition} {following.headword} {following.definition}"
    assert _faults("환율", merged, following) == ("the definition runs on into the entry '금리'",)
    assert _faults("환율", f"{GOOD.definition} 금리와 함께 본다.", following) == ()


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        ("각목재 나무를 네모나게 켠 것을 각목재라 한다.", None),  # stands elsewhere in the order
        ("{new} 나무를 네모나게 켠 것을 {new}라 한다.", "{new}"),
        ("{new}(NT) 나무를 네모나게 켠 것이다.", "{new}"),
        ("{new}는 나무를 켠 것이고 {new}는 비싸다.", None),  # a subject of this entry's own sentence
        ("{new} 나무를 네모나게 켠 것이다.", None),  # does not come up again: not enough to go by
    ],
)
def test_names_out_of_order(tail, name):
    """In an ordered glossary a sentence that begins with a new name from between two neighbours is a new entry."""
    plain = _ordered()
    own = plain[12].headword
    new = f"{own[0]}흑목재"
    entries = _ordered(f"갖춘 뜻을 적은 글이다. {tail.format(new=new)}")
    expected = (f"the definition runs on into the entry {name.format(new=new)!r}",) if name else ()
    assert entry_faults(entries)[12] == expected
    unordered = entries[12:] + entries[:12][::-1] + entries[::3]
    assert entry_faults(unordered)[0] == ()


def test_known_names_out_of_order():
    """A name that others call related needs no second mention; where it begins the definition it is another's."""
    plain = _ordered()
    new = f"{plain[12].headword[0]}흑목재"
    entries = _ordered(f"갖춘 뜻을 적은 글이다. {new} 나무를 네모나게 켠 것이다.")
    entries[3] = Entry(entries[3].headword, entries[3].definition, related=(new,))
    assert entry_faults(entries)[12] == (f"the definition runs on into the entry {new!r}",)
    entries[13] = Entry(entries[13].headword, f"{new} 나무를 네모나게 켠 것이다.")
    assert entry_faults(entries)[13] == (f"the definition is that of {new!r}",)


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ("두 나라 돈을 바꾸는 가동률 ∙ ㄱ 비율을 말한다.", "page furniture in the definition: '가동률 ∙ ㄱ'"),
        ("두 나라 돈을 바꾸는 - 31 - 비율을 말한다.", "page furniture in the definition: '- 31 -'"),
        ("ㄹ 두 나라 돈을 바꾸는 비율을 말한다.", "page furniture in the definition: 'ㄹ'"),
        ("비율\ue044\ue042\ue045이다.", "lost characters in the definition: 3 of private use or U+FFFD"),
        ("돈을 바꾸는 비\ufffd이다.", "lost characters in the definition: 1 of private use or U+FFFD"),
        ("환율.", "the definition merely repeats the term"),
        ("『기준금리』 참조", "the definition merely refers to another entry"),
        ("→ 금리를 보라.", "the definition merely refers to another entry"),
        ("See also interest rate.", "the definition merely refers to another entry"),
    ],
)
def test_definitions_that_are_none(definition, reason):
    """Running heads, page numbers, lost characters, a mere repeat and a mere reference are told."""
    assert _faults("환율", definition) == (reason,)


@pytest.mark.parametrize(
    "definition",
    [
        "\uf0a7 두 나라 돈을 바꾸는 비율을 말한다.",
        "ㄱ 자 모양의 곡선을 말한다.",
        "이익 - 비용 = 3 - 1 - 1 인 셈이다.",
        "두 나라 돈을 바꾸는 비율을 말한다. 자세한 뜻은 금리 참조",
        "환율이란 두 나라 돈을 바꾸는 비율이다.",
    ],
)
def test_small_things_are_no_faults(definition):
    """A bullet of a symbol font, a letter as a shape, a sum and a reference behind a definition cost no entry."""
    assert _faults("환율", definition) == ()


@pytest.mark.parametrize(
    "definition",
    [
        "두 나라 돈을 서로 바꾸는",
        "두 나라 돈을 서로 바꾸는 비율을",
        "두 나라 돈을 서로 바꾸는 비율로서 시장에서 정해지며",
        "두 나라 돈의 비율을 말하며, 수요 및",
        "다음과 같은 비율을 말한다:",
        "두 나라 돈의 비율(",
        "두 나라 돈의 비율…",
        "두 나라 돈을 바꾸는 비율로 시장에서 정할 수",
        "두 나라 돈의 비율이다. 시장에서 정해진다. 중앙은행은 때에 따라 외환시장",
    ],
)
def test_cut_definitions(definition):
    """A text that stops behind a particle, a connective ending, a stem, a mark, or without its verb is cut."""
    assert _faults("환율", definition) == (f"the definition is cut: it ends in {definition[-12:]!r}",)


@pytest.mark.parametrize(
    "definition",
    [
        "두 나라 돈을 서로 바꾸는 비율",
        "두 나라 돈을 서로 바꾸는 비율을 말함",
        "나라 사이에 돈을 옮기지 못하게 하는 제도",
        "돈을 갚지 못하게 되는 것",
        "은행, 증권사, 보험사 등",
        "빚을 갚을 수 있는지",
        "만기 3년까지",
        "비율이다. 그 비율은 시장에서 정해진다",
        "두 나라 돈의 비율이다. 시장에서 정해진다. (외국환거래법 제3조)",
        "‘돈의 값이다.’",
        "the price of one currency in another",
    ],
)
def test_whole_definitions(definition):
    """Nouns, nominal endings, lists, sentences without a full stop and sources behind them end a definition."""
    assert _faults("환율", definition) == ()


def test_all_faults_are_told():
    """An entry with several faults has them all, the headword's first."""
    faults = _faults("가동률 ∙", "기준금리 기준금리는 ㄱ 중앙은행이 정한")
    assert [fault.split(":")[0] for fault in faults] == [
        "page furniture in the term",
        "the definition is that of '기준금리'",
        "page furniture in the definition",
        "the definition is cut",
    ]
