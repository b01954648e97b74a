"""The Self-Instruct loop: what each round shows and asks for, what it keeps, and when it ends."""

import json
import random
import re
from collections import Counter

import pytest

from finsmith.core.errors import ParamsError, TeacherReplyMalformed
from finsmith.generation import self_instruct
from finsmith.generation.grid import GRIDS, read_grids
from finsmith.generation.instructions import schema_for
from finsmith.generation.prompting import examples_in
from finsmith.generation.seeds.seed_tasks import seed_tasks

from .made import Teacher, material, reply_to, user_text

NOUNS = [
    *("이자", "한도", "담보", "연체", "상환", "환율", "보험", "펀드", "채권", "주식", "예금", "적금", "대출", "송금"),
    *("환전", "카드", "수수료", "신용", "심사", "등급", "만기", "배당", "세금", "공시", "감독", "규정", "고객", "창구"),
    *("지점", "계좌", "통장", "현금", "수표", "자산", "부채", "자본", "손실", "이익", "예산", "결산", "회계", "감사"),
    *("보증", "청구", "해지", "가입", "약관", "민원"),
]
SEEDS = {task.instruction: task for task in seed_tasks()}


def made_up(number):
    """An instruction of six drawn words: sense it has none, but it is like no other."""
    return " ".join([*random.Random(number).sample(NOUNS, 6), "설명"])


class Machine(Teacher):
    """A teacher that lists eight new instructions a round and answers each by what its request asks for."""

    def __init__(self, labels=lambda at: False, instances=None, listed=None):
        super().__init__(self.write)
        self.labels, self.instances, self.listed = labels, instances, listed
        self.rounds = 0

    @staticmethod
    def invent(number):
        return [made_up(number * 10 + at) for at in range(8)]

    def write(self, request):
        text = user_text(request)
        if request.recipe == "self_instruct.instructions":
            self.rounds += 1
            listed = (self.listed or self.invent)(self.rounds)
            return dict(zip(slots_of(request), listed, strict=False)) if isinstance(listed, list) else listed
        if request.recipe == "self_instruct.classification":
            return {"classification": [self.labels(at) for at in range(len(new_listed(text)))]}
        if self.instances:
            return self.instances(request)
        if request.recipe == "self_instruct.output_first":
            return {"instances": [{"output": label, "input": f"{label}의 예"} for label in ("가", "나")]}
        return {"instances": [{"input": "", "output": "긴 답입니다."}]}


def new_listed(text):
    """The instructions whose kind is asked for."""
    return re.findall(r"^\d+\. (.+)$", re.split(r"다음 \d+개의 과제가", text)[1], re.MULTILINE)


def one_new(number):
    """A list with one new instruction; the others are none for a model of text."""
    return [made_up(number), *(f"환율을 그래프로 그려 주세요{'.' * n}" for n in range(3))]


def shown_to_invent(request):
    """The instructions a round shows, from 1 to 8."""
    return re.findall(r"^\d\. (.+)$", user_text(request).partition("이미 있는 과제:")[2], re.MULTILINE)


def talk(machine=None, **settings):
    """What came of the loop, and the requests by recipe."""
    machine = machine or Machine()
    made = machine.drive(self_instruct.talk(material(self_instruct={"target": 1000, "max_rounds": 2} | settings)))
    by_recipe = {}
    for request in machine.asked:
        by_recipe.setdefault(request.recipe.partition(".")[2], []).append(request)
    return made, by_recipe


def slots_of(request):
    """The names that a round gives its eight new instructions."""
    return re.findall(r"^- (.+)$", user_text(request).rpartition("예)")[2], re.MULTILINE)


def flat(text):
    return text.replace("\n", " ")


def test_the_first_round_shows_eight_seeds_and_later_ones_six_and_two():
    """There are no machine instructions at first; from then on two of the kept stand among six of people."""
    made, asked = talk(max_rounds=4)
    people = {flat(instruction) for instruction in SEEDS}
    kept = {row.instruction for row in made.examples}
    counts = [
        Counter("people" if one in people else "own" for one in shown_to_invent(r)) for r in asked["instructions"]
    ]
    assert counts == [{"people": 8}] + [{"people": 6, "own": 2}] * 3
    assert all(one in people | kept for r in asked["instructions"] for one in shown_to_invent(r))
    assert [len(r.sources) for r in asked["instructions"]] == [8, 6, 6, 6]


