"""The driving of dialogues, with an `ask` in memory: what is asked when, and what comes of failures."""

import asyncio
import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import TeacherRefused, TeacherUnavailable
from finsmith.teacher.calls import refused_reply
from finsmith.teacher.converse import Slots, converse

from .asking import request_for


def reply_to(text):
    return refused_reply(request_for(text), f"답 {hashlib.sha256(text.encode()).hexdigest()[:8]}")


def rounds_of(name, *sizes):
    """A dialogue of rounds of so many requests; each says what the round before was answered; returns all answers."""
    heard = []
    for at, size in enumerate(sizes):
        said = heard[-1].text if heard else ""
        heard += yield [request_for(f"{name} {at} {part} {said}") for part in range(size)]
    return [reply.text for reply in heard]


def one_by_one(dialogue):
    """What a dialogue gives when each request is answered in its turn: the plainest driver there is."""
    replies = None
    try:
        while True:
            requests = dialogue.send(replies)
            replies = [reply_to(request.messages[-1][1]) for request in requests]
    except StopIteration as end:
        return end.value


class Teacher:
    """An `ask` in memory with slots; it answers after some turns of the loop, and remembers who asked."""

    def __init__(self, slots=10**6, turns=lambda text: 1, fails=()):
        self.slots, self.turns, self.fails = Slots(slots), turns, dict(fails)
        self.asked, self.answered, self.under_way, self.most_under_way = [], [], 0, 0

    async def ask(self, request, number):
        text = request.messages[-1][1]
        await self.slots.take(number)
        try:
            self.asked.append(text)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            for _ in range(self.turns(text)):
                await asyncio.sleep(0)
            self.under_way -= 1
            for beginning, error in self.fails.items():
                if text.startswith(beginning):
                    raise error
            self.answered.append(text)
            return reply_to(text)
        finally:
            self.slots.give_back()

    def asked_by(self, name):
        return [text for text in self.asked if text.split()[0] == name]


def driven(dialogues, teacher, open_at_once=100):
    return asyncio.run(converse(dialogues, teacher.ask, open_at_once))


@settings(max_examples=60)
@given(
    sizes=st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=12),
    slots=st.integers(1, 8),
    open_at_once=st.integers(1, 16),
    seed=st.integers(0, 10**6),
)
def test_dialogues_give_the_same_for_any_concurrency(sizes, slots, open_at_once, seed):
    """Whatever dialogues there are and however answers overtake each other: the results are those of one by one, in
    order, and no request is asked twice."""
    chance = random.Random(seed)
    teacher = Teacher(slots, turns=lambda text: chance.randint(0, 30))
    expected = [one_by_one(rounds_of(str(number), *size)) for number, size in enumerate(sizes)]
    dialogues = [rounds_of(str(number), *size) for number, size in enumerate(sizes)]
    assert driven(dialogues, teacher, open_at_once) == expected
    assert len(teacher.asked) == len(set(teacher.asked)) == sum(map(sum, sizes))
    assert teacher.most_under_way <= slots


def test_results_stand_in_the_order_of_the_dialogues():
    """A dialogue that ends first stands where it stood."""
    teacher = Teacher(turns=lambda text: 50 if text.startswith("느림") else 1)
    slow, fast = driven([rounds_of("느림", 1, 1), rounds_of("빠름", 1)], teacher)
    assert (len(slow), len(fast)) == (2, 1)
    assert teacher.answered[0].startswith("빠름")


@pytest.mark.parametrize("size", [1, 3])
def test_a_dialogue_goes_to_its_end_before_the_next_gets_its_slot(size):
    """With one slot, all rounds of the first dialogue are asked before any of the second: they share their prompt."""
    teacher = Teacher(slots=1)
    driven([rounds_of(name, size, size, size) for name in "abc"], teacher)
    assert [text[0] for text in teacher.asked] == ["a"] * 3 * size + ["b"] * 3 * size + ["c"] * 3 * size


def test_the_lowest_number_has_the_first_free_slot():
    """With three slots, follow-ups of the first dialogues go before the begin of later ones."""
    teacher = Teacher(slots=3, turns=lambda text: 5)
    driven([rounds_of(name, 1, 1, 1) for name in "abcdef"], teacher)
    assert "".join(text[0] for text in teacher.asked) == "abcabcabcdefdefdef"


