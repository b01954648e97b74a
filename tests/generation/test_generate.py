"""The driver: in which order it lines up dialogues, what it makes of their results, and what it refuses."""

from collections import Counter
from itertools import groupby

import pytest
import yaml

from finsmith.core.errors import ParamsError, TeacherUnavailable
from finsmith.core.params import load_params
from finsmith.generation.answers import Made
from finsmith.generation.generate import GENERATORS, capacity, generate
from finsmith.generation.params import GenerateParams

from .made import TEXT, VALUES, Teacher, generate_params, material, passage, reply_to, term, user_text

PASSAGES = [passage(f"{TEXT} 제{number}지점의 규칙이다.", page=number) for number in range(1, 6)]
TERMS = [term(name, f"{name}의 뜻") for name in ("예금", "적금", "대출", "보험", "펀드")]
ON_PASSAGES = ("summary", "multiple_choice", "rag", "textbook")
ITEM = {
    "answer": "5영업일",
    "asks": "며칠",
    "question": "담보 평가가 필요하면 얼마를 더할 수 있는가?",
    "distractors": ["1영업일", "2영업일", "3영업일", "4영업일"],
    "explanation": "담보를 평가하면 기한이 늘어난다.",
}
LESSON = {
    "title": "심사 기한",
    "paragraphs": [
        "심사 결과는 정해진 기한 안에 신청인에게 통지해야 합니다. 그래야 신청인이 다음 일을 정합니다.",
        "담보를 평가해야 하면 기한을 한 차례 늘릴 수 있습니다. 두 번 늘리는 일은 없습니다.",
    ],
}
REPLIES = {
    "summary": {"sentences": ["심사 결과는 정해진 기한 안에 신청인에게 통지한다."]},
    "multiple_choice": ITEM,
    "rag.question": {
        "short_answer": "5영업일",
        "asks": "며칠",
        "question": ITEM["question"],
        "answer": "더할 수 있다.",
    },
    "rag.check": {"quote": "", "answers": False},
    "textbook.passage": LESSON,
    "textbook.term": LESSON,
    "improve.answer": "예금은 돈을 맡기는 일입니다.",
}


def teacher(**changed):
    """A teacher that answers each prompt well, but for what is changed."""
    replies = REPLIES | changed
    return Teacher(lambda request: replies[request.recipe])


def run(recipes, asking=None, passages=PASSAGES, **changes):
    """What was made by these recipes, and the teacher that was asked."""
    asking = asking or teacher()
    settings = {"summary": {"lengths": ("one_sentence",)}, "rag": {"unanswerable": 1.0}} | changes
    return generate(material(passages, TERMS, recipes=recipes, **settings), asking.converse), asking


def test_every_recipe_gives_its_examples():
    """Five terms and five passages: one question and item for each term, two rows and one for each passage."""
    made, asking = run(("glossary_qa", "glossary_choice", "multiple_choice", "summary"))
    assert {name: len(rows) for name, rows in made.examples.items()} == {
        "glossary_qa": 5,
        "glossary_choice": 5,
        "multiple_choice": 10,
        "summary": 5,
    }
    assert made.rejected == []
    assert len(asking.asked) == 10


def test_the_first_requests_on_a_passage_stand_together_and_share_all_up_to_its_end():
    """Passage by passage, in the order of the recipes; system message and text up to the closing tag are the same."""
    begun = []
    passages = [passage(TEXT.replace("7", f"1{n}").replace("5", f"2{n}")) for n in range(5)]

    def converse(dialogues):
        talks = list(dialogues)
        begun.extend(requests for talk in talks for requests in [next(talk, [])])
        return [Made() for _ in talks]

    generate(material(passages, recipes=ON_PASSAGES, textbook={"passages": 9, "terms": 0}), converse)
    requests = [request for one in begun for request in one]
    runs = [(source, list(group)) for source, group in groupby(requests, key=lambda r: r.sources)]
    assert [source for source, _ in runs] == [(p.id,) for p in passages]
    for (_, group), one in zip(runs, passages, strict=True):
        assert [r.recipe.partition(".")[0] for r in group] == list(ON_PASSAGES)
        assert {r.messages[0] for r in group} == {group[0].messages[0]}
        fenced = f"<지문>\n{one.text}\n</지문>\n\n"
        assert all(user_text(r).startswith(fenced) for r in group)


