"""Tests of particles; the expected forms follow how Korean reads each word aloud."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.korean.particles import PARTICLES, final_sound, with_particle

# what is written -> with its topic particle and with its direction particle
SPOKEN = [
    # Hangul: with a final consonant, without one, with ㄹ (which takes 로)
    ("기준금리", "기준금리는", "기준금리로"),
    ("대출", "대출은", "대출로"),
    ("여신", "여신은", "여신으로"),
    ("환율", "환율은", "환율로"),
    ("채권", "채권은", "채권으로"),
    ("담보", "담보는", "담보로"),
    ("신탁업", "신탁업은", "신탁업으로"),
    ("예금 보험료", "예금 보험료는", "예금 보험료로"),
    ("‘부실채권’", "‘부실채권’은", "‘부실채권’으로"),
    ("「은행법」", "「은행법」은", "「은행법」으로"),
    # Latin abbreviations, read letter by letter: 엘 엠 엔 알 end in a consonant, 엘 and 알 in ㄹ
    ("ETF", "ETF는", "ETF로"),
    ("LTV", "LTV는", "LTV로"),
    ("NPL", "NPL은", "NPL로"),
    ("BIS", "BIS는", "BIS로"),
    ("DSR", "DSR은", "DSR로"),
    ("PF", "PF는", "PF로"),
    ("VaR", "VaR은", "VaR로"),
    ("AML", "AML은", "AML로"),
    ("ATM", "ATM은", "ATM으로"),
    ("STR", "STR은", "STR로"),
    ("LCR", "LCR은", "LCR로"),
    ("NIM", "NIM은", "NIM으로"),
    ("ELN", "ELN은", "ELN으로"),
    ("CDS", "CDS는", "CDS로"),
    ("KYC", "KYC는", "KYC로"),
    ("RWA", "RWA는", "RWA로"),
    ("GDP", "GDP는", "GDP로"),
    ("COFIX", "COFIX는", "COFIX로"),
    ("FIU", "FIU는", "FIU로"),
    ("NPLs", "NPLs는", "NPLs로"),
    ("R&D", "R&D는", "R&D로"),
    ("L/C", "L/C는", "L/C로"),
    ("A", "A는", "A로"),
    ("ＥＬＳ", "ＥＬＳ는", "ＥＬＳ로"),
    # read as words against their spelling
    ("KOSDAQ", "KOSDAQ은", "KOSDAQ으로"),
    ("NASDAQ", "NASDAQ은", "NASDAQ으로"),
    ("LIBOR", "LIBOR는", "LIBOR로"),
    # digits: 영 일 이 삼 사 오 육 칠 팔 구
    ("제10", "제10은", "제10으로"),
    ("단계 1", "단계 1은", "단계 1로"),
    ("M2", "M2는", "M2로"),
    ("M3", "M3은", "M3으로"),
    ("IFRS 4", "IFRS 4는", "IFRS 4로"),
    ("K5", "K5는", "K5로"),
    ("코스피200", "코스피200은", "코스피200으로"),
    ("1906", "1906은", "1906으로"),
    ("IFRS 17", "IFRS 17은", "IFRS 17로"),
    ("G8", "G8은", "G8로"),
    ("IFRS9", "IFRS9는", "IFRS9로"),
    ("연 10%", "연 10%는", "연 10%로"),
    ("AA+", "AA+는", "AA+로"),
    ("5G", "5G는", "5G로"),
    # parentheses are not read aloud, unless there is nothing else
    ("공매도(Short Selling)", "공매도(Short Selling)는", "공매도(Short Selling)로"),
    ("환매조건부채권 (RP)", "환매조건부채권 (RP)은", "환매조건부채권 (RP)으로"),
    ("LTV(주택담보인정비율)", "LTV(주택담보인정비율)는", "LTV(주택담보인정비율)로"),
    ("콜（Call）", "콜（Call）은", "콜（Call）로"),
    ("자산 [자본(Equity)]", "자산 [자본(Equity)]은", "자산 [자본(Equity)]으로"),
    ("스왑(IRS)(금리)", "스왑(IRS)(금리)은", "스왑(IRS)(금리)으로"),
    ("(주)온빛", "(주)온빛은", "(주)온빛으로"),
    ("(금리)", "(금리)는", "(금리)로"),
    # English words in lower case, as Korean writes them: 스왑 마진 뱅크 노트 …
    ("swap", "swap은", "swap으로"),
    ("margin", "margin은", "margin으로"),
    ("bank", "bank는", "bank로"),
    ("note", "note는", "note로"),
    ("bond", "bond는", "bond로"),
    ("risk", "risk는", "risk로"),
    ("call", "call은", "call로"),
    ("option", "option은", "option으로"),
    ("fund", "fund는", "fund로"),
    ("future", "future는", "future로"),
    ("table", "table은", "table로"),
    ("scale", "scale은", "scale로"),
    ("Basel", "Basel은", "Basel로"),
    ("Short Selling", "Short Selling은", "Short Selling으로"),
    ("volume", "volume은", "volume으로"),
    ("line", "line은", "line으로"),
    ("loan", "loan은", "loan으로"),
    ("stock", "stock은", "stock으로"),
    ("traffic", "traffic은", "traffic으로"),
    ("outlook", "outlook은", "outlook으로"),
    ("club", "club은", "club으로"),
    ("market", "market은", "market으로"),
    ("credit", "credit은", "credit으로"),
    ("buyout", "buyout은", "buyout으로"),
    ("app", "app은", "app으로"),
    ("group", "group은", "group으로"),
    ("type", "type은", "type으로"),
    ("float", "float는", "float로"),
    ("report", "report는", "report로"),
    ("rate", "rate는", "rate로"),
    ("trade", "trade는", "trade로"),
    ("spread", "spread는", "spread로"),
    ("hedge", "hedge는", "hedge로"),
    ("finance", "finance는", "finance로"),
    ("tax", "tax는", "tax로"),
    ("log", "log는", "log로"),
    ("cash", "cash는", "cash로"),
    ("dollar", "dollar는", "dollar로"),
    ("view", "view는", "view로"),
    ("money", "money는", "money로"),
    ("Hub", "Hub는", "Hub로"),
    ("check", "check는", "check로"),
    ("FinTech", "FinTech는", "FinTech로"),
    ("SaaS", "SaaS는", "SaaS로"),
    # nothing that is read aloud
    ("", "는", "로"),
    ("…", "…는", "…로"),
]


@pytest.mark.parametrize(("word", "topic", "direction"), SPOKEN, ids=[word or "empty" for word, _, _ in SPOKEN])
def test_particle_fits_the_last_sound(word, topic, direction):
    """은/는 and 으로/로 fit the sound with which the word ends when it is read aloud."""
    assert with_particle(word, "은/는") == topic
    assert with_particle(word, "으로/로") == direction


@pytest.mark.parametrize(
    ("particle", "after_consonant", "after_vowel", "after_l"),
    [
        ("은/는", "채권은", "금리는", "대출은"),
        ("이/가", "채권이", "금리가", "대출이"),
        ("을/를", "채권을", "금리를", "대출을"),
        ("과/와", "채권과", "금리와", "대출과"),
        ("이란/란", "채권이란", "금리란", "대출이란"),
        ("으로/로", "채권으로", "금리로", "대출로"),
        ("이라고/라고", "채권이라고", "금리라고", "대출이라고"),
    ],
)
def test_every_pair_of_particles(particle, after_consonant, after_vowel, after_l):
    """Each pair gives its first form after a consonant and its second after a vowel; only 로 follows ㄹ."""
    assert with_particle("채권", particle) == after_consonant
    assert with_particle("금리", particle) == after_vowel
    assert with_particle("대출", particle) == after_l


def test_no_pair_is_untested():
    """The test above names each pair there is."""
    pairs = next(m.args[1] for m in test_every_pair_of_particles.pytestmark if m.name == "parametrize")
    assert {pair[0] for pair in pairs} == set(PARTICLES)


def test_unknown_particle_is_an_error():
    """A pair that is not listed is a KeyError, not a guess."""
    with pytest.raises(KeyError):
        with_particle("금리", "는")


@settings(max_examples=50)
@given(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")))
def test_final_sound_is_that_of_the_jamo(syllable):
    """The sound of any Hangul syllable is told by its decomposed form, and a decomposed word has the same one."""
    jamo = unicodedata.normalize("NFD", syllable)
    expected = "" if len(jamo) == 2 else "ㄹ" if jamo[2] == "\u11af" else "ㄱ"
    assert final_sound("신" + syllable) == final_sound("신" + jamo) == expected


@settings(max_examples=50)
@given(st.text(), st.sampled_from(sorted(PARTICLES)))
def test_word_itself_is_untouched(word, particle):
    """Whatever the word, the result is the word and one of the two forms."""
    assert with_particle(word, particle) in {word + form for form in PARTICLES[particle]}
