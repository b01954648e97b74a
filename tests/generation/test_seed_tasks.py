"""The seed tasks of Self-Instruct: their number, their labels, and that no two ask the same."""

import json
import re
import unicodedata
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

import finsmith.generation
from finsmith.generation.instructions import unfit
from finsmith.generation.seeds.seed_tasks import seed_tasks
from finsmith.korean.rouge_l import Encoder, rouge_l

PATH = Path(finsmith.generation.__file__).parent / "seeds" / "seed_tasks.jsonl"
LINES = PATH.read_text("utf-8").splitlines()
TASKS = [json.loads(line) for line in LINES]
CLASSIFICATION = [task for task in TASKS if task["is_classification"]]

# the labels that the instruction of each classification task allows
LABELS = {
    "seed_003": {"승인", "조건부 승인", "거절"},
    "seed_011": {"할인채", "이표채", "복리채"},
    "seed_018": {"매파적", "비둘기파적", "중립적"},
    "seed_025": {"영업활동", "투자활동", "재무활동"},
    "seed_033": {"상승", "하락", "횡보"},
    "seed_040": {"강세장", "약세장", "변동성 장세"},
    "seed_041": {"수신", "여신", "외환", "카드"},
    "seed_051": {"분할 거래", "차명 의심", "특이 사항 없음"},
    "seed_061": {"상품 설명", "전산 장애", "수수료", "직원 응대"},
    "seed_071": {"환경", "사회", "지배구조"},
    "seed_079": {"사기 의심", "정상"},
    "seed_085": {"신용위험", "시장위험", "유동성위험", "운영위험"},
    "seed_086": {"적합성 원칙 위반", "설명의무 위반", "위반 없음"},
    "seed_100": {"부탁", "사과", "감사", "축하"},
    "seed_111": {"하십시오체", "해요체", "하게체", "해라체"},
    "seed_116": {"타당", "부당"},
    "seed_126": {"맞음", "틀림"},
    "seed_127": {"일반쓰레기", "음식물쓰레기", "재활용품"},
    "seed_128": {"교통", "숙박", "음식", "관광지"},
    "seed_155": {"결정", "지시", "질문", "의견"},
    "seed_161": {"조회", "데이터 변경", "구조 변경"},
    "seed_162": {"삼국", "고려", "조선"},
    "seed_166": {"유산소", "근력", "유연성"},
    "seed_167": {"견적 문의", "납품 일정", "대금 청구", "불만 접수"},
    "seed_168": {"평서문", "의문문", "명령문", "청유문"},
}


def test_there_are_175_tasks_25_of_them_classification():
    """The counts are those of the Self-Instruct seed set, and each task is finance or general, 90 or more finance."""
    domains = Counter(task["domain"] for task in TASKS)
    assert (len(TASKS), len(CLASSIFICATION)) == (175, 25)
    assert set(domains) == {"finance", "general"}
    assert domains["finance"] >= 90


def test_every_row_has_the_same_fields():
    """A row has the six fields, an instance an input and an output, and nothing else."""
    fields = {"id", "name", "instruction", "instances", "is_classification", "domain"}
    assert all(set(task) == fields for task in TASKS)
    assert all(set(instance) == {"input", "output"} for task in TASKS for instance in task["instances"])


def test_ids_count_up_and_names_are_unique_snake_case():
    """Ids run from seed_001 without a gap; no name is used twice and all are ASCII in snake_case."""
    names = [task["name"] for task in TASKS]
    assert [task["id"] for task in TASKS] == [f"seed_{n:03}" for n in range(1, 176)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) for name in names)


def test_the_labels_listed_here_are_those_of_the_classification_tasks():
    """Every classification task has its labels in LABELS, and no other task has."""
    assert [task["id"] for task in CLASSIFICATION] == list(LABELS)


@pytest.mark.parametrize("task", CLASSIFICATION, ids=lambda task: task["id"])
def test_a_classification_task_names_its_labels_and_shows_each(task):
    """All labels stand in the instruction; the outputs, two to four, are exactly these labels."""
    labels = LABELS[task["id"]]
    assert all(label in task["instruction"] for label in labels)
    assert {instance["output"] for instance in task["instances"]} == labels
    assert 2 <= len(task["instances"]) <= 4
    assert all(instance["input"] for instance in task["instances"])


def test_only_classification_tasks_have_more_than_one_instance():
    """A task whose answer is a text has one instance."""
    assert all(len(task["instances"]) == 1 for task in TASKS if not task["is_classification"])


def test_no_two_instructions_are_nearly_the_same():
    """ROUGE-L over morphemes stays under 0.7, the novelty bound of Self-Instruct, for every pair."""
    encoded = Encoder().encode(task["instruction"] for task in TASKS)
    pairs = combinations(range(len(TASKS)), 2)
    near = [(TASKS[a]["id"], TASKS[b]["id"]) for a, b in pairs if rouge_l(encoded[a], encoded[b]) >= 0.7]
    assert near == []


def test_no_instance_is_given_twice():
    """No input of any task repeats, empty ones apart, and no output text of a task that is no classification does."""
    instances = [(task["is_classification"], i["input"], i["output"]) for task in TASKS for i in task["instances"]]
    inputs = Counter(given for _, given, _ in instances if given)
    outputs = Counter(output for label, _, output in instances if not label)
    assert max(inputs.values()) == 1
    assert max(outputs.values()) == 1


def test_instructions_are_10_to_150_characters():
    """An instruction is neither a bare word nor a page."""
    outside = {task["id"]: len(task["instruction"]) for task in TASKS if not 10 <= len(task["instruction"]) <= 150}
    assert outside == {}


def test_texts_are_trimmed_and_outputs_not_empty():
    """No output is empty, and no text begins or ends with white space."""
    texts = [text for task in TASKS for i in task["instances"] for text in (task["instruction"], *i.values())]
    assert all(instance["output"] for task in TASKS for instance in task["instances"])
    assert [text for text in texts if text != text.strip()] == []


def test_no_instruction_contains_its_input():
    """An input is given once, in its field."""
    pairs = [(task["instruction"], i["input"]) for task in TASKS for i in task["instances"] if i["input"]]
    assert [given for instruction, given in pairs if given in instruction] == []


def test_the_file_is_nfc_with_one_json_object_a_line():
    """Every line is in NFC and is what json.dumps writes, so a rewrite changes only what it means to."""
    assert all(unicodedata.is_normalized("NFC", line) for line in LINES)
    assert [json.dumps(task, ensure_ascii=False) for task in TASKS] == LINES


def test_what_the_package_reads_is_the_file():
    """All tasks come in the order of the file, with its instances and labels."""
    tasks = seed_tasks()
    assert [task.model_dump(mode="json") for task in tasks] == TASKS


def test_no_seed_is_unfit_for_a_model_of_text():
    """The rules that new instructions must pass would drop no seed."""
    assert [task.id for task in seed_tasks() if unfit(task.instruction)] == []
