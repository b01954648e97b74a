"""The order of what people look at, whose it is, and that 100,000 rows are no burden."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from finsmith.core.errors import RecordError, ReviewError
from finsmith.core.io import write_jsonl
from finsmith.core.records import Flagged, Judgement
from finsmith.evaluation.quality import sample_csv
from finsmith.review.course import by_person, read_decisions
from finsmith.review.decisions import Decision
from finsmith.review.journal import Journal
from finsmith.review.queue import Progress, Queue, open_queue
from finsmith.review.queue_file import Sources, build_queue, sample_ids

from .made import chained, decision, edited, question, row
from .params import params

ROOT = Path(__file__).parents[2]
RAG = [row(number) for number in range(6)]
OTHER = [row(number, "multiple_choice.solve") for number in range(10, 14)]
QUESTIONS = [question(f"{number}호는?") for number in range(2)]
PAIR = params(reviewers=("kim", "lee"), overlap={"share": 1.0, "reviewers": 2}, adjudicator="park")


def flag(of, name, score=0.5):
    return Flagged(example_id=of.id, filter=name, reason=f"{name} found it", score=score)


def judged(of, right, votes=4, kind="solved"):
    said = {"said": ("가",) * votes, "request_keys": ("k",) * votes, "model": "teacher"}
    return Judgement(example_id=of.id, kind=kind, right=right, votes=votes, **said)


@pytest.fixture
def sources(tmp_path):
    """Six RAG rows, four others of which two are marked, two questions, a sample of two."""
    write_jsonl(tmp_path / "kept.jsonl", [*OTHER, *RAG])
    marks = [
        flag(OTHER[0], "disputed_answer"),
        flag(OTHER[1], "mixes_politeness"),
        flag(OTHER[2], "a mark that brings nothing"),
        flag(RAG[3], "mixes_politeness"),
    ]
    write_jsonl(tmp_path / "flagged.jsonl", marks)
    write_jsonl(tmp_path / "judgements.jsonl", [judged(OTHER[0], 0), judged(OTHER[3], 0), judged(RAG[4], 1)])
    write_jsonl(tmp_path / "train.jsonl", [*RAG, *OTHER])
    write_jsonl(tmp_path / "candidates.jsonl", QUESTIONS)
    names = ("kept", "flagged", "judgements", "train")
    sample = (OTHER[3].id, RAG[0].id)
    paths = (tmp_path / f"{name}.jsonl" for name in names)
    return Sources(*paths, sample=sample, candidates=(tmp_path / "candidates.jsonl",))


@pytest.fixture
def opened(tmp_path, sources):
    """Opens a queue of the sources with these decisions."""
    queues = []

    def make(*decisions, given=None):
        queues.append(open_queue(tmp_path / "queue.sqlite", sources, given or params(), by_person(chained(*decisions))))
        return queues[-1]

    yield make
    for queue in queues:
        queue.close()


def all_of(queue, reviewer="kim", kind=None):
    """All items in the order in which a reviewer would pass over them."""
    found, after = [], 0
    while (item := queue.next(reviewer, after, kind)) and item.rank > after:
        found.append(item)
        after = item.rank
    return found


def test_the_queue_holds_what_people_should_look_at(opened):
    """All rows of listed recipes, those with a listed mark, the candidates, the sample; no others."""
    items = all_of(opened())
    assert {(item.kind, item.id) for item in items} == {
        *(("row", one.id) for one in (*RAG, *OTHER[:2])),
        *(("question", one.id) for one in QUESTIONS),
        ("sample", OTHER[3].id),
        ("sample", RAG[0].id),
    }


def test_the_most_doubtful_come_first(opened):
    """Marks and a judge's votes against the row add up; the sample keeps the order in which it was drawn."""
    flags = {"disputed_answer": 2.0, "mixes_politeness": 0.5}
    items = all_of(opened(given=params(flags=flags)))
    assert [(item.id, item.doubt) for item in items[:4]] == [
        (OTHER[0].id, 3.0),  # disputed 2, all votes against 1
        (RAG[4].id, 0.75),  # 3 of 4 votes against
        *sorted([(OTHER[1].id, 0.5), (RAG[3].id, 0.5)], key=lambda one: [i.id for i in items].index(one[0])),
    ]
    assert all(one.doubt >= other.doubt for one, other in pairwise(items[:-2]))
    assert [item.id for item in items[-2:]] == [OTHER[3].id, RAG[0].id]
    assert [item.kind for item in all_of(opened(), kind="question")] == ["question"] * 2


def test_rows_in_like_doubt_stand_by_the_seed(opened):
    """Another seed, another order; the same one, the same."""
    order = [item.id for item in all_of(opened())]
    assert order == [item.id for item in all_of(opened())]
    assert order != [item.id for item in all_of(opened(given=params(seed=9)))]