def test_examples_are_sorted_by_id():
    """Each recipe's examples are sorted by id, whatever order passages came in."""
    made, _ = run(("multiple_choice", "summary"))
    for examples in made.examples.values():
        assert [example.id for example in examples] == sorted({example.id for example in examples})
    turned, _ = run(("multiple_choice", "summary"), passages=PASSAGES[::-1])
    assert turned.examples == made.examples


def test_bad_replies_are_rows_and_counted_and_the_rest_goes_on():
    """A recipe's yield has answers wanted and got, those mended, its rows, and what was wrong how often."""
    first = PASSAGES[0].id

    def answer(request):
        again = "버렸습니다" in user_text(request)
        if request.sources == (first,) or (request.sources == (PASSAGES[1].id,) and not again):
            return "죄송합니다."
        return REPLIES[request.recipe]

    made, _ = run(("summary",), Teacher(answer))
    told = made.yields["summary"]
    assert (told["asked"], told["parsed"], told["mended"], told["rows"]) == (5, 4, 1, 4)
    assert Counter((reject.sources, reject.mended) for reject in made.rejected) == {
        ((first,), False): 2,
        ((PASSAGES[1].id,), True): 1,
    }
    assert {reject.reply for reject in made.rejected} == {"죄송합니다."}
    (reason,) = told["bad_replies"]
    assert reason.startswith("reply: Invalid JSON")
    assert told["bad_replies"][reason] == 3


def test_a_recipe_without_a_teacher_has_no_yield_and_asks_nothing():
    """Glossary recipes are told by their rows; a corpus of headings asks nothing either."""
    made, asking = run(("glossary_qa", "glossary_choice"))
    assert (made.yields, asking.asked) == ({}, [])
    made, asking = run(("multiple_choice", "summary"), min_passage_tokens=101)
    assert (made.examples, asking.asked) == ({"multiple_choice": [], "summary": []}, [])


def test_recipes_on_rows_see_the_rows_of_all_others():
    """improve takes glossary rows, though it is named before them, and its rows name them as parents."""
    made, _ = run(("improve", "glossary_qa"), improve={"of": ("glossary_qa",), "max_rows": 3})
    assert len(made.examples["improve"]) == 3
    parents = {parent for row in made.examples["improve"] for parent in row.provenance.parents}
    assert len(parents) == 3 and parents < {row.id for row in made.examples["glossary_qa"]}
    assert made.yields["improve"]["rows"] == 3


def test_rows_on_passages_are_there_for_recipes_on_rows():
    """Rows a teacher wrote in the first part are answered anew in the second."""
    better = teacher(**{"improve.answer": "심사 결과를 알리는 데에는 기한이 있다."})
    made, _ = run(("summary", "improve"), better, improve={"of": ("summary",), "max_rows": 9})
    assert {row.recipe for row in made.examples["improve"]} == {"improve.summary"}
    assert len(made.examples["improve"]) == 5


def test_textbook_talks_about_passages_and_terms():
    """Both parts are one recipe, with the grid's figures in its yield."""
    made, _ = run(("textbook",), textbook={"passages": 2, "terms": 3})
    assert len(made.examples["textbook"]) == 5
    assert made.yields["textbook"]["grid"]["textbook"]["drawn"] == 5


def test_unknown_recipes_are_refused_before_anything_is_asked():
    """The message names the unknown recipe and lists those there are."""
    asking = teacher()
    with pytest.raises(ParamsError) as caught:
        run(("summary", "sumary"), asking)
    assert "unknown sumary" in str(caught.value)
    assert all(name in str(caught.value) for name in GENERATORS)
    assert asking.asked == []


def test_english_self_instruct_is_refused_before_anything_is_asked():
    """The one recipe with Korean seeds only says so, though it is named last."""
    asking = teacher()
    with pytest.raises(ParamsError, match="language: ko"):
        run(("summary", "self_instruct"), asking, language="en")
    assert asking.asked == []


