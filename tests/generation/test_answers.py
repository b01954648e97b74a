"""Replies are read, asked for once more with their error shown, or listed: nothing is lost."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import Provenance, RejectedReply
from finsmith.generation.answers import Made, answers, read_json, read_text
from finsmith.generation.prompting import request
from finsmith.generation.shapes import Shape, Words

from .made import Teacher, generate_params, in_turn, reply_to, row, user_text

PARAMS = generate_params()


class City(Shape):
    name: Words
    people: int


def asking(number):
    return request("improve.answer", (f"s{number}",), PARAMS, PARAMS.improve, row=row(f"물음 {number}", "답"))


def read(reply):
    if "좋" not in reply.text:
        raise TeacherReplyMalformed(f"no 좋 in {reply.text!r}")
    return reply.text


def ask(*replies, count=None):
    """The values, what was made and what was asked, where the replies come in this order."""
    made, teacher = Made(), Teacher(in_turn(*replies))
    wanted = [(asking(number), read) for number in range(count or len(replies))]
    found = teacher.drive(answers(wanted, made, PARAMS))
    assert len(teacher.asked) == len(replies)
    return [one and one.value for one in found], made, teacher.asked


def test_good_replies_are_asked_once_and_stay_in_order():
    """Three good replies are three answers in the order of the questions; nothing is rejected."""
    values, made, asked = ask("좋다 1", "좋다 2", "좋다 3")
    assert values == ["좋다 1", "좋다 2", "좋다 3"]
    assert asked == [asking(0), asking(1), asking(2)]
    assert (made.asked, made.parsed, made.rejected) == (3, 3, [])


def test_a_malformed_reply_is_asked_once_more_with_its_error_and_kept():
    """The second question has the first's words and the error; the bad reply is listed as mended."""
    values, made, asked = ask("좋다 1", "나쁘다", "좋다 3", "좋다 2", count=3)
    assert values == ["좋다 1", "좋다 2", "좋다 3"]
    assert user_text(asked[3]) == (
        f"{user_text(asking(1))}\n\n이 요청에 앞서 쓴 답은 버렸습니다. 까닭: no 좋 in '나쁘다'\n"
        "같은 잘못이 없는 다른 답을 쓰십시오."
    )
    assert made.rejected == [
        RejectedReply(
            request_key=asking(1).key,
            recipe="improve.answer",
            sources=("s1",),
            reason="no 좋 in '나쁘다'",
            reply="나쁘다",
            mended=True,
        )
    ]
    assert (made.asked, made.parsed) == (3, 3)


def test_a_question_is_asked_twice_at_most():
    """Two bad replies lose the answer: both are listed, neither as mended, and no third is asked for."""
    values, made, _ = ask("나쁘다", "더 나쁘다", count=1)
    assert values == [None]
    assert [(reject.reply, reject.mended) for reject in made.rejected] == [("나쁘다", False), ("더 나쁘다", False)]
    assert (made.asked, made.parsed) == (1, 0)


def test_only_the_second_question_is_warmer_and_another_one():
    """The second question has a temperature of 0.8 and another key, so that a stored reply does not answer it."""
    _, _, (first, second) = ask("나쁘다", "좋다", count=1)
    assert (first.temperature, second.temperature) == (0.3, 0.8)
    assert first.key != second.key
    assert first.prompt_sha256 != second.prompt_sha256


def test_a_refused_request_is_listed_and_not_asked_again():
    """What the endpoint would not take is a reject without a paid reply, and asking again is spared."""
    refused = reply_to(asking(0), "content policy", finish_reason="refused")
    values, made, asked = ask(refused, "좋다", count=2)
    assert values == [None, "좋다"]
    (reject,) = made.rejected
    assert (reject.reason, reject.reply, reject.mended) == ("the endpoint would not take it: content policy", "", False)
    assert asked == [asking(0), asking(1)]