def test_one_kept_instruction_is_shown_with_seven_seeds():
    """Where only one is there, a seed takes the other's place."""
    _, asked = talk(Machine(listed=one_new))
    people = {flat(instruction) for instruction in SEEDS}
    assert [one in people for one in shown_to_invent(asked["instructions"][1])].count(False) == 1
    assert len(shown_to_invent(asked["instructions"][1])) == 8


def test_new_instructions_are_asked_for_with_their_own_decoding():
    """Temperature, top_p and presence penalty are the section's, a schema is sent; the others keep the teacher's."""
    _, asked = talk(max_rounds=1)
    (first,) = asked["instructions"]
    assert (first.temperature, first.top_p, first.presence_penalty) == (0.7, 0.5, 2.0)
    assert first.response_schema == schema_for(slots_of(first))
    assert len(slots_of(first)) == 8
    assert (asked["classification"][0].temperature, asked["classification"][0].top_p) == (0.0, None)
    assert {(r.temperature, r.top_p, r.presence_penalty) for r in asked["input_first"]} == {(0.3, None, None)}


def test_classification_is_told_by_twelve_and_nineteen_examples_the_same_in_each_round():
    """12 classification seeds and 19 others, in the same words up to the new instructions: a shared prefix."""
    _, asked = talk(max_rounds=3)
    heads = {re.split(r"다음 \d+개의 과제가", user_text(r))[0] for r in asked["classification"]}
    (head,) = heads
    assert Counter(re.findall(r"^분류 과제인가: (\w+)$", head, re.MULTILINE)) == {"true": 12, "false": 19}
    assert {tuple(r.sources) for r in asked["classification"]} == {asked["classification"][0].sources}
    assert len(asked["classification"][0].sources) == 31


def test_only_new_and_fit_instructions_go_on_and_the_others_are_listed():
    """Of a list with a copy of a seed, a twin and a program two go on; the rejects quote them and say why."""
    seed = flat(next(iter(SEEDS)))
    new, other = made_up(1), made_up(2)
    lines = [new, seed, new, other, "복리를 계산하는 코드를 작성해 주세요."]
    made, asked = talk(Machine(listed=lambda n: lines), max_rounds=1)
    assert new_listed(user_text(asked["classification"][0])) == [new, other]
    assert [reject.reply for reject in made.rejected] == [seed, new, lines[4]]
    reasons = [reject.reason for reject in made.rejected]
    assert reasons[0].startswith(f"ROUGE-L 1.000 to {next(iter(SEEDS))!r}")
    assert reasons[1].startswith(f"ROUGE-L 1.000 to {new!r}")
    assert reasons[2] == "the instruction asks for a program"
    assert (made.figures["instructions"], made.figures["instructions_kept"]) == (5, 2)


def test_the_examples_of_the_prompt_are_nothing_new():
    """What the teacher copies from the list it was shown as an example is like an earlier one."""
    (copied, *_) = examples_in("ko", "self_instruct.instructions")
    new = made_up(1)
    made, asked = talk(Machine(listed=lambda n: [copied, new]), max_rounds=1)
    assert new_listed(user_text(asked["classification"][0])) == [new]
    assert [reject.reason.startswith(f"ROUGE-L 1.000 to {copied!r}") for reject in made.rejected] == [True]


def test_a_cut_off_list_drops_its_last_and_keeps_the_rest():
    """The half instruction is not asked about, the whole ones are."""
    machine = Machine()
    write = machine.answer

    def cut(request):
        if request.recipe != "self_instruct.instructions":
            return write(request)
        first, second, third, *_ = slots_of(request)
        text = f'{{"{first}": "{made_up(1)}", "{second}": "{made_up(2)}", "{third}": "{made_up(3)[:9]}'
        return reply_to(request, text, "length")

    machine.answer = cut
    made, _ = talk(machine, max_rounds=1)
    assert {row.instruction for row in made.examples} == {made_up(1), made_up(2)}


