"""Two columns in a terminal, lines in a pipe; what answers is a function here."""

import io
import unicodedata

import pytest
from rich.console import Console

from finsmith.reporting import chat as module
from finsmith.reporting.chat import chat

ANSWERS = {"base": "금리란 [b]돈[/b]의 값을 이르는 말로 여러 가지가 있다", "adapter": "한국은행이 정하는 기준금리."}


def ask(question, name, on_text):
    for word in f"{question} {ANSWERS[name]}".split(" "):
        on_text(f"{word} ")


def columns_of(text):
    """How many terminal columns the text takes: two for a wide character, by the Unicode table."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def test_a_pipe(monkeypatch, capsys):
    """Each line is a question with both answers below it; empty lines are passed over, /quit ends."""
    monkeypatch.setattr("sys.stdin", io.StringIO("국채란?\n\n  환율은?  \n/quit\n예금은?\n"))
    chat(ask)
    assert capsys.readouterr().out == "".join(
        f"> {question}\nbase: {question} {ANSWERS['base']}\nadapter: {question} {ANSWERS['adapter']}\n\n"
        for question in ("국채란?", "환율은?")
    )


def test_two_columns():
    """Both answers stand side by side and whole: no line is wider than the terminal, the second column is straight."""
    screen = io.StringIO()
    module._side_by_side("국채?", ask, Console(file=screen, width=40, legacy_windows=False))
    lines = screen.getvalue().splitlines()
    assert all(columns_of(line) <= 40 for line in lines)
    at = next(line.index("adapter") for line in lines if "adapter" in line)
    halves = {"base": "", "adapter": ""}
    for line in lines[lines.index(next(one for one in lines if "─" in one)) + 1 :]:
        left = ""
        while columns_of(left) < at and len(left) < len(line):
            left = line[: len(left) + 1]
        assert columns_of(left) == at or not line[len(left) :]
        halves["base"], halves["adapter"] = halves["base"] + left, halves["adapter"] + line[len(left) :]
    for name, half in halves.items():
        assert "".join(half.split()) == "".join(f"국채?{ANSWERS[name]}".split())


def test_an_answer_that_is_stopped():
    """Ctrl-C while an answer is written keeps what was written, and lets the next question be asked."""

    def stopped(question, name, on_text):
        on_text("금리란 ")
        raise KeyboardInterrupt

    screen = io.StringIO()
    module._side_by_side("국채?", stopped, Console(file=screen, width=40))
    assert "금리란" in screen.getvalue()


@pytest.mark.parametrize("ends", [EOFError, KeyboardInterrupt])
def test_the_end_of_typing(monkeypatch, ends):
    """Ctrl-D and Ctrl-C at the prompt end the conversation without a traceback."""
    typed = iter(["국채란?", ends()])

    def read(_):
        given = next(typed)
        if isinstance(given, BaseException):
            raise given
        return given

    monkeypatch.setattr("builtins.input", read)
    assert list(module._questions(module._typed())) == ["국채란?"]
