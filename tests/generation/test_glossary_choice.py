"""4-choice items from terms: four distinct choices, the right one marked, the others near."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from finsmith.generation import glossary_choice
from finsmith.generation.glossary_choice import most, near_terms

from .made import material, term

DEPOSITS = [
    term("보통예금", "언제든지 넣고 찾을 수 있는 예금", category="수신"),
    term("정기예금", "정한 기간 동안 찾지 않고 맡기는 예금", category="수신"),
    term("정기적금", "정한 기간 동안 다달이 붓는 예금", category="수신"),
    term("당좌예금", "수표를 써서 찾는 예금", category="수신"),
]
LOANS = [
    term("신용대출", "담보 없이 신용으로 빌리는 돈", category="여신"),
    term("담보대출", "담보를 맡기고 빌리는 돈", category="여신"),
    term("마이너스통장", "한도 안에서 언제든지 넣고 찾을 수 있는 예금 같은 대출", category="여신"),
]
TERMS = DEPOSITS + LOANS


def build(terms, max_items=0, seed=11):
    return glossary_choice.build(material(terms=terms, seed=seed, glossary_choice={"max_items": max_items}))


def read(example):
    """(stem, choices, right choice) of an item, read as a person would."""
    stem, _, listed = example.instruction.rpartition("\n\n")
    choices = {line[0]: line[3:] for line in listed.split("\n")}
    assert list(choices) == list("ABCD")
    letter = example.output.removeprefix("정답: ")[0]
    assert example.output == f"정답: {letter}. {choices[letter]}"
    return stem, list(choices.values()), choices[letter]


def test_every_item_has_four_distinct_choices_and_the_right_answer():
    """The answer is the definition of the term asked for, or the term of the definition given."""
    definitions, names = {t.term: t.definition for t in TERMS}, {t.definition: t.term for t in TERMS}
    examples = build(TERMS)
    assert len(examples) == len(TERMS)
    for example in examples:
        stem, choices, right = read(example)
        assert len(set(choices)) == 4
        if example.recipe == "glossary_choice.term":
            question, _, definition = stem.partition("\n")
            assert question == "다음 설명에 해당하는 용어는?"
            assert right == names[definition]
        else:
            assert example.recipe == "glossary_choice.definition"
            name = next(name for name in definitions if stem.startswith(name))
            assert stem in (f"{name}을 바르게 설명한 것은?", f"{name}를 바르게 설명한 것은?")
            assert right == definitions[name]


def test_the_particle_of_the_question_fits_the_term():
    """보통예금 takes 을 (it ends in a consonant), 금리 takes 를."""
    terms = [*DEPOSITS[:3], term("금리", "돈을 쓰는 값", category="수신")]
    stems = {read(e)[0] for seed in range(6) for e in build(terms, seed=seed) if e.recipe.endswith("definition")}
    assert {"보통예금을 바르게 설명한 것은?", "금리를 바르게 설명한 것은?"} <= stems


def test_both_directions_are_asked_in_turn():
    """Of seven items four ask for the definition and three for the term."""
    assert Counter(example.recipe for example in build(TERMS)) == {
        "glossary_choice.definition": 4,
        "glossary_choice.term": 3,
    }


def test_distractors_come_from_the_same_category_first():
    """With three others in its category a term has those; with two, both of them and one from outside."""
    for deposit in DEPOSITS:
        assert {t.category for t in near_terms(deposit, TERMS, 3)} == {"수신"}
    for loan in LOANS:
        near = near_terms(loan, TERMS, 3)
        assert [t.category for t in near] == ["여신", "여신", "수신"]
        assert loan not in near


def test_within_a_category_the_likest_wording_comes_first():
    """담보대출 is nearest to 신용대출, which shares its words, though 마이너스통장 stands before that in any order."""
    assert near_terms(LOANS[1], [LOANS[2], LOANS[0], *DEPOSITS], 1) == [LOANS[0]]


def test_the_order_of_the_glossary_does_not_change_the_distractors():
    """The same terms in another order give each term the same distractors."""
    for each in TERMS:
        assert near_terms(each, TERMS, 3) == near_terms(each, TERMS[::-1], 3)


def test_the_source_of_an_item_is_its_term_and_its_distractors():
    """The first source is the term asked about, the other three are where the wrong choices come from."""
    by_id = {t.id: t for t in TERMS}
    for example in build(TERMS):
        sources = [by_id[source] for source in example.provenance.sources]
        _, choices, right = read(example)
        field = "term" if example.recipe.endswith(".term") else "definition"
        assert getattr(sources[0], field) == right
        assert sorted(getattr(t, field) for t in sources) == sorted(choices)


def test_fewer_than_four_terms_give_no_item():
    """Three terms cannot fill four choices; nor can four of which one has too long a definition."""
    assert build(DEPOSITS[:3]) == []
    assert build([*DEPOSITS[:3], term("긴말", "가" * 121)]) == []
    assert len(build(DEPOSITS)) == 4


def test_the_most_is_one_item_for_each_term_that_is_short_enough():
    """Of eight terms one is too long; three make none."""
    long = term("긴말", "가" * 121)
    assert most(material(terms=[*TERMS, long], glossary_choice={"max_items": 2})) == 7
    assert most(material(terms=DEPOSITS[:3])) == 0


def test_terms_that_share_a_definition_do_not_stand_in_one_item():
    """Two names for one thing would make two right answers, or two equal choices: such an item is left out."""
    twins = [term("체크카드", "통장에서 바로 빠지는 카드"), term("직불카드", "통장에서 바로 빠지는 카드")]
    assert build([*DEPOSITS[:2], *twins]) == []
    examples = build([*DEPOSITS[:3], *twins])
    assert len(examples) == 5
    assert all(len(set(read(example)[1])) == 4 for example in examples)
    assert all(not {t.id for t in twins} <= set(example.provenance.sources) for example in examples)


def test_items_are_a_seeded_sample():
    """max_items bounds the items; the same seed gives the same ones, and seeds differ."""
    assert len(build(TERMS, max_items=3)) == 3
    assert len(build(TERMS, max_items=99)) == 7
    assert build(TERMS, max_items=3) == build(TERMS, max_items=3)
    assert len({tuple(e.id for e in build(TERMS, max_items=3, seed=seed)) for seed in range(10)}) > 1


def test_the_answer_stands_at_each_letter_about_as_often():
    """Over 100 seeds of seven items the letters are even by chi-square (p > 0.01)."""
    letters = Counter(example.output[4] for seed in range(100) for example in build(TERMS, seed=seed))
    assert set(letters) == set("ABCD")
    assert chisquare(list(letters.values())).pvalue > 0.01


NAMES = st.sampled_from(["가", "나", "다", "라", "마", "바"])


@settings(max_examples=50)
@given(
    st.lists(
        st.builds(term, NAMES, st.sampled_from(["첫째 뜻", "둘째 뜻", "셋째 뜻", "넷째 뜻", "다섯째 뜻"])), max_size=10
    )
)
def test_any_glossary_gives_fair_items_or_none(terms):
    """Doubled names and doubled definitions in a glossary never give an item with equal choices."""
    for example in build(terms):
        _, choices, _ = read(example)
        assert len(set(choices)) == 4


def test_no_definition_says_the_name_that_is_asked_for():
    """Neither the stem nor a choice holds its term's name."""
    names = ["가나다", "라마바", "사아자", "차카타"]
    for item in build([term(name, f"{name}는 서류 {at}번이다.") for at, name in enumerate(names)]):
        stem, choices, _ = read(item)
        asked = [text for text in (stem, *choices) if "서류" in text]
        assert asked and not any(name in text for name in names for text in asked if "바르게" not in text)