def test_labels_are_written_before_their_inputs_and_other_tasks_the_other_way():
    """A classification task asks output first, another input first, each with three examples of its kind."""
    made, asked = talk(Machine(labels=lambda at: at < 3), max_rounds=1)
    assert (len(asked["output_first"]), len(asked["input_first"])) == (3, 5)
    kinds = {task.id: task.is_classification for task in SEEDS.values()}
    assert {kinds[id] for r in asked["output_first"] for id in r.sources} == {True}
    assert {kinds[id] for r in asked["input_first"] for id in r.sources} == {False}
    assert {len(r.sources) for r in asked["output_first"] + asked["input_first"]} == {3}
    shown = json.loads(user_text(asked["output_first"][0]).split("\n")[3])
    assert [list(one) for one in shown["instances"]] == [["output", "input"]] * len(shown["instances"])
    assert Counter(row.recipe for row in made.examples) == {"self_instruct.classification": 6, "self_instruct.task": 5}


def test_a_row_leads_to_all_calls_and_seeds_it_came_from():
    """Its instances' call wrote it, list and labels stand beside it, the seeds shown for the list are its sources."""
    made, asked = talk(max_rounds=1)
    (listed,), (labels,) = asked["instructions"], asked["classification"]
    for row, request in zip(made.examples, asked["input_first"], strict=True):
        assert row.provenance.request_key == request.key
        assert row.provenance.other_keys == (listed.key, labels.key)
        assert row.provenance.sources == listed.sources


def test_labels_of_another_number_are_asked_for_again():
    """The schema asks for eight labels for eight instructions; seven are malformed, and the second request says so."""
    machine = Machine()
    write = machine.answer

    def short(request):
        if request.recipe == "self_instruct.classification" and "버렸습니다" not in user_text(request):
            return {"classification": [False] * 7}
        return write(request)

    machine.answer = short
    made, asked = talk(machine, max_rounds=1)
    field = asked["classification"][0].response_schema["properties"]["classification"]
    assert (field["minItems"], field["maxItems"]) == (8, 8)
    assert "7 values for 8 instructions" in user_text(asked["classification"][1])
    assert len(made.examples) == 8


def test_without_labels_a_round_gives_no_row_and_the_loop_goes_on():
    """Labels malformed twice lose the round's rows; its instructions stay for novelty."""
    machine = Machine()
    write = machine.answer
    machine.answer = lambda r: (
        "모름" if r.recipe == "self_instruct.classification" and machine.rounds == 1 else write(r)
    )
    made, _ = talk(machine)
    assert len(made.examples) == 8
    assert made.figures["rounds"] == 2
    assert made.figures["instructions_kept"] == 16
    assert made.asked - made.parsed == 1


# --- instances ---

GIVEN = "먼저 전날의 거래를 확인하고, 그다음에 오늘의 거래를 확인해 보세요."


@pytest.mark.parametrize(
    ("pairs", "kept"),
    [
        ([("가", "나")], [("가", "나")]),
        ([("", "긴 답")], [("", "긴 답")]),
        ([("가", "나"), ("가", "나"), ("다", "라")], [("가", "나"), ("다", "라")]),
        ([("가", "나"), ("다", "")], [("가", "나")]),
        ([("가", "나"), ("다", "다")], [("가", "나")]),
        ([("가", "나"), (GIVEN, f"{GIVEN}\n- 먼저 → 전날의 거래")], [("가", "나")]),
        ([("가", "나"), ("다", "다음과 같다:")], [("가", "나")]),
        ([(str(n), "답") for n in range(7)], [(str(n), "답") for n in range(5)]),
    ],
    ids=["one", "no_input", "repeated", "empty", "same_as_input", "says_input", "cut_off", "more_than_five"],
)
def test_instances_that_are_kept(pairs, kept):
    """Repeats, empty outputs, outputs that are or begin with the input or end in a colon go; five are enough."""
    assert self_instruct.fit_instances(pairs, [], 0.7) == kept


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([("가", "나"), ("가", "다"), ("라", "마")], "the input '가' has different outputs"),
        ([("", "나"), ("", "다")], "the input '' has different outputs"),
        ([("가", "가"), ("나", "")], "no instance"),
        ([], "no instance"),
    ],
)
def test_instances_that_contradict_each_other_are_all_dropped(pairs, reason):
    """One input with two outputs spoils the others too; and where none is left there is nothing."""
    with pytest.raises(TeacherReplyMalformed, match=reason):
        self_instruct.fit_instances(pairs, [], 0.7)