def test_an_item_is_read_where_it_stands(opened, sources):
    """With what filters and judges said of it; a file that has changed is told."""
    queue = opened()
    item = queue.item(("row", OTHER[0].id))
    assert queue.read(item) == json.loads(OTHER[0].model_dump_json())
    assert [mark.get("filter", mark.get("kind")) for mark in queue.marks(item)] == ["disputed_answer", "solved"]
    assert queue.read(queue.next("kim", kind="question"))["stem"] in ("0호는?", "1호는?")
    write_jsonl(sources.rows, RAG)
    with pytest.raises(ReviewError, match=r"kept.jsonl: .* build the queue anew"):
        queue.read(item)
    assert not queue.is_of(sources) and queue.item(("row", "none")) is None


def test_decided_items_do_not_come_again_and_skipped_ones_last(opened):
    """And an undo brings them back."""
    queue = opened(decision(OTHER[0]), decision(RAG[4], "skip"))
    items = all_of(queue)
    assert OTHER[0].id not in {item.id for item in items}
    assert queue.progress("kim")[""] == Progress(open=10, skipped=1, decided=1)
    for item in items:
        queue.take(item.key, {"kim": decision(item.id, kind=item.kind, **answers(item))})
    assert queue.next("kim").id == RAG[4].id
    queue.take(("row", OTHER[0].id), {})
    assert queue.next("kim").id == OTHER[0].id


def answers(item):
    return {"answers": (True, True, True)} if item.kind == "sample" else {}


def test_items_belong_to_their_reviewers(opened):
    """Both of a shared row, one of others; nobody else sees them; without names they are everybody's."""
    queue = opened(given=PAIR)
    assert [i.id for i in all_of(queue, "kim")] == [i.id for i in all_of(queue, "lee")]
    assert queue.next("choi") is None and queue.next("park") is None
    assert queue.reviewers(("row", RAG[0].id)) == ["kim", "lee"]
    split = opened(given=params(reviewers=("kim", "lee"), overlap={"share": 0.0, "reviewers": 2}))
    theirs = [{item.key for item in all_of(split, name)} for name in ("kim", "lee")]
    assert not theirs[0] & theirs[1] and len(theirs[0] | theirs[1]) == 12
    assert opened().progress("whoever")[""].open == 12


def test_a_decision_of_one_leaves_the_others_turn(opened):
    """Blind: the second reviewer is asked all the same."""
    queue = opened(decision(OTHER[0]), given=PAIR)
    assert queue.next("kim").id != OTHER[0].id == queue.next("lee").id


def test_conflicts_come_to_the_adjudicator(opened):
    """As soon as there is one, and no longer than it lasts."""
    one, other = decision(OTHER[0]), decision(OTHER[0], "reject", "lee")
    queue = opened(one, given=PAIR)
    assert queue.next("park") is None
    queue.take(one.key, {"kim": one, "lee": other})
    assert queue.next("park").id == OTHER[0].id
    last: Decision = decision(OTHER[0], reviewer="park")
    queue.take(one.key, {"kim": one, "lee": other, "park": last})
    assert queue.next("park") is None and queue.progress("park")[""] == Progress(0, 0, 1)
    queue.take(one.key, {"kim": one})
    assert queue.progress("park")[""] == Progress(0, 0, 0)
    assert opened(one, other, given=PAIR).next("park").id == OTHER[0].id


def test_the_audits_sample_is_read_as_the_stage_quality_wrote_it(tmp_path):
    """In its order, whatever the texts hold."""
    sample = [*RAG, row(7, instruction='둘째 줄도\n"있다", 그리고 쉼표')]
    (tmp_path / "sample.csv").write_text(sample_csv(sample), "utf-8")
    assert sample_ids(tmp_path / "sample.csv") == [one.id for one in sample]
    assert sample_ids(tmp_path / "none.csv") == []


def test_journal_and_queue_work_together(opened, tmp_path):
    """Two people decide, each in a tab; they differ; the adjudicator is asked, and the row is done for all."""
    journal, queue = Journal(tmp_path / "decisions"), opened(given=PAIR)
    key = ("row", OTHER[0].id)
    for name, verdict in (("kim", "accept"), ("lee", "reject"), ("park", "accept")):
        assert queue.next(name).key == key
        journal.append(decision(OTHER[0], verdict, name, seen=journal.last(name, key)))
        queue.take(key, journal.said(key))
        following = queue.next(name)
        assert following is None if name == "park" else following.key != key
    assert set(journal.said(key)) == {"kim", "lee", "park"}
    again = opened(*read_decisions(tmp_path / "decisions").decisions, given=PAIR)
    assert again.progress("kim") == queue.progress("kim") and again.progress("park")[""].decided == 1


def test_new_rows_leave_the_others_with_whom_they_were(opened, sources):
    """The queue is built anew, the split is the same."""
    given = params(reviewers=("kim", "lee"), overlap={"share": 0.2, "reviewers": 2})
    queue = opened(given=given)
    before = {item.key: queue.reviewers(item.key) for name in ("kim", "lee") for item in all_of(queue, name)}
    write_jsonl(sources.rows, [*OTHER, *RAG, *(row(number) for number in range(50, 60))])
    anew = opened(given=given)
    assert {key: anew.reviewers(key) for key in before} == before
    assert anew.progress("kim")[""].open + anew.progress("lee")[""].open > queue.progress("kim")[""].open + 9


