"""The driver: what it asks in which order, and what becomes of the replies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import ParamsError, TeacherUnavailable
from finsmith.core.records import RejectedReply
from finsmith.generation.generate import GENERATORS, capacity, choose_passages, generate

from .made import TEXT, generate_params, item_text, passage, reply_to, term

PASSAGES = [passage(f"{TEXT} 제{number}조에 따른다.", page=number) for number in range(1, 6)]
TERMS = [term(name, f"{name}의 뜻") for name in ("예금", "적금", "대출", "보험", "펀드")]


class Teacher:
    """Answers every request by its recipe and remembers what it was asked."""

    def __init__(self, broken=()):
        self.asked, self.broken = [], set(broken)

    def __call__(self, requests):
        """Replies in the order of the requests."""
        self.asked += requests
        return [reply_to(request, self._text(request)) for request in requests]

    def _text(self, request):
        if (request.recipe, request.sources[0]) in self.broken:
            return "죄송합니다." if request.recipe == "multiple_choice" else " "
        return item_text() if request.recipe == "multiple_choice" else "심사 결과를 정해진 날 안에 알린다."


def test_every_recipe_gives_its_examples():
    """Five terms and five passages give 5 questions, 5 items, 10 question examples and 5 summaries, and 10 calls."""
    made = generate(PASSAGES, TERMS, generate_params(), Teacher())
    assert {name: len(examples) for name, examples in made.examples.items()} == {
        "glossary_qa": 5,
        "glossary_choice": 5,
        "multiple_choice": 10,
        "summary": 5,
    }
    assert made.rejected == []
    assert len(made.calls) == 10


def test_the_requests_of_a_passage_stand_together():
    """Requests go passage by passage, in the order of the recipes, in one ask."""
    teacher = Teacher()
    generate(PASSAGES, TERMS, generate_params(), teacher)
    expected = [(p.id, recipe) for p in PASSAGES for recipe in ("multiple_choice", "summary")]
    assert [(request.sources[0], request.recipe) for request in teacher.asked] == expected


def test_examples_are_sorted_by_id():
    """Each recipe's examples are sorted by id, whatever order passages and terms came in."""
    params = generate_params()
    made = generate(PASSAGES, TERMS, params, Teacher())
    for examples in made.examples.values():
        assert [example.id for example in examples] == sorted({example.id for example in examples})
    turned = generate(PASSAGES[::-1], TERMS, params, Teacher())
    for name in ("multiple_choice", "summary"):
        assert turned.examples[name] == made.examples[name]


def test_examples_keep_where_they_come_from():
    """Each taught example leads to the passage, request and prompt it was made from."""
    made = generate(PASSAGES, TERMS, generate_params(), Teacher())
    requests = {request.key: request for request, _ in made.calls}
    texts = {p.id: p.text for p in PASSAGES}
    for example in [*made.examples["multiple_choice"], *made.examples["summary"]]:
        request = requests[example.provenance.request_key]
        assert example.provenance.sources == request.sources
        assert example.provenance.prompt_sha256 == request.prompt_sha256
        assert example.provenance.model == "teacher-large-2024-07-18"
        assert example.input == texts[example.provenance.sources[0]]
        assert example.recipe.partition(".")[0] == request.recipe


def test_a_bad_reply_is_a_row_and_the_rest_goes_on():
    """A reply that gives no example is a row with key, recipe, source, reason and text; it stays among the calls."""
    broken = [("multiple_choice", PASSAGES[1].id), ("summary", PASSAGES[3].id)]
    teacher = Teacher(broken)
    made = generate(PASSAGES, TERMS, generate_params(), teacher)
    keys = {(request.recipe, request.sources[0]): request.key for request in teacher.asked}
    question, short = made.rejected
    assert question.reason.startswith("reply: Invalid JSON")
    assert question == RejectedReply(
        request_key=keys[broken[0]],
        recipe="multiple_choice",
        sources=(PASSAGES[1].id,),
        reason=question.reason,
        reply="죄송합니다.",
    )
    assert short == RejectedReply(
        request_key=keys[broken[1]],
        recipe="summary",
        sources=(PASSAGES[3].id,),
        reason="the summary is empty",
        reply=" ",
    )
    assert (len(made.examples["multiple_choice"]), len(made.examples["summary"])) == (8, 4)
    assert len(made.calls) == 10


def test_an_unknown_recipe_is_refused_before_anything_is_asked():
    """The message names the unknown recipe and lists those there are."""
    teacher = Teacher()
    with pytest.raises(ParamsError) as caught:
        generate(PASSAGES, TERMS, generate_params(recipes=("summary", "sumary")), teacher)
    assert "sumary" in str(caught.value)
    assert all(name in str(caught.value) for name in GENERATORS)
    assert teacher.asked == []