EXAMPLE = "원금균등상환은 원금을 매달 똑같이 나누어 갚고 이자는 남은 원금에 대해서만 내는 방식입니다."


@pytest.mark.parametrize(
    ("pair", "copied"),
    [
        (("", EXAMPLE), True),
        ((EXAMPLE, "원금균등상환"), True),
        (("", EXAMPLE.replace("매달", "달마다")), True),
        (("", "체증식상환은 갚는 돈이 해마다 늘어나는 방식이라 처음 부담이 가장 작습니다."), False),
        (("남은 원금이 줄면 이자는 어떻게 됩니까?", "줄어듭니다."), False),
    ],
)
def test_a_copy_of_what_the_prompt_shows_is_no_instance(pair, copied):
    """As input or output, to the letter or nearly; short texts may be the same."""
    if copied:
        with pytest.raises(TeacherReplyMalformed, match="it copies the task or an example"):
            self_instruct.fit_instances([pair], ["상환 방식을 설명하세요.", EXAMPLE, "이자"], 0.7)
    else:
        assert self_instruct.fit_instances([pair], ["상환 방식을 설명하세요.", EXAMPLE, "줄어듭니다."], 0.7) == [pair]


def test_dropped_instances_are_asked_for_again_and_listed():
    """What ends before it says anything is asked for once more."""
    bad = {"instances": [{"input": "", "output": "다음과 같습니다:"}]}
    good = {"instances": [{"input": "", "output": "하나"}]}
    machine = Machine(
        listed=one_new,
        instances=lambda r: good if "버렸습니다" in user_text(r) else bad,
    )
    made, _ = talk(machine, max_rounds=1)
    assert [row.output for row in made.examples] == ["하나"]
    assert [reject.mended for reject in made.rejected if "no instance" in reject.reason] == [True]


# --- the end ---


def test_the_loop_ends_at_its_target():
    """Eight rows a round reach twenty in the third; what is over is not given."""
    made, asked = talk(target=20, max_rounds=9)
    assert (len(made.examples), len(asked["instructions"])) == (20, 3)
    assert made.figures["ended_by"] == "target"


def test_the_loop_ends_after_its_rounds():
    """Two rounds of eight, with the target far off."""
    made, asked = talk(max_rounds=2)
    assert (len(made.examples), len(asked["instructions"])) == (16, 2)
    assert made.figures["ended_by"] == "max_rounds"


def test_the_loop_ends_where_its_last_three_rounds_keep_too_little():
    """The same list again and again is new once: of rounds 2 to 4, 0 of 24 are kept, under a tenth; the 3rd had 8."""
    same = [made_up(at) for at in range(9, 17)]
    made, asked = talk(Machine(listed=lambda n: same), max_rounds=9, min_yield=0.1)
    assert len(asked["instructions"]) == 4
    assert made.figures["ended_by"] == "yield fell"


def test_the_loop_ends_where_nothing_readable_comes():
    """Three rounds without a list are three rounds that kept nothing; with `min_yield` 0 it goes on."""
    for min_yield, rounds in ((0.1, 3), (0.0, 5)):
        machine = Machine(listed=lambda n: "죄송합니다.")
        made, _ = talk(machine, max_rounds=5, min_yield=min_yield)
        assert made.figures["rounds"] == rounds
        assert (made.asked, made.parsed) == (rounds, 0)


def test_the_same_replies_ask_for_the_same():
    """A run that was killed goes on from stored replies: with them every request comes again, to the letter."""
    first, stored = Machine(labels=lambda at: at % 2 == 0), {}
    write = first.answer
    first.answer = lambda request: stored.setdefault(request.key, write(request))
    made, _ = talk(first, max_rounds=3)
    again = Teacher(lambda request: stored[request.key])
    made_again, _ = talk(again, max_rounds=3)
    assert again.asked == first.asked
    assert made_again == made


