"""The files of a batch: how requests are laid into them, and how results are read out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.teacher.batch_files import Result, input_files, input_lines, results_in

from .batch_asking import request_for


def body(request):
    return {"model": request.model, "said": request.messages[-1][1]}


@given(
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from(["a", "b"])), max_size=12, unique=True),
    st.integers(1, 5),
    st.integers(150, 500),
)
def test_files_hold_every_request_once_within_the_limits(asked, max_requests, max_bytes):
    """Each file has one model and keeps its limits, unless it is one request; in all no request is lost or doubled."""
    requests = [request_for(text, model=model) for text, model in asked]
    files = [list(file.values()) for file in input_files(requests, body, max_requests, max_bytes)]
    for file in files:
        assert 1 <= len(file) <= max_requests
        assert len({request.model for request in file}) == 1
        assert len(file) == 1 or len(input_lines(file, body)) <= max_bytes
    for model in "ab":
        laid = [request for file in files for request in file if request.model == model]
        assert laid == [request for request in requests if request.model == model]


def test_results_are_read_whatever_stands_between_them():
    """Line separators inside a text are no line ends; blank and unreadable lines give no result, others do."""
    good = {
        "custom_id": "가",
        "response": {"status_code": 200, "body": {"text": "하나\u2028둘\u0085셋"}},
        "error": None,
    }
    late = {"custom_id": "나", "response": None, "error": {"code": "batch_expired", "message": "too late"}}
    bad = {"custom_id": "다", "response": {"status_code": 400, "body": {"error": {"message": "no"}}}, "error": None}
    odd = [b"", b"{", b"[]", b'{"custom_id": "x", "response": {"status_code": null}}', b'{"response": {}}']
    lines = [json.dumps(line, ensure_ascii=False).encode() for line in (good, late, bad)]
    assert list(results_in(b"\n".join([*odd, *lines, b""]))) == [
        Result("가", 200, {"text": "하나\u2028둘\u0085셋"}),
        Result("나", None, "batch_expired: too late"),
        Result("다", 400, {"error": {"message": "no"}}),
    ]


def test_a_file_that_breaks_off_is_no_file():
    """A last line without its end is an error, so that the file is fetched again; a whole one needs no line end."""
    line = b'{"custom_id": "a", "response": {"status_code": 200, "body": {}}, "error": null}'
    assert len(list(results_in(line + b"\n" + line))) == 2
    with pytest.raises(TeacherReplyMalformed, match="breaks off in line 2"):
        list(results_in(line + b"\n" + line[:40]))