def test_recipes_without_a_teacher_ask_nothing():
    """Glossary recipes, or passages that are all too short, cost no call: the teacher is not even asked for nothing."""

    def refuse(requests):
        raise AssertionError(f"asked {len(requests)} requests")

    made = generate(PASSAGES, TERMS, generate_params(recipes=("glossary_qa", "glossary_choice")), refuse)
    assert list(made.examples) == ["glossary_qa", "glossary_choice"]
    assert made.calls == []
    made = generate(PASSAGES, TERMS, generate_params(min_passage_tokens=101), refuse)
    assert (made.examples["multiple_choice"], made.examples["summary"]) == ([], [])


def test_an_unavailable_teacher_ends_the_run():
    """An error of the teacher passes through: there is no half a result."""

    def unavailable(requests):
        raise TeacherUnavailable("gpu-box: no connection")

    with pytest.raises(TeacherUnavailable, match="gpu-box"):
        generate(PASSAGES, TERMS, generate_params(), unavailable)


def test_passages_are_a_seeded_sample_of_the_long_enough_in_document_order():
    """0 takes all that are long enough; a sample has max_passages of them, in order, the same for the same seed."""
    passages = [passage(f"{TEXT} {number}", tokens=100 + number) for number in range(20)]
    assert choose_passages(passages, generate_params(min_passage_tokens=105)) == passages[5:]
    picked = choose_passages(passages, generate_params(max_passages=6))
    assert len(picked) == 6
    assert picked == [p for p in passages if p in picked]
    assert choose_passages(passages, generate_params(max_passages=6)) == picked
    assert choose_passages(passages, generate_params(max_passages=20)) == passages
    samples = {
        tuple(p.id for p in choose_passages(passages, generate_params(max_passages=6, seed=s))) for s in range(9)
    }
    assert len(samples) > 1


def test_passages_that_ocr_read_unsurely_are_not_taken():
    """A passage under `min_ocr_confidence` is left out; one that reaches it, or was never a picture, is taken."""
    sure = [None, 0.9, 0.8, 0.79, 0.0]
    passages = [
        passage(f"{TEXT} {number}").model_copy(update={"ocr_confidence": value}) for number, value in enumerate(sure)
    ]
    assert choose_passages(passages, generate_params(min_ocr_confidence=0.8)) == passages[:3]
    assert choose_passages(passages, generate_params(min_ocr_confidence=0.0)) == passages


@settings(max_examples=50)
@given(
    st.lists(st.integers(0, 99), unique=True, max_size=12), st.lists(st.integers(100, 199), unique=True, max_size=12)
)
def test_new_passages_only_take_places_and_never_bring_in_another_old_one(old, new):
    """With more passages, those of the old ones still in the sample were in it before: what was paid stays of use."""
    params = generate_params(max_passages=4)
    before, added = ([passage(f"{TEXT} {number}") for number in numbers] for numbers in (old, new))
    sample = choose_passages(before + added, params)
    assert len(sample) == min(4, len(old) + len(new))
    assert {p.id for p in sample if p in before} <= {p.id for p in choose_passages(before, params)}


def test_capacity_counts_the_whole_corpus():
    """Limits of terms, items and passages do not count; what no recipe can use does not either. Worked out by hand."""
    terms = [*TERMS, term("긴 용어", "길" * 121, english="long term")]
    params = generate_params(
        max_passages=1,
        min_passage_tokens=min(p.tokens for p in PASSAGES),
        glossary_qa={"patterns": ("definition", "english"), "max_terms": 2},
        glossary_choice={"max_items": 1, "max_definition_chars": 120},
    )
    short = passage("짧다.").model_copy(update={"tokens": 0, "id": ""})
    assert capacity([*PASSAGES, short], terms, params) == {
        "glossary_qa": 7,  # six definitions, one English name
        "glossary_choice": 5,  # one definition is too long
        "multiple_choice": 10,  # to solve and to write, of five passages
        "summary": 5,
    }
    assert capacity([], terms[:3], params)["glossary_choice"] == 0  # an item needs four terms


def test_capacity_is_what_the_recipes_give_without_limits():
    """With limits lifted each recipe makes as many rows as its capacity says."""
    params = generate_params()
    made = generate(PASSAGES, TERMS, params, Teacher())
    assert {name: len(rows) for name, rows in made.examples.items()} == capacity(PASSAGES, TERMS, params)
