"""The stage `answers` from end to end: a tiny model that writes, and an endpoint that answers and judges."""

import html
from pathlib import Path

import pytest
import yaml

from finsmith.core.answer_records import Comparison, OpenAnswer, OpenQuestion, RagAnswer, RagQuestion
from finsmith.core.errors import ParamsError
from finsmith.core.io import read_json, read_jsonl, write_jsonl
from finsmith.core.records import LedgerEntry
from finsmith.training.lora import train_adapter
from finsmith.training.params import LoraParams
from finsmith.training.predictor import LikelihoodPredictor
from stages.answers import main

from ..teacher.endpoint import Answer, Endpoint
from .conftest import ROWS, train_params

ROOT = Path(__file__).parents[2]
CLUES = ("기한은 7영업일이다.", "한도는 5%이다.", "담보를 본다.")
RAG = [
    RagQuestion(question="기한은?", clues=CLUES, reference="7영업일입니다.", clue=1, key="7영업일", source="규정"),
    RagQuestion(question="금리는?", clues=CLUES, reference="단서에 없습니다.", clue=0, key="", source=""),
]
OPEN = [OpenQuestion(question=row.instruction, reference=row.output, kind="explain") for row in ROWS[:3]]
FIRST = '{"reason": "까닭", "better": "1"}'  # a judge that names the first, and no bad answer to show
TOKENS = {"rag": 12, "open": 20}


@pytest.fixture(scope="module")
def adapter(base, tmp_path_factory):
    """Trained until it writes words; the untrained base writes nothing that can be read."""
    folder = tmp_path_factory.mktemp("trained")
    lora = LoraParams(r=16, alpha=32, dropout=0.0, target_modules="all-linear")
    train_adapter(
        ROWS, base, folder / "adapter", folder / "checkpoints", train_params(epochs=20, lora=lora), lambda *_: None
    )
    return folder / "adapter"


@pytest.fixture
def run(base, adapter, tmp_path, monkeypatch):
    """Runs the stage with some of `answers` changed; the folder with what it wrote."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINSMITH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("A_KEY", "sk-test")
    for name, questions in (("rag", RAG), ("open", OPEN)):
        write_jsonl(tmp_path / f"testset/{name}.jsonl", questions)

    def ran(base_url="http://127.0.0.1:9/v1", **changes):
        params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
        params["answers"] |= {"dtype": "float32", "max_tokens": TOKENS, "teacher": ""} | changes
        params["generate"]["teacher"] |= {"provider": "openai", "model": "gpt-4o", "base_url": base_url}
        params["generate"]["teacher"] |= {"api_key_env": "A_KEY"}
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True), "utf-8")
        main(tmp_path / "testset", base, adapter, tmp_path / "out", tmp_path / "metrics.json", tmp_path / "page.html")
        return tmp_path

    return ran


def written_by_hand(base, adapter, on):
    """What the model writes when it is asked directly, in the format of the training rows."""
    predictor = LikelihoodPredictor(base, adapter, "float32")
    predictor.use_adapter(on)
    return [
        text.strip()
        for text in predictor.generate([f"<bos>### 질문\n{one.question}\n\n### 답변\n" for one in OPEN], TOKENS["open"])
    ]


def test_models_teacher_and_judge_from_end_to_end(run, base, adapter):
    """Base, adapter and teacher answer; a judge that likes the first place gives ties; all of it is on the page."""
    with Endpoint([Answer(text=FIRST)]) as endpoint:
        out = run(endpoint.base_url, teacher="default", teacher_answers=["open", "rag"], judge="default")
        assert len(endpoint.received) == 3 + 2 + 2 * 3
    opened = list(read_jsonl(out / "out/open.jsonl", OpenAnswer))
    by_model = {model: [one.answer for one in opened if one.model == model] for model in ("base", "adapter", "teacher")}
    assert by_model["base"] == written_by_hand(base, adapter, on=False)
    assert by_model["adapter"] == written_by_hand(base, adapter, on=True)
    assert all(by_model["adapter"])
    assert by_model["teacher"] == [FIRST] * 3
    rag = list(read_jsonl(out / "out/rag.jsonl", RagAnswer))
    assert [(one.model, one.question_id) for one in rag] == [
        (model, one.id) for model in ("base", "adapter", "teacher") for one in RAG
    ]
    comparisons = list(read_jsonl(out / "out/comparisons.jsonl", Comparison))
    assert [(one.base_first, one.adapter_first, one.outcome) for one in comparisons] == [("base", "adapter", "tie")] * 3
    metrics = read_json(out / "metrics.json")
    assert (metrics["calls_total"], metrics["calls_new"]) == (11, 11)
    assert len(list(read_jsonl(out / "out/ledger.jsonl", LedgerEntry))) == 11
    assert metrics["rag"].keys() == {"n", "answerable", "base", "adapter", "teacher"}
    assert (metrics["rag"]["n"], metrics["rag"]["answerable"]) == (2, 1)
    assert metrics["open"]["compared"]["order_decided"]["share"] == 1.0
    page = html.unescape((out / "page.html").read_text("utf-8"))
    assert all(one.answer in page for one in (*opened, *rag))


def test_a_second_run_pays_nothing_and_writes_the_same(run):
    """Replies are stored, models decode without chance: the same files, byte for byte, and no call."""
    with Endpoint([Answer(text=FIRST)]) as endpoint:
        settings = {"teacher": "default", "teacher_answers": ["open"], "judge": "default"}
        out = run(endpoint.base_url, **settings)
        first = {path.name: path.read_bytes() for path in [*(out / "out").iterdir(), out / "page.html"]}
        asked = len(endpoint.received)
        run(endpoint.base_url, **settings)
        assert len(endpoint.received) == asked == 9
    assert {path.name: path.read_bytes() for path in [*(out / "out").iterdir(), out / "page.html"]} == first
    assert read_json(out / "metrics.json")["calls_new"] == 0


def test_without_teacher_and_judge_nobody_is_called(run):
    """Only the two models are in the files; the endpoint does not exist."""
    out = run()
    assert {one.model for one in read_jsonl(out / "out/open.jsonl", OpenAnswer)} == {"base", "adapter"}
    metrics = read_json(out / "metrics.json")
    assert (metrics["calls_total"], metrics["open"]["compared"]) == (0, None)


def test_without_questions_the_page_is_empty(run, tmp_path):
    """Empty files give an empty page and no share."""
    for name in ("rag", "open"):
        write_jsonl(tmp_path / f"testset/{name}.jsonl", [])
    out = run()
    assert read_json(out / "metrics.json")["rag"] == {"n": 0, "answerable": 0}
    assert "<article>" not in (out / "page.html").read_text("utf-8")


def test_only_the_sets_named_are_asked(run):
    """What `ask` leaves out is asked of no model and of no teacher, who was to answer it."""
    out = run(ask=["open"], teacher="default", teacher_answers=["rag"])
    assert {path.name: len(path.read_bytes()) > 0 for path in (out / "out").glob("[or][pa]*.jsonl")} == {
        "open.jsonl": True,
        "rag.jsonl": False,
    }
    out = run(ask=[], teacher="default", teacher_answers=["rag", "open"])
    assert "<article>" not in (out / "page.html").read_text("utf-8")


def test_a_wrong_name_is_told_before_anything_is_written(run, tmp_path):
    """A judge that is no teacher stops the stage with its parameter."""
    with pytest.raises(ParamsError, match=r"`answers\.judge`: no teacher 'strong'"):
        run(judge="strong")
    assert not (tmp_path / "out").exists()
