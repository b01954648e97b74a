"""Rows to judge, teachers that judge them, and what comes of it."""

import re

from finsmith.generation.judging import judge, judging_tasks

from .made import Teacher, generate_params, judge_params, row, user_text

RULE = "심사역은 접수일부터 7영업일 안에 결과를 통지하여야 한다."
STEM = "심사 결과는 접수일부터 몇 영업일 안에 통지하는가?"
DAYS = ("3영업일", "5영업일", "7영업일", "10영업일")  # C is right
SUMMARY = row("다음 글을 요약하세요.", "심사 결과는 7영업일 안에 알린다.", RULE, "summary.one_sentence")


def item(choices=DAYS, letter="C", given=RULE, stem=STEM):
    """A row that asks a question with four choices."""
    listed = "\n".join(f"{mark}. {choice}" for mark, choice in zip("ABCD", choices, strict=True))
    asked = f"글에 맞는 보기를 고르시오.\n\n{stem}\n\n{listed}"
    return row(asked, f"정답: {letter}. {choices['ABCD'.index(letter)]}", given, "multiple_choice.solve")


def listed(request):
    """The choices that a prompt shows, by letter."""
    return dict(re.findall(r"^([A-E])\. (.+)$", user_text(request), re.MULTILINE))


def saying(letter):
    return lambda request: {"answer": letter}


def knowing(right):
    """A teacher that finds the right choice at whatever letter it stands."""
    return lambda request: {"answer": next(mark for mark, choice in listed(request).items() if choice == right)}


def judged_by(answer, *rows, **changes):
    """The judgements of rows by a teacher that answers so, and what it was asked."""
    teacher = Teacher(answer)
    tasks = judging_tasks(rows, generate_params(), judge_params(**changes))
    return judge(tasks, generate_params(), teacher.converse), teacher.asked


def tasks_of(*rows, **changes):
    return judging_tasks(rows, generate_params(), judge_params(**changes))