def test_an_empty_reply_is_malformed_whatever_the_reader_takes():
    """White space is no answer: it is asked for once more."""
    values, made, _ = ask(" \n", "좋다", count=1)
    assert values == ["좋다"]
    assert [reject.reason for reject in made.rejected] == ["the reply is empty (finish: stop)"]


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.sampled_from(["좋다", "나쁘다", "refused"]), min_size=2, max_size=2), min_size=1, max_size=6)
)
def test_nothing_is_lost(pairs):
    """Whatever the replies are, all questions are answered or lost, and a lost one has a reject that is not mended."""
    made = Made()
    second = {}

    def answer(asked):
        at = int(asked.sources[0][1:])
        text = pairs[at][second.setdefault(at, 0)]
        second[at] += 1
        return reply_to(asked, text, "refused" if text == "refused" else "stop")

    found = Teacher(answer).drive(answers([(asking(at), read) for at in range(len(pairs))], made, PARAMS))
    lost = {at for at, one in enumerate(found) if one is None}
    assert made.asked == len(pairs) == made.parsed + len(lost)
    assert lost == {at for at, (a, b) in enumerate(pairs) if a == "refused" or (a != "좋다" and b != "좋다")}
    assert {int(reject.sources[0][1:]) for reject in made.rejected if not reject.mended} == lost
    assert len(made.rejected) == sum(text != "좋다" for at, texts in enumerate(pairs) for text in texts[: second[at]])


def test_an_answer_knows_its_call():
    """The provenance of a row has prompt, model and key of the call whose reply it came by, the second where mended."""
    made, teacher = Made(), Teacher(in_turn("나쁘다", "좋다"))
    (found,) = teacher.drive(answers([(asking(0), read)], made, PARAMS))
    second = teacher.asked[1]
    assert found.provenance(("p",), parents=("r",)) == Provenance(
        sources=("p",),
        parents=("r",),
        prompt_sha256=second.prompt_sha256,
        model="teacher-large-2024-07-18",
        request_key=second.key,
    )


GOOD = '{"name": "부산", "people": 3}'


@pytest.mark.parametrize(
    "text",
    [GOOD, f"```json\n{GOOD}\n```", f"예, 여기 있습니다.\n\n{GOOD}\n\n도움이 되었기를 바랍니다!", f"답: {GOOD}"],
    ids=["bare", "fenced", "between_words", "after_a_label"],
)
def test_json_is_found_among_words_and_fences(text):
    """The one object in the reply is read, whatever stands around it."""
    assert read_json(reply_to(asking(0), text), City) == City(name="부산", people=3)


@pytest.mark.parametrize(
    ("text", "finish_reason", "reason"),
    [
        ("죄송합니다.", "stop", "reply: Invalid JSON"),
        ("[1, 2]", "stop", "reply: Input should be an object"),
        (GOOD[:-1], "stop", "reply: Invalid JSON"),
        (GOOD, "length", "cut off after 80 tokens"),
        ('{"name": "부산"}', "stop", "people: Field required"),
        ('{"name": "부산", "people": "셋"}', "stop", "people: Input should be a valid integer"),
        ('{"name": "부산", "people": 3, "sea": true}', "stop", "sea: Extra inputs"),
        (json.dumps({"name": "가" * 41, "people": 3}), "stop", "name: String should match pattern"),
    ],
    ids=["prose", "list", "half", "cut_off", "missing", "wrong_type", "extra", "too_long"],
)
def test_json_of_another_shape_is_malformed_and_its_fault_named(text, finish_reason, reason):
    """No object, half of one, one field too few or too many, or a wrong value: the message names the first fault."""
    with pytest.raises(TeacherReplyMalformed) as caught:
        read_json(reply_to(asking(0), text, finish_reason), City)
    assert reason in str(caught.value)


def test_a_text_is_read_whole_or_not_at_all():
    """Outer spaces go; a reply that was cut off is malformed."""
    assert read_text(reply_to(asking(0), "\n 한 줄\n둘째 줄 \n")) == "한 줄\n둘째 줄"
    with pytest.raises(TeacherReplyMalformed, match="cut off after 80 tokens"):
        read_text(reply_to(asking(0), "한 줄", "length"))


@settings(max_examples=60)
@given(st.text(alphabet='{}":,[]가1 \n`', max_size=40))
def test_any_text_is_an_object_or_a_reason(text):
    """No reply, however odd, raises anything but TeacherReplyMalformed."""
    with pytest.raises(TeacherReplyMalformed):
        read_json(reply_to(asking(0), text), City)
