"""Hosted models on the closed test, by replies written by hand; and the stage without any."""

import subprocess
import sys
from pathlib import Path

import pytest

from finsmith.core.errors import ParamsError
from finsmith.core.params import load_params
from finsmith.core.records import REFUSED, Reply
from finsmith.evaluation.evaluators import Setting, instruction
from finsmith.evaluation.hosted import TeacherSection, hosted_models, sit

from .tables import COIN, LOAN, RATE, section

ROOT = Path(__file__).parents[2]
TEACHER = load_params(TeacherSection, ROOT / "params.yaml").teacher
ANSWERS = {RATE.stem: "정답은 금융통화위원회입니다.", COIN.stem: "정답: A", LOAN.stem: "모르겠습니다."}
RIGHT = {q.stem: q.choices[q.answer] for q in (RATE, COIN, LOAN)}


class Desk:
    """Drives dialogues with replies by stem, each of 0.5 USD, and keeps what was asked."""

    def __init__(self, answers, finish_reason="stop"):
        self.answers, self.finish_reason, self.asked = answers, finish_reason, []

    def converse(self, dialogues):
        """The results, in order."""
        return [self._drive(dialogue) for dialogue in dialogues]

    def _drive(self, dialogue):
        try:
            requests = next(dialogue)
            while True:
                self.asked += requests
                requests = dialogue.send([self._reply(request) for request in requests])
        except StopIteration as end:
            return end.value

    def _reply(self, request):
        text = next(answer for stem, answer in self.answers.items() if stem in request.messages[0][1])
        return Reply(
            key=request.key, model=request.model, text=text, finish_reason=self.finish_reason, prompt_tokens=1,
            completion_tokens=1, cost_usd=0.5, reference_cost_usd=0.5,
        )  # fmt: skip


def models(**hosted):
    """The models of a section with these hosted ones."""
    return hosted_models(section(hosted=hosted), TEACHER)


def test_a_model_differs_from_the_teacher_in_what_it_says():
    """At temperature 0 unless it says otherwise; all else is the teacher's."""
    found = models(strong={"provider": "openai", "model": "gpt-4o"}, warm={"temperature": 0.7})
    assert found["strong"] == TEACHER.model_copy(update={"provider": "openai", "model": "gpt-4o", "temperature": 0.0})
    assert found["warm"] == TEACHER.model_copy(update={"temperature": 0.7})
    assert models() == {}


@pytest.mark.parametrize(
    ("hosted", "says"),
    [
        ({"a": {"modle": "x"}}, r"`evaluate.hosted.a.modle`: Extra inputs"),
        ({"a": {"concurrency": 0}}, r"`evaluate.hosted.a.concurrency`: Input should be greater .* \(got 0\)"),
        ({"adapter": {}}, r"`evaluate.hosted`: 'adapter' is our own model's name"),
    ],
)
def test_a_wrong_model_is_named(hosted, says):
    """An unknown key, a value out of range, or the name of our own model."""
    with pytest.raises(ParamsError, match=says):
        models(**hosted)


def test_the_same_prompt_and_the_same_reading():
    """It is asked what our own model is asked; one is right, one wrong, one unreadable, each with its call."""
    desk, setting = Desk(ANSWERS), Setting(max_answer_tokens=9)
    (sitting,) = sit([RATE, COIN, LOAN], models(big={"model": "m"}), setting, section(), desk.converse)
    assert [(p.model, p.evaluator, p.predicted, p.right) for p in sitting.predictions] == [
        ("big", "generation", 0, True),
        ("big", "generation", 0, False),
        ("big", "generation", None, False),
    ]
    assert [p.reply for p in sitting.predictions] == list(ANSWERS.values())
    assert [p.request_key for p in sitting.predictions] == [request.key for request in desk.asked]
    assert [request.messages for request in desk.asked] == [
        (("user", instruction(q, setting)),) for q in (RATE, COIN, LOAN)
    ]
    assert {(r.model, r.teacher, r.temperature, r.max_tokens) for r in desk.asked} == {("m", "big", 0.0, 9)}


def test_with_permutations_the_text_stays_the_same():
    """A model that knows the answers by text is right in all four orders, and in five of five choices."""
    desk = Desk(RIGHT)
    (sitting,) = sit([RATE, LOAN], models(big={}), Setting(), section(permutations=True), desk.converse)
    assert [p.shift for p in sitting.predictions] == [0, 1, 2, 3, 0, 1, 2, 3, 4]
    assert all(p.right for p in sitting.predictions)
    assert {p.chosen for p in sitting.predictions} == {RATE.answer, LOAN.answer}
    assert len({request.key for request in desk.asked}) == 9


def test_the_price_is_for_a_question_asked_once():
    """0.5 USD a call are 500 USD for 1,000 questions, in however many orders they were asked."""
    for permutations in (False, True):
        (sitting,) = sit([RATE], models(a={}), Setting(), section(permutations=permutations), Desk(ANSWERS).converse)
        assert sitting.usd_per_1000_questions == 500.0


def test_a_refused_question_is_not_answered():
    """Where an endpoint would not take a question, what it said is no choice, even if it names one."""
    desk = Desk({RATE.stem: "금융통화위원회"}, finish_reason=REFUSED)
    (sitting,) = sit([RATE], models(a={}), Setting(), section(), desk.converse)
    assert (sitting.predictions[0].predicted, sitting.predictions[0].request_key) == (None, "")  # no ledger has it


def test_without_hosted_models_no_client_is_loaded():
    """Importing the stage loads neither the teacher's client nor its server."""
    code = "import sys, stages.evaluate; print([m for m in ('openai', 'xllamacpp') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