def test_what_is_not_there_is_told(tmp_path, sources):
    """A queue that was not built, a line without an id; files of stages that have not run are passed over."""
    with pytest.raises(ReviewError, match="Build it first"):
        Queue(tmp_path / "none.sqlite", params())
    sources.flagged.write_text('{"example_id": "x", "filter": "f"}\n{"filter": "f"}\n')
    with pytest.raises(RecordError, match=r"flagged.jsonl:2: no record with example_id, filter"):
        build_queue(tmp_path / "queue.sqlite", sources, params())
    assert not (tmp_path / "queue.sqlite").exists()
    nowhere = Sources(*(tmp_path / "none" for _ in range(4)))
    with open_queue(tmp_path / "empty.sqlite", nowhere, params(), {}) as queue:
        assert queue.next("kim") is None
    (tmp_path / "empty.sqlite").write_bytes(b"no database")
    with open_queue(tmp_path / "empty.sqlite", nowhere, params(), {}) as queue:
        assert queue.is_of(nowhere)


MANY = """
import sys, time
from pathlib import Path
from finsmith.core.ids import content_id
from finsmith.review.queue import Queue
from finsmith.review.queue_file import Sources, build_queue
from tests.review.params import params
folder = Path(sys.argv[1])
text = "만기는 열두 달이고 이자는 만기에 한꺼번에 받습니다. " * 10
with (folder / "kept.jsonl").open("w") as out, (folder / "flagged.jsonl").open("w") as flags:
    for number in range(100_000):
        identity = content_id(number)
        out.write(f'{{"id":"{identity}","recipe":"rag.answer","instruction":"{text}","input":"","output":"{text}"}}\\n')
        if number % 3 == 0:
            flags.write(f'{{"example_id":"{identity}","filter":"mixes_politeness"}}\\n')
def peak():
    told = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["VmHWM"].split()[0]) / 1024
Path("/proc/self/clear_refs").write_text("5")
before, given = peak(), params(reviewers=["kim", "lee"])
sources = Sources(*(folder / f"{name}.jsonl" for name in ("kept", "flagged", "judgements", "train")))
began = time.perf_counter()
build_queue(folder / "queue.sqlite", sources, given)
built = time.perf_counter()
with Queue(folder / "queue.sqlite", given) as queue:
    item = queue.next("kim")
    line, progress = queue.read(item), queue.progress("kim")
    first = time.perf_counter()
    for _ in range(100):
        item = queue.next("kim", item.rank)
        queue.read(item)
    hundred = time.perf_counter()
print(built - began, first - built, (hundred - first) / 100, peak() - before, progress[""].open)
"""


def test_100_000_rows_are_no_burden(tmp_path):
    """The first row within a second once built, a further one in milliseconds, and no more than 32 MiB of memory."""
    command = [sys.executable, "-c", MANY, str(tmp_path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    _, first, each, mebibytes, mine = map(float, said.split())
    assert first < 1 and each < 0.05 and mebibytes < 32
    assert 50_000 < mine < 60_000  # half of them, and the overlap


def test_what_was_found_is_told_by_doubt(opened):
    """Of training rows alone; an edit says that the row was wrong, an undo takes it back; anybody's are everybody's."""
    said = [
        decision(OTHER[0], "reject"),
        edited(RAG[3], output="답"),
        decision(RAG[0]),
        decision(QUESTIONS[0], "reject"),
    ]
    queue = opened(*said)
    assert queue.found("kim") == {"doubtful": (2, 2), "others": (1, 0)}
    queue.take(("row", OTHER[0].id), {})
    queue.take(("row", RAG[0].id), {"lee": decision(RAG[0], "skip", "lee")})
    assert queue.found("lee") == {"doubtful": (1, 1), "others": (0, 0)}


def test_items_are_those_that_wait(opened):
    """Most doubtful first; decided ones where they are asked for; conflicts are the adjudicator's alone."""
    queue = opened(decision(OTHER[0]), decision(RAG[0], "skip"))
    waiting = queue.items()
    assert len(waiting) == 11 and OTHER[0].id not in {item.id for item in waiting}
    assert [item.rank for item in waiting] == sorted(item.rank for item in waiting)
    assert len(queue.items(decided=True)) == 12 and queue.items("kim") == waiting
    two = {"reviewers": ("kim", "lee"), "overlap": {"share": 1.0, "reviewers": 2}, "adjudicator": "park"}
    queue = opened(decision(RAG[0], "reject"), decision(RAG[0], "accept", "lee"), given=params(**two))
    assert [item.id for item in queue.items("park")] == [RAG[0].id]
    assert ("row", RAG[0].id) not in {item.key for item in queue.items()}