def test_another_seed_shows_other_examples():
    """The draw of examples is the seed's."""
    requests = [next(self_instruct.talk(material(seed=seed)))[0] for seed in (1, 2, 1)]
    assert requests[0] == requests[2] != requests[1]


# --- subjects and scenarios ---


def test_each_new_instruction_has_a_subject_and_a_work_drawn_evenly():
    """Five of finance and three of everyday life a round; over 23 rounds each subject of finance comes five times."""
    _, asked = talk(Machine(listed=one_new), max_rounds=23, scenarios=0.0, min_yield=0)
    finance, everyday = read_grids(GRIDS / "subjects.ko.yaml")
    rounds = [[slot.split(" - ") for slot in slots_of(r)] for r in asked["instructions"]]
    for grid, drawn, times in ((finance, [r[:5] for r in rounds], 5), (everyday, [r[5:] for r in rounds], 6)):
        subjects, works = ([value.name for value in values] for values in grid.axes.values())
        assert all(subject in subjects and work in works for slots in drawn for subject, work in slots)
        uses = Counter(subject for slots in drawn for subject, _ in slots)
        assert set(uses) == set(subjects) and max(uses.values()) <= times + 1 and min(uses.values()) >= times


def test_within_a_scenario_only_works_are_given():
    """The scenario is the subject of all eight, which have different works."""
    _, asked = talk(Machine(listed=one_new), max_rounds=3, scenarios=1.0, min_yield=0)
    finance, _ = read_grids(GRIDS / "subjects.ko.yaml")
    *_, works = finance.axes.values()
    for request in asked["instructions"]:
        assert len(set(slots_of(request))) == 8
        assert set(slots_of(request)) <= {work.name for work in works}


def scenario(request):
    """The grid's axes and values that a request names."""
    told = user_text(request).partition("새 과제의 상황:")[2].partition("\n\n")[0]
    return dict(re.findall(r"^([^:\n]+): (.+)$", told, re.MULTILINE))


def test_a_share_of_the_rounds_gets_a_scenario_from_the_grids_in_turn():
    """Half of eight rounds have one, a fourth each grid; values and axes are the grids'."""
    made, asked = talk(Machine(listed=one_new), max_rounds=8, scenarios=0.5, min_yield=0)
    shown = [scenario(r) for r in asked["instructions"]]
    assert [bool(one) for one in shown] == [False, True] * 4
    grids = read_grids(GRIDS / "scenarios.ko.yaml")
    for one, grid in zip(shown[1::2], grids, strict=True):
        assert list(one) == list(grid.axes)
        assert all(value in [v.name for v in grid.axes[axis]] for axis, value in one.items())
    assert {name: told["drawn"] for name, told in made.figures["scenarios"].items()} == {g.name: 1 for g in grids}


@pytest.mark.parametrize(("share", "rounds"), [(0.0, 0), (1.0, 6), (0.34, 2)])
def test_the_share_of_scenarios_is_met(share, rounds):
    """Of six rounds none, all, and two."""
    _, asked = talk(Machine(listed=one_new), max_rounds=6, scenarios=share, min_yield=0)
    assert sum(bool(scenario(r)) for r in asked["instructions"]) == rounds


def test_the_figures_tell_how_new_the_kept_are():
    """Each kept instruction is in one tenth of ROUGE-L, under the threshold."""
    made, _ = talk(max_rounds=2)
    tenths = made.figures["rouge_l_to_nearest"]
    assert sum(tenths.values()) == 16 == made.figures["instructions_kept"]
    assert tenths["0.7"] == tenths["0.8"] == tenths["0.9"] == 0


def test_english_is_refused():
    """There are Korean seed tasks only; the message says what to change."""
    with pytest.raises(ParamsError, match="needs `language: ko`"):
        list(self_instruct.talks(material(language="en")))


def test_the_most_is_the_target():
    """The loop is bounded by nothing else."""
    assert self_instruct.most(material(self_instruct={"target": 77})) == 77