def test_no_more_dialogues_are_begun_than_may_be_open():
    """Of 20 dialogues never more than 4 are begun and not finished, and 4 are."""
    begun, most = set(), 0

    def watched(number):
        nonlocal most
        begun.add(number)
        most = max(most, len(begun))
        yield [request_for(f"{number} x")]
        begun.discard(number)

    driven(map(watched, range(20)), Teacher(turns=lambda text: int(text.split()[0]) % 7), open_at_once=4)
    assert most == 4


def test_dialogues_are_made_as_they_are_begun():
    """An endless source is not run ahead of: when the fifth fails no more are taken from it than may be open."""
    made = []

    def source():
        for number in range(10**9):
            made.append(number)
            yield rounds_of(str(number), 1)

    with pytest.raises(TeacherRefused):
        driven(source(), Teacher(fails={"5 ": TeacherRefused("no")}, turns=lambda text: 3), open_at_once=3)
    assert len(made) < 12


def test_a_failure_stops_new_ones_but_lets_what_is_under_way_arrive():
    """After a refusal nothing new is begun, no dialogue asks on, and calls under way have been answered."""
    teacher = Teacher(fails={"b ": TeacherRefused("no")}, turns=lambda text: 2 if text[0] == "b" else 40)
    with pytest.raises(TeacherRefused):
        driven([rounds_of(name, 2, 1) for name in "abcdefgh"], teacher, open_at_once=3)
    assert sorted({text[0] for text in teacher.asked}) == ["a", "b", "c"]
    assert len(teacher.asked_by("a")) == len(teacher.asked_by("c")) == 2
    assert sorted(text[0] for text in teacher.answered) == ["a", "a", "c", "c"]


def test_other_requests_of_a_failed_round_arrive():
    """Where one of three requests fails, the other two have been answered before the error goes up."""
    teacher = Teacher(fails={"a 0 1": TeacherUnavailable("later")}, turns=lambda text: 1 if "0 1" in text else 40)
    with pytest.raises(TeacherUnavailable):
        driven([rounds_of("a", 3)], teacher)
    assert [text.split()[2] for text in teacher.answered] == ["0", "2"]


def test_a_bug_in_a_dialogue_goes_up_as_it_is():
    """An error that is none of ours stops the asking as well, after what was under way has arrived."""

    def broken():
        yield [request_for("x y")]
        raise ZeroDivisionError

    teacher = Teacher(turns=lambda text: 1 if text[0] == "x" else 40)
    with pytest.raises(ZeroDivisionError):
        driven([rounds_of("a", 1), broken(), rounds_of("b", 1)], teacher, open_at_once=2)
    assert [text[0] for text in teacher.answered] == ["x", "a"]


def test_an_error_in_making_dialogues_leaves_nothing_running():
    """Where the source of dialogues breaks, those begun are called off and no task is left behind."""

    def source():
        yield rounds_of("a", 1)
        raise ZeroDivisionError

    async def running():
        with pytest.raises(ZeroDivisionError):
            await converse(source(), Teacher(turns=lambda text: 10**9).ask, 5)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(running()) == set()


def test_calling_off_leaves_nothing_running():
    """Where the whole is cancelled, as by Ctrl-C, no task is left behind, waiting or under way."""

    async def running():
        teacher = Teacher(slots=1, turns=lambda text: 10**9)
        task = asyncio.create_task(converse([rounds_of(name, 2) for name in "abc"], teacher.ask, 5))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(running()) == set()


def test_nothing_to_drive_is_no_result():
    """No dialogue gives an empty list; one that asks nothing gives its result."""
    assert driven([], Teacher()) == []
    assert driven([rounds_of("a")], Teacher()) == [[]]


def test_a_slot_is_not_lost_with_one_that_waited_for_it():
    """Of three that wait two are called off, one of them at the moment it is let in: the third gets the slot."""

    async def waiting():
        slots = Slots(1)
        await slots.take(0)
        first, second, third = (asyncio.create_task(slots.take(number)) for number in (1, 2, 3))
        await asyncio.sleep(0)
        second.cancel()
        slots.give_back(turns=0)  # lets the first in
        first.cancel()
        await asyncio.wait_for(third, 5)
        slots.give_back(turns=0)
        await asyncio.wait_for(slots.take(4), 5)

    asyncio.run(waiting())