def load(tmp_path, **changes):
    """The section of a params.yaml with these changes."""
    path = tmp_path / "params.yaml"
    values = generate_params().model_dump(mode="json") | changes
    path.write_text(yaml.safe_dump({"generate": values}), "utf-8")
    return load_params(GenerateParams, path)


def test_an_unknown_teacher_is_refused(tmp_path):
    """The message names the group, the teacher and those there are; a known one is taken."""
    strong, rag = {"strong": {"model": "big"}}, VALUES["rag"]
    assert load(tmp_path, teachers=strong, rag=rag | {"teacher": "strong"}).rag.teacher == "strong"
    with pytest.raises(ParamsError, match=r"`rag\.teacher`: no teacher 'stronk'; there are: default, strong"):
        load(tmp_path, teachers=strong, rag=rag | {"teacher": "stronk"})


def test_a_wrong_key_of_another_teacher_is_named(tmp_path):
    """A teacher that says what no teacher has is refused with the key's name."""
    with pytest.raises(ParamsError, match="`teachers`: modell"):
        load(tmp_path, teachers={"strong": {"modell": "big"}})


def test_other_teachers_differ_in_what_they_say():
    """All else is the default teacher's."""
    strong = generate_params(teachers={"strong": {"model": "big", "temperature": 0.0}}).all_teachers["strong"]
    assert strong.model_dump() == VALUES["teacher"] | {"model": "big", "temperature": 0.0}


def test_an_unavailable_teacher_ends_the_run():
    """An error of the teacher passes through: there is no half a result."""

    def unavailable(dialogues):
        raise TeacherUnavailable("gpu-box: no connection")

    with pytest.raises(TeacherUnavailable, match="gpu-box"):
        generate(material(PASSAGES), unavailable)


def test_a_refused_request_is_lost_and_said_so():
    """What the endpoint will not take is asked once, and counts as asked and not parsed."""
    refusing = Teacher(lambda request: reply_to(request, "too long", "refused"))
    made, asking = run(("summary",), refusing)
    assert len(asking.asked) == 5
    told = made.yields["summary"]
    assert (told["asked"], told["parsed"], told["mended"]) == (5, 0, 0)
    assert told["bad_replies"] == {"the endpoint would not take it: too long": 5}


def test_capacity_counts_the_whole_corpus():
    """Limits of terms, items and passages do not count; what no recipe can use does not either. Worked out by hand."""
    terms = [*TERMS, term("긴 용어", "길" * 121, english="long term")]
    made = material(
        [*PASSAGES, passage("짧다.", tokens=0)],
        terms,
        max_passages=1,
        min_passage_tokens=100,
        glossary_qa={"patterns": ("definition", "english"), "max_terms": 2},
        glossary_choice={"max_items": 1},
        multiple_choice={"kinds": ("number",)},
        self_instruct={"target": 33},
        evolve={"max_rows": 4, "rounds": 2},
        improve={"max_rows": 5},
    )
    assert capacity(made) == {
        "glossary_qa": 7,  # six definitions, one English name
        "glossary_choice": 5,  # one definition is too long
        "summary": 5,
        "multiple_choice": 10,  # to solve and to write, of five passages
        "rag": 5,
        "textbook": 11,  # five passages, six terms
        "self_instruct": 33,
        "evolve": 8,
        "improve": 5,
    }
    assert capacity(material(terms=terms[:3]))["glossary_choice"] == 0  # an item needs four terms


def test_capacity_is_what_the_recipes_give_without_limits():
    """With limits lifted, recipes on passages and terms make as many rows as their capacity says."""
    recipes = ("glossary_qa", "glossary_choice", "summary", "multiple_choice", "textbook")
    made, _ = run(recipes, textbook={"passages": 9, "terms": 9})
    told = capacity(material(PASSAGES, TERMS, recipes=recipes))
    assert {name: len(rows) for name, rows in made.examples.items()} == {name: told[name] for name in recipes}
