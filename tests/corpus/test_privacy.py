"""Tests of masking: made-up personal data of every kind, texts that only look as if they had some, and properties."""

import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.corpus.glossary.reader import read_glossary
from finsmith.corpus.privacy import KINDS, mask

CASES = Path(__file__).parent / "personal_data"
INPUTS = Path(__file__).parents[2] / "../shared/inputs"
LABELS = {
    "주민등록번호": "resident_number",
    "카드번호": "card_number",
    "계좌번호": "account_number",
    "전화번호": "phone_number",
    "이메일": "email",
    "여권번호": "passport_number",
    "운전면허번호": "driver_license",
}
SECRET = re.compile(r"\{([^{}|]+)\|([^{}]+)\}")
LABEL = re.compile("|".join(rf"\[{label}\]" for label in LABELS))


def _lines(*names):
    lines = [line for name in names for line in (CASES / name).read_text(encoding="utf-8").splitlines()]
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in lines if not line.startswith("#")]


POSITIVES = _lines("positives.txt", "fresh_positives.txt")
NEGATIVES = _lines("negatives.txt", "fresh_negatives.txt")


def _text(case):
    return SECRET.sub(lambda secret: secret[2], case)


def _expected(case):
    return SECRET.sub(lambda secret: f"[{secret[1]}]", case)


def _kinds(case):
    return Counter(LABELS[secret[1]] for secret in SECRET.finditer(case))


@pytest.mark.parametrize("case", POSITIVES)
def test_personal_data_is_masked(case):
    """Each piece of personal data becomes its label and is counted under its kind; all else stays."""
    assert mask(_text(case)) == (_expected(case), _kinds(case))


@pytest.mark.parametrize("text", NEGATIVES)
def test_what_only_looks_like_it_stays(text):
    """Amounts, dates, articles, public numbers and the like come back as they are, and nothing is counted."""
    assert mask(text) == (text, {})


def test_there_are_cases_of_every_kind():
    """The cases hold every kind that is masked, at least ten times each."""
    counts = sum((_kinds(case) for case in POSITIVES), Counter())
    assert set(counts) == set(KINDS) == set(LABELS.values())
    assert min(counts.values()) >= 10


def test_decomposed_hangul_makes_no_difference():
    """In a text as macOS writes it the same is masked."""
    for case in POSITIVES:
        masked, counts = mask(unicodedata.normalize("NFD", _text(case)))
        assert unicodedata.normalize("NFC", masked) == unicodedata.normalize("NFC", _expected(case))
        assert counts == _kinds(case)
    for text in NEGATIVES:
        decomposed = unicodedata.normalize("NFD", text)
        assert mask(decomposed) == (decomposed, {})


@pytest.mark.parametrize("hyphen", "－‐‑–—−\u00ad")
def test_full_width_digits_and_any_dash_make_no_difference(hyphen):
    """Digits in full width and every sort of dash are read as the plain ones; a table's line of dashes stays."""
    wide = str.maketrans("0123456789-", "０１２３４５６７８９" + hyphen)
    for case in (case for case in POSITIVES if "--" not in case):
        assert mask(_text(case).translate(wide)) == (_expected(case).translate(wide), _kinds(case))


def test_masking_again_changes_nothing():
    """What is masked stays as it is when it is masked once more."""
    for case in POSITIVES:
        once, _ = mask(_text(case))
        assert mask(once) == (once, {})


pieces = st.one_of(
    st.sampled_from([_text(case) for case in POSITIVES] + NEGATIVES),
    st.sampled_from(
        ["계좌번호 ", "[계좌번호]", "전화 ", "여권 ", "010-", "1234", "-", "\n", "|", "**", "*", " ", "제", "호", "@"]
    ),
    st.text(alphabet="0123456789-*. 가나은행원@a", max_size=20),
)


@given(st.lists(pieces, max_size=6).map("".join))
def test_any_text_keeps_what_is_not_masked(text):
    """Between the labels stands what stood there before, in order; the counts are those of the labels put in."""
    masked, counts = mask(text)
    assert sum(counts.values()) == len(LABEL.findall(masked)) - len(LABEL.findall(text))
    kept = ".*".join(re.escape(piece) for piece in LABEL.split(masked))
    assert re.fullmatch(kept, text, re.DOTALL)
    assert mask(masked) == (masked, {})


@given(st.text().filter(lambda text: not re.search(r"[\d@]|at", text, re.IGNORECASE)))
def test_text_without_digits_is_never_touched(text):
    """A text without digits and e-mail signs comes back as it is."""
    assert mask(text) == (text, {})


# --- check digits, with hand-made calculations ---------------------------------------------------------------------


def _resident_number(born, century, rest, shift=0):
    first = f"{born:%y%m%d}{century}{rest:05d}"
    total = sum(int(digit) * weight for digit, weight in zip(first, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], strict=True))
    check = (13 if century in "5678" else 11) - total % 11
    return first + str((check + shift) % 10)


@st.composite
def people(draw):
    """A date of birth, a digit for century and sex, and the digits that follow; never an issued place of birth."""
    born = draw(st.dates(date(1930, 1, 1), date(2025, 12, 31)))
    century = draw(st.sampled_from("1256" if born.year < 2000 else "3478"))
    return born, century, draw(st.integers(97000, 99999))


@given(people())
def test_resident_number_without_hyphen_needs_its_check_digit(person):
    """Thirteen digits that are a resident or foreigner number by date and check digit are masked, others are not."""
    assert mask(f"조회 {_resident_number(*person)} 완료") == ("조회 [주민등록번호] 완료", {"resident_number": 1})
    other = f"조회 {_resident_number(*person, shift=4)} 완료"
    assert mask(other) == (other, {})
    assert mask(f"주민등록번호 {_resident_number(*person, shift=4)}")[1] == {"resident_number": 1}


@given(people(), st.integers(0, 9))
def test_resident_number_with_hyphen_needs_none(person, shift):
    """With a hyphen the check digit does not matter: newer numbers have none; those like a company's are told apart."""
    number = _resident_number(*person, shift=shift)
    masked, _ = mask(f"고객 {number[:6]}-{number[6:]}")
    assert masked == "고객 [주민등록번호]" or (number[:2] in {str(code) for code in range(11, 29)} and shift)


@pytest.mark.parametrize(
    "number", ["801301-1234567", "800230-1234567", "800100-2234567", "460101-3234568", "010229-3123456"]
)
def test_no_date_is_no_resident_number(number):
    """Six digits that are no date, or one to come, followed by seven are no resident number."""
    assert mask(f"고객 {number}") == (f"고객 {number}", {})


@given(st.sampled_from(["110111", "110114", "120111", "131111", "160111", "200111"]), st.integers(0, 999_999))
def test_company_numbers_stay(registry, serial):
    """A corporate registration number under its name stays, whatever digits it has."""
    first = f"{registry}{serial:06d}"
    check = -sum(int(digit) * weight for digit, weight in zip(first, [1, 2] * 6, strict=True)) % 10
    text = f"법인등록번호 {registry}-{serial:06d}{check}인 회사의 대표"
    assert mask(text) == (text, {})


def _card(prefix, body, shift=0):
    first = f"{prefix}{body}"
    doubled = [int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(first))]
    return first + str((shift - sum(value // 10 + value % 10 for value in doubled)) % 10)


@given(
    st.sampled_from(["4518", "5409", "2720", "3569", "6250", "9410"]),
    st.integers(0, 10**11 - 1).map(lambda body: f"{body:011d}"),
    st.sampled_from(["", "-", " "]),
)
def test_card_needs_its_check_digit(prefix, body, sign):
    """Sixteen digits of an issuer are masked where the Luhn digit holds; a wrong digit needs the word card number."""
    right, wrong = ([_card(prefix, body, shift)[at : at + 4] for at in (0, 4, 8, 12)] for shift in (0, 3))
    assert mask(f"결제 {sign.join(right)} 승인") == ("결제 [카드번호] 승인", {"card_number": 1})
    assert mask(f"결제 {sign.join(wrong)} 승인")[1] == {}
    assert mask(f"카드번호 {sign.join(wrong)} 승인")[1] == {"card_number": 1}


# --- surroundings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "계좌를 열려면 영업점에서 신청서를 쓰고 본인 확인을 마친 다음 "
        "관리자의 승인을 거쳐야 하며 그 밖의 것은 12-345-6789-01 문서를 본다.",
        "계좌번호\n는 적지 않는다. 그 밖의 사항은 따로 정한다.\n별표의 12-345-6789-01 문서를 본다.",
        "| 계좌번호 | 문서 |\n|---|---|\n| - | 12-345-6789-01 |",
    ],
    ids=["more than 40 characters away", "another line", "another column"],
)
def test_account_needs_its_word_nearby(text):
    """A word that tells of accounts counts only near the number: in its line, in its column."""
    assert mask(text) == (text, {})
    assert mask("계좌번호\n12-345-6789-01") == ("계좌번호\n[계좌번호]", {"account_number": 1})


def test_column_of_an_escaped_bar():
    """A bar that is escaped ends no cell, so the next column's header is the right one."""
    text = "| 구분 | 계좌번호 |\n|---|---|\n| 가\\|나 | 110234567890 |"
    assert mask(text)[1] == {"account_number": 1}


def test_a_long_list_of_accounts_is_masked_to_its_end():
    """In a list each account that is masked tells of the next, however far the word is."""
    accounts = [f"110-{at:03d}-{at * 7919 % 10**6:06d}" for at in range(300)]
    masked, counts = mask("사기이용계좌: " + ", ".join(accounts))
    assert counts == {"account_number": 300}
    assert masked == "사기이용계좌: " + ", ".join(["[계좌번호]"] * 300)


def test_bold_type_hides_no_digits():
    """The stars of Markdown's bold type are no hidden digits, and stay."""
    assert mask("**110-123-456789** 계좌") == ("**[계좌번호]** 계좌", {"account_number": 1})


# --- real documents ------------------------------------------------------------------------------------------------

# counted by eye: officers in press releases, offices in the heads of statutes
REAL_PHONES = {"240320": 32, "240409": 4, "여신전문금융업법": 1, "전자금융거래법": 2}


@pytest.mark.skipif(not INPUTS.is_dir(), reason="the real inputs are not here")
def test_real_documents_have_only_their_officers_numbers_masked():
    """In real documents exactly the contact numbers are masked, and nothing in minutes, reports and tax tables."""
    for path in sorted((INPUTS / "pdf").glob("*.pdf")):
        with pymupdf.open(path) as pages:
            _, counts = mask("\n".join(page.get_text() for page in pages))
        name = unicodedata.normalize("NFC", path.name)
        phones = next((number for begin, number in REAL_PHONES.items() if name.startswith(begin)), 0)
        assert counts == ({"phone_number": phones} if phones else {}), name


@pytest.mark.skipif(not INPUTS.is_dir(), reason="the real inputs are not here")
def test_real_glossaries_have_nothing_to_mask():
    """No definition of a real glossary is touched."""
    for path in sorted((INPUTS / "glossary").iterdir()):
        for term in read_glossary(path).terms:
            assert mask(term.definition) == (term.definition, {})
